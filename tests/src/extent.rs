//! How much of a scope a driver replays. All of it, but for the sockets, where a step costs many times more: there only the scopes that
//! are named here are walked whole. It says what is left out; it never calls a part the whole.

use std::fmt;

use model::action::Credential;
use model::graph::Graph;
use model::rule::Rules;
use model::scope::Scope;
use model::state::State;
use model::step::{actions, step};

use crate::driver::DriverKind;
use crate::tour::{Labels, tours};

/// How many tours are a sample.
const SAMPLE_TOURS: usize = 10;

/// How long a tour is; each begins on a fresh system. Records grow with each instance that ever logged in (LINK-3), and a server process
/// tells them at every step: tours are short.
const fn tour_steps(driver: DriverKind) -> usize {
    match driver {
        DriverKind::Machines | DriverKind::Stack => 4_000,
        DriverKind::Sockets => 2_000,
    }
}

/// A part of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every transition.
    Whole,
    /// Every transition of the scope in which all UserSigs are good.
    GoodLogins,
    /// The first few tours, and no more.
    Sample,
}

/// The scopes that a plain check takes: a part that shows every rule.
const THAT_SHOW_THE_RULES: [&str; 19] = [
    "page-default",
    "page-story",
    "usersig",
    "destroy",
    "policy-dual",
    "kick-two",
    "two-accounts",
    "messages",
    "order",
    "half-open",
    "deadlines",
    "expiry",
    "rest-kick",
    "page-close",
    "resume-messages",
    "repeat",
    "restart",
    "limit-change",
    "callbacks-expiry",
];

/// Whether a plain check takes the scope.
pub fn shows_the_rules(scope: &Scope) -> bool {
    THAT_SHOW_THE_RULES.contains(&scope.name)
}

impl Extent {
    /// What a driver replays of a scope.
    pub fn of(driver: DriverKind, scope: &Scope) -> Extent {
        match (driver, scope.name) {
            (DriverKind::Machines | DriverKind::Stack, _) | (DriverKind::Sockets, "page-default" | "rest-kick") => Extent::Whole,
            (DriverKind::Sockets, "page-story") => Extent::GoodLogins,
            (DriverKind::Sockets, _) => Extent::Sample,
        }
    }

    /// The tours of a driver through this part, on the whole scope's graph and in its labels.
    pub fn tours(self, driver: DriverKind, graph: &Graph) -> Vec<Labels> {
        let steps = tour_steps(driver);
        match self {
            Extent::Whole => tours(graph, steps),
            Extent::GoodLogins => good_logins(&graph.scope, steps),
            Extent::Sample => tours(graph, steps).into_iter().take(SAMPLE_TOURS).collect(),
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Extent::Whole => "whole",
            Extent::GoodLogins => "good logins",
            Extent::Sample => "sample",
        })
    }
}

/// The tours through the scope with good UserSigs only, told in the labels of the scope with all of them.
fn good_logins(scope: &Scope, steps: usize) -> Vec<Labels> {
    let narrow = Scope { credentials: vec![Credential::Good], ..scope.clone() };
    let told = |tour: &Labels| in_labels_of(scope, &narrow, tour);
    tours(&Graph::of(&narrow), steps).iter().map(told).collect()
}

/// A walk through the narrow scope in the labels of the wide one, which offers all that the narrow one does, and more.
fn in_labels_of(wide: &Scope, narrow: &Scope, labels: &[u16]) -> Labels {
    let mut state = State::default();
    let told = labels.iter().map(|label| {
        let action = actions(narrow, &state)[usize::from(*label)];
        let place = actions(wide, &state).iter().position(|offered| *offered == action);
        state = step(narrow, Rules::ALL, &state, action).next;
        place.expect("the wide scope offers what the narrow one does") as u16
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{CountRules, count};
    use model::scopes;

    #[test]
    fn every_driver_but_the_sockets_walks_every_scope_whole() {
        let whole = |driver| scopes::all().iter().filter(|scope| Extent::of(driver, scope) == Extent::Whole).count();
        assert_eq!(whole(DriverKind::Machines), scopes::all().len());
        assert_eq!(whole(DriverKind::Stack), scopes::all().len());
        assert_eq!(whole(DriverKind::Sockets), 2);
    }

    #[test]
    fn a_walk_with_good_logins_covers_the_narrow_scope_whole_and_the_wide_one_in_part() {
        let wide = scopes::named("usersig").expect("it is there");
        let narrow = Graph::of(&Scope { credentials: vec![Credential::Good], ..wide.clone() });
        let tours = Extent::GoodLogins.tours(DriverKind::Sockets, &Graph::of(&wide));
        let coverage = count(&wide, &tours.iter().map(Vec::as_slice).collect::<Vec<_>>(), CountRules::No);
        assert_eq!((coverage.covered, coverage.states), (narrow.transition_count(), narrow.state_count()));
        assert!(coverage.covered < coverage.offered);
    }
}
