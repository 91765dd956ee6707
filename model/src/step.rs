//! One step: what an action that a state offers leads to, and what is seen of it. What each side does stands in its own file; nothing is
//! decided here.

use crate::action::{Action, AppCall, InstanceId, LinkMove, PageMove, ServerMove, Slot, Timer};
use crate::broadcast::BroadcastStep;
use crate::cx::{At, StepCx};
use crate::frame::{TOKENS, UpFrame};
use crate::ledger::Ledger;
use crate::link::{Owner, Wire};
use crate::observation::Item;
use crate::records::{Key, Session};
use crate::rule::{RuleSet, Rules};
use crate::rules::RuleSwitch;
use crate::scope::{MAX_ACCOUNTS, Scope};
use crate::seats::SeatSet;
use crate::state::{Client, Instance, State, free_token};

pub use crate::offers::{action_at, actions, held};
pub use crate::rules::Site;

/// What a step leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub next: State,
    /// What was seen of it, in order.
    pub items: Vec<Item>,
    /// The rules that were consulted on the way.
    pub consulted: RuleSet,
    /// The seats that were looked at. Wherever these and the server's records are the same, so is the step.
    pub(crate) touched: SeatSet,
}

impl Step {
    /// The step that leads to a state in which nothing has happened yet; it shows nothing.
    pub fn none(initial: State) -> Step {
        Step { next: initial, items: Vec::new(), consulted: RuleSet::NONE, touched: SeatSet::default() }
    }

    /// Becomes the step of one action that [`actions`] offers where it led.
    pub fn go_on(&mut self, scope: &Scope, rules: Rules, action: Action) {
        let mut items = std::mem::take(&mut self.items);
        items.clear();
        let cx = StepCx { items, ..StepCx::new(scope, RuleSwitch::new(rules), &mut self.next) };
        let StepCx { items, rules, seats, .. } = cx.done(action);
        (self.items, self.consulted, self.touched) = (items, rules.consulted, seats.touched());
    }
}

/// Does one action that [`actions`] offers.
pub fn step(scope: &Scope, rules: Rules, state: &State, action: Action) -> Step {
    let mut step = Step::none(*state);
    step.go_on(scope, rules, action);
    step
}

/// The rules that act on a transition: those without which it would lead elsewhere or show something else. `made` is the transition
/// with all rules in force.
pub fn acting(scope: &Scope, state: &State, action: Action, made: &Step) -> RuleSet {
    acting_within(scope, state, action, made).0
}

/// The same, and whether the transition with and without each of them looks at no seat but the action's own: then what is seen of it and
/// which rules act are the same wherever the instance there and the server's records are.
pub fn acting_within(scope: &Scope, state: &State, action: Action, made: &Step) -> (RuleSet, bool) {
    let (mut acting, mut touched) = (RuleSet::NONE, made.touched);
    for rule in made.consulted.iter() {
        let other = step(scope, Rules::without(rule), state, action);
        touched = touched.and(other.touched);
        if (other.next, &other.items) != (made.next, &made.items) {
            acting.insert(rule);
        }
    }
    (acting, action.instance().is_some_and(|instance| touched.is_within(instance)))
}

/// Where the step asks for rules that act on it.
pub fn sites(scope: &Scope, state: &State, action: Action) -> Vec<Site> {
    let acting = acting(scope, state, action, &step(scope, Rules::ALL, state, action));
    let mut next = *state;
    let sites = StepCx::behind(scope, RuleSwitch::noting_sites(), &mut next, action).rules.sites;
    sites.into_iter().flatten().filter(|site| acting.contains(site.rule)).collect()
}

impl<'a> StepCx<'a> {
    /// Makes of a state what an action makes of it.
    pub(crate) fn behind(scope: &'a Scope, rules: RuleSwitch, state: &'a mut State, action: Action) -> StepCx<'a> {
        StepCx::new(scope, rules, state).done(action)
    }

    /// The action is done.
    fn done(mut self, action: Action) -> StepCx<'a> {
        self.node = action.node(self.scope, self.server, action.instance().map(|instance| &*self.seats.at(instance)));
        let mut next = BroadcastStep::first(action);
        if next.is_none() {
            self.reach_one(action);
        }
        while let Some(step) = next {
            next = self.apply_to_seat(step);
        }
        self
    }

    fn reach_one(&mut self, action: Action) {
        let shares = action.instance().is_some_and(|instance| self.scope.key(instance) == Key::Shared);
        if shares {
            self.draw_ranks_apart();
        }
        self.act(action);
        self.seats.touched().for_each(|instance| self.tidy(instance));
        if shares {
            self.deal_ranks();
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Call(instance, call) => self.call(instance, call),
            Action::Page(instance, PageMove::Close) => self.client(instance).page_closes(),
            Action::Page(instance, PageMove::Wake) => self.client(instance).wakes(),
            Action::Link(instance, LinkMove::Open) => {
                self.client(instance).link_is_up();
                self.seats.at(instance).links.current.node = self.node;
                self.server().is_opened(At { instance, slot: Slot::Current });
            }
            Action::Link(instance, LinkMove::OpenFails) => self.client(instance).open_fails(),
            Action::Link(instance, LinkMove::ToServer(slot)) => self.server().server_takes(At { instance, slot }),
            Action::Link(instance, LinkMove::ToClient) => self.client(instance).client_takes(),
            Action::Link(instance, LinkMove::Cut) => self.seats.at(instance).links.current.wire = Wire::Cut,
            Action::Link(instance, LinkMove::ClientLoses(how)) => self.client(instance).client_loses(how),
            Action::Link(instance, LinkMove::ServerLoses(slot, how)) => self.server().server_loses(At { instance, slot }, how),
            Action::Timer(instance, Timer::Backoff) => self.client(instance).backoff(),
            Action::Timer(instance, Timer::Deadline(call)) => self.client(instance).deadline(call),
            Action::Timer(instance, Timer::Ping) => self.client(instance).ping(),
            Action::Timer(instance, Timer::Ask(slot)) => self.server().ask(At { instance, slot }),
            Action::Timer(instance, Timer::Lapse(account)) => self.server().lapse(instance, account),
            Action::Renew(instance) => self.renew(instance),
            Action::Server(ServerMove::Configure(setting)) => self.server().configure(setting),
            Action::Server(ServerMove::TakeEffect) => self.server().take_effect(),
            Action::Server(ServerMove::Webhook(account, how)) => self.server().post(account, how),
            Action::Server(ServerMove::Hear(_, account)) => self.server().hear(account),
            Action::Server(ServerMove::Miss(_, account)) => self.server().miss(account),
            Action::Server(ServerMove::Poll(_)) => self.server().poll(),
            Action::Server(ServerMove::Die(_)) => self.server().die(),
            Action::Server(ServerMove::Start(_)) => self.server().start(),
            Action::Server(ServerMove::Freeze(_)) => self.server().freeze(),
            Action::Server(ServerMove::Wake(_)) => self.server().wake(),
            Action::Server(ServerMove::LeaseEnds(_)) => self.server().lease_ends(),
            Action::Server(ServerMove::Store(instance)) => self.server().store(At { instance, slot: Slot::Current }),
            Action::Timer(_, Timer::Expire(_))
            | Action::Server(ServerMove::RestKick(_) | ServerMove::Restart | ServerMove::Stop) => {
                unreachable!("a broadcast is taken step by step")
            }
        }
    }

    fn call(&mut self, instance: InstanceId, call: AppCall) {
        match call {
            AppCall::Login { account, credential } => self.client(instance).call_login(account, credential),
            AppCall::Logout => self.client(instance).call_logout(),
            AppCall::Destroy => self.client(instance).call_destroy(),
            AppCall::Resend => self.client(instance).call_resend(),
            AppCall::Send(to) => {
                if self.client(instance).accepts_a_send() {
                    let token = free_token(self.seats.every(), TOKENS).expect("a send is offered only while a message is free");
                    self.client(instance).send(UpFrame::Send { token, to });
                }
            }
        }
    }

    /// A fresh instance takes the place of one that is over; what that one leaves on record or under way stays its own.
    fn renew(&mut self, instance: InstanceId) {
        let Instance { client, links, record } = self.seats.at(instance);
        *client = Client::default();
        record.ledgers = [Ledger::NONE; MAX_ACCOUNTS];
        links.each_mut().into_iter().filter(|link| link.exists()).for_each(|link| link.owner = Owner::Replaced);
        let hand_down = |session: Session| if session.seat == instance { Session { key: Key::Former, ..session } } else { session };
        self.server.rosters = self.server.rosters.map(|roster| roster.map(hand_down));
        self.server.records = self.server.records.map(|records| records.map(hand_down));
    }
}
