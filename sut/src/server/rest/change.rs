//! How an administrator writes a change of the terms (CONF-1): a policy, limits, or both. Pure; it changes nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::{BadPolicy, ConfigError, Draft, TermsChange};

/// The JSON, before anything in it is judged. A misspelt field must not pass for a change that was done.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SetLoginPolicy {
    policy: Option<String>,
    #[serde(default)]
    limits: NamedLimits,
}

/// The limits by platform, none of which may stand there twice: nobody could say which counts.
#[derive(Default)]
struct NamedLimits(BTreeMap<String, i64>);

impl<'de> Deserialize<'de> for NamedLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NamedLimits, D::Error> {
        deserializer.deserialize_map(NamedLimits::default())
    }
}

impl<'de> Visitor<'de> for NamedLimits {
    type Value = NamedLimits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of limits by platform")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut limits: M) -> Result<NamedLimits, M::Error> {
        while let Some((name, limit)) = limits.next_entry::<String, i64>()? {
            if self.0.contains_key(&name) {
                return Err(M::Error::custom(format_args!("{name} has two limits")));
            }
            self.0.insert(name, limit);
        }
        Ok(self)
    }
}

impl SetLoginPolicy {
    /// The change, or what is wrong with it (CONF-3).
    pub(super) fn judge(self) -> Result<TermsChange, String> {
        if self.policy.is_none() && self.limits.0.is_empty() {
            return Err("there is nothing to change: neither Policy nor Limits is stated".to_owned());
        }
        let policy = self.policy.map(|name| name.parse()).transpose();
        let policy = policy.map_err(|error: BadPolicy| format!("Policy: {error}"))?;
        let limits = self.limits.0.iter().map(|(name, &limit)| Draft::limit(name, limit)).collect::<Result<_, ConfigError>>();
        let limits = limits.map_err(|error| error.to_string())?;
        Ok(TermsChange { policy, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Policy;
    use crate::session::Platform;

    fn judged(body: &str) -> Result<TermsChange, String> {
        serde_json::from_str::<SetLoginPolicy>(body).unwrap().judge()
    }

    #[test]
    fn a_change_names_a_policy_limits_or_both() {
        let rows = [
            (r#"{"Policy":"multi"}"#, Some(Policy::MULTI), vec![]),
            (r#"{"Policy":"dual+refuse"}"#, Some(Policy::DUAL.refusing()), vec![]),
            (r#"{"Limits":{"Web":10,"iPad":3}}"#, None, vec![(Platform::Web, 10), (Platform::IPad, 3)]),
            (r#"{"Policy":"single","Limits":{"Mac":1}}"#, Some(Policy::SINGLE), vec![(Platform::Mac, 1)]),
        ];
        for (body, policy, limits) in rows {
            assert_eq!(judged(body), Ok(TermsChange { policy, limits }), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_change_is_said_in_one_line() {
        let rows = [
            ("{}", "there is nothing to change: neither Policy nor Limits is stated"),
            (
                r#"{"Policy":"Multi"}"#,
                "Policy: \"Multi\" is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse behind it",
            ),
            (r#"{"Limits":{"Web":11}}"#, "limits: a limit of 11 for Web is out of range; 1..=10 is allowed"),
            (r#"{"Limits":{"Web":2,"Mac":0}}"#, "limits: a limit of 0 for Mac is out of range; 1..=3 is allowed"),
            (r#"{"Limits":{"web":2}}"#, "limits: \"web\" is no platform; Web, Android, iPhone, iPad, Windows, Mac and Linux are"),
        ];
        for (body, expected) in rows {
            assert_eq!(judged(body), Err(expected.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_misspelt_field_is_not_overlooked() {
        assert!(serde_json::from_str::<SetLoginPolicy>(r#"{"Policy":"multi","Limit":{"Web":2}}"#).is_err());
    }
}
