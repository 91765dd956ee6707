//! What things are called on the lines, both ways. What has no name in a scope is told in words; nothing is guessed.

use std::mem::discriminant;

use model::action::{AccountId, Credential, InstanceId, Token};
use model::code::Reason;
use model::frame::{DownFrame, Gap, Meant, Resumption, UpFrame};
use model::records::Session;
use model::scope::Scope;

use super::tells::UNTOLD;
use crate::cast::{self, user_id};

const ANYBODY: AccountId = AccountId(0);
const ANY: Token = Token(0);

/// A frame to the server of each kind, which says nothing in particular.
pub(super) const UP: [UpFrame; 9] = [
    UpFrame::Login { account: ANYBODY, credential: Credential::Good },
    UpFrame::Sync,
    UpFrame::Resume { account: ANYBODY },
    UpFrame::Logout { of: Meant::Own },
    UpFrame::Send { token: ANY, to: ANYBODY },
    UpFrame::MessageAck { token: ANY },
    UpFrame::KickAck,
    UpFrame::Ping,
    UpFrame::Pong,
];

/// A frame to the client of each kind, which says nothing in particular.
pub(super) const DOWN: [DownFrame; 9] = [
    DownFrame::LoginAnswer { refused: None, gap: Gap::None },
    DownFrame::ResumeAnswer { answer: Resumption::Readmitted },
    DownFrame::SyncAnswer,
    DownFrame::LogoutAnswer,
    DownFrame::SendAnswer { token: ANY },
    DownFrame::Message { token: ANY, from: ANYBODY, to: ANYBODY },
    DownFrame::Notice { reason: Reason::MultipleAccount },
    DownFrame::Pong,
    DownFrame::Ping,
];

/// A frame without what it says.
pub(super) fn plain<F: Copy>(all: &[F], frame: F) -> F {
    all.iter().copied().find(|plain| discriminant(plain) == discriminant(&frame)).unwrap_or(frame)
}

/// The session of an instance: the one that is there, or with a dash the one before it.
pub(super) fn session(scope: &Scope, name: &str) -> Result<Session, String> {
    let (name, is_present) = name.strip_suffix('\'').map_or((name, true), |name| (name, false));
    let seat = seat(scope, name)?;
    Ok(Session { seat, key: cast::key(scope, seat, is_present), label: UNTOLD })
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
