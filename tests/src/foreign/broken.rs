//! Which rule a difference breaks: the one without which the model would do what was seen, and where there is none, the one that what
//! differs first belongs to. It finds no difference itself.

use model::action::{Action, InstanceId};
use model::code::Reason;
use model::frame::{Frame, UpFrame};
use model::observation::{Call, Item};
use model::possible::is_possible;
use model::records::{KickRecords, Session};
use model::rule::{Rule, Rules};
use model::state::State;
use model::step::{Step, acting, step};
use sut::client::machine::CallKind;

use super::tells::Tells;
use crate::divergence::{Divergence, Look};
use crate::naming::carried;
use crate::observation::{LinkView, Observation, expected};
use crate::replay::Replay;
use crate::validate::blame;

/// A longer walk is not walked again without each rule.
const MOST_STEPS: usize = 200;

/// The rule that a difference breaks, of a child that tells these; `None` if the child broke off, or told what no rule speaks of.
pub(super) fn broken(found: &Divergence, tells: &Tells) -> Option<Rule> {
    let walk = Walk::of(found, tells);
    let is_of_a_rule = found.actual.strange.is_empty();
    is_of_a_rule.then(|| walk.without_a_rule().or_else(|| walk.by_kind())).flatten()
}

/// The walk to a difference.
struct Walk<'a> {
    found: &'a Divergence,
    tells: &'a Tells,
    /// Each state on the way, and what was done there.
    taken: Vec<(State, Action)>,
}

impl<'a> Walk<'a> {
    fn of(found: &'a Divergence, tells: &'a Tells) -> Walk<'a> {
        let mut replay = Replay::new(&found.scope);
        let taken = |label: &u16| {
            let before = *replay.state();
            replay.go(*label).map(|ask| (before, ask.action))
        };
        Walk { found, tells, taken: found.labels.iter().map_while(taken).collect() }
    }

    /// The rule without which the model would do all that was seen: without it at the last step, from the step on that wrote the frame which
    /// that one delivers, or from the first step on.
    fn without_a_rule(&self) -> Option<Rule> {
        if self.found.look == Look::AtRest || self.taken.is_empty() {
            return None;
        }
        let (last, wrote) = (self.taken.len() - 1, self.found.wrote());
        let acting = [Some(last), wrote.map(|(step, _)| step - 1)].into_iter().flatten();
        let late = acting.flat_map(|from| self.acting_at(from).into_iter().map(move |rule| (from, rule)));
        let all_along = Rule::ALL.into_iter().filter(|_| last < MOST_STEPS).map(|rule| (0, rule));
        late.chain(all_along).find(|(from, rule)| self.is_what_is_seen_without(*rule, *from)).map(|(_, rule)| rule)
    }

    fn acting_at(&self, place: usize) -> Vec<Rule> {
        let (scope, (state, action)) = (&self.found.scope, &self.taken[place]);
        acting(scope, state, *action, &step(scope, Rules::ALL, state, *action)).iter().collect()
    }

    fn is_what_is_seen_without(&self, rule: Rule, from: usize) -> bool {
        let (scope, mut at) = (&self.found.scope, self.taken[from].0);
        for (place, (state, action)) in self.taken.iter().enumerate().skip(from) {
            if !is_possible(scope, &at, *action) {
                return false;
            }
            let without = step(scope, Rules::without(rule), &at, *action);
            let is_last = place + 1 == self.taken.len();
            let right = if is_last { self.found.actual.clone() } else { self.seen(&step(scope, Rules::ALL, state, *action)) };
            if self.seen(&without) != right {
                return false;
            }
            at = without.next;
        }
        true
    }

    fn seen(&self, made: &Step) -> Observation {
        let mut seen = expected(&self.found.scope, made);
        self.tells.project(&mut seen);
        seen
    }

    /// The rule that what differs first belongs to.
    fn by_kind(&self) -> Option<Rule> {
        let [right, seen] = [&self.found.expected, &self.found.actual];
        let told = first_that_differs(&right.told, &seen.told).and_then(of_an_item);
        told.or_else(|| self.of_records())
            .or_else(|| of_seats(right, seen))
            .or_else(|| first_that_differs(&right.callbacks, &seen.callbacks).map(|_| Rule::Hook1))
            .or_else(|| of_links(right, seen))
    }

    /// By who is online, and then by the kick records.
    fn of_records(&self) -> Option<Rule> {
        let [right, seen] = [&self.found.expected, &self.found.actual];
        let rosters = right.rosters.iter().zip(&seen.rosters).find(|(right, seen)| right != seen);
        let kicks = right.kicks.iter().zip(&seen.kicks).find(|(right, seen)| right != seen);
        let roster = rosters.map(|(right, seen)| {
            let [right, seen] = [right, seen].map(|roster| roster.sessions().collect::<Vec<_>>());
            self.of_sessions(&right, &seen)
        });
        roster.or_else(|| kicks.map(|(right, seen)| of_kicks(*right, *seen)))
    }

    /// Of those who are online, and of those who are not and should be.
    fn of_sessions(&self, right: &[Session], seen: &[Session]) -> Rule {
        let Some((before, action)) = self.taken.last() else { return Rule::Link9 };
        let logs_in = matches!(carried(before, *action), Some(Frame::Up(UpFrame::Login { .. } | UpFrame::Resume { .. })));
        let newcomer = action.instance();
        let missing = right.iter().find(|session| !seen.contains(session));
        let too_many = seen.iter().find(|session| !right.contains(session));
        match (missing, too_many) {
            _ if !logs_in => blame::by_action(*action),
            (Some(missing), _) if Some(missing.seat) == newcomer && too_many.is_some() => Rule::Kick3,
            (Some(other), None) | (None, Some(other)) if Some(other.seat) == newcomer => Rule::Login7,
            (Some(other), _) | (None, Some(other)) => self.of_a_kick(other.seat, newcomer),
            (None, None) => Rule::Login4,
        }
    }

    /// The rule by which a login kicks that instance, or would.
    fn of_a_kick(&self, victim: InstanceId, newcomer: Option<InstanceId>) -> Rule {
        let scope = &self.found.scope;
        let is_of_its_platform = newcomer.is_some_and(|newcomer| scope.platform(newcomer) == scope.platform(victim));
        if is_of_its_platform { Rule::Kick2 } else { Rule::Kick1 }
    }
}

/// What stands on one side at the first place at which both differ: on the first side, if anything does.
fn first_that_differs<T: PartialEq + Copy>(right: &[T], seen: &[T]) -> Option<T> {
    let place = (0..right.len().max(seen.len())).find(|place| right.get(*place) != seen.get(*place))?;
    right.get(place).or_else(|| seen.get(place)).copied()
}

fn of_an_item(item: Item) -> Option<Rule> {
    match item {
        Item::Settled { call, outcome, .. } => Some(blame::settled(outcome, Some(kind(call)))),
        Item::Published { event, .. } => Some(blame::published(event, false)),
        Item::StreamEnded { .. } => Some(Rule::Destroy2),
        Item::Written { .. } | Item::Closed { .. } | Item::Callback { .. } => None,
    }
}

const fn kind(call: Call) -> CallKind {
    match call {
        Call::Login => CallKind::Login,
        Call::Logout => CallKind::Logout,
        Call::Destroy => CallKind::Destroy,
        Call::Send(_) => CallKind::Send,
    }
}

/// A record that is there on both sides has another reason; else one is missing, or one too many.
fn of_kicks(right: KickRecords, seen: KickRecords) -> Rule {
    let another = right.iter().find(|right| seen.iter().any(|seen| seen.session == right.session && seen.reason != right.reason));
    match another.map(|record| record.reason) {
        Some(Reason::MultipleAccount) => Rule::Kick2,
        Some(Reason::MultipleDevice) => Rule::Kick1,
        Some(Reason::UserSigExpired) => Rule::Sig1,
        Some(Reason::RestApi) => Rule::Rest1,
        None => Rule::Kick8,
    }
}

fn of_seats(right: &Observation, seen: &Observation) -> Option<Rule> {
    let (right, seen) = right
        .seats
        .iter()
        .zip(&seen.seats)
        .find(|(right, seen)| (right.login_user, right.ready) != (seen.login_user, seen.ready))?;
    Some(match (right.login_user == seen.login_user, seen.login_user) {
        (true, _) => Rule::Login2,
        (false, Some(_)) if right.login_user.is_none() => Rule::Logout1,
        (false, _) => Rule::Login1,
    })
}

fn of_links(right: &Observation, seen: &Observation) -> Option<Rule> {
    let links = |side: &Observation| side.seats.iter().flat_map(|seat| seat.links).collect::<Vec<LinkView>>();
    links(right).into_iter().zip(links(seen)).find_map(|(right, seen)| of_frames(right, seen))
}

fn of_frames(right: LinkView, seen: LinkView) -> Option<Rule> {
    let [up, seen_up] = [right, seen].map(|link| link.up.iter().collect::<Vec<_>>());
    let [down, seen_down] = [right, seen].map(|link| link.down.iter().collect::<Vec<_>>());
    let asked = first_that_differs(&up, &seen_up).map(of_an_up_frame);
    asked.or_else(|| first_that_differs(&down, &seen_down).map(blame::answered))
}

const fn of_an_up_frame(frame: UpFrame) -> Rule {
    match frame {
        UpFrame::Login { .. } => Rule::Login1,
        UpFrame::Resume { .. } => Rule::Link5,
        UpFrame::Logout { .. } => Rule::Logout4,
        UpFrame::Sync => Rule::Link10,
        UpFrame::Send { .. } | UpFrame::MessageAck { .. } => Rule::Login3,
        UpFrame::KickAck => Rule::Kick8,
        UpFrame::Ping | UpFrame::Pong => Rule::Link7,
    }
}
