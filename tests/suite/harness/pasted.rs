//! What `kickproof replay --as-test` prints is a test that compiles when it is pasted, and says what is so: the two here were.

use conformance::driver::DriverKind;
use conformance::pasted;
use conformance::replay::replay;

#[rustfmt::skip]
mod agreeing;
#[rustfmt::skip]
mod differing;

#[cfg(debug_assertions)]
#[test]
fn the_test_of_the_bug_in_the_readme_is_printed_as_it_was_pasted() {
    use conformance::planting;
    use conformance::token::Trace;
    use sut::planted::Planted;

    let trace: Trace = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up".parse().expect("a trace");
    assert!(include_str!("../../../README.md").contains(&trace.to_string()));
    let bug = Planted::Kick2NewestKicked;
    let walked = planting::with(Some(bug), || replay(&trace.scope, DriverKind::Stack, &trace.labels));
    let found = walked.divergence.expect("the bug is seen");
    assert_eq!(pasted::test(&trace, DriverKind::Stack, Some((bug, &found))), include_str!("pasted/differing.rs"));
    let unplanted = replay(&trace.scope, DriverKind::Stack, &trace.labels);
    unplanted.must_agree("without the bug", trace.labels.len());
}
