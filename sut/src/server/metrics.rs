//! The numbers of a node, in Prometheus' text format. It is told facts and counts them; it knows no account, and decides nothing. What each
//! number means stands in `sut/README.md`.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::fact::{By, Fact, Of};
use super::machine::Input;
use crate::admission::Occasion;
use crate::code::Code;
use crate::protocol::close_code::OF_A_FRAME;
use crate::registry::{Commit, Engine, Sentinels};
use crate::session::{KickReason, Platform};
use crate::webhook::Destination;

/// One label, and what it says.
type Label<V = &'static str> = [(&'static str, V); 1];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    of: &'static str,
    code: u32,
}

/// The numbers of one node; its clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Metrics(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    registry: Registry,
    sessions: Family<Label<String>, Gauge>,
    links: Gauge,
    logins: Family<Label, Counter>,
    refusals: Family<Refused, Counter>,
    kicks: Family<Label, Counter>,
    resumes: Counter,
    logouts: Counter,
    lapses: Family<Label, Counter>,
    frames_refused: Family<Label<u32>, Counter>,
    connections_refused: Counter,
    pauses: Counter,
    received_bytes: Counter,
    sent_bytes: Counter,
    commits: Family<Label, Counter>,
    commit_seconds: Histogram,
    callbacks_owed: Gauge,
    webhook: OnceLock<Destination>,
    node: Family<Label<String>, Gauge>,
    name: OnceLock<String>,
    engine: Mutex<Engine>,
    primary: Family<Label<String>, Gauge>,
    primaries_left: Counter,
    commits_lost: Counter,
    sentinels: Family<Label, Gauge>,
}

impl Metrics {
    /// Every number at 0.
    pub(super) fn new() -> Metrics {
        let mut numbers = Numbers {
            registry: Registry::default(),
            sessions: Family::default(),
            links: Gauge::default(),
            logins: Family::default(),
            refusals: Family::default(),
            kicks: Family::default(),
            resumes: Counter::default(),
            logouts: Counter::default(),
            lapses: Family::default(),
            frames_refused: Family::default(),
            connections_refused: Counter::default(),
            pauses: Counter::default(),
            received_bytes: Counter::default(),
            sent_bytes: Counter::default(),
            commits: Family::default(),
            commit_seconds: Histogram::new(exponential_buckets(0.000_1, 4.0, 9)),
            callbacks_owed: Gauge::default(),
            webhook: OnceLock::new(),
            node: Family::default(),
            name: OnceLock::new(),
            engine: Mutex::default(),
            primary: Family::default(),
            primaries_left: Counter::default(),
            commits_lost: Counter::default(),
            sentinels: Family::default(),
        };
        numbers.register();
        numbers.begin();
        Metrics(Arc::new(numbers))
    }

    /// Counts what happened to a session of that platform, or to a link.
    pub(super) fn count(&self, fact: &Fact, platform: Option<Platform>) {
        match fact {
            Fact::Opened => drop(self.0.links.inc()),
            Fact::Closed { by, code } => self.closed(*by, *code),
            Fact::Restored => self.online(platform, 1),
            Fact::Admitted(occasion) => {
                self.online(platform, 1);
                self.0.logins.get_or_create(&[("by", occasion.name())]).inc();
            }
            Fact::Resumed => drop(self.0.resumes.inc()),
            Fact::Kicked(reason) => {
                self.online(platform, -1);
                self.0.kicks.get_or_create(&[("reason", reason.name())]).inc();
            }
            Fact::Ended(occasion) => {
                self.online(platform, -1);
                self.ended(*occasion);
            }
            Fact::Refused { of, code } => {
                self.0.refusals.get_or_create(&Refused { of: of.name(), code: code.number() }).inc();
            }
        }
    }

    /// A commit took that long, and was answered so.
    pub(super) fn committed(&self, took: Duration, answer: &Input) {
        let stored = if let Input::Stored { commit, .. } = answer { Some(commit) } else { None };
        let outcome = match stored {
            Some(Commit::Done(_)) => "done",
            Some(Commit::Conflict) => "conflict",
            Some(Commit::Unknown) => "unknown",
            None => "unreachable",
        };
        self.0.commits.get_or_create(&[("outcome", outcome)]).inc();
        self.0.commit_seconds.observe(took.as_secs_f64());
    }

    /// A connection was closed as it came, since there were too many.
    pub(super) fn refused_connection(&self) {
        self.0.connections_refused.inc();
    }

    /// A link is read later, since too much came over it.
    pub(super) fn paused(&self) {
        self.0.pauses.inc();
    }

    /// A message of that many bytes came over a link.
    pub(super) fn received(&self, bytes: usize) {
        self.0.received_bytes.inc_by(bytes as u64);
    }

    /// A frame of that many bytes is written to a link.
    pub(super) fn sent(&self, bytes: usize) {
        self.0.sent_bytes.inc_by(bytes as u64);
    }

    /// Its callbacks are counted from now on.
    pub(super) fn tell_of(&self, webhook: Destination) {
        let _ = self.0.webhook.set(webhook);
    }

    /// The node has that name among others.
    pub(super) fn named(&self, name: String) {
        self.0.node.get_or_create(&[("name", name.clone())]).set(1);
        let _ = self.0.name.set(name);
    }

    /// Its name, if it has one.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.name.get().map(String::as_str)
    }

    /// The registry's store is so.
    pub(super) fn stored_on(&self, engine: Engine) {
        let mut before = self.engine_seen();
        let counted = |now: u64, before: u64| now.saturating_sub(before);
        self.0.primaries_left.inc_by(counted(engine.reign.0.into(), before.reign.0.into()));
        self.0.commits_lost.inc_by(counted(engine.lost, before.lost));
        let Sentinels { asked, agree } = engine.sentinels;
        for (of, count) in [("asked", asked), ("agree", agree)] {
            self.0.sentinels.get_or_create(&[("of", of)]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if engine.primary != before.primary {
            self.0.primary.clear();
            self.0.primary.get_or_create(&[("id", engine.primary.clone())]).set(1);
        }
        *before = engine;
    }

    /// How the registry's store is, in words; nothing where it has no primary.
    pub(super) fn engine(&self) -> Option<String> {
        let Engine { primary, sentinels: Sentinels { asked, agree }, .. } = &*self.engine_seen();
        let named = if *asked == 0 { String::new() } else { format!(", named by {agree} of {asked} sentinels") };
        (!primary.is_empty()).then(|| format!("primary {primary}{named}"))
    }

    fn engine_seen(&self) -> MutexGuard<'_, Engine> {
        self.0.engine.lock().expect("nothing panics while it holds the lock")
    }

    /// The sessions that the node holds, one of each of these platforms: another node may have ended some.
    pub(super) fn holds(&self, platforms: impl Iterator<Item = Platform>) {
        self.0.sessions.clear();
        self.0.begin_sessions();
        platforms.for_each(|platform| self.online(Some(platform), 1));
    }

    /// All numbers as they are now.
    pub(super) fn text(&self) -> String {
        if let Some(webhook) = self.0.webhook.get() {
            self.0.callbacks_owed.set(i64::try_from(webhook.owed()).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.0.registry).expect("a string takes everything");
        text
    }

    fn online(&self, platform: Option<Platform>, change: i64) {
        if let Some(platform) = platform {
            self.0.sessions.get_or_create(&[("platform", platform.to_string())]).inc_by(change);
        }
    }

    fn closed(&self, by: By, code: Option<u16>) {
        self.0.links.dec();
        if let (By::Server, Some(code)) = (by, code.filter(|code| OF_A_FRAME.contains(code))) {
            self.0.frames_refused.get_or_create(&[("code", code.into())]).inc();
        }
    }

    /// LOGIN-9: what a login replaced has neither logged out nor lapsed.
    fn ended(&self, occasion: Occasion) {
        match occasion {
            Occasion::Logout | Occasion::OwedLogout => drop(self.0.logouts.inc()),
            Occasion::Lapse | Occasion::Overflow => {
                self.0.lapses.get_or_create(&[("by", occasion.name())]).inc();
            }
            Occasion::Login
            | Occasion::Resume
            | Occasion::Readmission
            | Occasion::Telling
            | Occasion::Expiry
            | Occasion::RestKick
            | Occasion::KickAck
            | Occasion::Message
            | Occasion::Pruning => {}
        }
    }
}

impl Numbers {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("kickproof_primary", "The primary of the registry's store", self.primary.clone());
        registry.register("kickproof_primaries_left", "Primaries that the node has left for another", self.primaries_left.clone());
        registry.register("kickproof_commits_lost", "Commits that went with those, as far as known", self.commits_lost.clone());
        registry.register("kickproof_sentinels", "Sentinels that name the primary", self.sentinels.clone());
        registry.register("kickproof_node", "The name of the node among others", self.node.clone());
        registry.register("kickproof_sessions", "Sessions online, their links up or down", self.sessions.clone());
        registry.register("kickproof_links", "WebSocket links that are open", self.links.clone());
        registry.register("kickproof_logins", "Logins and readmissions that were let in", self.logins.clone());
        registry.register("kickproof_refusals", "Refused logins, resumes, messages and calls", self.refusals.clone());
        registry.register("kickproof_kicks", "Sessions that were kicked", self.kicks.clone());
        registry.register("kickproof_resumes", "Sessions that went on over another link", self.resumes.clone());
        registry.register("kickproof_logouts", "Sessions that logged out", self.logouts.clone());
        registry.register("kickproof_lapses", "Sessions that were given up", self.lapses.clone());
        registry.register("kickproof_frames_refused", "Frames for which a link was closed", self.frames_refused.clone());
        registry.register("kickproof_connections_refused", "Connections over the bounds", self.connections_refused.clone());
        registry.register("kickproof_link_pauses", "Times that a link was read later for its speed", self.pauses.clone());
        registry.register("kickproof_received_bytes", "Bytes of messages that came over links", self.received_bytes.clone());
        registry.register("kickproof_sent_bytes", "Bytes of frames that were written to links", self.sent_bytes.clone());
        registry.register("kickproof_commits", "Commits that the registry was asked for", self.commits.clone());
        registry.register("kickproof_callbacks_owed", "Accounts that are owed a callback", self.callbacks_owed.clone());
        registry.register("kickproof_commit_seconds", "How long the registry took for a commit", self.commit_seconds.clone());
    }

    /// What can be named before it happens is there at 0, so that its first change is seen as one.
    fn begin(&self) {
        self.begin_sessions();
        begin(&self.kicks, "reason", KickReason::ALL.map(KickReason::name));
        begin(&self.logins, "by", [Occasion::Login, Occasion::Readmission].map(Occasion::name));
        begin(&self.lapses, "by", [Occasion::Lapse, Occasion::Overflow].map(Occasion::name));
        begin(&self.sentinels, "of", ["asked", "agree"]);
        begin(&self.commits, "outcome", ["done", "conflict", "unknown", "unreachable"]);
        begin(&self.frames_refused, "code", OF_A_FRAME.map(u32::from));
        for code in Code::ALL.into_iter().filter(|code| code.is_of_a_user_sig()) {
            drop(self.refusals.get_or_create(&Refused { of: Of::Login.name(), code: code.number() }));
        }
    }

    fn begin_sessions(&self) {
        begin(&self.sessions, "platform", Platform::ALL.map(|platform| platform.to_string()));
    }
}

fn begin<V: Clone + Eq + Hash, M>(family: &Family<Label<V>, M>, label: &'static str, values: impl IntoIterator<Item = V>) {
    for value in values {
        drop(family.get_or_create(&[(label, value)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Unreachable, Version};
    use crate::server::machine::Asker;

    #[test]
    fn each_answer_to_a_commit_is_counted_as_what_it_is_and_its_time_in_seconds() {
        let (metrics, alice) = (Metrics::new(), Arc::<str>::from("alice"));
        let stored = |commit| Input::Stored { user_id: Arc::clone(&alice), commit };
        let down = Input::Unreachable { asker: Asker::Account(Arc::clone(&alice)), why: Unreachable("down".to_owned()) };
        for answer in
            [stored(Commit::Done(Version(1))), stored(Commit::Conflict), stored(Commit::Conflict), stored(Commit::Unknown), down]
        {
            metrics.committed(Duration::from_millis(250), &answer);
        }
        let text = metrics.text();
        for line in [
            r#"kickproof_commits_total{outcome="done"} 1"#,
            r#"kickproof_commits_total{outcome="conflict"} 2"#,
            r#"kickproof_commits_total{outcome="unknown"} 1"#,
            r#"kickproof_commits_total{outcome="unreachable"} 1"#,
            "kickproof_commit_seconds_sum 1.25",
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in {text}");
        }
    }
}
