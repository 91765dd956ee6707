//! A log of everything that an instance or a node does, so that somebody else can judge whether it may: what happened to it, and what it
//! did because of that. It is off unless a journal is given, never holds a secret, a key or a UserSig, and decides nothing.
//!
//! The file is in JSON Lines, one event a line. A client's line names its instance, the number of its newest link, and the line's place in
//! the instance's sequence; a server's line names the node, the line's place in the node's sequence, and, where it concerns one, the
//! account with the number of its last commit, and the instance with the number of the link:
//!
//! ```text
//! {"client":{"instance":"9f86d081884c7d65","seq":2,"epoch":0,"event":{"call":{"id":1,"call":{"login":{"account":"alice"}}}}}}
//! {"client":{"instance":"9f86d081884c7d65","seq":3,"epoch":1,"event":"up"}}
//! {"server":{"node":1,"seq":7,"account":"alice","commit":3,"instance":"9f86d081884c7d65","epoch":1,"event":{"took":{"frame":"login",…}}}}
//! {"server":{"node":1,"seq":8,"account":"alice","commit":4,"instance":"9f86d081884c7d65","epoch":1,"event":{"commit":{"admitted":…}}}}
//! ```
//!
//! What happened is one line (see [`ClientEvent`] and [`ServerEvent`] for which), and what was done because of it follows in the same
//! sequence before the next. The lines of one sequence stand in their order, all lines of one happening together; different sequences
//! may be mixed, or stand in different files. An instance is named by the first 16 hexadecimal digits of the SHA-256 of its key, a session by
//! its [`Fingerprint`](crate::session::Fingerprint).

mod instance;
mod line;
mod node;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;

pub(crate) use instance::InstanceScribe;
pub use line::{
    CallKind, ClientEvent, ClientLine, ClientSaid, InstanceName, Line, Published, Resumption, ServerEvent, ServerLine, ServerSaid,
    ServerTimer, Settlement, Shown, Standing, Victim, Waited,
};
pub(crate) use node::NodeScribe;

/// Where lines go. Its clones write to the same place.
#[derive(Clone)]
pub struct Journal(Arc<Mutex<Box<dyn Write + Send>>>);

impl Journal {
    /// A journal in this place. What one input led to is one `write_all`.
    pub fn new(place: impl Write + Send + 'static) -> Journal {
        Journal(Arc::new(Mutex::new(Box::new(place))))
    }

    /// A journal in a file that must not be there yet: sequences begin at 1.
    ///
    /// # Errors
    /// The file is there, or cannot be made.
    pub fn create(path: &Path) -> io::Result<Journal> {
        Ok(Journal::new(OpenOptions::new().create_new(true).append(true).open(path)?))
    }

    /// Writes lines down together, and forgets them. The system goes on also if that fails.
    fn write(&self, lines: &mut Vec<u8>) {
        let mut place = self.0.lock().expect("nothing panics while it holds the lock");
        if let Err(error) = place.write_all(lines) {
            tracing::error!(%error, "something is not in the journal");
        }
        lines.clear();
    }
}

/// Adds a line.
fn push<'a>(lines: &mut Vec<u8>, line: impl Into<LineRef<'a>>) {
    serde_json::to_writer(&mut *lines, &line.into()).expect("names, numbers and texts can be written");
    lines.push(b'\n');
}

/// A [`Line`] that is written.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum LineRef<'a> {
    Client(&'a ClientLine),
    Server(&'a ServerLine),
}

impl<'a> From<&'a ClientLine> for LineRef<'a> {
    fn from(line: &'a ClientLine) -> LineRef<'a> {
        LineRef::Client(line)
    }
}

impl<'a> From<&'a ServerLine> for LineRef<'a> {
    fn from(line: &'a ServerLine) -> LineRef<'a> {
        LineRef::Server(line)
    }
}
