//! Where accounts' records and the callbacks that are still owed are kept: what a registry must do, the one in memory, and one that
//! outlives the process. A registry stores and compares versions; it knows no rule.

pub mod durable;
pub mod redis;

use std::path::PathBuf;
use std::str::FromStr;

use crate::config::App;
use crate::session::Record;

pub use sut_core::registry::*;

/// Where a registry is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it goes with the process.
    #[default]
    Memory,
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a Redis server, perhaps one that sentinels name, or in a cluster of them.
    Redis(redis::Url),
}

/// A text that names no place for a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no registry; it would be {forms}", forms = Place::FORMS)]
pub struct NoPlace(String);

impl Place {
    /// How one is written.
    pub const FORMS: &str = "a folder, as in /var/lib/kickproof, a Redis server, as in redis://127.0.0.1:6379/0, one with sentinels, \
                             as in redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster/0, or servers of a cluster, \
                             as in redis+cluster://127.0.0.1:7000,127.0.0.1:7001";
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Place, NoPlace> {
        match text.split_once("://") {
            None if !text.is_empty() => Ok(Place::Folder(text.into())),
            // Its text may hold a password.
            Some((scheme @ ("redis" | "redis+sentinel" | "redis+cluster"), _)) => {
                text.parse().map(Place::Redis).map_err(|_| NoPlace(format!("{scheme}://…")))
            }
            None | Some(_) => Err(NoPlace(text.to_owned())),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_named_by_its_place() {
        assert_eq!("/var/lib/kickproof".parse(), Ok(Place::Folder("/var/lib/kickproof".into())));
        for none in ["", "x://127.0.0.1"] {
            let error = none.parse::<Place>().unwrap_err().to_string();
            assert_eq!(error, format!("{none:?} names no registry; it would be {}", Place::FORMS));
        }
    }

    #[test]
    fn a_place_shows_no_password() {
        let place: Place = "redis://:hush@127.0.0.1/0".parse().unwrap();
        let errors =
            ["redis://:hush@127.0.0.1/x", "redis+sentinel://:hush@127.0.0.1"].map(|text| text.parse::<Place>().unwrap_err());
        assert!(!format!("{place:?} {}{}", errors[0], errors[1]).contains("hush"), "{place:?} {errors:?}");
    }
}
