//! What searching costs: our breadth-first search of the largest scope, the judges' walk over it, and beside them stateright's two
//! checkers on the same scope. Ours searches, then judges; stateright's do both at once. It compares times, never results.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main, measurement::WallTime};
use model::graph::{Graph, StateId};
use model::rule::Rules;
use model::scope::Scope;
use model::scopes;
use model::second::ScopeModel;
use model::state::State;
use model::verdict::judge;
use stateright::{Checker, Model};

fn largest() -> Graph {
    let graphs = scopes::all().into_iter().map(|scope| Graph::of(&scope));
    graphs.max_by_key(Graph::state_count).expect("there are scopes")
}

/// What a graph keeps of each state, its transitions aside: the state, its parent, its depth, where its transitions start.
const KEPT: usize = size_of::<State>() + size_of::<(StateId, u16)>() + size_of::<u16>() + size_of::<usize>();

fn print_sizes(graph: &Graph) {
    let (states, transitions) = (graph.state_count(), graph.transition_count());
    let with_targets = KEPT + transitions * size_of::<StateId>() / states;
    println!("scope {}: {states} states, {transitions} transitions, depth {}", graph.scope.name, graph.depth());
    println!("bytes per state kept: {with_targets} with its transitions, {} of them the state itself", size_of::<State>());
    println!("while it is searched, {} more per state in the set of known ones", size_of::<(State, StateId)>());
}

fn searches(criterion: &mut Criterion) {
    let graph = largest();
    print_sizes(&graph);
    let mut group = criterion.benchmark_group(format!("search {}", graph.scope.name));
    group.throughput(Throughput::Elements(graph.state_count() as u64)).sampling_mode(SamplingMode::Flat);
    ours(&mut group, &graph);
    stateright(&mut group, &graph.scope);
    group.finish();
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, graph: &Graph) {
    group.bench_function("graph", |bencher| bencher.iter(|| black_box(Graph::of(&graph.scope)).state_count()));
    group.bench_function("judges over the graph", |bencher| bencher.iter(|| black_box(judge(graph)).observed));
}

fn stateright(group: &mut BenchmarkGroup<'_, WallTime>, scope: &Scope) {
    let model = ScopeModel { scope: scope.clone(), rules: Rules::ALL };
    group.bench_function("stateright breadth first", |bencher| {
        bencher.iter(|| black_box(model.clone().checker().spawn_bfs().join()).unique_state_count());
    });
    group.bench_function("stateright depth first", |bencher| {
        bencher.iter(|| black_box(model.clone().checker().spawn_dfs().join()).unique_state_count());
    });
}

fn brief() -> Criterion {
    Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(12))
}

criterion_group! { name = benches; config = brief(); targets = searches }
criterion_main!(benches);
