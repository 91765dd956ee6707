//! Journals as histories: the lines of the accounts that share instances, each line that happened together with what was done because of
//! it. It judges nothing.

use std::collections::{BTreeMap, HashMap};

use model::rule::Rule;
use serde::Serialize;
use sut::journal::{ClientEvent, ClientLine, ServerEvent, ServerLine, Shown};
use sut::protocol::{ClientFrameKind, ServerFrame};
use sut::session::{KeyDigest, SessionDigest};

use super::finding::{Finding, Law, Place, show};
use super::read::Journal;
use super::run::Stop;

/// Something that happened to an instance or to the node, and what it did because of it.
#[derive(Clone, Debug)]
pub(super) struct Turn<L> {
    pub(super) place: Place,
    pub(super) line: L,
    pub(super) deeds: Vec<(Place, L)>,
    /// Where the next turn of the sequence stands, whomever it concerns.
    pub(super) next: Option<Place>,
}

pub(super) type ClientTurn = Turn<ClientLine>;
pub(super) type ServerTurn = Turn<ServerLine>;

impl<L: Serialize> Turn<L> {
    /// What happened, where a run would have something else.
    pub(super) fn stops(&self, allowed: impl Into<String>, law: impl Into<Law>) -> Stop {
        Stop::at(self.place, show(&self.line), allowed, law)
    }

    /// Whether nothing was done because of it, as because of a start.
    pub(super) fn nothing_is_done(&self, law: Rule) -> Result<(), Stop> {
        let Some((place, deed)) = self.deeds.first() else { return Ok(()) };
        Err(Stop::at(*place, show(deed), "something that happens before what is done because of it", law))
    }

    /// What happened, where something else comes first.
    pub(super) fn waits(&self, what: &'static str, law: Law) -> Stop {
        Stop::Waits(Finding::new(self.place, show(&self.line), what, law))
    }

    /// The first line, and all of what was done because of it.
    fn lines(&self) -> impl Iterator<Item = &L> {
        [&self.line].into_iter().chain(self.deeds.iter().map(|(_, line)| line))
    }

    pub(super) fn end(&self) -> Place {
        self.deeds.last().map_or(self.place, |(place, _)| *place)
    }
}

/// A sequence, turn by turn.
fn turns<L>(lines: Vec<(Place, L)>, is_deed: fn(&L) -> bool) -> Vec<Turn<L>> {
    let mut turns: Vec<Turn<L>> = Vec::new();
    for (place, line) in lines {
        match turns.last_mut() {
            Some(turn) if is_deed(&line) => turn.deeds.push((place, line)),
            before => {
                if let Some(before) = before {
                    before.next = Some(place);
                }
                turns.push(Turn { place, line, deeds: Vec::new(), next: None });
            }
        }
    }
    turns
}

/// What is written to one link, all in all.
#[derive(Clone, Debug, Default)]
pub(super) struct LinkLog {
    /// By the instance.
    pub(super) up: Vec<(ClientFrameKind, SessionDigest, Option<String>)>,
    /// By the node.
    pub(super) down: Vec<(ServerFrame, SessionDigest)>,
    /// How many frames the node took.
    pub(super) taken_up: usize,
    /// How many frames the instance took.
    pub(super) taken_down: usize,
    /// What the login or resume on it shows.
    pub(super) shown: Option<Shown>,
    /// With which code the instance closed it; 1001 if its page closed, which is the browser's close.
    pub(super) closed: Option<u16>,
    /// Whether the instance lost it.
    pub(super) slipped: bool,
    /// How the node lost it: with the code of the client's close, if it came.
    pub(super) lost: Option<Option<u16>>,
    /// Whether the node ever heard anything on it.
    pub(super) heard: bool,
    /// Whether the node tells of its end.
    pub(super) is_over: bool,
}

/// One instance.
#[derive(Clone, Debug, Default)]
pub(super) struct InstanceLog {
    pub(super) name: Option<KeyDigest>,
    pub(super) turns: Vec<ClientTurn>,
    pub(super) links: BTreeMap<u64, LinkLog>,
    /// Whether its newest link is up.
    is_up: bool,
}

/// What is decided as one.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) accounts: Vec<String>,
    pub(super) instances: Vec<InstanceLog>,
    /// What the logouts that are owed show, by their sessions.
    pub(super) owed: HashMap<SessionDigest, Shown>,
    /// Which of them has that name.
    pub(super) named: HashMap<KeyDigest, usize>,
    pub(super) node: Vec<ServerTurn>,
    /// The node's last line, whomever it concerns, and its number in the node's sequence.
    pub(super) node_end: Option<(Place, u64)>,
    /// The number of the last line of each file.
    pub(super) file_ends: Vec<usize>,
}

/// Who is decided with whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Member {
    Instance(KeyDigest),
    Account(String),
}

/// Who belongs together, each group by its number.
#[derive(Default)]
struct Groups {
    numbers: HashMap<Member, usize>,
    members: Vec<Vec<Member>>,
}

impl Groups {
    fn of(&mut self, member: &Member) -> usize {
        if let Some(group) = self.numbers.get(member) {
            return *group;
        }
        self.numbers.insert(member.clone(), self.members.len());
        self.members.push(vec![member.clone()]);
        self.members.len() - 1
    }

    fn join(&mut self, one: &Member, other: &Member) {
        let mut groups = [self.of(one), self.of(other)];
        groups.sort_by_key(|group| self.members[*group].len());
        let [goes, stays] = groups;
        if stays != goes {
            for member in std::mem::take(&mut self.members[goes]) {
                self.numbers.insert(member.clone(), stays);
                self.members[stays].push(member);
            }
        }
    }
}

/// The accounts that share instances belong together, with those.
fn groups(journal: &Journal) -> Groups {
    let mut groups = Groups::default();
    for (name, lines) in &journal.instances {
        let instance = Member::Instance(*name);
        groups.of(&instance);
        for account in lines.iter().filter_map(|(_, line)| account(&line.event)) {
            groups.join(&instance, &Member::Account(account.to_owned()));
        }
    }
    for (_, line) in &journal.node {
        let Some(account) = line.account.clone().map(Member::Account) else { continue };
        let instance = line.instance.map(Member::Instance).filter(|instance| groups.numbers.contains_key(instance));
        groups.join(instance.as_ref().unwrap_or(&account), &account);
    }
    groups
}

/// The histories that can be decided apart.
pub(super) fn split(journal: Journal) -> Vec<History> {
    let mut groups = groups(&journal);
    let node_end = journal.node.last().map(|(place, line)| (*place, line.seq));
    let history = |members: &Vec<Member>| {
        let account = |member: &Member| if let Member::Account(name) = member { Some(name.clone()) } else { None };
        let (accounts, file_ends) = (members.iter().filter_map(account).collect(), journal.ends.clone());
        History { accounts, node_end, file_ends, ..History::default() }
    };
    let mut histories: Vec<_> = groups.members.iter().map(history).collect();
    for (name, lines) in journal.instances {
        histories[groups.of(&Member::Instance(name))].add_instance(name, lines);
    }
    for turn in turns(journal.node, |line| line.event.is_deed()) {
        match turn.line.account.clone().map(Member::Account) {
            Some(account) => histories[groups.of(&account)].node.push(turn),
            None => histories.iter_mut().for_each(|history| history.node.push(turn.clone())),
        }
    }
    histories.retain(|history| !(history.accounts.is_empty() && history.instances.is_empty()));
    histories.iter_mut().for_each(History::note_links);
    histories
}

impl History {
    fn add_instance(&mut self, name: KeyDigest, lines: Vec<(Place, ClientLine)>) {
        let mut log = InstanceLog { name: Some(name), ..InstanceLog::default() };
        lines.iter().for_each(|(_, line)| log.note(&line.event, line.epoch));
        log.turns = turns(lines, |line| line.event.is_deed());
        self.named.insert(name, self.instances.len());
        self.instances.push(log);
    }

    /// What the node did on each link.
    fn note_links(&mut self) {
        for turn in &self.node {
            for line in turn.lines() {
                let known = line.instance.and_then(|instance| self.named.get(&instance));
                let (Some(instance), Some(epoch)) = (known, line.epoch) else { continue };
                let link = self.instances[*instance].links.entry(epoch).or_default();
                link.heard = true;
                link.note(&line.event);
                if let ServerEvent::Took { frame: ClientFrameKind::Logout, session, shown: Some(shown) } = line.event {
                    self.owed.insert(session, shown);
                }
            }
        }
    }
}

impl LinkLog {
    /// What the node does on it.
    fn note(&mut self, event: &ServerEvent) {
        if let ServerEvent::Took { frame, shown, .. } = event {
            self.taken_up += 1;
            if matches!(frame, ClientFrameKind::Login | ClientFrameKind::Resume) {
                self.shown = *shown;
            }
        } else if let ServerEvent::Lost { close } = event {
            (self.lost, self.is_over) = (Some(*close), true);
        } else if let ServerEvent::Closed { .. } = event {
            self.is_over = true;
        } else if let ServerEvent::Wrote { frame, session } = event {
            self.down.push((frame.clone(), *session));
        }
    }
}

impl InstanceLog {
    fn note(&mut self, event: &ClientEvent, epoch: u64) {
        let link = self.links.entry(epoch).or_default();
        if let ClientEvent::Wrote { frame, session, account } = event {
            link.up.push((*frame, *session, account.clone()));
        } else if let ClientEvent::Took { .. } = event {
            link.taken_down += 1;
        } else if let ClientEvent::Closed { code } = event {
            link.closed = Some(*code);
        } else if let ClientEvent::Lost { .. } = event {
            link.slipped = true;
        }
        if self.is_up && matches!(event, ClientEvent::PageClosed) {
            link.closed = Some(PAGE_WENT);
        }
        match event {
            ClientEvent::Up => self.is_up = true,
            ClientEvent::Lost { .. } | ClientEvent::Closed { .. } => self.is_up = false,
            _ => {}
        }
    }

    /// What the login shows that is called when the newest link has that number: what the server saw on the link that it asked for, or, if
    /// that saw nothing of it, with the logout that is owed for it.
    pub(super) fn shown_by_a_login(&self, epoch: u64, owed: &HashMap<SessionDigest, Shown>) -> Option<Shown> {
        let (_, link) = self.links.range(epoch.checked_add(1)?..).next()?;
        let sent = || link.up.iter().find(|(frame, ..)| *frame == ClientFrameKind::Login).map(|(_, session, _)| *session);
        link.shown.or_else(|| owed.get(&sent()?).copied())
    }
}

impl LinkLog {
    /// With which code the instance's side closed it. A browser closes the link of a page that it had frozen, and the instance sees it lost.
    pub(super) fn parting(&self) -> Option<u16> {
        let woke = self.slipped && self.lost == Some(Some(PAGE_WENT));
        self.closed.or(woke.then_some(PAGE_WENT))
    }

    /// Whether a loss that the instance sees is its page's waking.
    pub(super) fn wakes(&self) -> bool {
        self.closed.is_none() && self.parting().is_some()
    }
}

/// The code with which a browser closes the link of a page that goes (LINK-6).
pub(super) const PAGE_WENT: u16 = 1001;

fn account(event: &ClientEvent) -> Option<&str> {
    if let ClientEvent::Call { account, .. } | ClientEvent::Wrote { account, .. } = event { account.as_deref() } else { None }
}
