//! What stands in one half of a step: what was done, what was seen of it, and how things then stand where that is news. What the other half
//! does not have is marked. It knows no places.

use model::scope::Scope;

use crate::changes::{Change, changes};
use crate::explore::sides::{Row, System, Verdict};
use crate::lines::{Line, Shape, Tone, seen, standing};
use crate::naming;
use crate::observation::Observation;

/// The model's half of a step.
pub(super) fn of_model(scope: &Scope, row: &Row, before: Option<&Row>) -> Vec<Line> {
    let other = match &row.system {
        System::Showed(seen) => seen,
        System::Ended | System::NotAsked => &row.model,
    };
    half(scope, row, before, [&row.model, other])
}

/// The system's half of a step that it was asked for.
pub(super) fn of_system(scope: &Scope, row: &Row, before: Option<&Row>) -> Vec<Line> {
    let mut lines = match &row.system {
        System::Showed(seen) => half(scope, row, before, [seen, &row.model]),
        System::Ended => vec![done(row), Line::remark(Tone::Differs, "the system ended in the middle of this step")],
        System::NotAsked => Vec::new(),
    };
    if row.verdict() == Verdict::Differs {
        lines.push(Line::remark(Tone::Differs, "✗ the first difference: stopped here"));
    }
    lines
}

/// Of how things stand only who is online is told where both halves agree, and only if that changed.
fn half(scope: &Scope, row: &Row, before: Option<&Row>, sides: [&Observation; 2]) -> Vec<Line> {
    let mut lines = vec![done(row)];
    lines.extend(toned(sides.map(|side| seen(scope, side))));
    if lines.len() == 1 {
        lines.push(Line::remark(Tone::Quiet, "nothing told, nothing written"));
    }
    let [mine, other] = sides.map(|side| side.rosters);
    if mine == other && mine != before.map(|row| row.model.rosters).unwrap_or_default() {
        lines.push(Line::remark(Tone::Quiet, naming::online(scope, &mine)));
    }
    let stand = toned(sides.map(|side| standing(scope, side)));
    lines.extend(stand.into_iter().filter(|line| line.tone == Tone::Differs));
    lines
}

/// What was done.
fn done(row: &Row) -> Line {
    let text = row.carried.map_or_else(|| row.action.kind().name().to_owned(), naming::frame);
    Line::new(Shape::of(row.action), text)
}

/// Mine, and which of them the other has too, in the same order.
fn toned([mut mine, other]: [Vec<Line>; 2]) -> Vec<Line> {
    for change in changes(&mine, &other) {
        if let Change::Missing(at) = change {
            mine[at].tone = Tone::Differs;
        }
    }
    mine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tones(mine: &[&str], other: &[&str]) -> Vec<Tone> {
        let [mine, other] = [mine, other].map(|side| side.iter().map(|text| Line::remark(Tone::Plain, *text)).collect());
        toned([mine, other]).into_iter().map(|line| line.tone).collect()
    }

    #[test]
    fn what_the_other_side_lacks_differs() {
        assert_eq!(tones(&["1", "2", "3"], &["1", "3"]), [Tone::Plain, Tone::Differs, Tone::Plain]);
        assert_eq!(tones(&["1", "3"], &["1", "2", "3"]), [Tone::Plain, Tone::Plain]);
    }

    #[test]
    fn what_stands_in_another_order_differs() {
        assert_eq!(tones(&["1", "2"], &["2", "1"]).iter().filter(|tone| **tone == Tone::Differs).count(), 1);
    }
}
