//! The login policy: which kinds of client may be online together, and what becomes of a login where there is no place. It says so, and
//! enforces nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

use crate::session::Platform;

/// What stands behind the classes where newcomers are refused.
const REFUSES: &str = "+refuse";

/// What a login is judged by besides its UserSig and the limits. It is written in a word, in a file as in a call: the classes, and `+refuse`
/// behind them where newcomers are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Policy {
    /// The partition of the platforms.
    pub classes: Classes,
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
        Policy { classes, newcomers: Newcomers::Kick }
    }

    /// The same classes, where a newcomer that finds no place is refused.
    #[must_use]
    pub const fn refusing(self) -> Policy {
        Policy { newcomers: Newcomers::AreRefused, ..self }
    }
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
        write!(f, "{}{refuses}", self.classes)
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Policy, UnknownPolicy> {
        let (classes, newcomers) = match text.strip_suffix(REFUSES) {
            Some(classes) => (classes, Newcomers::AreRefused),
            None => (text, Newcomers::Kick),
        };
        let classes = classes.parse().map_err(|_| UnknownPolicy(text.to_owned()))?;
        Ok(Policy { classes, newcomers })
    }
}

impl From<Policy> for String {
    fn from(policy: Policy) -> String {
        policy.to_string()
    }
}

impl TryFrom<String> for Policy {
    type Error = UnknownPolicy;

    fn try_from(text: String) -> Result<Policy, UnknownPolicy> {
        text.parse()
    }
}

/// A partition of the platforms into classes (KICK-1): of the platforms in one class only one kind may be online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Classes {
    /// [`Policy::SINGLE`]
    Single,
    /// [`Policy::DUAL`]
    #[default]
    Dual,
    /// [`Policy::TRIPLE`]
    Triple,
    /// [`Policy::MULTI`]
    Multi,
}

impl Classes {
    /// Each platform is in exactly one.
    const fn all(self) -> &'static [&'static [Platform]] {
        use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};
        match self {
            Classes::Single => &[&[Android, IPhone, IPad, Windows, Mac, Linux, Web]],
            Classes::Dual => &[&[Android, IPhone, IPad, Windows, Mac, Linux], &[Web]],
            Classes::Triple => &[&[Android, IPhone, IPad], &[Windows, Mac, Linux], &[Web]],
            Classes::Multi => &[&[Android], &[IPhone], &[IPad], &[Windows], &[Mac], &[Linux], &[Web]],
        }
    }

    /// The class that a platform belongs to, itself included.
    pub fn class_of(self, platform: Platform) -> &'static [Platform] {
        let class = self.all().iter().find(|class| class.contains(&platform));
        class.expect("every platform is in a class")
    }
}

/// A name that is no policy's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no policy; single, dual, triple and multi are, each also with +refuse behind it")]
pub struct UnknownPolicy(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_a_partition_of_the_platforms() {
        for policy in Policy::ALL {
            let mut platforms = policy.classes.all().concat();
            platforms.sort();
            assert_eq!(platforms, Platform::ALL, "{policy}");
        }
    }

    #[test]
    fn the_classes_are_those_of_the_rulebook() {
        let written = |policy: Policy| {
            let class = |class: &&[Platform]| class.iter().map(|p| p.name()).collect::<Vec<_>>().join(" ");
            policy.classes.all().iter().map(class).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(written(Policy::SINGLE), "Android iPhone iPad Windows Mac Linux Web");
        assert_eq!(written(Policy::DUAL), "Android iPhone iPad Windows Mac Linux | Web");
        assert_eq!(written(Policy::TRIPLE), "Android iPhone iPad | Windows Mac Linux | Web");
        assert_eq!(written(Policy::MULTI), "Android | iPhone | iPad | Windows | Mac | Linux | Web");
    }

    #[test]
    fn a_policy_has_one_name() {
        for policy in Policy::ALL.into_iter().flat_map(|policy| [policy, policy.refusing()]) {
            assert_eq!(policy.to_string().parse(), Ok(policy));
            assert_eq!(serde_json::to_string(&policy).unwrap(), format!("\"{policy}\""));
        }
        assert_eq!(Policy::TRIPLE.refusing().to_string(), "triple+refuse");
        for name in ["Dual", "+refuse", "refuse", "dual+kick", "dual+refuse+refuse", "dual +refuse", ""] {
            let error = name.parse::<Policy>().unwrap_err().to_string();
            let expected = "is no policy; single, dual, triple and multi are, each also with +refuse behind it";
            assert_eq!(error, format!("{name:?} {expected}"));
        }
    }
}
