#[cfg(debug_assertions)]
#[test]
fn page_story_0_4_4_5_9_9_10_14_14_differs_with_kick2_newest_kicked() {
    let trace: conformance::token::Trace = "page-story:0.4.4.5.9.9.10.14.14".parse().expect("a trace");
    let bug = Some(sut::planted::Planted::Kick2NewestKicked);
    let walked = conformance::planting::with(bug, || {
        conformance::replay::replay(&trace.scope, conformance::driver::DriverKind::Stack, &trace.labels)
    });
    let found = walked.divergence.expect("both sides differ");
    assert_eq!(found.labels, trace.labels);
    assert_eq!(found.first_lines(), ["- server ⇢ a1: notice multipleAccount", "+ server ⇢ a2: notice multipleAccount"]);
}
