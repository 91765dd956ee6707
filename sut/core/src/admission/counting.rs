//! What a limit counts: the instances of a platform, or all of the account (KICK-2, KICK-13). Pure, as the rest of the rules; who goes over a limit
//! is said in [`super::over_the_limit`].

use super::is_another_kind;
use crate::config::{App, Counted};
use crate::planted::{self, Planted};
use crate::session::Session;

/// Whether the newcomer's limit counts a session. That of an account counts no other kind of the newcomer's class: these go whatever
/// the limit is (KICK-1).
pub(super) fn is_counted(app: &App, newcomer: &Session, session: &Session) -> bool {
    match counted(app) {
        Counted::Platforms => session.platform == newcomer.platform,
        Counted::Account(_) => !is_another_kind(app, newcomer, session) || planted::is(Planted::Kick13ClassCounted),
    }
}

/// How many of those that it counts may be online, the newcomer included.
pub(super) fn limit(app: &App, newcomer: &Session) -> usize {
    match counted(app) {
        Counted::Platforms => app.limit(newcomer.platform).into(),
        Counted::Account(limit) => limit.get().into(),
    }
}

/// What the policy says, unless a bug is planted.
fn counted(app: &App) -> Counted {
    if planted::is(Planted::Kick13PlatformsCounted) { Counted::Platforms } else { app.policy.counted }
}
