//! Which links of an instance key are newer than which (LINK-3). A key that one instance has needs no numbers: its current link is newer
//! than the abandoned one. Where two instances share a key, each link has a rank, and the ranks are dealt anew behind each step, so that
//! they never grow.

use crate::action::{AccountId, InstanceId, Slot};
use crate::cx::{At, ClientCx, ServerCx, StepCx};
use crate::link::{Epoch, Link, Links, ServerEnd};
use crate::observation::Close;
use crate::records::{Key, Session};
use crate::scope::MAX_INSTANCES;
use crate::state::{Instance, Phase};

/// How far ranks are drawn apart before a step, so that one finds room right below and right above each.
const APART: u8 = 4;

/// More than any rank that has been drawn apart.
const NEWEST: u8 = u8::MAX;

impl ServerCx<'_, '_> {
    /// The session that a link's login or resume speaks of.
    pub(crate) fn session_at(&mut self, at: At) -> Session {
        let own = self.scope.key(at.instance);
        let link = self.link(at);
        Session { seat: at.instance, key: link.key(own), label: link.session }
    }

    /// The highest epoch on record becomes that of this link.
    pub(crate) fn raise_epoch(&mut self, at: At, account: AccountId) {
        self.server.highest = self.server.highest.max(self.link(at).rank);
        self.publish(account);
        self.supersede_older(at, account);
    }

    /// LOGOUT-4: it becomes that of this link less one, so that the login behind passes.
    pub(crate) fn raise_epoch_below(&mut self, at: At, account: AccountId) {
        self.server.highest = self.server.highest.max(self.link(at).rank.saturating_sub(1));
        self.publish(account);
        self.supersede_older(at, account);
    }

    /// What the key's older links still bring for this account comes too late, and those that still stand for it are closed.
    fn supersede_older(&mut self, at: At, account: AccountId) {
        for older in self.older_links(at) {
            let link = self.link(older);
            if link.greeting() == Some(account) {
                link.epoch = Epoch::Superseded;
            }
            if link.stands_for(account) {
                self.supersede(older);
            }
        }
    }

    /// A node to which the link does not lead hears of it.
    fn supersede(&mut self, older: At) {
        if self.is_here(older) {
            self.server_closes(older, Close::Superseded);
        } else {
            self.link(older).epoch = Epoch::Superseded;
        }
    }

    fn older_links(&mut self, at: At) -> Vec<At> {
        let (key, rank) = (self.session_at(at).key, self.link(at).rank);
        if key != Key::Shared {
            let older = At { slot: Slot::Abandoned, ..at };
            let is_older = at.slot == Slot::Current && self.link(older).exists() && self.session_at(older).key == key;
            return is_older.then_some(older).into_iter().collect();
        }
        let theirs = self.scope.instances().filter(|instance| self.scope.key(*instance) == Key::Shared);
        let links: Vec<_> = theirs.flat_map(|instance| Slot::ALL.map(|slot| At { instance, slot })).collect();
        links.into_iter().filter(|other| self.link(*other).exists() && self.link(*other).rank < rank).collect()
    }

    /// LINK-3: a link of this number is there; whether what it brings comes too late may be known already.
    pub(crate) fn is_opened(&mut self, at: At) {
        let highest = self.server.highest;
        let link = self.link(at);
        if link.rank != 0 && link.rank <= highest {
            link.epoch = Epoch::Superseded;
        }
    }
}

impl ClientCx<'_> {
    /// LINK-3: a login's link has the greater of one more than the last and the time, which is later than anything before.
    pub(crate) fn number_a_login(&mut self) {
        if self.scope.key(self.instance) == Key::Shared {
            self.client.last = NEWEST;
        }
    }

    /// LINK-3: a resume's link has one more than the last of its instance.
    pub(crate) fn number_a_resume(&mut self) {
        if self.scope.key(self.instance) == Key::Shared {
            self.client.last += 1;
        }
    }
}

impl StepCx<'_> {
    /// Before a step of an instance that shares its key.
    pub(crate) fn draw_ranks_apart(&mut self) {
        self.each_rank(|rank| *rank *= APART);
    }

    /// Behind it: ranks from 1, those that no longer matter being 0; the highest on record matters only above one of them.
    pub(crate) fn deal_ranks(&mut self) {
        for instance in self.sharing() {
            self.seats.at(instance).forget_ranks();
        }
        let mut ranks = Vec::with_capacity(2 * MAX_INSTANCES);
        let highest = std::mem::take(&mut self.server.highest);
        self.each_rank(|rank| ranks.push(*rank));
        ranks.retain(|rank| *rank != 0);
        if ranks.iter().any(|rank| *rank <= highest) {
            self.server.highest = highest;
            ranks.push(highest);
        }
        ranks.sort_unstable();
        ranks.dedup();
        self.each_rank(|rank| *rank = ranks.iter().position(|dealt| dealt == rank).map_or(0, |place| place as u8 + 1));
    }

    fn sharing(&self) -> Vec<InstanceId> {
        self.scope.instances().filter(|instance| self.scope.key(*instance) == Key::Shared).collect()
    }

    fn each_rank(&mut self, mut each: impl FnMut(&mut u8)) {
        for instance in self.sharing() {
            let Instance { client, links: Links { current, abandoned }, .. } = self.seats.at(instance);
            [&mut client.last, &mut current.rank, &mut abandoned.rank].into_iter().for_each(&mut each);
        }
        each(&mut self.server.highest);
    }
}

impl Link {
    /// Whether a session of the account is online on it, or was kicked there.
    pub(crate) fn stands_for(&self, account: AccountId) -> bool {
        match self.server {
            ServerEnd::Serving { account: user } | ServerEnd::Kicked { account: user, .. } => user == account,
            ServerEnd::Absent | ServerEnd::Listening | ServerEnd::Closed | ServerEnd::Superseded | ServerEnd::Storing { .. } => {
                false
            }
        }
    }
}

impl Instance {
    /// The last number matters to an instance that may ask for a resume or has asked for a link, a link's while the server has its end.
    fn forget_ranks(&mut self) {
        for link in self.links.each_mut().into_iter().filter(|link| !link.is_heard()) {
            link.rank = 0;
        }
        match self.client.phase {
            Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. } => {}
            Phase::Out | Phase::Leaving | Phase::Destroying | Phase::Destroyed | Phase::Closed => self.client.last = 0,
        }
    }
}
