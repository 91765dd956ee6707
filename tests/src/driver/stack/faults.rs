//! What goes wrong, done to the whole client and server: streams that end, timers that fire, a server that is killed. It knows no rule.

use model::action::{AccountId, InstanceId, Loss, Slot, Timed};
use model::observation::{End, Item};
use sut::protocol::close_code::GOING_AWAY;

use super::Stack;
use crate::cast;
use crate::driver::acts::Faults;
use crate::driver::record::sessions_of;
use crate::driver::transport::{Ending, Transport};

impl<G: Transport> Faults for Stack<G> {
    /// What was called before is not observed any more.
    fn close_page(&mut self, seat: InstanceId) {
        self.browser_closes(seat);
        self.calls.retain(|_, (whose, _)| *whose != seat);
        self.client(seat).close_page();
        self.closed_pages.push(seat);
    }

    fn wake(&mut self, seat: InstanceId) {
        match self.browser_closes(seat) {
            Some(link) => self.transport.end(link, End::Client),
            None => self.wire.is_strange("there is no link for a browser to close".to_owned()),
        }
    }

    fn open_fails(&mut self, seat: InstanceId) {
        if self.rigs[usize::from(seat.0)].door.waiting().is_none() {
            self.wire.is_strange("no link is waited for".to_owned());
        }
    }

    fn cut(&mut self, seat: InstanceId) {
        if !self.wire.cut(seat) {
            self.wire.is_strange("there is no link to cut".to_owned());
        }
    }

    fn client_loses(&mut self, seat: InstanceId, how: Loss) {
        match how {
            Loss::Heartbeat => self.fire(seat, "heartbeat"),
            Loss::Ended => match self.wire.client_loses(seat) {
                Some((link, close)) => self.end(link, End::Client, close),
                None => self.wire.is_strange("the client has no link to lose".to_owned()),
            },
        }
    }

    fn server_loses(&mut self, seat: InstanceId, slot: Slot, how: Loss) {
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

    fn reconnect(&mut self, seat: InstanceId) {
        self.fire(seat, "backoff");
        self.wire.asked_for(seat);
    }

    fn deadline(&mut self, seat: InstanceId, call: Timed) {
        self.fire(
            seat,
            match call {
                Timed::Login => "login",
                Timed::Logout => "logout",
                Timed::Send => "send",
            },
        );
    }

    fn ping(&mut self, seat: InstanceId) {
        self.fire(seat, "ping");
    }

    fn ask(&mut self, seat: InstanceId, slot: Slot) {
        let heartbeat = self.wire.id_of(seat, slot).and_then(|link| self.heartbeats.get(&link));
        match heartbeat.and_then(|name| name.strip_prefix("heartbeat ")).map(|link| format!("ask {link}")) {
            Some(timer) => self.fire_at_server(&timer),
            None => self.wire.is_strange("a link without a heartbeat timer".to_owned()),
        }
    }

    fn lapse(&mut self, seat: InstanceId, account: AccountId) {
        let armed = self.transport.timers();
        let names = self.names(seat, account, "lapse");
        match names.into_iter().find(|name| armed.contains(name)) {
            Some(name) => self.fire_at_server(&name),
            None => self.wire.is_strange("no lapse timer is armed".to_owned()),
        }
    }

    fn expire(&mut self, seat: InstanceId, account: AccountId) {
        self.moment.pass_to(cast::expired_by(self.wire.stage.issued_at));
        match self.names(seat, account, "expiry").first() {
            Some(name) => self.fire_at_server(name),
            None => self.wire.is_strange("no session is on record".to_owned()),
        }
        self.wire.stage.issued_at = self.moment.now();
    }

    fn restart(&mut self) {
        self.begin_anew(Ending::Killed);
    }

    fn stop(&mut self) {
        self.begin_anew(Ending::Stopped);
    }
}

impl<G: Transport> Stack<G> {
    /// The clock has moved: the wire and the server are told.
    pub(super) fn time_has_passed(&mut self) {
        let now = self.moment.now();
        self.wire.stage.now = now;
        let passed = self.transport.pass(now);
        self.noted(passed);
    }

    /// A browser closes a page's link with 1001, whatever its script does: the name of the link.
    fn browser_closes(&mut self, seat: InstanceId) -> Option<u64> {
        let link = self.wire.held_by_client(seat)?;
        self.wire.client_closed(link, Some(GOING_AWAY), Some(close_frame(GOING_AWAY)));
        Some(link)
    }

    /// One end of a link is told that the other is gone: by its close, or by the end of the stream.
    fn end(&mut self, link: u64, end: End, close: Option<Vec<u8>>) {
        match close {
            Some(close) => self.hand_on(link, end, &close),
            None => self.transport.end(link, end),
        }
    }

    /// Fires the timer of that kind that was armed first.
    fn fire(&mut self, seat: InstanceId, kind: &str) {
        if self.rigs[usize::from(seat.0)].clock.fire(kind) {
            self.time_has_passed();
        } else {
            self.wire.is_strange(format!("a {kind} timer that is not armed"));
        }
    }

    pub(super) fn fire_at_server(&mut self, name: &str) {
        let fired = self.transport.fire(name);
        if let Some(now) = self.noted(fired) {
            self.wire.stage.now = now;
        }
    }

    /// The names of the timers of that kind of a seat's sessions in an account, in login order.
    fn names(&mut self, seat: InstanceId, account: AccountId, kind: &str) -> Vec<String> {
        let user_id = cast::user_id(account);
        let sessions = sessions_of(self.transport.records(), seat, account, &self.wire);
        sessions.into_iter().map(|(_, session)| format!("{kind} {user_id} {:032x}", session.0)).collect()
    }

    /// The server is gone with all that it had in memory; another one begins with what is on record.
    fn begin_anew(&mut self, how: Ending) {
        self.wire.server_is_killed();
        self.heartbeats.clear();
        let restarted = self.transport.restart(how);
        self.noted(restarted);
    }

    /// What a closed page is still told is not observed.
    pub(super) fn forget_closed_pages(&mut self, told: &mut Vec<Item>) {
        let closed = std::mem::take(&mut self.closed_pages);
        told.retain(|item| !closed.contains(&item.instance()));
    }
}

/// A close as a browser writes it: masked, with a code and no reason.
fn close_frame(code: u16) -> Vec<u8> {
    const CLOSE: u8 = 0x88;
    const MASKED: u8 = 0x80;
    let [high, low] = code.to_be_bytes();
    vec![CLOSE, MASKED | 2, 0, 0, 0, 0, high, low]
}
