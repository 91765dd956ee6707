//! When a timer is due is part of what is compared: a frame that does not start a heartbeat anew is seen at once, on both drivers. The
//! times stand in [`conformance::wire`].
#![cfg(debug_assertions)]

use conformance::driver::DriverKind;
use conformance::planting;
use conformance::replay::replay;
use conformance::shortest::shortest;
use model::scopes;
use sut::planted::Planted;

/// What is said of a frame that is not heard, in its shortest story on a driver.
fn strange(bug: Planted, scope: &str, kind: DriverKind) -> Vec<String> {
    let scope = scopes::named(scope).expect("it is there");
    planting::with(Some(bug), || {
        let short = shortest(&scope, DriverKind::Machines, 20).expect("it is seen");
        assert!(short.is_shortest());
        replay(&scope, kind, &short.told.labels).divergence.map(|found| found.actual.strange).unwrap_or_default()
    })
}

#[test]
fn a_sync_that_does_not_start_the_servers_heartbeat_anew_is_seen_on_both_drivers() {
    let late = [
        "the timer of the server's heartbeat for a1 is due 29998 ms after what was heard last, not 30000 ms",
        "the timer of the server's ping for a1 is due 19998 ms after what was heard last, not 20000 ms",
    ];
    for kind in [DriverKind::Machines, DriverKind::Stack] {
        assert_eq!(strange(Planted::Link7SyncUnheard, "usersig", kind), late, "{kind}");
    }
}

#[test]
fn a_message_that_does_not_start_the_instances_heartbeat_anew_is_seen_on_both_drivers() {
    let late = "the timer of a2's heartbeat is due 29999 ms after what was heard last, not 30000 ms";
    for kind in [DriverKind::Machines, DriverKind::Stack] {
        assert_eq!(strange(Planted::Link7MessageUnheard, "copies", kind), [late], "{kind}");
    }
}
