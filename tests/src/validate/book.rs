//! What is known, on the way through a history, of what the model does not keep: the numbers of links and commits, and the names of
//! sessions and calls. It decides nothing.

use std::collections::{HashMap, VecDeque};

use model::action::{AccountId, InstanceId, Slot};
use model::observation::{Asked, Call};
use sut::client::machine::{CallId, CallKind};
use sut::session::SessionDigest;

/// A link, and how many of the frames that were written to it were met so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkBook {
    pub(super) epoch: u64,
    pub(super) taken_up: usize,
    pub(super) taken_down: usize,
}

impl LinkBook {
    /// A link on which nothing was met so far.
    pub(super) const fn new(epoch: u64) -> LinkBook {
        LinkBook { epoch, taken_up: 0, taken_down: 0 }
    }
}

/// The calls that run, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Vec<(CallKind, CallId)>);

impl Calls {
    pub(super) fn begin(&mut self, call: CallKind, id: CallId) {
        self.0.push((call, id));
    }

    /// The name of the call that is answered: that of this very step, or the oldest.
    pub(super) fn end(&mut self, call: Call, asked: Asked) -> CallId {
        let is_it = |(running, _): &(CallKind, CallId)| *running == kind(call);
        let place = match asked {
            Asked::Now => self.0.iter().rposition(is_it),
            Asked::Earlier => self.0.iter().position(is_it),
        };
        place.map_or(CallId(0), |place| self.0.remove(place).1)
    }
}

const fn kind(call: Call) -> CallKind {
    match call {
        Call::Login => CallKind::Login,
        Call::Logout => CallKind::Logout,
        Call::Destroy => CallKind::Destroy,
        Call::Send(_) => CallKind::Send,
    }
}

/// One instance.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientBook {
    /// The next of its turns.
    pub(super) next: usize,
    /// Where it sits; `None` before its first turn, and once its seat was given away.
    pub(super) seat: Option<InstanceId>,
    /// The number of the last link that it asked for.
    pub(super) epoch: u64,
    /// Its current link and the abandoned one.
    pub(super) links: [Option<LinkBook>; 2],
    /// The account that it has named last on each link that the node heard of.
    pub(super) named: HashMap<u64, AccountId>,
    /// The session of its last login.
    pub(super) session: Option<SessionDigest>,
    /// The sessions that it owes a logout, oldest first.
    pub(super) debts: VecDeque<SessionDigest>,
    pub(super) calls: Calls,
}

impl ClientBook {
    pub(super) fn link(&self, slot: Slot) -> Option<&LinkBook> {
        self.links[slot as usize].as_ref()
    }

    pub(super) fn link_mut(&mut self, slot: Slot) -> Option<&mut LinkBook> {
        self.links[slot as usize].as_mut()
    }

    /// Which of its links has that number.
    pub(super) fn slot(&self, epoch: u64) -> Option<Slot> {
        let has = |slot: &Slot| self.link(*slot).is_some_and(|link| link.epoch == epoch);
        [Slot::Current, Slot::Abandoned].into_iter().find(has)
    }
}

/// One account.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountBook {
    /// The number of its last commit.
    pub(super) commit: u64,
    /// The last second whose UserSigs a REST kick has revoked (REST-1).
    pub(super) kicked_at: Option<u64>,
    /// The session on record of each instance, and when the UserSig was issued with which it was let in.
    pub(super) sessions: HashMap<usize, (SessionDigest, u64)>,
    /// The highest epoch on record of each instance.
    pub(super) epochs: HashMap<usize, u64>,
}
