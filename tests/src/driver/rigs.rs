//! The instances of a replay as real clients of Rust's, on a runtime of this thread. What their links are is the transport's business.

mod rig;

use std::sync::Arc;

use model::action::{InstanceId, NodeId};
use sut::client::Client;
use sut::client::machine::{Answer, Options};
use sut::code::Refusal;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::clients::Clients;
use super::clock::{Clock, Kind, Moment};
use super::log::{Log, Told, listen};
use super::side::{Called, Done, Shown, take_seat};
use super::transport::Transport;
use crate::observation::Holds;
use rig::{Door, Rig};

/// A transport whose links have streams for an end, and which runs real clients.
pub(super) trait Streams: Transport {
    /// The client's end of a link.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// What runs the clients.
    fn runtime(&self) -> &Runtime;

    /// Opens a link to a node under a name of the driver's; the client's end of it.
    fn stream(&mut self, link: u64, node: NodeId) -> Result<Self::Stream, String>;

    /// The clients.
    fn rigs(&self) -> &Rigs<Self::Stream>;

    /// The same, to be changed.
    fn rigs_mut(&mut self) -> &mut Rigs<Self::Stream>;
}

/// One client a seat, and what their applications were told.
pub(super) struct Rigs<S> {
    seats: Vec<Rig<S>>,
    log: (Log, mpsc::UnboundedReceiver<(InstanceId, Told)>),
}

impl<S> Default for Rigs<S> {
    fn default() -> Rigs<S> {
        Rigs { seats: Vec::new(), log: mpsc::unbounded_channel() }
    }
}

impl<S> Rigs<S> {
    /// The client in a seat.
    fn of(&self, seat: InstanceId) -> &Rig<S> {
        &self.seats[usize::from(seat.0)]
    }

    /// Each seat's instance: as whom it is logged in, whether it is ready, what it holds.
    pub(super) fn shown(&self) -> Vec<(Option<String>, bool, Holds)> {
        self.seats.iter().map(|rig| (rig.client.login_user(), rig.client.is_ready(), rig.holds().0)).collect()
    }

    /// How much was told since the last look.
    pub(super) fn told(&self) -> usize {
        self.log.1.len()
    }
}

/// What a call of an application's is answered with.
async fn answer(client: Client, called: Called) -> Result<Answer, Refusal> {
    match called {
        Called::Login { user_id, user_sig } => {
            let login = client.login(user_id, user_sig).await?;
            Ok(if login.repeat_login { Answer::Repeat { error_info: login.error_info } } else { Answer::LoggedIn })
        }
        Called::Logout => client.logout().await.map(|()| Answer::Done),
        Called::Destroy => client.destroy().await.map(|()| Answer::Done),
        Called::Send { id: None, to, text } => client.send_message(to, text).await.map(|_| Answer::Sent),
        Called::Send { id: Some(id), to, text } => client.send_message_as(id, to, text).await.map(|()| Answer::Sent),
    }
}

impl<T: Streams> Clients for T {
    fn renew(&mut self, seat: InstanceId, options: Options, moment: &Moment) {
        let (door, clock) = (Door::new(), Clock::at(moment));
        let client = {
            let _entered = self.runtime().enter();
            let (client, events) = Client::builder_of(options).time(Arc::new(clock.clone())).connector(door.clone());
            tokio::spawn(listen(events, seat, self.rigs().log.0.clone()));
            client
        };
        take_seat(&mut self.rigs_mut().seats, seat, Rig { client, door, clock });
    }

    fn call(&mut self, seat: InstanceId, call: u64, called: Called) {
        let (client, log) = (self.rigs().of(seat).client.clone(), self.rigs().log.0.clone());
        self.runtime().spawn(async move {
            let outcome = answer(client, called).await;
            let _ = log.send((seat, Told::Settled { call, outcome }));
        });
    }

    fn open(&mut self, seat: InstanceId, link: u64, node: NodeId) -> Done {
        let give = self.rigs().of(seat).door.waiting().ok_or("no link is waited for")?;
        let client = self.stream(link, node)?;
        give.send(client).map_err(|_| "the link that was waited for is wanted no more".to_owned())
    }

    fn fail_to_open(&mut self, seat: InstanceId) -> Done {
        self.rigs().of(seat).door.waiting().map(drop).ok_or_else(|| "no link is waited for".to_owned())
    }

    fn close_page(&mut self, seat: InstanceId) {
        self.rigs().of(seat).client.close_page();
    }

    fn fire_at(&mut self, seat: InstanceId, timer: Kind) -> Done {
        let fired = self.rigs().of(seat).clock.fire(|armed| armed.kind == timer);
        fired.then_some(()).ok_or_else(|| format!("a {timer} timer that is not armed"))
    }

    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>)) {
        let rig = self.rigs().of(seat);
        let (login_user, first_sync) = (rig.client.login_user(), rig.client.first_sync());
        let (holds, heartbeat) = rig.holds();
        tell(Shown {
            login_user: login_user.as_deref(),
            ready: rig.client.is_ready(),
            first_sync: first_sync.as_ref(),
            holds,
            heartbeat: heartbeat.filter(|_| self.is_ticking()),
        });
    }

    fn told(&mut self) -> Option<(InstanceId, Told)> {
        self.rigs_mut().log.1.try_recv().ok()
    }
}
