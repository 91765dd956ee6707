//! What SIGHUP changes of a server that the command line has started.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use sut::client::Client;
use sut::session::Platform;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::printed;
use super::served::administer_with;
use crate::serving::{APP, PATIENCE, Serving, kickproof};

/// A configuration file that may be written anew, of a server that is run with it alone.
struct Configured {
    folder: TempDir,
}

impl Configured {
    fn with(content: &str) -> (Configured, Serving) {
        Configured::run(kickproof(), content)
    }

    /// The same by that command.
    fn run(mut command: Command, content: &str) -> (Configured, Serving) {
        let configured = Configured { folder: tempfile::tempdir().unwrap() };
        configured.holds(content);
        command.stdin(Stdio::null()).args(["serve", "--config"]).arg(configured.file());
        let serving = Serving::of(command, "info");
        (configured, serving)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("kickproof.toml")
    }

    fn holds(&self, content: &str) {
        let least = format!("sdk_app_id = {APP}\nlisten = \"127.0.0.1:0\"\ndrain_s = 0\n");
        fs::write(self.file(), format!("{least}{content}")).unwrap();
    }
}

/// Whether alice is let in with a UserSig that is signed so.
async fn is_let_in(serving: &Serving, key: &str) -> bool {
    let (client, _events) = Client::builder(APP.parse().unwrap(), Platform::Mac).connect(&serving.address).unwrap();
    let user_sig = printed(&["usersig", "--sdk-app-id", APP, "--key", key, "alice"]);
    client.login("alice", user_sig.trim_end()).await.is_ok()
}

#[tokio::test]
async fn another_secret_key_is_taken_and_the_old_one_is_good_for_a_while() {
    let (configured, serving) = Configured::with("secret_key = \"first\"");
    configured.holds("secret_key = \"second\"");
    serving.told("HUP", "at_once=\"secret_key\"");
    for (key, expected) in [("first", true), ("second", true), ("third", false)] {
        assert_eq!(is_let_in(&serving, key).await, expected, "{key}");
    }
    let log = serving.end("TERM");
    assert!(!log.contains("first") && !log.contains("second"), "the log shows a key: {log}");
}

#[tokio::test]
async fn another_secret_key_that_the_variable_hides_is_warned_of_and_the_same_one_is_not() {
    let mut command = kickproof();
    command.env("KICKPROOF_KEY", "first");
    let (configured, serving) = Configured::run(command, "secret_key = \"first\"");
    configured.holds("secret_key = \"first\"\nadministrators = [\"admin\"]");
    serving.told("HUP", "at_once=\"administrators\"");
    configured.holds("secret_key = \"second\"");
    let log = serving.told("HUP", "SIGHUP: the file states another secret_key, which stays hidden by --key or KICKPROOF_KEY\n");
    assert_eq!(log.matches("hidden").count(), 1, "{log}");
    for (key, expected) in [("first", true), ("second", false)] {
        assert_eq!(is_let_in(&serving, key).await, expected, "{key}");
    }
    let log = serving.end("TERM");
    assert!(!log.contains("first") && !log.contains("second"), "the log shows a key: {log}");
}

#[tokio::test]
async fn without_an_overlap_the_old_key_is_good_no_longer() {
    let (configured, serving) = Configured::with("secret_key = \"first\"");
    configured.holds("secret_key = \"second\"\nkey_overlap_s = 0");
    serving.told("HUP", "at_once=\"secret_key\"");
    for (key, expected) in [("first", false), ("second", true)] {
        assert_eq!(is_let_in(&serving, key).await, expected, "{key}");
    }
    serving.end("TERM");
}

#[tokio::test]
async fn other_administrators_are_let_through_and_a_broken_file_changes_nothing() {
    let (configured, serving) = Configured::with("secret_key = \"first\"\nadministrators = [\"admin\"]");
    configured.holds("secret_key = \"first\"\nadministrators = [\"root\"]");
    serving.told("HUP", "at_once=\"administrators\"");
    configured.holds("secret_key = \"second\"\nadministrators = 7");
    serving.told("HUP", "SIGHUP: nothing is changed");
    for (administrator, expected) in [("admin", 70403), ("root", 0)] {
        let answer = administer_with("first", &serving, administrator, "im_open_login_svc/kick", r#"{"UserID":"bob"}"#).await;
        assert!(answer.contains(&format!("\"ErrorCode\":{expected}")), "{answer}");
    }
    assert!(!is_let_in(&serving, "second").await);
    serving.end("TERM");
}

/// The path of the first callback that comes.
async fn path(listener: &TcpListener) -> String {
    let (mut stream, _): (TcpStream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut head = vec![0; 4096];
    let read = timeout(PATIENCE, stream.read(&mut head)).await.unwrap().unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    head.split(['?', ' ']).nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn callbacks_go_to_another_url_and_what_waits_for_the_next_start_is_named() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = |path: &str| format!("webhook = \"http://{}/{path}\"\nsecret_key = \"first\"", receiver.local_addr().unwrap());
    let (configured, serving) = Configured::with(&url("old"));
    configured.holds(&format!("{}\nusersig_ahead_s = 1", url("new")));
    serving.told("HUP", "SIGHUP: until the next start these stay as they were: usersig_ahead_s\n");
    assert!(serving.logged("SIGHUP").contains("at_once=\"webhook\""));
    assert!(is_let_in(&serving, "first").await);
    assert_eq!(path(&receiver).await, "/new");
    serving.end("TERM");
}
