//! A server of few descriptors, and somebody who wants them all.

use std::process::Command;

use sut::client::{Client, Event, TcpConnector};
use sut::session::Platform;
use tokio::net::{TcpSocket, TcpStream};

use super::printed;
use crate::serving::{APP, KEY, Serving};

/// From another address of this machine than honest clients.
async fn connect(serving: &Serving) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    socket.connect(serving.address.parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn whoever_holds_400_connections_to_a_server_of_300_descriptors_keeps_nobody_else_out() {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n 300; exec "$0" "$@""#, env!("CARGO_BIN_EXE_kickproof")]).env_remove("KICKPROOF_KEY");
    let serving = Serving::start_as(command, "info", &[]);
    let mut held = Vec::new();
    for _ in 0..400 {
        held.push(connect(&serving).await);
    }
    let user_sig = printed(&["usersig", "--sdk-app-id", APP, "--key", KEY, "alice"]);
    let connector = TcpConnector::new(&serving.address).unwrap();
    let (client, mut events) = Client::builder(APP.parse().unwrap(), Platform::Web).connector(connector);
    client.login("alice", user_sig.trim_end()).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    assert!(!serving.end("TERM").contains("cannot be accepted"));
}
