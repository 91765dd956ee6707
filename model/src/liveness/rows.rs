//! The liveness report: a row a claim, with where it was decided, under what, and what breaks it. It renders nothing.

use super::claim::Claim;
use super::lasso::Lasso;
use super::moves::Moves;
use super::{Finding, decide, kick_loop};
use crate::liveness::change::Change;
use crate::scope::Scope;
use crate::scopes::{UnknownScope, named};

/// A claim in one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where.
    pub scope: &'static str,
    /// In how many states somebody waits, over all cases.
    pub waiting: usize,
    /// What was found.
    pub finding: Finding,
}

/// How big a scope's graph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Whose.
    pub scope: &'static str,
    /// States.
    pub states: usize,
    /// Transitions.
    pub transitions: usize,
    /// Obligations that can never be met, which would make what is found vacuous: none.
    pub owed_in_vain: usize,
}

impl Size {
    fn of(moves: &Moves) -> Size {
        let owed_in_vain = moves.owed_in_vain().len();
        Size { scope: moves.scope.name, states: moves.states.len(), transitions: moves.count(), owed_in_vain }
    }
}

/// What a claim is broken by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// What was left out.
    pub change: Change,
    /// In which scope.
    pub scope: &'static str,
    /// The run; `None` if the claim still holds, which is a failure.
    pub run: Option<Lasso>,
}

/// A claim's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub claim: Claim,
    /// Every scope in which somebody waits.
    pub decisions: Vec<Decision>,
    /// Its mutant.
    pub broken_by: Break,
}

impl Row {
    /// The word in the table: verified only if it holds wherever somebody waits, somebody does, and its mutant breaks it.
    pub fn verdict(&self) -> &'static str {
        let holds = self.decisions.iter().all(|decision| decision.finding == Finding::Holds);
        match (holds, !self.decisions.is_empty() && self.broken_by.run.is_some()) {
            (true, true) => "VERIFIED",
            (true, false) => "VACUOUS",
            (false, _) => "VIOLATED",
        }
    }
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The graphs, in the order of the scopes.
    pub sizes: Vec<Size>,
    /// A row a claim, in the order of [`Claim::ALL`].
    pub rows: Vec<Row>,
    /// A kick loop of applications that log in again and again, in the scope of that name; the fault is theirs, and no rule forbids it.
    pub kick_loop: Option<(&'static str, Lasso)>,
}

/// Decides every claim in every scope given; each graph is built once.
///
/// # Errors
/// [`UnknownScope`] if the scope of a mutant does not exist.
pub fn report(scopes: &[Scope]) -> Result<Report, UnknownScope> {
    let mut sizes = Vec::new();
    let mut decisions: Vec<Vec<Decision>> = vec![Vec::new(); Claim::ALL.len()];
    let mut kicked_in_turn = None;
    for scope in scopes {
        let moves = Moves::of(scope, Change::Nothing);
        sizes.push(Size::of(&moves));
        for (claim, decided) in Claim::ALL.into_iter().zip(&mut decisions) {
            decided.extend(decision(&moves, claim));
        }
        kicked_in_turn = kicked_in_turn.or_else(|| kick_loop(&moves).map(|lasso| (scope.name, lasso)));
    }
    let rows = Claim::ALL.into_iter().zip(decisions);
    let rows = rows.map(|(claim, decisions)| Ok(Row { claim, decisions, broken_by: broken(claim)? }));
    Ok(Report { sizes, rows: rows.collect::<Result<_, _>>()?, kick_loop: kicked_in_turn })
}

fn decision(moves: &Moves, claim: Claim) -> Option<Decision> {
    let cases = claim.cases(&moves.scope);
    let waiting: usize = cases.iter().map(|case| moves.states.iter().filter(|state| case.waits(state)).count()).sum();
    (waiting > 0).then(|| Decision { scope: moves.scope.name, waiting, finding: decide(moves, claim) })
}

/// The claim's mutant, in the scope in which it is seen.
///
/// # Errors
/// [`UnknownScope`] if there is no such scope.
pub fn broken(claim: Claim) -> Result<Break, UnknownScope> {
    let (change, scope) = claim.broken_by();
    let scope = named(scope)?;
    let moves = Moves::of(&scope, change);
    let run = match decide(&moves, claim) {
        Finding::Holds => None,
        Finding::Violated(lasso) => Some(lasso),
    };
    Ok(Break { change, scope: scope.name, run })
}
