//! A run without end as a person reads it: each step with what an application sees of it. It decides nothing.

use model::action::Action;
use model::liveness::{Change, Lasso};
use model::scope::Scope;
use model::state::State;

use crate::naming;

/// A run, a line a step.
pub(crate) struct Told {
    /// The way to where it goes round, or where nothing happens any more.
    pub(crate) way: Vec<String>,
    /// What is gone round for ever; empty if nothing is.
    pub(crate) round: Vec<String>,
}

/// The run of a model so changed.
pub(crate) fn told(scope: &Scope, change: Change, lasso: &Lasso) -> Told {
    let mut state = State::initial(scope);
    let mut tell = |action: &Action| {
        let made = change.step(scope, &state, *action);
        let what = naming::action(scope, &state, *action);
        let seen = made.items.iter().filter(|item| !naming::told(**item).is_empty());
        let seen: Vec<_> = seen.map(|item| naming::item(scope, *item)).collect();
        state = made.next;
        if seen.is_empty() { what } else { format!("{what} → {}", seen.join("; ")) }
    };
    Told { way: lasso.way.iter().map(&mut tell).collect(), round: lasso.round.iter().map(&mut tell).collect() }
}

impl Told {
    /// What stands between the way and the round.
    pub(crate) fn turn(&self) -> &'static str {
        if self.round.is_empty() { "for ever: nothing more" } else { "again and again:" }
    }
}
