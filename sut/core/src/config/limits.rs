//! How many instances of each platform may be online. A limit out of its range cannot be made.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::session::Platform;

/// How many instances of each platform an account may have online (KICK-2, CONF-3). Every limit is within its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<Platform, u8>", try_from = "BTreeMap<Platform, u8>")]
pub struct Limits {
    by_platform: [u8; 7],
}

/// A limit that its platform cannot have (CONF-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit of {limit} for {platform} is out of range; {range:?} is allowed", range = Limits::range(*platform))]
pub struct OutOfRange {
    /// The platform.
    pub platform: Platform,
    /// What was asked for.
    pub limit: i64,
}

impl Limits {
    /// The limits that a platform can have: 1 to 10 for Web, 1 to 3 for any other of the rulebook (CONF-3). Those of one's own have their
    /// limits from the policy that names them, and none other than 1 here.
    pub const fn range(platform: Platform) -> RangeInclusive<u8> {
        match platform {
            Platform::Web => 1..=10,
            Platform::Android | Platform::IPhone | Platform::IPad | Platform::Windows | Platform::Mac | Platform::Linux => 1..=3,
            Platform::Own(_) => 1..=1,
        }
    }

    /// These limits with another one for a platform; an error, and these stay as they are, if it is out of range (CONF-3).
    ///
    /// # Errors
    /// The limit is out of its platform's range.
    pub fn with(mut self, platform: Platform, limit: u8) -> Result<Limits, OutOfRange> {
        if !Limits::range(platform).contains(&limit) {
            return Err(OutOfRange { platform, limit: limit.into() });
        }
        if let Some(place) = place(platform) {
            self.by_platform[place] = limit;
        }
        Ok(self)
    }

    /// How many instances of that platform an account may have online.
    pub fn of(self, platform: Platform) -> u8 {
        place(platform).map_or(1, |place| self.by_platform[place])
    }
}

/// Where the limit of a platform stands.
fn place(platform: Platform) -> Option<usize> {
    Platform::ALL.iter().position(|other| *other == platform)
}

impl Default for Limits {
    /// One instance of each platform.
    fn default() -> Limits {
        Limits { by_platform: [1; 7] }
    }
}

impl From<Limits> for BTreeMap<Platform, u8> {
    fn from(limits: Limits) -> BTreeMap<Platform, u8> {
        Platform::ALL.into_iter().map(|platform| (platform, limits.of(platform))).collect()
    }
}

impl TryFrom<BTreeMap<Platform, u8>> for Limits {
    type Error = OutOfRange;

    /// A platform that is left out has the default.
    fn try_from(named: BTreeMap<Platform, u8>) -> Result<Limits, OutOfRange> {
        named.into_iter().try_fold(Limits::default(), |limits, (platform, limit)| limits.with(platform, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_within_its_range_or_refused() {
        let accepted = |platform| {
            let accepts = |limit: &u8| Limits::default().with(platform, *limit).is_ok();
            (0..=u8::MAX).filter(accepts).collect::<Vec<_>>()
        };
        for platform in Platform::ALL {
            let most = if platform == Platform::Web { 10 } else { 3 };
            assert_eq!(accepted(platform), (1..=most).collect::<Vec<_>>(), "{platform}");
        }
    }

    #[test]
    fn a_limit_is_its_own_platforms_only() {
        let limits = Limits::default().with(Platform::Mac, 3).unwrap();
        let of_each = Platform::ALL.map(|platform| limits.of(platform));
        assert_eq!(of_each, [1, 1, 1, 1, 1, 3, 1]);
    }
}
