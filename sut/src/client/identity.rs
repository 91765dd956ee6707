//! Who an instance is: its key, kept in a file over restarts, so that the instance that comes back takes its own place and not another's.
//! It opens no link.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use tempfile::NamedTempFile;

use super::fresh_options;
use super::machine::Options;
use crate::session::{Epoch, InstanceKey, Platform};

/// Who an instance is over all its restarts: a secret key, and the platform that it is of.
///
/// A login under the key of a session on record takes that session's place (LOGIN-9), so that two processes must never share one: each
/// would end the other's session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    platform: Platform,
    key: InstanceKey,
}

/// Why an identity cannot be read or kept, in one line.
#[derive(Debug, thiserror::Error)]
pub enum BadIdentity {
    /// The file cannot be read.
    #[error("{}: the identity cannot be read: {error}; a file that is not there yet would be made", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file cannot be made.
    #[error("{}: the identity cannot be kept: {}; its folder must be there and may be written to", file.display(), error.kind())]
    Unwritable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It holds something else.
    #[error(
        "{}: the file holds no identity: {what}; it would hold {{\"platform\":\"Web\",\"key\":\"32 lower-case hexadecimal digits\"}}, \
         and is made anew if it is moved away",
        file.display()
    )]
    Broken {
        /// Which.
        file: PathBuf,
        /// What is wrong with it; never the key.
        what: String,
    },
    /// It is of another platform.
    #[error("{}: the identity is of {found}, and {asked} is asked for; another platform needs another file", file.display())]
    OtherPlatform {
        /// Which file.
        file: PathBuf,
        /// Whose it is.
        found: Platform,
        /// Whose it would have to be.
        asked: Platform,
    },
}

impl Identity {
    /// The identity that a file holds. If there is no such file, it is made with a new identity, which only its owner may read, and is whole
    /// and on disk before this returns. A file that holds anything else is left as it is.
    ///
    /// # Errors
    /// The file cannot be read, made or written, or holds something else.
    pub fn load_or_create(file: &Path, platform: Platform) -> Result<Identity, BadIdentity> {
        match load(file, platform) {
            Err(BadIdentity::Unreadable { error, .. }) if error.kind() == ErrorKind::NotFound => create(file, platform),
            loaded => loaded,
        }
    }

    /// The options of this instance: its links are numbered by the clock, so that those before the restart are earlier (LINK-3).
    pub const fn options(&self, sdk_app_id: u64) -> Options {
        Options { sdk_app_id, platform: self.platform, key: self.key, epoch: Epoch(0) }
    }
}

fn load(file: &Path, platform: Platform) -> Result<Identity, BadIdentity> {
    let unreadable = |error| BadIdentity::Unreadable { file: file.to_owned(), error };
    let broken = |error| BadIdentity::Broken { file: file.to_owned(), what: what_is_wrong(&error) };
    let identity: Identity = serde_json::from_slice(&fs::read(file).map_err(unreadable)?).map_err(broken)?;
    match identity.platform == platform {
        true => Ok(identity),
        false => Err(BadIdentity::OtherPlatform { file: file.to_owned(), found: identity.platform, asked: platform }),
    }
}

/// The library's words may repeat what the file holds.
fn what_is_wrong(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "it is JSON of another kind".to_owned(),
        Category::Io | Category::Syntax | Category::Eof => format!("it is no JSON, from column {} on", error.column()),
    }
}

/// Another process may make the file meanwhile: then both have that identity.
fn create(file: &Path, platform: Platform) -> Result<Identity, BadIdentity> {
    let Options { platform, key, .. } = fresh_options(0, platform);
    let identity = Identity { platform, key };
    match write(file, &identity) {
        Ok(()) => Ok(identity),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => load(file, platform),
        Err(error) => Err(BadIdentity::Unwritable { file: file.to_owned(), error }),
    }
}

/// The file is there whole or not at all, and no other is replaced.
fn write(file: &Path, identity: &Identity) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut made = NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut made, identity)?;
    made.write_all(b"\n")?;
    made.as_file().sync_all()?;
    made.persist_noclobber(file)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
