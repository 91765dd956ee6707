//! A trace as a sequence diagram in text: a lifeline each for the seats and the server, an arrow for each frame that arrives, and what
//! each application is told. It is drawn from the model alone.

use std::fmt::Write;

use model::action::{Action, LinkMove, Slot};
use model::observation::End;
use model::scope::Scope;
use model::state::State;

use crate::lines::{Line, Shape};
use crate::naming;
use crate::observation::expected;
use crate::replay::{Made, Replay};

/// The least width of a lifeline's column.
const NARROWEST: usize = 24;

/// The trace, a line or more a step.
pub fn text(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut lines = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let before = *replay.state();
        let Some(made) = replay.make(*label) else { break };
        lines.push((Some(index + 1), done(scope, &before, made.ask.action)));
        lines.extend(told(scope, &made).map(|line| (None, line)));
    }
    let column = lines.iter().map(|(_, line)| width(scope, line)).fold(NARROWEST, usize::max);
    let mut text = head(scope, column);
    for (number, line) in lines {
        let number = number.map_or(String::new(), |number: usize| number.to_string());
        let _ = writeln!(text, "{number:>3}  {}", drawn(scope, column, &line));
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

/// How wide columns must be for a line: an arrow shows its head and some of its line on both sides of its label.
fn width(scope: &Scope, line: &Line) -> usize {
    let [from, to] = ends(scope, line.shape);
    if from == to { NARROWEST } else { (line.text.chars().count() + 6).div_ceil(from.abs_diff(to)) }
}

fn drawn(scope: &Scope, column: usize, line: &Line) -> String {
    let [from, to] = ends(scope, line.shape);
    if from == to { at_lifeline(scope, column, from, &line.text) } else { arrow(scope, column, (from, to), &line.text) }
}

/// The lifelines, one of them with words.
fn at_lifeline(scope: &Scope, column: usize, lifeline: usize, words: &str) -> String {
    let mut cells = vec!['│'; scope.seats.len() + 1].into_iter().map(|line| format!("{line:^column$}")).collect::<Vec<_>>();
    cells[lifeline] = format!("{words:^column$}");
    let overflow = words.chars().count().saturating_sub(column);
    if overflow > 0 && lifeline + 1 < cells.len() {
        cells[lifeline] = format!("{words} ");
        let rest: String = cells[lifeline + 1].chars().skip(overflow + 1).collect();
        cells[lifeline + 1] = rest;
    }
    cells.concat().trim_end().to_owned()
}

/// An arrow from one lifeline to another, with its label in the middle.
fn arrow(scope: &Scope, column: usize, (from, to): (usize, usize), label: &str) -> String {
    let middle = |lifeline: usize| lifeline * column + (column - 1) / 2;
    let (left, right) = (middle(from.min(to)), middle(from.max(to)));
    let mut line: Vec<char> = vec![' '; (scope.seats.len() + 1) * column];
    (0..=scope.seats.len()).for_each(|lifeline| line[middle(lifeline)] = '│');
    line[left + 1..right].fill('─');
    let head = if from < to { (right - 1, '▶') } else { (left + 1, '◀') };
    line[head.0] = head.1;
    let label: Vec<char> = format!(" {label} ").chars().collect();
    let start = left + 1 + (right - left - 1 - label.len()) / 2;
    label.into_iter().enumerate().for_each(|(at, letter)| line[start + at] = letter);
    line.into_iter().collect::<String>().trim_end().to_owned()
}
