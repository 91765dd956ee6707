//! `kickproof serve` with its registry on a Redis server.

#[path = "../../../sut/tests/registry/redis/server.rs"]
pub(crate) mod server;
#[path = "../../../sut/tests/registry/redis/watched.rs"]
pub(super) mod watched;

use super::failure;
use super::served::{administer, ready, ready_as};
use crate::serving::{APP, KEY, Serving};
use server::Server;

/// Why `serve` does not start with these further arguments.
fn does_not_start(more: &[&str]) -> (i32, String) {
    failure(&[&["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0"], more].concat())
}

async fn status_of_alice(serving: &Serving) -> String {
    administer(serving, "admin", "openim/query_online_status", r#"{"To_Account":["alice"]}"#).await
}

#[tokio::test]
async fn sessions_survive_a_sigkill_and_an_outage_in_which_logins_are_refused() {
    let mut redis = Server::start();
    let url = redis.url();
    let args = ["--administrator", "admin", "--registry", &url];
    let serving = Serving::start(&args);
    let _alice = ready(&serving).await;
    serving.kill();
    let serving = Serving::start(&args);
    assert!(status_of_alice(&serving).await.contains("Online"));
    redis.signal("STOP");
    assert_eq!(ready_as(&serving, "bob").await.unwrap_err().code.number(), 70169);
    redis.signal("CONT");
    let _bob = ready_as(&serving, "bob").await.unwrap();
    assert!(status_of_alice(&serving).await.contains("Online"));
    redis.replace();
    assert_eq!(ready_as(&serving, "carol").await.unwrap_err().code.number(), 70169);
    serving.kill();
    ready_as(&Serving::start(&args), "carol").await.unwrap();
}

#[test]
fn a_registry_that_is_no_place_out_of_reach_or_anothers_is_said_in_one_line() {
    let redis = Server::start();
    let (url, folder) = (redis.url(), tempfile::tempdir().unwrap());
    Serving::start(&["--registry", &url]).end("TERM");
    let at = url.trim_end_matches("/0");
    let args = ["serve", "--sdk-app-id", "7", "--key", KEY, "--listen", "127.0.0.1:0", "--registry", &url];
    let others = format!("registry out of reach: {at}: its registry is of SDKAppID {APP}, and 7 is to be served");
    assert_eq!(failure(&args), (1, others));
    drop(redis);
    let (status, line) = does_not_start(&["--registry", &url]);
    assert!(status == 1 && line.starts_with(&format!("registry out of reach: {at}: ")) && line.contains("refused"), "{line}");
    let (status, line) = does_not_start(&["--registry", "redis://127.0.0.1:6379/first"]);
    assert!(status == 2 && line.contains("it would be a folder") && line.contains(", a Redis server"), "{line}");
    let (status, line) = does_not_start(&["--registry", &url, "--data", folder.path().to_str().unwrap()]);
    assert_eq!((status, line.as_str()), (2, "the argument '--registry <PLACE>' cannot be used with '--data <DIR>'; see --help"));
}
