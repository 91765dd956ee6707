//! What becomes of a newcomer that finds no place (KICK-12). Pure, as the rest of the rules; who would have to go for it is said in
//! [`super::victims`].

use super::{Kicked, counting, is_another_kind};
use crate::code::{Code, Refusal};
use crate::config::{App, Newcomers};
use crate::planted::{self, Planted};
use crate::session::Session;

/// Refuses a login that would be over a limit or beside another kind of its class, where the policy does. Whoever comes under the key of
/// a session on record of its platform is no newcomer: it has that one's place.
///
/// # Errors
/// Why it is refused.
pub(super) fn judge(app: &App, on_record: &[Session], login: &Session) -> Result<(), Refusal> {
    let is_own = |session: &&Session| session.key == login.key && !planted::is(Planted::Kick12OwnPlaceTaken);
    let has_a_place = on_record.iter().filter(is_own).any(|own| own.platform == login.platform);
    match policy(app) {
        Newcomers::AreRefused if !has_a_place && !finds_a_place(app, on_record, login) => Err(refusal()),
        Newcomers::AreRefused | Newcomers::Kick => Ok(()),
    }
}

/// Who is kicked of those whom a login that is let in would need gone: nobody where newcomers are refused, though a limit was lowered.
pub(super) fn pay(app: &App, needed: Vec<Kicked>) -> Vec<Kicked> {
    match policy(app) {
        Newcomers::AreRefused => Vec::new(),
        Newcomers::Kick => needed,
    }
}

/// What the policy says, unless a bug is planted.
fn policy(app: &App) -> Newcomers {
    if planted::is(Planted::Kick12NewcomerKicks) { Newcomers::Kick } else { app.policy.newcomers }
}

/// Whether the login can be online beside all that stand on record under other keys.
fn finds_a_place(app: &App, on_record: &[Session], login: &Session) -> bool {
    let others = || on_record.iter().filter(|session| session.key != login.key || planted::is(Planted::Kick12OwnPlaceTaken));
    let taken = others().filter(|session| counting::is_counted(app, login, session)).count();
    taken < counting::limit(app, login) && !others().any(|session| is_another_kind(app, login, session))
}

/// What a newcomer is told, at its login as at its readmission.
pub(super) fn refusal() -> Refusal {
    let text = "every place is taken, and nobody is kicked for a newcomer; log another instance out first".to_owned();
    Refusal { code: Code::NoPlace, text }
}

#[cfg(test)]
mod tests;
