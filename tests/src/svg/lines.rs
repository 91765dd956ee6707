//! What stands in one half of a step: the action, what was told, what was written, and how things then stand where that is news. What the
//! other half does not have is marked. It knows no places.

use std::hash::Hash;

use model::action::{Action, InstanceId, LinkMove};
use model::observation::{End, Item};
use model::scope::Scope;

use crate::changes::{Change, changes};
use crate::explore::sides::{Row, System, Verdict};
use crate::naming;
use crate::observation::Observation;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A call of the application, at its instance.
    Called(InstanceId),
    /// A link from end to end.
    Opened(InstanceId),
    /// A frame that arrives, from end to end.
    Delivered(InstanceId, End),
    /// What the application was told, at its instance.
    Told(InstanceId),
    /// A frame that one end writes, and that is under way from now on.
    Written(InstanceId, End),
    /// A link that one end closes.
    Closed(InstanceId, End),
    /// Words only.
    Remark,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As the other half has it.
    Plain,
    /// By the way.
    Quiet,
    /// The other half does not have it.
    Differs,
}

/// One line of a half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) shape: Shape,
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// The model's half of a step.
pub(super) fn of_model(scope: &Scope, row: &Row, before: Option<&Row>) -> Vec<Line> {
    let other = match &row.system {
        System::Showed(seen) => seen,
        System::Ended | System::NotAsked => &row.model,
    };
    half(scope, row, before, &row.model, other)
}

/// The system's half of a step that it was asked for.
pub(super) fn of_system(scope: &Scope, row: &Row, before: Option<&Row>) -> Vec<Line> {
    let mut lines = match &row.system {
        System::Showed(seen) => half(scope, row, before, seen, &row.model),
        System::Ended => vec![done(row), remark(Tone::Differs, "the system ended in the middle of this step".to_owned())],
        System::NotAsked => Vec::new(),
    };
    if row.verdict() == Verdict::Differs {
        lines.push(remark(Tone::Differs, "✗ the first difference: stopped here".to_owned()));
    }
    lines
}

fn half(scope: &Scope, row: &Row, before: Option<&Row>, mine: &Observation, other: &Observation) -> Vec<Line> {
    let mut lines = vec![done(row)];
    lines.extend(items(scope, &mine.told, &other.told));
    lines.extend(items(scope, &mine.wire, &other.wire));
    if lines.len() == 1 {
        lines.push(remark(Tone::Quiet, "nothing told, nothing written".to_owned()));
    }
    lines.extend(standing(scope, before, mine, other));
    lines
}

/// The action itself.
fn done(row: &Row) -> Line {
    let shape = match row.action {
        Action::Call(instance, _) | Action::Renew(instance) => Shape::Called(instance),
        Action::Link(instance, LinkMove::Open) => Shape::Opened(instance),
        Action::Link(instance, LinkMove::ToServer(_)) => Shape::Delivered(instance, End::Client),
        Action::Link(instance, LinkMove::ToClient) => Shape::Delivered(instance, End::Server),
        Action::Page(instance, _) | Action::Link(instance, _) | Action::Timer(instance, _) => Shape::Told(instance),
        Action::Server(_) => Shape::Remark,
    };
    let text = row.carried.map_or_else(|| row.action.kind().name().to_owned(), naming::frame);
    Line { shape, tone: Tone::Plain, text }
}

fn items(scope: &Scope, mine: &[Item], other: &[Item]) -> Vec<Line> {
    let line = |(item, tone): (&Item, Tone)| Line { shape: shape(*item), tone, text: naming::item(scope, *item) };
    mine.iter().zip(tones(mine, other)).map(line).collect()
}

fn shape(item: Item) -> Shape {
    match item {
        Item::Settled { instance, .. } | Item::Published { instance, .. } | Item::StreamEnded { instance } => Shape::Told(instance),
        Item::Written { instance, end, .. } => Shape::Written(instance, end),
        Item::Callback { .. } => Shape::Remark,
        Item::Closed { instance, end, .. } => Shape::Closed(instance, end),
    }
}

/// Which of mine the other has too, in the same order.
fn tones<T: Eq + Hash>(mine: &[T], other: &[T]) -> Vec<Tone> {
    let mut tones = vec![Tone::Differs; mine.len()];
    for change in changes(mine, other) {
        if let Change::Kept { old } = change {
            tones[old] = Tone::Plain;
        }
    }
    tones
}

/// Who is online if that changed, and whatever stands differently on the other side.
fn standing(scope: &Scope, before: Option<&Row>, mine: &Observation, other: &Observation) -> Vec<Line> {
    let mut lines = Vec::new();
    let rosters_before = before.map(|row| row.model.rosters).unwrap_or_default();
    if mine.rosters != other.rosters {
        lines.push(remark(Tone::Differs, naming::online(scope, &mine.rosters)));
    } else if mine.rosters != rosters_before {
        lines.push(remark(Tone::Quiet, naming::online(scope, &mine.rosters)));
    }
    if mine.kicks != other.kicks {
        lines.push(remark(Tone::Differs, naming::kicks(scope, &mine.kicks)));
    }
    if mine.server != other.server {
        lines.push(remark(Tone::Differs, naming::server(&mine.server)));
    }
    let synced = mine.synced.iter().filter(|synced| !other.synced.contains(synced));
    lines.extend(synced.map(|(seat, online)| remark(Tone::Differs, naming::synced(scope, *seat, online))));
    for (seat, (view, theirs)) in scope.instances().zip(mine.seats.iter().zip(other.seats.iter())) {
        lines.extend((view != theirs).then(|| remark(Tone::Differs, naming::stands(scope, seat, view))));
    }
    lines.extend(mine.strange.iter().map(|strange| remark(Tone::Differs, strange.clone())));
    lines
}

fn remark(tone: Tone, text: String) -> Line {
    Line { shape: Shape::Remark, tone, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_side_lacks_differs() {
        assert_eq!(tones(&[1, 2, 3], &[1, 3]), [Tone::Plain, Tone::Differs, Tone::Plain]);
        assert_eq!(tones(&[1, 3], &[1, 2, 3]), [Tone::Plain, Tone::Plain]);
    }

    #[test]
    fn what_stands_in_another_order_differs() {
        assert_eq!(tones(&[1, 2], &[2, 1]).iter().filter(|tone| **tone == Tone::Differs).count(), 1);
    }
}
