//! A node whose every commit meets a conflict, because another node comes first each time, is seen as a node alone is: it loads, decides
//! again, says everything once, and loses nothing of what the other one stored.

use conformance::divergence::Divergence;
use conformance::driver::{DriverKind, contested};
use conformance::replay::walk;
use conformance::tour::tours;
use model::graph::Graph;
use model::scopes;

/// Between them they have every task of the server: logins that kick, logouts owed and not, resumes, readmissions, lapses, expiries, REST
/// kicks, messages, callbacks.
const SCOPES: [&str; 5] = ["usersig", "limit-change", "callbacks-expiry", "rest-kick", "copies"];

/// The first difference on the tours of a scope, and how many steps agreed.
fn first_difference(scope: &str) -> (Option<Box<Divergence>>, usize) {
    let scope = scopes::named(scope).expect("it is there");
    let mut steps = 0;
    for labels in tours(&Graph::of(&scope), 4_000) {
        let walked = walk(&scope, DriverKind::Machines, contested(&scope).as_mut(), &labels, || {});
        steps += walked.steps;
        if let Some(found) = walked.divergence {
            return (Some(Box::new(found)), steps);
        }
    }
    (None, steps)
}

#[test]
fn a_node_whose_every_commit_meets_a_conflict_is_seen_as_a_node_alone() {
    for scope in SCOPES {
        let (difference, steps) = first_difference(scope);
        assert!(difference.is_none() && steps > 1_000, "{scope} after {steps} steps: {}", difference.expect("it differs"));
    }
}

#[cfg(debug_assertions)]
mod planted {
    use sut::planted::{Unreplayed, plant_unreplayed};

    use super::first_difference;

    /// The first lines that differ with that bug.
    fn lines(bug: Unreplayed) -> String {
        plant_unreplayed(Some(bug));
        let (found, _) = first_difference("usersig");
        plant_unreplayed(None);
        found.expect("it is seen").first_lines().join("  ")
    }

    #[test]
    fn a_conflict_that_is_taken_for_done_is_seen() {
        assert_eq!(lines(Unreplayed::Node1ConflictIsDone), "+ strange: the last REST kick of a is not on record");
    }

    #[test]
    fn what_was_decided_on_the_old_record_and_is_stored_over_the_new_one_is_seen() {
        assert_eq!(lines(Unreplayed::Node1OldRecordWins), "+ strange: what another node stored of a is lost");
    }
}
