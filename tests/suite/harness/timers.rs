//! Every timer that is armed in the replayed system is an action that the model offers, or one that a named bound of the scope holds
//! back: a model that merely does not offer what a timer would do is seen.

use conformance::driver::{Driver, DriverKind};
use conformance::observation::Observation;
use conformance::replay::Replay;
use conformance::tour::tours;
use model::action::{AccountId, Action, InstanceId, LinkMove, Loss, ServerMove, Slot, Timed, Timer};
use model::frame::CAPACITY;
use model::graph::Graph;
use model::held::held_back;
use model::scope::Scope;
use model::scopes;
use model::state::State;

/// Between them they arm every timer.
const SCOPES: [&str; 7] = ["page-default", "half-open", "reconnect", "expiry", "limit-change", "wake", "same-key"];

/// No timer is armed more often than the actions that stand for it are offered or held back.
fn unaccounted(scope: &Scope, state: &State, offered: &[Action], seen: &Observation) -> Vec<String> {
    let accounted =
        |action: Action| offered.contains(&action) || is_full(state, action) || held_back(scope, state, action).is_some();
    let of_instances = scope.instances().flat_map(|instance| {
        let timers = seen.seats[usize::from(instance.0)].holds.timers;
        let heartbeat = Action::Link(instance, LinkMove::ClientLoses(Loss::Heartbeat));
        let deadline = |call| Action::Timer(instance, Timer::Deadline(call));
        [
            (timers.login, deadline(Timed::Login)),
            (timers.logout, deadline(Timed::Logout)),
            (timers.send, deadline(Timed::Send)),
            (timers.backoff, Action::Timer(instance, Timer::Backoff)),
            (timers.heartbeat, heartbeat),
            (timers.ping, Action::Timer(instance, Timer::Ping)),
        ]
    });
    let missing = of_instances.filter(|(armed, action)| *armed > 0 && !accounted(*action)).map(|(_, action)| format!("{action:?}"));
    let of_server = [
        (
            "heartbeats",
            seen.server.heartbeats,
            each_link(scope, |instance, slot| Action::Link(instance, LinkMove::ServerLoses(slot, Loss::Heartbeat))),
        ),
        ("asks", seen.server.asks, each_link(scope, |instance, slot| Action::Timer(instance, Timer::Ask(slot)))),
        (
            "lapses",
            seen.server.lapses,
            each_session(scope, state, |instance, account| Action::Timer(instance, Timer::Lapse(account))),
        ),
        (
            "expiries",
            seen.server.expiries,
            each_session(scope, state, |instance, account| Action::Timer(instance, Timer::Expire(account))),
        ),
        ("changes", seen.server.changes, vec![Action::Server(ServerMove::TakeEffect)]),
    ];
    let fewer = of_server.into_iter().filter_map(|(what, armed, actions)| {
        let standing = actions.into_iter().filter(|action| accounted(*action)).count();
        (armed > standing).then(|| format!("{armed} {what}, of which {standing} are accounted for"))
    });
    missing.chain(fewer).collect()
}

/// A frame of the model is written only where the queue has room for it.
fn is_full(state: &State, action: Action) -> bool {
    match action {
        Action::Timer(instance, Timer::Ping) => state.instance(instance).links.current.up.len() == CAPACITY,
        Action::Timer(instance, Timer::Ask(slot)) => state.instance(instance).links.at(slot).down.len() == CAPACITY,
        _ => false,
    }
}

fn each_link(scope: &Scope, action: impl Fn(InstanceId, Slot) -> Action) -> Vec<Action> {
    scope.instances().flat_map(|instance| Slot::ALL.map(|slot| action(instance, slot))).collect()
}

/// One for each session on record, though an instance may have two there.
fn each_session(scope: &Scope, state: &State, action: impl Fn(InstanceId, AccountId) -> Action) -> Vec<Action> {
    let of = |account| state.roster(account).sessions().map(move |session| (session.seat, account)).collect::<Vec<_>>();
    scope.accounts().flat_map(of).map(|(instance, account)| action(instance, account)).collect()
}

/// Which of the actions are offered.
type Offers = fn(Action) -> bool;

/// What is unaccounted for on the tours of a scope where the model offers `of` what it offers; nothing behind the first such step.
fn first_unaccounted(scope: &str, of: Offers) -> (Vec<String>, usize) {
    let scope = scopes::named(scope).expect("it is there");
    let mut steps = 0;
    for labels in tours(&Graph::of(&scope), 2_000).into_iter().take(40) {
        let (mut replay, mut driver) = (Replay::new(&scope), DriverKind::Machines.start(&scope));
        for label in &labels {
            let seen = step(&mut replay, driver.as_mut(), *label);
            let offered: Vec<_> = replay.offered().into_iter().filter(|action| of(*action)).collect();
            let missing = unaccounted(&scope, replay.state(), &offered, &seen);
            steps += 1;
            if !missing.is_empty() {
                return (missing, steps);
            }
        }
    }
    (Vec::new(), steps)
}

fn step(replay: &mut Replay<'_>, driver: &mut dyn Driver, label: u16) -> Observation {
    let ask = replay.go(label).expect("a tour takes what is offered");
    driver.step(ask)
}

#[test]
fn every_armed_timer_is_offered_or_held_back_by_a_named_bound() {
    for scope in SCOPES {
        let (missing, steps) = first_unaccounted(scope, |_| true);
        assert!(missing.is_empty() && steps > 1_000, "{scope}, step {steps}: {missing:?}");
    }
}

#[test]
fn a_model_that_merely_does_not_offer_what_a_timer_does_is_seen() {
    let rows: [(&str, Offers); 4] = [
        ("half-open", |action| !matches!(action, Action::Link(_, LinkMove::ServerLoses(_, Loss::Heartbeat)))),
        ("reconnect", |action| !matches!(action, Action::Timer(_, Timer::Backoff))),
        ("expiry", |action| !matches!(action, Action::Timer(_, Timer::Expire(_)))),
        ("limit-change", |action| action != Action::Server(ServerMove::TakeEffect)),
    ];
    for (scope, of) in rows {
        let (missing, _) = first_unaccounted(scope, of);
        assert!(!missing.is_empty(), "{scope}");
    }
}
