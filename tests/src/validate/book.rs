//! What is known, on the way through a history, of what the model does not keep: the numbers of links and commits, and the names of
//! sessions and calls. It decides nothing.

use std::collections::{HashMap, VecDeque};

use model::action::{AccountId, InstanceId, Slot};
use model::observation::{Asked, Call};
use sut::session::Fingerprint;

/// A link, and how much of what is written to it was met so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkBook {
    pub(super) epoch: u64,
    pub(super) written_up: usize,
    pub(super) taken_up: usize,
    pub(super) written_down: usize,
    pub(super) taken_down: usize,
}

impl LinkBook {
    /// A link on which nothing was met so far.
    pub(super) const fn new(epoch: u64) -> LinkBook {
        LinkBook { epoch, written_up: 0, taken_up: 0, written_down: 0, taken_down: 0 }
    }
}

/// The calls that run, by their names in the journal, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    logins: VecDeque<u64>,
    logouts: VecDeque<u64>,
    destroys: VecDeque<u64>,
    sends: VecDeque<u64>,
}

impl Calls {
    pub(super) fn begin(&mut self, call: Call, id: u64) {
        self.of(call).push_back(id);
    }

    /// The name of the call that is answered: that of this very step, or the oldest.
    pub(super) fn end(&mut self, call: Call, asked: Asked) -> u64 {
        let calls = self.of(call);
        let ended = match asked {
            Asked::Now => calls.pop_back(),
            Asked::Earlier => calls.pop_front(),
        };
        ended.unwrap_or(0)
    }

    fn of(&mut self, call: Call) -> &mut VecDeque<u64> {
        match call {
            Call::Login => &mut self.logins,
            Call::Logout => &mut self.logouts,
            Call::Destroy => &mut self.destroys,
            Call::Send(_) => &mut self.sends,
        }
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
    pub(super) session: Option<Fingerprint>,
    /// The sessions that it owes a logout, oldest first.
    pub(super) debts: VecDeque<Fingerprint>,
    pub(super) calls: Calls,
}

impl ClientBook {
    pub(super) fn link(&self, slot: Slot) -> Option<&LinkBook> {
        self.links[place(slot)].as_ref()
    }

    pub(super) fn link_mut(&mut self, slot: Slot) -> Option<&mut LinkBook> {
        self.links[place(slot)].as_mut()
    }

    /// Which of its links has that number.
    pub(super) fn slot(&self, epoch: u64) -> Option<Slot> {
        let has = |slot: &Slot| self.link(*slot).is_some_and(|link| link.epoch == epoch);
        [Slot::Current, Slot::Abandoned].into_iter().find(has)
    }
}

pub(super) const fn place(slot: Slot) -> usize {
    match slot {
        Slot::Current => 0,
        Slot::Abandoned => 1,
    }
}

/// One account.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountBook {
    /// The number of its last commit.
    pub(super) commit: u64,
    /// The last second whose UserSigs a REST kick has revoked (REST-1).
    pub(super) kicked_at: Option<u64>,
    /// The session on record of each instance.
    pub(super) sessions: HashMap<usize, Fingerprint>,
    /// When the UserSig was issued with which each of them was let in.
    pub(super) issued: HashMap<usize, u64>,
    /// The highest epoch on record of each instance.
    pub(super) epochs: HashMap<usize, u64>,
}
