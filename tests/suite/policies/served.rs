//! The policy of the documentation, used: scopes are checked under it, and a server lets in by it.

use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use sut::client::{Client, Events};
use sut::code::{Code, Refusal};
use sut::usersig;

use super::folder;
use crate::serving::{APP, KEY, Serving, kickproof, watched};

fn branch() -> String {
    folder().join("branch.toml").to_str().unwrap().to_owned()
}

fn run(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    watched(child.id(), || child.wait_with_output()).unwrap()
}

#[test]
fn a_scope_is_checked_under_the_policy_of_a_file() {
    let output = run(kickproof().args(["check", "--scope", "refusals-two", "--driver", "machines", "--policy", &branch()]));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("refusals-two@own=till,office.kiosk.phone,tablet+account=3+refuse"), "{printed}");
    assert!(printed.contains("GREEN: 1 of 1 scopes VERIFIED"), "{printed}");
}

/// An instance of alice of that platform that has been let in, or why it was not.
async fn let_in(serving: &Serving, platform: &str) -> Result<(Client, Events), Refusal> {
    let app = APP.parse().unwrap();
    let (client, events) = Client::builder(app, platform.parse().unwrap()).connect(&serving.address).unwrap();
    client.login("alice", usersig::make(app, KEY, "alice", now_s(), 600, None)).await?;
    Ok((client, events))
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn a_server_lets_in_by_the_platforms_of_a_file_and_refuses_who_has_no_place() {
    let serving = Serving::start(&["--policy", &branch()]);
    let mut online = vec![let_in(&serving, "till").await.unwrap()];
    assert_eq!(let_in(&serving, "office").await.unwrap_err().code, Code::NoPlace, "a till is of its class");
    for platform in ["kiosk", "kiosk"] {
        online.push(let_in(&serving, platform).await.unwrap());
    }
    for platform in ["kiosk", "till", "phone"] {
        assert_eq!(let_in(&serving, platform).await.unwrap_err().code, Code::NoPlace, "{platform}");
    }
    let stranger = let_in(&serving, "Web").await.unwrap_err();
    let expected = "Web is no platform of this app; till, office, kiosk, phone, tablet are";
    assert_eq!((stranger.code, stranger.text.as_str()), (Code::BadField, expected));
    assert!(online.iter().all(|(client, _)| client.login_user().is_some()));
    let log = serving.end("TERM");
    assert!(log.contains("platform=\"kiosk\""), "{log}");
}
