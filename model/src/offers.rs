//! Which actions a state offers: those that are possible and that no bound of the scope holds back. Every call is offered in every state,
//! its refusal included; what is held back is the environment. It says nothing of what follows from an action.

use strum::VariantArray;

use crate::action::{
    AccountId, Action, AppCall, InstanceId, LinkMove, Loss, PageMove, Post, ServerMove, Setting, Slot, Timed, Timer,
};
use crate::crowd::{Bounds, Crowd};
use crate::held::{self, Hold};
use crate::possible;
use crate::scope::{Scope, Sends};
use crate::state::{Instance, Server, State};

/// The actions that a state offers, always in the same order: a trace names each by its place in it.
pub fn actions(scope: &Scope, state: &State) -> Vec<Action> {
    let (crowd, mut offered) = (Crowd::of(scope, state), Vec::with_capacity(32));
    for seat in scope.instances().map(Some).chain([None]) {
        offer_at(scope, state, seat, crowd.bounds(scope, seat), &mut offered);
    }
    offered
}

/// The action in that place among them; `offered` is room for those before it.
pub fn action_at(scope: &Scope, state: &State, place: usize, offered: &mut Vec<Action>) -> Option<Action> {
    let crowd = Crowd::of(scope, state);
    offered.clear();
    let mut seats = scope.instances().map(Some).chain([None]);
    seats.find_map(|seat| {
        offer_at(scope, state, seat, crowd.bounds(scope, seat), offered);
        offered.get(place).copied()
    })
}

/// The actions that are offered in a seat, or to nobody's. They depend on the instance in the seat, the server's records and the bounds.
pub(crate) fn offer_at(scope: &Scope, state: &State, seat: Option<InstanceId>, bounds: Bounds, offered: &mut Vec<Action>) {
    match seat {
        Some(instance) => Place::new(scope, state, instance, bounds).offer(offered),
        None => offer_to_nobody(scope, &state.server, bounds, offered),
    }
}

/// What the state makes possible and is held back, and by which bound.
pub fn held(scope: &Scope, state: &State) -> Vec<(Action, Hold)> {
    let crowd = Crowd::of(scope, state);
    let mut all = Vec::new();
    for instance in scope.instances() {
        let place = Place::new(scope, state, instance, crowd.bounds(scope, Some(instance)));
        let mut add = |action| all.extend(place.held_back(action).filter(|_| place.allows(action)).map(|hold| (action, hold)));
        place.each_of_a_sound_world(&mut add);
        place.each_of_a_failing_world(&mut add);
        add(Action::Renew(instance));
    }
    let bounds = crowd.bounds(scope, None);
    let possible = at_server(scope).filter(|at| possible::at_server(&state.server, *at));
    all.extend(possible.filter_map(|at| Some((Action::Server(at), held::at_server(scope, &state.server, bounds, at)?))));
    all
}

fn offer_to_nobody(scope: &Scope, server: &Server, bounds: Bounds, offered: &mut Vec<Action>) {
    let is_offered = |at: &ServerMove| possible::at_server(server, *at) && held::at_server(scope, server, bounds, *at).is_none();
    offered.extend(at_server(scope).filter(is_offered).map(Action::Server));
}

fn at_server(scope: &Scope) -> impl Iterator<Item = ServerMove> {
    let posts = scope.accounts().flat_map(|account| [Post::Taken, Post::Failed].map(|how| ServerMove::Webhook(account, how)));
    let moves = posts.chain(scope.accounts().map(ServerMove::RestKick));
    let moves = moves.chain([Setting::Stated, Setting::Changed].map(ServerMove::Configure));
    moves.chain([ServerMove::TakeEffect, ServerMove::Restart, ServerMove::Stop]).chain(between_nodes(scope))
}

/// None where there is one node.
fn between_nodes(scope: &Scope) -> impl Iterator<Item = ServerMove> {
    let nodes = scope.nodes().filter(|_| scope.has_several_nodes());
    nodes.flat_map(|node| {
        let notices = scope.accounts().flat_map(move |account| [ServerMove::Hear(node, account), ServerMove::Miss(node, account)]);
        let fails = [ServerMove::Die, ServerMove::Start, ServerMove::Freeze, ServerMove::Wake, ServerMove::LeaseEnds];
        let fails = fails.into_iter().filter(|_| scope.nodes_fail()).map(move |fails| fails(node));
        notices.chain([ServerMove::Poll(node)]).chain(fails)
    })
}

/// A seat, and all that decides what is offered there.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) instance: InstanceId,
    pub(crate) seat: &'a Instance,
    pub(crate) server: &'a Server,
    pub(crate) bounds: Bounds,
}

impl<'a> Place<'a> {
    pub(crate) fn new(scope: &'a Scope, state: &'a State, instance: InstanceId, bounds: Bounds) -> Place<'a> {
        Place { scope, instance, seat: state.instance(instance), server: &state.server, bounds }
    }

    fn offer(&self, offered: &mut Vec<Action>) {
        let mut offer = |action| {
            if self.allows(action) && self.held_back(action).is_none() {
                offered.push(action);
            }
        };
        self.each_of_a_sound_world(&mut offer);
        if self.scope.links_fail() {
            self.each_of_a_failing_world(&mut offer);
        }
        offer(Action::Renew(self.instance));
    }

    /// Whatever may ever be offered in the seat, in the order of offers: first where nothing fails.
    fn each_of_a_sound_world(&self, with: &mut impl FnMut(Action)) {
        let instance = self.instance;
        self.logins().for_each(|login| with(Action::Call(instance, login)));
        [AppCall::Logout, AppCall::Destroy].into_iter().for_each(|call| with(Action::Call(instance, call)));
        self.receivers().iter().for_each(|to| with(Action::Call(instance, AppCall::Send(*to))));
        with(Action::Call(instance, AppCall::Resend));
        FRAMES.into_iter().for_each(|link| with(Action::Link(instance, link)));
        with(Action::Server(ServerMove::Store(instance)));
    }

    /// Then what is held back where nothing fails.
    fn each_of_a_failing_world(&self, with: &mut impl FnMut(Action)) {
        let Place { scope, instance, .. } = *self;
        LOSSES.into_iter().for_each(|link| with(Action::Link(instance, link)));
        PageMove::VARIANTS.iter().for_each(|page| with(Action::Page(instance, *page)));
        let of_accounts = scope.accounts().flat_map(|account| [Timer::Lapse(account), Timer::Expire(account)]);
        TIMERS.into_iter().chain(of_accounts).for_each(|timer| with(Action::Timer(instance, timer)));
    }

    fn logins(&self) -> impl Iterator<Item = AppCall> {
        let Place { scope, instance, .. } = *self;
        let login = |(account, credential): (&AccountId, &_)| AppCall::Login { account: *account, credential: *credential };
        let accounts = scope.seats[usize::from(instance.0)].accounts.iter();
        accounts.flat_map(|account| scope.credentials.iter().map(move |credential| (account, credential))).map(login)
    }

    /// Whom the instance may send to; one account stands for all where every send is refused.
    fn receivers(&self) -> &'a [AccountId] {
        match &self.scope.sends {
            Sends::Never => &[],
            Sends::RefusedOnly => &self.scope.seats[usize::from(self.instance.0)].accounts[..1],
            Sends::Tokens { to, .. } => to,
        }
    }
}

const FRAMES: [LinkMove; 4] =
    [LinkMove::Open, LinkMove::ToServer(Slot::Current), LinkMove::ToServer(Slot::Abandoned), LinkMove::ToClient];

const LOSSES: [LinkMove; 8] = [
    LinkMove::OpenFails,
    LinkMove::Cut,
    LinkMove::ClientLoses(Loss::Ended),
    LinkMove::ClientLoses(Loss::Heartbeat),
    LinkMove::ServerLoses(Slot::Current, Loss::Ended),
    LinkMove::ServerLoses(Slot::Current, Loss::Heartbeat),
    LinkMove::ServerLoses(Slot::Abandoned, Loss::Ended),
    LinkMove::ServerLoses(Slot::Abandoned, Loss::Heartbeat),
];

const TIMERS: [Timer; 7] = [
    Timer::Backoff,
    Timer::Deadline(Timed::Login),
    Timer::Deadline(Timed::Logout),
    Timer::Deadline(Timed::Send),
    Timer::Ping,
    Timer::Ask(Slot::Current),
    Timer::Ask(Slot::Abandoned),
];
