//! What things are called on the lines, both ways. What has no name in a scope is told in words; nothing is guessed.

use model::action::{AccountId, InstanceId, Token};
use model::frame::{DownFrame, Frame, UpFrame};
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
        Frame::Up(frame) => to_server(frame),
        Frame::Down(frame) => to_client(frame),
    }
}

const fn to_server(frame: UpFrame) -> FrameKind {
    match frame {
        UpFrame::Login { .. } => FrameKind::Login,
        UpFrame::Sync => FrameKind::Sync,
        UpFrame::Resume { .. } => FrameKind::Resume,
        UpFrame::Logout { .. } => FrameKind::Logout,
        UpFrame::Send { .. } => FrameKind::Send,
        UpFrame::MessageAck { .. } => FrameKind::MessageAck,
        UpFrame::KickAck => FrameKind::KickAck,
        UpFrame::Ping => FrameKind::Ping,
        UpFrame::Pong => FrameKind::Pong,
    }
}

const fn to_client(frame: DownFrame) -> FrameKind {
    match frame {
        DownFrame::LoginAnswer { .. } => FrameKind::LoginAnswer,
        DownFrame::ResumeAnswer { .. } => FrameKind::ResumeAnswer,
        DownFrame::SyncAnswer => FrameKind::SyncAnswer,
        DownFrame::LogoutAnswer => FrameKind::LogoutAnswer,
        DownFrame::SendAnswer { .. } => FrameKind::SendAnswer,
        DownFrame::Message { .. } => FrameKind::Message,
        DownFrame::Notice { .. } => FrameKind::Notice,
        DownFrame::Ping => FrameKind::Ping,
        DownFrame::Pong => FrameKind::Pong,
    }
}
