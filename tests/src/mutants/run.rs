//! All mutants, one after the other on each of several threads; what is found does not depend on how many there are.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::scope::Scope;
use model::scopes::{self, UnknownScope};

use super::{Change, Mutant, Verdict, model_side, system_side};
use crate::parallel::in_parallel;
use crate::tour::Labels;

/// What becomes of each mutant, in their order; each verdict is told as soon as it is known.
///
/// # Errors
/// [`UnknownScope`] if one names a scope that is none.
pub fn run(mutants: &[Mutant], threads: usize, tell: &(dyn Fn(&Verdict) + Sync)) -> Result<Vec<Verdict>, UnknownScope> {
    let stages = Stages::of(mutants)?;
    // The slow ones stand last in the lists.
    let slow_first: Vec<_> = mutants.iter().rev().collect();
    let verdicts = in_parallel(&slow_first, threads, |mutant| {
        let verdict = stages.judge(**mutant)?;
        tell(&verdict);
        Ok(verdict)
    });
    verdicts.into_iter().rev().collect()
}

/// The scopes in which mutants show; the tours of one are made once, when they are first needed.
struct Stages {
    known: BTreeMap<&'static str, (Scope, OnceLock<Vec<Labels>>)>,
}

impl Stages {
    fn of(mutants: &[Mutant]) -> Result<Stages, UnknownScope> {
        let stage = |mutant: &Mutant| Ok((mutant.scope, (scopes::named(mutant.scope)?, OnceLock::new())));
        Ok(Stages { known: mutants.iter().map(stage).collect::<Result<_, _>>()? })
    }

    fn judge(&self, mutant: Mutant) -> Result<Verdict, UnknownScope> {
        let (scope, tours) = &self.known[mutant.scope];
        let fate = match mutant.change {
            Change::Without(rule) => model_side::without(rule, scope),
            Change::Breaks(claim) => model_side::breaks(claim)?,
            Change::Plants(bug) => system_side::plants(bug, scope, tours.get_or_init(|| system_side::tours_of(scope))),
        };
        Ok(Verdict { mutant, fate })
    }
}
