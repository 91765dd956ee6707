//! A trace as a sequence diagram in text: a lifeline each for the seats and the server, an arrow for each frame that arrives, and what
//! each application is told. It is drawn from the model alone.

use std::fmt::Write;

use model::action::{Action, LinkMove, Slot, Timer};
use model::scope::Scope;
use model::state::State;

use crate::naming;
use crate::observation::expected;
use crate::replay::{Made, Replay};

/// The least width of a lifeline's column.
const NARROWEST: usize = 24;

/// One line of the drawing.
enum Line {
    /// Words at a lifeline.
    At(usize, String),
    /// An arrow from one lifeline to another, and its label.
    Arrow(usize, usize, String),
}

impl Line {
    /// How wide columns must be for it: an arrow shows its head and some of its line on both sides of its label.
    fn width(&self) -> usize {
        match self {
            Line::At(..) => NARROWEST,
            Line::Arrow(from, to, label) => (label.chars().count() + 6).div_ceil(from.abs_diff(*to)),
        }
    }
}

/// The trace, a line or more a step.
pub fn text(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut lines = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let before = *replay.state();
        let Some(made) = replay.make(*label) else { break };
        lines.push((Some(index + 1), event_line(scope, &before, &made)));
        lines.extend(told_lines(scope, &made).map(|line| (None, line)));
    }
    let column = lines.iter().map(|(_, line)| line.width()).fold(NARROWEST, usize::max);
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

fn drawn(scope: &Scope, column: usize, line: &Line) -> String {
    match line {
        Line::At(lifeline, words) => at_lifeline(scope, column, *lifeline, words),
        Line::Arrow(from, to, label) => arrow(scope, column, (*from, *to), label),
    }
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
