//! The limit: the least that speaks the frames of a takeover, in one thread. It knows no rule, looks at no UserSig, keeps no record and
//! never gives a link up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use sut::protocol::{ClientFrame, Envelope, ServerFrame};
use sut::session::KickReason;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use super::load::block_on;
use super::serving::listen;

/// The first word of a limit.
pub(crate) const WORD: &str = "serve-limit";

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;

/// A little more than the frames of a takeover take, but for the login's.
const READ_BUFFER_BYTES: usize = 512;

/// Who is told that another one took its account over.
type Sessions = Arc<Mutex<HashMap<String, oneshot::Sender<()>>>>;

/// Serves until it is killed.
pub(crate) fn serve() {
    block_on(async {
        let (listener, sessions) = (listen(BACKLOG), Sessions::default());
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(carry(stream, Arc::clone(&sessions)));
        }
    });
}

fn config() -> WebSocketConfig {
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = READ_BUFFER_BYTES;
    config.write_buffer_size = 0;
    config
}

async fn carry(stream: TcpStream, sessions: Sessions) {
    stream.set_nodelay(true).expect("a TCP stream can do without delay");
    let Ok(mut link) = Box::pin(accept_async_with_config(stream, Some(config()))).await else { return };
    let Some(Ok(Message::Text(login))) = link.next().await else { return };
    let login = read(&login);
    let ClientFrame::Login { user_id, .. } = &login.frame else { return };
    let (kick, kicked) = oneshot::channel();
    let victim = sessions.lock().expect("nothing panics while it holds the lock").insert(user_id.clone(), kick);
    victim.map(|victim| victim.send(()));
    say(&mut link, &login, ServerFrame::LoginAnswer { refused: None, gap: false }).await;
    tokio::select! {
        Ok(()) = kicked => {}
        _ = link.next() => return,
    }
    say(&mut link, &login, ServerFrame::Notice { reason: KickReason::MultipleAccount }).await;
    if let Some(Ok(Message::Text(ack))) = link.next().await {
        assert_eq!(read(&ack).frame, ClientFrame::KickAck);
        let _ = link.close(None).await;
    }
}

fn read(text: &Utf8Bytes) -> Envelope<ClientFrame> {
    serde_json::from_str(text).expect("the load speaks these frames")
}

async fn say(link: &mut WebSocketStream<TcpStream>, to: &Envelope<ClientFrame>, frame: ServerFrame) {
    let said = Envelope { v: to.v, session: to.session, epoch: to.epoch, frame };
    let _ = link.send(Message::text(serde_json::to_string(&said).expect("a frame can be written"))).await;
}
