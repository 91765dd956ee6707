//! How much of a scope a driver replays. All of it, but for the sockets and the browser, where a step costs many times more: there the
//! scope says how much. A part is never called the whole.

use model::action::{Action, Credential, InstanceId, ServerMove};
use model::graph::Graph;
use model::rule::Rules;
use model::scope::{DearShare, Fault, Platform, Scope, Webhooks};
use model::state::State;
use model::step::{actions, step};

use crate::cast;
use crate::driver::DriverKind;
use crate::tour::{Labels, Round, moves, tours};

/// How many steps are a sample: as many tours as have them.
const SAMPLE_STEPS: usize = 20_000;

/// How many steps of the first tours the browser walks beside its moves.
const BROWSER_STEPS: usize = 4_000;

/// How long a tour is; each begins on a fresh system. Records grow with each instance that ever logged in (LINK-3), and each step with
/// them: tours are short.
const TOUR_STEPS: usize = 2_000;

/// How many times the server is killed at most: each time a process starts, which takes longer than a hundred other steps.
pub const MOST_RESTARTS: usize = 1_000;

/// The same where something else is in question beside restarts.
const FEW_RESTARTS: usize = 100;

/// A part of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayShare {
    /// Every transition.
    Whole,
    /// Every transition of the scope in which all UserSigs are good.
    GoodLogins,
    /// The first few tours, and no more.
    Sample,
    /// The first tours, up to the last of [`MOST_RESTARTS`], or of fewer.
    Restarts,
    /// Every action in every phase of its instance, and then the first few tours.
    Moves,
    /// Nothing: the driver does not see what the scope is about.
    Nothing,
}

impl ReplayShare {
    /// What a driver replays of a scope. The sockets' steps are dear, and theirs is one server process, which tells no callbacks. A browser's
    /// are dearer still, and all that runs in it is a page.
    pub fn of(driver: DriverKind, scope: &Scope) -> ReplayShare {
        match (driver, scope.dear_share) {
            (DriverKind::Machines | DriverKind::Stack, _) | (DriverKind::Sockets, DearShare::Whole) => ReplayShare::Whole,
            (DriverKind::Browser, _) if is_seen_by_pages(scope) => ReplayShare::Moves,
            (DriverKind::Browser, _) => ReplayShare::Nothing,
            (DriverKind::Sockets, DearShare::GoodLogins) => ReplayShare::GoodLogins,
            (DriverKind::Sockets, DearShare::Restarts) => ReplayShare::Restarts,
            (DriverKind::Sockets, DearShare::Sample) if scope.webhooks == Webhooks::Posted || scope.has_several_nodes() => {
                ReplayShare::Nothing
            }
            (DriverKind::Sockets, DearShare::Sample) if scope.has(Fault::Restarts) => ReplayShare::Restarts,
            (DriverKind::Sockets, DearShare::Sample) => ReplayShare::Sample,
        }
    }

    /// The tours through this part, of the whole scope's round and in its labels.
    pub fn tours(self, round: &Round<'_>) -> Vec<Labels> {
        let (scope, steps) = (&round.graph().scope, TOUR_STEPS);
        match self {
            ReplayShare::Whole => round.tours(steps).collect(),
            ReplayShare::GoodLogins => good_logins(scope, steps),
            ReplayShare::Sample => few_steps(round.tours(steps), SAMPLE_STEPS),
            ReplayShare::Moves => {
                moves(round.graph(), steps).into_iter().chain(few_steps(round.tours(steps), BROWSER_STEPS)).collect()
            }
            ReplayShare::Restarts => few_restarts(scope, round.tours(steps), most_restarts(scope)),
            ReplayShare::Nothing => Vec::new(),
        }
    }
}

/// Whether all instances are pages, each with a key of its own, of one node that tells no callbacks.
fn is_seen_by_pages(scope: &Scope) -> bool {
    let is_page = |seat: InstanceId| scope.platform(seat) == Platform::Web && cast::shares_with(scope, seat).is_none();
    scope.instances().all(is_page) && scope.webhooks != Webhooks::Posted && !scope.has_several_nodes()
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
    if scope.dear_share == DearShare::Restarts { MOST_RESTARTS } else { FEW_RESTARTS }
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
    fn every_driver_but_the_sockets_and_the_browser_walks_every_scope_whole() {
        let whole = |driver| scopes::all().iter().filter(|scope| ReplayShare::of(driver, scope) == ReplayShare::Whole).count();
        assert_eq!(whole(DriverKind::Machines), scopes::all().len());
        assert_eq!(whole(DriverKind::Stack), scopes::all().len());
        assert_eq!(whole(DriverKind::Sockets), 3);
        assert_eq!(whole(DriverKind::Browser), 0);
    }

    #[test]
    fn the_browser_walks_what_pages_see() {
        let share = |name| ReplayShare::of(DriverKind::Browser, &scopes::named(name).expect("it is there"));
        assert_eq!(["page-default", "page-story", "page-close"].map(share), [ReplayShare::Moves; 3]);
        assert_eq!(["policy-multi", "same-key", "callbacks", "nodes-story"].map(share), [ReplayShare::Nothing; 4]);
    }

    #[test]
    fn a_walk_with_good_logins_covers_the_narrow_scope_whole_and_the_wide_one_in_part() {
        let wide = scopes::named("usersig").expect("it is there");
        let narrow = Graph::of(&Scope { credentials: vec![Credential::Good], ..wide.clone() });
        let tours = ReplayShare::GoodLogins.tours(&Round::of(&Graph::of(&wide)));
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
