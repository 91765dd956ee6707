//! The matrix: which check killed which mutant, and with what message. It holds no times but where it says so, and judges nothing.

use std::time::Duration;

use super::{Fate, Mutant, Side, Story, UNREPLAYED, Verdict};
use crate::report::listed;
use crate::wrapped;

/// The matrix that a person has reviewed.
const REVIEWED: &str = include_str!("../../../reports/snapshots/reports__mutants__mutants.snap");

/// What became of all mutants.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// One a mutant.
    pub verdicts: Vec<Verdict>,
}

impl Matrix {
    /// What is wrong, a line each; none if the named check killed every mutant that is not equivalent.
    pub fn complaints(&self) -> Vec<String> {
        let nothing = self.verdicts.is_empty().then(|| "there are no mutants".to_owned());
        nothing.into_iter().chain(self.verdicts.iter().filter_map(Verdict::complaint)).collect()
    }

    /// The whole report.
    pub fn report(&self) -> String {
        let tables = [Side::Model, Side::System].map(|side| table(side, &self.verdicts));
        format!("{}\n\n{}\n\n{}", tables[0], tables[1], self.result_line())
    }

    /// All of it in one line.
    pub fn result_line(&self) -> String {
        let word = if self.complaints().is_empty() { "GREEN" } else { "RED" };
        let equivalent = self.verdicts.iter().filter(|verdict| verdict.fate == Fate::Equivalent).count();
        let [model, system] = [Side::Model, Side::System].map(|side| self.killed(side));
        format!(
            "{word}: killed, each by its named check: {model} mutants of the model, {system} of the system; equivalent: {equivalent}"
        )
    }

    fn killed(&self, side: Side) -> String {
        let of_side = || self.verdicts.iter().filter(|verdict| verdict.mutant.change.side() == side);
        let killed = of_side().filter(|verdict| matches!(verdict.fate, Fate::Killed { .. }) && verdict.complaint().is_none());
        format!("{} of {}", killed.count(), of_side().count())
    }

    /// The stories, with the time that each took.
    pub fn stories(&self) -> Vec<&Story> {
        self.verdicts.iter().filter_map(Verdict::story).collect()
    }

    /// The median and the largest time from a difference to its story; measured.
    pub fn times(&self) -> Option<[Duration; 2]> {
        let mut times: Vec<_> = self.stories().iter().map(|story| story.time).collect();
        times.sort();
        Some([*times.get(times.len() / 2)?, *times.last()?])
    }
}

/// The mutants of one side, each with what killed it and the message.
pub fn table(side: Side, verdicts: &[Verdict]) -> String {
    let of_side = verdicts.iter().filter(|verdict| verdict.mutant.change.side() == side);
    format!("{}\n\n{}", side.name(), of_side.map(entry).collect::<String>().trim_end())
}

/// What there is, with nothing run: the mutants, and the bugs that no replay shows with the test that kills each.
pub fn names(mutants: &[Mutant]) -> String {
    let replayed = mutants.iter().map(|mutant| {
        let (change, kind) = (mutant.change, mutant.kind.name());
        [change.side().name(), &change.name(), kind, mutant.scope, &change.check()].map(str::to_owned).to_vec()
    });
    let unreplayed = UNREPLAYED.iter().map(|killer| {
        let test = format!("{} in {}", killer.test, killer.file);
        [Side::System.name(), killer.bug.name(), "–", "–", &test].map(str::to_owned).to_vec()
    });
    listed(&["side", "mutant", "kind", "scope", "must be killed by"], &replayed.chain(unreplayed).collect::<Vec<_>>())
}

/// What the reviewed matrix says of a mutant that its check kills; nothing of one that it does not have. Two checks may kill one change.
pub(super) fn reviewed(mutant: &Mutant) -> String {
    let head = format!("{}killed by {} ", named(mutant), mutant.change.check());
    let mut lines = REVIEWED.lines().skip_while(|line| !line.starts_with(&head));
    let head = lines.next();
    head.into_iter().chain(lines.take_while(|line| line.starts_with(' '))).map(|line| format!("{line}\n")).collect()
}

fn named(mutant: &Mutant) -> String {
    format!("{}, {}, {}: ", mutant.change.name(), mutant.kind.name(), mutant.scope)
}

/// What the matrix says of a mutant.
pub(super) fn entry(verdict: &Verdict) -> String {
    let mutant = verdict.mutant;
    let (fate, message) = match &verdict.fate {
        Fate::Killed { message, steps, .. } => (format!("killed by {} at step {steps}", mutant.change.check()), message.as_str()),
        Fate::KilledBy(other) => (format!("killed by {other}, not {}", mutant.change.check()), ""),
        Fate::Equivalent => ("equivalent: the same graphs".to_owned(), ""),
        Fate::Survived => ("killed by nothing".to_owned(), ""),
    };
    let head = wrapped::narrow(&format!("{}{fate}", named(&mutant)));
    let lines = message.split("  ").filter(|line| !line.is_empty()).map(|line| wrapped::under("    ", line) + "\n");
    head + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants;

    #[test]
    fn every_mutant_is_in_the_reviewed_matrix() {
        let missing: Vec<_> = mutants::all().into_iter().filter(|mutant| reviewed(mutant).is_empty()).collect();
        assert_eq!(missing, [], "`cargo test --test reports` writes their lines, `cargo insta review` takes them");
    }
}
