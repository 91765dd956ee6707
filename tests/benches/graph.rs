//! What searching costs: our breadth-first search of the largest scope, the judges' walk over it, and beside them stateright's two
//! checkers on the same scope, once without the judges, as our search is, and once with them; the ratios at the end. It compares times and
//! sizes, never results.

use std::hash::Hash;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main, measurement::WallTime};
use model::action::Action;
use model::graph::Graph;
use model::rule::Rules;
use model::scope::Scope;
use model::scopes;
use model::second::ScopeModel;
use model::state::State;
use model::step::{actions, step};
use model::verdict::judge;
use stateright::{Checker, Model};

fn largest() -> Graph {
    let graphs = scopes::all().into_iter().map(|scope| Graph::of(&scope));
    graphs.max_by_key(Graph::state_count).expect("there are scopes")
}

fn print_sizes(graph: &Graph) {
    let (states, transitions) = (graph.state_count(), graph.transition_count());
    println!("scope {}: {states} states, {transitions} transitions, depth {}", graph.scope.name, graph.depth());
    let kept = graph.bytes_besides_transitions() as f64 / states as f64;
    println!(
        "bytes per state kept besides the transitions: {kept:.1}; a state as the step function sees it: {}",
        size_of::<State>()
    );
}

fn searches(criterion: &mut Criterion) {
    let graph = largest();
    print_sizes(&graph);
    let mut group = criterion.benchmark_group(format!("search {}", graph.scope.name));
    group.throughput(Throughput::Elements(graph.state_count() as u64)).sampling_mode(SamplingMode::Flat);
    group.bench_function("graph", |bencher| bencher.iter(|| black_box(Graph::of(&graph.scope)).state_count()));
    stateright(&mut group, &Unjudged { scope: graph.scope.clone() }, "");
    group.bench_function("judges over the graph", |bencher| bencher.iter(|| black_box(judge(&graph)).observed));
    stateright(&mut group, &ScopeModel { scope: graph.scope.clone(), rules: Rules::ALL }, ", judging");
    group.finish();
    print_ratios(&graph.scope);
}

/// How our search stands to stateright's two, without the judges: the shortest of five runs of each, in turns.
fn print_ratios(scope: &Scope) {
    let model = Unjudged { scope: scope.clone() };
    let ours = || Graph::of(scope).state_count();
    let breadth = || model.clone().checker().spawn_bfs().join().unique_state_count();
    let depth = || model.clone().checker().spawn_dfs().join().unique_state_count();
    let mut best = [0.0_f64; 3];
    for _ in 0..5 {
        let rates = [states_a_second(ours), states_a_second(breadth), states_a_second(depth)];
        best = std::array::from_fn(|engine| best[engine].max(rates[engine]));
    }
    println!("unique states a second on {}: {:.0}", scope.name, best[0]);
    println!("times stateright's breadth first ({:.0}): {:.1}", best[1], best[0] / best[1]);
    println!("times stateright's depth first ({:.0}): {:.1}", best[2], best[0] / best[2]);
}

fn states_a_second(search: impl Fn() -> usize) -> f64 {
    let start = Instant::now();
    let states = search();
    states as f64 / start.elapsed().as_secs_f64()
}

fn stateright<M>(group: &mut BenchmarkGroup<'_, WallTime>, model: &M, how: &str)
where
    M: Model<State: Clone + Hash + PartialEq + Send + Sync, Action: Clone + PartialEq + Send + Sync>
        + Clone
        + Send
        + Sync
        + 'static,
{
    group.bench_function(format!("stateright breadth first{how}"), |bencher| {
        bencher.iter(|| black_box(model.clone().checker().spawn_bfs().join()).unique_state_count());
    });
    group.bench_function(format!("stateright depth first{how}"), |bencher| {
        bencher.iter(|| black_box(model.clone().checker().spawn_dfs().join()).unique_state_count());
    });
}

/// A scope as a stateright model without judges: what our search does, and nothing else. One property that always holds keeps it going.
#[derive(Clone)]
struct Unjudged {
    scope: Scope,
}

impl Model for Unjudged {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::initial(&self.scope)]
    }

    fn actions(&self, state: &State, offered: &mut Vec<Action>) {
        offered.extend(actions(&self.scope, state));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        Some(step(&self.scope, Rules::ALL, state, action).next)
    }

    fn properties(&self) -> Vec<stateright::Property<Unjudged>> {
        vec![stateright::Property::always("nothing is judged", |_, _| true)]
    }
}

fn brief() -> Criterion {
    Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(12))
}

criterion_group! { name = benches; config = brief(); targets = searches }
criterion_main!(benches);
