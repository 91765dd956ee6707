//! The commits of each account in the order of their versions, whichever node made them, and who is online after each. Under another primary
//! of the registry a branch begins, behind what that has of the one before it: what is not in it is lost (NODE-5).

use std::collections::{BTreeMap, HashMap};

use sut::admission::{Change, Occasion};
use sut::config::Terms;
use sut::journal::{ServerEvent, ServerLine};
use sut::protocol::ClientFrameKind;
use sut::session::{KickReason, SessionDigest, Version};

use super::Lines;
use super::primaries::{Primaries, Reign};
use super::roster::Roster;
use crate::validate::finding::{Finding, Law, Place, show};
use crate::validate::read::Journal;

/// A commit, as a node tells it or asked for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Commit<'a> {
    pub(super) place: Place,
    pub(super) line: &'a ServerLine,
    pub(super) change: &'a Change,
    /// What it was decided by.
    pub(super) terms: Terms,
    /// The session whose message it accepts.
    pub(super) sender: Option<SessionDigest>,
    /// Whether it may let somebody in again who takes places: behind a primary that was left.
    pub(super) reconciles: bool,
    /// Whether its node knows that it stands.
    is_told: bool,
}

impl Commit<'_> {
    /// Whether it stands: its node tells it, and has not taken another's for it. A node that looks up whether its own stands, whose answer did
    /// not come, finds out by what it did; what has only ended something may as well have been ended by another's in its place.
    fn is_sure(&self) -> bool {
        self.is_told
            && (self.change.admitted.is_some() || self.change.resumed.is_some() || self.change.occasion == Occasion::Message)
    }
}

/// Of each number, who may have made that commit.
type Numbered<'a> = BTreeMap<u64, Vec<Commit<'a>>>;

/// The commits of an account, by the primary that they were made on.
pub(super) type Commits<'a> = BTreeMap<Reign, Numbered<'a>>;

/// All commits by account.
pub(super) fn commits<'a>(journal: &'a Journal, primaries: &Primaries) -> BTreeMap<String, Commits<'a>> {
    let mut accounts = BTreeMap::<String, Commits<'_>>::new();
    for (_, lines) in &journal.nodes {
        for mut commit in of_a_node(lines) {
            let (reign, number) = primaries.found(commit.line);
            commit.reconciles = reign > Reign::default();
            let account = accounts.entry(commit.line.account.clone().unwrap_or_default()).or_default();
            account.entry(reign).or_default().entry(number).or_default().push(commit);
        }
    }
    let made = accounts.values_mut().flat_map(BTreeMap::values_mut).flat_map(BTreeMap::values_mut);
    made.for_each(|made| made.sort_by_key(|commit| (!commit.is_sure(), !commit.is_told)));
    accounts
}

/// The commits that a node tells, and those of which it did not live to hear: what it asked for and then said nothing more of.
fn of_a_node(lines: &Lines) -> Vec<Commit<'_>> {
    let (mut commits, mut asked, mut senders) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut in_force = Terms::default();
    for (place, line) in lines {
        let (place, account) = (*place, line.account.as_deref().unwrap_or_default());
        let commit = |change, sender, is_told| Commit { place, line, change, terms: in_force, sender, reconciles: false, is_told };
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

/// What was committed on one primary.
#[derive(Debug)]
struct Branch {
    reign: Reign,
    /// The number of its first commit.
    first: u64,
    /// Who is online after each.
    rosters: BTreeMap<u64, Roster>,
}

/// The commits of an account, explained.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The oldest primary's first.
    branches: Vec<Branch>,
    /// Which commits kicked a session, and why.
    kicks: HashMap<SessionDigest, Vec<(Reign, u64, KickReason)>>,
    /// How many commits that nodes tell are lost.
    pub(super) lost: usize,
}

impl Chain {
    /// Explains them, branch by branch.
    pub(super) fn of(commits: &Commits<'_>) -> Result<Chain, Box<Finding>> {
        let mut chain = Chain::default();
        let told = |made: &Vec<Commit<'_>>| made.iter().any(|commit| commit.is_told);
        let spans: Vec<_> = commits
            .iter()
            .filter_map(|(reign, numbered)| {
                let mut told = numbered.iter().filter(|(_, made)| told(made)).map(|(number, _)| *number);
                let first = told.next()?;
                Some((*reign, first, told.next_back().unwrap_or(first)))
            })
            .collect();
        for (at, (reign, first, last)) in spans.iter().copied().enumerate() {
            let next = spans.get(at + 1).map(|(_, first, _)| *first);
            let (first, before) = match chain.branches.is_empty() {
                true => (1, Some(Roster::default())),
                false => (first, chain.roster((reign, first - 1)).cloned()),
            };
            let Some(before) = before else { return Err(missing(&commits[&reign], first - 1)) };
            let last = last.max(next.map_or(0, |next| next.saturating_sub(1)));
            chain.explain((reign, first, last), before, &commits[&reign])?;
            let is_lost = |number: &u64| next.is_some_and(|next| *number >= next);
            chain.lost += commits[&reign].iter().filter(|(number, made)| is_lost(number) && told(made)).count();
        }
        Ok(chain)
    }

    /// Explains what was committed on a primary; of several that may have made a version, the first with which all that follows is explained. Behind
    /// the last that is sure nothing need be.
    fn explain(
        &mut self,
        (reign, start, last): (Reign, u64, u64),
        before: Roster,
        numbered: &Numbered<'_>,
    ) -> Result<(), Box<Finding>> {
        if let Some(twice) = numbered.values().find_map(|made| made.iter().filter(|commit| commit.is_sure()).nth(1)) {
            let allowed = "the only commit with its number; another line tells that one, too";
            return Err(Finding::new(twice.place, show(twice.line), allowed, Law::Commits));
        }
        self.branches.push(Branch { reign, first: start, rosters: BTreeMap::new() });
        let sure = numbered.iter().filter(|(_, made)| made.iter().any(Commit::is_sure)).map(|(number, _)| *number).next_back();
        let (mut ways, mut first, mut is_over) = (vec![(start, before, 0)], None, false);
        while let Some((number, before, from)) = ways.pop() {
            if number > last {
                return Ok(());
            }
            is_over |= sure.is_none_or(|sure| number > sure);
            let made = numbered.get(&number).map_or(&[][..], Vec::as_slice);
            let Some(commit) = made.get(from) else {
                first.get_or_insert_with(|| missing(numbered, number));
                continue;
            };
            if !commit.is_sure() {
                ways.push((number, before.clone(), from + 1));
            }
            match before.after(commit) {
                Ok(after) => {
                    self.keep((reign, number), &after, commit);
                    ways.push((number + 1, after, 0));
                }
                Err(why) => {
                    first.get_or_insert_with(|| Finding::new(commit.place, show(commit.line), why.allowed, why.law));
                }
            }
        }
        first.filter(|_| !is_over).map_or(Ok(()), Err)
    }

    fn keep(&mut self, (reign, number): (Reign, u64), after: &Roster, commit: &Commit<'_>) {
        if let Some(branch) = self.branches.last_mut() {
            branch.rosters.insert(number, after.clone());
        }
        self.kicks.values_mut().for_each(|kicks| kicks.retain(|(of, by, _)| (*of, *by) < (reign, number)));
        for kicked in &commit.change.kicked {
            self.kicks.entry(kicked.session.digest).or_default().push((reign, number, kicked.reason));
        }
    }

    /// Who was online after that commit, as it is found under that primary.
    pub(super) fn roster(&self, (reign, number): (Reign, u64)) -> Option<&Roster> {
        let mut under = self.branches.iter().rev().filter(|branch| branch.reign <= reign);
        under.find(|branch| branch.first <= number)?.rosters.get(&number)
    }

    /// Why a session was kicked, by a commit that is known to whoever has seen that one.
    pub(super) fn kick(&self, session: SessionDigest, (reign, number): (Reign, u64)) -> Option<KickReason> {
        let survives = |of: Reign, by: u64| {
            let mut later = self.branches.iter().filter(|branch| of < branch.reign && branch.reign <= reign);
            later.all(|branch| by < branch.first)
        };
        let mut kicks = self.kicks.get(&session)?.iter();
        kicks.find(|(of, by, _)| *of <= reign && *by <= number && survives(*of, *by)).map(|(.., reason)| *reason)
    }
}

/// No journal has that version, and one has a later.
fn missing(numbered: &Numbered<'_>, number: u64) -> Box<Finding> {
    let later = numbered.range(number + 1..).flat_map(|(_, made)| made).find(|commit| commit.is_told);
    let (place, seen) = later.map(|commit| (commit.place, show(commit.line))).unwrap_or_default();
    Finding::new(place, seen, format!("commit {number} before it, which no node tells or asked for"), Law::Commits)
}

/// The number of a commit, and how many primaries its node had left.
pub(super) fn numbered(line: &ServerLine) -> (u16, u64) {
    let version = Version(line.commit.unwrap_or(0));
    (version.reign().0, version.number())
}
