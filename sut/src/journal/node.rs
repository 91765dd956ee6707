//! Writes down what a node's machine is told and what it asks for. It changes neither.

use std::collections::HashMap;
use std::sync::Arc;

use super::line::{Line, ServerEvent, ServerLine, Shown};
use super::{ALONE, Journal, push, wordless};
use crate::admission::{self, Change, Login};
use crate::config::App;
use crate::protocol::ClientFrame;
use crate::registry::{Notice, Version};
use crate::session::{KeyDigest, Reign, Session};
use crate::timers::UnixMillis;
use crate::usersig;
use sut_core::server::machine::{Effect, Heard, Input, LinkId, Timer, TimerKind};

/// What a line concerns.
#[derive(Clone, Debug, Default)]
struct About {
    account: Option<String>,
    instance: Option<KeyDigest>,
    epoch: Option<u64>,
}

impl About {
    fn account(user_id: &str) -> About {
        About { account: Some(user_id.to_owned()), ..About::default() }
    }
}

/// The journal of one node.
pub(crate) struct NodeScribe {
    journal: Journal,
    node: u64,
    seq: u64,
    /// What UserSigs are judged by.
    app: App,
    /// The links that the node has not closed, and what was said on them of whom.
    links: HashMap<LinkId, About>,
    commits: HashMap<String, Version>,
    /// What is to be told next; each line gets its place as it is told.
    notes: Vec<ServerLine>,
    /// By account: what waits for the registry, and is told once that has answered.
    held: HashMap<Arc<str>, Vec<ServerLine>>,
    lines: Vec<u8>,
}

impl NodeScribe {
    /// Begins the sequence of a node.
    pub(crate) fn start(journal: Journal, app: App) -> NodeScribe {
        let terms = app.terms();
        let (links, commits) = (HashMap::new(), HashMap::new());
        let (notes, held, node) = (Vec::new(), HashMap::new(), journal.node.unwrap_or(ALONE));
        let mut scribe = NodeScribe { journal, node, seq: 0, app, links, commits, notes, held, lines: Vec::new() };
        scribe.note(About::default(), ServerEvent::Start { terms });
        scribe.finish();
        scribe
    }

    /// What happens to the machine next.
    pub(crate) fn input(&mut self, now: UnixMillis, input: &Input) {
        match input {
            Input::LinkUp { link, .. } => drop(self.links.insert(*link, About::default())),
            Input::Frame { link, frame } => self.took(now, *link, frame),
            Input::BadFrame { link, .. } => self.note_link(*link, ServerEvent::Bad),
            Input::LinkDown { link, close } => {
                self.note_link(*link, ServerEvent::Lost { close: *close });
                self.links.remove(link);
            }
            Input::RestKick { user_id, .. } => {
                self.note(About::account(user_id), ServerEvent::RestKick { second: now.0 / 1000 });
            }
            Input::Timer(timer) => self.fired(timer),
            Input::TermsInForce(terms) => {
                self.app.adopt(*terms);
                self.note(About::default(), ServerEvent::Terms { terms: *terms });
            }
            Input::Keys(keys) => self.app.secret_key = keys.clone(),
            Input::Changed(Notice { user_id, version, record: Some(_), .. }) if self.is_newer(user_id, *version) => {
                self.sees(user_id, *version);
            }
            Input::QueryStatus { .. }
            | Input::Changed(_)
            | Input::Life(_)
            | Input::Reign(_)
            | Input::Restored { .. }
            | Input::Loaded { .. }
            | Input::Stored { .. }
            | Input::Unreachable { .. } => {}
        }
    }

    /// What the machine asks for.
    pub(crate) fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Send { link, frame } => {
                let event = ServerEvent::Wrote { frame: wordless(&frame.frame), session: frame.session };
                self.note_link(*link, event);
            }
            Effect::Close { link, code, .. } => {
                self.note_link(*link, ServerEvent::Closed { code: *code });
                self.links.remove(link);
            }
            Effect::Committed { user_id, version, change } => {
                self.commits.insert(user_id.to_string(), *version);
                self.note(About::account(user_id), ServerEvent::Commit(Box::new(change.clone())));
            }
            Effect::Load { .. } | Effect::Commit { .. } | Effect::Arm { .. } | Effect::Disarm { .. } | Effect::Reply { .. } => {}
        }
    }

    /// The registry is asked for that commit, which is told at once: whoever dies before the answer leaves the question behind.
    pub(crate) fn tries(&mut self, user_id: &str, Version(expected): Version, change: &Change) {
        if self.journal.node.is_none() {
            return;
        }
        self.seq += 1;
        let (account, event) = (Some(user_id.to_owned()), ServerEvent::Tries(Box::new(change.clone())));
        let (node, seq, commit) = (self.node, self.seq, Some(expected + 1));
        let line = ServerLine { node, seq, account, commit, instance: None, epoch: None, event };
        push(&mut self.lines, &Line::Server(line));
        self.journal.write(&mut self.lines);
    }

    /// Which primary commits are under whose numbers say so.
    pub(crate) fn reigns(&mut self, Reign(left): Reign, id: String) {
        if self.journal.node.is_some() {
            self.note(About::default(), ServerEvent::Primary { left, id });
            self.finish();
        }
    }

    /// Of several nodes this one has seen the account as that version, whoever committed it.
    pub(crate) fn sees(&mut self, user_id: &str, version: Version) {
        if self.journal.node.is_some() {
            self.commits.insert(user_id.to_owned(), version);
        }
    }

    fn is_newer(&self, user_id: &str, version: Version) -> bool {
        self.commits.get(user_id).is_none_or(|seen| *seen < version)
    }

    /// What the last input said is told when the registry has answered for that account: one input is one step, whatever the registry takes.
    pub(crate) fn hold(&mut self, user_id: Arc<str>) {
        self.held.entry(user_id).or_default().append(&mut self.notes);
    }

    /// The registry has answered: what was held for it comes first.
    pub(crate) fn release(&mut self, user_id: &str) {
        self.notes.extend(self.held.remove(user_id).into_iter().flatten());
    }

    /// Everything that one input led to is told.
    pub(crate) fn finish(&mut self) {
        for line in self.notes.drain(..) {
            self.seq += 1;
            push(&mut self.lines, &Line::Server(ServerLine { seq: self.seq, ..line }));
        }
        if !self.lines.is_empty() {
            self.journal.write(&mut self.lines);
        }
    }

    fn took(&mut self, now: UnixMillis, link: LinkId, envelope: &Heard) {
        let Some(about) = self.links.get_mut(&link) else { return };
        if let Some((account, key)) = envelope.frame.names() {
            about.account = Some(account.to_owned());
            (about.instance, about.epoch) = (about.instance.or(Some(key)), about.epoch.or(Some(envelope.epoch.0)));
        }
        let shown = self.shown(now, envelope);
        self.note_link(link, ServerEvent::Took { frame: (&envelope.frame).into(), session: envelope.session, shown });
    }

    fn shown(&self, now: UnixMillis, envelope: &Heard) -> Option<Shown> {
        if let ClientFrame::Logout { user_id, user_sig: Some(user_sig), .. } = &envelope.frame {
            return Some(self.shown_with_a_debt(now, user_id, user_sig));
        }
        let (ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key }
        | ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, .. }) = &envelope.frame
        else {
            return None;
        };
        let (digest, epoch) = (envelope.session, envelope.epoch);
        let session = Session {
            key: *key,
            digest,
            epoch,
            platform: *platform,
            expires_at: UnixMillis(0),
            issued_s: 0,
            node: None,
            admitted_at: None,
        };
        let login = Login { user_id: user_id.clone(), user_sig: user_sig.clone(), sdk_app_id: *sdk_app_id, session };
        let issued = usersig::read(user_sig, self.app.usersig_ahead_s, now).map_or(0, |user_sig| user_sig.time_s);
        Some(Shown { issued, wrong: admission::judge(&self.app, &login, now).err().map(|why| why.code) })
    }

    fn shown_with_a_debt(&self, now: UnixMillis, user_id: &str, user_sig: &str) -> Shown {
        let App { sdk_app_id, secret_key, .. } = &self.app;
        match usersig::judge_signature(*sdk_app_id, secret_key, (*sdk_app_id, user_id), user_sig, now) {
            Ok(user_sig) => Shown { issued: user_sig.time_s, wrong: None },
            Err(why) => Shown { issued: 0, wrong: Some(why.code) },
        }
    }

    fn fired(&mut self, timer: &Timer) {
        let event = ServerEvent::Timer { timer: TimerKind::from(timer) };
        match timer {
            Timer::Heartbeat(link) | Timer::Ask(link) => self.note_link(*link, event),
            Timer::Retry(_) | Timer::LookUp { .. } => {}
            Timer::Lapse { user_id, key, .. } | Timer::Expiry { user_id, key, .. } | Timer::Epoch { user_id, key } => {
                self.note(About { instance: Some(*key), ..About::account(user_id) }, event);
            }
        }
    }

    /// What concerns a link on which something was said.
    fn note_link(&mut self, link: LinkId, event: ServerEvent) {
        if let Some(about) = self.links.get(&link).filter(|about| about.account.is_some()) {
            self.note(about.clone(), event);
        }
    }

    fn note(&mut self, about: About, event: ServerEvent) {
        let About { account, instance, epoch } = about;
        let commit = account.as_ref().map(|account| self.commits.get(account).map_or(0, |version| version.0));
        self.notes.push(ServerLine { node: self.node, seq: 0, account, commit, instance, epoch, event });
    }
}
