//! 128 bits as text: 32 lower-case hexadecimal digits, no more and no fewer. An error never repeats what it refuses, since it may
//! be a secret.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

const DIGITS: usize = 32;

/// Writes the bits.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(bits: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{bits:0DIGITS$x}"))
}

/// Reads the bits; any other text or value is refused.
///
/// # Errors
/// The text is none of that form; it is not repeated.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    deserializer.deserialize_str(Digits)
}

struct Digits;

impl Visitor<'_> for Digits {
    type Value = u128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 lower-case hexadecimal digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u128, E> {
        parse(text, DIGITS).ok_or_else(|| E::custom("not 32 lower-case hexadecimal digits"))
    }
}

/// The number that so many lower-case hexadecimal digits write; at most 32 of them.
pub fn parse(text: &str, digits: usize) -> Option<u128> {
    let lower_case = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != digits || !text.bytes().all(lower_case) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}
