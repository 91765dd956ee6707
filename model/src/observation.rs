//! What can be seen of a step: answers that settled, events published, frames written, links closed. Every item names the instance
//! it belongs to; an instance's items form one sequence. It holds nothing that only the model could know.

use crate::action::{AccountId, InstanceId, Token};
use crate::frame::Frame;

/// Which call an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// `login`
    Login,
    /// `logout`
    Logout,
    /// `destroy`
    Destroy,
    /// `sendMessage`, which the message tells apart; a refused one has none.
    Send(Option<Token>),
}

/// Whether the answer is that of the call of this very step, or of one that was running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asked {
    /// The call of this step.
    Now,
    /// A call of an earlier step.
    Earlier,
}

/// Why a call was not done. `as u8` is the place in [`Code::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// 2024
    NotLoggedIn,
    /// 2025: a login runs (LOGIN-5).
    LoginRuns,
    /// 2025: another account is logged in; log out first (LOGIN-6).
    OtherAccount,
    /// 2801
    OutcomeUnknown,
    /// 2999
    NotReady,
    /// 6013
    Destroyed,
    /// 6023
    LoginAbandoned,
    /// 7502
    LogoutRuns,
    /// 70001
    SigExpired,
    /// 70002
    SigEmpty,
    /// 70003
    SigMalformed,
    /// 70009
    SigWrong,
    /// 70013
    SigOtherIdentifier,
    /// 70014
    SigOtherApp,
    /// 70052
    SigRevoked,
    /// 70402
    BadUserId,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 16] = [
        Code::NotLoggedIn,
        Code::LoginRuns,
        Code::OtherAccount,
        Code::OutcomeUnknown,
        Code::NotReady,
        Code::Destroyed,
        Code::LoginAbandoned,
        Code::LogoutRuns,
        Code::SigExpired,
        Code::SigEmpty,
        Code::SigMalformed,
        Code::SigWrong,
        Code::SigOtherIdentifier,
        Code::SigOtherApp,
        Code::SigRevoked,
        Code::BadUserId,
    ];

    /// The vendor's number.
    pub const fn number(self) -> u32 {
        match self {
            Code::NotLoggedIn => 2024,
            Code::LoginRuns | Code::OtherAccount => 2025,
            Code::OutcomeUnknown => 2801,
            Code::NotReady => 2999,
            Code::Destroyed => 6013,
            Code::LoginAbandoned => 6023,
            Code::LogoutRuns => 7502,
            Code::SigExpired => 70001,
            Code::SigEmpty => 70002,
            Code::SigMalformed => 70003,
            Code::SigWrong => 70009,
            Code::SigOtherIdentifier => 70013,
            Code::SigOtherApp => 70014,
            Code::SigRevoked => 70052,
            Code::BadUserId => 70402,
        }
    }
}

/// Why a session was kicked. `as u8` is the place in [`Reason::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Too many instances of the platform (KICK-2).
    MultipleAccount,
    /// Another kind of the class logged in (KICK-1).
    MultipleDevice,
    /// The administrator kicked the account (REST-1).
    RestApi,
}

impl Reason {
    /// Every reason that links which hold can bring about.
    pub const ALL: [Reason; 3] = [Reason::MultipleAccount, Reason::MultipleDevice, Reason::RestApi];

    /// The SDK's value.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::MultipleAccount => "multipleAccount",
            Reason::MultipleDevice => "multipleDevice",
            Reason::RestApi => "REST_API_Kick",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// A login that was admitted.
    LoggedIn,
    /// A login that was a repeat (LOGIN-4).
    Repeat,
    /// A logout or destroy that is done.
    Done,
    /// A message that was accepted.
    Sent,
    /// Not done, and why.
    Refused(Code),
}

/// What an instance tells its application unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// `SDK_READY`
    Ready,
    /// `SDK_NOT_READY`
    NotReady,
    /// `KICKED_OUT`
    KickedOut(Reason),
    /// `MESSAGE_RECEIVED`
    Message {
        /// Which.
        token: Token,
        /// Who sent it.
        from: AccountId,
        /// To whom.
        to: AccountId,
    },
}

/// Who wrote or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The instance.
    Client,
    /// The server.
    Server,
}

/// One thing seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A call ended.
    Settled {
        /// Whose.
        instance: InstanceId,
        /// Which.
        call: Call,
        /// Of this step or an earlier one.
        asked: Asked,
        /// How.
        outcome: Outcome,
    },
    /// An event was published.
    Published {
        /// By whom.
        instance: InstanceId,
        /// Which.
        event: Event,
    },
    /// The event stream ended (DESTROY-2).
    StreamEnded {
        /// Whose.
        instance: InstanceId,
    },
    /// A frame was written to the instance's link.
    Written {
        /// Whose link.
        instance: InstanceId,
        /// By which end.
        end: End,
        /// What.
        frame: Frame,
    },
    /// A link was closed behind the last frame written to it.
    Closed {
        /// Whose link.
        instance: InstanceId,
        /// By which end.
        end: End,
    },
}

impl Item {
    /// Whose sequence it stands in.
    pub const fn instance(self) -> InstanceId {
        match self {
            Item::Settled { instance, .. }
            | Item::Published { instance, .. }
            | Item::StreamEnded { instance }
            | Item::Written { instance, .. }
            | Item::Closed { instance, .. } => instance,
        }
    }
}
