//! The policy: which kinds of client may be online together, and what becomes of a login where there is no place. It says so, and
//! decides about nobody.

use std::fmt;
use std::str::FromStr;

use super::{Partition, Platform};

/// What stands before classes of one's own.
const OWN: &str = "own=";

/// What stands before the limit of an account.
const COUNTS: &str = "+account=";

/// What stands behind that where newcomers are refused.
const REFUSES: &str = "+refuse";

/// What a login is judged by besides its UserSig and the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Policy {
    /// Which kinds of client may be online together.
    pub classes: Classes,
    /// What a limit counts.
    pub counted: Counted,
    /// What becomes of a login over a limit, or beside another kind of its class.
    pub at_limit: AtLimit,
}

impl Policy {
    /// The vendor's default.
    pub const DUAL: Policy = Policy::kicking(Classes::Dual);

    /// Each of the vendor's classes: those that kick, then those that refuse.
    pub fn all() -> impl Iterator<Item = Policy> {
        let with = |at_limit| Classes::VENDORS.into_iter().map(move |classes| Policy { at_limit, ..Policy::kicking(classes) });
        [AtLimit::Kick, AtLimit::Refuse].into_iter().flat_map(with)
    }

    /// The vendor's policy of these classes.
    pub const fn kicking(classes: Classes) -> Policy {
        Policy { classes, counted: Counted::Platform, at_limit: AtLimit::Kick }
    }

    /// The same classes, a newcomer without a place being refused.
    pub const fn refusing(classes: Classes) -> Policy {
        Policy { at_limit: AtLimit::Refuse, ..Policy::kicking(classes) }
    }

    /// Whether not both the account has a limit and platforms of one's own have theirs.
    fn has_one_limit_of_a_kind(&self) -> bool {
        match (self.classes, self.counted) {
            (Classes::Own(partition), Counted::Account(_)) => partition.kinds().iter().all(|kind| kind.limit == 1),
            _ => true,
        }
    }

    /// The same, an account having one limit.
    #[must_use]
    pub const fn counting(self, limit: u8) -> Policy {
        Policy { counted: Counted::Account(limit), ..self }
    }
}

/// As the configuration writes it: `dual`, `dual+refuse`, `own=till,office.phone=2+refuse`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.classes {
            Classes::Single => f.write_str("single")?,
            Classes::Dual => f.write_str("dual")?,
            Classes::Triple => f.write_str("triple")?,
            Classes::Multi => f.write_str("multi")?,
            Classes::Own(partition) => write!(f, "{OWN}{partition}")?,
        }
        match self.counted {
            Counted::Platform => {}
            Counted::Account(limit) => write!(f, "{COUNTS}{limit}")?,
        }
        match self.at_limit {
            AtLimit::Kick => Ok(()),
            AtLimit::Refuse => f.write_str(REFUSES),
        }
    }
}

/// A name that is no policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPolicy(pub String);

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Policy::all().map(|policy| policy.to_string()).collect();
        let (unknown, names) = (self.0.escape_debug(), names.join(", "));
        write!(
            f,
            "unknown policy '{unknown}'; it would be one of {names}, or like own=till,office.phone=2 with platforms of \
             one's own, each also with +account=2 for one limit an account"
        )
    }
}

impl std::error::Error for UnknownPolicy {}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Policy, UnknownPolicy> {
        read(name).ok_or_else(|| UnknownPolicy(name.to_owned()))
    }
}

/// From the back: what becomes of newcomers, what is counted, the classes.
fn read(name: &str) -> Option<Policy> {
    let (rest, at_limit) = name.strip_suffix(REFUSES).map_or((name, AtLimit::Kick), |rest| (rest, AtLimit::Refuse));
    let (word, counted) = match rest.rsplit_once(COUNTS) {
        Some((word, limit)) => (word, Counted::Account(limit.parse().ok().filter(|limit| *limit > 0)?)),
        None => (rest, Counted::Platform),
    };
    let classes = match word.strip_prefix(OWN) {
        Some(own) => Classes::Own(Partition::parse(own)?),
        None => Classes::VENDORS.into_iter().find(|classes| Policy::kicking(*classes).to_string() == word)?,
    };
    Some(Policy { classes, counted, at_limit }).filter(Policy::has_one_limit_of_a_kind)
}

/// Which platforms stand in one class (KICK-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Classes {
    /// All in one.
    Single,
    /// Native, Web.
    Dual,
    /// Mobile, desktop, Web.
    Triple,
    /// Each its own.
    Multi,
    /// One's own, of kinds of one's own.
    Own(Partition),
}

impl Classes {
    /// The vendor's.
    pub const VENDORS: [Classes; 4] = [Classes::Single, Classes::Dual, Classes::Triple, Classes::Multi];

    /// Whether the two are in one class: of two kinds in one class only one may be online (KICK-1).
    pub fn are_one(self, one: Platform, other: Platform) -> bool {
        one == other || self.class(one).is_some_and(|class| self.class(other) == Some(class))
    }

    /// The class of a platform; `None` if it has no other platform.
    fn class(self, platform: Platform) -> Option<u8> {
        let [mobile, desktop, web] = match self {
            Classes::Single => [0, 0, 0],
            Classes::Dual => [0, 0, 1],
            Classes::Triple => [0, 1, 2],
            Classes::Multi => return None,
            Classes::Own(partition) => return partition.kind(platform).map(|kind| kind.class),
        };
        match platform {
            Platform::Android | Platform::IPhone | Platform::IPad => Some(mobile),
            Platform::Windows | Platform::Mac | Platform::Linux => Some(desktop),
            Platform::Web => Some(web),
            Platform::Own(_) => None,
        }
    }

    /// The limit that a platform of one's own has from its policy; 1 if the policy does not know it. `None` where the classes are the vendor's.
    pub(super) fn own_limit(self, platform: Platform) -> Option<u8> {
        match self {
            Classes::Own(partition) => Some(partition.kind(platform).map_or(1, |kind| kind.limit)),
            Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi => None,
        }
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counted {
    /// The instances of one platform (KICK-2).
    Platform,
    /// All instances of an account, by this limit, 1 or more (KICK-13).
    Account(u8),
}

/// What becomes of a login for which there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AtLimit {
    /// It is let in, and others are kicked for it (KICK-1, KICK-2).
    Kick,
    /// It is refused, and nobody is kicked for it (KICK-12).
    Refuse,
}
