//! What stands in a data folder can be read by whoever gets hold of it, and must help nobody to speak for a session or an instance.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use sut::protocol::{ClientFrame, Envelope, MessageId, ServerFrame, VERSION, decode_server, encode};
use sut::registry::durable::Durable;
use sut::registry::{Outbox, Registry};
use sut::server::Server;
use sut::session::{Epoch, InstanceKey, Platform, Secret};
use tempfile::tempdir;
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::system::{APP, PausedTime, System, app, sig};

/// Bits that stand nowhere by chance.
const fn bits(n: u128) -> u128 {
    0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128.wrapping_mul(2 * n + 1)
}

const fn secret(n: u128) -> Secret {
    Secret(bits(n))
}

const fn key(n: u128) -> InstanceKey {
    InstanceKey(bits(n + 100))
}

/// An instance that speaks for itself.
struct Instance {
    n: u128,
    socket: WebSocketStream<DuplexStream>,
}

impl Instance {
    async fn logged_in(system: &System, n: u128, user_id: &str) -> Instance {
        let (socket, _) = client_async("ws://server/v1/ws", system.stream()).await.unwrap();
        let mut instance = Instance { n, socket };
        let (sdk_app_id, user_id, user_sig, key) = (APP, user_id.to_owned(), sig(user_id), key(n));
        let login = ClientFrame::Login { sdk_app_id, user_id, user_sig, platform: Platform::Web, key };
        assert_eq!(instance.asks(login).await, ServerFrame::LoginAnswer { refused: None, gap: false });
        instance
    }

    /// Says something, and hears one answer.
    async fn asks(&mut self, frame: ClientFrame) -> ServerFrame {
        let said = Envelope { v: VERSION, session: secret(self.n), epoch: Epoch(1), frame };
        self.socket.send(Message::text(encode(&said))).await.unwrap();
        let answer = self.socket.next().await.unwrap().unwrap().into_text().unwrap();
        decode_server(answer.as_str()).unwrap().frame
    }
}

/// Logins, one of which kicks, a message, a logout and a stop.
async fn lives_and_stops(system: &System) {
    let _kicked = Instance::logged_in(system, 1, "alice").await;
    let mut sends = Instance::logged_in(system, 2, "alice").await;
    let _kicks = Instance::logged_in(system, 3, "alice").await;
    sends.asks(ClientFrame::Send { id: MessageId(5), to: "bob".to_owned(), text: "hi".to_owned() }).await;
    let mut leaves = Instance::logged_in(system, 4, "bob").await;
    let logout = ClientFrame::Logout { user_id: "bob".to_owned(), key: key(4), user_sig: None };
    assert_eq!(leaves.asks(logout).await, ServerFrame::LogoutAnswer);
    system.stop().await;
}

/// Every byte of every file.
fn bytes_of(folder: &Path) -> Vec<u8> {
    fs::read_dir(folder).unwrap().flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

/// Whether those bits stand there, as they are written or as they are.
fn holds(bytes: &[u8], bits: u128) -> bool {
    let written = format!("{bits:032x}").into_bytes();
    let forms = [written.to_ascii_uppercase(), written, bits.to_be_bytes().to_vec(), bits.to_le_bytes().to_vec()];
    forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

#[tokio::test]
async fn a_data_folder_holds_no_secret_and_no_key() {
    let folder = tempdir().unwrap();
    let registry = Arc::new(Durable::open(folder.path(), APP).unwrap());
    lives_and_stops(&System::of(Server::builder(app()).registry(Arc::clone(&registry)).time(PausedTime::new()).start())).await;
    let bytes = bytes_of(folder.path());
    for n in 1..=4 {
        let (secret, key) = (secret(n), key(n));
        assert_eq!([secret.0, key.0].map(|bits| holds(&bytes, bits)), [false; 2], "instance {n}");
        assert_eq!([secret.digest().0, key.digest().0].map(|bits| holds(&bytes, bits)), [true; 2], "instance {n}");
    }
    let (record, _) = registry.load("alice").await.unwrap();
    assert_eq!((record.sessions.len(), record.kicks.len(), record.accepted.len()), (2, 1, 1));
    assert_eq!(registry.owed().await.unwrap(), ["alice", "bob"]);
    assert_eq!(registry.take_stop().await.unwrap(), [("alice".to_owned(), secret(2).digest())]);
}
