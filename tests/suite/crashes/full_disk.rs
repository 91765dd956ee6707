//! A disk on which nothing can be written for a while.

use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use sut::client::Event;
use sut::session::Platform;
use tempfile::tempdir;

use super::system::{Instance, Way, sig};
use crate::serving::Serving;

/// A server to which a file that may not grow is a disk that is full, and no reason to die.
fn start(data: &str) -> Serving {
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap '' XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_kickproof")]);
    Serving::start_as(command, "warn", &["--data", data])
}

/// Whether the server can write behind the first few bytes of a file.
fn let_write(serving: &Serving, may_write: bool) {
    let process = Pid::from_raw(serving.process().try_into().unwrap());
    let current = (!may_write).then_some(4096);
    prlimit(process, Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
}

#[tokio::test]
async fn a_node_whose_disk_was_full_stores_again_once_it_is_not() {
    let folder = tempdir().unwrap();
    let serving = start(folder.path().to_str().unwrap());
    let way = Way::default();
    way.leads(Some(&serving.address));
    let first = Instance::ready(&way, "alice").await;
    let_write(&serving, false);
    let mut second = Instance::new(&way, Platform::Mac);
    second.client.login("alice", sig("alice")).await.unwrap_err();
    serving.logged("what was to be stored is not");
    let_write(&serving, true);
    second.client.login("alice", sig("alice")).await.unwrap();
    second.expects([Event::SdkReady]).await;
    assert!(first.client.is_ready());
}
