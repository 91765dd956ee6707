//! What travels on a link. Frames are plain values; nothing here reacts to them.

use std::hash::{Hash, Hasher};

use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::action::{AccountId, Credential, Token};
use crate::code::{Code, Reason};
use crate::records::Label;
use crate::variants::every;

pub(crate) use crate::queue::TOKENS;
pub use crate::queue::{CAPACITY, Coded, Queue};

/// Which session a logout frame means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meant {
    /// The one of the login that went before it on its link.
    Own,
    /// An earlier one, which the instance still owes a logout (LOGOUT-4).
    Owed {
        /// Whose.
        account: AccountId,
        /// Which.
        session: Label,
        /// Whether the UserSig that it logged in with is rightly signed.
        sig: SigShown,
    },
}

/// Whether the UserSig of a login is rightly signed for its account, expired or revoked or not (LOGOUT-4). `as u8` is its place in
/// `SigShown::ALL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum SigShown {
    /// It is.
    #[default]
    Right,
    /// It is not.
    Wrong,
}

impl SigShown {
    pub(crate) const ALL: [SigShown; SigShown::COUNT] = every();

    /// What a login shows.
    pub const fn of(credential: Credential) -> SigShown {
        match credential {
            Credential::Good | Credential::Expired | Credential::Revoked => SigShown::Right,
            Credential::BadUserId
            | Credential::Empty
            | Credential::Malformed
            | Credential::OtherApp
            | Credential::OtherIdentifier
            | Credential::WrongSignature => SigShown::Wrong,
        }
    }
}

/// Whether messages of a session were lost (MSG-2, LINK-5, LOGIN-9). What an answer says is none or lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gap {
    /// None.
    #[default]
    None,
    /// Some may have been, and its instance was not told.
    Lost,
    /// Some may have been; its instance was told, which the server does not know yet.
    Told,
}

/// What a resume is answered with, a notice aside (LINK-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resumption {
    /// The session goes on.
    Resumed {
        /// Whether messages may be missing.
        gap: Gap,
    },
    /// It was dropped without a kick, and is admitted anew.
    Readmitted,
    /// It was dropped without a kick, and stays so.
    Ended(Reason),
    /// The same, with a code in the place of a reason (KICK-12).
    Refused(Code),
}

impl Resumption {
    /// Whether the instance is logged in no more.
    pub const fn is_an_end(self) -> bool {
        match self {
            Resumption::Ended(_) | Resumption::Refused(_) => true,
            Resumption::Resumed { .. } | Resumption::Readmitted => false,
        }
    }
}

/// A message in flight between a client and the server (LINK-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frame {
    /// To the server.
    Up(UpFrame),
    /// To the client.
    Down(DownFrame),
}

/// A message in flight to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum UpFrame {
    /// Asks for a session.
    Login {
        /// Whose.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// Asks for the first sync.
    Sync,
    /// Asks for the session of a lost link.
    Resume {
        /// Whose.
        account: AccountId,
    },
    /// Ends a session.
    Logout {
        /// Which.
        of: Meant,
    },
    /// Sends a message.
    Send {
        /// Which.
        token: Token,
        /// To whom.
        to: AccountId,
    },
    /// A message arrived.
    MessageAck {
        /// Which.
        token: Token,
    },
    /// The notice arrived.
    KickAck,
    /// The link is alive.
    Ping,
    /// So it is, as the server asked.
    Pong,
}

/// A message in flight to the client; numbered behind those to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[repr(u8)]
pub enum DownFrame {
    /// The login is admitted, or refused with a code.
    LoginAnswer {
        /// The code, if refused.
        refused: Option<Code>,
        /// Whether messages of the key's earlier session may be missing; none if refused (LOGIN-9).
        gap: Gap,
    } = UpFrame::COUNT as u8,
    /// What became of the session.
    ResumeAnswer {
        /// Just that.
        answer: Resumption,
    },
    /// The first sync.
    SyncAnswer,
    /// The session is ended.
    LogoutAnswer,
    /// The message is accepted.
    SendAnswer {
        /// Which.
        token: Token,
    },
    /// A message.
    Message {
        /// Which.
        token: Token,
        /// Who sent it.
        from: AccountId,
        /// To whom.
        to: AccountId,
    },
    /// The session was kicked.
    Notice {
        /// Why.
        reason: Reason,
    },
    /// So it is.
    Pong,
    /// Whether the link is alive.
    Ping,
}

impl UpFrame {
    /// The word for its kind (LINK-10).
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl DownFrame {
    /// The word for its kind (LINK-10).
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The number of a frame tells its direction, too.
impl Hash for Frame {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Frame::Up(frame) => frame.hash(hasher),
            Frame::Down(frame) => frame.hash(hasher),
        }
    }
}

impl From<UpFrame> for Frame {
    fn from(frame: UpFrame) -> Frame {
        Frame::Up(frame)
    }
}

impl From<DownFrame> for Frame {
    fn from(frame: DownFrame) -> Frame {
        Frame::Down(frame)
    }
}
