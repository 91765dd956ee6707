//! Two hundred kills, one after the other, of a server whose clients log in, send, log out, are kicked and resume all the while.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sut::callback::Happened;
use sut::registry::Outbox;
use tempfile::tempdir;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::audit::{admissions_were_told, kicks_are_logged, kicks_were_told, lines, no_message_is_doubled_or_lost, told_in_order};
use super::page::{Crowd, ENOUGH, Habit, Order, Page};
use super::system::{Instance, System, administer};
use crate::receiver::{Taken, receive};
use crate::serving::PATIENCE;

/// How often the server is killed.
const KILLS: u64 = 200;

/// Every so many lives an administrator kicks an account.
const LIVES_A_REST_KICK: u64 = 4;

/// The accounts: whom each writes to, what its pages do, and how many there are. Web may have two instances online.
const CAST: [(&str, &str, Habit, usize); 5] = [
    ("ann", "bob", Habit::Stays, 2),
    ("bob", "ann", Habit::Stays, 2),
    ("cat", "ann", Habit::Returns, 3),
    ("dan", "bob", Habit::Returns, 3),
    ("eve", "ann", Habit::Leaves, 2),
];

/// Kills the server and starts it again, while everybody else goes on.
async fn killed(mut system: System) -> System {
    let back = spawn_blocking(move || {
        system.go();
        system.come_back();
        system
    });
    back.await.unwrap()
}

/// Waits until so much more is done; a server that is killed after little is killed while its clients resume.
async fn work(crowd: &Crowd, more: u64) {
    let mut progress = crowd.progress.subscribe();
    let target = *progress.borrow() + more;
    timeout(PATIENCE, progress.wait_for(|done| *done >= target)).await.expect("it goes on").unwrap();
}

/// One life after the other; the last server lives on.
async fn live(mut system: System, crowd: &Crowd, life: &watch::Sender<u64>) -> System {
    for n in 1..=KILLS {
        if n.is_multiple_of(LIVES_A_REST_KICK) {
            let address = system.address().to_owned();
            tokio::spawn(async move { administer(&address, "im_open_login_svc/kick", r#"{"UserID":"cat"}"#).await });
        }
        work(crowd, n * 7 % 16 + 1).await;
        system = killed(system).await;
        life.send_replace(n + 1);
    }
    work(crowd, 16).await;
    life.send_replace(ENOUGH);
    system
}

/// The last message to everybody who stayed: what was accepted before it was delivered before it.
async fn last_words(crowd: &Crowd, pages: &mut [Page]) {
    let herald = Instance::ready(&crowd.way, "herald").await;
    for page in pages.iter_mut().filter(|page| page.habit == Habit::Stays) {
        let id = herald.client.send_message(page.user_id.as_str(), "last").await.unwrap();
        timeout(PATIENCE, page.receives(id)).await.unwrap();
    }
}

/// What the backend was told, and behind it what the last process still owed it.
async fn all_told(taken: &Mutex<Vec<Taken>>, system: System) -> Vec<Taken> {
    let (registry, _folder) = system.remains();
    let mut taken = taken.lock().unwrap().clone();
    for user_id in registry.owed().await.unwrap() {
        while let Some(queued) = registry.oldest(&user_id).await.unwrap() {
            let id = format!("{user_id}/{}", queued.callback.id);
            if taken.iter().all(|before| before.id != id) {
                taken.push(Taken { id, place: queued.place.to_string(), body: body(&queued.callback.happened) });
            }
            registry.delivered(&user_id, &queued).await.unwrap();
        }
    }
    taken
}

/// As much of a callback's body as the books look at.
fn body(happened: &Happened) -> String {
    let (reason, kicked) = match happened {
        Happened::Register { kicked } | Happened::Readmitted { kicked } => ("Register", kicked.len()),
        Happened::Resumed => ("Register", 0),
        Happened::Unregister => ("Unregister", 0),
        Happened::LinkClose => ("LinkClose", 0),
        Happened::TimeOut => ("TimeOut", 0),
    };
    json!({ "Info": { "Reason": reason }, "KickedDevice": vec![Value::Null; kicked] }).to_string()
}

#[tokio::test]
async fn two_hundred_kills_lose_no_callback_no_message_and_no_kick() {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let hand = Arc::clone(&taken);
    let url = receive(move |callback| hand.lock().unwrap().push(callback)).await;
    let folder = tempdir().unwrap();
    let log = folder.path().join("kicks.jsonl");
    let system = System::start(&["--limit", "Web=2", "--webhook", &url, "--log", log.to_str().unwrap()]);
    let (life, lives) = watch::channel(1);
    let crowd = Crowd { way: system.way.clone(), life: lives, progress: watch::Sender::new(0), order: Order::default() };
    let cast = CAST.iter().flat_map(|(user_id, peer, habit, pages)| (0..*pages).map(|_| Page::new(&crowd, user_id, peer, *habit)));
    let out: JoinSet<Page> = cast.map(Page::lives).collect();
    let system = live(system, &crowd, &life).await;
    let mut pages = out.join_all().await;
    last_words(&crowd, &mut pages).await;
    let (taken, lines) = (all_told(&taken, system).await, lines(&fs::read_to_string(&log).unwrap()));
    for (account, ..) in CAST {
        let told = told_in_order(&taken, account);
        kicks_were_told(&told, &lines, account);
        admissions_were_told(&told, &pages, account);
    }
    kicks_are_logged(&pages, &lines);
    no_message_is_doubled_or_lost(&pages);
    let count = |of: fn(&Page) -> usize| pages.iter().map(of).sum::<usize>();
    let kicks = count(|page| page.notes.kicked.len());
    let (sent, received) = (count(|page| page.notes.sent.len()), count(|page| page.notes.received.len()));
    let (resumes, logouts) = (count(|page| page.notes.resumes), count(|page| page.notes.logouts));
    println!(
        "{KILLS} kills: {} callbacks, {kicks} kicks, {sent} messages sent, {received} received, {resumes} resumes, {logouts} logouts",
        taken.len()
    );
    let kills = usize::try_from(KILLS).unwrap();
    assert!(kicks > kills && received > kills && resumes > kills && logouts > 0, "hardly anything was done");
}
