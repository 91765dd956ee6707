//! What the harness and what runs the system for it both use: the wire, the clock, and what the applications were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::action::{InstanceId, NodeId};
use model::observation::{Asked, Call, Item};
use model::scope::{MAX_INSTANCES, Scope};
use sut::client::Event;
use sut::client::machine::Answer;
use sut::code::Refusal;
use sut::session::{Epoch, InstanceKey, KeyDigest, SessionDigest};
use sut::timers::UnixMillis;

use super::clock::Moment;
use super::side::Side;
use crate::cast::Cast;
use crate::observation::Observation;
use crate::translation;
use crate::wire::Wire;

/// Where the numbering of keys, secrets, messages, calls and links begins: higher than any other number of a short trace.
pub(super) const FIRST_NUMBER: u64 = 1 << 40;

/// What both use.
pub(super) struct Cx<S: Side> {
    pub(super) scope: Arc<Scope>,
    pub(super) cast: Arc<Cast>,
    pub(super) wire: Wire<S::Up, S::Down>,
    pub(super) moment: Moment,
    /// The key of each seat's present instance.
    pub(super) keys: [InstanceKey; MAX_INSTANCES],
    /// What the server calls these instances.
    pub(super) own: [KeyDigest; MAX_INSTANCES],
    calls: BTreeMap<u64, (InstanceId, Call)>,
    told: Vec<Item>,
    /// The nodes that are dead or frozen.
    pub(super) asleep: BTreeSet<NodeId>,
    /// The sessions on record that other nodes took over, each with the number of the link that it had then.
    pub(super) taken_over: BTreeSet<(SessionDigest, Epoch)>,
    /// The seat whose page was closed in this step: what it is still told is not observed.
    closed_page: Option<InstanceId>,
    /// The last number given.
    last: u64,
    /// The last number given before this step.
    before: u64,
}

impl<S: Side> Cx<S> {
    /// Nothing has happened yet.
    pub(super) fn new(scope: &Scope) -> Cx<S> {
        let (scope, cast) = (Arc::new(scope.clone()), Arc::new(Cast::of(scope)));
        let (moment, wire) = (Moment::of(&scope), Wire::new(&scope, &cast));
        let (keys, own) = ([InstanceKey(0); MAX_INSTANCES], [KeyDigest(0); MAX_INSTANCES]);
        let (calls, told, last, before) = (BTreeMap::new(), Vec::new(), FIRST_NUMBER, FIRST_NUMBER);
        let (asleep, taken_over) = (BTreeSet::new(), BTreeSet::new());
        Cx { scope, cast, wire, moment, keys, own, calls, told, asleep, taken_over, closed_page: None, last, before }
    }

    /// The same once more, which goes its own way from here.
    pub(super) fn fork(&self) -> Cx<S>
    where
        Wire<S::Up, S::Down>: Clone,
    {
        Cx {
            scope: Arc::clone(&self.scope),
            cast: Arc::clone(&self.cast),
            wire: self.wire.clone(),
            moment: self.moment.fork(),
            calls: self.calls.clone(),
            told: self.told.clone(),
            asleep: self.asleep.clone(),
            taken_over: self.taken_over.clone(),
            ..*self
        }
    }

    /// A step begins.
    pub(super) fn begin(&mut self) {
        self.before = self.last;
        self.wire.stage.now = self.moment.now();
    }

    /// A number that nothing has yet.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// The same, for a call of an application's.
    pub(super) fn expect_answer(&mut self, seat: InstanceId, call: Call) -> u64 {
        let id = self.number();
        self.calls.insert(id, (seat, call));
        id
    }

    /// Time moves to the moment at which a timer is due; a late one finds it moved already.
    pub(super) fn pass_to(&mut self, due: UnixMillis) {
        self.moment.pass_to(due);
        self.wire.stage.now = self.moment.now();
    }

    /// Good UserSigs are issued now.
    pub(super) fn issue_anew(&mut self) {
        (self.wire.stage.now, self.wire.stage.issued_at) = (self.moment.now(), self.moment.now());
    }

    /// A fresh instance of that key has a seat.
    pub(super) fn seated(&mut self, seat: InstanceId, key: InstanceKey) {
        let place = usize::from(seat.0);
        (self.keys[place], self.own[place]) = (key, key.digest());
    }

    /// An instance uses a link to that node from now on.
    pub(super) fn opened(&mut self, seat: InstanceId, link: u64, node: NodeId) {
        let place = usize::from(seat.0);
        self.wire.open(seat, (self.keys[place], self.own[place]), link, node);
    }

    /// The node to which a link leads that is opened for a seat: its own, or the first that is awake.
    pub(super) fn leads_to(&self, seat: InstanceId) -> NodeId {
        let own = self.scope.node(seat);
        let mut nodes = [own].into_iter().chain(self.scope.nodes());
        nodes.find(|node| !self.asleep.contains(node)).unwrap_or(own)
    }

    /// A call got its answer.
    pub(super) fn settled(&mut self, id: u64, outcome: &Result<Answer, Refusal>) {
        let asked = if id > self.before { Asked::Now } else { Asked::Earlier };
        let Some((instance, call)) = self.calls.remove(&id) else {
            return self.wire.is_strange("a call that settled twice".to_owned());
        };
        let call = if let (Call::Send(_), Asked::Now) = (call, asked) { Call::Send(None) } else { call };
        match translation::outcome(outcome) {
            Ok(outcome) => self.told.push(Item::Settled { instance, call, asked, outcome }),
            Err(what) => self.wire.is_strange(what),
        }
    }

    /// An instance published an event.
    pub(super) fn published(&mut self, instance: InstanceId, event: &Event) {
        match translation::event(&self.wire.stage.names, event) {
            Ok(event) => self.told.push(Item::Published { instance, event }),
            Err(what) => self.wire.is_strange(what),
        }
    }

    /// The stream of an instance's events has ended.
    pub(super) fn ended(&mut self, instance: InstanceId) {
        self.told.push(Item::StreamEnded { instance });
    }

    /// A page is gone from now on.
    pub(super) fn closed_page(&mut self, seat: InstanceId) {
        self.closed_page = Some(seat);
    }

    /// Writes down what the applications were told in this step.
    pub(super) fn tell(&mut self, observation: &mut Observation) {
        let closed = self.closed_page.take();
        observation.told.extend(self.told.drain(..).filter(|item| closed != Some(item.instance())));
    }
}
