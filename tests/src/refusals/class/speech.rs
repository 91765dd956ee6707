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
pub enum OutOfPlace {
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

impl OutOfPlace {
    pub(crate) const ALL: [OutOfPlace; OutOfPlace::COUNT] = every();

    pub(crate) const fn name(self) -> &'static str {
        match self {
            OutOfPlace::SecondLogin => "a second login",
            OutOfPlace::SecondResume => "a resume",
            OutOfPlace::ForgedSecret => "send, forged secret",
            OutOfPlace::OthersSecret => "logout, another session's secret",
            OutOfPlace::LaterEpoch => "ping, later epoch",
            OutOfPlace::EarlierEpoch => "send, earlier epoch",
            OutOfPlace::KickAck => "kick-ack without a kick",
            OutOfPlace::AckOfNothing => "message-ack of a message never sent",
            OutOfPlace::LogoutOfAnotherKey => "logout of another instance",
            OutOfPlace::LogoutOfAnotherAccount => "logout of another account",
            OutOfPlace::SendToNobody => "send to no userID",
            OutOfPlace::SendTooLong => "send, text too long",
        }
    }

    pub(crate) const fn rule(self) -> Rule {
        match self {
            OutOfPlace::SecondLogin | OutOfPlace::SecondResume => Rule::Link9,
            OutOfPlace::ForgedSecret | OutOfPlace::OthersSecret | OutOfPlace::LaterEpoch | OutOfPlace::EarlierEpoch => Rule::Link3,
            OutOfPlace::KickAck => Rule::Kick8,
            OutOfPlace::AckOfNothing => Rule::Msg2,
            OutOfPlace::LogoutOfAnotherKey | OutOfPlace::LogoutOfAnotherAccount => Rule::Logout1,
            OutOfPlace::SendToNobody | OutOfPlace::SendTooLong => Rule::Msg3,
        }
    }

    pub(crate) const fn demand(self) -> Demand {
        match self {
            OutOfPlace::SecondLogin
            | OutOfPlace::SecondResume
            | OutOfPlace::ForgedSecret
            | OutOfPlace::OthersSecret
            | OutOfPlace::LaterEpoch
            | OutOfPlace::EarlierEpoch
            | OutOfPlace::KickAck
            | OutOfPlace::AckOfNothing
            | OutOfPlace::LogoutOfAnotherKey
            | OutOfPlace::LogoutOfAnotherAccount => Demand::close(1008),
            OutOfPlace::SendToNobody | OutOfPlace::SendTooLong => Demand::answer(&[Said::SendRefused(70402)]),
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
