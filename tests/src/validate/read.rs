//! Reading journals: every line, or one clear sentence about the first that is none. It judges no line.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::rule::Rule;
use sut::client::machine::CallKind;
use sut::code::{Code, Refusal};
use sut::journal::{ALONE, ClientEvent, ClientLine, Line, ServerEvent, ServerLine};
use sut::protocol::{ClientFrameKind, ServerFrame};
use sut::session::KeyDigest;

use super::finding::{Finding, Law, Place};

/// Why journals are not judged.
#[derive(Debug, thiserror::Error)]
pub enum CannotRead {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is named twice.
    #[error("{} is named twice; each journal once is right", .0.display())]
    Twice(PathBuf),
    /// There is no line.
    #[error("no line stands in any of the files; journals of a server and its clients begin with one each")]
    Nothing,
    /// A journal breaks off.
    #[error(
        "{file}, line {line}: the journal breaks off in the middle of this line; give the whole journal, or take the line out to see \
         how far the rest is explained"
    )]
    BreaksOff {
        /// In which file.
        file: String,
        /// Which line is its last.
        line: usize,
    },
    /// A line is none of a journal.
    #[error("{file}, line {line}: {why}")]
    Line {
        /// In which file.
        file: String,
        /// Which.
        line: usize,
        /// What is wrong, and what would be right.
        why: String,
    },
}

/// All lines, by whose sequence they belong to.
pub(super) struct Journal {
    /// How many lines there are.
    pub(super) lines: usize,
    /// The number of the last line of each file.
    pub(super) ends: Vec<usize>,
    /// The lines of each instance, in the order of their first ones.
    pub(super) instances: Vec<(KeyDigest, Vec<(Place, ClientLine)>)>,
    /// The lines of the node, if it is alone.
    pub(super) node: Vec<(Place, ServerLine)>,
    /// Those of each process of several nodes, by its name.
    pub(super) nodes: Vec<(u64, Vec<(Place, ServerLine)>)>,
}

pub(super) fn text(path: &Path) -> Result<Vec<u8>, CannotRead> {
    fs::read(path).map_err(|error| CannotRead::File { path: path.to_owned(), error })
}

/// Reads every line.
pub(super) fn journal(texts: &[(String, &[u8])]) -> Result<Journal, CannotRead> {
    let mut journal = Journal::new(texts.len());
    let (mut known, mut unjudged) = (HashMap::new(), None);
    for (file, (name, text)) in texts.iter().enumerate() {
        for (line, bytes) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, bytes)| !bytes.is_empty()) {
            let place = Place { file, line: line + 1 };
            if breaks_off(text, bytes) {
                return Err(CannotRead::BreaksOff { file: name.clone(), line: place.line });
            }
            let is_none = |why| CannotRead::Line { file: name.clone(), line: place.line, why };
            let read = read(bytes).map_err(is_none)?;
            journal.lines += 1;
            journal.ends[file] = place.line;
            unjudged = unjudged.or_else(|| of_no_model(&read).map(is_none));
            match read {
                Line::Server(line) => journal.add_of_a_node(place, line).map_err(is_none)?,
                Line::Client(line) => {
                    let fresh = journal.instances.len();
                    let at = *known.entry(line.instance).or_insert(fresh);
                    if at == fresh {
                        journal.instances.push((line.instance, Vec::new()));
                    }
                    journal.instances[at].1.push((place, line));
                }
            }
        }
    }
    unjudged.filter(|_| journal.nodes.is_empty()).map_or(Ok(journal), Err)
}

/// Whether a node of that name has no other beside it.
const fn is_alone(node: u64) -> bool {
    node == ALONE
}

/// Whether a line is the last of a text, and only its beginning.
fn breaks_off(text: &[u8], line: &[u8]) -> bool {
    let is_last = text.as_ptr_range().end == line.as_ptr_range().end;
    is_last && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

fn read(bytes: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(bytes).map_err(|error| {
        let error = error.to_string();
        let what = error.split(" at line ").next().unwrap_or_default();
        format!("no line of a journal: {what}; one is {{\"client\":{{…}}}} or {{\"server\":{{…}}}}")
    })
}

/// Why the model has no word for a line of a node that is alone, or of its clients.
fn of_no_model(line: &Line) -> Option<String> {
    match line {
        Line::Client(ClientLine {
            event:
                ClientEvent::Took {
                    frame: ServerFrame::LoginAnswer { refused: Some(Refusal { code: Code::TooManyFailures, .. }), .. },
                    ..
                }
                | ClientEvent::Settled { outcome: Err(Refusal { code: Code::TooManyFailures, .. }), .. },
            ..
        })
        | Line::Server(ServerLine {
            event:
                ServerEvent::Wrote {
                    frame: ServerFrame::LoginAnswer { refused: Some(Refusal { code: Code::TooManyFailures, .. }), .. },
                    ..
                },
            ..
        }) => Some(
            "a login that was refused with 70050, which the model has no state for: only journals without any are judged"
                .to_owned(),
        ),
        Line::Client(ClientLine {
            event: ClientEvent::Wrote { frame: ClientFrameKind::Send | ClientFrameKind::MessageAck, .. },
            ..
        })
        | Line::Server(ServerLine {
            event: ServerEvent::Took { frame: ClientFrameKind::Send | ClientFrameKind::MessageAck, .. },
            ..
        }) => Some(
            "a message that was sent: only journals without any are judged; leave sends to instances that are not ready".to_owned(),
        ),
        Line::Client(_) | Line::Server(_) => None,
    }
}

impl Journal {
    fn new(files: usize) -> Journal {
        Journal { lines: 0, ends: vec![0; files], instances: Vec::new(), node: Vec::new(), nodes: Vec::new() }
    }

    /// A node is alone, or none is.
    fn add_of_a_node(&mut self, place: Place, line: ServerLine) -> Result<(), String> {
        let before = self.node_lines().next().map(|(_, first)| first.node);
        if let Some(before) = before.filter(|before| *before != line.node && (is_alone(*before) || is_alone(line.node))) {
            return Err(format!("a line of node {}, beside those of node {before}: only one node's are judged", line.node));
        }
        match self.nodes.iter_mut().find(|(node, _)| *node == line.node) {
            _ if is_alone(line.node) => self.node.push((place, line)),
            Some((_, lines)) => lines.push((place, line)),
            None => self.nodes.push((line.node, vec![(place, line)])),
        }
        Ok(())
    }

    /// The lines of all nodes.
    fn node_lines(&self) -> impl Iterator<Item = &(Place, ServerLine)> {
        self.node.iter().chain(self.nodes.iter().flat_map(|(_, lines)| lines))
    }

    /// How many accounts the nodes speak of.
    pub(super) fn accounts(&self) -> usize {
        self.node_lines().filter_map(|(_, line)| line.account.as_ref()).collect::<HashSet<_>>().len()
    }

    /// The first line of each sequence that does not follow the one before it.
    pub(super) fn out_of_sequence(&self) -> Vec<Finding> {
        let clients = self.instances.iter().flat_map(|(_, lines)| gap(lines.iter().map(|(place, line)| (*place, line.seq))));
        let sequences = [&self.node].into_iter().chain(self.nodes.iter().map(|(_, lines)| lines));
        let node = sequences.filter_map(|lines| gap(lines.iter().map(|(place, line)| (*place, line.seq))));
        let leaps = self.instances.iter().filter_map(|(_, lines)| leap(lines));
        clients.chain(node).chain(leaps).collect()
    }

    /// The first sign of a journal that is not there: an instance that the node speaks of and that never speaks itself, or frames that came
    /// from a node that does not.
    pub(super) fn missing(&self) -> Option<Finding> {
        let known: HashSet<_> = self.instances.iter().map(|(name, _)| *name).collect();
        let stranger = self.node_lines().find_map(|(place, line)| {
            let stranger = line.instance.filter(|instance| !known.contains(instance))?;
            Some((*place, format!("there is no journal of instance {stranger} that the server speaks of")))
        });
        let took = |(_, line): &&(Place, ClientLine)| matches!(line.event, ClientEvent::Took { .. });
        let answered = self.instances.iter().filter_map(|(_, lines)| lines.iter().find(took)).map(|(place, line)| {
            (*place, format!("there is no journal of the server that instance {} was answered by", line.instance))
        });
        let no_node = answered.min().filter(|_| self.node_lines().next().is_none());
        stranger.or(no_node).map(|(place, seen)| *Finding::new(place, seen, "the journal of everybody who takes part", Law::Whole))
    }

    /// How many instances spoke to the node for one account at the same time, at most: each from the first to the last frame that the
    /// node took of it there. That is by the node's own order, so that it depends on no order of files. Of several nodes, the most of any.
    pub(super) fn overlapping(&self) -> usize {
        let sequences = [&self.node].into_iter().chain(self.nodes.iter().map(|(_, lines)| lines));
        sequences.map(|lines| overlapping(lines)).max().unwrap_or(0)
    }
}

fn overlapping(lines: &[(Place, ServerLine)]) -> usize {
    let mut spans: HashMap<(&str, KeyDigest), (u64, u64)> = HashMap::new();
    for (_, line) in lines {
        if let (ServerEvent::Took { .. }, Some(account), Some(instance)) = (&line.event, &line.account, line.instance) {
            let span = spans.entry((account, instance)).or_insert((line.seq, line.seq));
            *span = (span.0.min(line.seq), span.1.max(line.seq));
        }
    }
    let mut turns: HashMap<&str, Vec<(u64, isize)>> = HashMap::new();
    for ((account, _), (first, last)) in spans {
        turns.entry(account).or_default().extend([(first, 1), (last + 1, -1)]);
    }
    turns.values_mut().map(|turns| most(turns)).max().unwrap_or(0)
}

fn most(turns: &mut [(u64, isize)]) -> usize {
    turns.sort_unstable();
    let there = turns.iter().scan(0isize, |there, (_, turn)| {
        *there += turn;
        Some(*there)
    });
    there.max().unwrap_or(0).unsigned_abs()
}

/// The first line of an instance that names neither the newest link of the line before it nor the next one. The first link of a login is
/// any later one, as it is numbered by the time (LINK-3).
fn leap(lines: &[(Place, ClientLine)]) -> Option<Finding> {
    let mut logs_in = false;
    lines.iter().zip(lines.iter().skip(1)).find_map(|((_, before), (place, line))| {
        if !before.event.is_deed() {
            logs_in = matches!(before.event, ClientEvent::Call { call: CallKind::Login, .. });
        }
        let is_next = Some(line.epoch) == before.epoch.checked_add(1) || (logs_in && line.epoch > before.epoch);
        let (seen, allowed) = (format!("link {}", line.epoch), format!("link {} or the next", before.epoch));
        (line.epoch != before.epoch && !is_next).then(|| *Finding::new(*place, seen, allowed, Law::Rule(Rule::Link3)))
    })
}

fn gap(lines: impl Iterator<Item = (Place, u64)>) -> Option<Finding> {
    lines.enumerate().find_map(|(before, (place, seq))| {
        let right = before as u64 + 1;
        let finding = || *Finding::new(place, format!("number {seq} of its sequence"), format!("number {right}"), Law::Sequence);
        (seq != right).then(finding)
    })
}
