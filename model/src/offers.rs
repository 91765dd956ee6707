//! Which actions a state offers. Every call is offered in every state, its refusal included; what is held back is the environment, by
//! the scope's bounds. It says nothing of what follows from an action.

use crate::action::{Action, AppCall, InstanceId, LinkMove, Loss, PageMove, Post, ServerMove, Setting, Slot, Timed, Timer};
use crate::crowd::{Bounds, Crowd, is_lost};
use crate::frame::{DownFrame, Frame, Gap, UpFrame};
use crate::link::{Link, Owner, ServerEnd, Wire};
use crate::records::{Key, Session};
use crate::scope::{Destroys, Fault, Overtaking, Platform, RestKicks, Scope, Sends};
use crate::state::{Instance, Phase, Reach, Server, State};

/// The actions that a state offers, always in the same order: a trace names each by its place in it.
pub fn actions(scope: &Scope, state: &State) -> Vec<Action> {
    let mut offered = Vec::with_capacity(32);
    actions_into(scope, state, &mut offered);
    offered
}

/// The same, in place of what was offered before.
pub fn actions_into(scope: &Scope, state: &State, offered: &mut Vec<Action>) {
    let crowd = Crowd::of(scope, state);
    offered.clear();
    for instance in scope.instances() {
        let bounds = crowd.bounds(scope, instance);
        Place { scope, instance, seat: state.instance(instance), server: &state.server, bounds }.offer(offered);
    }
    offer_for_all(scope, &state.server, crowd.bounds_of_nobody(scope), offered);
}

/// How many callbacks of an account may wait as the server is killed: every resume behind it adds one.
const MOST_AT_A_RESTART: usize = 2;

/// What is offered to nobody's seat. The bound `f ≤ K` holds back a restart, which strikes everybody.
pub(crate) fn offer_for_all(scope: &Scope, server: &Server, bounds: Bounds, offered: &mut Vec<Action>) {
    if !server.is_posted() {
        for account in scope.accounts().filter(|account| !server.outbox(*account).is_empty()) {
            offered.extend([Post::Taken, Post::Failed].map(|how| Action::Server(ServerMove::Webhook(account, how))));
        }
    }
    if scope.rest_kicks == RestKicks::Called && server.is_posted() {
        offered.extend(scope.accounts().map(|account| Action::Server(ServerMove::RestKick(account))));
    }
    if scope.limit_change.is_some() {
        offered.extend([Setting::Stated, Setting::Changed].map(|setting| Action::Server(ServerMove::Configure(setting))));
        offered.extend(server.pending.map(|_| Action::Server(ServerMove::TakeEffect)));
    }
    let may_stop = bounds.may_break && bounds.may_reconnect && few_wait(scope, server);
    if scope.has(Fault::Restarts) && may_stop {
        offered.push(Action::Server(ServerMove::Restart));
    }
    if scope.has(Fault::Stops) && may_stop {
        offered.push(Action::Server(ServerMove::Stop));
    }
}

/// Whether so few callbacks wait that the server may go.
pub(crate) fn few_wait(scope: &Scope, server: &Server) -> bool {
    scope.accounts().all(|account| server.outbox(account).len() <= MOST_AT_A_RESTART)
}

/// A seat, and all that decides what is offered there.
pub(crate) struct Place<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) instance: InstanceId,
    pub(crate) seat: &'a Instance,
    pub(crate) server: &'a Server,
    pub(crate) bounds: Bounds,
}

impl Place<'_> {
    pub(crate) fn offer(&self, offered: &mut Vec<Action>) {
        self.calls(offered);
        self.moves(offered);
        if self.scope.links_fail() {
            self.failures(offered);
            self.timers(offered);
        }
        if self.server.is_posted() && self.may_renew() {
            offered.push(Action::Renew(self.instance));
        }
    }

    fn calls(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, seat, .. } = *self;
        if seat.client.phase == Phase::Closed {
            return;
        }
        let may_send = self.may_send();
        if seat.client.phase != Phase::Out || may_send {
            self.logins(offered);
        }
        let leaves = matches!(seat.client.phase, Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. });
        let may_leave = !leaves || may_send || seat.client.is_cut_off();
        let may_owe = !leaves || seat.client.debts.len() < usize::from(scope.debts);
        if may_leave && (may_owe || !scope.links_fail()) && seat.client.logouts < scope.joined_calls {
            offered.push(Action::Call(instance, AppCall::Logout));
        }
        if may_leave && seat.client.destroys < scope.joined_calls && scope.destroys == Destroys::Called {
            offered.push(Action::Call(instance, AppCall::Destroy));
        }
        self.sends(offered);
        let accepted = seat.client.accepts_sends();
        if !seat.client.unknown.is_empty() && (!accepted || (may_send && copies_under_way(seat) < 2)) {
            offered.push(Action::Call(instance, AppCall::Resend));
        }
    }

    fn logins(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, .. } = *self;
        for account in scope.seats[usize::from(instance.0)].accounts.iter().copied() {
            let shown = scope.credentials.iter().copied();
            offered.extend(shown.map(|credential| Action::Call(instance, AppCall::Login { account, credential })));
        }
    }

    fn sends(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, seat, bounds, .. } = *self;
        let accepted = seat.client.accepts_sends();
        match &scope.sends {
            Sends::Never => {}
            Sends::RefusedOnly if accepted => {}
            Sends::RefusedOnly => {
                offered.push(Action::Call(instance, AppCall::Send(scope.seats[usize::from(instance.0)].accounts[0])));
            }
            Sends::Tokens { to, .. } => {
                if !accepted || (self.may_send() && bounds.token_is_free) {
                    offered.extend(to.iter().map(|to| Action::Call(instance, AppCall::Send(*to))));
                }
            }
        }
    }

    /// The bound `busy ≤ K`, and calls wait for callbacks.
    fn may_send(&self) -> bool {
        self.bounds.may_send && self.server.is_posted()
    }

    fn moves(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, seat, .. } = *self;
        let old_link_is_gone = !seat.links.abandoned.exists() || scope.overtaking == Overtaking::Allowed;
        if seat.client.asks_for_a_link() && !seat.links.current.exists() && old_link_is_gone {
            offered.push(Action::Link(instance, LinkMove::Open));
        }
        for slot in [Slot::Current, Slot::Abandoned] {
            if !seat.links.at(slot).up.is_empty() {
                offered.push(Action::Link(instance, LinkMove::ToServer(slot)));
            }
        }
        if !seat.links.current.down.is_empty() {
            offered.push(Action::Link(instance, LinkMove::ToClient));
        }
    }

    /// What breaks, and how each end learns of it. The bound `f ≤ K` holds back what breaks, never what follows.
    fn failures(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, seat, .. } = *self;
        let may_break = self.may_break();
        if scope.has(Fault::OpenFails) && self.fails() && seat.client.asks_for_a_link() {
            offered.push(Action::Link(instance, LinkMove::OpenFails));
        }
        if may_break && scope.has(Fault::Cuts) && seat.links.current.is_held() && seat.links.current.wire == Wire::Whole {
            offered.push(Action::Link(instance, LinkMove::Cut));
        }
        for how in [Loss::Ended, Loss::Heartbeat] {
            if client_may_lose(scope, seat, how, may_break) {
                offered.push(Action::Link(instance, LinkMove::ClientLoses(how)));
            }
        }
        for slot in [Slot::Current, Slot::Abandoned] {
            let losses = [Loss::Ended, Loss::Heartbeat].into_iter();
            let offers = losses.filter(|how| server_may_lose(scope, seat.links.at(slot), *how, may_break));
            offered.extend(offers.map(|how| Action::Link(instance, LinkMove::ServerLoses(slot, how))));
        }
        if may_break && scope.has(Fault::PageCloses) && scope.platform(instance) == Platform::Web && !seat.client.is_over() {
            offered.push(Action::Page(instance, PageMove::Close));
        }
        if may_break && scope.has(Fault::Wakes) && scope.platform(instance) == Platform::Web && may_wake(seat) {
            offered.push(Action::Page(instance, PageMove::Wake));
        }
    }

    fn timers(&self, offered: &mut Vec<Action>) {
        let Place { scope, instance, seat, server, .. } = *self;
        if seat.client.reach == Reach::Down && self.bounds.may_reconnect {
            offered.push(Action::Timer(instance, Timer::Backoff));
        }
        if scope.has(Fault::Deadlines) && self.may_break() {
            offered.extend(deadlines(seat).map(|call| Action::Timer(instance, Timer::Deadline(call))));
        }
        if scope.has(Fault::Pings) && self.fails() && may_ping(seat) {
            offered.push(Action::Timer(instance, Timer::Ping));
        }
        if scope.has(Fault::Pings) && self.fails() {
            let asked = Slot::ALL.into_iter().filter(|slot| may_ask(seat.links.at(*slot)));
            offered.extend(asked.map(|slot| Action::Timer(instance, Timer::Ask(slot))));
        }
        for account in scope.accounts().filter(|_| server.is_posted()) {
            let mut theirs = server.roster(account).sessions().filter(|session| session.seat == instance).peekable();
            let expires = scope.has(Fault::Expiries) && theirs.peek().is_some();
            if theirs.any(|session| seat.links.slot_of(account, session).is_none()) {
                offered.push(Action::Timer(instance, Timer::Lapse(account)));
            }
            if expires {
                offered.push(Action::Timer(instance, Timer::Expire(account)));
            }
        }
    }

    /// The bounds `f ≤ K` and on which instances fail; and nothing more breaks while a link that the instance lost before is there.
    fn may_break(&self) -> bool {
        self.bounds.may_break
            && self.server.is_posted()
            && self.fails()
            && (self.scope.has(Fault::LossesAtOnce) || !is_lost(&self.seat.links.abandoned))
    }

    fn fails(&self) -> bool {
        self.scope.failing.is_none_or(|failing| self.instance.0 < failing)
    }

    /// A fresh instance comes while no older one than its predecessor has left anything behind, and nothing is kept for a late resume, nor
    /// will be.
    fn may_renew(&self) -> bool {
        let may_be_kept = matches!(self.scope.sends, Sends::Tokens { .. }) && self.seat.resumable().next().is_some();
        let resumes_late = may_be_kept || self.seat.record.ledgers.iter().any(|ledger| ledger.loss() == Gap::Lost);
        self.seat.client.is_over() && !resumes_late && !(self.leaves_something(Key::Own) && self.leaves_something(Key::Former))
    }

    fn leaves_something(&self, key: Key) -> bool {
        let Place { scope, instance, seat, server, .. } = *self;
        let theirs = |session: Session| session.seat == instance && session.key == key;
        let links = seat.links.each().iter().any(|link| link.exists() && link.key(scope.key(instance)) == key);
        let on_record = |account| {
            let recorded = server.kick_records(account).iter().any(|record| theirs(record.session));
            recorded || server.roster(account).sessions().any(theirs)
        };
        links || scope.accounts().any(on_record)
    }
}

/// The bound on messages that are sent again: two of a kind, or their answers, are under way at most.
pub(crate) fn copies_under_way(seat: &Instance) -> usize {
    let under_way = seat.links.current.frames().chain(seat.links.abandoned.up.iter().map(Frame::Up));
    let is_copy = |frame: &Frame| matches!(frame, Frame::Up(UpFrame::Send { .. }) | Frame::Down(DownFrame::SendAnswer { .. }));
    under_way.filter(is_copy).count()
}

fn client_may_lose(scope: &Scope, seat: &Instance, how: Loss, may_break: bool) -> bool {
    let link = &seat.links.current;
    let asking = seat.client.reach == Reach::Asking;
    let logged_in = seat.client.login_user().is_some() && (link.is_held() || asking);
    match (how, link.wire) {
        (Loss::Ended, Wire::Whole) => link.is_held() && link.is_closed() && link.down.is_empty(),
        (Loss::Ended, Wire::Cut) => link.is_held() && scope.has(Fault::EndsSeen),
        (Loss::Heartbeat, Wire::Whole) => logged_in && (may_break || asking) && scope.has(Fault::Heartbeats),
        (Loss::Heartbeat, Wire::Cut) => logged_in && scope.has(Fault::Silence),
    }
}

fn server_may_lose(scope: &Scope, link: &Link, how: Loss, may_break: bool) -> bool {
    let follows = link.owner != Owner::User;
    link.is_heard()
        && match (how, link.wire) {
            (Loss::Ended, Wire::Whole) => follows && link.up.is_empty(),
            (Loss::Ended, Wire::Cut) => scope.has(Fault::EndsSeen),
            (Loss::Heartbeat, Wire::Whole) => (may_break || follows) && scope.has(Fault::Heartbeats),
            (Loss::Heartbeat, Wire::Cut) => scope.has(Fault::Silence),
        }
}

fn deadlines(seat: &Instance) -> impl Iterator<Item = Timed> + use<> {
    let call = match seat.client.phase {
        Phase::Opening { .. } | Phase::Waiting { .. } => Some(Timed::Login),
        Phase::Leaving | Phase::Destroying => Some(Timed::Logout),
        Phase::Out | Phase::Online { .. } | Phase::Ready { .. } | Phase::Destroyed | Phase::Closed => None,
    };
    call.into_iter().chain((!seat.client.sends.is_empty()).then_some(Timed::Send))
}

/// The browser's close is as any other where the link is broken already.
fn may_wake(seat: &Instance) -> bool {
    seat.links.current.is_held() && seat.links.current.wire == Wire::Whole
}

/// The bound on the server's pings: one, or its answer, is under way at most.
fn may_ask(link: &Link) -> bool {
    matches!(link.server, ServerEnd::Serving { .. }) && !is_asking(link)
}

/// Whether a ping of the server, or its answer, is under way.
pub(crate) fn is_asking(link: &Link) -> bool {
    link.frames().any(|frame| matches!(frame, Frame::Down(DownFrame::Ping) | Frame::Up(UpFrame::Pong)))
}

/// The bound on pings: one is under way at most.
fn may_ping(seat: &Instance) -> bool {
    seat.client.login_user().is_some()
        && !seat.client.is_cut_off()
        && seat.links.current.is_held()
        && !is_pinging(&seat.links.current)
}

/// Whether a ping of the client, or its answer, is under way.
pub(crate) fn is_pinging(link: &Link) -> bool {
    link.frames().any(|frame| matches!(frame, Frame::Up(UpFrame::Ping) | Frame::Down(DownFrame::Pong)))
}
