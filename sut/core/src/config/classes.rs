//! The classes of a policy: which kinds of client there are, and which of them may not be online together. It says so, and enforces nothing.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::session::{BadPlatform, Platform};

/// How many kinds of client classes of one's own have together at most.
pub const MOST_PLATFORMS: usize = 16;

/// What stands before classes of one's own where a policy is written in a word.
const OWN: &str = "own=";

/// A partition of the platforms into classes (KICK-1): of the platforms in one class only one kind may be online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Classes {
    /// [`Policy::SINGLE`](super::Policy::SINGLE)
    Single,
    /// [`Policy::DUAL`](super::Policy::DUAL)
    #[default]
    Dual,
    /// [`Policy::TRIPLE`](super::Policy::TRIPLE)
    Triple,
    /// [`Policy::MULTI`](super::Policy::MULTI)
    Multi,
    /// Kinds of one's own in classes of one's own.
    Own(Partition),
}

impl Classes {
    /// Of the rulebook's platforms each is in exactly one. None of a partition of one's own.
    pub(super) const fn of_the_rulebook(self) -> &'static [&'static [Platform]] {
        use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};
        match self {
            Classes::Single => &[&[Android, IPhone, IPad, Windows, Mac, Linux, Web]],
            Classes::Dual => &[&[Android, IPhone, IPad, Windows, Mac, Linux], &[Web]],
            Classes::Triple => &[&[Android, IPhone, IPad], &[Windows, Mac, Linux], &[Web]],
            Classes::Multi => &[&[Android], &[IPhone], &[IPad], &[Windows], &[Mac], &[Linux], &[Web]],
            Classes::Own(_) => &[],
        }
    }

    /// The platforms that there are under it.
    pub fn platforms(&self) -> Vec<Platform> {
        match self {
            Classes::Own(partition) => partition.kinds().map(|kind| kind.platform).collect(),
            Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi => Platform::ALL.to_vec(),
        }
    }

    /// Whether two platforms are in one class, as each is with itself.
    pub fn are_of_one_class(&self, one: Platform, other: Platform) -> bool {
        let of_the_rulebook = || self.of_the_rulebook().iter().any(|class| class.contains(&one) && class.contains(&other));
        match self {
            Classes::Own(partition) => one == other || partition.are_of_one_class(one, other),
            Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi => one == other || of_the_rulebook(),
        }
    }
}

/// Kinds of client of one's own, each in exactly one class and with its limit. Each is kept once and for good, so that a copy costs nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Partition(&'static [Kind]);

/// Those that are kept.
static KEPT: Mutex<Vec<&'static [Kind]>> = Mutex::new(Vec::new());

fn kept(kinds: Vec<Kind>) -> &'static [Kind] {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = kept.iter().find(|same| **same == kinds) {
        return same;
    }
    let kinds: &'static [Kind] = kinds.leak();
    kept.push(kinds);
    kinds
}

/// One kind of client of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called.
    pub platform: Platform,
    /// Its class, counted from 0.
    pub class: u8,
    /// How many of it an account may have online (KICK-2), 1 or more.
    pub limit: u8,
}

/// What is no partition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPartition {
    /// There is no class.
    #[error("there is no class; one would be a list of platforms, as in desk = [\"till\"]")]
    NoClass,
    /// A class has no platform; which, counted from 0.
    #[error("a class is empty; it would have a platform")]
    Empty(usize),
    /// A platform stands there twice.
    #[error("{0} stands there twice; a platform is in one class, once")]
    Twice(Platform),
    /// There are too many.
    #[error("there are more than {MOST_PLATFORMS} platforms; so many are the most")]
    TooMany,
    /// A limit under which nobody could log in, or that is too large.
    #[error("a limit of {1} for {0} is out of range; 1..=255 is allowed")]
    Limit(Platform, i64),
    /// A name that can be no platform's.
    #[error(transparent)]
    Platform(#[from] BadPlatform),
}

impl Partition {
    /// The partition of these classes, each a list of platforms with their limits.
    ///
    /// # Errors
    /// They are none.
    pub fn of(classes: &[Vec<(Platform, u8)>]) -> Result<Partition, BadPartition> {
        let mut kinds: Vec<Kind> = Vec::new();
        for (number, class) in classes.iter().enumerate() {
            for (platform, limit) in class.iter().copied() {
                if kinds.iter().any(|kind| kind.platform == platform) {
                    return Err(BadPartition::Twice(platform));
                }
                kinds.push(Kind { platform, class: u8::try_from(number).map_err(|_| BadPartition::TooMany)?, limit });
            }
        }
        let of_none = kinds.iter().find(|kind| kind.limit == 0);
        match classes.iter().position(Vec::is_empty) {
            _ if kinds.len() > MOST_PLATFORMS => Err(BadPartition::TooMany),
            Some(empty) => Err(BadPartition::Empty(empty)),
            None if classes.is_empty() => Err(BadPartition::NoClass),
            None => match of_none {
                Some(kind) => Err(BadPartition::Limit(kind.platform, kind.limit.into())),
                None => Ok(Partition(kept(kinds))),
            },
        }
    }

    /// Its kinds, class by class.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.0.iter().copied()
    }

    /// The kind of that name; `None` if it has none.
    pub fn kind(&self, platform: Platform) -> Option<Kind> {
        self.kinds().find(|kind| kind.platform == platform)
    }

    fn are_of_one_class(&self, one: Platform, other: Platform) -> bool {
        let class = |platform| self.kind(platform).map(|kind| kind.class);
        class(one).is_some() && class(one) == class(other)
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kinds()).finish()
    }
}

impl fmt::Display for Classes {
    /// As a policy is written in a word: `dual`, or `own=till=2,office.kiosk`, in which a dot stands between classes, a comma between
    /// platforms, and behind a platform its limit where that is more than 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Classes::Single => f.write_str("single"),
            Classes::Dual => f.write_str("dual"),
            Classes::Triple => f.write_str("triple"),
            Classes::Multi => f.write_str("multi"),
            Classes::Own(partition) => write!(f, "{OWN}{partition}"),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<u8> = None;
        for Kind { platform, class, limit } in self.kinds() {
            let between = before.map_or("", |before| if before == class { "," } else { "." });
            write!(f, "{between}{platform}")?;
            if limit > 1 {
                write!(f, "={limit}")?;
            }
            before = Some(class);
        }
        Ok(())
    }
}

/// A word that names no classes, and why, if it is meant as some of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClasses(pub Option<BadPartition>);

impl FromStr for Classes {
    type Err = UnknownClasses;

    fn from_str(word: &str) -> Result<Classes, UnknownClasses> {
        match word {
            "single" => Ok(Classes::Single),
            "dual" => Ok(Classes::Dual),
            "triple" => Ok(Classes::Triple),
            "multi" => Ok(Classes::Multi),
            _ => {
                let classes = word.strip_prefix(OWN).ok_or(UnknownClasses(None))?;
                classes.parse().map(Classes::Own).map_err(|bad| UnknownClasses(Some(bad)))
            }
        }
    }
}

impl FromStr for Partition {
    type Err = BadPartition;

    fn from_str(word: &str) -> Result<Partition, BadPartition> {
        let classes: Result<Vec<Vec<_>>, _> = word.split('.').map(|class| class.split(',').map(kind).collect()).collect();
        Partition::of(&classes?)
    }
}

/// A platform of a word, and its limit.
fn kind(word: &str) -> Result<(Platform, u8), BadPartition> {
    let (name, limit) = word.split_once('=').unwrap_or((word, "1"));
    let platform = name.parse()?;
    Ok((platform, limit.parse().map_err(|_| BadPartition::Limit(platform, limit.parse().unwrap_or_default()))?))
}

#[cfg(test)]
mod tests;
