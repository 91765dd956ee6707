//! A road to the server that a test closes, opens and cuts.

use std::io;
use std::sync::{Arc, Mutex};

use sut::client::{Client, Connect, Event, Events};
use sut::session::Platform;
use tokio::io::{DuplexStream, copy_bidirectional};
use tokio::sync::watch;

use super::system::{System, instance, sig};

/// What a road does with what is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It carries.
    Open,
    /// It is cut, and nothing can be put on it.
    Cut,
    /// It takes everything and carries nothing; new streams neither.
    Silent,
}

/// The way from one instance to a server, which may be changed.
#[derive(Clone)]
pub(crate) struct Road {
    to: Arc<Mutex<System>>,
    state: Arc<watch::Sender<State>>,
}

impl Connect for Road {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        if *self.state.borrow() == State::Cut {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (near, far) = tokio::io::duplex(4096);
        let server = self.to.lock().unwrap().stream();
        tokio::spawn(carry(far, server, self.state.subscribe()));
        Ok(near)
    }
}

async fn carry(mut client: DuplexStream, mut server: DuplexStream, mut state: watch::Receiver<State>) {
    loop {
        let now = *state.borrow_and_update();
        match now {
            State::Cut => return,
            State::Silent => state.changed().await.unwrap(),
            State::Open => tokio::select! {
                biased;
                changed = state.changed() => changed.unwrap(),
                _ = copy_bidirectional(&mut client, &mut server) => return,
            },
        }
    }
}

impl Road {
    pub(crate) fn to(system: &System) -> Road {
        Road { to: Arc::new(Mutex::new(system.clone())), state: Arc::new(watch::Sender::new(State::Open)) }
    }

    pub(crate) fn turn(&self, state: State) {
        self.state.send_replace(state);
    }

    /// New streams lead to that server.
    pub(crate) fn lead_to(&self, system: &System) {
        *self.to.lock().unwrap() = system.clone();
    }

    /// An instance at its end that has published `SDK_READY`.
    pub(crate) async fn ready(&self, platform: Platform, user_id: &str) -> (Client, Events) {
        let (client, mut events) = instance(platform, self.clone());
        client.login(user_id, sig(user_id)).await.unwrap();
        assert_eq!(events.next().await, Some(Event::SdkReady));
        (client, events)
    }
}
