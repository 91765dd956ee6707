//! What is said and when, for every task: nothing before the record is stored, nothing on a conflict, and nothing of success when the
//! registry is out of reach. A task without a case here is a failure.

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::super::job::{Busy, Pending, Task};
use super::registry::{ended, loaded, out_of_reach};
use super::*;
use crate::server::machine::Reply;

/// What a task is to say once its record is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Something to whoever asked.
    Something,
    /// Nothing: nobody asked.
    Nothing,
}

/// An input that begins a task at a node on which alice stands as `before` says.
struct Case {
    name: &'static str,
    node: Node,
    input: Input,
    says: Says,
}

fn case(name: &'static str, mut node: Node, before: impl IntoIterator<Item = Input>, input: Input, says: Says) -> Case {
    before.into_iter().for_each(|before| drop(node.takes(before)));
    Case { name, node, input, says }
}

fn lapse(n: u64) -> Input {
    Input::Timer(Timer::Lapse { user_id: Arc::from("alice"), key: KeyDigest(n.into()), digest: digest(n) })
}

fn expiry(n: u64) -> Input {
    Input::Timer(Timer::Expiry { user_id: Arc::from("alice"), key: KeyDigest(n.into()), digest: digest(n) })
}

fn prune(n: u64) -> Input {
    Input::Timer(Timer::Epoch { user_id: Arc::from("alice"), key: KeyDigest(n.into()) })
}

fn rest_kick() -> Input {
    Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() }
}

/// A node whose sessions may be sent one message that they do not acknowledge.
fn narrow() -> Node {
    let mut node = Node::with([1, 2]);
    node.machine.0.app.buffers = Buffers { messages: 1, bytes: 1000 };
    node.takes(says(2, send("alice")));
    node
}

/// Cases of all tasks. Every one of them needs a commit, but for the sync, which stores nothing.
fn cases() -> Vec<Case> {
    let two = || Node::with([1, 2]);
    let second = ClientFrame::Send { id: MessageId(6), to: "alice".to_owned(), text: "hello".to_owned() };
    vec![
        case("a login that kicks", two(), [up(3)], says(3, login(3, "alice")), Says::Something),
        case("a login that replaces", two(), [up(3)], says_on(3, digest(3), 2, login(1, "alice")), Says::Something),
        case("a resume", two(), [down(1, None), up(3)], says_on(3, digest(1), 2, resume(1, 0)), Says::Something),
        case("a readmission", two(), [down(1, None), lapse(1), up(3)], says_on(3, digest(1), 2, resume(1, 0)), Says::Something),
        case("a sync", two(), [], says(1, ClientFrame::Sync), Says::Something),
        case("a logout", two(), [], says(1, logout(1)), Says::Something),
        case("an owed logout", two(), [down(1, None), up(3)], says_on(3, digest(1), 2, logout(1)), Says::Something),
        case("a closed page", two(), [], down(1, Some(1001)), Says::Nothing),
        case("a lapse", two(), [down(1, None)], lapse(1), Says::Nothing),
        case("an expiry", two(), [], expiry(1), Says::Something),
        case("a REST kick", two(), [], rest_kick(), Says::Something),
        case("an acknowledged kick", two(), [rest_kick()], says(1, ClientFrame::KickAck), Says::Something),
        case("a message", two(), [], says(1, send("alice")), Says::Something),
        case("a message too many", narrow(), [], says(2, second), Says::Something),
        case("a commit of another node", two(), [], commit_elsewhere(), Says::Nothing),
        case("a session that is lost", lost(), [], commit_elsewhere(), Says::Nothing),
        case("an epoch without a session", two(), [says(1, logout(1))], prune(1), Says::Nothing),
    ]
}

/// A node whose registry has lost the login of instance 3, which kicked another, and which found that out before.
fn lost() -> Node {
    let mut node = Node::with([1, 2]);
    node.takes(down(2, None));
    let without = Memory::clone(&node.registry);
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    node.machine.0.online_session_mut("alice", KeyDigest(3)).unwrap().is_lost = true;
    node.registry = Arc::new(without);
    node
}

fn commit_elsewhere() -> Input {
    Input::Changed(Notice::of("alice", Version(9)))
}

fn is_said(effect: &Effect) -> bool {
    match effect {
        Effect::Send { .. } | Effect::Close { .. } | Effect::Reply { .. } => true,
        Effect::Load { .. } | Effect::Commit { .. } | Effect::Committed { .. } | Effect::Arm { .. } | Effect::Disarm { .. } => {
            false
        }
    }
}

fn is_success(effect: &Effect) -> bool {
    match effect {
        Effect::Close { reason, .. } => reason != "login refused",
        Effect::Reply { reply, .. } => !matches!(reply, Reply::Refused(_)),
        Effect::Send { frame, .. } => !matches!(frame.frame, ServerFrame::LoginAnswer { refused: Some(_), .. }),
        Effect::Load { .. } | Effect::Commit { .. } | Effect::Committed { .. } | Effect::Arm { .. } | Effect::Disarm { .. } => {
            false
        }
    }
}

/// The record as it stands after somebody else's commit: one session more, on a platform of its own.
fn changed(record: &Record) -> Record {
    let mut changed = record.clone();
    let other = Node::with([7]).record("alice").sessions[0].clone();
    changed.sessions.push(Session { platform: Platform::IPhone, ..other });
    changed
}

/// One task as it runs: what is wrong with what it says, and which task and which cause it is.
struct Watched {
    name: &'static str,
    wrong: Vec<String>,
    tasks: BTreeSet<String>,
    spoke: bool,
}

impl Watched {
    /// Runs the input and all tasks that it begins, each against a registry that answers `Conflict` first.
    fn run(case: Case) -> (Watched, Says) {
        let Case { name, node, input, says } = case;
        let (mut record, mut machine) = (node.record("alice"), node.machine);
        let mut watched = Watched { name, wrong: Vec::new(), tasks: BTreeSet::new(), spoke: false };
        let mut effects = machine_takes(&mut machine, input);
        watched.silent("before anything is loaded", &effects);
        while let Some(Effect::Load { .. }) = effects.last() {
            effects = watched.one_task(&mut machine, &mut record);
        }
        (watched, says)
    }

    /// One task, from its load to what it says; the record is that which it stored.
    fn one_task(&mut self, machine: &mut Machine, record: &mut Record) -> Vec<Effect> {
        self.note(machine.busy.get("alice"));
        self.without_registry(machine.clone(), loaded(record.clone(), 5));
        let (mut late, newer) = (machine.clone(), changed(record));
        let first = machine_takes(machine, loaded(record.clone(), 5));
        let Some(Effect::Commit { record: stored, .. }) = first.last() else { return self.hear(first) };
        self.unknown(machine.clone(), (record.clone(), stored.clone()));
        *record = stored.clone();
        self.silent("before its record is stored", &first);
        self.conflict(machine.clone(), newer.clone(), machine_takes(&mut late, loaded(newer, 9)));
        let said = machine_takes(machine, ended(Commit::Done(Version(6))));
        self.hear(said)
    }

    fn hear(&mut self, said: Vec<Effect>) -> Vec<Effect> {
        self.spoke |= said.iter().any(is_said);
        said
    }

    /// On a conflict it loads and says nothing, and what it decides then is what it would have decided on the newer record.
    fn conflict(&mut self, mut machine: Machine, newer: Record, anew: Vec<Effect>) {
        let again = machine_takes(&mut machine, ended(Commit::Conflict));
        if !matches!(&again[..], [Effect::Load { .. }]) {
            self.wrong.push(format!("{}: on a conflict: {again:?}", self.name));
        }
        let decided = machine_takes(&mut machine, loaded(newer, 9));
        if decided != anew {
            self.wrong.push(format!("{}: after a conflict: {decided:?} instead of {anew:?}", self.name));
        }
    }

    /// Of a commit whose answer does not come nothing is said; once it is looked up, what would have been said, or nothing of success.
    fn unknown(&mut self, mut machine: Machine, (before, stored): (Record, Record)) {
        let expected = machine_takes(&mut machine.clone(), ended(Commit::Done(Version(6))));
        let asks = machine_takes(&mut machine, ended(Commit::Unknown));
        if !matches!(&asks[..], [Effect::Load { .. }]) {
            self.wrong.push(format!("{}: without an answer: {asks:?}", self.name));
        }
        self.no_success(&machine_takes(&mut machine.clone(), loaded(before, 5)));
        let said = machine_takes(&mut machine, loaded(stored, 6));
        if said != expected {
            self.wrong.push(format!("{}: looked up: {said:?} instead of {expected:?}", self.name));
        }
    }

    /// Out of reach before the load, and before the commit.
    fn without_registry(&mut self, mut machine: Machine, loaded: Input) {
        let mut loading = machine.clone();
        self.no_success(&machine_takes(&mut loading, out_of_reach()));
        machine_takes(&mut machine, loaded);
        if machine.is_busy("alice") {
            self.no_success(&machine_takes(&mut machine, out_of_reach()));
        }
    }

    fn silent(&mut self, when: &str, effects: &[Effect]) {
        let said = effects.iter().filter(|effect| is_said(effect));
        self.wrong.extend(said.map(|effect| format!("{}: said {when}: {effect:?}", self.name)));
    }

    fn no_success(&mut self, effects: &[Effect]) {
        let said = effects.iter().filter(|effect| is_success(effect));
        self.wrong.extend(said.map(|effect| format!("{}: said out of reach: {effect:?}", self.name)));
    }

    fn note(&mut self, busy: Option<&Busy>) {
        match busy.and_then(|busy| busy.under_way.as_deref()) {
            Some(Pending::Loading(job)) => {
                self.tasks.insert(first_word(&job.task));
                if let Task::Drop(_, cause) = &job.task {
                    self.tasks.insert(first_word(cause));
                }
            }
            Some(Pending::Storing(_) | Pending::Unknown(_)) | None => self.wrong.push(format!("{}: nothing loads", self.name)),
        }
    }
}

fn machine_takes(machine: &mut Machine, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    machine.handle(NOW, input, &mut effects);
    effects
}

fn first_word(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// The variants of an enum as its source declares them.
fn declared(heading: &str) -> BTreeSet<String> {
    let source = include_str!("../job.rs");
    let body = source.split_once(heading).expect("it is declared there").1.split_once("\n}").expect("it ends").0;
    let variants = body.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with(char::is_uppercase));
    variants.map(|line| line.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()).collect()
}

/// All that is wrong with what is said.
fn wrong() -> Vec<String> {
    let watched = cases().into_iter().map(|case| Watched::run(case).0);
    watched.flat_map(|watched| watched.wrong).collect()
}

#[test]
fn no_task_says_anything_before_its_record_is_stored_nor_after_a_conflict() {
    assert_eq!(wrong(), Vec::<String>::new());
}

#[test]
fn every_task_and_every_cause_has_a_case() {
    let seen: BTreeSet<_> = cases().into_iter().flat_map(|case| Watched::run(case).0.tasks).collect();
    let all: BTreeSet<_> = declared("enum Task {").union(&declared("enum Cause {")).cloned().collect();
    assert!(all.len() > 10, "{all:?}");
    assert_eq!(seen, all);
}

#[test]
fn what_is_to_be_said_is_said_in_the_end() {
    for case in cases() {
        let (watched, says) = Watched::run(case);
        assert_eq!(watched.spoke, says == Says::Something, "{}", watched.name);
    }
}

#[cfg(debug_assertions)]
mod planted {
    use crate::planted::{Unreplayed, plant_unreplayed};

    fn wrong_with(bug: Unreplayed) -> String {
        plant_unreplayed(Some(bug));
        let wrong = super::wrong();
        plant_unreplayed(None);
        wrong.join("\n")
    }

    #[test]
    fn a_logout_that_is_answered_before_its_record_is_stored_is_seen() {
        let wrong = wrong_with(Unreplayed::Logout4AnswersFirst);
        assert!(wrong.starts_with("a logout: said before its record is stored: Send"), "{wrong}");
    }

    #[test]
    fn a_message_that_is_delivered_before_its_record_is_stored_is_seen() {
        let wrong = wrong_with(Unreplayed::Msg1DeliversFirst);
        assert!(wrong.starts_with("a message: said before its record is stored: Send"), "{wrong}");
    }

    #[test]
    fn a_commit_without_an_answer_that_is_taken_for_undone_is_seen() {
        let wrong = wrong_with(Unreplayed::Node4UnknownIsUndone);
        assert!(wrong.contains("a login that kicks: looked up: [Send"), "{wrong}");
        assert!(wrong.contains("a message: looked up: []"), "{wrong}");
    }

    #[test]
    fn a_conflict_that_is_taken_for_done_is_seen() {
        let wrong = wrong_with(Unreplayed::Node1ConflictIsDone);
        assert!(wrong.contains("a login that kicks: on a conflict: [Send"), "{wrong}");
    }
}
