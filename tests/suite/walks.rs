//! Walks through scopes larger than the exhaustive ones, on the model and on the real system side by side: three or four instances of any
//! platforms, up to two accounts, any policy and limits, every credential, everything that fails. The seed is fixed, so that every run
//! makes the same walks;
//! `PROPTEST_CASES` asks for more of them. It never counts as coverage of a scope: nothing here is exhaustive.

mod plan;
mod tally;
mod walk;

use std::cell::RefCell;

use conformance::driver::DriverKind;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use plan::{Plan, plans};
use tally::Tally;
use walk::{Walk, walk};

/// Any number; another one makes other walks.
const SEED: u64 = 2;

/// So many walks for every case that proptest is asked for, which are 256 unless `PROPTEST_CASES` says otherwise. The machines make
/// many in the time of one on the stack.
const fn walks_a_case(kind: DriverKind) -> u32 {
    match kind {
        DriverKind::Machines => 24,
        DriverKind::Stack | DriverKind::Sockets | DriverKind::Browser => 2,
    }
}

fn config(kind: DriverKind) -> Config {
    let asked = Config::default();
    let (cases, rng_seed) = (asked.cases.saturating_mul(walks_a_case(kind)), RngSeed::Fixed(SEED));
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..asked }
}

/// The smallest walk found that does not end well, and how it ends.
fn failing_walk(config: Config, kind: DriverKind) -> Option<Walk> {
    let check = |plan: Plan| walk(&plan, kind).end.map_err(TestCaseError::fail);
    match TestRunner::new(config).run(&plans(), check) {
        Ok(()) => None,
        Err(TestError::Fail(_, plan)) => Some(walk(&plan, kind)),
        Err(TestError::Abort(why)) => panic!("the walks were given up: {why}"),
    }
}

fn check_that_all_walks_agree(kind: DriverKind) {
    if let Some(walk) = failing_walk(config(kind), kind) {
        panic!("{walk}");
    }
}

#[test]
fn every_walk_is_the_same_on_the_machines() {
    check_that_all_walks_agree(DriverKind::Machines);
}

#[test]
fn every_walk_is_the_same_on_the_stack() {
    check_that_all_walks_agree(DriverKind::Stack);
}

#[test]
fn the_walks_use_every_rule_and_everything_that_can_be_seen() {
    let tally = RefCell::new(Tally::default());
    let count = |plan: Plan| {
        tally.borrow_mut().add(&plan);
        Ok(())
    };
    TestRunner::new(config(DriverKind::Machines)).run(&plans(), count).expect("counting refuses no walk");
    let tally = tally.into_inner();
    println!("{tally}");
    assert_eq!(tally.missing(), []);
}

/// Where a bug can be planted, the walks are seen to find each one.
#[cfg(debug_assertions)]
mod planted {
    use super::*;
    use conformance::planting;
    use sut::planted::Planted;

    fn with_bug(bug: Planted, shrinks: u32) -> Option<Walk> {
        let config = Config { max_shrink_iters: shrinks, ..config(DriverKind::Machines) };
        planting::with(Some(bug), || failing_walk(config, DriverKind::Machines))
    }

    /// What takes a login that kicks two, with callbacks: the scope `callbacks-kicks` shows it. What takes an owed logout that nobody signed, and
    /// behind it a link of the same key that is older: `deadlines` does. And what takes two nodes, or an account's limit: theirs do.
    const TOO_RARE: [Planted; 9] = [
        Planted::Hook1VictimsReversed,
        Planted::Logout4UnsignedRaises,
        Planted::Node2NeverAsks,
        Planted::Node2LateNoticeEnds,
        Planted::Node3NobodyTakesOver,
        Planted::Node3NoGapTakenOver,
        Planted::Node3GoesOnAsBefore,
        Planted::Kick13PlatformsCounted,
        Planted::Kick13ClassCounted,
    ];

    #[test]
    fn every_planted_bug_is_found_by_a_walk() {
        let sought = Planted::ALL.into_iter().filter(|bug| !TOO_RARE.contains(bug));
        let missed: Vec<_> = sought.filter(|bug| with_bug(*bug, 0).is_none()).collect();
        assert_eq!(missed, []);
    }

    #[test]
    fn a_failing_walk_is_shrunk_to_a_readable_one() {
        let walk = with_bug(Planted::Kick2NewestKicked, 20_000).expect("the bug is found");
        println!("{walk}");
        assert!(walk.taken.len() <= 40, "{walk}");
        assert!(walk.end.is_err_and(|what| what.contains("the system differs")));
    }
}
