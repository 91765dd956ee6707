//! What goes wrong, done to the whole client and server: streams that end, timers that fire, a server that is killed. It knows no rule.

use model::action::{AccountId, InstanceId, Loss, Slot, Timed};
use model::observation::{End, Item};

use super::Stack;
use crate::cast;
use crate::driver::ground::Ground;
use crate::driver::record::sessions_of;

impl<G: Ground> Stack<G> {
    /// The clock has moved: the wire and the server are told.
    pub(super) fn time_has_passed(&mut self) {
        let now = self.moment.now();
        self.wire.stage.now = now;
        let passed = self.ground.pass(now);
        self.noted(passed);
    }

    /// What was called before is not observed any more.
    pub(super) fn close_page(&mut self, seat: InstanceId) {
        self.calls.retain(|_, (whose, _)| *whose != seat);
        self.client(seat).close_page();
        self.closed_pages.push(seat);
    }

    pub(super) fn open_fails(&mut self, seat: InstanceId) {
        if self.rigs[usize::from(seat.0)].door.waiting().is_none() {
            self.wire.is_strange("no link is waited for".to_owned());
        }
    }

    pub(super) fn cut(&mut self, seat: InstanceId) {
        if !self.wire.cut(seat) {
            self.wire.is_strange("there is no link to cut".to_owned());
        }
    }

    pub(super) fn client_loses(&mut self, seat: InstanceId, how: Loss) {
        match how {
            Loss::Heartbeat => self.fire(seat, "heartbeat"),
            Loss::Ended => match self.wire.client_loses(seat) {
                Some((link, close)) => self.end(link, End::Client, close),
                None => self.wire.is_strange("the client has no link to lose".to_owned()),
            },
        }
    }

    pub(super) fn server_loses(&mut self, seat: InstanceId, slot: Slot, how: Loss) {
        match how {
            Loss::Heartbeat => match self.wire.id_of(seat, slot).and_then(|link| self.heartbeats.get(&link).cloned()) {
                Some(timer) => self.fire_at_server(&timer),
                None => self.wire.is_strange("a link without a heartbeat timer".to_owned()),
            },
            Loss::Ended => match self.wire.server_loses(seat, slot) {
                Some((link, close)) => self.end(link, End::Server, close),
                None => self.wire.is_strange("the server has no link to lose".to_owned()),
            },
        }
    }

    /// One end of a link is told that the other is gone: by its close, or by the end of the stream.
    fn end(&mut self, link: u64, end: End, close: Option<Vec<u8>>) {
        match close {
            Some(close) => self.hand_on(link, end, &close),
            None => self.ground.end(link, end),
        }
    }

    /// The backoff is over, and a link is asked for.
    pub(super) fn reconnect(&mut self, seat: InstanceId) {
        self.fire(seat, "backoff");
        self.wire.asked_for(seat);
    }

    pub(super) fn deadline(&mut self, seat: InstanceId, call: Timed) {
        self.fire(
            seat,
            match call {
                Timed::Login => "login",
                Timed::Logout => "logout",
                Timed::Send => "send",
            },
        );
    }

    /// Fires the timer of that kind that was armed first.
    pub(super) fn fire(&mut self, seat: InstanceId, kind: &str) {
        if self.rigs[usize::from(seat.0)].clock.fire(kind) {
            self.time_has_passed();
        } else {
            self.wire.is_strange(format!("a {kind} timer that is not armed"));
        }
    }

    pub(super) fn fire_at_server(&mut self, name: &str) {
        let fired = self.ground.fire(name);
        if let Some(now) = self.noted(fired) {
            self.wire.stage.now = now;
        }
    }

    /// The lapse timer of the seat's session that is the first in the account with its link down.
    pub(super) fn lapse(&mut self, seat: InstanceId, account: AccountId) {
        let armed = self.ground.timers();
        let names = self.names(seat, account, "lapse");
        match names.into_iter().find(|name| armed.contains(name)) {
            Some(name) => self.fire_at_server(&name),
            None => self.wire.is_strange("no lapse timer is armed".to_owned()),
        }
    }

    /// The timer for the UserSig of the seat's session that is the first in the account; it may come late, so that every UserSig made
    /// until then is expired.
    pub(super) fn expire(&mut self, seat: InstanceId, account: AccountId) {
        self.moment.pass_to(cast::expired_by(self.wire.stage.issued_at));
        match self.names(seat, account, "expiry").first() {
            Some(name) => self.fire_at_server(name),
            None => self.wire.is_strange("no session is on record".to_owned()),
        }
        self.wire.stage.issued_at = self.moment.now();
    }

    /// The names of the timers of that kind of a seat's sessions in an account, in login order.
    fn names(&mut self, seat: InstanceId, account: AccountId, kind: &str) -> Vec<String> {
        let user_id = cast::user_id(account);
        let sessions = sessions_of(self.ground.records(), seat, account, &self.wire);
        sessions.into_iter().map(|(_, secret)| format!("{kind} {user_id} {:032x}", secret.0)).collect()
    }

    /// The server is gone with all that it had in memory; another one begins with what is on record.
    pub(super) fn restart(&mut self) {
        self.wire.server_is_killed();
        self.heartbeats.clear();
        let restarted = self.ground.restart();
        self.noted(restarted);
    }

    /// What a closed page is still told is not observed.
    pub(super) fn forget_closed_pages(&mut self, told: &mut Vec<Item>) {
        let closed = std::mem::take(&mut self.closed_pages);
        told.retain(|item| !closed.contains(&item.instance()));
    }
}
