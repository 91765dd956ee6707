//! What is under way between nodes, and from a node to the registry, in the harness's hand: notices of commits until they are delivered or
//! lost, and the commits of logins until they are let through. It decides nothing.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use model::action::{AccountId, NodeId};
use model::lives::Lease;
use model::nodes::Notices;
use model::scope::{Commits, MAX_ACCOUNTS, Scope};
use sut::registry::{Ear, Notice, Write};
use sut::session::{NodeLife, Record};
use tokio::sync::oneshot;

use crate::cast;

/// What is under way, as all nodes share it.
#[derive(Clone)]
pub(super) struct Between {
    nodes: u8,
    nodes_fail: bool,
    commits: Commits,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    /// To which node, and of what.
    notices: Vec<(NodeId, Notice)>,
    /// By which node.
    commits: Vec<(NodeId, Sent)>,
    ears: Vec<(NodeId, Ear)>,
    /// The lives of nodes, those of a node in their order, and whether their leases hold.
    lives: Vec<(NodeId, NodeLife, Lease)>,
    /// The nodes that are dead.
    dead: Vec<NodeId>,
}

/// A commit under way.
pub(super) struct Sent {
    pub(super) user_id: String,
    pub(super) write: Write,
    /// Whoever waits for it to be let through, if somebody does.
    through: oneshot::Sender<()>,
}

impl Sent {
    /// Lets it through. Whether somebody waited.
    pub(super) fn goes_through(self) -> bool {
        self.through.send(()).is_ok()
    }
}

impl Between {
    /// Nothing is under way yet.
    pub(super) fn of(scope: &Scope) -> Between {
        let nodes = scope.nodes().count() as u8;
        Between { nodes, nodes_fail: scope.nodes_fail(), commits: scope.commits, held: Arc::default() }
    }

    /// The same notices and lives once more, which go their own way from here. Nobody listens, and no commit is under way.
    pub(super) fn fork(&self) -> Between {
        let Held { notices, lives, dead, .. } = &*self.held();
        let held = Held { notices: notices.clone(), lives: lives.clone(), dead: dead.clone(), ..Held::default() };
        Between { held: Arc::new(Mutex::new(held)), ..*self }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nothing panics while it holds the lock")
    }

    /// A node has committed, of which every other one is to hear.
    pub(super) fn publish(&self, by: NodeId, notice: &Notice) {
        let mut held = self.held();
        let others = (0..self.nodes).map(NodeId).filter(|node| *node != by && !held.dead.contains(node));
        let meant: Vec<_> = others.map(|node| (node, notice.clone())).collect();
        held.notices.extend(meant);
    }

    /// The node has that life, whose lease holds.
    pub(super) fn lives(&self, node: NodeId, life: NodeLife) {
        let mut held = self.held();
        if held.lives.iter().all(|(_, other, _)| *other != life) {
            held.lives.push((node, life, Lease::Holds));
        }
    }

    /// The node that has or had that life, and whether its lease holds.
    pub(super) fn node_of(&self, life: NodeLife) -> Option<(NodeId, Lease)> {
        self.held().lives.iter().find(|(_, other, _)| *other == life).map(|(node, _, lease)| (*node, *lease))
    }

    /// The lease ends of the life that a node had first of those whose leases hold: that life.
    pub(super) fn lease_ends(&self, node: NodeId) -> Option<NodeLife> {
        let mut held = self.held();
        let (_, life, lease) = held.lives.iter_mut().find(|(of, _, lease)| (*of, *lease) == (node, Lease::Holds))?;
        *lease = Lease::Over;
        Some(*life)
    }

    /// The node is dead: nobody there listens, and nothing waits for it.
    pub(super) fn dies(&self, node: NodeId) {
        let mut held = self.held();
        held.notices.retain(|(to, _)| *to != node);
        held.commits.retain(|(by, _)| *by != node);
        held.ears.retain(|(of, _)| *of != node);
        held.dead.push(node);
    }

    /// The node is started again.
    pub(super) fn starts(&self, node: NodeId) {
        self.held().dead.retain(|dead| *dead != node);
    }

    /// The node listens with that ear from now on.
    pub(super) fn listens(&self, node: NodeId, ear: Ear) {
        self.held().ears.push((node, ear));
    }

    /// Takes the notices that are under way to a node of commits to an account's record, oldest first. Where a node may be frozen while several
    /// come, all but the newest of them are lost: to the model whoever hears of any looks at the record as it is then.
    pub(super) fn take(&self, node: NodeId, account: AccountId) -> Vec<Notice> {
        let mut held = self.held();
        let is_meant = |(to, notice): &(NodeId, Notice)| (*to, &*notice.user_id) == (node, cast::user_id(account));
        let (meant, others) = mem::take(&mut held.notices).into_iter().partition(is_meant);
        held.notices = others;
        let meant: Vec<_> = meant;
        let lost = if self.nodes_fail { meant.len().saturating_sub(1) } else { 0 };
        meant.into_iter().skip(lost).map(|(_, notice)| notice).collect()
    }

    /// Delivers them to the ear of the node.
    pub(super) fn deliver(&self, node: NodeId, notices: Vec<Notice>) {
        let mut held = self.held();
        let ears = held.ears.iter_mut().filter(|(of, _)| *of == node);
        ears.for_each(|(_, ear)| notices.iter().for_each(|notice| _ = ear(notice.clone())));
    }

    /// The notices under way, of each account.
    pub(super) fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        let mut notices = [Notices::default(); MAX_ACCOUNTS];
        for (node, notice) in &self.held().notices {
            cast::account(&notice.user_id).into_iter().for_each(|account| notices[usize::from(account.0)].add(*node));
        }
        notices
    }

    /// Holds a commit of a node, decided on the record that is stored, if it is one of a login: what tells that it is let through. `None` if
    /// it goes through at once, as one does that was decided on an older record and is refused.
    pub(super) fn hold(&self, by: NodeId, user_id: &str, write: &Write, stored: &Record) -> Option<oneshot::Receiver<()>> {
        if self.commits == Commits::AtOnce || !admits(stored, &write.record) {
            return None;
        }
        let (through, waits) = oneshot::channel();
        self.held().commits.push((by, Sent { user_id: user_id.to_owned(), write: write.clone(), through }));
        Some(waits)
    }

    /// Takes the commit that a node has under way.
    pub(super) fn take_commit(&self, by: NodeId) -> Option<Sent> {
        let mut held = self.held();
        let place = held.commits.iter().position(|(of, _)| *of == by)?;
        Some(held.commits.remove(place).1)
    }
}

/// Whether somebody is online behind a commit who was not before.
fn admits(stored: &Record, committed: &Record) -> bool {
    committed.sessions.iter().any(|session| stored.sessions.iter().all(|before| before.digest != session.digest))
}
