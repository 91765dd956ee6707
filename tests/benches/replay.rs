//! What replaying costs: the same tours on each driver, on as many threads as there are cores, and beside the stack and the sockets their
//! bare limit: the frames that the tours deliver, over as many WebSocket connections, each frame written by one end and read by the other
//! in the same task, with no machine, no registry and no comparison. It compares times, never observations.

use std::collections::BTreeMap;
use std::future::ready;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use conformance::driver::{DriverKind, serve_with};
use conformance::replay::{Replay, replay};
use conformance::tour::{Labels, tours};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{SinkExt, StreamExt};
use model::action::{Action, InstanceId};
use model::frame::Frame;
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::link;
use tokio::io::{AsyncRead, AsyncWrite, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};

/// About how many steps a tour has.
const STEPS: usize = 1_000;

/// How many tours are taken, spread over all of the scope.
const TOURS: usize = 16;

/// About as long as a login or a resume with its UserSig is on the wire.
const LOGIN_BYTES: usize = 400;

/// About as long as every other frame is.
const FRAME_BYTES: usize = 120;

/// The size of an in-memory stream's buffer, in bytes.
const DUPLEX_BYTES: usize = 64 * 1024;

/// What is measured.
struct Work {
    scope: Scope,
    tours: Vec<Labels>,
    /// What each tour moves over the links.
    traffic: Vec<Vec<Moved>>,
}

/// What a step moves over a link.
#[derive(Clone, Copy)]
enum Moved {
    /// The seat's link opens.
    Opened(InstanceId),
    /// A frame of that length goes to the server.
    Up(InstanceId, usize),
    /// A frame of that length goes to the client.
    Down(InstanceId, usize),
}

impl Work {
    fn of(name: &str) -> Work {
        let scope = scopes::named(name).expect("it is there");
        let all = tours(&Graph::of(&scope), STEPS);
        let tours: Vec<_> = all.iter().step_by(all.len() / TOURS).take(TOURS).cloned().collect();
        let traffic = tours.iter().map(|tour| traffic(&scope, tour)).collect();
        Work { scope, tours, traffic }
    }

    fn steps(&self) -> usize {
        self.tours.iter().map(Vec::len).sum()
    }

    fn replay(&self, kind: DriverKind) -> usize {
        side_by_side(|index| replay(&self.scope, kind, &self.tours[index]).steps)
    }

    fn echo(&self, kind: DriverKind) -> usize {
        side_by_side(|index| {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a thread gets its runtime");
            let traffic = &self.traffic[index];
            runtime.block_on(async {
                match kind {
                    DriverKind::Machines => traffic.len(),
                    DriverKind::Stack => echo(traffic, || ready(duplex(DUPLEX_BYTES))).await,
                    DriverKind::Sockets => {
                        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
                        echo(traffic, || loopback(&listener)).await
                    }
                }
            })
        })
    }
}

/// The work on every tour, on as many threads as there are cores; the sum of what each adds.
fn side_by_side(work: impl Fn(usize) -> usize + Sync) -> usize {
    let (next, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let some = || {
        while let index @ 0..TOURS = next.fetch_add(1, Ordering::Relaxed) {
            sum.fetch_add(work(index), Ordering::Relaxed);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(some))));
    sum.into_inner()
}

fn traffic(scope: &Scope, tour: &[u16]) -> Vec<Moved> {
    let mut replay = Replay::new(scope);
    let moved = tour.iter().filter_map(|label| {
        let before = *replay.state();
        let action = replay.go(*label)?.action;
        if let Action::Open { instance } = action {
            return Some(Moved::Opened(instance));
        }
        if let Action::ToServer { instance, slot } = action {
            return Some(Moved::Up(instance, length(before.instance(instance).link(slot).up.first()?)));
        }
        let Action::ToClient { instance } = action else { return None };
        Some(Moved::Down(instance, length(before.instance(instance).current.down.first()?)))
    });
    moved.collect()
}

fn length(frame: Frame) -> usize {
    if matches!(frame, Frame::Login { .. } | Frame::Resume { .. }) { LOGIN_BYTES } else { FRAME_BYTES }
}

/// Both ends of a link.
struct Ends<S> {
    client: WebSocketStream<S>,
    server: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Ends<S> {
    async fn upgraded((client, server): (S, S)) -> Ends<S> {
        let accepted = accept_async_with_config(server, Some(link::config()));
        let asked = client_async_with_config("ws://server/", client, Some(link::config()));
        let (server, client) = tokio::join!(accepted, asked);
        Ends { client: client.expect("the server upgrades").0, server: server.expect("the client asks for an upgrade") }
    }

    async fn up(&mut self, length: usize) {
        pass(&mut self.client, &mut self.server, length).await;
    }

    async fn down(&mut self, length: usize) {
        pass(&mut self.server, &mut self.client, length).await;
    }
}

/// One end writes a frame, and the other reads it.
async fn pass<S: AsyncRead + AsyncWrite + Unpin>(from: &mut WebSocketStream<S>, to: &mut WebSocketStream<S>, length: usize) {
    from.send(Message::text("f".repeat(length))).await.expect("the other end reads");
    let read = to.next().await.expect("the other end writes").expect("the stream holds");
    assert_eq!(read.len(), length);
}

/// Moves it all; how many moves there were.
async fn echo<S, F>(traffic: &[Moved], connect: impl Fn() -> F) -> usize
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = (S, S)>,
{
    let mut links = BTreeMap::new();
    for moved in traffic {
        match *moved {
            Moved::Opened(seat) => drop(links.insert(seat, Ends::upgraded(connect().await).await)),
            Moved::Up(seat, length) => links.get_mut(&seat).expect("it was opened").up(length).await,
            Moved::Down(seat, length) => links.get_mut(&seat).expect("it was opened").down(length).await,
        }
    }
    traffic.len()
}

async fn loopback(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let address = listener.local_addr().expect("it is bound");
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (client, (server, _)) = (client.expect("it is listened to"), server.expect("it was asked"));
    for end in [&client, &server] {
        end.set_nodelay(true).expect("a TCP stream can do without delay");
    }
    (client, server)
}

fn drivers(criterion: &mut Criterion) {
    serve_with(env!("CARGO_BIN_EXE_kickproof"));
    let work = Work::of("page-default");
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(work.steps() as u64));
    for kind in DriverKind::ALL {
        assert_eq!(work.replay(kind), work.steps(), "every tour is walked to its end");
        group.bench_function(kind.name(), |bencher| bencher.iter(|| black_box(work.replay(kind))));
        if kind != DriverKind::Machines {
            group.bench_function(format!("{}, the bare limit", kind.name()), |bencher| bencher.iter(|| black_box(work.echo(kind))));
        }
    }
    group.finish();
    DriverKind::ALL.iter().for_each(|kind| summary(&work, *kind));
}

/// How many transitions a second, and how many times the bare limit's time.
fn summary(work: &Work, kind: DriverKind) {
    let took = least(|| work.replay(kind));
    let rate = work.steps() as f64 / took.as_secs_f64();
    match kind {
        DriverKind::Machines => println!("{kind}: {rate:.0} transitions/s"),
        DriverKind::Stack | DriverKind::Sockets => {
            let times = took.as_secs_f64() / least(|| work.echo(kind)).as_secs_f64();
            println!("{kind}: {rate:.0} transitions/s, {times:.1} times the time of its bare limit");
        }
    }
}

/// The least time that it takes, of a few.
fn least(work: impl Fn() -> usize) -> Duration {
    let took = (0..5).map(|_| {
        let begun = Instant::now();
        black_box(work());
        begun.elapsed()
    });
    took.min().unwrap_or_default()
}

fn brief() -> Criterion {
    Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4))
}

criterion_group! { name = benches; config = brief(); targets = drivers }
criterion_main!(benches);
