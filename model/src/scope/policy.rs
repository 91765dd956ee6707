//! The policy: which kinds of client may be online together, and what becomes of a login where there is no place. It says so, and
//! decides about nobody.

use std::fmt;
use std::str::FromStr;

use strum::{IntoStaticStr, VariantArray};

use super::Platform;

/// What a login is judged by besides its UserSig and the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Policy {
    /// Which kinds of client may be online together.
    pub classes: Classes,
    /// What becomes of a login over a limit, or beside another kind of its class.
    pub at_limit: AtLimit,
}

impl Policy {
    /// The vendor's default.
    pub const DUAL: Policy = Policy::kicking(Classes::Dual);

    /// Each: those that kick, then those that refuse.
    pub fn all() -> impl Iterator<Item = Policy> {
        let with = |at_limit| Classes::VARIANTS.iter().map(move |classes| Policy { classes: *classes, at_limit });
        [AtLimit::Kick, AtLimit::Refuse].into_iter().flat_map(with)
    }

    /// The vendor's policy of these classes.
    pub const fn kicking(classes: Classes) -> Policy {
        Policy { classes, at_limit: AtLimit::Kick }
    }

    /// The same classes, a newcomer without a place being refused.
    pub const fn refusing(classes: Classes) -> Policy {
        Policy { classes, at_limit: AtLimit::Refuse }
    }
}

/// As the configuration writes it: `dual`, `dual+refuse`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.classes.into())?;
        match self.at_limit {
            AtLimit::Kick => Ok(()),
            AtLimit::Refuse => f.write_str("+refuse"),
        }
    }
}

/// A name that is no policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPolicy(pub String);

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Policy::all().map(|policy| policy.to_string()).collect();
        write!(f, "unknown policy '{}'; it would be one of {}", self.0.escape_debug(), names.join(", "))
    }
}

impl std::error::Error for UnknownPolicy {}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Policy, UnknownPolicy> {
        Policy::all().find(|policy| policy.to_string() == name).ok_or_else(|| UnknownPolicy(name.to_owned()))
    }
}

/// Which platforms stand in one class (KICK-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Classes {
    /// All in one.
    Single,
    /// Native, Web.
    Dual,
    /// Mobile, desktop, Web.
    Triple,
    /// Each its own.
    Multi,
}

impl Classes {
    /// The class of a platform: of two kinds in one class only one may be online (KICK-1).
    pub fn class(self, platform: Platform) -> u8 {
        let [mobile, desktop, web] = match self {
            Classes::Single => [0, 0, 0],
            Classes::Dual => [0, 0, 1],
            Classes::Triple => [0, 1, 2],
            Classes::Multi => return platform as u8,
        };
        match platform {
            Platform::Android | Platform::IPhone | Platform::IPad => mobile,
            Platform::Windows | Platform::Mac | Platform::Linux => desktop,
            Platform::Web => web,
        }
    }
}

/// What becomes of a login for which there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AtLimit {
    /// It is let in, and others are kicked for it (KICK-1, KICK-2).
    Kick,
    /// It is refused, and nobody is kicked for it (KICK-12).
    Refuse,
}
