//! The columns of the coverage report: what an action does, without the whom. It says nothing of what follows from it.

use crate::action::Action;

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
    /// [`Action::Resend`]
    Resend,
    /// [`Action::PageClose`]
    PageClose,
    /// [`Action::Wake`]
    Wake,
    /// [`Action::Open`]
    Open,
    /// [`Action::OpenFails`]
    OpenFails,
    /// [`Action::ToServer`]
    ToServer,
    /// [`Action::ToClient`]
    ToClient,
    /// [`Action::Cut`]
    Cut,
    /// [`Action::ClientLoses`]
    ClientLoses,
    /// [`Action::ServerLoses`]
    ServerLoses,
    /// [`Action::Backoff`]
    Backoff,
    /// [`Action::Deadline`]
    Deadline,
    /// [`Action::Ping`]
    Ping,
    /// [`Action::Ask`]
    Ask,
    /// [`Action::Lapse`]
    Lapse,
    /// [`Action::Expire`]
    Expire,
    /// [`Action::Renew`]
    Renew,
    /// [`Action::RestKick`]
    RestKick,
    /// [`Action::Configure`]
    Configure,
    /// [`Action::TakeEffect`]
    TakeEffect,
    /// [`Action::Webhook`]
    Webhook,
    /// [`Action::Restart`]
    Restart,
    /// [`Action::Stop`]
    Stop,
}

impl ActionKind {
    /// Every kind, in the order of [`Action`]'s arms.
    pub const ALL: [ActionKind; 27] = [
        ActionKind::Login,
        ActionKind::Logout,
        ActionKind::Destroy,
        ActionKind::Send,
        ActionKind::Resend,
        ActionKind::PageClose,
        ActionKind::Wake,
        ActionKind::Open,
        ActionKind::OpenFails,
        ActionKind::ToServer,
        ActionKind::ToClient,
        ActionKind::Cut,
        ActionKind::ClientLoses,
        ActionKind::ServerLoses,
        ActionKind::Backoff,
        ActionKind::Deadline,
        ActionKind::Ping,
        ActionKind::Ask,
        ActionKind::Lapse,
        ActionKind::Expire,
        ActionKind::Renew,
        ActionKind::RestKick,
        ActionKind::Configure,
        ActionKind::TakeEffect,
        ActionKind::Webhook,
        ActionKind::Restart,
        ActionKind::Stop,
    ];

    /// The column's heading.
    pub const fn name(self) -> &'static str {
        match self {
            ActionKind::Login => "login",
            ActionKind::Logout => "logout",
            ActionKind::Destroy => "destroy",
            ActionKind::Send => "send",
            ActionKind::Resend => "resend",
            ActionKind::PageClose => "page close",
            ActionKind::Wake => "wake",
            ActionKind::Open => "open",
            ActionKind::OpenFails => "open fails",
            ActionKind::ToServer => "to server",
            ActionKind::ToClient => "to client",
            ActionKind::Cut => "cut",
            ActionKind::ClientLoses => "client loses",
            ActionKind::ServerLoses => "server loses",
            ActionKind::Backoff => "backoff",
            ActionKind::Deadline => "deadline",
            ActionKind::Ping => "ping",
            ActionKind::Ask => "ask",
            ActionKind::Lapse => "lapse",
            ActionKind::Expire => "expire",
            ActionKind::Renew => "renew",
            ActionKind::RestKick => "rest kick",
            ActionKind::Configure => "configure",
            ActionKind::TakeEffect => "take effect",
            ActionKind::Webhook => "webhook",
            ActionKind::Restart => "restart",
            ActionKind::Stop => "stop",
        }
    }
}

impl Action {
    /// What it does.
    pub const fn kind(self) -> ActionKind {
        match self {
            Action::Login { .. } => ActionKind::Login,
            Action::Logout { .. } => ActionKind::Logout,
            Action::Destroy { .. } => ActionKind::Destroy,
            Action::Send { .. } => ActionKind::Send,
            Action::Resend { .. } => ActionKind::Resend,
            Action::PageClose { .. } => ActionKind::PageClose,
            Action::Wake { .. } => ActionKind::Wake,
            Action::Open { .. } => ActionKind::Open,
            Action::OpenFails { .. } => ActionKind::OpenFails,
            Action::ToServer { .. } => ActionKind::ToServer,
            Action::ToClient { .. } => ActionKind::ToClient,
            Action::Cut { .. } => ActionKind::Cut,
            Action::ClientLoses { .. } => ActionKind::ClientLoses,
            Action::ServerLoses { .. } => ActionKind::ServerLoses,
            Action::Backoff { .. } => ActionKind::Backoff,
            Action::Deadline { .. } => ActionKind::Deadline,
            Action::Ping { .. } => ActionKind::Ping,
            Action::Ask { .. } => ActionKind::Ask,
            Action::Lapse { .. } => ActionKind::Lapse,
            Action::Expire { .. } => ActionKind::Expire,
            Action::Renew { .. } => ActionKind::Renew,
            Action::RestKick { .. } => ActionKind::RestKick,
            Action::Configure { .. } => ActionKind::Configure,
            Action::TakeEffect => ActionKind::TakeEffect,
            Action::Webhook { .. } => ActionKind::Webhook,
            Action::Restart => ActionKind::Restart,
            Action::Stop => ActionKind::Stop,
        }
    }
}
