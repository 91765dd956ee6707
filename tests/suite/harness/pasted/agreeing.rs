#[test]
fn page_story_0_4_4_5_agrees() {
    let trace: conformance::token::Trace = "page-story:0.4.4.5".parse().expect("a trace");
    let walked = conformance::replay::replay(&trace.scope, conformance::driver::DriverKind::Stack, &trace.labels);
    walked.must_agree(&trace, trace.labels.len());
}
