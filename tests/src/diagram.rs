//! A trace as a sequence diagram in text: a lifeline each for the seats and the server, an arrow for each frame that arrives, and what
//! each application is told. It is drawn from the model alone.

use std::fmt::Write;
use std::mem;

use model::action::{Action, LinkMove, Slot, Timer};
use model::scope::Scope;
use model::state::State;

use crate::naming;
use crate::observation::expected;
use crate::replay::{Made, Replay};
use crate::wrapped::{WIDTH, wrapped};

/// The least width of a lifeline's column.
const NARROWEST: usize = 24;

/// The width of a step's number and of what stands behind it.
const MARGIN: usize = 5;

/// What an arrow shows beside its label: its head, some of its line on both sides, and a blank at each end of the label.
const SHAFT: usize = 6;

/// One line of the drawing.
enum Line {
    /// Words at a lifeline.
    At(usize, String),
    /// An arrow from one lifeline to another, and its label.
    Arrow(usize, usize, String),
}

impl Line {
    /// How wide columns must be for it to take one line.
    fn width(&self) -> usize {
        match self {
            Line::At(..) => NARROWEST,
            Line::Arrow(from, to, label) => (label.chars().count() + SHAFT).div_ceil(from.abs_diff(*to)),
        }
    }
}

/// The trace, a line or more a step, none wider than [`WIDTH`].
pub fn text(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut lines = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let before = *replay.state();
        let Some(made) = replay.make(*label) else { break };
        lines.push((Some(index + 1), event_line(scope, &before, &made)));
        lines.extend(told_lines(scope, &made).map(|line| (None, line)));
    }
    let widest = (WIDTH - MARGIN) / (scope.seats.len() + 1);
    let column = lines.iter().map(|(_, line)| line.width()).fold(NARROWEST, usize::max).min(widest);
    let mut text = head(scope, column);
    for (number, line) in lines {
        let mut number = number.map_or(String::new(), |number: usize| number.to_string());
        for drawn in drawn(scope, column, &line) {
            let _ = writeln!(text, "{:>3}  {drawn}", mem::take(&mut number));
        }
    }
    text
}

fn head(scope: &Scope, column: usize) -> String {
    let names = scope.instances().map(|instance| scope.name_of(instance)).chain(["server"]);
    let columns: String = names.map(|name| format!("{name:^column$}")).collect();
    format!("     {}\n", columns.trim_end())
}

/// What happens: a call at its instance's lifeline, or a frame's arrow between two.
fn event_line(scope: &Scope, before: &State, made: &Made) -> Line {
    let action = made.ask.action;
    let server = scope.seats.len();
    let seat = action.instance().map_or(server, |instance| usize::from(instance.0));
    let frame = naming::carried(before, action).map(naming::frame).unwrap_or_default();
    match action {
        Action::Link(_, LinkMove::Open) => Line::Arrow(seat, server, "the link opens".to_owned()),
        Action::Link(_, LinkMove::ToServer(Slot::Current)) => Line::Arrow(seat, server, frame),
        Action::Link(_, LinkMove::ToServer(Slot::Abandoned)) => Line::Arrow(seat, server, format!("{frame}, old link")),
        Action::Link(_, LinkMove::ToClient) => Line::Arrow(server, seat, frame),
        Action::Link(_, LinkMove::ServerLoses(..))
        | Action::Timer(_, Timer::Ask(_) | Timer::Lapse(_) | Timer::Expire(_))
        | Action::Server(_) => Line::At(server, naming::action(scope, before, action)),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) => {
            let words = naming::action(scope, before, action);
            let name = format!("{} ", scope.seats[seat].name);
            Line::At(seat, words.strip_prefix(&name).unwrap_or(&words).to_owned())
        }
    }
}

/// What the applications are told in the step, each at its lifeline.
fn told_lines(scope: &Scope, made: &Made) -> impl Iterator<Item = Line> {
    let told = expected(scope, &made.step).told;
    told.into_iter().map(|item| Line::At(usize::from(item.instance().0), naming::told(item)))
}

/// A line or more: a label that is too long for its arrow begins above it.
fn drawn(scope: &Scope, column: usize, line: &Line) -> Vec<String> {
    match line {
        Line::At(lifeline, words) => vec![at_lifeline(scope, column, *lifeline, words)],
        Line::Arrow(from, to, label) => {
            let mut rows = wrapped(label, column * from.abs_diff(*to) - SHAFT);
            let last = rows.pop().unwrap_or_default();
            let above = rows.iter().map(|row| between(scope, column, (*from, *to), row, ' '));
            above.chain([arrow(scope, column, (*from, *to), &last)]).map(finished).collect()
        }
    }
}

fn finished(letters: Vec<char>) -> String {
    letters.into_iter().collect::<String>().trim_end().to_owned()
}

/// The lifelines, one of them with words; what does not fit in its column goes on to the right, or in the last to the left.
fn at_lifeline(scope: &Scope, column: usize, lifeline: usize, words: &str) -> String {
    let (mut line, length) = (lifelines(scope, column), words.chars().count());
    let start = lifeline * column + column.saturating_sub(length) / 2;
    let start = start.min(line.len().saturating_sub(length));
    line.resize(line.len().max(start + length), ' ');
    let blank = start.saturating_sub(1)..(start + length + 1).min(line.len());
    line[blank].fill(' ');
    line.splice(start..start + length, words.chars());
    finished(line)
}

fn lifelines(scope: &Scope, column: usize) -> Vec<char> {
    let mut line = vec![' '; (scope.seats.len() + 1) * column];
    (0..=scope.seats.len()).for_each(|lifeline| line[middle(column, lifeline)] = '│');
    line
}

fn middle(column: usize, lifeline: usize) -> usize {
    lifeline * column + (column - 1) / 2
}

/// An arrow from one lifeline to another, with its label in the middle.
fn arrow(scope: &Scope, column: usize, (from, to): (usize, usize), label: &str) -> Vec<char> {
    let mut line = between(scope, column, (from, to), label, '─');
    let (at, head) = if from < to { (middle(column, to) - 1, '▶') } else { (middle(column, to) + 1, '◀') };
    line[at] = head;
    line
}

/// The lifelines, and a label in the middle between two of them; the rest between them is filled.
fn between(scope: &Scope, column: usize, (from, to): (usize, usize), label: &str, fill: char) -> Vec<char> {
    let (left, right) = (middle(column, from.min(to)), middle(column, from.max(to)));
    let mut line = lifelines(scope, column);
    line[left + 1..right].fill(fill);
    let label: Vec<char> = format!(" {label} ").chars().collect();
    let start = left + 1 + (right - left - 1 - label.len()) / 2;
    line.splice(start..start + label.len(), label);
    line
}
