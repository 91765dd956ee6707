//! What the model's side says of a scope, and the tours through it that each driver walks. It replays nothing.

use std::sync::Arc;

use model::balance::Balance;
use model::graph::Graph;
use model::rule::Rules;
use model::scope::Scope;
use model::second;
use model::step::{acting, actions, step};
use model::verdict::judge;

use super::{Plan, Searched};
use crate::coverage::{CountRules, RuleCounts};
use crate::driver::DriverKind;
use crate::replay_share::ReplayShare;
use crate::tour::Round;

/// The tours of one driver.
pub(super) type Tours = (DriverKind, Vec<Arc<[u16]>>);

/// All that the model's side says, and the tours.
pub(super) fn search(scope: &Scope, plan: &Plan) -> (Searched, Vec<Tours>) {
    let graph = Graph::of(scope);
    let judgement = judge(&graph);
    let round = Round::of(&graph);
    let searched = Searched {
        states: graph.state_count(),
        transitions: graph.transition_count(),
        self_loops: graph.self_loops(),
        depth: graph.depth(),
        longest_queue: graph.longest_queue(),
        strongly_connected: graph.is_strongly_connected(),
        digest: graph.digest(),
        verdict: judgement.verdict,
        observed: judgement.observed,
        second: second::ask(scope, Rules::ALL),
        balance: Balance::of(&graph),
        least_steps: round.least_steps(),
        rules: if plan.count_rules == CountRules::Yes { rule_counts(&graph) } else { RuleCounts::new() },
    };
    let tours = plan.drivers.of(scope, &searched).into_iter().map(|driver| (driver, tours(driver, &round)));
    let tours = tours.collect();
    (searched, tours)
}

fn tours(driver: DriverKind, round: &Round<'_>) -> Vec<Arc<[u16]>> {
    let tours = ReplayShare::of(driver, &round.graph().scope).tours(round);
    tours.into_iter().map(Arc::from).collect()
}

/// The rules that act, on every transition of the graph.
fn rule_counts(graph: &Graph) -> RuleCounts {
    let mut counts = RuleCounts::new();
    for state in graph.states() {
        for action in actions(&graph.scope, &state) {
            let acting = acting(&graph.scope, &state, action, &step(&graph.scope, graph.rules, &state, action));
            acting.iter().for_each(|rule| *counts.entry((rule, action.kind())).or_default() += 1);
        }
    }
    counts
}
