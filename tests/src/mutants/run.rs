//! All mutants, one after the other on each of several threads; what is found does not depend on how many there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use model::scope::Scope;
use model::scopes::{self, UnknownScope};

use super::{Change, Mutant, Verdict, model_side, system_side};
use crate::tour::Labels;

/// Who is told how far the work is.
pub trait Progress: Sync {
    /// What became of one more mutant.
    fn judged(&self, verdict: &Verdict);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn judged(&self, _verdict: &Verdict) {}
}

/// What becomes of each mutant, in their order.
///
/// # Errors
/// [`UnknownScope`] if one names a scope that is none.
pub fn run(mutants: &[Mutant], threads: usize, progress: &dyn Progress) -> Result<Vec<Verdict>, UnknownScope> {
    let (stages, next, verdicts) = (Stages::of(mutants)?, AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some((place, mutant)) = next_of(mutants, &next) {
            let verdict = stages.judge(*mutant)?;
            progress.judged(&verdict);
            verdicts.lock().expect("no thread panics while it holds the lock").insert(place, verdict);
        }
        Ok(())
    };
    std::thread::scope(|threads_of| {
        let started: Vec<_> = (0..threads.max(1)).map(|_| threads_of.spawn(work)).collect();
        started.into_iter().try_for_each(|thread| thread.join().expect("a mutant panics no thread"))
    })?;
    let verdicts = verdicts.into_inner().expect("no thread panics while it holds the lock");
    Ok(verdicts.into_values().collect())
}

/// The slow ones stand last in the lists, and come first here.
fn next_of<'a>(mutants: &'a [Mutant], next: &AtomicUsize) -> Option<(usize, &'a Mutant)> {
    let place = mutants.len().checked_sub(next.fetch_add(1, Ordering::Relaxed) + 1)?;
    Some((place, &mutants[place]))
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
