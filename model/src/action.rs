//! What may be asked of a scope: the calls of an application, the moves of the network. It says nothing of what follows from them.

use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::variants::every;

pub use crate::action_kind::ActionKind;

/// A seat of the scope: one SDK instance, and after a destroy the fresh one that takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(pub u8);

/// A user of the scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u8);

/// One message that exists somewhere: in a link, a running send or a kept list. A token found nowhere is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u8);

/// What a login shows at the door: good, or wrong in one way (LOGIN-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Credential {
    /// A valid UserSig.
    Good,
    /// A userID that is none.
    BadUserId,
    /// No UserSig at all.
    Empty,
    /// A UserSig that cannot be read.
    Malformed,
    /// A UserSig of another SDKAppID.
    OtherApp,
    /// A UserSig of another identifier.
    OtherIdentifier,
    /// A UserSig signed with another key.
    WrongSignature,
    /// A UserSig whose time is over.
    Expired,
    /// A UserSig issued at or before the second of the account's last REST kick (REST-1).
    Revoked,
}

impl Credential {
    /// Every credential, the good one first.
    pub const ALL: [Credential; Credential::COUNT] = every();

    /// The word for it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which of an instance's links a frame travels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Slot {
    /// The newest link.
    Current,
    /// The one that the client has given up and whose frames may still arrive at the server.
    Abandoned,
}

impl Slot {
    /// Both.
    pub const ALL: [Slot; Slot::COUNT] = every();
}

/// How an end learns that its link is lost (LINK-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// The stream ended, or the other end's close arrived behind its last frame.
    Ended,
    /// Its own heartbeat timer fired.
    Heartbeat,
}

/// A call that a deadline ends (LINK-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Timed {
    /// The login that runs.
    Login,
    /// The logouts and destroys that run.
    Logout,
    /// The send that was called first of those that run.
    Send,
}

impl Timed {
    /// The word for it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One of the two configurations of a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// The limits that the scope states.
    #[default]
    Stated,
    /// The same but for one.
    Changed,
}

/// How the post of a callback ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Post {
    /// The receiver took it and said so.
    Taken,
    /// Nobody knows whether the receiver saw it; it is posted again.
    Failed,
}

/// One labelled move of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The application calls `login`.
    Login {
        /// On which instance.
        instance: InstanceId,
        /// With whose userID.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// The application calls `logout`.
    Logout {
        /// On which instance.
        instance: InstanceId,
    },
    /// The application calls `destroy`.
    Destroy {
        /// On which instance.
        instance: InstanceId,
    },
    /// The application calls `sendMessage`.
    Send {
        /// On which instance.
        instance: InstanceId,
        /// To whom.
        to: AccountId,
    },
    /// The application calls `sendMessage` again, with the message whose outcome it does not know (MSG-3).
    Resend {
        /// On which instance.
        instance: InstanceId,
    },
    /// The page of the instance is closed.
    PageClose {
        /// Whose.
        instance: InstanceId,
    },
    /// A page that the browser had frozen wakes: the browser has closed its link, and the instance sees it lost (LINK-6).
    Wake {
        /// Whose.
        instance: InstanceId,
    },
    /// The link that a login or a resume waits for is up.
    Open {
        /// Whose link.
        instance: InstanceId,
    },
    /// The link that a login or a resume waits for cannot be opened.
    OpenFails {
        /// Whose link.
        instance: InstanceId,
    },
    /// The oldest frame that travels to the server on that link arrives.
    ToServer {
        /// Whose link.
        instance: InstanceId,
        /// Which of its links.
        slot: Slot,
    },
    /// The oldest frame that travels to the client on its current link arrives.
    ToClient {
        /// Whose link.
        instance: InstanceId,
    },
    /// The current link breaks: its frames are lost, later ones vanish, and neither end knows.
    Cut {
        /// Whose link.
        instance: InstanceId,
    },
    /// The client learns that its link is lost, or takes it for lost and gives it up.
    ClientLoses {
        /// Whose link.
        instance: InstanceId,
        /// How it learns.
        how: Loss,
    },
    /// The server learns that a link is lost, or takes it for lost and closes it.
    ServerLoses {
        /// Whose link.
        instance: InstanceId,
        /// Which of its links.
        slot: Slot,
        /// How it learns.
        how: Loss,
    },
    /// The backoff timer fires: the client asks for a link.
    Backoff {
        /// Whose timer.
        instance: InstanceId,
    },
    /// The deadline of a running call fires.
    Deadline {
        /// Whose call.
        instance: InstanceId,
        /// Which.
        call: Timed,
    },
    /// The client's ping timer fires.
    Ping {
        /// Whose timer.
        instance: InstanceId,
    },
    /// The server's timer for the silence of a link fires: it asks the client for a sign of life (LINK-7).
    Ask {
        /// Whose link.
        instance: InstanceId,
        /// Which of its links.
        slot: Slot,
    },
    /// The lapse timer of a session of the seat fires; of two in the account the one that logged in first.
    Lapse {
        /// In which seat.
        instance: InstanceId,
        /// Of which account.
        account: AccountId,
    },
    /// The timer for the UserSig of a session of the seat fires (SIG-1); of two in the account the one that logged in first. Time has
    /// moved: every UserSig made until then is expired.
    Expire {
        /// In which seat.
        instance: InstanceId,
        /// Of which account.
        account: AccountId,
    },
    /// A fresh instance, with a key of its own, takes the place of one that was destroyed or whose page is closed.
    Renew {
        /// In which seat.
        instance: InstanceId,
    },
    /// The administrator kicks every session of an account by REST; a second passes behind it.
    RestKick {
        /// Whose.
        account: AccountId,
    },
    /// The administrator changes the limits (CONF-1).
    Configure {
        /// To which.
        setting: Setting,
    },
    /// The changed limits take effect.
    TakeEffect,
    /// The oldest callback of an account is posted.
    Webhook {
        /// Whose.
        account: AccountId,
        /// How that ends.
        how: Post,
    },
    /// The server is killed and started again.
    Restart,
    /// The server stops, notes which sessions are owed nothing, and is started again (MSG-2).
    Stop,
}

impl Action {
    /// Whose action it is; `None` for the administrator's and the server's own.
    pub const fn instance(self) -> Option<InstanceId> {
        match self {
            Action::Login { instance, .. }
            | Action::Logout { instance }
            | Action::Destroy { instance }
            | Action::Send { instance, .. }
            | Action::Resend { instance }
            | Action::PageClose { instance }
            | Action::Wake { instance }
            | Action::Open { instance }
            | Action::OpenFails { instance }
            | Action::ToServer { instance, .. }
            | Action::ToClient { instance }
            | Action::Cut { instance }
            | Action::ClientLoses { instance, .. }
            | Action::ServerLoses { instance, .. }
            | Action::Backoff { instance }
            | Action::Deadline { instance, .. }
            | Action::Ping { instance }
            | Action::Ask { instance, .. }
            | Action::Lapse { instance, .. }
            | Action::Expire { instance, .. }
            | Action::Renew { instance } => Some(instance),
            Action::RestKick { .. }
            | Action::Configure { .. }
            | Action::TakeEffect
            | Action::Webhook { .. }
            | Action::Restart
            | Action::Stop => None,
        }
    }
}
