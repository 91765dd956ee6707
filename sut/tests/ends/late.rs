//! Administrators' calls that are late, over TCP and on manual time: what does not arrive, and what the node does not answer.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sut::config::TermsChange;
use sut::registry::memory::Memory;
use sut::registry::{Commit, Registry, TermsStore, Unreachable, Version, Write};
use sut::server::Server;
use sut::server::manual::Manual;
use sut::session::{Record, SessionDigest};
use sut::timers::quiet::{AllSent, Port, Sent};
use sut::timers::{SystemTime, Time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::rest::{error_code, request_as};
use super::system::{System, app, sig};

const KICK: &str = "/v4/im_open_login_svc/kick";
const KICK_ALICE: &str = r#"{"UserID":"alice"}"#;
const TOO_LATE: &str = "HTTP/1.1 408 Request Timeout";

/// A registry, and a store of terms, that answers nothing; who asks is told of.
#[derive(Default)]
struct Hung {
    asked: Notify,
}

impl Hung {
    async fn hang<T>(&self) -> Result<T, Unreachable> {
        self.asked.notify_one();
        pending().await
    }
}

impl Registry for Hung {
    async fn load(&self, _: &str) -> Result<(Record, Version), Unreachable> {
        self.hang().await
    }

    async fn store(&self, _: &str, _: Write) -> Result<Commit, Unreachable> {
        self.hang().await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.hang().await
    }

    async fn note_stop(&self, _: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.hang().await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.hang().await
    }
}

impl TermsStore for Hung {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        self.hang().await
    }

    async fn set_changed(&self, _: Option<TermsChange>) -> Result<(), Unreachable> {
        self.hang().await
    }
}

/// A connection to a node on manual time, by itself on its runtime.
struct Caller {
    stream: TcpStream,
    manual: Manual,
}

/// What becomes of it, with that registry.
fn on_node(registry: Arc<impl Registry + TermsStore>, test: impl AsyncFnOnce(Caller)) {
    let manual = Manual::at(SystemTime.now());
    let quiet = manual.quiet.clone();
    let runtime = Builder::new_current_thread().enable_io().on_thread_park(move || quiet.parks()).build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::on_manual_time(app(), Arc::clone(&registry), registry, manual.clone());
        tokio::spawn(async move { server.listen(listener, pending()).await });
        test(Caller { stream: TcpStream::connect(address).await.unwrap(), manual }).await;
    });
}

impl Caller {
    async fn says(&mut self, what: &str) {
        self.stream.write_all(what.as_bytes()).await.unwrap();
    }

    /// Waits until the node has read so many bytes and is idle.
    async fn is_heard(&self, bytes: usize) {
        let port = Port(self.stream.local_addr().unwrap().port());
        let sent = AllSent::from([(port, Sent::Bytes(bytes.try_into().unwrap()))]);
        self.manual.quiet.idle(sent).await;
    }

    fn is_late(&self) {
        assert!(self.manual.time.fire("upgrade 1"));
    }

    /// The first line and the body of what is answered until the connection ends, which leaves no timer behind.
    async fn told(mut self) -> (String, String) {
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(self.manual.time.armed(), []);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {answer:?}"));
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }
}

fn kick() -> String {
    request_as("admin", &sig("admin"), "POST", KICK, KICK_ALICE)
}

/// What is told a call of which no more comes than that.
fn check_that_it_is_too_late(part: &str) {
    on_node(Arc::new(Memory::default()), async |mut caller| {
        caller.says(part).await;
        caller.is_heard(part.len()).await;
        caller.is_late();
        let (line, body) = caller.told().await;
        assert_eq!((line.as_str(), body.as_str()), (TOO_LATE, "the request did not arrive within 30 s\n"));
    });
}

#[test]
fn a_call_whose_head_does_not_come_in_time_is_told_so() {
    let kick = kick();
    for part in ["P", kick.split_once("\r\n").unwrap().0, kick.split_once("\r\n\r\n").unwrap().0] {
        check_that_it_is_too_late(part);
    }
}

#[test]
fn a_call_whose_body_does_not_come_in_time_is_told_so() {
    let kick = kick();
    for missing in [1, KICK_ALICE.len()] {
        check_that_it_is_too_late(&kick[..kick.len() - missing]);
    }
}

#[test]
fn a_call_that_the_node_does_not_answer_in_time_is_told_that_it_may_be_done() {
    let rows = [
        (KICK, KICK_ALICE),
        ("/v4/openim/query_online_status", r#"{"To_Account":["alice"]}"#),
        ("/v4/im_open_login_svc/set_login_policy", r#"{"Policy":"multi"}"#),
    ];
    for (path, body) in rows {
        let hung = Arc::new(Hung::default());
        on_node(Arc::clone(&hung), async |mut caller| {
            caller.says(&request_as("admin", &sig("admin"), "POST", path, body)).await;
            hung.asked.notified().await;
            caller.is_late();
            let answer = caller.told().await;
            assert!(answer.1.contains("may be done"), "{answer:?}");
            assert_eq!(error_code(answer), 70169);
        });
    }
}

#[test]
fn a_connection_that_says_nothing_is_told_nothing() {
    on_node(Arc::new(Memory::default()), async |mut caller| {
        caller.is_heard(0).await;
        caller.is_late();
        assert_eq!(caller.stream.read(&mut [0; 16]).await.unwrap(), 0);
    });
}

#[tokio::test(start_paused = true)]
async fn a_late_caller_that_never_reads_its_answer_is_let_go_of_after_another_30_s() {
    let (mut near, far) = tokio::io::duplex(16);
    let serving = tokio::spawn(System::new().serve(far));
    let opened = Instant::now();
    near.write_all(b"POST").await.unwrap();
    serving.await.unwrap();
    assert_eq!(opened.elapsed(), Duration::from_secs(60));
}
