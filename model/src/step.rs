//! One step: which actions a state offers, and what each of them leads to. Every call is offered in every state, its refusal
//! included; what is held back is the environment, by the scope's bounds.

use crate::action::{Action, InstanceId, Slot};
use crate::frame::Frame;
use crate::observation::{Asked, Call, End, Event, Item, Outcome};
use crate::rule::{RuleSet, Rules};
use crate::rules::Book;
use crate::scope::{Destroys, Overtaking, RestKicks, Scope, Sends};
use crate::state::{Instance, Link, Owner, Phase, Residue, ServerEnd, SigAge, State};

/// What a step leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub next: State,
    /// What was seen of it, in order.
    pub items: Vec<Item>,
    /// The rules that were asked for an answer on the way.
    pub asked: RuleSet,
}

/// The actions that a state offers, always in the same order: a trace names each by its place in it.
pub fn actions(scope: &Scope, state: &State) -> Vec<Action> {
    let mut offered = Vec::with_capacity(32);
    for instance in scope.instances() {
        calls(scope, state, instance, &mut offered);
        moves(scope, state, instance, &mut offered);
    }
    if scope.rest_kicks == RestKicks::Called {
        offered.extend(scope.accounts().map(|account| Action::RestKick { account }));
    }
    offered
}

fn calls(scope: &Scope, state: &State, instance: InstanceId, offered: &mut Vec<Action>) {
    let seat = state.instance(instance);
    let may_send = may_send(scope, state, instance);
    if seat.phase != Phase::Out || may_send {
        logins(scope, instance, offered);
    }
    let sends_logout = matches!(seat.phase, Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. });
    if (!sends_logout || may_send) && seat.logouts < scope.joined_calls {
        offered.push(Action::Logout { instance });
    }
    if (!sends_logout || may_send) && seat.destroys < scope.joined_calls && scope.destroys == Destroys::Called {
        offered.push(Action::Destroy { instance });
    }
    sends(scope, state, instance, offered);
}

fn logins(scope: &Scope, instance: InstanceId, offered: &mut Vec<Action>) {
    for account in scope.seats[usize::from(instance.0)].accounts.iter().copied() {
        let shown = scope.credentials.iter().copied();
        offered.extend(shown.map(|credential| Action::Login { instance, account, credential }));
    }
}

fn sends(scope: &Scope, state: &State, instance: InstanceId, offered: &mut Vec<Action>) {
    let seat = state.instance(instance);
    match &scope.sends {
        Sends::Never => {}
        Sends::RefusedOnly if seat.is_ready() => {}
        Sends::RefusedOnly => {
            offered.push(Action::Send { instance, to: scope.seats[usize::from(instance.0)].accounts[0] });
        }
        Sends::Tokens { tokens, to } => {
            if !seat.is_ready() || (may_send(scope, state, instance) && state.free_token(*tokens).is_some()) {
                offered.extend(to.iter().map(|to| Action::Send { instance, to: *to }));
            }
        }
    }
}

/// The bound `busy ≤ K`.
fn may_send(scope: &Scope, state: &State, instance: InstanceId) -> bool {
    let others = scope.instances().filter(|other| *other != instance && state.instance(*other).is_busy());
    scope.busy.is_none_or(|most| others.count() < usize::from(most))
}

fn moves(scope: &Scope, state: &State, instance: InstanceId, offered: &mut Vec<Action>) {
    let seat = state.instance(instance);
    let old_link_is_gone = !seat.abandoned.exists() || scope.overtaking == Overtaking::Allowed;
    if matches!(seat.phase, Phase::Opening { .. }) && !seat.current.exists() && old_link_is_gone {
        offered.push(Action::Open { instance });
    }
    for (slot, link) in [(Slot::Current, seat.current), (Slot::Abandoned, seat.abandoned)] {
        if !link.up.is_empty() {
            offered.push(Action::ToServer { instance, slot });
        }
    }
    if !seat.current.down.is_empty() {
        offered.push(Action::ToClient { instance });
    }
    if seat.phase == Phase::Destroyed {
        offered.push(Action::Renew { instance });
    }
}

/// Does one action that [`actions`] offers.
pub fn step(scope: &Scope, rules: Rules, state: &State, action: Action) -> Step {
    let book = Book { rules, asked: RuleSet::NONE };
    let mut stage = Stage { scope, state: *state, items: Vec::new(), book };
    match action {
        Action::Login { instance, account, credential } => stage.call_login(instance, account, credential),
        Action::Logout { instance } => stage.call_logout(instance),
        Action::Destroy { instance } => stage.call_destroy(instance),
        Action::Send { instance, to } => stage.call_send(instance, to),
        Action::Open { instance } => stage.link_is_up(instance),
        Action::ToServer { instance, slot } => stage.server_takes(instance, slot),
        Action::ToClient { instance } => stage.client_takes(instance),
        Action::Renew { instance } => stage.renew(instance),
        Action::RestKick { account } => stage.rest_kick(account),
    }
    if let Some(instance) = action.instance() {
        stage.make_room(instance);
        stage.forget_sig(instance);
    }
    Step { next: stage.state, items: stage.items, asked: stage.book.asked }
}

/// The rules that act on a transition: those without which it would lead elsewhere or show something else. `made` is the transition
/// with all rules in force.
pub fn acting(scope: &Scope, state: &State, action: Action, made: &Step) -> RuleSet {
    let mut acting = RuleSet::NONE;
    for rule in made.asked.iter() {
        let other = step(scope, Rules::without(rule), state, action);
        if (other.next, &other.items) != (made.next, &made.items) {
            acting.insert(rule);
        }
    }
    acting
}

/// The step being made: the state as it changes, and what is seen meanwhile.
pub(crate) struct Stage<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) state: State,
    pub(crate) items: Vec<Item>,
    pub(crate) book: Book,
}

impl Stage<'_> {
    pub(crate) fn seat(&mut self, instance: InstanceId) -> &mut Instance {
        &mut self.state.instances[usize::from(instance.0)]
    }

    pub(crate) fn settle(&mut self, instance: InstanceId, call: Call, asked: Asked, outcome: Outcome) {
        self.items.push(Item::Settled { instance, call, asked, outcome });
    }

    /// Publishes, unless the listeners are gone (LOGOUT-7 taken out).
    pub(crate) fn publish(&mut self, instance: InstanceId, event: Event) {
        if self.seat(instance).residue != Residue::Deaf {
            self.items.push(Item::Published { instance, event });
        }
    }

    /// Writes to the server; what is written to a link that the server has closed is lost.
    pub(crate) fn write_up(&mut self, instance: InstanceId, frame: Frame) {
        self.items.push(Item::Written { instance, end: End::Client, frame });
        let link = &mut self.seat(instance).current;
        if link.server != ServerEnd::Closed {
            link.up.push(frame);
        }
    }

    pub(crate) fn write_down(&mut self, instance: InstanceId, frame: Frame) {
        self.items.push(Item::Written { instance, end: End::Server, frame });
        self.seat(instance).current.down.push(frame);
    }

    pub(crate) fn close(&mut self, instance: InstanceId, end: End) {
        self.items.push(Item::Closed { instance, end });
    }

    /// A link that the client has given up moves aside once the one before it has ended; until then no third is opened.
    fn make_room(&mut self, instance: InstanceId) {
        let seat = self.seat(instance);
        if seat.current.is_given_up() && !seat.abandoned.exists() {
            seat.abandoned = std::mem::replace(&mut seat.current, Link::NONE);
        }
    }

    /// Once no login is under way, the age of its UserSig means nothing.
    fn forget_sig(&mut self, instance: InstanceId) {
        let seat = self.seat(instance);
        if seat.login_under_way().is_none() {
            seat.sig = SigAge::Fresh;
        }
    }

    /// A fresh instance takes the place of a destroyed one; the frames that were written before stay under way.
    fn renew(&mut self, instance: InstanceId) {
        let before = *self.seat(instance);
        let mut fresh = Instance { current: before.current, abandoned: before.abandoned, ..Instance::default() };
        for link in [&mut fresh.current, &mut fresh.abandoned] {
            if link.exists() {
                link.owner = Owner::Replaced;
            }
        }
        *self.seat(instance) = fresh;
    }
}
