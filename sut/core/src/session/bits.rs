//! 128 bits as text: 32 lower-case hexadecimal digits, no more and no fewer. An error never repeats what it refuses, since it may
//! be a secret.

use std::{array, fmt};

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

const DIGITS: usize = 32;

/// Writes the bits.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(bits: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    let digits = digits(*bits);
    serializer.serialize_str(str::from_utf8(&digits).expect("digits are ASCII"))
}

/// The bits as they are written.
pub(super) fn digits(bits: u128) -> [u8; DIGITS] {
    array::from_fn(|place| b"0123456789abcdef"[(bits >> (4 * (DIGITS - 1 - place)) & 0xf) as usize])
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
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let number = text.bytes().map(digit).try_fold(0, |number: u128, digit| Some(number << 4 | u128::from(digit?)));
    number.filter(|_| text.len() == digits)
}
