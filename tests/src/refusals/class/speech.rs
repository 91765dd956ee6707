//! Frames that are well written and come where, or under a name under which, they cannot; and what the rules demand. It makes no frame.

use model::rule::Rule;

use crate::refusals::demand::{Demand, Said};

/// A frame that needs a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Speech {
    /// `sync`
    Sync,
    /// `send`
    Send,
    /// `message-ack`
    MessageAck,
    /// `kick-ack`
    KickAck,
    /// `ping`
    Ping,
}

impl Speech {
    pub(crate) const ALL: [Speech; 5] = [Speech::Sync, Speech::Send, Speech::MessageAck, Speech::KickAck, Speech::Ping];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Speech::Sync => "sync",
            Speech::Send => "send",
            Speech::MessageAck => "message-ack",
            Speech::KickAck => "kick-ack",
            Speech::Ping => "ping",
        }
    }
}

/// What an instance wrote in an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Replayed {
    /// `login`
    Login,
    /// `resume`
    Resume,
    /// `sync`
    Sync,
    /// `send`
    Send,
    /// `logout`
    Logout,
    /// `kick-ack`
    KickAck,
}

impl Replayed {
    pub(crate) const ALL: [Replayed; 6] =
        [Replayed::Login, Replayed::Resume, Replayed::Sync, Replayed::Send, Replayed::Logout, Replayed::KickAck];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Replayed::Login => "login",
            Replayed::Resume => "resume",
            Replayed::Sync => "sync",
            Replayed::Send => "send",
            Replayed::Logout => "logout",
            Replayed::KickAck => "kick-ack",
        }
    }

    pub(crate) const fn rule(self) -> Rule {
        match self {
            Replayed::Login | Replayed::Resume => Rule::Link3,
            Replayed::Sync | Replayed::Send | Replayed::KickAck => Rule::Link9,
            Replayed::Logout => Rule::Logout4,
        }
    }

    pub(crate) const fn demand(self) -> Demand {
        match self {
            Replayed::Login | Replayed::Resume => Demand::close(4001),
            Replayed::Sync | Replayed::Send | Replayed::KickAck => Demand::close(1008),
            Replayed::Logout => Demand::answer(&[Said::LogoutAnswer]),
        }
    }
}

/// What cannot come on the link of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trespass {
    /// A second login.
    SecondLogin,
    /// A resume.
    SecondResume,
    /// A message under a secret that was made up.
    ForgedSecret,
    /// A logout under the secret of another session.
    OthersSecret,
    /// A ping of a later epoch.
    LaterEpoch,
    /// A message of an earlier epoch.
    EarlierEpoch,
    /// An acknowledgement of a notice that was never written.
    KickAck,
    /// An acknowledgement of a message that was never sent.
    AckOfNothing,
    /// A logout that names another instance.
    LogoutOfAnotherKey,
    /// A logout that names another account.
    LogoutOfAnotherAccount,
    /// A message to what can be no account.
    SendToNobody,
    /// A message whose text is too long.
    SendTooLong,
}

impl Trespass {
    pub(crate) const ALL: [Trespass; 12] = [
        Trespass::SecondLogin,
        Trespass::SecondResume,
        Trespass::ForgedSecret,
        Trespass::OthersSecret,
        Trespass::LaterEpoch,
        Trespass::EarlierEpoch,
        Trespass::KickAck,
        Trespass::AckOfNothing,
        Trespass::LogoutOfAnotherKey,
        Trespass::LogoutOfAnotherAccount,
        Trespass::SendToNobody,
        Trespass::SendTooLong,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Trespass::SecondLogin => "a second login",
            Trespass::SecondResume => "a resume",
            Trespass::ForgedSecret => "send, forged secret",
            Trespass::OthersSecret => "logout, another session's secret",
            Trespass::LaterEpoch => "ping, later epoch",
            Trespass::EarlierEpoch => "send, earlier epoch",
            Trespass::KickAck => "kick-ack without a kick",
            Trespass::AckOfNothing => "message-ack of a message never sent",
            Trespass::LogoutOfAnotherKey => "logout of another instance",
            Trespass::LogoutOfAnotherAccount => "logout of another account",
            Trespass::SendToNobody => "send to no userID",
            Trespass::SendTooLong => "send, text too long",
        }
    }

    pub(crate) const fn rule(self) -> Rule {
        match self {
            Trespass::SecondLogin | Trespass::SecondResume => Rule::Link9,
            Trespass::ForgedSecret | Trespass::OthersSecret | Trespass::LaterEpoch | Trespass::EarlierEpoch => Rule::Link3,
            Trespass::KickAck => Rule::Kick8,
            Trespass::AckOfNothing => Rule::Msg2,
            Trespass::LogoutOfAnotherKey | Trespass::LogoutOfAnotherAccount => Rule::Logout1,
            Trespass::SendToNobody | Trespass::SendTooLong => Rule::Msg3,
        }
    }

    pub(crate) const fn demand(self) -> Demand {
        match self {
            Trespass::SecondLogin
            | Trespass::SecondResume
            | Trespass::ForgedSecret
            | Trespass::OthersSecret
            | Trespass::LaterEpoch
            | Trespass::EarlierEpoch
            | Trespass::KickAck
            | Trespass::AckOfNothing
            | Trespass::LogoutOfAnotherKey
            | Trespass::LogoutOfAnotherAccount => Demand::close(1008),
            Trespass::SendToNobody | Trespass::SendTooLong => Demand::answer(&[Said::SendRefused(70402)]),
        }
    }
}

/// What a kicked session says instead of the acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AfterKick {
    /// `login`
    Login,
    /// `resume`
    Resume,
    /// `logout`
    Logout,
    /// `sync`
    Sync,
    /// `send`
    Send,
    /// `message-ack`
    MessageAck,
    /// `ping`
    Ping,
    /// `kick-ack` under a secret that was made up.
    ForgedKickAck,
    /// `kick-ack` of another epoch.
    KickAckOfAnotherEpoch,
}

impl AfterKick {
    pub(crate) const ALL: [AfterKick; 9] = [
        AfterKick::Login,
        AfterKick::Resume,
        AfterKick::Logout,
        AfterKick::Sync,
        AfterKick::Send,
        AfterKick::MessageAck,
        AfterKick::Ping,
        AfterKick::ForgedKickAck,
        AfterKick::KickAckOfAnotherEpoch,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            AfterKick::Login => "login",
            AfterKick::Resume => "resume",
            AfterKick::Logout => "logout",
            AfterKick::Sync => "sync",
            AfterKick::Send => "send",
            AfterKick::MessageAck => "message-ack",
            AfterKick::Ping => "ping",
            AfterKick::ForgedKickAck => "kick-ack, forged secret",
            AfterKick::KickAckOfAnotherEpoch => "kick-ack, another epoch",
        }
    }
}
