//! The kinds of client, the rulebook's and one's own. It says no more of them than their names.

use strum::IntoStaticStr;

use super::partition;

/// The kinds of client that the scopes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
pub enum Platform {
    /// A page.
    Web,
    /// A phone.
    Android,
    /// A phone.
    #[strum(serialize = "iPhone")]
    IPhone,
    /// A tablet.
    #[strum(serialize = "iPad")]
    IPad,
    /// A desktop.
    Windows,
    /// A desktop.
    Mac,
    /// A desktop.
    Linux,
    /// What only a policy knows; no page.
    Own(&'static str),
}

impl Platform {
    /// Those of the vendor, in the order of the rulebook.
    pub const VENDORS: [Platform; 7] =
        [Platform::Web, Platform::Android, Platform::IPhone, Platform::IPad, Platform::Windows, Platform::Mac, Platform::Linux];

    /// Whether an instance of it is a page.
    pub const fn is_page(self) -> bool {
        matches!(self, Platform::Web)
    }

    /// The vendor's word, or one's own.
    pub fn name(self) -> &'static str {
        match self {
            Platform::Own(name) => name,
            vendors => vendors.into(),
        }
    }

    /// The platform of that name; `None` of what can be no name: it has 1 to 16 letters, digits, `-` and `_`, and is no vendor's in
    /// other letters.
    pub fn named(name: &str) -> Option<Platform> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let same = Platform::VENDORS.into_iter().find(|platform| platform.name().to_lowercase() == name.to_lowercase());
        match same {
            Some(platform) => (platform.name() == name).then_some(platform),
            None => ((1..=16).contains(&name.len()) && name.chars().all(plain)).then(|| Platform::Own(partition::name(name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_has_the_name_that_it_is_found_by() {
        for name in Platform::VENDORS.map(Platform::name).into_iter().chain(["till", "Point-of-Sale_1"]) {
            assert_eq!(Platform::named(name).map(Platform::name), Some(name));
        }
        assert!(["", "web", "IPHONE", "a b", "a.b", "seventeen-letters"].iter().all(|name| Platform::named(name).is_none()));
    }
}
