//! What a soak of several nodes leaves: a line a round in `rounds.jsonl`, from which it goes on, and a table of them all. It judges nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Fault;

const ROUNDS: &str = "rounds.jsonl";

/// A round that was good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What failed.
    pub fault: Fault,
    /// Which of its rounds it was, from 1.
    pub round: u32,
    /// How many lines the journals have.
    pub events: usize,
    /// How many logins resolved.
    pub logins: u64,
    /// How many messages were acknowledged.
    pub messages: u64,
    /// How many times an account was kicked.
    pub rest_kicks: u64,
    /// How many calls were refused, or left without an outcome, for an outage.
    pub outages: u64,
    /// How many commits that nodes were told to be done went with a primary.
    pub lost: usize,
    /// After how long everybody knew the truth, behind the fault.
    pub truth_ms: u64,
    /// How long it took in all.
    pub seconds: u64,
}

/// The rounds that are done in that folder.
pub(super) fn read(folder: &Path) -> io::Result<Vec<Row>> {
    let text = match fs::read_to_string(folder.join(ROUNDS)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    let rows = text.lines().enumerate().map(|(before, line)| {
        serde_json::from_str(line).map_err(|error| io::Error::other(format!("{ROUNDS}, line {}: {error}", before + 1)))
    });
    rows.collect()
}

/// Adds a round that is done.
pub(super) fn add(folder: &Path, row: &Row) -> io::Result<()> {
    let line = serde_json::to_string(row)?;
    writeln!(OpenOptions::new().create(true).append(true).open(folder.join(ROUNDS))?, "{line}")
}

/// The figures of all rounds, by what failed.
pub fn report(rows: &[Row]) -> String {
    let mut kinds = BTreeMap::<Fault, Vec<&Row>>::new();
    rows.iter().for_each(|row| kinds.entry(row.fault).or_default().push(row));
    let mut text =
        "# A soak of several nodes\n\nEach history is explained, and behind each fault everybody knew the truth in time.\n\n"
            .to_owned();
    text += "| fault | rounds | events | logins | messages | REST kicks | calls lost to outages | commits lost | truth known after, at most | s |\n";
    text += "|---|---|---|---|---|---|---|---|---|---|\n";
    for (fault, rows) in kinds {
        let sum = |of: fn(&Row) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
        let [events, logins, messages] = [sum(|row| row.events as u64), sum(|row| row.logins), sum(|row| row.messages)];
        let [kicks, outages, seconds] = [sum(|row| row.rest_kicks), sum(|row| row.outages), sum(|row| row.seconds)];
        let latest = rows.iter().map(|row| row.truth_ms).max().unwrap_or(0);
        let (rounds, lost) = (rows.len(), rows.iter().map(|row| row.lost).sum::<usize>());
        let _ = writeln!(
            text,
            "| {fault} | {rounds} | {events} | {logins} | {messages} | {kicks} | {outages} | {lost} | {latest} ms | {seconds} |"
        );
    }
    text
}
