//! The login policy: which kinds of client may be online together. It says so, and enforces nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

use crate::session::Platform;

/// What a login is judged by besides its UserSig and the limits: so far which kinds of client may be online together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy {
    /// The partition of the platforms.
    pub classes: Classes,
}

impl Policy {
    /// One kind in all.
    pub const SINGLE: Policy = Policy { classes: Classes::Single };
    /// One of the native kinds, and Web.
    pub const DUAL: Policy = Policy { classes: Classes::Dual };
    /// One mobile kind, one desktop kind, and Web.
    pub const TRIPLE: Policy = Policy { classes: Classes::Triple };
    /// Every kind.
    pub const MULTI: Policy = Policy { classes: Classes::Multi };
    /// The four of the rulebook, the strictest first.
    pub const ALL: [Policy; 4] = [Policy::SINGLE, Policy::DUAL, Policy::TRIPLE, Policy::MULTI];
}

impl fmt::Display for Policy {
    /// As the configuration writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.classes.fmt(f)
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Policy, UnknownPolicy> {
        Ok(Policy { classes: text.parse()? })
    }
}

/// A partition of the platforms into classes (KICK-1): of the platforms in one class only one kind may be online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownPolicy, parse_err_fn = UnknownPolicy::of)]
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
#[error("{0:?} is no policy; single, dual, triple and multi are")]
pub struct UnknownPolicy(pub String);

impl UnknownPolicy {
    fn of(name: &str) -> UnknownPolicy {
        UnknownPolicy(name.to_owned())
    }
}

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
        for policy in Policy::ALL {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        let error = "Dual".parse::<Policy>().unwrap_err().to_string();
        assert_eq!(error, "\"Dual\" is no policy; single, dual, triple and multi are");
    }
}
