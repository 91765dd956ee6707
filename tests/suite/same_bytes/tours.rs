//! Tours replayed twice, the second time on other threads: all that is seen of each step, and on the machines all that the system holds
//! behind it, is the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use conformance::driver::{Driver, DriverKind, Machines};
use conformance::parallel::in_parallel;
use conformance::replay::Replay;
use conformance::tour::{Labels, tours_by_and_by};
use model::graph::{Bound, Graph};
use model::rule::Rules;
use model::scope::Scope;
use model::scopes;

/// How many tours are replayed.
const TOURS: usize = 1_000;

/// About how many steps each has.
const STEPS: usize = 30;

/// The states of a scope that they go through, at most.
const NEAR: usize = 3_000;

/// The first tours through the part of every scope that is nearest to its initial state.
fn tours() -> Vec<(Scope, Labels)> {
    let scopes = scopes::all();
    let each = TOURS.div_ceil(scopes.len());
    let near = |scope: &Scope| Graph::build(scope, Rules::ALL, Bound { states: NEAR });
    let of = |scope: &Scope| tours_by_and_by(&near(scope), STEPS).take(each).collect::<Vec<_>>();
    let tours = scopes.iter().flat_map(|scope| of(scope).into_iter().map(|tour| (scope.clone(), tour)));
    tours.take(TOURS).collect()
}

/// A line a step.
type Log = Vec<String>;

fn on_the_machines(scope: &Scope, labels: &[u16]) -> Log {
    let (mut replay, mut machines) = (Replay::new(scope), Machines::start(scope));
    let line = |label: &u16| {
        let ask = replay.go(*label).unwrap();
        let seen = machines.step(ask);
        format!("{ask:?} {seen:?} {:?}", machines.fingerprint())
    };
    labels.iter().map(line).collect()
}

fn on_the_stack(scope: &Scope, labels: &[u16]) -> Log {
    let (mut replay, mut stack) = (Replay::new(scope), DriverKind::Stack.start(scope));
    let line = |label: &u16| {
        let ask = replay.go(*label).unwrap();
        format!("{ask:?} {:?}", stack.step(ask))
    };
    labels.iter().map(line).collect()
}

/// The logs of all tours, each line as a number, made on that many threads.
fn logs(tours: &[(Scope, Labels)], threads: usize, log: fn(&Scope, &[u16]) -> Log) -> Vec<Vec<u64>> {
    let number = |line: &String| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    };
    in_parallel(tours, threads, |(scope, labels)| log(scope, labels).iter().map(number).collect())
}

/// The first tours of which two logs differ, and the step.
fn differing(tours: &[(Scope, Labels)], log: fn(&Scope, &[u16]) -> Log) -> Option<String> {
    let twice = logs(tours, 1, log).into_iter().zip(logs(tours, 3, log));
    tours.iter().zip(twice).find_map(|((scope, labels), (one, three))| {
        let step = one.iter().zip(&three).position(|(one, three)| one != three)?;
        let way: Vec<_> = labels[..=step].iter().map(u16::to_string).collect();
        Some(format!("{}:{}", scope.name, way.join(".")))
    })
}

#[test]
fn a_thousand_tours_replayed_twice_leave_identical_logs() {
    let tours = tours();
    assert_eq!(tours.len(), TOURS);
    assert_eq!([on_the_machines, on_the_stack].map(|log| differing(&tours, log)), [None, None]);
}
