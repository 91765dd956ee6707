//! The ledger is full, and is seen to be able not to be. What it counts of `model/src/rules` is each call of `is_on` and `pick`, by file,
//! line and rule: every arm in which a rule decides. An arm that asks for no rule is not counted.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use conformance::faults;
use conformance::ledger::{Entry, Occurred};
use conformance::mutants::{Change, RULES};
use model::observation::{Code, Event, Reason};
use model::properties::holds;
use model::rule::Rule;
use model::scope::Tier;
use model::scopes;
use model::step::Site;

/// A place at which a rule is asked for, and the function around it.
struct Question {
    site: Site,
    function: String,
}

/// Every question to the rules in the model's source: only what is below that folder can ask.
fn questions() -> Vec<Question> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/src/rules");
    let files = fs::read_dir(folder).expect("the model's source is there").map(|entry| entry.expect("it can be read").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).flat_map(|path| questions_in(&path)).collect()
}

fn questions_in(path: &Path) -> Vec<Question> {
    let source = fs::read_to_string(path).expect("it can be read");
    let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name");
    let file: &'static str = format!("model/src/rules/{name}").leak();
    let mut function = "";
    let mut found = Vec::new();
    for (line, text) in (1..).zip(source.lines()) {
        function = text.split_once("fn ").map_or(function, |(_, rest)| rest.split(['(', '<']).next().unwrap_or(rest));
        let asked = rules_asked_in(text).map(|rule| Site { rule, file, line });
        found.extend(asked.map(|site| Question { site, function: function.to_owned() }));
    }
    found
}

fn rules_asked_in(text: &str) -> impl Iterator<Item = Rule> {
    let asked = [".is_on(Rule::", ".pick(Rule::"].into_iter().flat_map(|call| text.split(call).skip(1));
    asked.map(|rest| {
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        Rule::ALL.into_iter().find(|rule| format!("{rule:?}") == name).unwrap_or_else(|| panic!("no rule is {name}"))
    })
}

/// The rules that two functions ask for, since they say two things.
const TWICE: [Rule; 5] = [
    // The server drops a session for which too much is kept; a client publishes a message once.
    Rule::Msg2,
    // The server only answers a repeat; a client settles what the server answered.
    Rule::Msg3,
    // While a logout runs a login is refused, and another logout joins it.
    Rule::Logout6,
    // A change of the limits waits; a restart ends the wait.
    Rule::Conf1,
    // A login's callback names its victims; a resume's says that it is one.
    Rule::Hook1,
];

#[test]
fn each_rule_decides_in_one_function() {
    let questions = questions();
    for rule in Rule::ALL {
        let of_rule = questions.iter().filter(|question| question.site.rule == rule);
        let functions: BTreeSet<_> = of_rule.map(|question| (question.site.file, &question.function)).collect();
        let due = if TWICE.contains(&rule) { 2 } else { 1 };
        assert_eq!(functions.len(), due, "{rule} is asked for in {functions:?}");
    }
}

fn wanted() -> &'static Occurred {
    static WANTED: OnceLock<Occurred> = OnceLock::new();
    WANTED.get_or_init(|| Occurred {
        sites: questions().into_iter().map(|question| question.site).collect(),
        codes: BTreeSet::from(Code::ALL),
        events: BTreeSet::from(Event::NAMES),
        reasons: BTreeSet::from(Reason::ALL),
        faults: faults::kinds().into_iter().collect(),
    })
}

/// What occurs in the scopes, first those of a full buffer, then those of a plain check; no more of them are looked at than are needed.
fn occurred() -> &'static Occurred {
    static OCCURRED: OnceLock<Occurred> = OnceLock::new();
    let mut scopes = scopes::all();
    scopes.sort_by_key(|scope| (scope.buffer.is_none(), scope.tier != Tier::Plain));
    OCCURRED.get_or_init(|| Occurred::until(wanted(), &scopes))
}

#[test]
fn every_guard_every_code_event_reason_and_fault_occurs() {
    assert!(wanted().sites.len() > Rule::ALL.len(), "every rule is asked for somewhere");
    assert_eq!(occurred().lacks(wanted()), Vec::<String>::new());
}

#[test]
fn every_property_is_reached_and_broken_by_the_mutant_of_its_name() {
    let entry = |rule: Rule| {
        let mutant = RULES.into_iter().find(|mutant| mutant.change == Change::Without(rule)).expect("every rule has one");
        let scope = scopes::named(mutant.scope).expect("it is there");
        Entry::of(rule, &scope, occurred(), |seen| holds(rule, seen))
    };
    let lacking: Vec<_> = Rule::ALL.into_iter().flat_map(|rule| entry(rule).lacks()).collect();
    assert_eq!(lacking, Vec::<String>::new());
}

#[test]
fn an_empty_property_is_missing_in_the_ledger() {
    let scope = scopes::named("usersig").expect("it is there");
    let empty = Entry::of(Rule::Login8, &scope, occurred(), |_| true);
    assert_eq!(empty.lacks(), ["LOGIN-8: no mutant breaks its property"]);
}

#[test]
fn a_rule_that_acts_nowhere_is_missing_in_the_ledger() {
    let scope = scopes::named("usersig").expect("it is there");
    let unreached = Entry::of(Rule::Login8, &scope, &Occurred::default(), |seen| holds(Rule::Login8, seen));
    assert_eq!(unreached.lacks(), ["LOGIN-8: no step on which it acts was come to"]);
}

#[test]
fn what_no_scope_shows_is_missing_in_the_ledger() {
    let usersig = Occurred::until(wanted(), &[scopes::named("usersig").expect("it is there")]);
    let lacks = usersig.lacks(wanted());
    for missing in ["nobody is kicked with multipleDevice", "MESSAGES_LOST is never published", "restart never strikes"] {
        assert!(lacks.iter().any(|line| line.contains(missing)), "{missing}: {lacks:#?}");
    }
    assert!(lacks.iter().any(|line| line.starts_with("KICK-1 is asked for at model/src/rules/kick.rs:")), "{lacks:#?}");
}
