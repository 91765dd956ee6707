//! The commits of each account in the order of their versions, whichever node made them, and who is online after each.

use std::collections::{BTreeMap, HashMap};

use sut::admission::Change;
use sut::config::Terms;
use sut::journal::{ServerEvent, ServerLine};
use sut::protocol::ClientFrameKind;
use sut::session::{KickReason, SessionDigest};

use super::Lines;
use super::roster::Roster;
use crate::validate::finding::{Finding, Law, Place, show};
use crate::validate::read::Journal;

/// A commit, as a node tells it or asked for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Commit<'a> {
    pub(super) place: Place,
    line: &'a ServerLine,
    pub(super) change: &'a Change,
    /// What it was decided by.
    pub(super) terms: Terms,
    /// The session whose message it accepts.
    pub(super) sender: Option<SessionDigest>,
    /// Whether its node knows that it stands.
    is_told: bool,
}

/// Of each version of an account, who may have made it.
pub(super) type Commits<'a> = BTreeMap<u64, Vec<Commit<'a>>>;

/// All commits by account.
pub(super) fn commits(journal: &Journal) -> BTreeMap<String, Commits<'_>> {
    let mut accounts = BTreeMap::<String, Commits<'_>>::new();
    for (_, lines) in &journal.nodes {
        for commit in of_a_node(lines) {
            let (account, version) = (commit.line.account.clone().unwrap_or_default(), commit.line.commit.unwrap_or(0));
            accounts.entry(account).or_default().entry(version).or_default().push(commit);
        }
    }
    accounts.values_mut().flat_map(BTreeMap::values_mut).for_each(|made| made.sort_by_key(|commit| !commit.is_told));
    accounts
}

/// The commits that a node tells, and those of which it did not live to hear: what it asked for and then said nothing more of.
fn of_a_node(lines: &Lines) -> Vec<Commit<'_>> {
    let (mut commits, mut asked, mut senders) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut in_force = Terms::default();
    for (place, line) in lines {
        let (place, account) = (*place, line.account.as_deref().unwrap_or_default());
        let commit = |change, sender, is_told| Commit { place, line, change, terms: in_force, sender, is_told };
        match &line.event {
            ServerEvent::Start { terms } | ServerEvent::Terms { terms } => in_force = *terms,
            ServerEvent::Took { frame, session, .. } => {
                senders.insert(account, Some(*session).filter(|_| *frame == ClientFrameKind::Send));
            }
            ServerEvent::Tries(change) => drop(asked.insert(account, commit(change, None, false))),
            ServerEvent::Commit(change) => {
                asked.remove(account);
                commits.push(commit(change, senders.remove(account).flatten(), true));
            }
            _ => {}
        }
    }
    commits.extend(asked.into_values());
    commits
}

/// The commits of an account, explained.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// Who is online after each.
    rosters: BTreeMap<u64, Roster>,
    /// Which commit kicked a session, and why.
    kicks: HashMap<SessionDigest, (u64, KickReason)>,
}

impl Chain {
    /// Explains them; of several that may have made a version, the first with which all that follows is explained.
    pub(super) fn of(commits: &Commits<'_>) -> Result<Chain, Box<Finding>> {
        if let Some(twice) = commits.values().find_map(|made| made.iter().filter(|commit| commit.is_told).nth(1)) {
            let allowed = format!("a commit after {}, which another line tells", twice.line.commit.unwrap_or(0));
            return Err(Finding::new(twice.place, show(twice.line), allowed, Law::Commits));
        }
        let last = commits.iter().filter(|(_, made)| made.iter().any(|commit| commit.is_told)).map(|(version, _)| *version).max();
        let (mut ways, mut first) = (vec![(1, Roster::default(), 0)], None);
        let mut chain = Chain::default();
        while let Some((version, before, from)) = ways.pop() {
            if version > last.unwrap_or(0) {
                return Ok(chain);
            }
            let made = commits.get(&version).map_or(&[][..], Vec::as_slice);
            let Some(commit) = made.get(from) else {
                first.get_or_insert_with(|| missing(commits, version));
                continue;
            };
            if !commit.is_told {
                ways.push((version, before.clone(), from + 1));
            }
            match before.after(commit) {
                Ok(after) => {
                    chain.keep(version, &after, commit);
                    ways.push((version + 1, after, 0));
                }
                Err(why) => {
                    first.get_or_insert_with(|| Finding::new(commit.place, show(commit.line), why.allowed, why.law));
                }
            }
        }
        first.map_or(Ok(chain), Err)
    }

    fn keep(&mut self, version: u64, after: &Roster, commit: &Commit<'_>) {
        self.rosters.insert(version, after.clone());
        self.kicks.retain(|_, (kicked_by, _)| *kicked_by < version);
        let kicked = commit.change.kicked.iter().map(|kicked| (kicked.session.digest, (version, kicked.reason)));
        self.kicks.extend(kicked);
    }

    /// Who was online after that commit.
    pub(super) fn roster(&self, version: u64) -> Option<&Roster> {
        self.rosters.get(&version)
    }

    /// The commit that kicked a session, and why.
    pub(super) fn kick(&self, session: SessionDigest) -> Option<(u64, KickReason)> {
        self.kicks.get(&session).copied()
    }
}

/// No journal has that version, and one has a later.
fn missing(commits: &Commits<'_>, version: u64) -> Box<Finding> {
    let later = commits.range(version + 1..).flat_map(|(_, made)| made).find(|commit| commit.is_told);
    let (place, seen) = later.map(|commit| (commit.place, show(commit.line))).unwrap_or_default();
    Finding::new(place, seen, format!("commit {version} before it, which no node tells or asked for"), Law::Commits)
}
