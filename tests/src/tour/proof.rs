//! The proof that no walks take every transition in fewer steps. It is checked on the graph alone and knows nothing of how it was found.

use model::graph::{Graph, StateId};

/// How many steps walks from the initial state have at least that together take every transition, however many walks they are; `None` if
/// the prices prove nothing.
///
/// Prices prove it if they rise by at most 1 on each transition, and no state has a lower one than the initial state. For when each walk is
/// followed by one that begins afresh, and the last by the first, the price rises by 0 in all; it rises by at most 1 a step, and never
/// where a walk begins. So at least as many steps are repeated as the price falls over all transitions, each taken once.
pub(super) fn least_steps(graph: &Graph, price: impl Fn(StateId) -> i32) -> Option<usize> {
    let mut least = 0;
    for state in 0..graph.state_count() as StateId {
        let rises = graph.targets_of(state).iter().map(|target| price(*target) - price(state));
        if price(0) > price(state) || rises.clone().any(|rise| rise > 1) {
            return None;
        }
        least += rises.map(|rise| i64::from(1 - rise)).sum::<i64>();
    }
    usize::try_from(least).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::scopes;

    #[test]
    fn prices_that_rise_nowhere_prove_one_step_a_transition() {
        let graph = Graph::of(&scopes::named("usersig").expect("it is there"));
        assert_eq!(least_steps(&graph, |_| 0), Some(graph.transition_count()));
    }

    #[test]
    fn prices_prove_nothing_that_rise_by_two_on_a_transition_or_where_a_walk_begins() {
        let graph = Graph::of(&scopes::named("usersig").expect("it is there"));
        assert_eq!(least_steps(&graph, |state| if state == 0 { 0 } else { 2 }), None);
        assert_eq!(least_steps(&graph, |state| if state == 0 { 1 } else { 0 }), None);
    }
}
