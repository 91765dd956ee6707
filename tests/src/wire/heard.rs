//! At which moment each end last heard something on each link, and when its timers are due by that (LINK-4, LINK-7). A timer may fire
//! late; when it was to fire is what is compared. It moves nothing.

use std::time::Duration;

use model::action::InstanceId;
use model::scope::Platform;
use rustc_hash::FxHashMap;
use sut::client::machine::Timer;
use sut::session::Secret;
use sut::timers::UnixMillis;

/// How long a link may be silent (LINK-7).
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How long the link of a session may be silent until the server asks (LINK-7).
const SILENCE: Duration = Duration::from_secs(20);

/// How long a session keeps its place whose page went (LINK-6).
const PAGE_LAPSE: Duration = Duration::from_secs(5);

/// A timer whose time depends on what was heard last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// The next frame at that seat's instance, on the link that it uses or asks for.
    FrameAtClient(InstanceId),
    /// The next frame at the server, on the link of that name of the driver's.
    FrameAtServer(u64),
    /// A sign of life at the server, on the link of that name of the driver's, or its own question before.
    Ask(u64),
    /// The resume of that session, whose link is down.
    Resume(Secret, Platform),
    /// The resume of that session, whose page went.
    Reload(Secret),
}

impl Awaits {
    /// How long it waits from what was heard last.
    const fn lasts(self) -> Duration {
        match self {
            Awaits::FrameAtClient(_) | Awaits::FrameAtServer(_) => HEARTBEAT,
            Awaits::Ask(_) => SILENCE,
            Awaits::Resume(_, platform) => lapse_of(platform),
            Awaits::Reload(_) => PAGE_LAPSE,
        }
    }
}

/// How long a session whose link is down keeps its place (LINK-4).
const fn lapse_of(platform: Platform) -> Duration {
    Duration::from_secs(if platform.is_page() { 60 } else { 400 })
}

/// How long each timer of an instance runs from the moment at which it is armed; the backoff at most (LINK-1, LINK-7, LINK-10).
pub const fn length_of(timer: Timer) -> Duration {
    match timer {
        Timer::Login | Timer::Send(_) | Timer::Ping => Duration::from_secs(10),
        Timer::Logout => Duration::from_secs(5),
        Timer::Heartbeat | Timer::Backoff => HEARTBEAT,
    }
}

/// What the server's end of a link has heard.
#[derive(Clone, Copy, Debug)]
struct Ear {
    last: UnixMillis,
    /// When the server let a session in or asked last, or heard something after that.
    asked: UnixMillis,
    /// Whether a notice was written: nothing that comes behind it counts (KICK-6).
    is_deaf: bool,
}

/// The moments, by link, session and seat.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    clients: FxHashMap<InstanceId, UnixMillis>,
    links: FxHashMap<u64, Ear>,
    sessions: FxHashMap<Secret, UnixMillis>,
    /// When the server lost the last link of a session: a lapse that is over by then is due at once.
    lost: FxHashMap<Secret, UnixMillis>,
    /// The sessions whose page went, and when the server learnt of it.
    gone: FxHashMap<Secret, UnixMillis>,
}

impl Heard {
    /// A seat's instance hears a frame, or asks for a link.
    pub(super) fn at_client(&mut self, seat: InstanceId, now: UnixMillis) {
        self.clients.insert(seat, now);
    }

    /// The server gets its end of a link.
    pub(super) fn opened(&mut self, link: u64, now: UnixMillis) {
        self.links.insert(link, Ear { last: now, asked: now, is_deaf: false });
    }

    /// The server hears a frame on a link that serves that session, if it serves one.
    pub(super) fn at_server(&mut self, link: u64, serves: Option<Secret>, now: UnixMillis) {
        if let Some(ear) = self.links.get_mut(&link).filter(|ear| !ear.is_deaf) {
            (ear.last, ear.asked) = (now, now);
        }
        self.sessions.extend(serves.map(|session| (session, now)));
    }

    /// A session was let in, or goes on.
    pub(super) fn let_in(&mut self, session: Secret, now: UnixMillis) {
        self.sessions.insert(session, now);
        self.gone.remove(&session);
    }

    /// From now on the server waits until it asks on a link whether anybody is there.
    pub(super) fn asked(&mut self, link: u64, now: UnixMillis) {
        self.links.entry(link).and_modify(|ear| ear.asked = now);
    }

    /// The server has its end of a session's link no longer.
    pub(super) fn lost(&mut self, session: Secret, now: UnixMillis) {
        self.lost.insert(session, now);
    }

    /// The server learns that the page of a session went.
    pub(super) fn page_went(&mut self, session: Secret, now: UnixMillis) {
        self.gone.insert(session, now);
    }

    /// Whether the page of a session went, which did not come back.
    pub(super) fn is_gone(&self, session: Secret) -> bool {
        self.gone.contains_key(&session)
    }

    /// The notice of a kick was written on a link, which ends a heartbeat time later whatever comes.
    pub(super) fn noticed(&mut self, link: u64, now: UnixMillis) {
        self.links.insert(link, Ear { last: now, asked: now, is_deaf: true });
    }

    /// The server starts on what is on record: every lapse starts anew (LINK-8).
    pub(super) fn restarted(&mut self, now: UnixMillis) {
        self.links.clear();
        self.gone.clear();
        self.sessions.values_mut().for_each(|heard| *heard = now);
    }

    /// Forgets the links and sessions that nothing speaks of any more.
    pub(super) fn forget(&mut self, is_link: impl Fn(u64) -> bool, is_session: impl Fn(Secret) -> bool) {
        self.links.retain(|link, _| is_link(*link));
        self.sessions.retain(|session, _| is_session(*session));
        self.gone.retain(|session, _| is_session(*session));
        self.lost.retain(|session, _| is_session(*session));
    }

    /// When the timer was armed, if that may be after it is due.
    fn armed_at(&self, awaits: Awaits) -> UnixMillis {
        match awaits {
            Awaits::Resume(session, _) => self.lost.get(&session).copied().unwrap_or_default(),
            Awaits::FrameAtClient(_) | Awaits::FrameAtServer(_) | Awaits::Ask(_) | Awaits::Reload(_) => UnixMillis::default(),
        }
    }

    /// What is strange about a timer that is due then.
    pub(super) fn judge(&self, awaits: Awaits, due: UnixMillis) -> Option<String> {
        let heard = match awaits {
            Awaits::FrameAtClient(seat) => self.clients.get(&seat),
            Awaits::FrameAtServer(link) => self.links.get(&link).map(|ear| &ear.last),
            Awaits::Ask(link) => self.links.get(&link).map(|ear| &ear.asked),
            Awaits::Resume(session, _) => self.sessions.get(&session),
            Awaits::Reload(session) => self.gone.get(&session),
        };
        match heard {
            None => Some("waits for what was never heard".to_owned()),
            Some(heard) if heard.plus(awaits.lasts()).max(self.armed_at(awaits)) == due => None,
            Some(heard) => {
                let (waits, lasts) = (i128::from(due.0) - i128::from(heard.0), awaits.lasts().as_millis());
                Some(format!("is due {waits} ms after what was heard last, not {lasts} ms"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: UnixMillis = UnixMillis(7);

    /// One link with a session of a phone, both heard of at 5.
    fn heard() -> Heard {
        let mut heard = Heard::default();
        heard.opened(1, UnixMillis(5));
        heard.at_client(InstanceId(0), UnixMillis(5));
        heard.let_in(Secret(1), UnixMillis(5));
        heard
    }

    fn is_due(heard: &Heard, awaits: Awaits, due: u64) -> bool {
        heard.judge(awaits, UnixMillis(due)).is_none()
    }

    #[test]
    fn a_timer_is_due_so_long_after_what_was_heard_last_and_not_a_millisecond_sooner_or_later() {
        let awaited = [
            (Awaits::FrameAtClient(InstanceId(0)), 30_000),
            (Awaits::FrameAtServer(1), 30_000),
            (Awaits::Ask(1), 20_000),
            (Awaits::Resume(Secret(1), Platform::Web), 60_000),
            (Awaits::Resume(Secret(1), Platform::Mac), 400_000),
        ];
        for (awaits, lasts) in awaited {
            let due = [4, 5, 6].map(|heard_at| is_due(&heard(), awaits, heard_at + lasts));
            assert_eq!(due, [false, true, false], "{awaits:?}");
        }
        assert!(!is_due(&heard(), Awaits::FrameAtServer(2), 30_005));
    }

    #[test]
    fn behind_a_question_the_next_one_is_due_as_behind_a_frame() {
        let mut heard = heard();
        heard.asked(1, LATER);
        assert!(is_due(&heard, Awaits::Ask(1), 20_007) && is_due(&heard, Awaits::FrameAtServer(1), 30_005));
    }

    #[test]
    fn a_page_that_went_is_waited_for_five_seconds_until_its_session_goes_on() {
        let mut heard = heard();
        heard.page_went(Secret(1), LATER);
        assert!(heard.is_gone(Secret(1)) && is_due(&heard, Awaits::Reload(Secret(1)), 5_007));
        heard.let_in(Secret(1), LATER);
        assert!(!heard.is_gone(Secret(1)));
    }

    #[test]
    fn a_lapse_that_is_over_as_the_link_is_lost_is_due_at_once() {
        let mut heard = heard();
        heard.lost(Secret(1), UnixMillis(70_000));
        assert!(is_due(&heard, Awaits::Resume(Secret(1), Platform::Web), 70_000));
        assert!(is_due(&heard, Awaits::Resume(Secret(1), Platform::Mac), 400_005));
    }

    #[test]
    fn behind_a_notice_nothing_counts() {
        let mut heard = heard();
        heard.noticed(1, UnixMillis(6));
        heard.at_server(1, None, LATER);
        assert!(is_due(&heard, Awaits::FrameAtServer(1), 30_006));
    }

    #[test]
    fn a_frame_counts_for_its_link_and_for_the_session_that_it_serves() {
        let mut heard = heard();
        heard.at_server(1, Some(Secret(1)), LATER);
        assert!(is_due(&heard, Awaits::FrameAtServer(1), 30_007));
        assert!(is_due(&heard, Awaits::Resume(Secret(1), Platform::Web), 60_007));
    }
}
