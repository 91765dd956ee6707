//! What each side of a step may touch: a client its own fields and its links, the server its records and every link, a step all of it.
//! The fields are private here, so that neither side can reach into the other. It decides nothing.

use strum::EnumCount;

use crate::action::{AccountId, InstanceId, NodeId, Slot};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::ledger::Receipts;
use crate::link::{Link, Links, Owner, Wire};
use crate::observation::{Asked, Call, Close, End, Event, Item, Outcome};
use crate::records::Session;
use crate::rules::RuleSwitch;
use crate::scope::Scope;
use crate::seats::{SeatSet, Seats};
use crate::state::{Client, Instance, Residue, SeatRecord, Server, State};

/// A link: whose, and which of its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) instance: InstanceId,
    pub(crate) slot: Slot,
}

impl At {
    /// The places for the links of a seat.
    pub(crate) fn of(instance: InstanceId) -> [At; Slot::COUNT] {
        Slot::ALL.map(|slot| At { instance, slot })
    }
}

/// The step being made: the state as it changes in its place, and what is seen meanwhile.
pub(crate) struct StepCx<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) seats: Touched<'a>,
    pub(crate) server: &'a mut Server,
    /// The node at which it happens.
    pub(crate) node: NodeId,
    pub(crate) items: Vec<Item>,
    pub(crate) rules: RuleSwitch,
}

/// The seats of a state. Every one that is looked at is noted, so that the step is known to be the same wherever those seats and the
/// server's records are.
pub(crate) struct Touched<'a> {
    all: &'a mut Seats<Instance>,
    touched: SeatSet,
}

impl Touched<'_> {
    pub(crate) fn at(&mut self, instance: InstanceId) -> &mut Instance {
        self.touched.insert(instance);
        &mut self.all[usize::from(instance.0)]
    }

    pub(crate) fn every(&mut self) -> &[Instance] {
        (0..self.all.len()).for_each(|seat| self.touched.insert(InstanceId(seat as u8)));
        self.all
    }

    /// Those that were looked at, changed or not.
    pub(crate) fn touched(&self) -> SeatSet {
        self.touched
    }
}

impl<'a> StepCx<'a> {
    pub(crate) fn new(scope: &'a Scope, rules: RuleSwitch, state: &'a mut State) -> StepCx<'a> {
        let State { instances: all, server } = state;
        StepCx {
            scope,
            seats: Touched { all, touched: SeatSet::default() },
            server,
            node: NodeId::default(),
            items: Vec::new(),
            rules,
        }
    }

    pub(crate) fn client(&mut self, instance: InstanceId) -> ClientCx<'_> {
        let StepCx { scope, seats, items, rules, .. } = self;
        let Instance { client, links, record } = seats.at(instance);
        ClientCx { scope, instance, client, links, receipts: Receipts::of(record), items, rules }
    }

    pub(crate) fn server(&mut self) -> ServerCx<'_, 'a> {
        let StepCx { scope, seats, server, node, items, rules } = self;
        ServerCx { scope, seats, server, node: *node, items, rules }
    }
}

/// What a client may touch.
pub(crate) struct ClientCx<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) instance: InstanceId,
    pub(crate) client: &'a mut Client,
    pub(crate) links: &'a mut Links,
    pub(crate) receipts: Receipts<'a>,
    pub(crate) items: &'a mut Vec<Item>,
    pub(crate) rules: &'a mut RuleSwitch,
}

impl ClientCx<'_> {
    pub(crate) fn settle(&mut self, call: Call, asked: Asked, outcome: Outcome) {
        self.items.push(Item::Settled { instance: self.instance, call, asked, outcome });
    }

    /// Publishes, unless the listeners are gone (LOGOUT-7 taken out).
    pub(crate) fn publish(&mut self, event: Event) {
        if self.client.residue != Residue::Deaf {
            self.items.push(Item::Published { instance: self.instance, event });
        }
    }

    /// Writes to the server; what is written to a link that the server has closed, or that is cut, is lost.
    pub(crate) fn write_up(&mut self, frame: UpFrame) {
        let (instance, slot, link) = (self.instance, Slot::Current, &mut self.links.current);
        self.items.push(Item::Written { instance, slot, end: End::Client, frame: Frame::Up(frame) });
        if link.is_heard() && link.wire == Wire::Whole {
            link.up.push(frame);
        }
    }
}

/// What the server may touch: the records that all nodes share, and the links of one.
pub(crate) struct ServerCx<'a, 'b> {
    pub(crate) scope: &'a Scope,
    seats: &'a mut Touched<'b>,
    pub(crate) server: &'a mut Server,
    pub(crate) node: NodeId,
    pub(crate) items: &'a mut Vec<Item>,
    pub(crate) rules: &'a mut RuleSwitch,
}

impl ServerCx<'_, '_> {
    pub(crate) fn link(&mut self, at: At) -> &mut Link {
        self.seats.at(at.instance).links.at_mut(at.slot)
    }

    pub(crate) fn links(&mut self, instance: InstanceId) -> &mut Links {
        &mut self.seats.at(instance).links
    }

    pub(crate) fn record(&mut self, instance: InstanceId) -> &mut SeatRecord {
        &mut self.seats.at(instance).record
    }

    pub(crate) fn seat(&mut self, instance: InstanceId) -> &mut Instance {
        self.seats.at(instance)
    }

    /// The session of a seat whose lapse timer fires, and at which node.
    pub(crate) fn lapses(&mut self, instance: InstanceId, account: AccountId) -> Option<(Session, NodeId)> {
        self.seats.at(instance).lapses(self.scope, self.server, instance, account)
    }

    /// Which link of its seat a session is online on; `None` if its link is down, or leads to another node.
    pub(crate) fn slot_of(&mut self, account: AccountId, session: Session) -> Option<Slot> {
        let slot = self.links(session.seat).slot_of(account, session)?;
        self.is_here(At { instance: session.seat, slot }).then_some(slot)
    }

    /// Whether the link leads to this node.
    pub(crate) fn is_here(&mut self, at: At) -> bool {
        let node = self.node;
        self.link(at).node == node
    }

    /// Writes to the client; what is written to a link that the client has given up, or that is cut, is lost.
    pub(crate) fn write_down(&mut self, at: At, frame: DownFrame) {
        let At { instance, slot } = at;
        self.items.push(Item::Written { instance, slot, end: End::Server, frame: Frame::Down(frame) });
        let link = self.link(at);
        if link.owner == Owner::User && link.wire == Wire::Whole {
            link.down.push(frame);
        }
    }

    pub(crate) fn note_close(&mut self, at: At, close: Close) {
        self.items.push(Item::Closed { instance: at.instance, slot: at.slot, end: End::Server, close });
    }
}
