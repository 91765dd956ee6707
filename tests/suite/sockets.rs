//! The sockets driver: real clients and a server process over TCP. That it agrees, that it goes red, and that a server process in trouble
//! is one line. Nothing here waits for a while.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use conformance::cast::{self, Cast};
use conformance::driver::{Driver, DriverKind, Flaw, Node, Role, flawed, serve_with};
#[cfg(debug_assertions)]
use conformance::planting;
use conformance::replay::{Walked, walk};
use conformance::replay_share::few_restarts;
use conformance::tour::{Labels, tours};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::client::{Client, fresh_options};
#[cfg(debug_assertions)]
use sut::planted::Planted;
use sut::server::manual::Act;
use sut::session::Platform;
use sut::timers::UnixMillis;
use sut::usersig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::serving::{APP, KEY, Serving, kickproof, watched};

const BINARY: &str = env!("CARGO_BIN_EXE_kickproof");

/// A scope and the tours through its beginning.
struct Tours {
    scope: Scope,
    tours: Vec<Labels>,
}

impl Tours {
    fn of(name: &str, many: usize) -> Tours {
        serve_with(BINARY);
        let scope = scopes::named(name).unwrap();
        let tours: Vec<_> = tours(&Graph::of(&scope), 2_000).into_iter().take(many).collect();
        assert_eq!(tours.len(), many);
        Tours { scope, tours }
    }

    /// Five through the page's default, found once.
    fn of_the_page() -> &'static Tours {
        static TOURS: OnceLock<Tours> = OnceLock::new();
        TOURS.get_or_init(|| Tours::of("page-default", 5))
    }

    /// Twenty with links that fail, found once.
    fn of_failing_links() -> &'static Tours {
        static TOURS: OnceLock<Tours> = OnceLock::new();
        TOURS.get_or_init(|| Tours::of("reconnect", 20))
    }

    /// With twenty restarts, and nothing behind the last.
    fn with_few_restarts(self) -> Tours {
        let tours = few_restarts(&self.scope, self.tours, 20);
        Tours { tours, ..self }
    }

    fn walk_on(&self, driver: impl Fn(&Scope) -> Box<dyn Driver>) -> impl Iterator<Item = (Walked, usize)> {
        let walk = move |labels: &Labels| walk(&self.scope, DriverKind::Sockets, driver(&self.scope).as_mut(), labels, || {});
        self.tours.iter().map(move |labels| (walk(labels), labels.len()))
    }

    fn agree_on(&self, driver: impl Fn(&Scope) -> Box<dyn Driver>) -> bool {
        self.walk_on(driver).all(|(walked, steps)| walked.divergence.is_none() && walked.steps == steps)
    }

    fn agree(&self) -> bool {
        self.agree_on(|scope| DriverKind::Sockets.start(scope))
    }

    fn must_agree(&self) {
        let walked = self.walk_on(|scope| DriverKind::Sockets.start(scope));
        walked.for_each(|(walked, steps)| walked.must_agree(self.scope.name, steps));
    }
}

#[test]
fn tours_through_the_pages_default_agree_one_after_the_other_on_one_server() {
    Tours::of_the_page().must_agree();
}

#[test]
fn tours_with_kicks_of_the_administrator_agree() {
    Tours::of("rest-kick", 2).must_agree();
}

#[test]
fn tours_with_messages_agree() {
    Tours::of("messages", 2).must_agree();
}

#[test]
fn tours_with_links_that_fail_agree() {
    Tours::of_failing_links().must_agree();
}

#[test]
fn tours_with_a_server_that_is_killed_and_started_agree() {
    Tours::of("restart", 2).with_few_restarts().must_agree();
}

#[cfg(debug_assertions)]
#[test]
fn a_bug_of_links_that_fail_that_is_planted_in_the_server_process_is_red() {
    assert!(!planting::with(Some(Planted::Link4LapseGoesOn), || Tours::of_failing_links().agree()));
}

#[cfg(debug_assertions)]
#[test]
fn a_bug_of_a_resume_that_is_planted_in_the_clients_is_red() {
    assert!(!planting::with(Some(Planted::Link1ConnectedAtOpening), || Tours::of_failing_links().agree()));
}

#[cfg(debug_assertions)]
#[test]
fn a_bug_that_is_planted_in_the_server_process_is_red_and_is_gone_with_it() {
    assert!(!planting::with(Some(Planted::Kick2NoLimit), || Tours::of_the_page().agree()));
    Tours::of_the_page().must_agree();
}

#[cfg(debug_assertions)]
#[test]
fn a_bug_that_is_planted_in_the_clients_is_red() {
    assert!(!planting::with(Some(Planted::Logout2Refused), || Tours::of_the_page().agree()));
}

#[test]
fn a_frame_that_the_proxy_drops_is_red() {
    assert!(!Tours::of_the_page().agree_on(|scope| flawed(scope, Flaw::DropsAFrame)));
}

#[test]
fn a_barrier_that_is_answered_early_is_red() {
    assert!(!Tours::of_the_page().agree_on(|scope| flawed(scope, Flaw::TakenForIdle)));
}

fn role() -> Role {
    Role::of(&Cast::of(&scopes::named("page-default").unwrap()).app)
}

fn start(binary: &str) -> Result<Node, String> {
    Node::start_as(Path::new(binary), &role()).map_err(|error| error.to_string())
}

#[test]
fn a_server_that_does_not_start_is_one_line() {
    assert!(start("/nowhere/kickproof").unwrap_err().starts_with("the server process cannot be started: No such file"));
    assert_eq!(start("/bin/false").unwrap_err(), "the server process has ended: exit status: 1, without a word");
    let echoed = start("/bin/echo").unwrap_err();
    assert!(echoed.starts_with("the server process says 'serve --listen 127.0.0.1:0 "), "{echoed}");
    assert_eq!(echoed.lines().count(), 1);
}

#[test]
fn a_build_that_puts_another_binary_in_its_place_while_it_runs_changes_nothing() {
    let folder = tempfile::tempdir_in(Path::new(BINARY).parent().unwrap()).unwrap();
    let linked = folder.path().join("kickproof");
    std::fs::hard_link(BINARY, &linked).unwrap();
    let mut command = std::process::Command::new(&linked);
    command.args(["replay", "page-story: a1.login a1.open a1.up a2.login", "--driver", "sockets"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::fs::remove_file(&linked).unwrap();
    std::os::unix::fs::symlink("/bin/false", &linked).unwrap();
    let Output { stdout, stderr, .. } = watched(child.id(), || child.wait_with_output()).unwrap();
    let [told, errors] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(told.ends_with("all 4 steps agree on the sockets\n") && errors.is_empty(), "{told}{errors}");
}

#[test]
fn a_server_that_was_killed_is_one_line_and_another_one_starts_in_its_place() {
    let mut node = start(BINARY).unwrap();
    assert_eq!(node.act(Act::Wait, [].into(), Vec::new()).unwrap().now_ms, cast::NOW.0);
    node.kill();
    let error = node.act(Act::Wait, [].into(), Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "the server process has ended: signal: 9 (SIGKILL), without a word");
    assert!(start(BINARY).unwrap().act(Act::Wait, [].into(), Vec::new()).is_ok());
}

#[test]
fn the_time_of_a_server_moves_only_when_it_is_told_to() {
    let mut node = start(BINARY).unwrap();
    let (none, later) = (Vec::new, UnixMillis(cast::NOW.0 + 20_000));
    assert_eq!(node.act(Act::Advance(later.0), [].into(), none()).unwrap().now_ms, later.0);
    assert_eq!(node.act(Act::Wait, [].into(), none()).unwrap().now_ms, later.0);
    let error = node.act(Act::Fire("lapse".to_owned()), [].into(), none()).unwrap_err().to_string();
    assert_eq!(error, "the server process refuses: 70402, no timer is armed that is named \"lapse\"");
    assert_eq!(node.act(Act::Begin(cast::NOW.0), [].into(), none()).unwrap().now_ms, cast::NOW.0);
}

#[tokio::test]
async fn the_records_of_accounts_are_told_until_they_are_forgotten() {
    let mut node = start(BINARY).unwrap();
    let options = fresh_options(cast::SDK_APP_ID, Platform::Web);
    let instance = options.key.digest();
    let (client, _events) = Client::builder_of(options).connect(&node.address().to_string()).unwrap();
    let (user_id, user_sig) = Cast::of(&scopes::named("page-default").unwrap()).shown(
        model::action::AccountId(0),
        model::action::Credential::Good,
        cast::NOW,
    );
    client.login(&user_id, user_sig).await.unwrap();
    let seen = node.act(Act::Wait, [].into(), vec![user_id.clone()]).unwrap();
    assert_eq!((seen.records[0].sessions[0].key, seen.connections), (instance, 2));
    let seen = node.act(Act::Begin(cast::NOW.0), [].into(), vec![user_id]).unwrap();
    assert!(seen.records[0].sessions.is_empty());
}

fn serve(arguments: &[&str]) -> (i32, String, String) {
    let mut command = kickproof();
    command.args(["serve", "--sdk-app-id", APP, "--key", KEY]).args(arguments);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let Output { status, stdout, stderr } = watched(child.id(), || child.wait_with_output()).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn manual_time_is_refused_where_others_could_move_it() {
    let (status, stdout, stderr) = serve(&["--manual-time", "0", "--listen", "0.0.0.0:0"]);
    let line = "error: --manual-time serves on loopback only, not at 0.0.0.0:0; leave --listen out, or name 127.0.0.1\n";
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (2, "", line));
}

#[test]
fn manual_time_is_refused_with_what_it_does_not_do() {
    let more = "error: --manual-time posts no callbacks, changes terms after 300 s and speaks plain HTTP; leave out webhook, change_period_s, tls_cert, tls_key and trusted_proxies\n";
    let (status, stdout, stderr) = serve(&["--manual-time", "0", "--change-period", "7", "--listen", "127.0.0.1:0"]);
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (2, "", more));
}

#[test]
fn a_server_on_manual_time_warns_and_ends_with_its_standard_input() {
    let (status, stdout, stderr) = serve(&["--manual-time", "0", "--listen", "127.0.0.1:0"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.starts_with("listening on 127.0.0.1:"));
    let warning = "warning: time stands still, and administrators move it at /v1/manual-time; this is for tests only\n";
    assert!(stderr.starts_with(warning), "{stderr}");
}

#[tokio::test]
async fn a_server_whose_time_passes_by_itself_knows_no_calls_on_it() {
    let serving = Serving::start(&["--administrator", "admin"]);
    let user_sig = usersig::make(APP.parse().unwrap(), KEY, "admin", 0, u64::MAX, None);
    let head = format!("POST /v1/manual-time?sdkappid={APP}&identifier=admin&usersig={user_sig} HTTP/1.1\r\nhost: server");
    let mut stream = TcpStream::connect(&serving.address).await.unwrap();
    stream.write_all(format!("{head}\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    serving.end("TERM");
}

/// A build beside a check puts another binary in place of the one that runs.
#[test]
fn a_check_goes_on_whose_own_binary_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("kickproof");
    std::fs::copy(BINARY, &copy).unwrap();
    let script = r#"exec 9< "$1"; rm "$1"; exec /proc/self/fd/9 check --scope refusals-two --driver sockets"#;
    let mut command = std::process::Command::new("sh");
    let child = command.args(["-c", script, "sh"]).arg(&copy).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let Output { status, stderr, .. } = watched(child.id(), || child.wait_with_output()).unwrap();
    assert!(status.success() && !copy.exists(), "{}", String::from_utf8_lossy(&stderr));
}
