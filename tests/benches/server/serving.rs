//! The server as a process of this bench: the library's, set up as `kickproof serve` sets it up. It says where it listens, then answers a
//! line with a line until its standard input ends.

use std::fmt;
use std::future::pending;
use std::io::{self, BufRead};
use std::net::Ipv4Addr;
use std::path::Path;
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::select;
use sut::config::{App, Bounds, DEFAULT_PERIOD, Settings};
use sut::registry::durable::{Disk, Durable};
use sut::registry::memory::Memory;
use sut::registry::{Registry, TermsStore};
use sut::server::Server;
use sut::timers::{SystemTime, Time, UnixMillis};
use sut::webhook::Unheard;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::account::{APP, KEY, name};
use super::load::block_on;
use super::process::number;

/// The first word of a server in memory.
pub(crate) const MEMORY: &str = "serve-memory";

/// The first word of a server with a data folder: which, and by how many milliseconds each sync is made longer.
pub(crate) const DATA: &str = "serve-data";

/// The first word of a server with a data folder, on a clock that jumps when it is told.
pub(crate) const LAPSING: &str = "serve-lapsing";

/// Asks for the syncs and for the bytes that the disk was told to write.
pub(crate) const DISK: &str = "disk";

/// Tells the clock to jump over the time after which a page's session lapses.
pub(crate) const JUMP: &str = "jump";

/// Asks how many of the [`SAMPLES`] have no session any more.
pub(crate) const LAPSED: &str = "lapsed";

/// How many of the accounts are looked at, spread over all of them.
pub(crate) const SAMPLES: usize = 500;

/// Longer than a page's session keeps its place.
const LEAP: Duration = Duration::from_secs(61);

pub(crate) fn in_memory() {
    block_on(serve(Arc::new(Memory::default()), Arc::new(SystemTime), |_| String::new()));
}

pub(crate) fn on_disk(folder: &Path, more_ms: &str) {
    let disk = Arc::new(Disk::slower_by(Duration::from_millis(number(more_ms))));
    let registry = Durable::open_on(Arc::clone(&disk), folder, APP).expect("the folder can be used");
    let answer = move |_: &str| format!("{} {}", disk.syncs(), disk.written());
    block_on(serve(Arc::new(registry), Arc::new(SystemTime), answer));
}

pub(crate) fn lapsing(folder: &Path) {
    let registry = Arc::new(Durable::open(folder, APP).expect("the folder can be used"));
    let accounts = registry.accounts().now_or_never().expect("it is read at once").expect("it can be read").len();
    let (time, looked_at) = (Arc::new(Jumping::default()), Arc::clone(&registry));
    let clock = Arc::clone(&time);
    let answer = move |question: &str| match question {
        JUMP => clock.jump(),
        LAPSED => lapsed(&looked_at, accounts).to_string(),
        other => panic!("nobody asks {other:?}"),
    };
    block_on(serve(registry, time, answer));
}

async fn serve<R: Registry + TermsStore>(registry: Arc<R>, time: Arc<dyn Time>, answer: impl Fn(&str) -> String + Send + 'static) {
    let (stored, terms) = (Unheard(Arc::clone(&registry)), Arc::clone(&registry));
    let server = Server::with_terms(app(), stored, time, terms, DEFAULT_PERIOD);
    server.restore_all(&*registry).await.expect("the registry can be read");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
    println!("{}", listener.local_addr().expect("it is bound"));
    thread::spawn(move || answer_all(answer));
    server.listen(listener, pending()).await;
}

/// It is asked for as much as it can do.
fn app() -> App {
    let stated = format!("sdk_app_id = {APP}\nsecret_key = \"{KEY}\"\n");
    App { bounds: Bounds::NONE, ..Settings::from_toml(&stated).expect("it is enough").app }
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

/// The machine's time, but for one jump ahead, which ends every wait that it passes.
#[derive(Default)]
struct Jumping(watch::Sender<Duration>);

impl Jumping {
    fn jump(&self) -> String {
        self.0.send_replace(LEAP);
        String::new()
    }
}

impl Time for Jumping {
    fn now(&self) -> UnixMillis {
        SystemTime.now().plus(*self.0.borrow())
    }

    fn wait(&self, name: &dyn fmt::Display, after: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut jumps = self.0.subscribe();
        let before = *jumps.borrow();
        let passed = Box::pin(async move {
            if jumps.wait_for(|ahead| *ahead - before >= after).await.is_err() {
                pending().await
            }
        });
        Box::pin(select(SystemTime.wait(name, after), passed).map(drop))
    }
}
