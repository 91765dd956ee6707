//! A concurrency soak that writes journals: a real server and many real clients on threads of their own, over TCP, who log in and out, are
//! kicked, lose their links and are kicked by an administrator, at random by a seed. It judges nothing: [`crate::validate`] does.
//!
//! It keeps to what the model holds: nobody sends a message, an instance owes few logouts, and it opens a link once what it cut before has been
//! noticed by the server and no more than one that it closed itself has not.

mod flaky_connector;
pub mod nodes;
mod page;
mod time;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rand::SeedableRng;
use rand::rngs::StdRng;
use sut::config::{App, Bounds, Buffers, Classes, Limits, Policy};
use sut::journal::Journal;
use sut::server::Server;
use sut::session::Platform;
use sut::usersig::DEFAULT_AHEAD_S;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use page::{Administrator, Page};
use time::FastTime;

const SDK_APP_ID: u64 = 1_400_000_001;
const KEY: &str = "the key of the soaked app";
const ADMINISTRATOR: &str = "administrator";

/// How many Web instances of an account may be online.
const WEB_LIMIT: u8 = 3;

/// What is soaked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the pages' choices follow from; the order of threads does not.
    pub seed: u64,
    /// How many accounts there are.
    pub accounts: usize,
    /// How many pages an account has open at a time.
    pub pages: usize,
    /// On how many threads the clients run.
    pub threads: usize,
    /// After how many lines it ends.
    pub events: u64,
    /// Under which policy the server lets in.
    pub policy: Policy,
    /// Where the journals are written.
    pub folder: PathBuf,
}

impl Plan {
    /// The journals that it leaves.
    pub fn journals(&self) -> [PathBuf; 2] {
        ["server.jsonl", "clients.jsonl"].map(|name| self.folder.join(name))
    }
}

/// A place whose lines are counted, and why the first that is missing is.
struct Counted {
    file: BufWriter<Box<dyn Write + Send>>,
    lines: Arc<AtomicU64>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Counted {
    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failure.lock().expect("nothing panics while it holds the lock").get_or_insert(error);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let flushed = self.file.flush();
        self.note(flushed);
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.lines.fetch_add(lines as u64, Ordering::Relaxed);
        let written = self.file.write_all(bytes);
        self.note(written);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What the pages share.
#[derive(Clone)]
struct Crowd {
    address: String,
    journal: Journal,
    enough: Arc<AtomicBool>,
    lines: Arc<AtomicU64>,
    events: u64,
}

impl Crowd {
    /// Whether the soak is over.
    fn is_enough(&self) -> bool {
        let enough = self.lines.load(Ordering::Relaxed) >= self.events;
        self.enough.fetch_or(enough, Ordering::Relaxed) || enough
    }
}

/// Soaks until there are enough lines; how many there are.
///
/// # Errors
/// If a journal is there already or cannot be written, or nobody can listen on loopback.
pub fn soak(plan: &Plan) -> io::Result<u64> {
    let [server, clients] = plan.journals();
    let place = |path: &Path| File::create_new(path).map(|file| Box::new(file) as Box<dyn Write + Send>);
    soak_into(plan, [place(&server)?, place(&clients)?])
}

/// The same, with the journals of the server and the clients written there, whatever the plan says.
///
/// # Errors
/// If a journal cannot be written, or nobody can listen on loopback.
pub fn soak_into(plan: &Plan, places: [Box<dyn Write + Send>; 2]) -> io::Result<u64> {
    let (lines, failure) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(None)));
    let [server, clients] = places.map(|place| {
        let file = BufWriter::with_capacity(1 << 16, place);
        Journal::new(Counted { file, lines: Arc::clone(&lines), failure: Arc::clone(&failure) })
    });
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    let (stop, stopped) = oneshot::channel();
    let app = app(plan.policy);
    let serving = thread::spawn(move || serve(listener, app, server, stopped));
    let crowd = Crowd { address, journal: clients, enough: Arc::default(), lines: Arc::clone(&lines), events: plan.events };
    let threads: Vec<_> = (0..plan.threads).map(|number| spawn_pages(plan, number, crowd.clone())).collect();
    drop(crowd);
    threads.into_iter().for_each(|pages| pages.join().expect("no page panics"));
    drop(stop);
    serving.join().expect("the server does not panic")?;
    let failure = failure.lock().expect("nothing panics while it holds the lock").take();
    failure.map_or(Ok(lines.load(Ordering::Relaxed)), Err)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the operating system gives a runtime")
}

fn app(policy: Policy) -> App {
    App {
        sdk_app_id: SDK_APP_ID,
        secret_key: KEY.into(),
        policy,
        limits: Limits::default().with(Platform::Web, WEB_LIMIT).expect("the limit is in its range"),
        administrators: vec![ADMINISTRATOR.to_owned()],
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: DEFAULT_AHEAD_S,
    }
}

/// Serves whoever connects until it is stopped. Nobody is told where a connection comes from, so that refusals are not counted.
fn serve(listener: std::net::TcpListener, app: App, journal: Journal, mut stopped: oneshot::Receiver<()>) -> io::Result<()> {
    runtime().block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let server = Server::builder(app).time(Arc::new(FastTime)).journal(journal).start();
        loop {
            tokio::select! {
                biased;
                _ = &mut stopped => return Ok(()),
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    stream.set_nodelay(true)?;
                    tokio::spawn(server.serve(stream));
                }
            }
        }
    })
}

/// Pages, and of eight instances two of other kinds, which share a class; of kinds of one's own one after the other.
fn platform(policy: &Policy, page: usize) -> Platform {
    if let Classes::Own(_) = policy.classes {
        let own = policy.classes.platforms();
        return own[page % own.len()];
    }
    match page % 8 {
        6 => Platform::IPhone,
        7 => Platform::Windows,
        _ => Platform::Web,
    }
}

/// One of the streams of choices that follow from a seed.
fn stream(seed: u64, number: u64) -> StdRng {
    StdRng::seed_from_u64(seed.rotate_left(32) ^ number)
}

/// A share of every account's pages on a thread of their own, and on the first the administrator.
fn spawn_pages(plan: &Plan, number: usize, crowd: Crowd) -> thread::JoinHandle<()> {
    let all = (0..plan.accounts).flat_map(|account| (0..plan.pages).map(move |page| (account, page)));
    let mine: Vec<_> = all.filter(|(_, page)| page % plan.threads == number).collect();
    let (seed, accounts, policy) = (plan.seed, plan.accounts, plan.policy);
    thread::spawn(move || {
        runtime().block_on(async move {
            let mut tasks = JoinSet::new();
            if number == 0 {
                tasks.spawn(Administrator::new(&crowd, accounts, stream(seed, u64::MAX)).lives());
            }
            for (account, page) in mine {
                let random = stream(seed, (account * 1000 + page) as u64);
                tasks.spawn(Page::new(&crowd, account, platform(&policy, page), random).lives());
            }
            drop(crowd);
            while let Some(ended) = tasks.join_next().await {
                ended.expect("no page panics");
            }
        });
    })
}
