//! How a server that the command line has started meets those outside: its certificate, the proxies before it, its end.

use std::fs;
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sut::client::{Client, ConnectError, Event, Events, TcpConnector};
use sut::session::Platform;
use tempfile::TempDir;

use super::{failure, printed};
use crate::serving::{APP, KEY, PATIENCE, Serving, kickproof, signal};

const AUTHORITY: &[u8] = include_bytes!("../../../sut/tests/ends/wss/authority.pem");
const PAIR: &str = include_str!("../../../sut/tests/ends/wss/localhost.pem");
const OTHER_AUTHORITY: &[u8] = include_bytes!("../../../sut/tests/ends/wss/other-authority.pem");
const OTHER_PAIR: &str = include_str!("../../../sut/tests/ends/wss/other-localhost.pem");

/// A certificate and its key in two files.
struct Pair {
    folder: TempDir,
}

impl Pair {
    fn new() -> Pair {
        let pair = Pair { folder: tempfile::tempdir().unwrap() };
        pair.holds(PAIR, PAIR);
        pair
    }

    fn holds(&self, chain: &str, key: &str) {
        fs::write(self.chain(), chain).unwrap();
        fs::write(self.key(), key).unwrap();
    }

    fn chain(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn serving(&self) -> Serving {
        Serving::start(&["--tls-cert", named(&self.chain()), "--tls-key", named(&self.key())])
    }
}

fn named(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An instance of that account that logs in, trusting that authority.
async fn logs_in(serving: &Serving, authority: &[u8], user_id: &str) -> Result<(Client, Events), Option<ConnectError>> {
    let port = serving.address.rsplit_once(':').unwrap().1;
    let connector = TcpConnector::new(&format!("wss://localhost:{port}")).unwrap().trusting(authority).unwrap();
    let (client, events) = Client::builder(APP.parse().unwrap(), Platform::Web).connector(connector);
    let user_sig = printed(&["usersig", "--sdk-app-id", APP, "--key", KEY, user_id]);
    match client.login(user_id, user_sig.trim_end()).await {
        Ok(_) => Ok((client, events)),
        Err(_) => Err(client.last_connect_error()),
    }
}

#[tokio::test]
async fn sighup_shows_a_renewed_certificate_and_keeps_the_old_one_before_a_bad_one() {
    let pair = Pair::new();
    let serving = pair.serving();
    let (alice, mut events) = logs_in(&serving, AUTHORITY, "alice").await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));

    pair.holds(OTHER_PAIR, OTHER_PAIR);
    serving.told("HUP", "at_once=\"certificate\"");
    assert!(matches!(logs_in(&serving, AUTHORITY, "bob").await, Err(Some(ConnectError::UnknownAuthority))));
    logs_in(&serving, OTHER_AUTHORITY, "bob").await.unwrap();

    pair.holds(OTHER_PAIR, PAIR);
    let apart = "the key is not that of the first certificate; the two would be made together";
    serving.told("HUP", &format!("SIGHUP: nothing is changed: {}: {apart}", pair.key().display()));
    logs_in(&serving, OTHER_AUTHORITY, "carol").await.unwrap();

    let id = alice.send_message("alice", "still here").await;
    assert!(id.is_ok(), "{id:?}");
    serving.end("TERM");
}

/// The line with which it does not start.
fn refused(args: &[&str]) -> (i32, String) {
    failure(&[&["serve", "--sdk-app-id", APP, "--key", KEY], args].concat())
}

#[test]
fn a_pair_that_is_none_is_one_line_that_says_what_would_be_right() {
    let pair = Pair::new();
    let (chain, key) = (pair.chain(), pair.key());
    let both = ["--tls-cert", named(&chain), "--tls-key", named(&key)];
    let refused_with = |what: &str, why: &str| assert_eq!(refused(&both), (2, format!("{what}: {why}")));
    pair.holds("sdk_app_id = 1", PAIR);
    refused_with(named(&chain), "there is no certificate in it; in PEM one begins with -----BEGIN CERTIFICATE-----");
    pair.holds(PAIR, "");
    let none = "there is no private key in it; in PEM it begins with -----BEGIN PRIVATE KEY-----, and is not encrypted";
    refused_with(named(&key), none);
    pair.holds(PAIR, OTHER_PAIR);
    refused_with(named(&key), "the key is not that of the first certificate; the two would be made together");
    fs::remove_file(&key).unwrap();
    assert_eq!(refused(&both), (2, format!("{} cannot be read: No such file or directory (os error 2)", key.display())));
    let half = "tls_cert is stated without tls_key; TLS needs both, and without both it is not spoken; state it in the --config file or by a flag";
    assert_eq!(refused(&both[..2]), (2, half.to_owned()));
}

#[test]
fn a_proxy_that_is_none_and_a_drain_that_is_too_long_are_refused() {
    let network = "\"10.0.0.0/33\" is no network; one would be 10.0.0.0/8, fd00::/8 or the address of one proxy";
    let expected = format!("invalid value '10.0.0.0/33' for '--trusted-proxy <CIDR>': {network}; see --help");
    assert_eq!(refused(&["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "10.0.0.0/33"]), (2, expected));
    let expected = "invalid value '3601' for '--drain-s <SECONDS>': it would be a whole number from 0 to 3600; see --help";
    assert_eq!(refused(&["--drain-s", "3601"]), (2, expected.to_owned()));
}

#[test]
fn an_origin_that_is_none_and_a_backlog_of_nothing_are_refused() {
    let origin = "\"admin.example\" is no origin; one would be https://admin.example, in lower case and without a path";
    let expected = format!("invalid value 'admin.example' for '--allow-origin <ORIGIN>': {origin}; see --help");
    assert_eq!(refused(&["--allow-origin", "admin.example"]), (2, expected));
    let expected = "invalid value '0' for '--backlog <N>': it would be a whole number from 1 to 65535; see --help";
    assert_eq!(refused(&["--backlog", "0"]), (2, expected.to_owned()));
}

#[test]
fn hundreds_of_connections_may_wait_until_they_are_accepted() {
    let serving = Serving::start(&[]);
    let address = serving.address.parse().unwrap();
    signal("STOP", serving.process());
    let waiting: Vec<_> = (0..300).map(|_| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()).collect();
    signal("CONT", serving.process());
    assert_eq!(waiting.iter().position(|waits| !waits), None);
    serving.end("TERM");
}

#[test]
fn as_many_files_may_be_open_as_the_operating_system_lets() {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -S -n 64; exec "$0" "$@""#, env!("CARGO_BIN_EXE_kickproof")]).env_remove("KICKPROOF_KEY");
    let log = Serving::start_as(command, "debug", &["--backlog", "9"]).end("TERM");
    let line = log.lines().find(|line| line.contains("so many files may be open")).unwrap();
    assert!(line.contains("before=Some(64)") && !line.contains("now=Some(64)"), "{line}");
}

#[test]
fn a_supervisor_is_told_when_clients_can_connect_and_when_the_server_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut told = [0; 64];
        let bytes = socket.recv(&mut told).unwrap();
        String::from_utf8_lossy(&told[..bytes]).into_owned()
    };
    let mut command = kickproof();
    command.env("NOTIFY_SOCKET", &path);
    let serving = Serving::start_as(command, "info", &[]);
    assert_eq!(told(), "READY=1\n");
    serving.end("TERM");
    assert_eq!(told(), "STOPPING=1\n");
}

#[tokio::test]
async fn sigterm_drains_and_sigterm_again_or_sigint_ends_at_once() {
    for (signal, line) in [("TERM", "SIGTERM again: the server ends at once"), ("INT", "SIGINT: the server ends at once")] {
        let serving = Serving::start(&["--drain-s", "3600"]);
        let (_first, _events) = super::served::ready(&serving).await;
        serving.told("TERM", "SIGTERM: the server ends");
        assert!(serving.end(signal).contains(line));
    }
    let serving = Serving::start(&["--drain-s", "3600"]);
    let (_first, _events) = super::served::ready(&serving).await;
    assert!(serving.end("INT").contains("SIGINT: the server ends"));
}
