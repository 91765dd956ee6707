//! What a session is called where its secret must not be told: in logs. It names, and authorises nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Secret, SessionDigest, bits};

/// The first 8 hexadecimal digits of the SHA-256 of a session's secret, the secret as it is written: 32 lower-case hexadecimal digits.
/// Whoever knows a secret finds its session by `printf %s SECRET | sha256sum | cut -c 1-8`; the way back is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u32);

impl Secret {
    /// What the session is called in logs.
    pub fn fingerprint(self) -> Fingerprint {
        self.digest().fingerprint()
    }
}

impl SessionDigest {
    /// What the session is called in logs.
    pub const fn fingerprint(self) -> Fingerprint {
        Fingerprint((self.0 >> 96) as u32)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let number = bits::parse(&text, 8).and_then(|number| u32::try_from(number).ok());
        number.map(Fingerprint).ok_or_else(|| serde::de::Error::custom("a session is named by 8 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_what_a_shell_makes_of_the_secret() {
        let secret = Secret(0x0123_4567_89ab_cdef_0000_0000_0000_000f);
        assert_eq!(secret.fingerprint().to_string(), "afffecc5");
        let written = serde_json::to_string(&secret.fingerprint()).unwrap();
        assert_eq!(written, format!("\"{}\"", secret.fingerprint()));
        assert_eq!(serde_json::from_str::<Fingerprint>(&written).unwrap(), secret.fingerprint());
    }
}
