//! A trace as a sequence diagram in text: a lifeline each for the seats and the server, an arrow for each frame that arrives, and what
//! each application is told. It is drawn from the model alone.

use std::fmt::Write;
use std::mem;

use model::action::{Action, LinkMove, Slot};
use model::observation::End;
use model::scope::Scope;
use model::state::State;

use crate::lines::{Line, Shape};
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

/// The trace, a line or more a step, none wider than [`WIDTH`].
pub fn text(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut lines = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let before = *replay.state();
        let Some(made) = replay.make(*label) else { break };
        lines.push((Some(index + 1), done(scope, &before, made.ask.action)));
        lines.extend(told(scope, &made).map(|line| (None, line)));
    }
    let widest = (WIDTH - MARGIN) / (scope.seats.len() + 1);
    let column = lines.iter().map(|(_, line)| width(scope, line)).fold(NARROWEST, usize::max).min(widest);
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

/// What is done: in words at a lifeline, or a frame's arrow between two.
fn done(scope: &Scope, before: &State, action: Action) -> Line {
    let in_words = || {
        let words = naming::action(scope, before, action);
        let name = action.instance().map(|instance| format!("{} ", scope.name_of(instance)));
        name.and_then(|name| words.strip_prefix(&name).map(str::to_owned)).unwrap_or(words)
    };
    let text = match (action, naming::carried(before, action).map(naming::frame)) {
        (Action::Link(_, LinkMove::Open), _) => "the link opens".to_owned(),
        (Action::Link(_, LinkMove::ToServer(Slot::Abandoned)), Some(frame)) => format!("{frame}, old link"),
        (_, Some(frame)) => frame,
        (_, None) => in_words(),
    };
    Line::new(Shape::of(action), text)
}

/// What the applications are told in the step.
fn told(scope: &Scope, made: &Made) -> impl Iterator<Item = Line> {
    let told = expected(scope, &made.step).told;
    told.into_iter().map(|item| Line::new(Shape::Told(item.instance()), naming::told(item)))
}

/// From which lifeline to which a line goes.
fn ends(scope: &Scope, shape: Shape) -> [usize; 2] {
    let server = scope.seats.len();
    match shape {
        Shape::Opened(seat) | Shape::Delivered(seat, End::Client) => [usize::from(seat.0), server],
        Shape::Delivered(seat, End::Server) => [server, usize::from(seat.0)],
        Shape::Called(seat) | Shape::Told(seat) | Shape::Written(seat, End::Client) | Shape::Closed(seat, End::Client) => {
            [usize::from(seat.0); 2]
        }
        Shape::Noticed(_) | Shape::Written(_, End::Server) | Shape::Closed(_, End::Server) | Shape::Remark => [server; 2],
    }
}

/// How wide columns must be for it to take one line.
fn width(scope: &Scope, line: &Line) -> usize {
    let [from, to] = ends(scope, line.shape);
    if from == to { NARROWEST } else { (line.text.chars().count() + SHAFT).div_ceil(from.abs_diff(to)) }
}

/// A line or more: a label that is too long for its arrow begins above it.
fn drawn(scope: &Scope, column: usize, line: &Line) -> Vec<String> {
    let [from, to] = ends(scope, line.shape);
    if from == to {
        return vec![at_lifeline(scope, column, from, &line.text)];
    }
    let mut rows = wrapped(&line.text, column * from.abs_diff(to) - SHAFT);
    let last = rows.pop().unwrap_or_default();
    let above = rows.iter().map(|row| between(scope, column, (from, to), row, ' '));
    above.chain([arrow(scope, column, (from, to), &last)]).map(finished).collect()
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
