//! What a login is judged by and may change while the server runs, and changes of it. It says when nothing takes effect:
//! [`super::Changing`] does.

use serde::{Deserialize, Serialize};

use super::{App, Limits, Policy};
use crate::planted::{self, Unreplayed};
use crate::session::Platform;

/// A login policy with limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Which kinds may be online together.
    pub policy: Policy,
    /// How many of each may be.
    pub limits: Limits,
}

/// What an administrator wants changed (CONF-1); the rest stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsChange {
    /// The policy from then on.
    pub policy: Option<Policy>,
    /// The limits from then on, each within its range (CONF-3). The last one of a platform counts.
    pub limits: Vec<(Platform, u8)>,
}

impl TermsChange {
    /// These terms, changed.
    pub fn of(&self, terms: Terms) -> Terms {
        let within = |limits: Limits, &(platform, limit): &(Platform, u8)| limits.with(platform, limit).unwrap_or(limits);
        let counts = |change: &&(Platform, u8)| change.0 == Platform::Web || !planted::has(Unreplayed::Conf1WebOnly);
        let limits = self.limits.iter().filter(counts).fold(terms.limits, within);
        Terms { policy: self.policy.unwrap_or(terms.policy), limits }
    }
}

impl TermsChange {
    /// This change, and behind it a newer one.
    #[must_use]
    pub fn then(mut self, newer: TermsChange) -> TermsChange {
        self.limits.retain(|(platform, _)| newer.limits.iter().all(|(changed, _)| changed != platform));
        self.limits.extend(newer.limits);
        TermsChange { policy: newer.policy.or(self.policy), limits: self.limits }
    }
}

impl App {
    /// What its logins are judged by.
    pub const fn terms(&self) -> Terms {
        Terms { policy: self.policy, limits: self.limits }
    }

    /// From the next login on other terms decide (CONF-2).
    pub const fn adopt(&mut self, Terms { policy, limits }: Terms) {
        self.policy = policy;
        self.limits = limits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_changes_the_newer_one_counts_where_both_speak() {
        let older = TermsChange { policy: Some(Policy::MULTI), limits: vec![(Platform::Web, 2), (Platform::Mac, 3)] };
        let newer = TermsChange { policy: None, limits: vec![(Platform::Web, 5)] };
        let both = TermsChange { policy: Some(Policy::MULTI), limits: vec![(Platform::Mac, 3), (Platform::Web, 5)] };
        assert_eq!(older.clone().then(newer.clone()), both);
        assert_eq!(both.of(Terms::default()), newer.of(older.of(Terms::default())));
    }

    #[test]
    fn terms_are_stored_by_their_names_and_read_back() {
        let limits = Limits::default().with(Platform::Web, 10).unwrap().with(Platform::IPad, 2).unwrap();
        let terms = Terms { policy: Policy::TRIPLE, limits };
        let written = serde_json::to_string(&terms).unwrap();
        let others = r#""Android":1,"iPhone":1,"iPad":2,"Windows":1,"Mac":1,"Linux":1"#;
        assert_eq!(written, format!(r#"{{"policy":"triple","limits":{{"Web":10,{others}}}}}"#));
        assert_eq!(serde_json::from_str::<Terms>(&written).unwrap(), terms);
    }

    #[test]
    fn stored_terms_out_of_their_ranges_are_not_read() {
        for stored in [r#"{"policy":"dual","limits":{"Web":11}}"#, r#"{"policy":"quad","limits":{}}"#] {
            assert!(serde_json::from_str::<Terms>(stored).is_err(), "{stored}");
        }
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before = Terms { policy: Policy::MULTI, limits: Limits::default().with(Platform::Web, 5).unwrap() };
        let limits = before.limits.with(Platform::Mac, 3).unwrap();
        let change = TermsChange { policy: None, limits: vec![(Platform::Mac, 3)] };
        assert_eq!(change.of(before), Terms { limits, ..before });
        let change = TermsChange { policy: Some(Policy::SINGLE), limits: vec![] };
        assert_eq!(change.of(before), Terms { policy: Policy::SINGLE, ..before });
    }
}
