//! What replaying costs: the same tours on each driver, on as many threads as there are cores, and beside the stack and the sockets their
//! bare limit: an echo of the frames that the tours deliver, over as many WebSocket connections, each frame there and back once. The far
//! end is a task of its own, over TCP on a thread of its own, as the server is a process of its own; it has no machine, no registry and
//! no comparison. It compares times, never observations.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use conformance::driver::{DriverKind, serve_with};
use conformance::replay::{Replay, replay};
use conformance::tour::{Labels, tours};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{SinkExt, StreamExt};
use model::action::{Action, InstanceId, LinkMove};
use model::frame::{Frame, UpFrame};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::link;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
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
    /// A frame of that length goes over it, either way.
    Frame(InstanceId, usize),
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

    /// What the tours deliver, echoed; how many frames there were.
    fn echo(&self, kind: DriverKind, server: SocketAddr) -> usize {
        side_by_side(|index| {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a thread gets its runtime");
            let traffic = &self.traffic[index];
            runtime.block_on(async {
                match kind {
                    DriverKind::Machines => traffic.len(),
                    DriverKind::Stack => echo(traffic, async || in_memory()).await,
                    DriverKind::Sockets | DriverKind::Browser => echo(traffic, async || over_tcp(server).await).await,
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
        if let Action::Link(instance, LinkMove::Open) = action {
            return Some(Moved::Opened(instance));
        }
        if let Action::Link(instance, LinkMove::ToServer(slot)) = action {
            return Some(Moved::Frame(instance, length(before.instance(instance).links.at(slot).up.first()?)));
        }
        let Action::Link(instance, LinkMove::ToClient) = action else { return None };
        Some(Moved::Frame(instance, length(before.instance(instance).links.current.down.first()?)))
    });
    moved.collect()
}

fn length(frame: impl Into<Frame>) -> usize {
    if matches!(frame.into(), Frame::Up(UpFrame::Login { .. } | UpFrame::Resume { .. })) { LOGIN_BYTES } else { FRAME_BYTES }
}

/// Sends every frame there and back; how many there were.
async fn echo<S: AsyncRead + AsyncWrite + Unpin>(traffic: &[Moved], connect: impl AsyncFn() -> S) -> usize {
    let (mut links, mut frames) = (BTreeMap::new(), 0);
    for moved in traffic {
        match *moved {
            Moved::Opened(seat) => drop(links.insert(seat, upgraded(connect().await).await)),
            Moved::Frame(seat, length) => {
                there_and_back(links.get_mut(&seat).expect("it was opened"), length).await;
                frames += 1;
            }
        }
    }
    frames
}

async fn upgraded<S: AsyncRead + AsyncWrite + Unpin>(near: S) -> WebSocketStream<S> {
    client_async_with_config("ws://server/", near, Some(link::config())).await.expect("the far end upgrades").0
}

async fn there_and_back<S: AsyncRead + AsyncWrite + Unpin>(near: &mut WebSocketStream<S>, length: usize) {
    near.send(Message::text("f".repeat(length))).await.expect("the far end reads");
    let read = near.next().await.expect("the far end answers").expect("the stream holds");
    assert_eq!(read.len(), length);
}

/// A stream whose far end echoes in a task of the same thread.
fn in_memory() -> DuplexStream {
    let (near, far) = duplex(DUPLEX_BYTES);
    tokio::spawn(answer(far));
    near
}

async fn over_tcp(server: SocketAddr) -> TcpStream {
    let near = TcpStream::connect(server).await.expect("it is listened to");
    near.set_nodelay(true).expect("a TCP stream can do without delay");
    near
}

/// A server that echoes, on a thread of its own; where it listens.
fn echo_server() -> SocketAddr {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.set_nonblocking(true).expect("a listener can do without blocking");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a thread gets its runtime");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("it is a listener");
            while let Ok((far, _)) = listener.accept().await {
                far.set_nodelay(true).expect("a TCP stream can do without delay");
                tokio::spawn(answer(far));
            }
        });
    });
    address
}

/// Echoes until the near end goes.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(far: S) {
    let Ok(mut far) = accept_async_with_config(far, Some(link::config())).await else { return };
    while let Some(Ok(message @ Message::Text(_))) = far.next().await {
        if far.send(message).await.is_err() {
            return;
        }
    }
}

fn drivers(criterion: &mut Criterion) {
    serve_with(env!("CARGO_BIN_EXE_kickproof"));
    let (work, server) = (Work::of("page-default"), echo_server());
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(work.steps() as u64));
    for kind in DriverKind::OWN {
        assert_eq!(work.replay(kind), work.steps(), "every tour is walked to its end");
        group.bench_function(kind.name(), |bencher| bencher.iter(|| black_box(work.replay(kind))));
        if kind != DriverKind::Machines {
            group.bench_function(format!("{}, the bare limit", kind.name()), |bencher| {
                bencher.iter(|| black_box(work.echo(kind, server)))
            });
        }
    }
    group.finish();
    DriverKind::OWN.iter().for_each(|kind| summary(&work, *kind, server));
}

/// How many transitions a second, and how many times the bare limit's time.
fn summary(work: &Work, kind: DriverKind, server: SocketAddr) {
    let took = least(|| work.replay(kind));
    let rate = work.steps() as f64 / took.as_secs_f64();
    match kind {
        DriverKind::Machines => println!("{kind}: {rate:.0} transitions/s"),
        DriverKind::Stack | DriverKind::Sockets | DriverKind::Browser => {
            let times = took.as_secs_f64() / least(|| work.echo(kind, server)).as_secs_f64();
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
