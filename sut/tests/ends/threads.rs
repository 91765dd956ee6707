//! An application on another thread than its instance: what it hears, the instance already says of itself (LOGIN-2, LOGOUT-1).

use std::sync::mpsc;
use std::thread;

use sut::client::{Client, Event, Events};
use sut::session::Platform;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::system::{System, sig};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// An instance that runs with its server on a thread of its own until the sender is dropped.
fn elsewhere() -> (Client, Events, oneshot::Sender<()>) {
    let (tell, told) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        block_on(async move {
            let (client, events) = System::new().instance(Platform::Web);
            tell.send((client, events)).unwrap();
            let _ = stopped.await;
        });
    });
    let (client, events) = told.recv().unwrap();
    (client, events, stop)
}

#[test]
fn what_an_application_hears_its_instance_says_of_itself_on_any_thread() {
    let (client, mut events, _stop) = elsewhere();
    block_on(async move {
        for round in 0..500 {
            client.login("alice", sig("alice")).await.unwrap();
            assert_eq!(client.login_user().as_deref(), Some("alice"), "round {round}");
            assert_eq!(events.next().await, Some(Event::SdkReady));
            assert!(client.is_ready() && client.first_sync().is_some(), "round {round}");
            client.logout().await.unwrap();
            assert!(client.login_user().is_none() && !client.is_ready(), "round {round}");
            assert_eq!(events.next().await, Some(Event::SdkNotReady));
        }
    });
}
