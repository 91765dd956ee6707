//! A trace as a sequence diagram in text: a lifeline each for the seats and the server, an arrow for each frame that arrives, and what
//! each application is told. It is drawn from the model alone.

use std::fmt::Write;

use model::action::{Action, Slot};
use model::scope::Scope;
use model::state::State;

use crate::naming;
use crate::observation::expected;
use crate::replay::{Made, Replay};

/// The width of a lifeline's column.
const COLUMN: usize = 24;

/// The trace, a line or more a step.
pub fn text(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut text = head(scope);
    for (index, label) in labels.iter().enumerate() {
        let before = *replay.state();
        let Some(made) = replay.make(*label) else { break };
        let _ = writeln!(text, "{:>3}  {}", index + 1, event_line(scope, &before, &made));
        for line in told_lines(scope, &made) {
            let _ = writeln!(text, "     {line}");
        }
    }
    text
}

fn head(scope: &Scope) -> String {
    let names = scope.instances().map(|instance| scope.name_of(instance)).chain(["server"]);
    let columns: String = names.map(|name| format!("{name:^COLUMN$}")).collect();
    format!("     {}\n", columns.trim_end())
}

/// What happens: a call at its instance's lifeline, or a frame's arrow between two.
fn event_line(scope: &Scope, before: &State, made: &Made) -> String {
    let action = made.ask.action;
    let server = scope.seats.len();
    let seat = action.instance().map_or(server, |instance| usize::from(instance.0));
    let frame = naming::carried(before, action).map(naming::frame).unwrap_or_default();
    match action {
        Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Resend { .. }
        | Action::PageClose { .. }
        | Action::OpenFails { .. }
        | Action::Cut { .. }
        | Action::ClientLoses { .. }
        | Action::Backoff { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Renew { .. } => {
            let words = naming::action(scope, before, action);
            let name = format!("{} ", scope.seats[seat].name);
            at_lifeline(scope, seat, words.strip_prefix(&name).unwrap_or(&words))
        }
        Action::ServerLoses { .. }
        | Action::Lapse { .. }
        | Action::Expire { .. }
        | Action::RestKick { .. }
        | Action::Configure { .. }
        | Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Restart => at_lifeline(scope, server, &naming::action(scope, before, action)),
        Action::Open { .. } => arrow(scope, seat, server, "the link opens"),
        Action::ToServer { slot: Slot::Current, .. } => arrow(scope, seat, server, &frame),
        Action::ToServer { slot: Slot::Abandoned, .. } => arrow(scope, seat, server, &format!("{frame}, old link")),
        Action::ToClient { .. } => arrow(scope, server, seat, &frame),
    }
}

/// What the applications are told in the step, each at its lifeline.
fn told_lines(scope: &Scope, made: &Made) -> Vec<String> {
    let told = expected(scope, &made.step).told;
    told.into_iter().map(|item| at_lifeline(scope, usize::from(item.instance().0), &naming::told(item))).collect()
}

/// The lifelines, one of them with words.
fn at_lifeline(scope: &Scope, column: usize, words: &str) -> String {
    let mut cells = vec!['│'; scope.seats.len() + 1].into_iter().map(|line| format!("{line:^COLUMN$}")).collect::<Vec<_>>();
    cells[column] = format!("{words:^COLUMN$}");
    let overflow = words.chars().count().saturating_sub(COLUMN);
    if overflow > 0 && column + 1 < cells.len() {
        cells[column] = format!("{words} ");
        let rest: String = cells[column + 1].chars().skip(overflow + 1).collect();
        cells[column + 1] = rest;
    }
    cells.concat().trim_end().to_owned()
}

/// An arrow from one lifeline to another, with its label in the middle.
fn arrow(scope: &Scope, from: usize, to: usize, label: &str) -> String {
    let middle = |column: usize| column * COLUMN + (COLUMN - 1) / 2;
    let (left, right) = (middle(from.min(to)), middle(from.max(to)));
    let mut line: Vec<char> = vec![' '; (scope.seats.len() + 1) * COLUMN];
    (0..=scope.seats.len()).for_each(|column| line[middle(column)] = '│');
    line[left + 1..right].fill('─');
    let head = if from < to { (right - 1, '▶') } else { (left + 1, '◀') };
    line[head.0] = head.1;
    let label: Vec<char> = format!(" {label} ").chars().collect();
    let start = left + 1 + (right - left - 1).saturating_sub(label.len()) / 2;
    let room = right - 1 - start;
    label.into_iter().take(room).enumerate().for_each(|(at, letter)| line[start + at] = letter);
    line.into_iter().collect::<String>().trim_end().to_owned()
}
