//! What one of several nodes writes, line by line in its own sequence: what answers a commit comes behind that, and what tells of a record
//! tells of the one that the node has seen.

use std::collections::{HashMap, HashSet};

use model::rule::Rule;
use sut::admission::Occasion;
use sut::journal::{ServerEvent, ServerLine};
use sut::protocol::{ResumeOutcome, ServerFrame};
use sut::session::{KeyDigest, SessionDigest};

use super::Lines;
use super::chain::Chain;
use super::primaries::Primaries;
use crate::validate::finding::{Finding, Law, Place, show};

/// What of a node's lines is not explained.
type Explained = Result<(), Box<Finding>>;

/// What a node still owes an answer for, by the commit's occasion.
#[derive(Default)]
struct Answers(HashMap<(Occasion, SessionDigest), usize>);

impl Answers {
    fn owe(&mut self, occasion: Occasion, session: SessionDigest) {
        *self.0.entry((occasion, session)).or_default() += 1;
    }

    /// Whether one was owed.
    fn give(&mut self, occasion: Occasion, session: SessionDigest) -> bool {
        let owed = self.0.entry((occasion, session)).or_default();
        let was_owed = *owed > 0;
        *owed = owed.saturating_sub(1);
        was_owed
    }
}

struct Node<'a> {
    chains: &'a HashMap<String, Chain>,
    primaries: &'a Primaries,
    answers: Answers,
    /// The links on which a notice was written.
    told: HashSet<(KeyDigest, u64)>,
}

/// Explains the lines of a process.
pub(super) fn explain(lines: &Lines, chains: &HashMap<String, Chain>, primaries: &Primaries) -> Explained {
    let mut node = Node { chains, primaries, answers: Answers::default(), told: HashSet::new() };
    let mut senders = HashMap::new();
    for (number, (place, line)) in lines.iter().enumerate() {
        if matches!(line.event, ServerEvent::Start { .. }) != (number == 0) {
            return Err(Finding::new(*place, show(line), "its one start as the process's first line", Law::Sequence));
        }
        match &line.event {
            ServerEvent::Took { session, .. } => drop(senders.insert(line.account.as_deref(), *session)),
            ServerEvent::Commit(change) => {
                let whose = change.admitted.as_ref().or(change.resumed.as_ref()).map(|session| session.digest);
                if let Some(session) = whose.or_else(|| senders.get(&line.account.as_deref()).copied()) {
                    node.answers.owe(change.occasion, session);
                }
            }
            ServerEvent::Wrote { frame, session } => node.wrote(*place, line, frame, *session)?,
            _ => {}
        }
    }
    Ok(())
}

impl Node<'_> {
    fn wrote(&mut self, place: Place, line: &ServerLine, frame: &ServerFrame, session: SessionDigest) -> Explained {
        let found = |allowed: &str, law: Rule| Err(Finding::new(place, show(line), allowed, law));
        if line.instance.zip(line.epoch).is_some_and(|link| self.told.contains(&link)) && *frame != ServerFrame::LogoutAnswer {
            return found("nothing on a link behind the notice", Rule::Kick6);
        }
        let Some(chain) = line.account.as_ref().and_then(|account| self.chains.get(account)) else { return Ok(()) };
        let seen = self.primaries.found(line);
        let kick = chain.kick(session, seen);
        match frame {
            ServerFrame::Notice { reason } => {
                self.told.extend(line.instance.zip(line.epoch));
                match kick == Some(*reason) {
                    true => Ok(()),
                    false => found("the notice of a kick that the node has seen, with its reason", Rule::Kick4),
                }
            }
            ServerFrame::LoginAnswer { refused: None, .. } => match self.answers.give(Occasion::Login, session) {
                true => Ok(()),
                false => found("that answer behind the commit that admits the session", Rule::Login7),
            },
            ServerFrame::ResumeAnswer { outcome } => match self.resumed(outcome, session) {
                true => Ok(()),
                false => found("that answer behind the commit that decides the resume", Rule::Link5),
            },
            ServerFrame::LoginAnswer { refused: Some(_), .. } | ServerFrame::LogoutAnswer => Ok(()),
            _ if kick.is_some() => found("the notice and nothing else, since the node has seen the kick", Rule::Kick6),
            ServerFrame::SendAnswer { refused: None, .. } => match self.answers.give(Occasion::Message, session) {
                true => Ok(()),
                false => found("that answer behind the commit that accepts the message", Rule::Msg3),
            },
            ServerFrame::SyncAnswer { online, .. } => match chain.roster(seen) {
                Some(roster) if !roster.has(session) => found("a sync of a session that is on record", Rule::Node2),
                Some(roster) if !roster.0.iter().map(|session| &session.platform).eq(online) => {
                    found("everybody who is online by the record that the node has seen", Rule::Link10)
                }
                _ => Ok(()),
            },
            ServerFrame::SendAnswer { refused: Some(_), .. }
            | ServerFrame::Message { .. }
            | ServerFrame::Pong
            | ServerFrame::Ping => Ok(()),
        }
    }

    /// Whether a commit decided so; that nothing goes on needs none.
    fn resumed(&mut self, outcome: &ResumeOutcome, session: SessionDigest) -> bool {
        match outcome {
            ResumeOutcome::Resumed { .. } => self.answers.give(Occasion::Resume, session),
            ResumeOutcome::Readmitted => self.answers.give(Occasion::Readmission, session),
            ResumeOutcome::Told { .. } | ResumeOutcome::Refused { .. } => true,
        }
    }
}
