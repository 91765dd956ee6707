//! How commits of an account are counted, also over a change of the registry's primary. Plain data.

use serde::{Deserialize, Serialize};

/// Which commit of an account a record is: each one's is higher by one than what it was committed on. An account's versions only grow,
/// also when its record is deleted, so that none comes twice. Where a registry may lose commits with its primary, a version also says under
/// which of them the node found it, and one that is found under the next is higher than all before it (NODE-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(pub u64);

/// How many primaries of its registry a node has left. Each node counts for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reign(pub u16);

impl Version {
    /// An account has no more commits than fit below.
    const REIGN_FROM_BIT: u32 = 48;

    /// The same number, as it is found under that primary.
    #[must_use]
    pub const fn under(self, Reign(reign): Reign) -> Version {
        Version(self.number() | ((reign as u64) << Version::REIGN_FROM_BIT))
    }

    /// Under which primary it was found.
    pub const fn reign(self) -> Reign {
        Reign((self.0 >> Version::REIGN_FROM_BIT) as u16)
    }

    /// As the registry counts it.
    pub const fn number(self) -> u64 {
        self.0 & ((1 << Version::REIGN_FROM_BIT) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_a_later_primary_is_higher_and_has_the_same_number() {
        let [before, after] = [(9, 1), (3, 2)].map(|(number, reign)| Version(number).under(Reign(reign)));
        assert!(before < after && Version(9).under(Reign(0)) == Version(9));
        assert_eq!([before.number(), after.number(), after.under(Reign(0)).number()], [9, 3, 3]);
        assert_eq!([before.reign(), after.reign()], [Reign(1), Reign(2)]);
    }
}
