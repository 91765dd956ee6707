//! KICK-10 over a whole graph: who ends whose session, counted on every transition from what is seen and from who is online before and
//! after. It calls no rule, and judges a graph, never a step by itself.
//!
//! 'On every path kicks never outnumber admissions' is shown by a potential, the number of sessions online: it begins at 0 and is never
//! below it, and if no transition raises it by more than its admissions less its kicks, then on any path kicks are at most admissions less
//! those still online.

use crate::action::{Action, InstanceId, LinkMove, ServerMove, Timer};
use crate::frame::{DownFrame, Frame, Resumption, UpFrame};
use crate::observation::Item;
use crate::records::{Key, KickRecord, KickRecords, Session};
use crate::state::State;
use crate::step::Step;

/// What a graph's transitions add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Admissions of logins.
    pub logins: usize,
    /// Resumes that arrived, readmissions among them.
    pub resumes: usize,
    /// Readmissions.
    pub readmissions: usize,
    /// Sessions that were kicked.
    pub kicks: usize,
    /// The most sessions that one login kicked.
    pub most_victims: usize,
    /// Sessions that were kicked by neither an admitted login, an expired UserSig nor the administrator: none.
    pub causeless: usize,
    /// Resumes with which another instance's session ended: none.
    pub resumes_that_end_others: usize,
    /// Transitions behind which more are online than before and admitted in it, less the kicked: none.
    pub overdrawn: usize,
}

impl Balance {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Balance) -> Balance {
        Balance {
            logins: self.logins + other.logins,
            resumes: self.resumes + other.resumes,
            readmissions: self.readmissions + other.readmissions,
            kicks: self.kicks + other.kicks,
            most_victims: self.most_victims.max(other.most_victims),
            causeless: self.causeless + other.causeless,
            resumes_that_end_others: self.resumes_that_end_others + other.resumes_that_end_others,
            overdrawn: self.overdrawn + other.overdrawn,
        }
    }

    /// Whether every kick has a cause, no resume ends another's session, and no path has more kicks than admissions.
    pub const fn holds(&self) -> bool {
        self.causeless == 0 && self.resumes_that_end_others == 0 && self.overdrawn == 0
    }

    /// Counts a transition of a graph.
    pub fn count(&mut self, before: &State, action: Action, made: &Step) {
        let Step { items, next: after, .. } = made;
        let (logins, readmissions) = (count(items, is_admission), count(items, is_readmission));
        let kicked = kicked(before, action, after);
        self.logins += logins;
        self.readmissions += readmissions;
        self.kicks += kicked;
        self.overdrawn += usize::from(online(after) + kicked > online(before) + logins + readmissions);
        match (arrived(before, action), action) {
            (Some((_, UpFrame::Login { .. })), _) | (_, Action::Server(ServerMove::Store(_))) => {
                self.most_victims = self.most_victims.max(kicked)
            }
            (Some((instance, UpFrame::Resume { .. })), _) => {
                self.resumes += 1;
                self.causeless += kicked;
                self.resumes_that_end_others += usize::from(ends_others(before, instance, after));
            }
            (_, Action::Server(ServerMove::RestKick(_)) | Action::Timer(_, Timer::Expire(_))) => {}
            (Some(_) | None, _) => self.causeless += kicked,
        }
    }
}

fn count(items: &[Item], is_it: fn(Frame) -> bool) -> usize {
    items.iter().filter(|item| matches!(item, Item::Written { frame, .. } if is_it(*frame))).count()
}

fn is_admission(frame: Frame) -> bool {
    matches!(frame, Frame::Down(DownFrame::LoginAnswer { refused: None, .. }))
}

fn is_readmission(frame: Frame) -> bool {
    frame == Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Readmitted })
}

/// The frame that the action delivers to the server, and whose link it comes on.
fn arrived(before: &State, action: Action) -> Option<(InstanceId, UpFrame)> {
    let Action::Link(instance, LinkMove::ToServer(slot)) = action else { return None };
    before.instance(instance).links.at(slot).up.first().map(|frame| (instance, frame))
}

fn online(state: &State) -> usize {
    state.server.rosters.iter().map(|roster| roster.len()).sum()
}

/// Sessions that a step kicks: their instance has a kick record of that account after it and had none before. An instance that is made
/// anew is another one, which takes its records along.
pub(crate) fn kicked(before: &State, action: Action, after: &State) -> usize {
    if matches!(action, Action::Renew(_)) {
        return 0;
    }
    let accounts = before.server.records.iter().zip(&after.server.records);
    let is_new = |records: KickRecords, kick: &KickRecord| records.iter().all(|known| !known.session.has_key_of(kick.session));
    accounts.map(|(earlier, later)| later.iter().filter(|kick| is_new(*earlier, kick)).count()).sum()
}

/// Whether a session of another instance is off the record behind the step.
fn ends_others(before: &State, instance: InstanceId, after: &State) -> bool {
    let mut accounts = before.server.rosters.iter().zip(&after.server.rosters);
    let is_others = |session: &Session| session.seat != instance || session.key == Key::Former;
    accounts.any(|(earlier, later)| earlier.sessions().filter(is_others).any(|session| later.of_key(session).is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{AccountId, Slot};
    use crate::code::Reason;
    use crate::graph::{Bound, Graph};
    use crate::records::Label;
    use crate::rule::{Rule, Rules};
    use crate::scopes::named;

    fn balance_of(graph: &Graph) -> Balance {
        let mut balance = Balance::default();
        graph.digest_seeing(|before, action, made| balance.count(before, action, made));
        balance
    }

    #[test]
    fn one_login_kicks_two_where_two_are_in_its_way() {
        let balance = balance_of(&Graph::of(&named("kick-two").unwrap()));
        assert!(balance.holds());
        assert_eq!(balance.most_victims, 2);
    }

    #[test]
    fn a_kick_that_no_login_causes_is_seen() {
        let scope = named("page-story").unwrap();
        let graph = |rules| Graph::build(&scope, rules, Bound { states: 5_000 });
        let balance = balance_of(&graph(Rules::ALL));
        assert!(balance.holds() && balance.kicks > 0 && balance.logins > balance.kicks, "{balance:?}");
        assert!(balance_of(&graph(Rules::without(Rule::Kick10))).causeless > 0);
    }

    const MINE: Session = Session { seat: InstanceId(0), key: Key::Own, label: Label(1) };
    const OTHERS: Session = Session { seat: InstanceId(1), key: Key::Own, label: Label(1) };

    fn online(sessions: &[Session]) -> State {
        let mut state = State::initial(&named("page-default").unwrap());
        state.server.rosters[0] = sessions.iter().copied().collect();
        state
    }

    fn counted(action: Action, before: &State, after: &State) -> Balance {
        let mut balance = Balance::default();
        balance.count(before, action, &Step::none(*after));
        balance
    }

    #[test]
    fn a_resume_that_ends_anothers_session_is_seen() {
        let (instance, slot) = (MINE.seat, Slot::Current);
        let mut before = online(&[MINE, OTHERS]);
        before.instances[0].links.current.up.push(UpFrame::Resume { account: AccountId(0) });
        let resumed = |after: &[Session]| counted(Action::Link(instance, LinkMove::ToServer(slot)), &before, &online(after));
        assert_eq!(resumed(&[MINE, OTHERS]), Balance { resumes: 1, ..Balance::default() });
        assert_eq!(resumed(&[MINE]).resumes_that_end_others, 1);
    }

    #[test]
    fn a_session_that_is_kicked_and_stays_is_seen() {
        let before = online(&[OTHERS]);
        let mut after = before;
        after.server.records[0].insert(KickRecord { session: OTHERS, reason: Reason::RestApi });
        assert_eq!(counted(Action::Server(ServerMove::RestKick(AccountId(0))), &before, &after).overdrawn, 1);
    }
}
