//! The one body of all drivers: which call, frame, fault or timer an action means, and what is seen once the system is idle. Whatever is
//! done to a client or to the server is done by a [`Side`].

use std::iter::once;

use model::action::{
    AccountId, Action, AppCall, InstanceId, LinkMove, Loss, NodeId, PageMove, Post, ServerMove, Timed, Timer, Token,
};
use model::lives::Lease;
use model::observation::{Call, End};
use model::scope::Scope;
use sut::callback::Callback;
use sut::protocol::close_code::GOING_AWAY;
use sut::session::{InstanceKey, Session, SessionDigest};

use super::clock::Kind;
use super::cx::Cx;
use super::side::{Called, Done, Ending, ServerTimer, Shown, Side};
use super::{Driver, callbacks, record};
use crate::cast;
use crate::observation::{Ask, Observation, SeatView, ServerView};
use crate::translation::Names;
use crate::wire::{Awaits, Wire};

/// A driver.
pub(super) struct Harness<S: Side> {
    pub(super) cx: Cx<S>,
    pub(super) side: S,
    /// What the webhook's receiver was posted in this step.
    posted: Vec<(AccountId, Callback, Post)>,
}

impl<S: Side> Harness<S> {
    /// One fresh instance a seat, and the accounts kicked by REST that a scope has kicked before anything else.
    pub(super) fn start(scope: &Scope, side: impl FnOnce(&Cx<S>) -> S) -> Harness<S> {
        let cx = Cx::new(scope);
        let side = side(&cx);
        let mut harness = Harness { cx, side, posted: Vec::new() };
        scope.instances().for_each(|seat| harness.renew(seat));
        for account in scope.accounts().filter(|_| scope.is_kicked_before()) {
            let kicked = harness.rest_kick(account);
            harness.note(kicked);
        }
        harness
    }

    /// The same once more, which goes its own way from here.
    pub(super) fn fork(&self, side: S) -> Harness<S>
    where
        Wire<S::Up, S::Down>: Clone,
    {
        Harness { cx: self.cx.fork(), side, posted: Vec::new() }
    }

    /// Notes as strange what cannot be done.
    pub(super) fn note(&mut self, done: Done) {
        done.unwrap_or_else(|what| self.cx.wire.is_strange(what));
    }

    /// The one place at which drivers tell actions apart.
    fn act(&mut self, Ask { action, message }: Ask) -> Done {
        match action {
            Action::Call(seat, call) => self.call(seat, call, message),
            Action::Page(seat, PageMove::Close) => self.close_page(seat),
            Action::Page(seat, PageMove::Wake) => {
                let link = self.browser_closes(seat).ok_or("there is no link for a browser to close")?;
                self.side.end(&mut self.cx, (seat, link), End::Client)
            }
            Action::Link(seat, link) => self.link(seat, link),
            Action::Timer(seat, timer) => self.timer(seat, timer),
            Action::Renew(seat) => {
                self.renew(seat);
                Ok(())
            }
            Action::Server(ServerMove::RestKick(account)) => self.rest_kick(account),
            Action::Server(ServerMove::Configure(setting)) => self.side.configure(&mut self.cx, setting),
            Action::Server(ServerMove::TakeEffect) => self.fire_at_server(&[ServerTimer::Terms]),
            Action::Server(ServerMove::Webhook(account, how)) => self.post(account, how),
            Action::Server(ServerMove::Restart) => self.restart(Ending::Killed),
            Action::Server(ServerMove::Stop) => self.restart(Ending::Stopped),
            Action::Server(ServerMove::Hear(node, account)) => self.side.hear(&mut self.cx, node, account),
            Action::Server(ServerMove::Miss(node, account)) => self.side.miss(node, account),
            Action::Server(ServerMove::Die(node)) => {
                self.cx.asleep.insert(node);
                self.cx.wire.node_is_killed(node);
                self.side.die(node)
            }
            Action::Server(ServerMove::Start(node)) => {
                self.cx.asleep.remove(&node);
                self.side.start(&mut self.cx, node)
            }
            // Nothing that the harness holds reaches a node that is frozen, and none of its timers fires.
            Action::Server(ServerMove::Freeze(node)) => {
                self.cx.asleep.insert(node);
                Ok(())
            }
            Action::Server(ServerMove::Wake(node)) => {
                self.cx.asleep.remove(&node);
                Ok(())
            }
            Action::Server(ServerMove::LeaseEnds(node)) => self.lease_ends(node),
            Action::Server(ServerMove::Poll(node)) => self.side.poll(&mut self.cx, node),
            Action::Server(ServerMove::Store(seat)) => self.side.store(&mut self.cx, seat),
        }
    }

    /// The others poll more often than any lease ends, and find it ended as they poll.
    fn lease_ends(&mut self, node: NodeId) -> Done {
        self.all_poll()?;
        self.side.lease_ends(node)?;
        self.note_who_is_taken_over();
        self.all_poll()
    }

    /// Whoever has no node whose lease holds.
    fn note_who_is_taken_over(&mut self) {
        let records = self.side.records().to_vec();
        let is_held = |life| matches!(self.side.node_of(life), Some((_, Lease::Holds)));
        let name = |session: &Session| (session.digest, session.epoch);
        self.cx.taken_over.retain(|taken| record::sessions(&records).any(|session| name(session) == *taken));
        let over = record::sessions(&records).filter(|session| !session.node.is_some_and(is_held));
        self.cx.taken_over.extend(over.map(name));
    }

    fn all_poll(&mut self) -> Done {
        let awake = self.cx.scope.nodes().filter(|node| !self.cx.asleep.contains(node));
        awake.collect::<Vec<_>>().into_iter().try_for_each(|node| {
            self.side.poll(&mut self.cx, node)?;
            self.side.settle(&mut self.cx);
            Ok(())
        })
    }

    fn call(&mut self, seat: InstanceId, call: AppCall, message: Option<(Token, AccountId)>) -> Done {
        let (kind, called) = match call {
            AppCall::Login { account, credential } => {
                if cast::shares_a_key(&self.cx.scope) {
                    self.pass_a_second()?;
                }
                let (user_id, user_sig) = self.cx.cast.shown(account, credential, self.cx.wire.stage.issued_at);
                (Call::Login, Called::Login { user_id, user_sig })
            }
            AppCall::Logout => (Call::Logout, Called::Logout),
            AppCall::Destroy => (Call::Destroy, Called::Destroy),
            AppCall::Send(to) => {
                let token = message.map(|(token, _)| token);
                let text = token.map_or_else(String::new, Names::text);
                (Call::Send(token), Called::Send { id: None, to: cast::user_id(to), text })
            }
            AppCall::Resend => {
                let known = message.and_then(|(token, to)| Some((token, to, self.cx.wire.stage.names.id(token)?)));
                let (token, to, id) = known.ok_or("no message to send again")?;
                let (to, text) = (cast::user_id(to), Names::text(token));
                (Call::Send(Some(token)), Called::Send { id: Some(id), to, text })
            }
        };
        let id = self.cx.expect_answer(seat, kind);
        self.side.call(&mut self.cx, seat, id, called);
        Ok(())
    }

    fn link(&mut self, seat: InstanceId, moves: LinkMove) -> Done {
        let Harness { cx, side, .. } = self;
        match moves {
            LinkMove::Open => {
                let link = cx.number();
                side.open(cx, seat, link)
            }
            LinkMove::OpenFails => side.fail_to_open(cx, seat),
            LinkMove::ToServer(slot) => {
                let (link, delivery) = cx.wire.take_up(seat, slot).ok_or("nothing is under way to the server")?;
                once(delivery.held.raw).chain(delivery.close).try_for_each(|moved| side.to_server(cx, link, moved))
            }
            LinkMove::ToClient => {
                let (link, delivery) = cx.wire.take_down(seat).ok_or("nothing is under way to the client")?;
                once(delivery.held.raw).chain(delivery.close).try_for_each(|moved| side.to_client(cx, (seat, link), moved))
            }
            LinkMove::Cut => cx.wire.cut(seat).then_some(()).ok_or_else(|| "there is no link to cut".to_owned()),
            LinkMove::ClientLoses(Loss::Heartbeat) => side.fire(cx, seat, Kind::Heartbeat),
            LinkMove::ClientLoses(Loss::Ended) => match cx.wire.client_loses(seat).ok_or("the client has no link to lose")? {
                (link, Some(close)) => side.to_client(cx, (seat, link), close),
                (link, None) => side.end(cx, (seat, link), End::Client),
            },
            LinkMove::ServerLoses(slot, Loss::Heartbeat) => {
                let link = cx.wire.id_of(seat, slot).ok_or("there is no link to hear nothing on")?;
                self.fire_at_server(&[ServerTimer::Heartbeat(Some(link))])
            }
            LinkMove::ServerLoses(slot, Loss::Ended) => {
                match cx.wire.server_loses(seat, slot).ok_or("the server has no link to lose")? {
                    (link, Some(close)) => side.to_server(cx, link, close),
                    (link, None) => side.end(cx, (seat, link), End::Server),
                }
            }
        }
    }

    fn timer(&mut self, seat: InstanceId, timer: Timer) -> Done {
        let Harness { cx, side, .. } = self;
        match timer {
            Timer::Backoff => {
                side.fire(cx, seat, Kind::Backoff)?;
                cx.wire.asked_for(seat);
                Ok(())
            }
            Timer::Deadline(Timed::Login) => side.fire(cx, seat, Kind::Login),
            Timer::Deadline(Timed::Logout) => side.fire(cx, seat, Kind::Logout),
            Timer::Deadline(Timed::Send) => side.fire(cx, seat, Kind::Send),
            Timer::Ping => side.fire(cx, seat, Kind::Ping),
            Timer::Ask(slot) => {
                let link = cx.wire.id_of(seat, slot).ok_or("there is no link to ask on")?;
                self.fire_at_server(&[ServerTimer::Ask(Some(link))])
            }
            Timer::Lapse(account) => {
                let lapses = self.timers_of(seat, account, ServerTimer::Lapse);
                self.fire_at_server(&lapses)
            }
            Timer::Expire(account) => {
                let expiries = self.timers_of(seat, account, ServerTimer::Expiry);
                let first = expiries.first().ok_or("no session is on record")?;
                self.cx.pass_to(cast::expired_by(self.cx.wire.stage.issued_at));
                self.fire_at_server(&[*first])?;
                self.cx.issue_anew();
                Ok(())
            }
        }
    }

    fn fire_at_server(&mut self, meant: &[ServerTimer]) -> Done {
        if !self.cx.scope.nodes_fail() {
            return self.side.fire_at_server(&mut self.cx, meant, None);
        }
        let told = self.session_timers();
        let armed = meant.iter().find_map(|timer| told.iter().find(|(_, other)| other == timer));
        match armed {
            Some((at, timer)) => self.side.fire_at_server(&mut self.cx, &[*timer], Some(*at)),
            None => self.side.fire_at_server(&mut self.cx, meant, None),
        }
    }

    /// The timers of a seat's sessions in an account, in login order.
    fn timers_of(&mut self, seat: InstanceId, account: AccountId, of: fn(SessionDigest) -> ServerTimer) -> Vec<ServerTimer> {
        record::sessions_of(self.side.records(), seat, account, &self.cx.wire).map(of).collect()
    }

    fn renew(&mut self, seat: InstanceId) {
        let shared = cast::shares_with(&self.cx.scope, seat).map(|other| self.cx.keys[usize::from(other.0)]);
        let key = shared.unwrap_or_else(|| InstanceKey(u128::from(self.cx.number())));
        self.cx.seated(seat, key);
        self.side.renew(&mut self.cx, seat, key);
    }

    /// A browser closes a page's link with 1001, whatever its script does: that link.
    fn browser_closes(&mut self, seat: InstanceId) -> Option<u64> {
        let link = self.cx.wire.held_by_client(seat)?;
        self.cx.wire.client_closed(link, Some(GOING_AWAY), Some(S::close(GOING_AWAY)));
        Some(link)
    }

    /// A page goes, and its browser says so.
    fn close_page(&mut self, seat: InstanceId) -> Done {
        if !self.side.closes_by_itself() {
            self.browser_closes(seat);
        }
        self.side.close_page(&mut self.cx, seat);
        self.cx.closed_page(seat);
        Ok(())
    }

    fn pass_a_second(&mut self) -> Done {
        self.cx.moment.pass_a_second();
        self.cx.wire.stage.now = self.cx.moment.now();
        self.side.pass(self.cx.moment.now())
    }

    fn rest_kick(&mut self, account: AccountId) -> Done {
        self.cx.wire.rest_kicks.insert(account, self.cx.moment.now().0 / 1000);
        self.side.rest_kick(&mut self.cx, account)?;
        self.pass_a_second()?;
        self.cx.issue_anew();
        Ok(())
    }

    fn post(&mut self, account: AccountId, how: Post) -> Done {
        let callback = self.side.post(account, how).ok_or("nothing waits to be posted")?;
        self.posted.push((account, callback, how));
        Ok(())
    }

    fn restart(&mut self, how: Ending) -> Done {
        self.cx.wire.server_is_killed();
        self.side.restart(&mut self.cx, how)
    }

    fn observe(&mut self, seen: &mut Observation) {
        seen.begin(&self.cx.scope);
        seen.server = self.server_view();
        seen.notices = self.side.notices();
        seen.strange.extend(self.side.complaints());
        self.cx.tell(seen);
        let Harness { cx, side, posted } = self;
        for seat in cx.scope.instances() {
            side.show(seat, &mut |shown| see(cx, seat, &shown, seen));
        }
        record::show(side.records(), &cx.scope, &cx.own, &mut cx.wire, seen);
        callbacks::show(side.recorded(), posted.drain(..), &cx.own, &cx.wire, seen);
        seen.sort();
    }

    /// Of the timers of sessions that several nodes may have, those that the model tells: of one on record those of its node or, if others
    /// took it over, of the first that has one, and never of a node that is not awake; of any other those beside its link.
    fn session_timers(&mut self) -> Vec<(NodeId, ServerTimer)> {
        let mut all = Vec::new();
        self.side.each_timer(&mut |node, timer, _| all.extend(timer.session().map(|session| (node, timer, session))));
        all.retain(|(node, ..)| !self.cx.asleep.contains(node));
        let mut told: Vec<(NodeId, ServerTimer)> = Vec::new();
        for (node, timer, session) in all {
            let on_record = record::sessions(self.side.records()).find(|online| online.digest == session).cloned();
            let is_told = match on_record {
                Some(online) if self.cx.taken_over.contains(&(session, online.epoch)) => {
                    told.iter().all(|(_, other)| *other != timer)
                }
                Some(online) => online.node.and_then(|life| self.side.node_of(life)).is_some_and(|(of, _)| of == node),
                None => self.cx.wire.carries(node, session),
            };
            told.extend(is_told.then_some((node, timer)));
        }
        told
    }

    /// What the server waits for. When its timers are due is compared with what was heard last, where that is known.
    fn server_view(&mut self) -> ServerView {
        let (nodes_fail, mut view) = (self.cx.scope.nodes_fail(), ServerView::default());
        let meant = if nodes_fail { self.session_timers() } else { Vec::new() };
        let wire = &mut self.cx.wire;
        self.side.each_timer(&mut |node, timer, due| {
            if nodes_fail && timer.session().is_some() && !meant.contains(&(node, timer)) {
                return;
            }
            let (count, awaits) = match timer {
                ServerTimer::Heartbeat(link) => (&mut view.heartbeats, link.map(Awaits::FrameAtServer)),
                ServerTimer::Ask(link) => (&mut view.asks, link.map(Awaits::Ask)),
                // Nodes that took a session over wait for it from when they did.
                ServerTimer::Lapse(_) if nodes_fail => (&mut view.lapses, None),
                ServerTimer::Lapse(session) => {
                    due.into_iter().for_each(|due| wire.compare_lapse(session, due));
                    (&mut view.lapses, None)
                }
                ServerTimer::Expiry(_) => (&mut view.expiries, None),
                ServerTimer::Terms => (&mut view.changes, None),
                ServerTimer::Other => return,
            };
            *count += 1;
            awaits.zip(due).into_iter().for_each(|(awaits, due)| wire.compare_due(awaits, due));
        });
        ServerView { links: self.side.links().unwrap_or(view.heartbeats), ..view }
    }
}

/// Writes down what an instance says of itself.
fn see<S: Side>(cx: &mut Cx<S>, seat: InstanceId, shown: &Shown<'_>, seen: &mut Observation) {
    cx.wire.compare_first_sync(seat, cx.keys[usize::from(seat.0)], shown.first_sync);
    shown.heartbeat.into_iter().for_each(|due| cx.wire.compare_due(Awaits::FrameAtClient(seat), due));
    let login_user = shown.login_user.and_then(cast::account);
    if let (Some(user), None) = (shown.login_user, login_user) {
        seen.strange.push(format!("logged in as '{user}'"));
    }
    let view = &mut seen.seats[usize::from(seat.0)];
    *view = SeatView { login_user, ready: shown.ready, holds: shown.holds, links: view.links };
}

impl<S: Side> Driver for Harness<S> {
    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        if self.side.is_ticking() {
            self.cx.moment.tick();
        }
        self.cx.begin();
        let done = self.act(ask);
        self.note(done);
        self.side.settle(&mut self.cx);
        self.observe(seen);
    }
}
