//! What goes wrong, done to the machines: links that break, timers that fire, a server that is killed. It knows no rule.

use std::sync::Arc;

use futures_util::FutureExt;
use model::action::{AccountId, InstanceId, Loss, Slot, Timed};
use sut::client::machine as client;
use sut::config::{Changing, DEFAULT_PERIOD};
use sut::protocol::close_code::GOING_AWAY;
use sut::registry::Registry;
use sut::server::machine as server;
use sut::session::{Epoch, Record};
use sut::timers::UnixMillis;

use super::{Machines, Moves, Node, close};
use crate::cast;
use crate::driver::acts::Faults;
use crate::driver::record::{noted_of, sessions_of};

impl Faults for Machines {
    fn close_page(&mut self, seat: InstanceId) {
        self.browser_closes(seat);
        self.rig(seat).opening = None;
        self.input(seat, client::Input::PageClosed);
        self.rig(seat).alive = false;
        self.told.retain(|item| item.instance() != seat);
    }

    fn wake(&mut self, seat: InstanceId) {
        match self.browser_closes(seat) {
            Some(epoch) => self.input(seat, client::Input::LinkDown { epoch, close: None }),
            None => self.wire.is_strange("there is no link for a browser to close".to_owned()),
        }
    }

    fn open_fails(&mut self, seat: InstanceId) {
        match self.rig(seat).opening.take() {
            Some(epoch) => self.input(seat, client::Input::LinkDown { epoch, close: None }),
            None => self.wire.is_strange("no link is waited for".to_owned()),
        }
    }

    fn cut(&mut self, seat: InstanceId) {
        if !self.wire.cut(seat) {
            self.wire.is_strange("there is no link to cut".to_owned());
        }
    }

    fn client_loses(&mut self, seat: InstanceId, how: Loss) {
        match how {
            Loss::Heartbeat => self.fire(seat, |timer| timer == client::Timer::Heartbeat),
            Loss::Ended => {
                let lost = self.wire.client_loses(seat);
                let lost = lost.and_then(|(link, close)| Some((self.rig(seat).epoch(link)?, close)));
                let Some((epoch, close)) = lost else {
                    return self.wire.is_strange("the client has no link to lose".to_owned());
                };
                self.rig(seat).links.retain(|(known, _)| *known != epoch);
                self.input(seat, client::Input::LinkDown { epoch, close: close.and_then(Moves::close) });
            }
        }
    }

    fn server_loses(&mut self, seat: InstanceId, slot: Slot, how: Loss) {
        match how {
            Loss::Heartbeat => {
                let link = self.wire.id_of(seat, slot).map(server::LinkId);
                self.fire_at_server(link.map(server::Timer::Heartbeat));
            }
            Loss::Ended => {
                let Some((link, close)) = self.wire.server_loses(seat, slot) else {
                    return self.wire.is_strange("the server has no link to lose".to_owned());
                };
                let close = close.and_then(Moves::close).map(|close| close.code);
                self.at_server(server::Input::LinkDown { link: server::LinkId(link), close });
            }
        }
    }

    fn reconnect(&mut self, seat: InstanceId) {
        self.fire(seat, |timer| timer == client::Timer::Backoff);
        self.wire.asked_for(seat);
    }

    fn deadline(&mut self, seat: InstanceId, call: Timed) {
        self.fire(seat, |timer| match call {
            Timed::Login => timer == client::Timer::Login,
            Timed::Logout => timer == client::Timer::Logout,
            Timed::Send => matches!(timer, client::Timer::Send(_)),
        });
    }

    fn ping(&mut self, seat: InstanceId) {
        self.fire(seat, |timer| timer == client::Timer::Ping);
    }

    fn ask(&mut self, seat: InstanceId, slot: Slot) {
        let link = self.wire.id_of(seat, slot).map(server::LinkId);
        self.fire_at_server(link.map(server::Timer::Ask));
    }

    fn lapse(&mut self, seat: InstanceId, account: AccountId) {
        let user_id: Arc<str> = cast::user_id(account).into();
        let sessions = sessions_of(self.records.read(), seat, account, &self.wire);
        let timers = sessions.into_iter().map(|(key, digest)| server::Timer::Lapse { user_id: user_id.clone(), key, digest });
        let armed = timers.into_iter().find(|timer| self.node.has(timer));
        self.fire_at_server(armed);
    }

    fn expire(&mut self, seat: InstanceId, account: AccountId) {
        let user_id = cast::user_id(account).into();
        let sessions = sessions_of(self.records.read(), seat, account, &self.wire);
        let first = sessions.first().map(|&(key, digest)| server::Timer::Expiry { user_id, key, digest });
        self.pass_to(cast::expired_by(self.wire.stage.issued_at));
        self.fire_at_server(first);
        self.issue_anew();
    }

    fn restart(&mut self) {
        self.wire.server_is_killed();
        let mut app = self.cast.app.clone();
        app.adopt(self.changing.newest());
        self.changing = Changing::new(app.terms(), DEFAULT_PERIOD);
        self.node = Node::new(app);
        let note = self.records.take_stop();
        for (account, record) in self.records.read().to_vec() {
            let (user_id, record) = (cast::user_id(account).to_owned(), Record::clone(&record));
            let owed_nothing = noted_of(&note, &user_id);
            self.at_server(server::Input::Restored { user_id, record, owed_nothing });
        }
    }

    fn stop(&mut self) {
        let noted = self.records.registry().note_stop(self.node.owed_nothing()).now_or_never();
        drop(noted.expect("memory is ready at once"));
        self.restart();
    }
}

impl Machines {
    /// Time moves to the moment at which a timer is due; a late one finds it moved already.
    pub(super) fn pass_to(&mut self, due: UnixMillis) {
        self.moment.pass_to(due);
        self.wire.stage.now = self.moment.now();
    }

    /// Good UserSigs are issued now.
    pub(super) fn issue_anew(&mut self) {
        (self.wire.stage.now, self.wire.stage.issued_at) = (self.moment.now(), self.moment.now());
    }

    /// A browser closes a page's link with 1001, whatever its script does: the number of the link.
    fn browser_closes(&mut self, seat: InstanceId) -> Option<Epoch> {
        let link = self.wire.held_by_client(seat)?;
        let epoch = self.rig(seat).epoch(link)?;
        self.rig(seat).links.retain(|(known, _)| *known != epoch);
        self.wire.client_closed(link, Some(GOING_AWAY), Some(close(GOING_AWAY, String::new())));
        Some(epoch)
    }

    /// Fires the timer that was armed first of those meant.
    fn fire(&mut self, seat: InstanceId, is_it: impl Fn(client::Timer) -> bool) {
        let Some((timer, due)) = self.rig(seat).take_timer(is_it) else {
            return self.wire.is_strange("a timer that is not armed".to_owned());
        };
        self.pass_to(due);
        self.input(seat, client::Input::Timer(timer));
    }

    fn fire_at_server(&mut self, timer: Option<server::Timer>) {
        let armed = timer.and_then(|timer| Some((self.node.take_timer(&timer)?, timer)));
        let Some((due, timer)) = armed else {
            return self.wire.is_strange("a timer of the server that is not armed".to_owned());
        };
        self.pass_to(due);
        self.at_server(server::Input::Timer(timer));
    }
}

impl<F> Moves<F> {
    /// What it says, if it is a close.
    fn close(self) -> Option<client::PeerClose> {
        if let Moves::Close(close) = self { Some(close) } else { None }
    }
}
