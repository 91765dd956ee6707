//! The kinds of client: the rulebook's, and those that a policy names itself. It says which are kinds, and nothing of what becomes of one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// The kind of client that a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Platform {
    /// Browsers, mini programs, uni-app, React Native.
    Web,
    /// Android phones.
    Android,
    /// iPhones.
    IPhone,
    /// iPads.
    IPad,
    /// Windows desktops.
    Windows,
    /// Mac desktops.
    Mac,
    /// Linux desktops.
    Linux,
    /// A kind that only a policy knows. It is no page: whatever holds for platforms other than Web holds for it.
    Own(OwnName),
}

/// The name of a kind that is not the rulebook's: [`OWN_NAME_FORM`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnName {
    /// The name, and behind it zeros.
    letters: [u8; OwnName::LONGEST],
}

/// What the name of a kind of one's own is, in the words of whoever refuses one.
pub const OWN_NAME_FORM: &str = "1 to 16 ASCII letters, digits, - or _, and not Web, Android, iPhone, iPad, Windows, Mac or Linux in \
                                 other letters";

impl Platform {
    /// Every platform of the rulebook, in its order.
    pub const ALL: [Platform; 7] =
        [Platform::Web, Platform::Android, Platform::IPhone, Platform::IPad, Platform::Windows, Platform::Mac, Platform::Linux];

    /// Its name, as frames, configuration and reports write it.
    pub fn name(&self) -> &str {
        match self {
            Platform::Web => "Web",
            Platform::Android => "Android",
            Platform::IPhone => "iPhone",
            Platform::IPad => "iPad",
            Platform::Windows => "Windows",
            Platform::Mac => "Mac",
            Platform::Linux => "Linux",
            Platform::Own(own) => own.as_str(),
        }
    }

    /// Whether it is a page: it is gone sooner (LINK-4, LINK-6), and its end is called a closed link (HOOK-1).
    pub const fn is_page(self) -> bool {
        matches!(self, Platform::Web)
    }

    /// The platform of the rulebook with that name.
    ///
    /// # Errors
    /// There is none.
    pub fn of_the_rulebook(name: &str) -> Result<Platform, UnknownPlatform> {
        let named = |platform: &Platform| platform.name() == name;
        Platform::ALL.into_iter().find(named).ok_or_else(|| UnknownPlatform(name.to_owned()))
    }
}

impl OwnName {
    const LONGEST: usize = 16;

    fn of(name: &str) -> Option<OwnName> {
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_';
        let is_like = |platform: &Platform| platform.name().eq_ignore_ascii_case(name);
        if name.is_empty() || !name.bytes().all(is_plain) || Platform::ALL.iter().any(is_like) {
            return None;
        }
        let mut letters = [0; OwnName::LONGEST];
        letters.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(OwnName { letters })
    }

    fn as_str(&self) -> &str {
        let name = self.letters.split(|letter| *letter == 0).next().unwrap_or_default();
        str::from_utf8(name).expect("a name is ASCII")
    }
}

impl fmt::Debug for OwnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl TryFrom<String> for Platform {
    type Error = BadPlatform;

    fn try_from(name: String) -> Result<Platform, BadPlatform> {
        name.parse()
    }
}

/// A name that is no platform's of the rulebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no platform; Web, Android, iPhone, iPad, Windows, Mac and Linux are")]
pub struct UnknownPlatform(pub String);

/// A name that can be no platform's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} can be no platform; one is Web, Android, iPhone, iPad, Windows, Mac, Linux, or a name of one's own: {OWN_NAME_FORM}"
)]
pub struct BadPlatform(pub String);

impl FromStr for Platform {
    type Err = BadPlatform;

    /// A platform of the rulebook, or one's own; whether a policy has it is not asked here.
    fn from_str(name: &str) -> Result<Platform, BadPlatform> {
        let own = || OwnName::of(name).map(Platform::Own);
        Platform::of_the_rulebook(name).ok().or_else(own).ok_or_else(|| BadPlatform(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_has_one_name_everywhere() {
        let own = ["till", "a", "Point-of-Sale_1", "Webb"].map(|name| name.parse().unwrap());
        for platform in Platform::ALL.into_iter().chain(own) {
            assert_eq!(platform.to_string().parse(), Ok(platform));
            let written = serde_json::to_string(&platform).unwrap();
            assert_eq!(written, format!("\"{platform}\""));
            assert_eq!(serde_json::from_str::<Platform>(&written).unwrap(), platform);
        }
    }

    #[test]
    fn the_rulebook_knows_its_own_platforms_only() {
        for name in ["web", "till", ""] {
            assert_eq!(Platform::of_the_rulebook(name), Err(UnknownPlatform(name.to_owned())));
        }
    }

    #[test]
    fn what_can_be_no_platform_is_refused() {
        for name in ["", "web", "IPHONE", "a b", "a.b", "a,b", "kasse\n", "käse", "seventeen-letters", "a\0"] {
            assert_eq!(name.parse::<Platform>(), Err(BadPlatform(name.to_owned())));
        }
    }
}
