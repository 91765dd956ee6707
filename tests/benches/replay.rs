//! What replaying costs: one fixed tour on each driver, and beside it a bare WebSocket echo over the same kind of stream, one runtime
//! and one thread, so that a step on the stack can be read in round trips. It compares times, never observations.

use std::hint::black_box;
use std::time::Duration;

use conformance::driver::{DriverKind, serve_with};
use conformance::replay::replay;
use conformance::tour::{Labels, tours};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{SinkExt, StreamExt};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::link;
use tokio::io::DuplexStream;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// How many steps the tour has, about.
const STEPS: usize = 2_000;

/// How many frames there and back one measurement makes.
const ROUND_TRIPS: usize = 1_000;

/// About as long as a login with its UserSig is on the wire.
const LOGIN_BYTES: usize = 400;

/// About as long as an acknowledgement is.
const ACK_BYTES: usize = 90;

fn tour() -> (Scope, Labels) {
    let scope = scopes::named("page-default").expect("the page's default is a scope");
    let first = tours(&Graph::of(&scope), STEPS).into_iter().next();
    (scope, first.expect("a graph has a tour"))
}

fn drivers(criterion: &mut Criterion) {
    serve_with(env!("CARGO_BIN_EXE_kickproof"));
    let (scope, labels) = tour();
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(labels.len() as u64));
    for kind in DriverKind::ALL {
        assert_eq!(replay(&scope, kind, &labels).steps, labels.len(), "the tour is walked to its end");
        group.bench_function(kind.name(), |bencher| bencher.iter(|| black_box(replay(&scope, kind, &labels)).steps));
    }
    group.finish();
}

fn echo(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime without I/O needs nothing");
    let mut near = echoing(&runtime);
    let mut group = criterion.benchmark_group("bare");
    group.throughput(Throughput::Elements(ROUND_TRIPS as u64));
    group.bench_function("echo", |bencher| bencher.iter(|| runtime.block_on(round_trips(&mut near))));
    group.finish();
}

/// The near end of a WebSocket whose far end answers each message with a short one.
fn echoing(runtime: &Runtime) -> WebSocketStream<DuplexStream> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let ends = async {
        let near = WebSocketStream::from_raw_socket(near, Role::Client, Some(link::config())).await;
        (near, WebSocketStream::from_raw_socket(far, Role::Server, Some(link::config())).await)
    };
    let (near, far) = runtime.block_on(ends);
    runtime.spawn(answer(far));
    near
}

async fn answer(mut far: WebSocketStream<DuplexStream>) {
    while let Some(Ok(Message::Text(_))) = far.next().await {
        if far.send(Message::text("a".repeat(ACK_BYTES))).await.is_err() {
            return;
        }
    }
}

async fn round_trips(near: &mut WebSocketStream<DuplexStream>) -> usize {
    let mut read = 0;
    for _ in 0..ROUND_TRIPS {
        near.send(Message::text("l".repeat(LOGIN_BYTES))).await.expect("the far end reads");
        let answered = near.next().await.expect("the far end answers").expect("the stream holds");
        read += answered.len();
    }
    read
}

fn brief() -> Criterion {
    Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4))
}

criterion_group! { name = benches; config = brief(); targets = drivers, echo }
criterion_main!(benches);
