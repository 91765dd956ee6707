//! What may be asked of a scope: the calls of an application, the moves of the network. It says nothing of what follows from them.

/// A seat of the scope: one SDK instance, and after a destroy the fresh one that takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(pub u8);

/// A user of the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u8);

/// One message that exists somewhere: in a link, a running send or a kept list. A token found nowhere is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u8);

/// What a login shows at the door: good, or wrong in one way (LOGIN-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    pub const ALL: [Credential; 9] = [
        Credential::Good,
        Credential::BadUserId,
        Credential::Empty,
        Credential::Malformed,
        Credential::OtherApp,
        Credential::OtherIdentifier,
        Credential::WrongSignature,
        Credential::Expired,
        Credential::Revoked,
    ];
}

/// Which of an instance's links a frame travels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The newest link.
    Current,
    /// The one that the client has given up and whose frames may still arrive at the server.
    Abandoned,
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
    /// The link that a login waits for is up.
    Open {
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
    /// A fresh instance, with a key of its own, takes the place of a destroyed one.
    Renew {
        /// In which seat.
        instance: InstanceId,
    },
    /// The administrator kicks every session of an account by REST; a second passes behind it.
    RestKick {
        /// Whose.
        account: AccountId,
    },
}

/// What an action does, without the whom: the columns of the coverage report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActionKind {
    /// [`Action::Login`]
    Login,
    /// [`Action::Logout`]
    Logout,
    /// [`Action::Destroy`]
    Destroy,
    /// [`Action::Send`]
    Send,
    /// [`Action::Open`]
    Open,
    /// [`Action::ToServer`]
    ToServer,
    /// [`Action::ToClient`]
    ToClient,
    /// [`Action::Renew`]
    Renew,
    /// [`Action::RestKick`]
    RestKick,
}

impl ActionKind {
    /// Every kind, in the order of [`Action`]'s arms.
    pub const ALL: [ActionKind; 9] = [
        ActionKind::Login,
        ActionKind::Logout,
        ActionKind::Destroy,
        ActionKind::Send,
        ActionKind::Open,
        ActionKind::ToServer,
        ActionKind::ToClient,
        ActionKind::Renew,
        ActionKind::RestKick,
    ];

    /// The column's heading.
    pub const fn name(self) -> &'static str {
        match self {
            ActionKind::Login => "login",
            ActionKind::Logout => "logout",
            ActionKind::Destroy => "destroy",
            ActionKind::Send => "send",
            ActionKind::Open => "open",
            ActionKind::ToServer => "to server",
            ActionKind::ToClient => "to client",
            ActionKind::Renew => "renew",
            ActionKind::RestKick => "rest kick",
        }
    }
}

impl Action {
    /// Whose action it is; `None` for the administrator's.
    pub const fn instance(self) -> Option<InstanceId> {
        match self {
            Action::Login { instance, .. }
            | Action::Logout { instance }
            | Action::Destroy { instance }
            | Action::Send { instance, .. }
            | Action::Open { instance }
            | Action::ToServer { instance, .. }
            | Action::ToClient { instance }
            | Action::Renew { instance } => Some(instance),
            Action::RestKick { .. } => None,
        }
    }

    /// What it does.
    pub const fn kind(self) -> ActionKind {
        match self {
            Action::Login { .. } => ActionKind::Login,
            Action::Logout { .. } => ActionKind::Logout,
            Action::Destroy { .. } => ActionKind::Destroy,
            Action::Send { .. } => ActionKind::Send,
            Action::Open { .. } => ActionKind::Open,
            Action::ToServer { .. } => ActionKind::ToServer,
            Action::ToClient { .. } => ActionKind::ToClient,
            Action::Renew { .. } => ActionKind::Renew,
            Action::RestKick { .. } => ActionKind::RestKick,
        }
    }
}
