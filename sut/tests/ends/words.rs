//! An application on a thread of its own never hears what the instance does not show yet: at the very moment at which an answer or an
//! event comes, the status says what it says. The instance stands still meanwhile, so nothing depends on which thread is quicker.

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use sut::client::{Client, Event, Events, Resources};
use sut::planted::Unreplayed;
use sut::session::Platform;
use tokio::sync::oneshot;

use super::system::{System, sig};

/// Halts whoever wakes the application until the application has looked.
struct Halts {
    woken: mpsc::Sender<()>,
    looked: Mutex<mpsc::Receiver<()>>,
}

impl Wake for Halts {
    fn wake(self: Arc<Self>) {
        if self.woken.send(()).is_ok() {
            let _ = self.looked.lock().unwrap().recv();
        }
    }
}

/// Waits for what a future gives, and looks at the moment at which it is there.
fn look_at<T, L>(future: impl Future<Output = T>, look: impl Fn() -> L) -> (T, L) {
    let ((woken, wakes), (looked, looks)) = (mpsc::channel(), mpsc::channel());
    let waker = Waker::from(Arc::new(Halts { woken, looked: Mutex::new(looks) }));
    let (mut future, mut is_woken) = (pin!(future), false);
    loop {
        if let Poll::Ready(heard) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return (heard, look());
        }
        if is_woken {
            let _ = looked.send(());
        }
        wakes.recv().expect("something wakes it");
        is_woken = true;
    }
}

/// What an instance shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    login_user: Option<String>,
    is_ready: bool,
    resources: Resources,
}

fn shown(client: &Client) -> Shown {
    Shown { login_user: client.login_user(), is_ready: client.is_ready(), resources: client.resources() }
}

/// What an event says that an instance shows from then on.
fn is_true(event: Option<&Event>, shown: &Shown) -> bool {
    match event {
        Some(Event::SdkReady) => shown.is_ready && shown.login_user.is_some(),
        Some(Event::SdkNotReady | Event::KickedOut { .. }) => !shown.is_ready && shown.login_user.is_none(),
        Some(Event::MessageReceived { .. } | Event::MessagesLost | Event::NetStateChange(_)) => true,
        None => shown.resources == Resources::default(),
    }
}

/// A server and two instances on a thread of theirs, with that bug; they end when the sender is dropped.
fn elsewhere(bug: Option<Unreplayed>) -> ([(Client, Events); 2], oneshot::Sender<()>) {
    let (give, given) = mpsc::channel();
    let (end, ended) = oneshot::channel::<()>();
    thread::spawn(move || {
        plant(bug);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async move {
            let system = System::new();
            give.send([(); 2].map(|()| system.instance(Platform::Android))).unwrap();
            let _ = ended.await;
        });
    });
    (given.recv().unwrap(), end)
}

#[cfg(debug_assertions)]
fn plant(bug: Option<Unreplayed>) {
    sut::planted::plant_unreplayed(bug);
}

#[cfg(not(debug_assertions))]
fn plant(_bug: Option<Unreplayed>) {}

/// Reads events to their end on a thread of their own, hands them on, and says which came while the instance did not show what they say.
fn read(client: Client, mut events: Events) -> (mpsc::Receiver<Event>, thread::JoinHandle<Vec<String>>) {
    let (hear, heard) = mpsc::channel();
    let reading = thread::spawn(move || {
        let mut wrong = Vec::new();
        loop {
            let (event, shown) = look_at(events.next(), || shown(&client));
            if !is_true(event.as_ref(), &shown) {
                wrong.push(format!("{event:?} while it shows {shown:?}"));
            }
            match event {
                Some(event) => drop(hear.send(event)),
                None => return wrong,
            }
        }
    });
    (heard, reading)
}

/// Logs in: what is wrong with what the instance shows at the answer.
fn login(client: &Client, name: &str) -> Option<String> {
    let (answer, login_user) = look_at(client.login("alice", sig("alice")), || client.login_user());
    let is_wrong = answer.is_err() || login_user.is_none();
    is_wrong.then(|| format!("{name}: {answer:?} while it shows {login_user:?}"))
}

/// Waits until an event was heard and looked at: an application that hears it late would rightly see what came after it.
fn wait_for(heard: &mpsc::Receiver<Event>, is_it: fn(&Event) -> bool) {
    assert!(heard.iter().any(|event| is_it(&event)), "the event is told");
}

/// An instance logs in, is kicked by another one, logs in and out, and is destroyed: what it says while it shows something else.
fn wrong(bug: Option<Unreplayed>) -> Vec<String> {
    let ([(client, events), (other, _others)], _end) = elsewhere(bug);
    let (heard, reading) = read(client.clone(), events);
    let mut wrong: Vec<_> = login(&client, "first").into_iter().collect();
    wait_for(&heard, |event| matches!(event, Event::SdkReady));
    wrong.extend(login(&other, "other"));
    wait_for(&heard, |event| matches!(event, Event::KickedOut { .. }));
    wrong.extend(login(&client, "again"));
    wait_for(&heard, |event| matches!(event, Event::SdkReady));
    let (_, shows) = look_at(client.logout(), || shown(&client));
    wrong.extend((shows.login_user.is_some() || shows.is_ready).then(|| format!("logged out while it shows {shows:?}")));
    let (_, shows) = look_at(client.destroy(), || shown(&client));
    wrong.extend((shows.resources != Resources::default()).then(|| format!("destroyed while it shows {shows:?}")));
    wrong.extend(reading.join().unwrap());
    wrong
}

#[test]
fn an_application_on_another_thread_never_hears_what_the_instance_does_not_show() {
    assert_eq!(wrong(None), Vec::<String>::new());
}

#[cfg(debug_assertions)]
mod planted {
    use super::*;

    /// Whether it is seen; a thread that is held up for long may look too late once, and hardly again.
    fn shows(bug: Unreplayed, words: &str) -> bool {
        (0..5).any(|_| wrong(Some(bug)).iter().any(|wrong| wrong.contains(words)))
    }

    #[test]
    fn an_event_that_is_told_before_the_status_is_seen() {
        assert!(shows(
            Unreplayed::Login2StatusLast,
            "SdkReady) while it shows Shown { login_user: Some(\"alice\"), is_ready: false"
        ));
    }

    #[test]
    fn an_answer_that_is_told_before_the_status_is_seen() {
        assert!(shows(
            Unreplayed::Login1StatusLast,
            "first: Ok(Login { repeat_login: false, error_info: \"\" }) while it shows None"
        ));
    }
}
