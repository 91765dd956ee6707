//! A log of everything that an instance or a node does, so that somebody else can judge whether it may: what happened to it, and what it
//! did because of that. It is off unless a journal is given, never holds a secret, a key or a UserSig, and decides nothing.
//!
//! The file is in JSON Lines, one event a line. A client's line names its instance, the number of its newest link, and the line's place in
//! the instance's sequence; a server's line names the node, the line's place in the node's sequence, and, where it concerns one, the
//! account with the number of its last commit, and the instance with the number of the link:
//!
//! ```text
//! {"client":{"instance":"9f86…","seq":2,"epoch":0,"event":{"call":{"id":1,"call":"login","account":"alice"}}}}
//! {"client":{"instance":"9f86…","seq":3,"epoch":1,"event":"up"}}
//! {"server":{"node":1,"seq":7,"account":"alice","commit":3,"instance":"9f86…","epoch":1,"event":{"took":{"frame":"login",…}}}}
//! {"server":{"node":1,"seq":8,"account":"alice","commit":4,"event":{"commit":{"at":…,"occasion":"login","admitted":…}}}}
//! ```
//!
//! What happened is one line (see [`ClientEvent`] and [`ServerEvent`] for which), and what was done because of it follows in the same
//! sequence before the next. The lines of one sequence stand in their order, all lines of one happening together; different sequences
//! may be mixed, or stand in different files. Both sides speak in the machines' own words: frames, answers, events and commits are theirs,
//! a message without its text, a call and a client's frame by its kind alone. An instance and a session are named as the server names
//! them, by a [`KeyDigest`](crate::session::KeyDigest) and a [`SessionDigest`](crate::session::SessionDigest).
//!
//! Each process of [several nodes](Journal::of_one_of_several) has a journal of its own, and numbers its own sequence.

mod instance;
mod line;
mod node;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::protocol::ServerFrame;

pub(crate) use instance::InstanceScribe;
pub use line::{ClientEvent, ClientLine, Line, ServerEvent, ServerLine, Shown};
pub(crate) use node::NodeScribe;

/// What a node is called that is alone.
pub const ALONE: u64 = 1;

/// Where lines go. Its clones write to the same place.
#[derive(Clone)]
pub struct Journal {
    place: Arc<Mutex<Box<dyn Write + Send>>>,
    /// What the node is called, if it is one of several.
    node: Option<u64>,
}

impl Journal {
    /// A journal in this place. What one input led to is one `write_all`.
    pub fn new(place: impl Write + Send + 'static) -> Journal {
        Journal { place: Arc::new(Mutex::new(Box::new(place))), node: None }
    }

    /// The journal of one of several nodes, which is called so, other than [`ALONE`] and than any other. Before each commit that it asks its registry for
    /// it says what that does, so that one is known that was stored and of whose answer nobody was left to hear.
    #[must_use]
    pub fn of_one_of_several(self, node: u64) -> Journal {
        Journal { node: Some(node), ..self }
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
        let mut place = self.place.lock().expect("nothing panics while it holds the lock");
        if let Err(error) = place.write_all(lines) {
            tracing::error!(%error, "something is not in the journal");
        }
        lines.clear();
    }
}

/// A server's frame, a message without its text.
fn wordless(frame: &ServerFrame) -> ServerFrame {
    let mut frame = frame.clone();
    if let ServerFrame::Message { text, .. } = &mut frame {
        text.clear();
    }
    frame
}

/// Adds a line.
fn push(lines: &mut Vec<u8>, line: &Line) {
    serde_json::to_writer(&mut *lines, line).expect("names, numbers and texts can be written");
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Event;
    use crate::config::{App, Bounds, Buffers, Limits, Policy};
    use crate::protocol::{ClientFrame, Envelope, VERSION};
    use crate::session::{Epoch, InstanceKey, MessageId, Platform, Secret};
    use crate::timers::UnixMillis;
    use sut_core::client::machine::{Call, CallId, Effect, Input};
    use sut_core::server::machine as node;

    const KEY: InstanceKey = InstanceKey(0x0123_4567_89ab_cdef_0000_0000_0000_000f);
    const SECRET: Secret = Secret(0xfeed_4567_89ab_cdef_0000_0000_0000_000f);
    const SIG: &str = "a-UserSig";
    const TEXT: &str = "a-text";
    const EPOCH: Epoch = Epoch(1);

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn text() -> String {
        TEXT.to_owned()
    }

    fn login() -> ClientFrame {
        ClientFrame::Login { sdk_app_id: 1, user_id: "a".to_owned(), user_sig: SIG.to_owned(), platform: Platform::Web, key: KEY }
    }

    fn message() -> ServerFrame {
        ServerFrame::Message { seq: 1, id: MessageId(1), from: "b".to_owned(), to: "a".to_owned(), text: text() }
    }

    fn app() -> App {
        let (secret_key, administrators, limits) = (SIG.into(), Vec::new(), Limits::default());
        let (buffers, bounds) = (Buffers::default(), Bounds::default());
        App { sdk_app_id: 1, secret_key, policy: Policy::DUAL, limits, administrators, buffers, bounds, usersig_ahead_s: 60 }
    }

    #[test]
    fn a_journal_holds_no_key_no_secret_no_usersig_and_no_text_of_a_message() {
        let kept = Kept::default();
        let mut instance = InstanceScribe::start(Journal::new(kept.clone()), KEY, Platform::Web, EPOCH);
        let own = |frame| Envelope { v: VERSION, session: SECRET, epoch: EPOCH, frame };
        let send = ClientFrame::Send { id: MessageId(1), to: "b".to_owned(), text: text() };
        let call = Call::Login { user_id: "a".to_owned(), user_sig: SIG.to_owned(), secret: SECRET };
        instance.input(&Input::Call { id: CallId(1), call });
        let call = Call::Send { id: MessageId(1), to: "b".to_owned(), text: text() };
        instance.input(&Input::Call { id: CallId(2), call });
        instance
            .input(&Input::Frame { epoch: EPOCH, frame: Envelope { v: VERSION, session: SECRET, epoch: EPOCH, frame: message() } });
        let told = Event::MessageReceived { from: "b".to_owned(), to: "a".to_owned(), id: MessageId(1), text: text() };
        let written = [login(), send].map(|frame| Effect::Send { epoch: EPOCH, frame: own(frame) });
        instance.effects(&written);
        instance.effects(&[Effect::Publish(told)]);
        let mut scribe = NodeScribe::start(Journal::new(kept.clone()), app());
        let (link, session) = (node::LinkId(1), SECRET.digest());
        scribe.input(UnixMillis(0), &node::Input::LinkUp { link, address: None });
        let frame = Envelope { v: VERSION, session, epoch: EPOCH, frame: login().naming(InstanceKey::digest) };
        scribe.input(UnixMillis(0), &node::Input::Frame { link, frame });
        scribe.effect(&node::Effect::Send { link, frame: Envelope { v: VERSION, session, epoch: EPOCH, frame: message() } });
        scribe.finish();
        let kept = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(kept.lines().count(), 10, "{kept}");
        for hidden in [format!("{:032x}", KEY.0), format!("{:032x}", SECRET.0), SIG.to_owned(), text()] {
            assert!(!kept.contains(&hidden), "{hidden} in {kept}");
        }
    }
}
