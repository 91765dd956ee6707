//! Where accounts' records and the callbacks that are still owed are kept: what a registry must do, the one in memory, and one that
//! outlives the process. A registry stores and compares versions; it knows no rule.

pub mod durable;

use crate::config::App;
use crate::session::Record;

pub use sut_core::registry::*;

/// The app as a node starts with it: what administrators changed is in force at once. A start ends every wait for a change (CONF-1).
///
/// # Errors
/// The store does not answer.
pub async fn with_stored_terms(mut app: App, store: &impl TermsStore) -> Result<App, Unreachable> {
    if let Some(changed) = store.changed().await? {
        tracing::warn!(?changed, "an administrator has changed this; it wins over the file and the flags until SIGHUP loads them");
        app.adopt(changed.of(app.terms()));
    }
    Ok(app)
}

/// An account that cannot be: its load tells whether the registry answers at all.
pub(crate) const NOBODY: &str = "";

/// Loads every account that is stored, one after the other, and hands over what stands there, or why that cannot be read: of one account it
/// may not be while the registry answers. Where it does not, nothing more is loaded.
pub(crate) async fn load_each(
    registry: &impl Registry,
    mut take: impl FnMut(String, Result<(Record, Version), Unreachable>),
) -> Result<(), Unreachable> {
    for user_id in registry.accounts().await? {
        let mut loaded = registry.load(&user_id).await;
        if loaded.is_err() {
            registry.load(NOBODY).await?;
            loaded = registry.load(&user_id).await;
        }
        take(user_id, loaded);
    }
    Ok(())
}
