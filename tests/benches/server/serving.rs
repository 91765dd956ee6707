//! The server as a process of this bench: the library's, set up as `kickproof serve` sets it up. It says where it listens, then answers a
//! line with a line until its standard input ends. Without bounds it is asked for as much as it can do.

use std::fmt;
use std::future::pending;
use std::io::{self, BufRead};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use sut::config::{App, Bounds, DEFAULT_PERIOD, Settings};
use sut::registry::durable::{Disk, Durable};
use sut::registry::memory::Memory;
use sut::registry::redis::Redis;
use sut::registry::{Registry, TermsStore};
use sut::server::{POLL, Server};
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use sut::webhook::Unheard;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::Instant;

use super::account::{APP, KEY, name};
use super::load::block_on;
use super::process::number;

/// The first word of a server in memory.
pub(crate) const MEMORY: &str = "serve-memory";

/// The first word of a server in memory that is held to the bounds of a configuration that states none, as an operator's is.
pub(crate) const BOUNDED: &str = "serve-bounded";

/// The first word of a server with a data folder: which, and by how many milliseconds each sync is made longer.
pub(crate) const DATA: &str = "serve-data";

/// The first word of a server with a data folder, of which all sessions that it finds on record lapse at one moment.
pub(crate) const LAPSING: &str = "serve-lapsing";

/// The first word of a node among others: at which Redis server.
pub(crate) const NODE: &str = "serve-node";

/// Asks for the syncs and for the bytes that the disk was told to write.
pub(crate) const DISK: &str = "disk";

/// Is answered at the moment at which they lapse.
pub(crate) const LAPSE: &str = "lapse";

/// Asks how many of the [`SAMPLES`] have no session any more.
pub(crate) const LAPSED: &str = "lapsed";

/// How many of the accounts are looked at, spread over all of them.
pub(crate) const SAMPLES: usize = 500;

/// How long that is from the start on: enough for all to be taken in, and for a look at how the server idles.
const UNTIL_THEN: Duration = Duration::from_secs(12);

pub(crate) fn in_memory(bounds: Bounds) {
    block_on(serve(bounds, Arc::new(Memory::default()), Arc::new(SystemTime), |_| String::new()));
}

pub(crate) fn node(url: &str) {
    block_on(async {
        let url = url.parse().expect("it says where a server is");
        let registry = Arc::new(Redis::open(&url, APP).await.expect("the server can be used"));
        let (server, backlog) = start(Bounds::NONE, &registry, Arc::new(SystemTime));
        server.join(registry, None, POLL, None).await.expect("the server can be used");
        listen_to_its_end(&server, backlog, |_| String::new()).await;
    });
}

pub(crate) fn on_disk(folder: &Path, more_ms: &str) {
    let disk = Arc::new(Disk::slower_by(Duration::from_millis(number(more_ms))));
    let registry = Durable::open_on(Arc::clone(&disk), folder, APP).expect("the folder can be used");
    let answer = move |_: &str| format!("{} {}", disk.syncs(), disk.written());
    block_on(serve(Bounds::NONE, Arc::new(registry), Arc::new(SystemTime), answer));
}

pub(crate) fn lapsing(folder: &Path) {
    let registry = Arc::new(Durable::open(folder, APP).expect("the folder can be used"));
    let accounts = registry.accounts().now_or_never().expect("it is read at once").expect("it can be read").len();
    let (moment, looked_at) = (Instant::now() + UNTIL_THEN, Arc::clone(&registry));
    let answer = move |question: &str| match question {
        LAPSE => wait_until(moment),
        LAPSED => lapsed(&looked_at, accounts).to_string(),
        other => panic!("nobody asks {other:?}"),
    };
    block_on(serve(Bounds::NONE, registry, Arc::new(Together(moment)), answer));
}

async fn serve<R: Registry + TermsStore>(
    bounds: Bounds,
    registry: Arc<R>,
    time: Arc<dyn Time>,
    answer: impl Fn(&str) -> String + Send + 'static,
) {
    let (server, backlog) = start(bounds, &registry, time);
    server.restore_all(&*registry).await.expect("the registry can be read");
    listen_to_its_end(&server, backlog, answer).await;
}

/// A server that serves nobody yet, and how many connections may wait.
fn start<R: Registry + TermsStore>(bounds: Bounds, registry: &Arc<R>, time: Arc<dyn Time>) -> (Server, u32) {
    let (stored, terms) = (Unheard(Arc::clone(registry)), Arc::clone(registry));
    let Settings { app, front, .. } = settings();
    let builder = Server::builder(App { bounds, ..app }).registry(stored).time(time).terms(terms, DEFAULT_PERIOD);
    (builder.start(), front.backlog)
}

async fn listen_to_its_end(server: &Server, backlog: u32, answer: impl Fn(&str) -> String + Send + 'static) {
    let listener = listen(backlog);
    thread::spawn(move || answer_all(answer));
    server.listen(listener, pending()).await;
}

fn settings() -> Settings {
    Settings::from_toml(&format!("sdk_app_id = {APP}\nsecret_key = \"{KEY}\"\n")).expect("it is enough")
}

/// Says where it listens. So many connections may wait until they are accepted.
pub(crate) fn listen(backlog: u32) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("there is a free port");
    let listener = socket.listen(backlog).expect("it can be listened to");
    println!("{}", listener.local_addr().expect("it is bound"));
    listener
}

/// The process ends with its standard input.
fn answer_all(answer: impl Fn(&str) -> String) {
    for question in io::stdin().lock().lines().map_while(Result::ok) {
        println!("{}", answer(&question));
    }
    process::exit(0);
}

fn lapsed(registry: &Durable, accounts: usize) -> usize {
    let is_gone = |n: &usize| {
        let loaded = registry.load(&name(*n)).now_or_never().expect("it is read at once");
        loaded.expect("it can be read").0.sessions.is_empty()
    };
    (0..accounts).step_by(accounts / SAMPLES).take(SAMPLES).filter(is_gone).count()
}

fn wait_until(moment: Instant) -> String {
    assert!(Instant::now() < moment, "it is still to come");
    while let Some(left) = moment.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
    String::new()
}

/// The machine's time, but that whatever lapses does so at this moment.
struct Together(Instant);

impl Time for Together {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        if name.to_string().starts_with("lapse ") { Due::At(self.0) } else { SystemTime.arm(name, after) }
    }
}
