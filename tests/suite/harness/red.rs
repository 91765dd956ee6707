//! The harness can go red: coverage that misses a transition, a driver that does nothing, a trace that is not walked. It judges no rule.

use conformance::check::{Drivers, Plan, Silent, check};
use conformance::coverage::{CountRules, FaultCounts, count};
use conformance::divergence::{Divergence, Look, System};
use conformance::driver::{Driver, DriverKind};
use conformance::faults::cells;
use conformance::observation::{Ask, Observation, expected};
#[cfg(debug_assertions)]
use conformance::planting;
use conformance::replay::{Replay, actions_of, replay, walk};
use conformance::report;
use conformance::shortest::{Length, Short, shorten};
#[cfg(debug_assertions)]
use conformance::token::Trace;
use conformance::tour::{Labels, tours, tours_by_and_by};
use model::action::{Action, ServerMove};
use model::frame::Queue;
use model::graph::Graph;
use model::records::{Label, Session};
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::scopes;
use model::step::actions;
use model::verdict::{SearchBound, Verdict, find_violation};
#[cfg(debug_assertions)]
use sut::planted::Planted;

fn usersig() -> (Scope, Graph, Vec<Labels>) {
    let scope = scopes::named("usersig").expect("it is there");
    let graph = Graph::of(&scope);
    let tours = tours(&graph, 500);
    (scope, graph, tours)
}

fn logs(tours: &[Labels]) -> Vec<&[u16]> {
    tours.iter().map(Vec::as_slice).collect()
}

#[test]
fn tours_take_every_transition() {
    let (scope, graph, tours) = usersig();
    let coverage = count(&scope, &logs(&tours), CountRules::No);
    assert!(coverage.is_complete());
    assert_eq!((coverage.covered, coverage.states), (graph.transition_count(), graph.state_count()));
}

#[test]
fn one_transition_left_out_is_seen() {
    let (scope, graph, mut tours) = usersig();
    tours[0].remove(0);
    let coverage = count(&scope, &logs(&tours), CountRules::No);
    assert!(!coverage.is_complete());
    assert_eq!(coverage.covered, graph.transition_count() - 1);
}

#[test]
fn no_steps_are_no_coverage() {
    let (scope, _, _) = usersig();
    assert!(!count(&scope, &[], CountRules::No).is_complete());
}

#[test]
fn a_single_step_is_seen_as_it_is_expected() {
    let (scope, _, tours) = usersig();
    let made = Replay::new(&scope).make(tours[0][0]).expect("a tour is offered");
    assert_eq!(DriverKind::Machines.start(&scope).step(made.ask), expected(&scope, &made.step));
}

#[test]
fn actions_are_followed_by_the_labels_that_they_have() {
    let (scope, _, tours) = usersig();
    let mut replay = Replay::new(&scope);
    let followed: Vec<_> = actions_of(&scope, &tours[0]).into_iter().map_while(|action| replay.follow(action)).collect();
    assert_eq!(followed, tours[0]);
    assert_eq!(replay.follow(Action::Server(ServerMove::Restart)), None);
}

#[test]
fn a_message_is_sent_again_under_its_name() {
    let scope = scopes::named("repeat").expect("it is there");
    let mut replay = Replay::new(&scope);
    let mut go = |name: &str| {
        let label = replay.offered().iter().position(|action| action.kind().name() == name).expect("it is offered");
        replay.go(label as u16).expect("it is offered").message
    };
    for name in ["login", "open", "to server", "to client", "to server", "to client"] {
        assert_eq!(go(name), None);
    }
    let sent = go("send");
    assert!(sent.is_some());
    assert_eq!(["deadline", "resend"].map(&mut go), [None, sent]);
}

/// A driver that does nothing and sees nothing.
struct Idle;

impl Driver for Idle {
    fn step_into(&mut self, _ask: Ask, seen: &mut Observation) {
        seen.begin(&usersig().0);
    }
}

#[test]
fn a_driver_that_does_nothing_is_red_at_once() {
    let (scope, _, tours) = usersig();
    let walked = walk(&scope, DriverKind::Stack, &mut Idle, &tours[0], || {});
    assert_eq!(walked.steps, 0);
    assert!(walked.divergence.is_some());
}

/// A driver that hands everything on, but for one thing that it sees otherwise from some step on.
struct Blurred {
    driver: Box<dyn Driver>,
    left: usize,
    blur: fn(&mut Observation),
}

impl Driver for Blurred {
    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        self.driver.step_into(ask, seen);
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            (self.blur)(seen);
        }
    }
}

/// Something seen otherwise.
type Blur = fn(&mut Observation);

/// What is told and written, and how seats stand.
const OF_SEATS: [Blur; 18] = [
    |seen| seen.told.extend(seen.told.clone().first()),
    |seen| seen.wire.reverse(),
    |seen| seen.synced.clear(),
    |seen| seen.seats[0].login_user = None,
    |seen| seen.seats[0].ready ^= true,
    |seen| seen.seats[0].holds.alive ^= true,
    |seen| seen.seats[0].holds.links += 1,
    |seen| seen.seats[0].holds.kept += 1,
    |seen| seen.seats[0].holds.debts += 1,
    |seen| seen.seats[0].holds.timers.login += 1,
    |seen| seen.seats[0].holds.timers.logout += 1,
    |seen| seen.seats[0].holds.timers.send += 1,
    |seen| seen.seats[0].holds.timers.backoff += 1,
    |seen| seen.seats[0].holds.timers.heartbeat += 1,
    |seen| seen.seats[0].holds.timers.ping += 1,
    |seen| seen.seats[0].links.iter_mut().for_each(|link| link.up = Queue::EMPTY),
    |seen| seen.seats[0].links.iter_mut().for_each(|link| link.down = Queue::EMPTY),
    |seen| seen.strange.push("something".to_owned()),
];

/// What the server has, waits for and calls back, and which session each thing is of.
const OF_THE_SERVER: [Blur; 15] = [
    |seen| seen.seats[0].links[0].heard = false,
    |seen| seen.seats[0].links[0].session = Label::NONE,
    |seen| seen.seats[0].links[0].late ^= true,
    |seen| seen.seats[0].links[1].late ^= true,
    |seen| seen.seats[0].links.swap(0, 1),
    |seen| seen.rosters.swap(0, 1),
    |seen| seen.rosters[0] = seen.rosters[0].map(|session| Session { label: Label(session.label.0 + 1), ..session }),
    |seen| seen.kicks = Default::default(),
    |seen| seen.kicks[0] = seen.kicks[0].map(|session| Session { label: Label(session.label.0 + 1), ..session }),
    |seen| seen.callbacks.clear(),
    |seen| seen.server.links += 1,
    |seen| seen.server.heartbeats = 0,
    |seen| seen.server.lapses += 1,
    |seen| seen.server.expiries = 0,
    |seen| seen.server.changes += 1,
];

fn is_seen(scope: &Scope, tours: &[Labels], blur: Blur) -> bool {
    tours.iter().any(|tour| {
        let mut blurred = Blurred { driver: DriverKind::Machines.start(scope), left: 3, blur };
        walk(scope, DriverKind::Machines, &mut blurred, tour, || {}).divergence.is_some()
    })
}

#[test]
fn whatever_is_seen_otherwise_is_a_difference() {
    let scope = scopes::named("callbacks-expiry").expect("it is there");
    let tours = tours(&Graph::of(&scope), 500);
    let blurs = OF_SEATS.into_iter().chain(OF_THE_SERVER).enumerate();
    let missed: Vec<_> = blurs.filter(|(_, blur)| !is_seen(&scope, &tours, *blur)).map(|(place, _)| place).collect();
    assert_eq!(missed, Vec::<usize>::new());
}

#[test]
fn a_trace_has_an_action_a_step_up_to_the_label_that_names_none() {
    let (scope, graph, tours) = usersig();
    let labels = [&tours[0][..3], &[u16::MAX], &tours[0][3..]].concat();
    let mut at = 0;
    let expected = labels[..3].iter().map(|label| {
        let action = graph.actions_of(at)[usize::from(*label)];
        at = graph.targets_of(at)[usize::from(*label)];
        action
    });
    assert_eq!(actions_of(&scope, &labels), expected.collect::<Vec<_>>());
}

#[test]
fn a_trace_that_leaves_the_offered_actions_is_not_walked_on() {
    let (scope, _, _) = usersig();
    let walked = replay(&scope, DriverKind::Machines, &[0, 999, 0]);
    assert_eq!(walked.steps, 1);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let scopes = vec![scopes::named("usersig").expect("it is there")];
    let found = [1, 3].map(|threads| {
        let scopes = scopes.clone();
        let plan = Plan { scopes, drivers: Drivers::One(DriverKind::Stack), threads, planted: None, count_rules: CountRules::Yes };
        check(&plan, &Silent).into_iter().map(|checked| (checked.searched, checked.coverage)).collect::<Vec<_>>()
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn the_rules_that_act_on_the_way_are_those_that_act_on_the_graph() {
    let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::Yes);
    let checked = check(&Plan { scopes: vec![usersig().0], drivers, threads: 1, planted: None, count_rules }, &Silent).remove(0);
    assert!(checked.coverage.rules.len() > 10, "{:?}", checked.coverage.rules);
    assert_eq!(checked.coverage.rules, checked.searched.rules);
}

#[test]
fn the_faults_on_the_way_are_those_on_the_graph() {
    let scope = scopes::named("callbacks-expiry").expect("it is there");
    let graph = Graph::of(&scope);
    let taken = count(&scope, &logs(&tours(&graph, 500)), CountRules::No).faults;
    let mut faults = FaultCounts::new();
    for state in graph.states() {
        let struck = actions(&scope, &state).into_iter().flat_map(|action| cells(&scope, &state, action));
        struck.for_each(|cell| *faults.entry(cell).or_default() += 1);
    }
    assert!(!faults.is_empty());
    assert_eq!(taken, faults);
}

#[test]
fn a_difference_that_nothing_shows_again_is_told_as_it_was_found() {
    let (scope, _, tours) = usersig();
    let (system, labels, look) = (System::Driver(DriverKind::Stack, None), tours[0].clone(), Look::AtStep);
    let expected = Observation::default();
    let actual = Observation { strange: vec!["once".to_owned()], ..expected.clone() };
    let found = Divergence { scope, system, labels, look, expected, actual };
    assert_eq!(shorten(&found, DriverKind::Stack), Short { told: found, length: Length::AsWalked, found_in: None });
}

/// A failing replay is read by a person.
#[cfg(debug_assertions)]
#[test]
fn a_replay_that_must_agree_and_does_not_shows_the_picture_and_the_command_that_walks_it_again() {
    let trace: Trace = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up".parse().expect("a trace");
    let walked = planting::with(Some(Planted::Kick2NewestKicked), || replay(&trace.scope, DriverKind::Stack, &trace.labels));
    let panic = std::panic::catch_unwind(|| walked.must_agree(&trace, trace.labels.len())).expect_err("both sides differ");
    let said = panic.downcast::<String>().expect("it says so in words");
    assert!(said.starts_with(&format!("{trace}: the model and the system differ\nscope page-story, step 9 of 9")), "{said}");
    assert!(said.contains("│") && said.contains("\n  + server ⇢ a2: notice multipleAccount\n"), "{said}");
    let again = format!("again cargo run -- replay {trace} --driver stack --planted kick2-newest-kicked");
    let explored = format!("explore cargo run -- explore {trace} --planted kick2-newest-kicked");
    assert!(words(&said).ends_with(&format!("{again} {explored}")), "{said}");
}

/// The same wherever its lines break.
fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ")
}

#[test]
fn a_broken_property_is_drawn_with_the_command_that_walks_to_it() {
    let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::No);
    let plan = Plan { scopes: vec![usersig().0], drivers, threads: 1, planted: None, count_rules };
    let mut checked = check(&plan, &Silent).remove(0);
    assert_eq!(report::stories(&checked), Vec::<String>::new());
    let rules = Rules::without(Rule::Login8);
    let violation = find_violation(&checked.scope, rules, Rule::Login8, SearchBound::of_pairs(10_000)).expect("it breaks");
    checked.searched.verdict = Verdict::Violated(violation);
    let story = report::stories(&checked).remove(0);
    assert!(story.starts_with("scope usersig, step ") && story.contains("│"), "{story}");
    assert!(
        words(&story).contains(&format!(" broken LOGIN-8: {} again cargo run -- replay usersig: ", Rule::Login8.text())),
        "{story}"
    );
    assert_eq!(report::complaints(&checked)[0], "usersig: VIOLATED: the property of LOGIN-8 breaks");
}

#[test]
fn a_replay_that_leaves_the_offered_actions_does_not_agree() {
    let walked = replay(&usersig().0, DriverKind::Machines, &[0, 999, 0]);
    let panic = std::panic::catch_unwind(|| walked.must_agree("usersig", 3)).expect_err("it leaves them");
    assert_eq!(*panic.downcast::<String>().expect("it says so in words"), "usersig: step 2 of 3 is not offered");
}

#[test]
fn a_scope_that_cannot_be_searched_ends_the_check() {
    let broken = Scope { seats: vec![model::scopes::named("usersig").expect("it is there").seats[0].clone(); 11], ..usersig().0 };
    let (drivers, threads, count_rules) = (Drivers::One(DriverKind::Machines), 2, CountRules::No);
    let plan = Plan { scopes: vec![broken], drivers, threads, planted: None, count_rules };
    assert!(std::panic::catch_unwind(|| check(&plan, &Silent)).is_err());
}

/// Scopes in which messages wait for their answers, and in which sessions of an instance follow one another while links come and go.
#[test]
fn the_first_tours_of_scopes_with_messages_and_with_several_sessions_agree() {
    for name in ["messages", "rest-offline", "reconnect-kicks", "logout-offline"] {
        let scope = scopes::named(name).expect("it is there");
        let first: Vec<_> = tours_by_and_by(&Graph::of(&scope), 2_000).take(4).collect();
        assert_eq!(first.iter().filter(|tour| tour.len() > 500).count(), 4, "{name}");
        for labels in first {
            replay(&scope, DriverKind::Machines, &labels).must_agree(name, labels.len());
        }
    }
}
