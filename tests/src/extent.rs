//! How much of a scope a driver replays. All of it, but for the sockets, where a step costs many times more: there only the scopes that
//! are named here are walked whole. It says what is left out; it never calls a part the whole.

use model::action::{Action, Credential, ServerMove};
use model::graph::Graph;
use model::rule::Rules;
use model::scope::{Fault, Scope, Webhooks};
use model::state::State;
use model::step::{actions, step};

use crate::driver::DriverKind;
use crate::tour::{Labels, Round, tours};

/// How many steps are a sample: as many tours as have them.
const SAMPLE_STEPS: usize = 20_000;

/// How long a tour is; each begins on a fresh system. Records grow with each instance that ever logged in (LINK-3), and each step with
/// them: tours are short.
const TOUR_STEPS: usize = 2_000;

/// How many times the server is killed at most: each time a process starts, which takes longer than a hundred other steps.
pub const MOST_RESTARTS: usize = 1_000;

/// The same where something else is in question beside restarts.
const FEW_RESTARTS: usize = 100;

/// A part of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every transition.
    Whole,
    /// Every transition of the scope in which all UserSigs are good.
    GoodLogins,
    /// The first few tours, and no more.
    Sample,
    /// The first tours, up to the last of [`MOST_RESTARTS`], or of fewer.
    Restarts,
    /// Nothing: the driver does not see what the scope is about.
    Nothing,
}

/// The scopes that a plain check takes: a part that shows every rule.
const THAT_SHOW_THE_RULES: [&str; 22] = [
    "page-default",
    "page-story",
    "usersig",
    "destroy",
    "policy-dual",
    "order",
    "half-open",
    "deadlines",
    "expiry",
    "rest-kick",
    "page-close",
    "resume-messages",
    "repeat",
    "restart",
    "restart-cut",
    "expiry-restart",
    "two-accounts-late",
    "limits-elsewhere",
    "limit-change",
    "callbacks-expiry",
    "callbacks-kicks",
    "same-key",
];

/// Whether a plain check takes the scope.
pub fn shows_the_rules(scope: &Scope) -> bool {
    THAT_SHOW_THE_RULES.contains(&scope.name)
}

impl Extent {
    /// What a driver replays of a scope.
    pub fn of(driver: DriverKind, scope: &Scope) -> Extent {
        match (driver, scope.name) {
            (DriverKind::Machines | DriverKind::Stack, _) | (DriverKind::Sockets, "page-default" | "rest-kick" | "reconnect") => {
                Extent::Whole
            }
            (DriverKind::Sockets, "page-story") => Extent::GoodLogins,
            (DriverKind::Sockets, _) => Extent::over_sockets(scope),
        }
    }

    /// A server process tells no callbacks.
    fn over_sockets(scope: &Scope) -> Extent {
        match scope.webhooks {
            Webhooks::Posted => Extent::Nothing,
            Webhooks::Never if scope.has(Fault::Restarts) => Extent::Restarts,
            Webhooks::Never => Extent::Sample,
        }
    }

    /// The tours through this part, of the whole scope's round and in its labels.
    pub fn tours(self, round: &Round<'_>) -> Vec<Labels> {
        let (scope, steps) = (&round.graph().scope, TOUR_STEPS);
        match self {
            Extent::Whole => round.tours(steps).collect(),
            Extent::GoodLogins => good_logins(scope, steps),
            Extent::Sample => few_steps(round.tours(steps), SAMPLE_STEPS),
            Extent::Restarts => few_restarts(scope, round.tours(steps), most_restarts(scope)),
            Extent::Nothing => Vec::new(),
        }
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
    let mut state = State::initial(wide);
    let told = labels.iter().map(|label| {
        let action = actions(narrow, &state)[usize::from(*label)];
        let place = actions(wide, &state).iter().position(|offered| *offered == action);
        state = step(narrow, Rules::ALL, &state, action).next;
        place.expect("the wide scope offers what the narrow one does") as u16
    });
    told.collect()
}

fn most_restarts(scope: &Scope) -> usize {
    if scope.name == "restart" { MOST_RESTARTS } else { FEW_RESTARTS }
}

/// The first tours that have so many steps together, or all of them.
fn few_steps(tours: impl Iterator<Item = Labels>, most: usize) -> Vec<Labels> {
    let mut left = most;
    let is_wanted = |tour: &Labels| {
        left > 0 && {
            left = left.saturating_sub(tour.len());
            true
        }
    };
    tours.take_while(is_wanted).collect()
}

/// The tours as long as no more than so many restarts are made; the last one is cut short behind the last of them.
pub fn few_restarts(scope: &Scope, tours: impl IntoIterator<Item = Labels>, most: usize) -> Vec<Labels> {
    let mut left = most;
    let mut taken = Vec::new();
    for mut tour in tours {
        let restarts = restarts(scope, &tour);
        if let Some(last) = left.checked_sub(1).and_then(|last| restarts.get(last)) {
            tour.truncate(last + 1);
        }
        left = left.saturating_sub(restarts.len());
        taken.push(tour);
        if left == 0 {
            break;
        }
    }
    taken
}

/// The steps of a tour at which the server is killed.
fn restarts(scope: &Scope, labels: &[u16]) -> Vec<usize> {
    let mut state = State::initial(scope);
    let mut at = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let action = actions(scope, &state)[usize::from(*label)];
        at.extend((action == Action::Server(ServerMove::Restart)).then_some(index));
        state = step(scope, Rules::ALL, &state, action).next;
    }
    at
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
        assert_eq!(whole(DriverKind::Sockets), 3);
    }

    #[test]
    fn a_walk_with_good_logins_covers_the_narrow_scope_whole_and_the_wide_one_in_part() {
        let wide = scopes::named("usersig").expect("it is there");
        let narrow = Graph::of(&Scope { credentials: vec![Credential::Good], ..wide.clone() });
        let tours = Extent::GoodLogins.tours(&Round::of(&Graph::of(&wide)));
        let coverage = count(&wide, &tours.iter().map(Vec::as_slice).collect::<Vec<_>>(), CountRules::No);
        assert_eq!((coverage.covered, coverage.states), (narrow.transition_count(), narrow.state_count()));
        assert!(coverage.covered < coverage.offered);
    }

    #[test]
    fn a_sample_is_the_first_tours_of_so_many_steps() {
        let three = || [vec![0; 5], vec![1; 5], vec![2; 5]].into_iter();
        assert_eq!(few_steps(three(), 5).len(), 1);
        assert_eq!(few_steps(three(), 6).len(), 2);
        assert_eq!(few_steps(three(), 100).len(), 3);
    }

    #[test]
    fn a_sample_of_restarts_ends_with_the_last_that_may_be_made() {
        let scope = scopes::named("restart").expect("it is there");
        let all = tours(&Graph::of(&scope), 2_000);
        let made = |tours: &[Labels]| tours.iter().map(|tour| restarts(&scope, tour).len()).collect::<Vec<_>>();
        let first = made(&all)[0];
        let few = few_restarts(&scope, all.clone(), first + 3);
        assert_eq!(made(&few), [first, 3]);
        assert_eq!(restarts(&scope, &few[1]).last(), Some(&(few[1].len() - 1)));
        assert_eq!(few_restarts(&scope, all.clone(), usize::MAX), all);
    }
}
