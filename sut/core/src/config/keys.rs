//! What an app's UserSigs are signed with: its secret key, and for a while the one before it. It neither signs nor judges anything.

use std::fmt;

use crate::timers::UnixMillis;

/// The secret keys of an app.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKeys {
    current: String,
    former: Vec<Former>,
}

#[derive(Clone, PartialEq, Eq)]
struct Former {
    key: String,
    until: UnixMillis,
}

impl SecretKeys {
    /// The key that is good without an end.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The keys with which a UserSig may be signed at that moment, the current one first.
    pub fn good_at(&self, now: UnixMillis) -> impl Iterator<Item = &str> {
        let former = self.former.iter().filter(move |former| now < former.until).map(|former| former.key.as_str());
        std::iter::once(self.current()).chain(former)
    }

    /// The same with another current key: the one before it is good until that moment.
    #[must_use]
    pub fn replaced(&self, key: &str, now: UnixMillis, until: UnixMillis) -> SecretKeys {
        let before = Former { key: self.current.clone(), until };
        let former = self.former.iter().filter(|former| now < former.until && former.key != key).cloned();
        SecretKeys { current: key.to_owned(), former: former.chain([before]).collect() }
    }
}

impl fmt::Debug for SecretKeys {
    /// Shows none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKeys").finish_non_exhaustive()
    }
}

impl From<&str> for SecretKeys {
    fn from(key: &str) -> SecretKeys {
        SecretKeys { current: key.to_owned(), former: Vec::new() }
    }
}

impl From<String> for SecretKeys {
    fn from(current: String) -> SecretKeys {
        SecretKeys { current, former: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(keys: &SecretKeys, at: u64) -> Vec<&str> {
        keys.good_at(UnixMillis(at)).collect()
    }

    #[test]
    fn a_key_that_was_replaced_is_good_for_a_while() {
        let keys = SecretKeys::from("a").replaced("b", UnixMillis(10), UnixMillis(20));
        assert_eq!((good(&keys, 19), good(&keys, 20)), (vec!["b", "a"], vec!["b"]));
        let keys = keys.replaced("c", UnixMillis(15), UnixMillis(25));
        assert_eq!((good(&keys, 19), good(&keys, 20), good(&keys, 25)), (vec!["c", "a", "b"], vec!["c", "b"], vec!["c"]));
    }

    #[test]
    fn a_key_that_comes_back_is_named_once_and_a_stale_one_is_forgotten() {
        let keys =
            SecretKeys::from("a").replaced("b", UnixMillis(10), UnixMillis(20)).replaced("a", UnixMillis(12), UnixMillis(22));
        assert_eq!((good(&keys, 12), good(&keys, 22)), (vec!["a", "b"], vec!["a"]));
        assert_eq!(keys.replaced("c", UnixMillis(30), UnixMillis(40)).former.len(), 1);
    }
}
