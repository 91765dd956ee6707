//! Terms that change while a node runs (CONF-1): the shell around [`Changing`]. It stores what an administrator sets, arms the one
//! timer and hands the node what has taken effect; it decides nothing.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::actor::NodeMessage;
use super::machine::Input;
use crate::config::{Changing, TERMS_TIMER, Terms, TermsChange};
use crate::planted::{self, Unreplayed};
use crate::registry::{TermsStore, Unreachable};
use crate::session::Platform;
use crate::timers::{Time, UnixMillis};

/// What is asked of the keeper.
enum TermsRequest {
    /// An administrator's change.
    Set(TermsChange, StoredAnswer),
    /// What the configuration says, loaded anew.
    Load(Terms, StoredAnswer),
}

/// Answered once the change is stored and pending.
type StoredAnswer = oneshot::Sender<Result<(), Unreachable>>;

/// A handle to the one who keeps a node's terms; the keeper ends with the last.
#[derive(Clone)]
pub(super) struct Keeper {
    asked: mpsc::UnboundedSender<TermsRequest>,
}

impl Keeper {
    pub(super) fn start(
        changing: Changing,
        store: Arc<impl TermsStore>,
        time: Arc<dyn Time>,
        node: mpsc::UnboundedSender<NodeMessage>,
    ) -> Keeper {
        let (asked, asking) = mpsc::unbounded_channel();
        tokio::spawn(Keeping { changing, store, time, node, timer: None }.run(asking));
        Keeper { asked }
    }

    /// Changes the newest terms as an administrator wants.
    pub(super) async fn set(&self, change: TermsChange) -> Result<(), Unreachable> {
        self.ask(|answer| TermsRequest::Set(change, answer)).await
    }

    /// Changes to the configuration's terms, and forgets what an administrator set.
    pub(super) async fn load(&self, terms: Terms) -> Result<(), Unreachable> {
        self.ask(|answer| TermsRequest::Load(terms, answer)).await
    }

    async fn ask(&self, asked: impl FnOnce(StoredAnswer) -> TermsRequest) -> Result<(), Unreachable> {
        let (answer, answered) = oneshot::channel();
        let _ = self.asked.send(asked(answer));
        answered.await.unwrap_or_else(|_| Err(Unreachable("the server is gone".to_owned())))
    }
}

/// The keeper itself.
struct Keeping<S> {
    changing: Changing,
    store: Arc<S>,
    time: Arc<dyn Time>,
    node: mpsc::UnboundedSender<NodeMessage>,
    timer: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl<S: TermsStore> Keeping<S> {
    async fn run(mut self, mut asking: mpsc::UnboundedReceiver<TermsRequest>) {
        loop {
            tokio::select! {
                biased;
                asked = asking.recv() => match asked {
                    Some(asked) => self.change(asked).await,
                    None => return,
                },
                () = fired(&mut self.timer) => self.take_effect(),
            }
            self.arm();
        }
    }

    /// Nothing changes that cannot be stored.
    async fn change(&mut self, asked: TermsRequest) {
        let (terms, stored, answer) = match asked {
            TermsRequest::Set(change, answer) => (change.of(self.changing.newest()), keep(&*self.store, change).await, answer),
            TermsRequest::Load(terms, answer) => (terms, self.store.set_changed(None).await, answer),
        };
        if stored.is_ok() {
            self.changing.change(self.time.now(), terms);
            self.hurry(terms);
        }
        let _ = answer.send(stored);
    }

    /// The timer that fires is the pending change's, since another change drops it: it is due, whatever the clock says.
    fn take_effect(&mut self) {
        let due = self.changing.pending().map_or(UnixMillis::default(), |pending| pending.due);
        let in_force = self.changing.fire(self.time.now().max(due));
        tracing::info!(?in_force, "from now on these terms decide");
        let _ = self.node.send(NodeMessage::Input(Input::TermsInForce(in_force)));
    }

    /// The planted opposite of a period: the limit of a Mac is in force at once.
    fn hurry(&self, terms: Terms) {
        let in_force = self.changing.in_force();
        if planted::has(Unreplayed::Conf1MacAtOnce)
            && let Ok(limits) = in_force.limits.with(Platform::Mac, terms.limits.of(Platform::Mac))
        {
            let _ = self.node.send(NodeMessage::Input(Input::TermsInForce(Terms { limits, ..in_force })));
        }
    }

    fn arm(&mut self) {
        let now = self.time.now();
        let pending = self.changing.pending();
        self.timer = pending.map(|pending| self.time.wait(&TERMS_TIMER, now.until(pending.due)));
    }
}

/// Stores a change behind all that was changed before: what administrators never spoke of stays the configuration's.
async fn keep(store: &impl TermsStore, change: TermsChange) -> Result<(), Unreachable> {
    let before = store.changed().await?.unwrap_or_default();
    store.set_changed(Some(before.then(change))).await
}

async fn fired(timer: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>) {
    match timer {
        Some(timer) => timer.await,
        None => pending().await,
    }
}
