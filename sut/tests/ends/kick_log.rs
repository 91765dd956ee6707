//! What the log of kicks tells of two instances and the links that they have.

use std::fs;

use sut::client::{Client, Connect, Event, Events};
use sut::kick_log::KickLog;
use sut::server::Server;
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use tempfile::tempdir;
use tokio::io::DuplexStream;

use super::system::{PausedTime, System, app, instance, sig};

/// Comes from that host.
struct From(System, u8);

impl Connect for From {
    type Stream = DuplexStream;

    async fn connect(&self) -> std::io::Result<DuplexStream> {
        Ok(self.0.stream_from([192, 0, 2, self.1].into()))
    }
}

async fn ready(system: &System, host: u8) -> (Client, Events) {
    let (client, mut events) = instance(Platform::IPad, From(system.clone(), host));
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    (client, events)
}

#[tokio::test(start_paused = true)]
async fn the_log_of_kicks_tells_when_and_whom_and_for_whom_with_platforms_and_addresses() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("kicks.jsonl");
    let log = KickLog::open(&file).unwrap();
    let server = Server::builder(app()).time(PausedTime::new()).kicks(log).start();
    let system = System::of(server);
    let before = SystemTime.now();
    let (first, _first_events) = ready(&system, 1).await;
    let victim = first.session().unwrap();
    let (second, _second_events) = ready(&system, 2).await;
    let newcomer = second.session().unwrap();

    let written = fs::read_to_string(&file).unwrap();
    let (at_ms, rest) = written.strip_prefix(r#"{"at_ms":"#).unwrap().split_once(',').unwrap();
    assert!(at_ms.parse::<u64>().unwrap() >= before.0, "{written}");
    let expected = format!(
        r#""session":"{victim}","platform":"iPad","address":"192.0.2.1","reason":"multipleAccount","cause":"login","newcomer":{{"session":"{newcomer}","platform":"iPad","address":"192.0.2.2"}}}}"#
    );
    assert!(rest.starts_with(r#""account":"alice","version":"#) && rest.trim_end().ends_with(&expected), "{rest}");
    assert_eq!(written.lines().count(), 1);
}
