//! What is seen of the whole client and server once they are idle. It moves nothing.

use model::observation::{Asked, Call, Item};
use model::scope::MAX_INSTANCES;
use smallvec::SmallVec;
use sut::client::machine::Answer;
use sut::code::Refusal;
use sut::session::SessionDigest;

use super::Stack;
use crate::cast;
use crate::driver::clock::Kind;
use crate::driver::log::Told;
use crate::driver::record;
use crate::driver::transport::Transport;
use crate::observation::{Observation, ServerView};
use crate::translation;
use crate::wire::Awaits;

impl<G: Transport> Stack<G> {
    /// The heartbeat timer that no other link has is that of the newest.
    pub(super) fn name_heartbeat(&mut self, link: u64) {
        let mut armed = Vec::new();
        self.transport.each_timer(&mut |kind, name| armed.extend((kind == Kind::Heartbeat).then(|| name.to_owned())));
        self.heartbeats.retain(|_, name| armed.contains(name));
        let fresh = armed.into_iter().find(|name| !self.heartbeats.values().any(|known| known == name));
        match fresh {
            Some(name) => drop(self.heartbeats.insert(link, name)),
            None => self.wire.is_strange("a link for which the server has armed no heartbeat timer".to_owned()),
        }
    }

    /// What the server waits for, by the names of its timers. Of its links it tells as much: each has one for its heartbeat.
    fn server_view(&self) -> ServerView {
        let mut view = ServerView::default();
        self.transport.each_timer(&mut |kind, _| match kind {
            Kind::Heartbeat => view.heartbeats += 1,
            Kind::Ask => view.asks += 1,
            Kind::Lapse => view.lapses += 1,
            Kind::Expiry => view.expiries += 1,
            Kind::Terms => view.changes += 1,
            Kind::Login | Kind::Logout | Kind::Send | Kind::Backoff | Kind::Ping | Kind::Other => {}
        });
        ServerView { links: view.heartbeats, ..view }
    }

    /// When the timers are due that depend on what was heard last, where the transport knows of them.
    fn compare_due(&mut self) {
        let mut armed = Vec::new();
        self.transport.each_due(&mut |kind, name, due| armed.push((kind, name.to_owned(), due)));
        if armed.is_empty() {
            return;
        }
        for (kind, name, due) in armed {
            match kind {
                Kind::Heartbeat => {
                    let link = self.heartbeats.iter().find(|(_, known)| **known == name).map(|(link, _)| *link);
                    link.into_iter().for_each(|link| self.wire.compare_due(Awaits::FrameAtServer(link), due));
                }
                Kind::Ask => {
                    let heartbeat = name.replacen("ask", "heartbeat", 1);
                    let link = self.heartbeats.iter().find(|(_, known)| **known == heartbeat).map(|(link, _)| *link);
                    link.into_iter().for_each(|link| self.wire.compare_due(Awaits::Ask(link), due));
                }
                Kind::Lapse => match session_in(&name) {
                    Some(session) => self.wire.compare_lapse(session, due),
                    None => self.wire.is_strange(format!("a lapse of no session: {name}")),
                },
                Kind::Login | Kind::Logout | Kind::Send | Kind::Backoff | Kind::Ping | Kind::Expiry | Kind::Terms | Kind::Other => {
                }
            }
        }
        for (seat, rig) in self.scope.instances().zip(&self.rigs) {
            rig.clock.each_due(&mut |kind, _, due| {
                if kind == Kind::Heartbeat {
                    self.wire.compare_due(Awaits::FrameAtClient(seat), due);
                }
            });
        }
    }

    fn take_log(&mut self, observation: &mut Observation) {
        let told: Vec<_> = self.log.lock().drain(..).collect();
        for (instance, told) in told {
            match told {
                Told::StreamEnded => observation.told.push(Item::StreamEnded { instance }),
                Told::Published(event) => match translation::event(&self.wire.stage.names, &event) {
                    Ok(event) => observation.told.push(Item::Published { instance, event }),
                    Err(what) => observation.strange.push(what),
                },
                Told::Settled { call, outcome } => self.settled(call, &outcome, observation),
            }
        }
    }

    fn settled(&mut self, id: u64, outcome: &Result<Answer, Refusal>, observation: &mut Observation) {
        let asked = if id > self.now { Asked::Now } else { Asked::Earlier };
        let Some((instance, call)) = self.calls.remove(&id) else { return };
        let call = if let (Call::Send(_), Asked::Now) = (call, asked) { Call::Send(None) } else { call };
        match translation::outcome(outcome) {
            Ok(outcome) => observation.told.push(Item::Settled { instance, call, asked, outcome }),
            Err(what) => observation.strange.push(what),
        }
    }

    pub(super) fn observe(&mut self, observation: &mut Observation) {
        observation.begin(&self.scope);
        self.compare_due();
        observation.server = self.server_view();
        self.take_log(observation);
        self.forget_closed_pages(&mut observation.told);
        for (seat, rig) in self.scope.instances().zip(&self.rigs) {
            self.wire.compare_first_sync(seat, rig.key, rig.client.first_sync().as_ref());
        }
        let own: SmallVec<[_; MAX_INSTANCES]> = self.rigs.iter().map(|rig| rig.instance).collect();
        record::show(self.transport.records(), &self.scope, &own, &mut self.wire, observation);
        self.take_callbacks(&own, observation);
        for (rig, view) in self.rigs.iter().zip(observation.seats.iter_mut()) {
            match rig.client.login_user().map(|user| (cast::account(&user), user)) {
                Some((None, user)) => observation.strange.push(format!("logged in as '{user}'")),
                Some((account, _)) => view.login_user = account,
                None => view.login_user = None,
            }
            view.ready = rig.client.is_ready();
            view.holds = rig.holds();
        }
        observation.sort();
    }
}

/// The session that the name of a timer ends with.
fn session_in(name: &str) -> Option<SessionDigest> {
    let (_, digest) = name.rsplit_once(' ')?;
    u128::from_str_radix(digest, 16).ok().map(SessionDigest)
}
