//! What can be seen of a step: answers that settled, events published, frames written, links closed. Every item names the instance
//! it belongs to; an instance's items form one sequence. It holds nothing that only the model could know.

use strum::{EnumCount, VariantArray};

use crate::action::{AccountId, InstanceId, Post, Slot, Token};
use crate::frame::Frame;
use crate::records::Key;

pub use crate::code::{Code, Reason};

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
    /// `KICKED_OUT` of type `userSigExpired`, the code in its text: a readmission was refused with it (LINK-5)
    TurnedAway(Code),
    /// `MESSAGE_RECEIVED`
    Message {
        /// Which.
        token: Token,
        /// Who sent it.
        from: AccountId,
        /// To whom.
        to: AccountId,
    },
    /// `NET_STATE_CHANGE`
    Net(NetState),
    /// `MESSAGES_LOST`
    MessagesLost,
}

impl Event {
    /// The name of every event; [`Event::name`] is one of them.
    pub const NAMES: [&'static str; 8] = [
        "SDK_READY",
        "SDK_NOT_READY",
        "KICKED_OUT",
        "MESSAGE_RECEIVED",
        "NET_STATE_CHANGE connected",
        "NET_STATE_CHANGE connecting",
        "NET_STATE_CHANGE disconnected",
        "MESSAGES_LOST",
    ];

    /// The SDK's name, with the state of the link if it tells one.
    pub const fn name(self) -> &'static str {
        match self {
            Event::Ready => Event::NAMES[0],
            Event::NotReady => Event::NAMES[1],
            Event::KickedOut(_) | Event::TurnedAway(_) => Event::NAMES[2],
            Event::Message { .. } => Event::NAMES[3],
            Event::Net(NetState::Connected) => Event::NAMES[4],
            Event::Net(NetState::Connecting) => Event::NAMES[5],
            Event::Net(NetState::Disconnected) => Event::NAMES[6],
            Event::MessagesLost => Event::NAMES[7],
        }
    }
}

/// What `NET_STATE_CHANGE` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NetState {
    /// `connected`
    #[default]
    Connected,
    /// `connecting`
    Connecting,
    /// `disconnected`
    Disconnected,
}

/// What a close says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Close {
    /// 1000: all is said.
    Done,
    /// 1001: the page is closed.
    PageClosed,
    /// 1008: a frame that has no place there.
    OutOfPlace,
    /// 4000: the link is taken for lost.
    GivenUp,
    /// 4001: a newer link has taken its place.
    Superseded,
}

/// Who wrote or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The instance.
    Client,
    /// The server.
    Server,
}

/// What a callback says of a session: `State.StateChange`'s action and reason (HOOK-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum StateChange {
    /// `Login`, `Register`: an admission
    Register,
    /// The same, `Resumed`: a resume or a readmission
    Resumed,
    /// `Logout`, `Unregister`
    Unregister,
    /// `Disconnect`, `LinkClose`
    LinkClose,
    /// `Disconnect`, `TimeOut`
    TimeOut,
}

/// What the receiver of callbacks is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Callback {
    /// Whose session: the seat, and which instance of it.
    pub of: (InstanceId, Key),
    /// What became of it.
    pub change: StateChange,
    /// `KickedDevice`: whom its login kicked, in login order.
    pub kicked: [Option<(InstanceId, Key)>; 2],
}

/// How far a callback has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallbackStage {
    /// It was recorded, in one commit with the change.
    Committed,
    /// It was posted.
    Posted(Post),
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
        /// Which of its links.
        slot: Slot,
        /// By which end.
        end: End,
        /// What.
        frame: Frame,
    },
    /// A link was closed behind the last frame written to it.
    Closed {
        /// Whose link.
        instance: InstanceId,
        /// Which of its links.
        slot: Slot,
        /// By which end.
        end: End,
        /// What it says.
        close: Close,
    },
    /// A callback was recorded or posted.
    Callback {
        /// In which seat.
        instance: InstanceId,
        /// Of which account.
        account: AccountId,
        /// What it says.
        callback: Callback,
        /// How far it has come.
        stage: CallbackStage,
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
            | Item::Closed { instance, .. }
            | Item::Callback { instance, .. } => instance,
        }
    }
}
