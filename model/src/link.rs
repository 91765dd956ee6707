//! A link of an instance as it is known from above: what travels on it, and what each end has made of it. It moves nothing.

use std::hash::{Hash, Hasher};

use strum::EnumCount;

use crate::action::{AccountId, NodeId, Slot};
use crate::frame::{DownFrame, Frame, Queue, UpFrame};
use crate::observation::Reason;
use crate::records::{Key, Label, Session};
use crate::state::SigAge;

/// What the server has at its end of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServerEnd {
    /// There is no link.
    #[default]
    Absent,
    /// No login or resume came yet.
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
    },
    /// The server has closed its end, or knows it lost.
    Closed,
    /// The server has closed its end as superseded, which the client may still learn (LINK-11).
    Superseded,
    /// A login came, and its commit is under way to the registry; until it is there nothing is read from the link.
    Storing {
        /// Whose.
        account: AccountId,
        /// Whether another node's commit came first, so that this one will be refused.
        overtaken: bool,
    },
}

/// Who still uses a link at the client's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The instance in the seat.
    #[default]
    User,
    /// Nobody: the instance closed it, its last frames are under way.
    Gone,
    /// Nobody: an instance that another one has replaced closed it.
    Replaced,
}

/// Whether frames can still travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wire {
    /// They can.
    #[default]
    Whole,
    /// They are lost, without a sign to either end.
    Cut,
}

/// What the client's close behind its last frame says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parting {
    /// That the link is over.
    #[default]
    Link,
    /// That the page is closed, and with it the session (LINK-6).
    Page,
}

/// Whether the key's newest link that the server has accepted for this account is a newer one (LINK-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Epoch {
    /// No newer one was accepted.
    #[default]
    Newest,
    /// A newer one was.
    Superseded,
}

/// One link of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Frames under way to the server.
    pub up: Queue<UpFrame>,
    /// Frames under way to the client.
    pub down: Queue<DownFrame>,
    /// The server's end.
    pub server: ServerEnd,
    /// The client's end.
    pub owner: Owner,
    /// What the client's close says.
    pub parting: Parting,
    /// The way between them.
    pub wire: Wire,
    /// The session of its login or resume.
    pub session: Label,
    /// Whether its login or resume, still under way, comes too late; or its session goes on over a link to another node, of which its own
    /// has not heard.
    pub epoch: Epoch,
    /// The age of the UserSig in it.
    pub sig: SigAge,
    /// Where two instances share a key: its number among those of both that matter, from 1; else 0.
    pub rank: u8,
    /// The node to which it leads, while that has its end; else the first.
    pub node: NodeId,
}

/// Where a link leads to the first node, that it could lead to another does not show.
impl Hash for Link {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Link { up, down, server, owner, parting, wire, session, epoch, sig, rank, node } = self;
        (up, down, server, owner, parting, wire).hash(hasher);
        (session, epoch, sig, rank).hash(hasher);
        if *node != NodeId::default() {
            node.hash(hasher);
        }
    }
}

impl Link {
    /// No link.
    pub const NONE: Link = Link {
        up: Queue::EMPTY,
        down: Queue::EMPTY,
        server: ServerEnd::Absent,
        owner: Owner::User,
        parting: Parting::Link,
        wire: Wire::Whole,
        session: Label::NONE,
        epoch: Epoch::Newest,
        sig: SigAge::Fresh,
        rank: 0,
        node: NodeId(0),
    };

    /// Whether there is a link.
    pub fn exists(&self) -> bool {
        self.server != ServerEnd::Absent
    }

    /// Whether the client's end is closed.
    pub fn is_given_up(&self) -> bool {
        self.exists() && self.owner != Owner::User
    }

    /// Whether the client has its end.
    pub fn is_held(&self) -> bool {
        self.exists() && self.owner == Owner::User
    }

    /// Whether the server has closed its end, as superseded or not.
    pub fn is_closed(&self) -> bool {
        matches!(self.server, ServerEnd::Closed | ServerEnd::Superseded)
    }

    /// Whether the server has its end.
    pub fn is_heard(&self) -> bool {
        match self.server {
            ServerEnd::Listening | ServerEnd::Serving { .. } | ServerEnd::Kicked { .. } | ServerEnd::Storing { .. } => true,
            ServerEnd::Absent | ServerEnd::Closed | ServerEnd::Superseded => false,
        }
    }

    /// Whether a commit is under way for it.
    pub fn is_storing(&self) -> bool {
        matches!(self.server, ServerEnd::Storing { .. })
    }

    /// The key of the instance that opened it, where the one in the seat has `own`.
    pub fn key(&self, own: Key) -> Key {
        match self.owner {
            Owner::User | Owner::Gone => own,
            Owner::Replaced => Key::Former,
        }
    }

    /// The account of the login or resume that is under way on it.
    pub fn greeting(&self) -> Option<AccountId> {
        self.up.iter().find_map(|frame| match frame {
            UpFrame::Login { account, .. } | UpFrame::Resume { account } => Some(account),
            UpFrame::Sync
            | UpFrame::Logout { .. }
            | UpFrame::Send { .. }
            | UpFrame::MessageAck { .. }
            | UpFrame::KickAck
            | UpFrame::Ping
            | UpFrame::Pong => None,
        })
    }

    /// Every frame under way on it.
    pub fn frames(&self) -> impl Iterator<Item = Frame> {
        self.up.iter().map(Frame::Up).chain(self.down.iter().map(Frame::Down))
    }

    /// Drops what can reach nobody and forgets what no longer means anything; without either end it is no link.
    pub(crate) fn tidy(&mut self) {
        if self.server == ServerEnd::Superseded && (self.wire == Wire::Cut || self.owner != Owner::User) {
            self.server = ServerEnd::Closed;
        }
        if self.wire == Wire::Cut || !self.is_heard() {
            self.up = Queue::EMPTY;
        }
        if self.wire == Wire::Cut || self.owner != Owner::User {
            self.down = Queue::EMPTY;
        }
        if !self.is_heard() {
            self.session = Label::NONE;
        }
        if (self.epoch, self.sig) != (Epoch::Newest, SigAge::Fresh) && self.greeting().is_none() {
            self.sig = SigAge::Fresh;
            if !matches!(self.server, ServerEnd::Serving { .. }) {
                self.epoch = Epoch::Newest;
            }
        }
        if !self.is_heard() {
            self.node = NodeId::default();
        }
        if !self.is_heard() && self.owner != Owner::User {
            *self = Link::NONE;
        }
    }
}

/// The links of a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Links {
    /// The newest.
    pub current: Link,
    /// The one that the client has given up before.
    pub abandoned: Link,
}

impl Links {
    /// One of them.
    pub fn at(&self, slot: Slot) -> &Link {
        match slot {
            Slot::Current => &self.current,
            Slot::Abandoned => &self.abandoned,
        }
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, slot: Slot) -> &mut Link {
        match slot {
            Slot::Current => &mut self.current,
            Slot::Abandoned => &mut self.abandoned,
        }
    }

    /// Both, the newest first.
    pub fn each(&self) -> [&Link; Slot::COUNT] {
        [&self.current, &self.abandoned]
    }

    pub(crate) fn each_mut(&mut self) -> [&mut Link; Slot::COUNT] {
        [&mut self.current, &mut self.abandoned]
    }

    /// Which of them a session of the seat is online on; `None` if its link is down.
    pub fn slot_of(&self, account: AccountId, session: Session) -> Option<Slot> {
        let is_of = |link: &Link, key: Key| (key == Key::Former) == (link.owner == Owner::Replaced);
        let serves = |link: &Link| {
            let is_its_own = link.server == ServerEnd::Serving { account } && link.epoch == Epoch::Newest;
            is_its_own && is_of(link, session.key) && link.session == session.label
        };
        Slot::ALL.into_iter().find(|slot| serves(self.at(*slot)))
    }
}
