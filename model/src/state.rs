//! What is known: each instance as its application and its links have it, and each account as the server has it. Plain `Copy` data
//! in fixed arrays; the moves are in [`crate::step`].

use crate::action::{AccountId, Credential, InstanceId, Token};
use crate::frame::{Frame, Queue};
use crate::observation::Reason;
use crate::scope::{MAX_ACCOUNTS, MAX_INSTANCES};

/// Where an instance stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Logged out.
    #[default]
    Out,
    /// A login runs; its frame is not written yet.
    Opening {
        /// Whose login.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// A login runs; its frame is written.
    Waiting {
        /// Whose login.
        account: AccountId,
    },
    /// The login resolved; the first sync runs.
    Online {
        /// As whom.
        account: AccountId,
    },
    /// The first sync is done.
    Ready {
        /// As whom.
        account: AccountId,
    },
    /// A logout runs.
    Leaving,
    /// A destroy runs.
    Destroying,
    /// Destroyed; a fresh instance may take its place.
    Destroyed,
}

/// What the server has at its end of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServerEnd {
    /// There is no link.
    #[default]
    Absent,
    /// No login came yet.
    Listening,
    /// A session is online on it.
    Serving {
        /// Whose.
        account: AccountId,
    },
    /// Its session was kicked; the notice is written, its acknowledgement awaited.
    Kicked {
        /// Whose.
        account: AccountId,
        /// Why.
        reason: Reason,
        /// Whether the kick record still stands (KICK-8).
        record: Standing,
    },
    /// The last answer is written and the server's end closed.
    Closed,
}

/// Whether a kick record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// It stands.
    Stands,
    /// It is gone.
    Gone,
}

/// Who still uses a link at the client's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The instance in the seat.
    #[default]
    User,
    /// Nobody: the instance closed it, its last frames are under way.
    Gone,
    /// Nobody: a destroyed instance, which another one has replaced, closed it.
    Replaced,
}

/// One link of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// Frames under way to the server.
    pub up: Queue,
    /// Frames under way to the client.
    pub down: Queue,
    /// The server's end.
    pub server: ServerEnd,
    /// The client's end.
    pub owner: Owner,
}

impl Link {
    /// No link.
    pub const NONE: Link = Link { up: Queue::EMPTY, down: Queue::EMPTY, server: ServerEnd::Absent, owner: Owner::User };

    /// Whether there is a link.
    pub fn exists(&self) -> bool {
        self.server != ServerEnd::Absent
    }

    /// Whether the client's end is closed.
    pub fn is_given_up(&self) -> bool {
        self.exists() && self.owner != Owner::User
    }

    /// The kick record that waits for this link's acknowledgement.
    pub fn kick_record(&self) -> Option<(AccountId, Reason)> {
        match self.server {
            ServerEnd::Kicked { account, reason, record: Standing::Stands } => Some((account, reason)),
            ServerEnd::Kicked { record: Standing::Gone, .. }
            | ServerEnd::Absent
            | ServerEnd::Listening
            | ServerEnd::Serving { .. }
            | ServerEnd::Closed => None,
        }
    }
}

/// What only an instance with a rule taken out remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Residue {
    /// Nothing: every rule holds.
    #[default]
    Nothing,
    /// That it belonged to an account (without LOGIN-10).
    Account(AccountId),
    /// That its listeners are gone (without LOGOUT-7).
    Deaf,
}

/// One seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instance {
    /// Where it stands.
    pub phase: Phase,
    /// Calls of `logout` that run.
    pub logouts: u8,
    /// Calls of `destroy` that run.
    pub destroys: u8,
    /// Sends that run, in the order of their calls, as the frames they wrote.
    pub sends: Queue,
    /// Messages that came before ready, oldest first.
    pub kept: Queue,
    /// The newest link.
    pub current: Link,
    /// The link that the client has given up before.
    pub abandoned: Link,
    /// The age of the good UserSig of a login that runs or whose frame is under way.
    pub sig: SigAge,
    /// Left over where a rule is out.
    pub residue: Residue,
}

/// When a good UserSig was issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigAge {
    /// After the account's last REST kick.
    #[default]
    Fresh,
    /// At its second or before (REST-1).
    Revoked,
}

impl Instance {
    /// As whom it is logged in: from the resolved login to logout, kick or destroy.
    pub fn login_user(&self) -> Option<AccountId> {
        match self.phase {
            Phase::Online { account } | Phase::Ready { account } => Some(account),
            Phase::Out | Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Leaving | Phase::Destroying | Phase::Destroyed => {
                None
            }
        }
    }

    /// Whether it accepts messages.
    pub fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready { .. })
    }

    /// The account that a login under way is for: running before its frame is written, or with its frame in flight.
    pub fn login_under_way(&self) -> Option<AccountId> {
        if let Phase::Opening { account, .. } = self.phase {
            return Some(account);
        }
        self.current.up.iter().find_map(|frame| if let Frame::Login { account, .. } = frame { Some(account) } else { None })
    }

    /// Whether it has a frame or a call in flight.
    pub fn is_busy(&self) -> bool {
        let calls = match self.phase {
            Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Leaving | Phase::Destroying => true,
            Phase::Out | Phase::Online { .. } | Phase::Ready { .. } | Phase::Destroyed => false,
        };
        calls || [self.current, self.abandoned].iter().any(|link| !link.up.is_empty() || !link.down.is_empty())
    }
}

/// The online sessions of an account in login order, as instances; at most [`MAX_INSTANCES`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Roster(u32);

impl Roster {
    /// The instances, oldest login first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = InstanceId> {
        (0..self.len()).map(move |place| InstanceId((self.0 >> (4 * place) & 0xf) as u8 - 1))
    }

    /// How many are online.
    pub const fn len(self) -> usize {
        (32 - self.0.leading_zeros() as usize).div_ceil(4)
    }

    /// Whether nobody is online.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the instance is online.
    pub fn contains(self, instance: InstanceId) -> bool {
        self.iter().any(|online| online == instance)
    }

    /// Adds the newest login; an instance that is there already is moved.
    pub fn admit(&mut self, instance: InstanceId) {
        self.drop_session(instance);
        self.0 |= u32::from(instance.0 + 1) << (4 * self.len());
    }

    /// Takes a session out; nothing changes if it is not there.
    pub fn drop_session(&mut self, instance: InstanceId) {
        let kept = self.iter().filter(|online| *online != instance).enumerate();
        *self = Roster(kept.fold(0, |word, (place, online)| word | u32::from(online.0 + 1) << (4 * place)));
    }
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// All that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    /// The seats; those that the scope does not have stay as they are.
    pub instances: [Instance; MAX_INSTANCES],
    /// Who is online, by account.
    pub rosters: [Roster; MAX_ACCOUNTS],
}

impl State {
    /// The seat's instance.
    pub fn instance(&self, instance: InstanceId) -> &Instance {
        &self.instances[usize::from(instance.0)]
    }

    /// The account's roster.
    pub fn roster(&self, account: AccountId) -> Roster {
        self.rosters[usize::from(account.0)]
    }

    /// The lowest of `tokens` messages that is found nowhere.
    pub fn free_token(&self, tokens: u8) -> Option<Token> {
        let mut used = 0u8;
        for instance in &self.instances {
            let links = [instance.current, instance.abandoned];
            let queues = links.iter().flat_map(|link| [link.up, link.down]).chain([instance.sends, instance.kept]);
            queues.flat_map(Queue::iter).filter_map(token_of).for_each(|token| used |= 1 << token.0);
        }
        (0..tokens).map(Token).find(|token| used & 1 << token.0 == 0)
    }
}

/// The message that a frame carries or speaks of.
fn token_of(frame: Frame) -> Option<Token> {
    match frame {
        Frame::Send { token, .. } | Frame::MessageAck { token } | Frame::SendAnswer { token } | Frame::Message { token, .. } => {
            Some(token)
        }
        Frame::Login { .. }
        | Frame::Sync
        | Frame::Logout
        | Frame::KickAck
        | Frame::LoginAnswer { .. }
        | Frame::SyncAnswer
        | Frame::LogoutAnswer
        | Frame::Notice { .. } => None,
    }
}
