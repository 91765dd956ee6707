//! How long the tours are, as a person reads it: the steps replayed for each transition, and the bound below which no tours can be. It walks
//! nothing.

use super::{aligned, grouped};
use crate::check::Checked;

/// How many steps tours take for a transition at most, in hundredths, wherever any tours can.
const MOST: usize = 210;

/// The tours of each scope, and the line that sums them up.
pub fn tours(all: &[Checked]) -> String {
    let heading = ["scope", "transitions", "steps", "at least", "steps/transition", "at least", "tours", "steps/tour"];
    let row = |checked: &Checked| {
        let (searched, steps) = (&checked.searched, checked.coverage.steps);
        vec![
            checked.scope.name.to_owned(),
            grouped(searched.transitions),
            grouped(steps),
            grouped(searched.least_steps),
            hundredths(steps, searched.transitions, usize::div_ceil),
            hundredths(searched.least_steps, searched.transitions, |part, whole| part / whole),
            grouped(checked.tours),
            grouped(steps / checked.tours.max(1)),
        ]
    };
    format!("{}\n\n{}", aligned(&heading, &all.iter().map(row).collect::<Vec<_>>()), sum(all))
}

fn sum(all: &[Checked]) -> String {
    let short = short_tours(all);
    let cannot = all.iter().filter(|checked| !is_short(checked, checked.searched.least_steps)).count();
    format!("at most 2.10 steps/transition in {short} of {} scopes; in {cannot} no tours can have so few", all.len())
}

fn is_short(checked: &Checked, steps: usize) -> bool {
    steps * 100 <= checked.searched.transitions * MOST
}

/// Tours that are longer than they need be, or shorter than any can be, a line each; none if all is well.
pub fn wrong_tours(all: &[Checked]) -> Vec<String> {
    let wrong = |checked: &&Checked| {
        let (steps, least) = (checked.coverage.steps, checked.searched.least_steps);
        steps < least || (is_short(checked, least) && !is_short(checked, steps))
    };
    let line = |checked: &Checked| {
        let (name, steps, least) = (checked.scope.name, grouped(checked.coverage.steps), grouped(checked.searched.least_steps));
        format!("{name}: {steps} steps, at least {least}")
    };
    all.iter().filter(wrong).map(line).collect()
}

/// How many scopes have a tour of at most 2.1 steps a transition.
pub fn short_tours(all: &[Checked]) -> usize {
    all.iter().filter(|checked| is_short(checked, checked.coverage.steps)).count()
}

/// A quotient to two places.
fn hundredths(part: usize, whole: usize, quotient: fn(usize, usize) -> usize) -> String {
    let hundredths = quotient(part * 100, whole.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_walked_is_rounded_up_and_what_must_be_walked_down() {
        assert_eq!(hundredths(2001, 1000, usize::div_ceil), "2.01");
        assert_eq!(hundredths(2009, 1000, |part, whole| part / whole), "2.00");
    }
}
