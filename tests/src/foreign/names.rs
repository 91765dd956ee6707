//! What things are called on the lines, both ways. What has no name in a scope is told in words; nothing is guessed.

use model::action::{AccountId, InstanceId, Token};
use model::frame::Frame;
use model::records::Key;
use model::scope::Scope;

use super::protocol::FrameKind;
use crate::cast::{self, user_id};

/// An instance of a seat: the one that is there, or the one before it.
pub(super) type Who = (InstanceId, Key);

/// `a1`, or `a1'` for the one before.
pub(super) fn name_of(scope: &Scope, (seat, key): Who) -> String {
    let dash = match key {
        Key::Own | Key::Shared => "",
        Key::Former => "'",
    };
    format!("{}{dash}", scope.name_of(seat))
}

/// The instance of that name.
pub(super) fn who(scope: &Scope, name: &str) -> Result<Who, String> {
    let (name, is_present) = name.strip_suffix('\'').map_or((name, true), |name| (name, false));
    let seat = seat(scope, name)?;
    Ok((seat, cast::key(scope, seat, is_present)))
}

/// The seat of that name.
pub(super) fn seat(scope: &Scope, name: &str) -> Result<InstanceId, String> {
    let named = scope.instances().find(|instance| scope.name_of(*instance) == name);
    named.ok_or_else(|| format!("there is no instance '{}'", name.escape_debug()))
}

/// The account of that name.
pub(super) fn account(scope: &Scope, name: &str) -> Result<AccountId, String> {
    let named = scope.accounts().find(|account| user_id(*account) == name);
    named.ok_or_else(|| format!("there is no account '{}'", name.escape_debug()))
}

/// The message of that name.
pub(super) fn message(name: &str) -> Result<Token, String> {
    let number = name.strip_prefix('m').and_then(|number| number.parse().ok());
    number.map(Token).ok_or_else(|| format!("there is no message '{}'", name.escape_debug()))
}

/// The name of a message.
pub(super) fn of_message(token: Token) -> String {
    format!("m{}", token.0)
}

/// A frame without what it says.
pub(super) const fn kind(frame: Frame) -> FrameKind {
    match frame {
        Frame::Login { .. } => FrameKind::Login,
        Frame::Sync => FrameKind::Sync,
        Frame::Resume { .. } => FrameKind::Resume,
        Frame::Logout { .. } => FrameKind::Logout,
        Frame::Send { .. } => FrameKind::Send,
        Frame::MessageAck { .. } => FrameKind::MessageAck,
        Frame::KickAck => FrameKind::KickAck,
        Frame::Ping | Frame::ServerPing => FrameKind::Ping,
        Frame::LoginAnswer { .. } => FrameKind::LoginAnswer,
        Frame::ResumeAnswer { .. } => FrameKind::ResumeAnswer,
        Frame::SyncAnswer => FrameKind::SyncAnswer,
        Frame::LogoutAnswer => FrameKind::LogoutAnswer,
        Frame::SendAnswer { .. } => FrameKind::SendAnswer,
        Frame::Message { .. } => FrameKind::Message,
        Frame::Notice { .. } => FrameKind::Notice,
        Frame::Pong | Frame::ClientPong => FrameKind::Pong,
    }
}
