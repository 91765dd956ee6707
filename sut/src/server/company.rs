//! What a node hears of the other nodes at its registry: their commits, at once by notices, and behind a lost one by asking every so often
//! (NODE-2). It decides nothing.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::WeakUnboundedSender;
use tokio::sync::oneshot;

use super::Server;
use super::actor::NodeMessage;
use super::machine::Input;
use crate::registry::{Notice, Shared};
use crate::timers::Time;

/// How often the versions of the accounts that a node holds are asked for, unless told. A lost notice delays a kick by no more than that
/// and a load.
pub const POLL: Duration = Duration::from_secs(5);

impl Server {
    /// Has the node hear from now on what others commit to its registry, and ask so often what it has not heard. It is ready once the first
    /// notice can be heard.
    pub async fn join(&self, shared: Arc<impl Shared>, poll: Duration) {
        let told = self.host.told.downgrade();
        let ear = {
            let told = told.clone();
            move |notice| hear(&told, notice)
        };
        shared.tell(Box::new(ear)).await;
        tokio::spawn(poll_for(told, shared, Arc::clone(&self.host.time), poll));
    }

    /// Tells the node of a commit, as another node's notice does.
    pub fn hear(&self, notice: Notice) {
        self.host.tell(NodeMessage::Input(Input::Changed(notice)));
    }
}

/// Asks until the node is gone.
async fn poll_for(node: WeakUnboundedSender<NodeMessage>, shared: Arc<impl Shared>, time: Arc<dyn Time>, poll: Duration) {
    loop {
        time.wait(&"poll", poll).await;
        let (answer, held) = oneshot::channel();
        if node.upgrade().is_none_or(|node| node.send(NodeMessage::Held { answer }).is_err()) {
            return;
        }
        let Ok(held) = held.await else { return };
        match shared.stale(&held).await {
            Ok(stale) => {
                let _ = stale.into_iter().try_for_each(|notice| hear(&node, notice));
            }
            Err(why) => tracing::debug!(%why, "it is not known what other nodes committed"),
        }
    }
}

/// A node that is gone listens no longer.
fn hear(node: &WeakUnboundedSender<NodeMessage>, notice: Notice) -> ControlFlow<()> {
    let told = node.upgrade().is_some_and(|node| node.send(NodeMessage::Input(Input::Changed(notice))).is_ok());
    if told { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
