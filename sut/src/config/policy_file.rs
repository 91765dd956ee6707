//! A policy as a file states it, in TOML; the schema of its keys is `tests/policies/policy.schema.json`. It reads the file and refuses what is
//! no policy with the file, the key and what would be right; what a policy means it does not know.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::file::{Names, Whole, malformed};
use super::{BadPartition, BadPolicy, Classes, Counted, Newcomers, Partition, Policy};
use crate::session::Platform;

/// The longest file that is read.
const MOST_BYTES: u64 = 64 * 1024;

/// Whether a text that stands for a policy is a file that states it: it has a `/`, or ends in `.toml`.
pub fn is_policy_file(text: &str) -> bool {
    text.contains('/') || Path::new(text).extension().is_some_and(|extension| extension == "toml")
}

/// What states no policy, a word or a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPolicy {
    /// A word that is none.
    #[error(transparent)]
    Word(#[from] BadPolicy),
    /// A file that states none.
    #[error(transparent)]
    File(#[from] BadPolicyFile),
}

/// A file that states no policy: which, and why, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct BadPolicyFile {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// The policy that a file states.
pub(super) fn read(path: &Path) -> Result<Policy, BadPolicyFile> {
    let bad = |what| BadPolicyFile { path: path.to_owned(), what };
    let text = text(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    stated(&text).map_err(bad)
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("it is too long; {MOST_BYTES} bytes are the most")));
    }
    Ok(text)
}

fn stated(text: &str) -> Result<Policy, String> {
    let written: Written = toml::from_str(text).map_err(|error| malformed(text, &error).to_string())?;
    written.policy()
}

/// The keys of a file, all of which may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    classes: WrittenClasses,
    #[serde(default)]
    limits: BTreeMap<String, Whole>,
    counted: Option<String>,
    limit: Option<Whole>,
    at_limit: Option<String>,
}

/// The classes: the vendor's by their name, or one's own by theirs, which are a reader's only.
enum WrittenClasses {
    Vendors(Classes),
    Own(Vec<(String, Vec<String>)>),
}

impl Written {
    fn policy(&self) -> Result<Policy, String> {
        let newcomers = match self.at_limit.as_deref() {
            None | Some("kick") => Newcomers::Kick,
            Some("refuse") => Newcomers::AreRefused,
            Some(other) => return Err(format!("at_limit: {other:?} is nothing that becomes of a newcomer; kick and refuse are")),
        };
        let counted = self.counted()?;
        let policy = Policy::with(self.classes()?, counted, newcomers).ok();
        let policy = policy.filter(|_| counted == Counted::Platforms || self.limits.is_empty());
        policy.ok_or_else(|| {
            "limits: counted = \"account\" has one limit, beside which those of platforms count for nothing; leave limits out"
                .to_owned()
        })
    }

    fn counted(&self) -> Result<Counted, String> {
        match (self.counted.as_deref(), self.limit) {
            (None | Some("platform"), None) => Ok(Counted::Platforms),
            (None | Some("platform"), Some(_)) => {
                Err("limit: platforms are counted, each by its own; state counted = \"account\", or [limits] by platform"
                    .to_owned())
            }
            (Some("account"), Some(Whole(limit))) => {
                let in_range = u8::try_from(limit).ok().and_then(NonZeroU8::new);
                in_range.map(Counted::Account).ok_or_else(|| format!("limit: {limit} is out of range; 1..=255 is allowed"))
            }
            (Some("account"), None) => {
                Err("limit is missing; counted = \"account\" needs how many instances an account may have online, as in limit = 2"
                    .to_owned())
            }
            (Some(other), _) => Err(format!("counted: {other:?} is nothing that a limit counts; platform and account are")),
        }
    }

    fn classes(&self) -> Result<Classes, String> {
        match &self.classes {
            WrittenClasses::Vendors(_) if !self.limits.is_empty() => Err(format!(
                "limits: those of the vendor's platforms are no policy's; {}",
                "leave them out here, or state classes of your own, as in desk = [\"till\"]"
            )),
            WrittenClasses::Vendors(classes) => Ok(*classes),
            WrittenClasses::Own(classes) => self.partition(classes).map(Classes::Own),
        }
    }

    fn partition(&self, classes: &[(String, Vec<String>)]) -> Result<Partition, String> {
        let named = |names: &Vec<String>| names.iter().map(|name| Ok((name.parse()?, 1))).collect::<Result<Vec<_>, BadPartition>>();
        let unlimited: Result<Vec<_>, _> = classes.iter().map(|(_, names)| named(names)).collect();
        let mut kinds = unlimited.map_err(|bad| format!("classes: {bad}"))?;
        let why = |bad| match bad {
            BadPartition::Empty(class) => format!("classes: {} is empty; it would have a platform", classes[class].0),
            bad => format!("classes: {bad}"),
        };
        Partition::of(&kinds).map_err(why)?;
        for (name, Whole(limit)) in &self.limits {
            self.limit(&mut kinds, name, *limit)?;
        }
        Partition::of(&kinds).map_err(why)
    }

    fn limit(&self, kinds: &mut [Vec<(Platform, u8)>], name: &str, limit: i64) -> Result<(), String> {
        let known: Vec<_> = kinds.iter().flatten().map(|(platform, _)| platform.to_string()).collect();
        let stands = kinds.iter_mut().flatten().find(|(platform, _)| platform.name() == name);
        let (platform, of) =
            stands.ok_or_else(|| format!("limits: {name:?} is in no class; the platforms are {}", known.join(", ")))?;
        let in_range = u8::try_from(limit).ok().filter(|limit| *limit > 0);
        *of = in_range.ok_or_else(|| format!("limits: {}", BadPartition::Limit(*platform, limit)))?;
        Ok(())
    }
}

impl Default for WrittenClasses {
    fn default() -> WrittenClasses {
        WrittenClasses::Vendors(Classes::default())
    }
}

impl<'de> Deserialize<'de> for WrittenClasses {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<WrittenClasses, D::Error> {
        struct Stated;
        impl<'de> Visitor<'de> for Stated {
            type Value = WrittenClasses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of classes, as in desk = [\"till\"], or one of \"single\", \"dual\", \"triple\" and \"multi\"")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<WrittenClasses, E> {
                let vendors = word.parse().ok().filter(|classes| !matches!(classes, Classes::Own(_)));
                vendors.map(WrittenClasses::Vendors).ok_or_else(|| {
                    E::custom(format_args!(
                        "{word:?} are no classes; single, dual, triple and multi are, or a table, as in desk = [\"till\"]"
                    ))
                })
            }

            fn visit_map<M: MapAccess<'de>>(self, mut table: M) -> Result<WrittenClasses, M::Error> {
                let mut classes = Vec::new();
                while let Some((class, Names(platforms))) = table.next_entry::<String, Names>()? {
                    classes.push((class, platforms));
                }
                Ok(WrittenClasses::Own(classes))
            }
        }
        value.deserialize_any(Stated)
    }
}

#[cfg(test)]
mod tests;
