//! A configuration file as it is written: what is no TOML, or no value of the kind that its key has, is refused with the line, the key and
//! what would be right. Whether a value is in its range it does not judge.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{BoundsDraft, ConfigError};

/// The keys of a file, all of which may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) sdk_app_id: Option<Natural>,
    pub(super) secret_key: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) listen: Option<String>,
    pub(super) data: Option<PathBuf>,
    pub(super) registry: Option<String>,
    pub(super) node: Option<String>,
    pub(super) poll_ms: Option<Natural>,
    pub(super) webhook: Option<String>,
    pub(super) change_period_s: Option<Whole>,
    pub(super) usersig_ahead_s: Option<Natural>,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    #[serde(default)]
    pub(super) trusted_proxies: Names,
    pub(super) drain_s: Option<Natural>,
    pub(super) key_overlap_s: Option<Natural>,
    #[serde(default)]
    pub(super) allow_origins: Names,
    pub(super) backlog: Option<Natural>,
    #[serde(default)]
    pub(super) administrators: Names,
    #[serde(default)]
    pub(super) limits: BTreeMap<String, Whole>,
    #[serde(default)]
    pub(super) buffers: BufferFields,
    #[serde(default)]
    pub(super) bounds: BoundFields,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BufferFields {
    pub(super) messages: Option<Natural>,
    pub(super) bytes: Option<Natural>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundFields {
    connections: Option<Natural>,
    connections_of_address: Option<Natural>,
    frames_per_s: Option<Natural>,
    bytes_per_s: Option<Natural>,
    messages_per_s: Option<Natural>,
    message_bytes_per_s: Option<Natural>,
}

impl BoundFields {
    pub(super) fn draft(self) -> BoundsDraft {
        let number = |stated: Option<Natural>| stated.map(|number| number.0);
        BoundsDraft {
            connections: number(self.connections),
            connections_of_address: number(self.connections_of_address),
            frames_per_s: number(self.frames_per_s),
            bytes_per_s: number(self.bytes_per_s),
            messages_per_s: number(self.messages_per_s),
            message_bytes_per_s: number(self.message_bytes_per_s),
        }
    }
}

impl File {
    /// Reads a file.
    pub(super) fn from_toml(text: &str) -> Result<File, ConfigError> {
        toml::from_str(text).map_err(|error| malformed(text, &error))
    }
}

/// Where a file is wrong, and how: the key is the one that its line gives a value, if it does.
pub(super) fn malformed(text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1;
    let said = error.message().lines().collect::<Vec<_>>().join(", ");
    let what = match text.lines().nth(line - 1).and_then(|line| line.split_once('=')) {
        Some((key, value)) if value.trim().is_empty() => format!("{}: no value follows the =", key.trim()),
        Some((key, _)) if !said.starts_with("unknown field") => format!("{}: {said}", key.trim()),
        Some(_) | None => said,
    };
    ConfigError::Malformed { line, what }
}

/// A whole number that is not negative.
#[derive(Clone, Copy)]
pub(super) struct Natural(pub(super) u64);

/// A whole number.
#[derive(Clone, Copy)]
pub(super) struct Whole(pub(super) i64);

/// A list of names.
#[derive(Default)]
pub(super) struct Names(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Natural {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Natural, D::Error> {
        let Whole(number) = Whole::deserialize(value)?;
        u64::try_from(number).map(Natural).map_err(|_| D::Error::custom(format!("{number} is negative; it would be 0 or more")))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Whole, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number without quotes, as in 60")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }
        }
        value.deserialize_any(Number)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Names, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts, as in [\"admin\"]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        value.deserialize_any(List)
    }
}
