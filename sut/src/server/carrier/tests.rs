//! A link whose node says what none would.

use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::kick_log::Addresses;
use crate::link::Ahead;
use crate::protocol::{Envelope, ServerFrame, VERSION};
use crate::server::crowd::Crowd;
use crate::server::metrics::Metrics;
use crate::session::{Epoch, SessionDigest};
use crate::timers::SystemTime;

/// Carries the link until it is closed, and writes out the close.
async fn serve(stream: DuplexStream, told: mpsc::UnboundedSender<NodeMessage>) {
    let link = Link::guarded(WebSocketStream::from_raw_socket(Ahead::new(stream), Role::Server, None).await);
    let (time, addresses, metrics) = (Arc::new(SystemTime), Addresses::default(), Metrics::new());
    let host = Arc::new(Host { told, time, metrics, addresses, bounds: Bounds::NONE, crowd: Crowd::default() });
    Carrier::up(link, LinkId(1), None, host).carry().await;
}

/// Writes to a session that nobody has named; what the connection tells then.
async fn answer_nobody(mut told: mpsc::UnboundedReceiver<NodeMessage>) -> Option<NodeMessage> {
    let Some(NodeMessage::Up { commands, .. }) = told.recv().await else { panic!("the link is not up") };
    let said = Envelope { v: VERSION, session: SessionDigest(1), epoch: Epoch(1), frame: ServerFrame::Pong };
    commands.unbounded_send(Box::new(Command::Send(said))).unwrap();
    told.recv().await
}

#[tokio::test]
async fn an_answer_to_a_session_that_the_link_has_not_named_closes_it_and_the_node_hears_of_it() {
    let (near, far) = duplex(1024);
    let (told, tells) = mpsc::unbounded_channel();
    let client = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
    let ((), told, heard) = tokio::join!(serve(far, told), answer_nobody(tells), client.collect::<Vec<_>>());
    assert!(matches!(told, Some(NodeMessage::Input(Input::LinkDown { link: LinkId(1), close: None }))), "{told:?}");
    let Some(Ok(Message::Close(Some(close)))) = heard.first() else { panic!("{heard:?}") };
    assert_eq!(u16::from(close.code), INTERNAL_ERROR);
}
