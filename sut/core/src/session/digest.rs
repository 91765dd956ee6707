//! What the server calls a session and an instance: digests of a secret and of a key, which it keeps in their place. They name, and
//! authorise nothing: nobody who reads them can say what they were made of.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{InstanceKey, Secret, bits};

/// The first 128 bits of the SHA-256 of a session's secret, the secret as it is written: 32 lower-case hexadecimal digits.
///
/// Written as a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionDigest(#[serde(with = "bits")] pub u128);

/// The first 128 bits of the SHA-256 of an instance key, the key as it is written: 32 lower-case hexadecimal digits.
///
/// Written as a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyDigest(#[serde(with = "bits")] pub u128);

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Secret {
    /// What the server calls the session.
    pub fn digest(self) -> SessionDigest {
        SessionDigest(digest(self.0))
    }
}

impl InstanceKey {
    /// What the server calls the instance.
    pub fn digest(self) -> KeyDigest {
        KeyDigest(digest(self.0))
    }
}

fn digest(bits: u128) -> u128 {
    let whole: [u8; 32] = Sha256::digest(bits::digits(bits)).into();
    whole[..16].iter().fold(0, |leading, byte| leading << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: u128 = 0x0123_4567_89ab_cdef_0000_0000_0000_000f;
    /// What `printf %s 0123456789abcdef000000000000000f | sha256sum | cut -c 1-32` prints.
    const DIGITS: &str = "afffecc5c9f7901276bc048fae80c2c7";

    #[test]
    fn a_digest_is_what_a_shell_makes_of_the_secret_or_the_key() {
        let written = format!("\"{DIGITS}\"");
        assert_eq!(serde_json::to_string(&Secret(BITS).digest()).unwrap(), written);
        assert_eq!(serde_json::to_string(&InstanceKey(BITS).digest()).unwrap(), written);
        assert_eq!(serde_json::from_str::<SessionDigest>(&written).unwrap(), Secret(BITS).digest());
        assert_eq!(serde_json::from_str::<KeyDigest>(&written).unwrap(), InstanceKey(BITS).digest());
    }
}
