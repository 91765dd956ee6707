//! The schema says what stands on the lines: all that the harness writes and the example answers is by it, and what is not by it is
//! refused by both. The dialogue of the documentation is one that is spoken.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Seek, Write};
use std::process::{Command, Stdio};

use conformance::foreign::{PROTOCOL, requests};
use conformance::tour::tours_by_and_by;
use jsonschema::Validator;
use model::action::ActionKind;
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use serde_json::{Value, json};

use super::documented;

/// The schema of one kind of line.
pub(crate) fn schema(kind: &str) -> Validator {
    let text = fs::read_to_string(documented("protocol.schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    assert!(schema["$defs"][kind].is_object(), "there is no {kind}");
    schema["oneOf"] = json!([{ "$ref": format!("#/$defs/{kind}") }]);
    jsonschema::validator_for(&schema).unwrap()
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// What the example answers to these lines.
fn answers(lines: &[String]) -> Vec<Value> {
    let mut asked = tempfile::tempfile().unwrap();
    lines.iter().for_each(|line| writeln!(asked, "{line}").unwrap());
    asked.rewind().unwrap();
    let said = Command::new("python3").arg(documented("example.py")).stdin(asked).stderr(Stdio::inherit()).output().unwrap();
    assert!(said.status.success());
    String::from_utf8(said.stdout).unwrap().lines().map(parsed).collect()
}

fn first_tour(scope: &Scope, steps: usize) -> Vec<String> {
    let tour = tours_by_and_by(&Graph::of(scope), steps).next().unwrap();
    requests(scope, &tour)
}

#[test]
fn every_request_and_every_answer_of_a_tour_is_by_the_schema() {
    let (request, reply) = (schema("request"), schema("reply"));
    let asked = first_tour(&scopes::named("page-story").unwrap(), 4_000);
    let answered = answers(&asked);
    assert!(asked.len() > 4_000 && asked.len() == answered.len(), "{} of {}", answered.len(), asked.len());
    let wrong_requests = asked.iter().map(|line| parsed(line)).filter(|line| !request.is_valid(line));
    assert_eq!(wrong_requests.collect::<Vec<_>>(), Vec::<Value>::new());
    let wrong_answers = answered.into_iter().filter(|line| !reply.is_valid(line) || line.get("cannot").is_some());
    assert_eq!(wrong_answers.collect::<Vec<_>>(), Vec::<Value>::new());
}

#[test]
fn whatever_any_scope_asks_is_by_the_schema() {
    let request = schema("request");
    let deeds = schema("deed");
    let small =
        ["usersig", "page-close", "repeat", "restart", "limit-change", "callbacks", "half-open", "deadlines", "expiry", "wake"];
    let nodes = ["nodes-same-instant", "nodes-lost-notice", "nodes-dead", "nodes-frozen"];
    let mut asked = BTreeSet::new();
    for scope in small.into_iter().chain(nodes).map(|name| scopes::named(name).unwrap()) {
        for line in first_tour(&scope, 3_000) {
            let line = parsed(&line);
            assert!(request.is_valid(&line), "{line}");
            assert!(line.get("what").is_none_or(|what| deeds.is_valid(what)), "{line}");
            asked.insert((line["do"].to_string(), line["what"].to_string()));
        }
    }
    let resets_and_looks = 2;
    let heartbeats = 2;
    assert_eq!(asked.len(), ActionKind::all().len() + resets_and_looks + heartbeats, "{asked:?}");
}

/// Answers to a step that are none.
pub(crate) fn wrong_answers() -> Vec<Value> {
    let right = right_answer();
    let with = |at: &str, value: Value| {
        let mut wrong = right.clone();
        *wrong.pointer_mut(at).unwrap() = value;
        wrong
    };
    let refused = |more: Value| {
        let mut answer = json!({"of": 1, "outcome": "refused"});
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with("/told/0", json!({"instance": "a1", "answer": answer}))
    };
    let without = |name: &str| {
        let mut wrong = right.clone();
        wrong.as_object_mut().unwrap().remove(name).unwrap();
        wrong
    };
    vec![
        json!([]),
        json!("SDK_READY"),
        json!({"id": 2}),
        json!({"id": 2, "cannot": null}),
        json!({"id": 2, "told": []}),
        without("id"),
        without("told"),
        without("instances"),
        without("online"),
        with("/id", json!("2")),
        with("/told/0/answer/outcome", json!("ok")),
        with("/told/0/answer/of", json!(null)),
        with("/told/0", json!({"instance": "a1", "answer": {"of": 1, "outcome": "refused"}})),
        refused(json!({"code": 2025})),
        refused(json!({"code": 2025, "text": "log out first"})),
        refused(json!({"code": 2025, "because": "log out first"})),
        refused(json!({"code": 2024, "because": "other_account"})),
        refused(json!({"code": 70001, "text": "expired"})),
        with("/told/0", json!({"instance": "a1", "answer": {"of": 1, "outcome": "repeat"}})),
        with("/told/0", json!({"instance": "a1", "event": {"name": "KICKED_OUT"}})),
        with("/told/0", json!({"instance": "a1", "event": {"name": "KICKED_OUT", "type": "kicked"}})),
        with("/told/0", json!({"instance": "a1", "event": {"name": "SDK_READY", "type": "multipleAccount"}})),
        with("/told/0", json!({"instance": "a1", "event": {"name": "sdkStateReady"}})),
        with("/told/0", json!({"event": {"name": "SDK_READY"}})),
        with("/instances/a1", json!({"ready": true})),
        with("/instances/a1/ready", json!(1)),
        with("/online/a", json!("a1")),
        with("/in_flight/a1/to_server", json!(["hello"])),
        with("/in_flight/a1", json!({"up": []})),
        with("/kicks/a", json!([{"instance": "a1", "type": "evicted"}])),
        with("/kicks/a", json!([{"instance": "a1"}])),
    ]
}

/// One that is right.
pub(crate) fn right_answer() -> Value {
    json!({
        "id": 2,
        "told": [{"instance": "a1", "answer": {"of": 1, "outcome": "done"}}],
        "instances": {"a1": {"login_user": null, "ready": false}},
        "online": {"a": []},
        "kicks": {"a": []},
        "in_flight": {"a1": {"to_server": [], "to_client": []}},
    })
}

#[test]
fn the_schema_refuses_what_is_no_answer() {
    let reply = schema("reply");
    assert!(reply.is_valid(&right_answer()));
    let let_through: Vec<_> = wrong_answers().into_iter().filter(|wrong| reply.is_valid(wrong)).collect();
    assert_eq!(let_through, Vec::<Value>::new());
}

#[test]
fn the_schema_refuses_what_is_no_request() {
    let request = schema("request");
    let step = |more: Value| {
        let mut step = json!({"id": 1, "do": "step"});
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step
    };
    assert!(request.is_valid(&step(json!({"what": "open", "instance": "a1"}))));
    let wrong = [
        json!({"id": 1}),
        json!({"do": "observe"}),
        json!({"id": 0, "do": "observe"}),
        json!({"id": 1, "do": "look"}),
        json!({"id": 1, "do": "reset", "protocol": PROTOCOL}),
        json!({"id": 1, "do": "fire", "what": "open", "instance": "a1"}),
        step(json!({"what": "open"})),
        step(json!({"what": "ping", "instance": "a1"})),
        step(json!({"what": "open", "instance": "a1", "account": "a"})),
        step(json!({"what": "login", "instance": "a1", "account": "a", "credential": "fine"})),
        step(json!({"what": "to_server", "instance": "a1", "link": "current", "frame": "notice"})),
        step(json!({"what": "to_client", "instance": "a1", "frame": "login"})),
    ];
    let let_through: Vec<_> = wrong.into_iter().filter(|wrong| request.is_valid(wrong)).collect();
    assert_eq!(let_through, Vec::<Value>::new());
}

#[test]
fn the_dialogue_of_the_documentation_is_what_the_example_says() {
    let text = fs::read_to_string(documented("README.md")).unwrap();
    let of = |sign: &str| text.lines().filter_map(|line| line.strip_prefix(sign)).map(str::to_owned).collect::<Vec<_>>();
    let (asked, answered) = (of("→ "), of("← "));
    assert!(asked.len() > 5, "there is no dialogue");
    assert_eq!(answers(&asked), answered.iter().map(|line| parsed(line)).collect::<Vec<_>>());
    assert!(asked.iter().all(|line| schema("request").is_valid(&parsed(line))));
}
