//! Nodes that die and nodes that freeze, and who waits for the instances of their sessions: nobody until the lease ends, then every other
//! node (NODE-3). It lets nobody in and kicks nobody.

use crate::action::{AccountId, InstanceId, NodeId};
use crate::cx::{At, ServerCx};
use crate::frame::Queue;
use crate::link::{Epoch, Link, ServerEnd};
use crate::observation::Close;
use crate::records::{Label, Session};
use crate::scope::Scope;
use crate::state::{Instance, SeatRecord, Server};

/// Whether the lease holds of the life that a node had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lease {
    /// It does: to the others the node is there.
    Holds,
    /// It ran out, and the others know.
    Over,
}

/// How a node fares that does not fare well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Health {
    /// It is dead.
    Dead(Lease),
    /// It was started again, in another life, while the lease of the one before holds.
    Anew,
    /// It is frozen: nothing reaches it, and it does nothing.
    Frozen(Lease),
    /// It is awake, and has not found out yet that its lease ran out.
    Late,
}

/// The node that does not fare well; one at a time does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ailing {
    /// Which.
    pub node: NodeId,
    /// How it fares.
    pub health: Health,
}

/// Which nodes have a session whose link is down, or may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waits {
    /// The node to which its link leads, and no other; where nodes do not fail, it is not told.
    #[default]
    Linked,
    /// The node that had its link last.
    At(NodeId),
    /// None: its node is gone, and the lease holds.
    Nowhere,
    /// Every node, and none that knows what it was owed.
    Everywhere,
    /// Every node, of which that one had its link and knows.
    Beside(NodeId),
}

/// The same of each session of a seat, by its label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Waiting([Waits; Label::LAST.0 as usize + 1]);

impl Waiting {
    /// Of that session.
    pub const fn of(self, label: Label) -> Waits {
        self.0[label.0 as usize]
    }

    pub(crate) fn set(&mut self, label: Label, waits: Waits) {
        self.0[usize::from(label.0)] = waits;
    }

    /// The same under other labels; of those without one it is forgotten.
    pub(crate) fn renumbered(self, mut number: impl FnMut(Label) -> Label) -> Waiting {
        let mut renumbered = Waiting::default();
        for label in (1..=Label::LAST.0).map(Label).filter(|label| self.of(*label) != Waits::Linked) {
            renumbered.set(number(label), self.of(label));
        }
        renumbered
    }
}

impl Server {
    /// How a node fares; `None`: well.
    pub fn health(&self, node: NodeId) -> Option<Health> {
        self.ailing.filter(|ailing| ailing.node == node).map(|ailing| ailing.health)
    }

    /// Whether the node does what reaches it.
    pub fn is_awake(&self, node: NodeId) -> bool {
        match self.health(node) {
            None | Some(Health::Anew | Health::Late) => true,
            Some(Health::Dead(_) | Health::Frozen(_)) => false,
        }
    }

    /// Whether the node is dead: not even what is under way to it waits for it.
    pub fn is_dead(&self, node: NodeId) -> bool {
        matches!(self.health(node), Some(Health::Dead(_)))
    }

    /// Whether the node is frozen.
    pub fn is_frozen(&self, node: NodeId) -> bool {
        matches!(self.health(node), Some(Health::Frozen(_)))
    }

    /// The node to which a link leads that is opened for that seat: its own, or the first that is awake.
    pub(crate) fn leads_to(&self, scope: &Scope, own: NodeId) -> NodeId {
        let mut nodes = [own].into_iter().chain(scope.nodes());
        nodes.find(|node| self.is_awake(*node)).expect("one node at a time does not fare well")
    }
}

impl Instance {
    /// The first awake node that has a lapse timer for the session; `None` if none has.
    pub fn waits_at(&self, scope: &Scope, server: &Server, account: AccountId, session: Session) -> Option<NodeId> {
        let linked = self.links.slot_of(account, session).map(|slot| self.links.at(slot).node);
        match self.record.waiting.of(session.label) {
            Waits::Linked if linked.is_none() => Some(scope.node(session.seat)),
            Waits::At(node) if linked.is_none() && server.is_awake(node) => Some(node),
            Waits::Linked | Waits::At(_) | Waits::Nowhere => None,
            Waits::Everywhere | Waits::Beside(_) => scope.nodes().find(|node| server.is_awake(*node) && Some(*node) != linked),
        }
    }

    /// The session of the seat in that account whose lapse timer would fire, and at which node.
    pub fn lapses(&self, scope: &Scope, server: &Server, seat: InstanceId, account: AccountId) -> Option<(Session, NodeId)> {
        let mut theirs = server.roster(account).sessions().filter(|session| session.seat == seat);
        theirs.find_map(|session| Some((session, self.waits_at(scope, server, account, session)?)))
    }

    /// Whether the node had the session's link last, and so knows what it is owed.
    pub fn is_known_at(&self, node: NodeId, account: AccountId, session: Session) -> bool {
        let is_linked = || self.links.slot_of(account, session).is_some_and(|slot| self.links.at(slot).node == node);
        match self.record.waiting.of(session.label) {
            Waits::Linked => is_linked(),
            Waits::At(other) | Waits::Beside(other) => other == node,
            Waits::Nowhere | Waits::Everywhere => false,
        }
    }
}

impl SeatRecord {
    fn wait(&mut self, session: Session, waits: Waits) {
        self.waiting.set(session.label, waits);
    }
}

impl ServerCx<'_, '_> {
    /// The session goes on over a link, and no node waits for its instance.
    pub(crate) fn is_linked(&mut self, session: Session) {
        self.record(session.seat).wait(session, Waits::Linked);
    }

    /// The link to this node of a session is down, and it waits for its instance, unless others do as well.
    pub(crate) fn waits_for(&mut self, link: &Link, account: AccountId, session: Session) {
        let is_its_link = self.server.roster(account).has(session) && link.epoch == Epoch::Newest;
        let waits = &mut self.seat(session.seat).record.waiting;
        if is_its_link && waits.of(session.label) == Waits::Linked {
            waits.set(session.label, Waits::At(link.node));
        }
    }

    /// Whether this node knows what the session is owed; where nodes do not fail, its own does.
    pub(crate) fn knows_what_it_owes(&mut self, account: AccountId, session: Session) -> bool {
        let node = self.node;
        !self.scope.nodes_fail() || self.seat(session.seat).is_known_at(node, account, session)
    }

    /// The node is gone with all that it had in memory, and its links with it.
    pub(crate) fn die(&mut self) {
        self.fare(Some(Health::Dead(Lease::Holds)));
        self.miss_all();
        self.each_session(|waits, node, linked| match waits {
            Waits::Linked if linked == Some(node) => Waits::Nowhere,
            Waits::At(of) if of == node => Waits::Nowhere,
            Waits::Beside(of) if of == node => Waits::Everywhere,
            waits => waits,
        });
        for at in self.links_here() {
            let link = self.link(at);
            *link = Link { up: Queue::EMPTY, down: Queue::EMPTY, server: ServerEnd::Closed, ..*link };
        }
    }

    /// The node begins another life, and takes over at once what is left of those whose leases ended.
    pub(crate) fn start(&mut self) {
        let lease_holds = self.server.health(self.node) == Some(Health::Dead(Lease::Holds));
        self.fare(lease_holds.then_some(Health::Anew));
    }

    pub(crate) fn freeze(&mut self) {
        self.fare(Some(Health::Frozen(Lease::Holds)));
    }

    pub(crate) fn wake(&mut self) {
        let is_late = self.server.health(self.node) == Some(Health::Frozen(Lease::Over));
        self.fare(is_late.then_some(Health::Late));
    }

    /// NODE-3: the others poll, find that the lease ended, and take over what this node had.
    pub(crate) fn lease_ends(&mut self) {
        let gone = self.node;
        let (health, frozen) = match self.server.health(gone) {
            Some(Health::Frozen(_)) => (Some(Health::Frozen(Lease::Over)), true),
            Some(Health::Dead(_)) => (Some(Health::Dead(Lease::Over)), false),
            Some(Health::Anew | Health::Late) | None => (None, false),
        };
        self.fare(health);
        if self.rules.lease_counts() {
            self.each_session(|waits, node, linked| match waits {
                Waits::Nowhere => Waits::Everywhere,
                Waits::Linked if frozen && linked == Some(node) => Waits::Beside(node),
                Waits::At(of) if frozen && of == node => Waits::Beside(node),
                waits => waits,
            });
        }
        for node in self.scope.nodes().filter(|node| self.server.is_awake(*node)).collect::<Vec<_>>() {
            self.node = node;
            self.poll();
        }
    }

    /// NODE-3: it finds that the others took it for dead, and has every session with a link decided anew.
    pub(crate) fn finds_its_lease_over(&mut self) {
        self.fare(None);
        if !self.rules.lease_counts() {
            return;
        }
        for at in self.links_here() {
            let (link, session) = (*self.link(at), self.session_at(at));
            if let ServerEnd::Serving { account } = link.server {
                self.server_closes(at, Close::GivenUp);
                self.waits_for(&link, account, session);
            }
        }
    }

    fn fare(&mut self, health: Option<Health>) {
        let node = self.node;
        self.server.ailing = health.map(|health| Ailing { node, health });
    }

    /// Those of which this node has its end.
    fn links_here(&mut self) -> Vec<At> {
        let links: Vec<_> = self.scope.instances().flat_map(At::of).collect();
        links.into_iter().filter(|at| self.is_here(*at) && self.link(*at).is_heard()).collect()
    }

    /// Of each session on record: what is to be behind what is, this node, and the node to which its link leads.
    fn each_session(&mut self, behind: impl Fn(Waits, NodeId, Option<NodeId>) -> Waits) {
        let node = self.node;
        for account in self.scope.accounts() {
            for session in self.server.roster(account).sessions() {
                let Instance { links, record, .. } = self.seat(session.seat);
                let linked = links.slot_of(account, session).map(|slot| links.at(slot).node);
                record.wait(session, behind(record.waiting.of(session.label), node, linked));
            }
        }
    }
}
