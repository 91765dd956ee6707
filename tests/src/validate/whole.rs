//! What is told of where a journal ends too early: an instance of which the node knows more than its own journal, a node from which an
//! instance has heard more, and a turn that is cut off. Nothing of it breaks a rule; it finds no other line.

use serde::Serialize;
use sut::journal::{ClientEvent, ServerEvent};

use super::finding::{Law, Place, show};
use super::history::{ClientTurn, InstanceLog, ServerTurn, Turn};
use super::run::{Run, Stop};

impl InstanceLog {
    /// Its last line, and how many there are.
    fn end(&self) -> Option<(Place, usize)> {
        let last = self.turns.last()?;
        let lines = self.turns.iter().map(|turn| 1 + turn.deeds.len()).sum();
        Some((last.end(), lines))
    }

    /// Whether it could have done more on that link than its journal tells: it is not over, and asked for no later link.
    fn breaks_off(&self, epoch: u64) -> bool {
        let Some(last) = self.turns.last() else { return false };
        let is_over = last.deeds.iter().any(|(_, deed)| matches!(deed.event, ClientEvent::Ended));
        !is_over && last.line.epoch <= epoch
    }
}

impl Run<'_> {
    /// Where all that an instance tells is explained, and the node takes more of it on that link.
    pub(super) fn instance_tells_all(&self, instance: usize, epoch: u64, turn: &ServerTurn) -> Result<(), Stop> {
        let (log, book) = (&self.history.instances[instance], &self.clients[instance]);
        let taken = book.slot(epoch).and_then(|slot| book.link(slot)).map_or(0, |link| link.taken_up);
        let is_told = log.links.get(&epoch).is_some_and(|link| taken < link.up.len());
        match !is_told && book.next == log.turns.len() && log.breaks_off(epoch) {
            true => Err(self.instance_breaks_off(instance, show(&turn.line))),
            false => Ok(()),
        }
    }

    /// The same for a close, whose code nobody else can have said.
    pub(super) fn instance_tells_its_close(&self, instance: usize, epoch: u64, turn: &ServerTurn) -> Result<(), Stop> {
        let log = &self.history.instances[instance];
        let is_told = log.links.get(&epoch).is_some_and(|link| link.closed.is_some());
        let says = matches!(turn.line.event, ServerEvent::Lost { close: Some(_) });
        match says && !is_told && log.breaks_off(epoch) {
            true => Err(self.instance_breaks_off(instance, show(&turn.line))),
            false => Ok(()),
        }
    }

    /// Where the node wrote nothing more on a link whose end it does not tell, and the instance heard more.
    pub(super) fn node_tells_all(&self, instance: usize, epoch: u64, turn: &ClientTurn) -> Result<(), Stop> {
        match self.history.instances[instance].links.get(&epoch).is_none_or(|link| link.is_over) {
            true => Ok(()),
            false => Err(self.node_breaks_off(show(&turn.line))),
        }
    }

    /// A turn that lacks something at its end is cut off where its file is: all lines of a turn are written at once. Whose journal
    /// breaks off there says `breaks_off`.
    pub(super) fn is_whole<L: Serialize>(
        &self,
        turn: &Turn<L>,
        missing: String,
        breaks_off: impl FnOnce(&Self, String) -> Stop,
    ) -> Result<(), Stop> {
        let end = turn.end();
        match turn.next.is_none() && self.history.file_ends[end.file] == end.line {
            true => Err(breaks_off(self, missing)),
            false => Ok(()),
        }
    }

    /// What waits for the node when it has told all waits for more of its journal, if the node ever heard of the link.
    pub(super) fn waits_for_the_node(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Waits(finding) if finding.law == Law::Room && self.history.node_end.is_some() => {
                self.node_breaks_off(finding.seen)
            }
            stop @ (Stop::Waits(_) | Stop::Found(_)) => stop,
        }
    }

    pub(super) fn instance_breaks_off(&self, instance: usize, missing: String) -> Stop {
        let log = &self.history.instances[instance];
        let (place, lines) = log.end().unwrap_or_default();
        let name = log.name.map(|name| name.to_string()).unwrap_or_default();
        broken_off(place, format!("the journal of instance {name} ends at its line {lines}"), &missing)
    }

    pub(super) fn node_breaks_off(&self, missing: String) -> Stop {
        let (place, lines) = self.history.node_end.unwrap_or_default();
        broken_off(place, format!("the journal of the server ends at its line {lines}"), &missing)
    }
}

fn broken_off(place: Place, seen: String, missing: &str) -> Stop {
    Stop::at(place, seen, format!("the lines that belong to {missing}"), Law::Whole)
}
