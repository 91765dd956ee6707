//! A node among others at a registry that they share. It hears their commits, at once by notices, and behind a lost one by asking every so
//! often (NODE-2); it sees to it that all is decided anew under another primary (NODE-5); it holds a lease, and takes over the sessions of those
//! whose lease ran out (NODE-3), and the posting of callbacks if it is the oldest of all (NODE-6). It decides nothing of a session.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::WeakUnboundedSender;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Server;
use super::actor::NodeMessage;
use super::machine::Input;
use super::metrics::Metrics;
use super::terms::Keeper;
use crate::planted::{self, Unreplayed};
use crate::registry::{Engine, Lives, Notice, Outbox, Shared, Unreachable, Version, load_each};
use crate::session::{NodeLife, Record, Reign, Session};
use crate::timers::Time;
use crate::webhook::Destination;

/// How often the versions of the accounts that a node holds are asked for, unless told. A lost notice delays a kick by no more than that
/// and a load.
pub const POLL: Duration = Duration::from_secs(5);

/// How many times as long a lease holds: one that cannot be renewed once or twice does not run out.
const LEASE: u32 = 3;

/// How long a lease holds of a node that asks so often.
fn lease(poll: Duration) -> Duration {
    poll * if planted::has(Unreplayed::Node3EndlessLease) { 1000 * LEASE } else { LEASE }
}

impl Server {
    /// Joins the nodes that share the registry, under that name. From now on it hears what others commit, asks so often what it has not heard,
    /// posts callbacks while it is the oldest node, and takes over the sessions of nodes that are gone: they have their links down, lapse from then on, and may have a gap (LINK-8). It is
    /// ready once the first notice can be heard.
    ///
    /// # Errors
    /// The registry does not answer.
    pub async fn join<S: Shared + Outbox>(
        &self,
        shared: Arc<S>,
        name: Option<&str>,
        poll: Duration,
        webhook: Option<Destination>,
    ) -> Result<Member<S>, Unreachable> {
        let (asked, Lives { own, all }) = (Instant::now(), shared.live(None, lease(poll)).await?);
        let (metrics, Engine { reign, .. }) = (self.host.metrics.clone(), shared.engine());
        metrics.named(name.map_or_else(|| own.to_string(), str::to_owned));
        metrics.stored_on(shared.engine());
        let node = Node(self.host.told.downgrade());
        node.reigns(&shared.engine());
        let (ear, posts) = (node.clone(), webhook.clone());
        let hear = move |notice: Notice| {
            posts.iter().for_each(|posts| posts.announce(&notice.user_id));
            ear.tell(Input::Changed(notice))
        };
        shared.tell(Box::new(hear)).await;
        let (time, keeper, waits_until) = (Arc::clone(&self.host.time), self.keeper.clone(), asked);
        let member = Member { shared: Arc::clone(&shared), life: Arc::new(AtomicU32::new(own.0.get())) };
        let life = Arc::clone(&member.life);
        let company = Company { node, shared, time, metrics, keeper, poll, own, life, all, reign, waits_until, webhook };
        self.host.tell(NodeMessage::Input(Input::Life(own)));
        tokio::spawn(company.keep(asked));
        Ok(member)
    }

    /// Tells the node of a commit, as another node's notice does.
    pub fn hear(&self, notice: Notice) {
        self.host.tell(NodeMessage::Input(Input::Changed(notice)));
    }
}

/// A node among others, as they know it.
pub struct Member<S> {
    shared: Arc<S>,
    /// Its present life.
    life: Arc<AtomicU32>,
}

impl<S: Shared> Member<S> {
    /// The node has stopped: the others may take over what it had, and need not wait for its lease.
    ///
    /// # Errors
    /// The registry does not answer; then they wait.
    pub async fn leave(&self) -> Result<(), Unreachable> {
        let life = NonZeroU32::new(self.life.load(Ordering::Relaxed)).map(NodeLife);
        self.shared.leave(life.expect("a life has a number")).await
    }
}

/// The node, as long as it is there.
#[derive(Clone)]
struct Node(WeakUnboundedSender<NodeMessage>);

impl Node {
    /// A node that is gone needs to know no primary.
    fn reigns(&self, Engine { reign, primary, .. }: &Engine) {
        if let Some(node) = self.0.upgrade() {
            let _ = node.send(NodeMessage::Reigns { reign: *reign, primary: primary.clone() });
        }
    }

    /// A node that is gone takes nothing more.
    fn tell(&self, input: Input) -> ControlFlow<()> {
        let told = self.0.upgrade().is_some_and(|node| node.send(NodeMessage::Input(input)).is_ok());
        if told { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// The others, as one node knows them.
struct Company<S> {
    node: Node,
    shared: Arc<S>,
    time: Arc<dyn Time>,
    metrics: Metrics,
    poll: Duration,
    keeper: Keeper,
    /// The life of the node, and where that is told.
    own: NodeLife,
    life: Arc<AtomicU32>,
    /// All lives whose leases held when that was asked last.
    all: BTreeSet<NodeLife>,
    /// Under which primary that was asked.
    reign: Reign,
    /// Nobody is taken for dead before: a new primary may have lost that a lease was renewed.
    waits_until: Instant,
    /// Where callbacks are posted, if they are.
    webhook: Option<Destination>,
}

impl<S: Shared + Outbox> Company<S> {
    /// Goes on until the node is gone.
    async fn keep(mut self, asked: Instant) {
        self.take_over(self.all.clone());
        let _ = self.post(asked).await;
        loop {
            self.time.wait(&"poll", self.poll).await;
            let (answer, held) = oneshot::channel();
            if self.node.0.upgrade().is_none_or(|node| node.send(NodeMessage::Held { answer }).is_err()) {
                return;
            }
            let Ok(held) = held.await else { return };
            if let Err(why) = self.ask(&held).await {
                tracing::debug!(%why, "it is not known what other nodes do");
            }
        }
    }

    async fn ask(&mut self, held: &[(Arc<str>, Version)]) -> Result<(), Unreachable> {
        let (asked, lives) = (Instant::now(), self.shared.live(Some(self.own), lease(self.poll)).await?);
        let engine = self.shared.engine();
        let is_another = engine.reign != self.reign;
        self.reign = engine.reign;
        if is_another {
            self.node.reigns(&engine);
            self.waits_until = Instant::now() + self.poll * LEASE;
            let _ = self.node.tell(Input::Reign(self.reign));
        }
        self.metrics.stored_on(engine);
        self.lives(lives, is_another);
        self.keeper.look(self.poll);
        let stale = self.shared.stale(held).await?;
        self.changed(stale);
        self.post(asked).await
    }

    /// The oldest node posts; it stops before the lease runs out that it was given then at the earliest.
    async fn post(&self, asked: Instant) -> Result<(), Unreachable> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        if self.all.first() != Some(&self.own) {
            webhook.waits();
            return Ok(());
        }
        webhook.take_turn(asked + self.poll * (LEASE - 1));
        self.shared.owed().await?.iter().for_each(|user_id| webhook.announce(user_id));
        Ok(())
    }

    fn changed(&self, stale: Vec<Notice>) {
        let _ = stale.into_iter().try_for_each(|notice| self.node.tell(Input::Changed(notice)));
    }

    /// NODE-3: a node whose own lease ran out is a new one, and whatever it had is for it as for the others to take over. Under another primary
    /// sessions may be on record again that this node has seen end; nobody else looks after them (NODE-5).
    fn lives(&mut self, Lives { own, mut all }: Lives, is_another_primary: bool) {
        if own != self.own {
            tracing::warn!("the lease ran out: other nodes have taken over, and all links that carry a session are given up");
            self.own = own;
            self.life.store(own.0.get(), Ordering::Relaxed);
            let _ = self.node.tell(Input::Life(own));
        }
        if Instant::now() < self.waits_until {
            all.extend(&self.all);
        }
        let is_anybody_gone = self.all.iter().any(|life| !all.contains(life));
        self.all = all;
        if is_another_primary || is_anybody_gone {
            let is_looked_after = |life: &NodeLife| !is_another_primary || *life != own;
            self.take_over(self.all.iter().copied().filter(is_looked_after).collect());
        }
    }

    /// All that none of these nodes holds is found beside everything else. Several nodes may find it: whoever comes second changes nothing.
    fn take_over(&self, holders: BTreeSet<NodeLife>) {
        let (node, shared, time, poll) = (self.node.clone(), Arc::clone(&self.shared), Arc::clone(&self.time), self.poll);
        tokio::spawn(async move {
            while let Err(why) = take_orphans(&node, &*shared, &holders).await {
                tracing::warn!(%why, "what nodes that are gone left is taken over later");
                time.wait(&"take over", poll).await;
            }
        });
    }
}

/// Hands the node all that none of those holds; of what it has itself it takes nothing.
async fn take_orphans(node: &Node, shared: &impl Shared, holders: &BTreeSet<NodeLife>) -> Result<(), Unreachable> {
    let mut taken = 0;
    let take = |user_id: String, loaded: Result<(Record, _), Unreachable>| match loaded {
        Ok((record, _)) => {
            let record = orphans(record, holders);
            taken += record.sessions.len();
            if record != Record::default() {
                let _ = node.tell(Input::Restored { user_id, record, owed_nothing: Vec::new() });
            }
        }
        Err(Unreachable(why)) => tracing::error!(account = user_id, why, "an account is left out, and its logins are refused"),
    };
    load_each(shared, take).await?;
    tracing::info!(sessions = taken, "what nodes that are gone left is taken over");
    Ok(())
}

/// The sessions that none of these nodes holds, and the epochs of no session that one does.
fn orphans(record: Record, holders: &BTreeSet<NodeLife>) -> Record {
    let is_held = |session: &Session| session.node.is_some_and(|life| holders.contains(&life));
    let (held, sessions): (Vec<_>, Vec<_>) = record.sessions.into_iter().partition(is_held);
    let mut epochs = record.epochs;
    epochs.retain(|key, _| held.iter().all(|session| session.key != *key));
    Record { sessions, epochs, ..Record::default() }
}
