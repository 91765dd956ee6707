//! The login policy: which kinds of client may be online together, and what becomes of a login where there is no place. It says so, and
//! enforces nothing.

use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::classes::{BadPartition, Classes, UnknownClasses};

/// What stands behind the classes where newcomers are refused.
const REFUSES: &str = "+refuse";

/// What stands before the limit of an account.
const COUNTS: &str = "+account=";

/// What a login is judged by besides its UserSig and the limits. It is written in a word, in a file as in a call: the classes, behind them
/// `+account=2` where an account has one limit, and behind that `+refuse` where newcomers are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Policy {
    /// The partition of the platforms.
    pub classes: Classes,
    /// What a limit counts.
    pub counted: Counted,
    /// What becomes of a newcomer that finds no place.
    pub newcomers: Newcomers,
}

impl Policy {
    /// One kind in all.
    pub const SINGLE: Policy = Policy::of(Classes::Single);
    /// One of the native kinds, and Web.
    pub const DUAL: Policy = Policy::of(Classes::Dual);
    /// One mobile kind, one desktop kind, and Web.
    pub const TRIPLE: Policy = Policy::of(Classes::Triple);
    /// Every kind.
    pub const MULTI: Policy = Policy::of(Classes::Multi);
    /// The four of the rulebook, the strictest first.
    pub const ALL: [Policy; 4] = [Policy::SINGLE, Policy::DUAL, Policy::TRIPLE, Policy::MULTI];

    const fn of(classes: Classes) -> Policy {
        Policy { classes, counted: Counted::Platforms, newcomers: Newcomers::Kick }
    }

    /// The policy of these settings.
    ///
    /// # Errors
    /// The account has one limit, and platforms of one's own have theirs: nobody could say which counts.
    pub fn with(classes: Classes, counted: Counted, newcomers: Newcomers) -> Result<Policy, TwoLimits> {
        match (classes, counted) {
            (Classes::Own(partition), Counted::Account(_)) if partition.kinds().any(|kind| kind.limit > 1) => Err(TwoLimits),
            _ => Ok(Policy { classes, counted, newcomers }),
        }
    }

    /// The same classes, where a newcomer that finds no place is refused.
    #[must_use]
    pub const fn refusing(self) -> Policy {
        Policy { newcomers: Newcomers::AreRefused, ..self }
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// The instances of each platform of an account, by the platform's limit (KICK-2).
    #[default]
    Platforms,
    /// All instances of an account, whatever they are, by this limit (KICK-13).
    Account(NonZeroU8),
}

/// What becomes of a login that has no place of its own where every place is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Newcomers {
    /// It is let in, and kicks (KICK-1, KICK-2).
    #[default]
    Kick,
    /// It fails, and kicks nobody (KICK-12).
    AreRefused,
}

impl fmt::Display for Policy {
    /// As the configuration writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refuses = match self.newcomers {
            Newcomers::Kick => "",
            Newcomers::AreRefused => REFUSES,
        };
        let classes = self.classes;
        match self.counted {
            Counted::Platforms => write!(f, "{classes}{refuses}"),
            Counted::Account(limit) => write!(f, "{classes}{COUNTS}{limit}{refuses}"),
        }
    }
}

impl FromStr for Policy {
    type Err = BadPolicy;

    fn from_str(text: &str) -> Result<Policy, BadPolicy> {
        let (settings, newcomers) = match text.strip_suffix(REFUSES) {
            Some(settings) => (settings, Newcomers::AreRefused),
            None => (text, Newcomers::Kick),
        };
        let (classes, counted) = match settings.split_once(COUNTS) {
            Some((classes, limit)) => (classes, account(limit).ok_or_else(|| BadPolicy::Account(text.to_owned()))?),
            None => (settings, Counted::Platforms),
        };
        let classes = classes.parse().map_err(|why| BadPolicy::of(text, why))?;
        Policy::with(classes, counted, newcomers).map_err(|TwoLimits| BadPolicy::TwoLimits(text.to_owned()))
    }
}

/// A limit of an account as it is written everywhere.
fn account(limit: &str) -> Option<Counted> {
    let limit: NonZeroU8 = limit.parse().ok()?;
    Some(Counted::Account(limit))
}

/// An account with one limit, and platforms with limits of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoLimits;

impl From<Policy> for String {
    fn from(policy: Policy) -> String {
        policy.to_string()
    }
}

impl TryFrom<String> for Policy {
    type Error = BadPolicy;

    fn try_from(text: String) -> Result<Policy, BadPolicy> {
        text.parse()
    }
}

/// A word that is no policy's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// There is no such policy.
    #[error("{0:?} is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse behind it")]
    Unknown(String),
    /// Its limit of an account is none.
    #[error("{0:?} is no policy: the limit of an account is a whole number from 1 to 255, as in dual+account=2")]
    Account(String),
    /// Its platforms have limits, and the account has one.
    #[error("{0:?} is no policy: it has one limit for an account and others for platforms; one of the two would count")]
    TwoLimits(String),
    /// Its classes are none.
    #[error("{0:?} is no policy: {1}; one would be own=till,office.phone=2,tablet, in which a class is behind a dot")]
    Classes(String, BadPartition),
}

impl BadPolicy {
    fn of(text: &str, UnknownClasses(why): UnknownClasses) -> BadPolicy {
        match why {
            None => BadPolicy::Unknown(text.to_owned()),
            Some(why) => BadPolicy::Classes(text.to_owned(), why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_one_name() {
        let own = Policy { classes: "own=till,office.phone=2".parse().unwrap(), ..Policy::default() };
        let counting = |policy: Policy| [policy, Policy { counted: account("3").unwrap(), ..policy }];
        let kinds = Policy { classes: "own=till,office".parse().unwrap(), ..Policy::default() };
        let all = Policy::ALL.into_iter().chain([kinds]).flat_map(counting).chain([own]);
        for policy in all.flat_map(|policy| [policy, policy.refusing()]) {
            assert_eq!(policy.to_string().parse(), Ok(policy));
            assert_eq!(serde_json::to_string(&policy).unwrap(), format!("\"{policy}\""));
        }
        assert_eq!(Policy::TRIPLE.refusing().to_string(), "triple+refuse");
        assert_eq!(counting(kinds)[1].refusing().to_string(), "own=till,office+account=3+refuse");
        assert_eq!(own.refusing().to_string(), "own=till,office.phone=2+refuse");
    }

    #[test]
    fn what_is_no_policy_is_refused_with_those_there_are() {
        for name in ["Dual", "+refuse", "refuse", "dual+kick", "dual+refuse+refuse", "dual +refuse", "", "own"] {
            let error = name.parse::<Policy>().unwrap_err().to_string();
            let expected = "is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse behind it";
            assert_eq!(error, format!("{name:?} {expected}"));
        }
        for limit in ["0", "256", "-1", "two", "", "2+account=2"] {
            let name = format!("dual+account={limit}");
            let expected = "is no policy: the limit of an account is a whole number from 1 to 255, as in dual+account=2";
            assert_eq!(name.parse::<Policy>().unwrap_err().to_string(), format!("{name:?} {expected}"));
        }
        let both = "own=till=2+account=2".to_owned();
        assert_eq!(both.parse::<Policy>(), Err(BadPolicy::TwoLimits(both)));
        let error = "own=till.till+refuse".parse::<Policy>().unwrap_err().to_string();
        let expected = "is no policy: till stands there twice; a platform is in one class, once; one would be own=till,office.phone=2,tablet, in which a class is behind a dot";
        assert_eq!(error, format!("\"own=till.till+refuse\" {expected}"));
    }
}
