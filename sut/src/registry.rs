//! Where accounts' records and the callbacks that are still owed are kept: what a registry must do, the one in memory, and one that
//! outlives the process. A registry stores and compares versions; it knows no rule.

pub mod durable;

use crate::config::App;

pub use sut_core::registry::*;

/// The app as a node starts with it: what administrators changed is in force at once. A start ends every wait for a change (CONF-1).
pub async fn with_stored_terms(mut app: App, store: &impl TermsStore) -> Result<App, Unreachable> {
    if let Some(changed) = store.changed().await? {
        tracing::warn!(?changed, "an administrator has changed this; it wins over the file and the flags until SIGHUP loads them");
        app.adopt(changed.of(app.terms()));
    }
    Ok(app)
}
