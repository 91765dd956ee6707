//! Terms that change while a node runs (CONF-1): the shell around [`Changing`]. It stores what an administrator sets, arms the one
//! timer and hands the node what has taken effect; it decides nothing.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::actor::NodeMessage;
use super::machine::Input;
use crate::config::{Changing, TERMS_TIMER, Terms, TermsChange};
use crate::planted::{self, Unreplayed};
use crate::registry::{TermsStore, Unreachable};
use crate::session::{Platform, Reign};
use crate::timers::{Time, UnixMillis};

/// What is asked of the keeper.
enum TermsRequest {
    /// An administrator's change.
    Set(TermsChange, StoredAnswer),
    /// What the configuration says, loaded anew.
    Load(Terms, StoredAnswer),
    /// Whether another node's administrator changed something, not so long ago.
    Look(Duration),
    /// Under which primary something would be stored now.
    Reign(oneshot::Sender<Reign>),
    /// That no primary can lose what was stored since.
    Keep(Reign, StoredAnswer),
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

    /// Looks, beside everything else, whether another node stored a change not longer ago than that.
    pub(super) fn look(&self, ago: Duration) {
        let _ = self.asked.send(TermsRequest::Look(ago));
    }

    /// As [`TermsStore::reign`].
    pub(super) async fn reign(&self) -> Reign {
        let (answer, answered) = oneshot::channel();
        let _ = self.asked.send(TermsRequest::Reign(answer));
        answered.await.unwrap_or_default()
    }

    /// As [`TermsStore::keep`].
    pub(super) async fn keep(&self, since: Reign) -> Result<(), Unreachable> {
        self.ask(|answer| TermsRequest::Keep(since, answer)).await
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
                    Some(asked) => self.take(asked).await,
                    None => return,
                },
                () = fired(&mut self.timer) => self.take_effect(),
            }
            self.arm();
        }
    }

    async fn take(&mut self, asked: TermsRequest) {
        match asked {
            TermsRequest::Set(change, answer) => {
                let (terms, stored) = (change.of(self.changing.newest()), keep(&*self.store, change).await);
                self.change(terms, stored, answer);
            }
            TermsRequest::Load(terms, answer) => {
                let stored = self.store.set_changed(None).await;
                self.change(terms, stored, answer);
            }
            TermsRequest::Look(ago) => self.look(ago).await,
            TermsRequest::Reign(answer) => drop(answer.send(self.store.reign())),
            TermsRequest::Keep(since, answer) => drop(answer.send(self.store.keep(since).await)),
        }
    }

    /// Another node's change is pending here as long as there, from before it was found on (CONF-1). That one was forgotten is found by nobody:
    /// what was configured without it each node knows of itself alone.
    async fn look(&mut self, ago: Duration) {
        let Ok(Some(changed)) = self.store.changed().await else { return };
        let terms = changed.of(self.changing.newest());
        if terms != self.changing.newest() {
            self.changing.change(self.time.now().minus(ago), terms);
        }
    }

    /// Nothing changes that cannot be stored.
    fn change(&mut self, terms: Terms, stored: Result<(), Unreachable>, answer: StoredAnswer) {
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
