//! The login policy: which kinds of client may be online together. It says so, and enforces nothing.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantArray};

use crate::session::Platform;
use crate::variants::every;

/// Which platforms' kinds may be online together (KICK-1): a partition of the platforms into classes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumCount, VariantArray, IntoStaticStr, Display, EnumString,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownPolicy, parse_err_fn = UnknownPolicy::of)]
pub enum Policy {
    /// One kind in all.
    Single,
    /// One of the native kinds, and Web.
    #[default]
    Dual,
    /// One mobile kind, one desktop kind, and Web.
    Triple,
    /// Every kind.
    Multi,
}

impl Policy {
    /// Every policy, the strictest first.
    pub const ALL: [Policy; Policy::COUNT] = every();

    /// The classes: of the platforms in one class only one kind may be online. Each platform is in exactly one.
    const fn classes(self) -> &'static [&'static [Platform]] {
        use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};
        match self {
            Policy::Single => &[&[Android, IPhone, IPad, Windows, Mac, Linux, Web]],
            Policy::Dual => &[&[Android, IPhone, IPad, Windows, Mac, Linux], &[Web]],
            Policy::Triple => &[&[Android, IPhone, IPad], &[Windows, Mac, Linux], &[Web]],
            Policy::Multi => &[&[Android], &[IPhone], &[IPad], &[Windows], &[Mac], &[Linux], &[Web]],
        }
    }

    /// The class that a platform belongs to, itself included.
    pub fn class_of(self, platform: Platform) -> &'static [Platform] {
        let class = self.classes().iter().find(|class| class.contains(&platform));
        class.expect("every platform is in a class")
    }

    /// Its name, as the configuration writes it.
    pub fn name(self) -> &'static str {
        self.into()
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
            let mut platforms = policy.classes().concat();
            platforms.sort();
            assert_eq!(platforms, Platform::ALL, "{policy}");
        }
    }

    #[test]
    fn the_classes_are_those_of_the_rulebook() {
        let written = |policy: Policy| {
            let class = |class: &&[Platform]| class.iter().map(|p| p.name()).collect::<Vec<_>>().join(" ");
            policy.classes().iter().map(class).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(written(Policy::Single), "Android iPhone iPad Windows Mac Linux Web");
        assert_eq!(written(Policy::Dual), "Android iPhone iPad Windows Mac Linux | Web");
        assert_eq!(written(Policy::Triple), "Android iPhone iPad | Windows Mac Linux | Web");
        assert_eq!(written(Policy::Multi), "Android | iPhone | iPad | Windows | Mac | Linux | Web");
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
