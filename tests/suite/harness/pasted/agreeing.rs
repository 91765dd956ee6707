#[test]
fn page_story_4_steps_to_a2_login_agrees() {
    let trace: conformance::token::Trace = "page-story: a1.login a1.open a1.up a2.login".parse().expect("a trace");
    let walked = conformance::replay::replay(&trace.scope, conformance::driver::DriverKind::Stack, &trace.labels);
    walked.must_agree(&trace, trace.labels.len());
}
