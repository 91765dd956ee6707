//! What is checked: who is there, under which policy and limits, which calls are made, and what holds the environment back. The
//! scopes by name are in [`crate::scopes`].

mod bounds;
mod partition;
mod platform;
mod policy;

use crate::action::{AccountId, Credential, InstanceId, NodeId, Setting};
use crate::records::Key;

pub use crate::fault::Fault;
pub use crate::share::{DearShare, Tier};
pub(crate) use partition::name;
pub use partition::{Kind, Partition};
pub use platform::Platform;
pub use policy::{AtLimit, Classes, Counted, Policy, UnknownPolicy};

/// The most seats a scope may have.
pub const MAX_INSTANCES: usize = 10;

/// The most accounts a scope may have.
pub const MAX_ACCOUNTS: usize = 3;

/// A place in which an instance runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// What reports call it.
    pub name: &'static str,
    /// What kind of client it is.
    pub platform: Platform,
    /// The accounts that it logs in with.
    pub accounts: Vec<AccountId>,
    /// The earlier seat whose instance key its instance has as well: at most one pair of a scope, each with one account (LINK-11).
    pub shares: Option<InstanceId>,
    /// The node that its links lead to.
    pub node: NodeId,
}

/// Which calls of `sendMessage` are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sends {
    /// None.
    Never,
    /// Only those that are refused: nothing is ever sent.
    RefusedOnly,
    /// All, while one of `tokens` messages is free, to the accounts named.
    Tokens {
        /// How many messages may exist at once.
        tokens: u8,
        /// The receiving accounts.
        to: Vec<AccountId>,
    },
}

/// What is checked. Bounds hold back the environment, never the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name on the command line and in reports.
    pub name: &'static str,
    /// What it shows, in a line.
    pub about: &'static str,
    /// Whether a plain check takes it.
    pub tier: Tier,
    /// How much of it is replayed where a step is dear.
    pub dear_share: DearShare,
    /// Who is there.
    pub seats: Vec<Seat>,
    /// The app's policy.
    pub policy: Policy,
    /// Limits other than 1.
    pub limits: Vec<(Platform, u8)>,
    /// The UserSigs shown at logins.
    pub credentials: Vec<Credential>,
    /// Which messages are sent.
    pub sends: Sends,
    /// Whether a login is on record as soon as it is decided.
    pub commits: Commits,
    /// How many messages the server keeps for a session that has not acknowledged them (MSG-2); more than any scope sends if not stated.
    pub buffer: Option<u8>,
    /// Whether `destroy` is called.
    pub destroys: Destroys,
    /// How many calls of `logout`, and of `destroy`, may run at once at one instance: 1, or 2 so that one joins the other.
    pub joined_calls: u8,
    /// A call that would send is made only if fewer than this many other instances have something in flight.
    pub busy: Option<u8>,
    /// Whether an instance tries to reconnect while another one does.
    pub reconnects: Reconnects,
    /// Whether a new link is opened while frames of the one before are still under way.
    pub overtaking: Overtaking,
    /// Whether the administrator kicks accounts by REST.
    pub rest_kicks: RestKicks,
    /// A limit that the administrator changes to and fro (CONF-1).
    pub limit_change: Option<(Platform, u8)>,
    /// Whether changes are called back; then a call or a timer waits until every callback was taken.
    pub webhooks: Webhooks,
    /// What fails; if nothing does, links hold.
    pub faults: Vec<Fault>,
    /// Something breaks only if fewer than this many other instances are in a fault.
    pub faults_at_once: Option<u8>,
    /// Only this many instances fail, the first; those behind them are like them.
    pub failing: Option<u8>,
    /// A logout that may have to be owed is called only while fewer than this many are.
    pub debts: u8,
}

/// Whether a receiver of callbacks is told of each change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Webhooks {
    /// It is not.
    Never,
    /// It is, and may fail to take one.
    Posted,
}

/// Whether a login is on record as soon as it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    /// It is.
    AtOnce,
    /// Its commit is under way for a while, and another node's may come first.
    UnderWay,
}

/// Whether `destroy` is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destroys {
    /// It is not.
    Never,
    /// On every instance.
    Called,
}

impl Scope {
    /// The limit of a platform; 1 unless the scope says otherwise, or the policy of a platform of one's own (KICK-2).
    pub fn limit(&self, platform: Platform) -> usize {
        let stated = self.limits.iter().find(|(named, _)| *named == platform).map(|(_, limit)| *limit);
        self.policy.classes.own_limit(platform).or(stated).map_or(1, usize::from)
    }

    /// The limit of a platform under one of the scope's two settings.
    pub fn limit_under(&self, setting: Setting, platform: Platform) -> usize {
        match (setting, self.limit_change) {
            (Setting::Changed, Some((changed, limit))) if changed == platform => usize::from(limit),
            (Setting::Changed | Setting::Stated, _) => self.limit(platform),
        }
    }

    /// Whether the administrator has kicked every account once before anything else happens, so that a UserSig can be older than a kick.
    pub fn is_kicked_before(&self) -> bool {
        self.rest_kicks == RestKicks::Called || self.credentials.contains(&Credential::Revoked)
    }

    /// Whether anything fails that an instance or its link may see.
    pub fn links_fail(&self) -> bool {
        self.faults.iter().any(|fault| *fault != Fault::NoticesLost)
    }

    /// Whether a node fails, so that sessions wait at others.
    pub fn nodes_fail(&self) -> bool {
        self.has(Fault::Deaths) || self.has(Fault::Freezes)
    }

    /// Whether two instances share a key, so that a login may come for what an instance was owed whose link holds (LINK-11).
    pub fn shares_a_key(&self) -> bool {
        self.seats.iter().any(|seat| seat.shares.is_some())
    }

    /// Whether the server may come to ask anew before it knows that an instance was told of a gap: not where links are lost only as
    /// the server is killed, which leaves a gap to everybody.
    pub fn can_forget_what_it_told(&self) -> bool {
        self.faults.iter().any(|fault| fault.takes_a_told_gap_along()) || self.shares_a_key()
    }

    /// Whether that fails.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// The platform of a seat.
    pub fn platform(&self, instance: InstanceId) -> Platform {
        self.seats[usize::from(instance.0)].platform
    }

    /// The node that the links of a seat lead to.
    pub fn node(&self, instance: InstanceId) -> NodeId {
        self.seats[usize::from(instance.0)].node
    }

    /// The nodes, up to the highest that some seat's links lead to; where one fails, there is another.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let highest = self.seats.iter().map(|seat| seat.node.0).max().unwrap_or(0).max(u8::from(self.nodes_fail()));
        (0..=highest).map(NodeId)
    }

    /// Whether the server has more than one node.
    pub fn has_several_nodes(&self) -> bool {
        self.nodes().count() > 1
    }

    /// The instance key of the instance in a seat.
    pub fn key(&self, instance: InstanceId) -> Key {
        let sharer = self.seats.iter().position(|seat| seat.shares.is_some());
        let shared = sharer.map(|seat| [Some(InstanceId(seat as u8)), self.seats[seat].shares]);
        if shared.is_some_and(|pair| pair.contains(&Some(instance))) { Key::Shared } else { Key::Own }
    }

    /// What reports call the seat.
    pub fn name_of(&self, instance: InstanceId) -> &'static str {
        self.seats[usize::from(instance.0)].name
    }

    /// The seats.
    pub fn instances(&self) -> impl Iterator<Item = InstanceId> + use<> {
        (0..self.seats.len() as u8).map(InstanceId)
    }

    /// The accounts, up to the highest that some seat logs in with.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + use<> {
        let named = self.seats.iter().flat_map(|seat| seat.accounts.iter().copied());
        let highest = named.map(|account| account.0).max().unwrap_or(0);
        (0..=highest).map(AccountId)
    }
}

/// Whether an instance tries to reconnect while another one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnects {
    /// It does.
    AtAnyTime,
    /// Its backoff timer fires only while no other instance has anything in flight or asks for a link, and the server is killed or
    /// stopped only while none does.
    OneByOne,
}

/// Whether a new link is opened while frames of the one that its instance has given up are still under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overtaking {
    /// It is, so that what was written first may arrive last.
    Allowed,
    /// It waits until the old link has ended.
    Waits,
}

/// Whether the administrator kicks accounts by REST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestKicks {
    /// It never happens.
    Never,
    /// Every account of the scope, at any time, and once before anything else happens: a UserSig can be older than a kick from the
    /// beginning.
    Called,
}
