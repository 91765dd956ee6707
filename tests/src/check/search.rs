//! What the model's side says of a scope, and the tours through it that each driver walks. It replays nothing.

use std::sync::Arc;

use model::balance::Balance;
use model::graph::Graph;
use model::rule::Rules;
use model::scope::Scope;
use model::second;
use model::step::acting;
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
    let (mut balance, mut rules) = (Balance::default(), RuleCounts::new());
    let digest = graph.digest_seeing(|before, action, made| {
        balance.count(before, action, made);
        if plan.count_rules == CountRules::Yes {
            let acting = acting(scope, before, action, made);
            acting.iter().for_each(|rule| *rules.entry((rule, action.kind())).or_default() += 1);
        }
    });
    let searched = Searched {
        states: graph.state_count(),
        transitions: graph.transition_count(),
        self_loops: graph.self_loops(),
        depth: graph.depth(),
        longest_queue: graph.longest_queue(),
        strongly_connected: graph.is_strongly_connected(),
        digest,
        verdict: judgement.verdict,
        observed: judgement.observed,
        second: second::ask(scope, Rules::ALL),
        balance,
        least_steps: round.least_steps(),
        rules,
    };
    let tours = plan.drivers.of(scope, &searched).into_iter().map(|driver| (driver, tours(driver, &round)));
    let tours = tours.collect();
    (searched, tours)
}

fn tours(driver: DriverKind, round: &Round<'_>) -> Vec<Arc<[u16]>> {
    let tours = ReplayShare::of(driver, &round.graph().scope).tours(round);
    tours.into_iter().map(Arc::from).collect()
}
