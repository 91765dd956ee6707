//! Frames that are well written and come where, or under a name under which, they cannot; and what the rules demand. It makes no frame.

use model::rule::Rule;
use model::variants::every;
use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::refusals::demand::{Demand, Said};

/// A frame that needs a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
    pub(crate) const ALL: [Speech; Speech::COUNT] = every();

    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// What an instance wrote in an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
    pub(crate) const ALL: [Replayed; Replayed::COUNT] = every();

    pub(crate) fn name(self) -> &'static str {
        self.into()
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
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
    pub(crate) const ALL: [Trespass; Trespass::COUNT] = every();

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
    #[strum(serialize = "kick-ack, forged secret")]
    ForgedKickAck,
    /// `kick-ack` of another epoch.
    #[strum(serialize = "kick-ack, another epoch")]
    KickAckOfAnotherEpoch,
}

impl AfterKick {
    pub(crate) const ALL: [AfterKick; AfterKick::COUNT] = every();

    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}
