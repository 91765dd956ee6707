#[cfg(debug_assertions)]
#[test]
fn page_story_9_steps_to_a3_up_differs_with_kick2_newest_kicked() {
    let trace: conformance::token::Trace = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up".parse().expect("a trace");
    let bug = Some(sut::planted::Planted::Kick2NewestKicked);
    let walked = conformance::planting::with(bug, || {
        conformance::replay::replay(&trace.scope, conformance::driver::DriverKind::Stack, &trace.labels)
    });
    let found = walked.divergence.expect("both sides differ");
    assert_eq!(found.labels, trace.labels);
    assert_eq!(found.first_lines(), ["- server ⇢ a1: notice multipleAccount", "+ server ⇢ a2: notice multipleAccount"]);
}
