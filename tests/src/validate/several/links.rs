//! What came over each link, whichever node has it: what was written there, in order, and nothing else.

use std::collections::HashMap;

use sut::journal::{ClientEvent, ServerEvent};
use sut::protocol::{ClientFrameKind, ServerFrame};
use sut::session::{KeyDigest, SessionDigest};

use crate::validate::finding::{Finding, Law, Place, show};
use crate::validate::read::Journal;

/// An instance and the number of its link.
type Name = (KeyDigest, u64);

/// What was written to each link.
#[derive(Default)]
pub(super) struct Links<'a> {
    up: HashMap<Name, Vec<(ClientFrameKind, SessionDigest)>>,
    down: HashMap<Name, Vec<(&'a ServerFrame, SessionDigest)>>,
    /// The node that has it.
    nodes: HashMap<Name, u64>,
}

impl<'a> Links<'a> {
    pub(super) fn of(journal: &'a Journal) -> Links<'a> {
        let mut links = Links::default();
        for (name, lines) in &journal.instances {
            for (_, line) in lines {
                if let ClientEvent::Wrote { frame, session, .. } = line.event {
                    links.up.entry((*name, line.epoch)).or_default().push((frame, session));
                }
            }
        }
        for (_, line) in journal.nodes.iter().flat_map(|(_, lines)| lines) {
            let Some(link) = line.instance.zip(line.epoch) else { continue };
            links.nodes.entry(link).or_insert(line.node);
            if let ServerEvent::Wrote { frame, session } = &line.event {
                links.down.entry(link).or_default().push((frame, *session));
            }
        }
        links
    }

    /// What was taken and never written, or by another node than the one that has the link: the first line of each side.
    pub(super) fn broken(&self, journal: &Journal) -> impl Iterator<Item = Box<Finding>> {
        let mut taken = HashMap::new();
        let by_nodes = journal.nodes.iter().flat_map(|(_, lines)| lines).find_map(|(place, line)| {
            let link = line.instance.zip(line.epoch)?;
            if self.nodes.get(&link) != Some(&line.node) {
                return Some(Finding::new(*place, show(line), "a link that no other node has", Law::Link));
            }
            let ServerEvent::Took { frame, session, .. } = line.event else { return None };
            let written = next(self.up.get(&link), taken.entry(link).or_default());
            is_it(written, &(frame, session), *place, show(line))
        });
        let mut heard = HashMap::new();
        let by_instances = journal.instances.iter().flat_map(|(_, lines)| lines).find_map(|(place, line)| {
            let ClientEvent::Took { frame, session } = &line.event else { return None };
            let link = (line.instance, line.epoch);
            let written = next(self.down.get(&link), heard.entry(link).or_default());
            is_it(written, &(frame, *session), *place, show(line))
        });
        by_nodes.into_iter().chain(by_instances)
    }
}

/// What was written next.
fn next<'a, T>(written: Option<&'a Vec<T>>, taken: &mut usize) -> Option<&'a T> {
    let next = written.and_then(|written| written.get(*taken));
    *taken += 1;
    next
}

fn is_it<T: PartialEq>(written: Option<&T>, taken: &T, place: Place, seen: String) -> Option<Box<Finding>> {
    let finding = || Finding::new(place, seen, "the next frame that the other end wrote on that link", Law::Link);
    (written != Some(taken)).then(finding)
}
