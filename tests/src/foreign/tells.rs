//! What a child tells beyond what it must, and the model's observation without what it does not tell: no timer, no task and no secret is
//! among what is left.

use std::fmt;

use model::frame::{Coded, Queue};
use model::records::{Key, KickRecord, Label, Session};
use model::variants::every;
use serde::Deserialize;
use strum::{EnumCount, IntoStaticStr, VariantArray};

use super::names::{DOWN, UP, plain};
use crate::observation::{Holds, LinkView, Observation, SeatView, ServerView};

/// What a child may tell beyond what it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, EnumCount, VariantArray, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
pub enum Extra {
    /// The frames under way, by kind.
    #[strum(serialize = "frames in flight by kind")]
    InFlight,
    /// The kick records of each account.
    #[strum(serialize = "kick records")]
    Kicks,
    /// Callbacks recorded and posted.
    #[strum(serialize = "callbacks")]
    Callbacks,
}

impl Extra {
    const ALL: [Extra; Extra::COUNT] = every();
}

/// What a child tells beyond what it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tells(pub(super) Vec<Extra>);

/// What every instance holds: a child tells nothing of it.
pub(super) fn untold_holds() -> Holds {
    Holds { alive: true, ..Holds::default() }
}

/// The number of every session: a child tells none.
pub(super) const UNTOLD: Label = Label(1);

impl Tells {
    pub(super) fn has(&self, extra: Extra) -> bool {
        self.0.contains(&extra)
    }

    /// Takes out of an observation what the child does not tell.
    pub(super) fn project(&self, seen: &mut Observation) {
        seen.wire.clear();
        seen.synced.clear();
        seen.server = ServerView::default();
        seen.notices = Default::default();
        if !self.has(Extra::Callbacks) {
            seen.callbacks.clear();
        }
        for seat in &mut seen.seats {
            let links = if self.has(Extra::InFlight) { by_kind(seat.links) } else { Default::default() };
            *seat = SeatView { links, holds: untold_holds(), ..*seat };
        }
        let unlabelled = |session| Session { label: UNTOLD, ..session };
        seen.rosters = seen.rosters.map(|roster| roster.map(unlabelled));
        let is_told = |kick: &KickRecord| self.has(Extra::Kicks) && kick.session.key != Key::Former;
        seen.kicks = seen.kicks.map(|kicks| kicks.iter().filter(is_told).collect::<model::records::KickRecords>().map(unlabelled));
    }
}

/// Frames under way, each without what it says. None travels to the client on an old link.
fn by_kind([current, old]: [LinkView; 2]) -> [LinkView; 2] {
    fn kinds<F: Coded>(queue: Queue<F>, all: &[F]) -> Queue<F> {
        queue.map(|frame| plain(all, frame))
    }
    let current = LinkView { up: kinds(current.up, &UP), down: kinds(current.down, &DOWN), ..LinkView::default() };
    [current, LinkView { up: kinds(old.up, &UP), ..LinkView::default() }]
}

/// What is compared, and what is not because the child does not tell it.
impl fmt::Display for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (told, untold): (Vec<_>, Vec<_>) = Extra::ALL.into_iter().partition(|extra| self.has(*extra));
        let names = |extras: &[Extra]| extras.iter().map(<&str>::from).collect::<Vec<_>>().join(", ");
        f.write_str("answers and events of each instance in order, login_user and ready, online in login order")?;
        if !told.is_empty() {
            write!(f, ", {}", names(&told))?;
        }
        if !untold.is_empty() {
            write!(f, "; not told by it: {}", names(&untold))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::expected;
    use crate::replay::Replay;
    use crate::token::Trace;

    /// What must be seen of the last step of a trace, as far as these are told.
    fn seen(trace: &str, tells: &[Extra]) -> Observation {
        let Trace { scope, labels } = trace.parse().unwrap();
        let mut replay = Replay::new(&scope);
        labels.iter().for_each(|label| _ = replay.go(*label));
        let mut seen = expected(&scope, replay.last());
        Tells(tells.to_vec()).project(&mut seen);
        seen
    }

    #[test]
    fn what_is_told_stays_and_what_is_not_told_goes() {
        let kick = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up";
        let [told, untold] = [&Extra::ALL[..], &[]].map(|tells| seen(kick, tells));
        assert_eq!((told.rosters[0].len(), told.kicks[0].iter().count()), (2, 1));
        assert_eq!(told.seats.iter().map(|seat| seat.links[0].down.len()).collect::<Vec<_>>(), [2, 1, 1]);
        assert!(untold.kicks[0].is_empty() && untold.seats.iter().all(|seat| seat.links == [LinkView::default(); 2]));
        assert_eq!((untold.rosters, untold.told), (told.rosters, told.told));
        let admission = "callbacks: a1.login a1.open a1.up";
        assert_eq!([&Extra::ALL[..], &[]].map(|tells| seen(admission, tells).callbacks.len()), [1, 0]);
    }
}
