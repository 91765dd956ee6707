//! A place of the Explorer: where a trace leads, what is so there, what may be done there and what each of it would show. It judges nothing.

use model::action::{Action, LinkMove};
use model::held::Hold;
use model::rule::{Rule, RuleSet, Rules};
use model::scope::Scope;
use model::state::State;
use model::step::{actions, held, step};
use serde::Serialize;

use super::facts::{About, Fact, of_instance, of_server};
use super::index::{Index, Move};
use crate::naming;
use crate::replay::Replay;
use crate::token::Trace;

/// Where a trace leads.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The trace in words.
    pub trace: String,
    /// Its steps.
    pub steps: Vec<Made>,
    /// The number of the state; `None` if the search was cut before it.
    pub state: Option<u32>,
    /// The fewest steps that lead there.
    pub nearest: Option<usize>,
    /// Who is there: the instances, then the server.
    pub lanes: Vec<Lane>,
    /// What may be done.
    pub moves: Vec<Offered>,
    /// What is possible and held back by a bound of the scope.
    pub held: Vec<Held>,
}

/// A column of the picture.
#[derive(Debug, Serialize)]
pub struct Lane {
    /// The instance's name, or `server`.
    pub name: &'static str,
    /// Its platform; nothing of the server.
    pub platform: String,
    /// What is so of it.
    pub facts: Vec<Shown>,
}

/// A fact as it stands in a place.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
    /// Whether the last step brought it.
    pub is_new: bool,
}

/// A step of the trace.
#[derive(Debug, Serialize)]
pub struct Made {
    /// What it is called.
    pub name: String,
    /// What was seen of it.
    pub seen: Vec<String>,
    /// The rules that act on it.
    pub rules: Vec<&'static str>,
    /// What no longer was so behind it.
    pub gone: Vec<Fact>,
}

/// A move that may be made.
#[derive(Debug, Serialize)]
pub struct Offered {
    /// Its kind.
    pub group: Group,
    /// What is typed for it.
    pub word: String,
    /// What it is called.
    pub name: String,
    /// What will be seen of it.
    pub seen: Vec<String>,
    /// The rules that act on it.
    pub rules: Vec<&'static str>,
    /// Whether anything is otherwise behind it.
    pub changes: bool,
}

/// A kind of moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// An application calls, or a fresh instance comes.
    Calls,
    /// A frame arrives, a link opens.
    Deliveries,
    /// Something breaks.
    Faults,
    /// A timer fires.
    Timers,
    /// The administrator, the operator and the app's backend.
    Administrator,
}

/// A move that the scope holds back.
#[derive(Debug, Serialize)]
pub struct Held {
    /// What it is called.
    pub name: String,
    /// By which bound.
    pub bound: &'static str,
}

/// What a rule does in a place: what each move that it acts on shows with it, and would show without it.
#[derive(Debug, Serialize)]
pub struct Otherwise {
    /// What the move is called.
    pub name: String,
    /// What is so or seen behind it with the rule only.
    pub with: Vec<String>,
    /// What would be so or seen without it only.
    pub without: Vec<String>,
}

/// What differs between two states.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What is so only in the one.
    pub here: Vec<Fact>,
    /// What is so only in the other.
    pub there: Vec<Fact>,
}

impl Place {
    /// Where the trace leads.
    pub fn of(index: &Index, labels: &[u16]) -> Place {
        let scope = index.scope();
        let (steps, before, state) = walked(scope, labels);
        let number = index.number_of(labels);
        let trace = Trace { scope: scope.clone(), labels: labels.to_vec() }.to_string();
        Place {
            trace,
            steps,
            state: number,
            nearest: number.map(|number| index.graph.path_to(number).len()),
            lanes: lanes(scope, &before, &state),
            moves: actions(scope, &state).into_iter().map(|action| offered(scope, &state, action)).collect(),
            held: held_back(scope, &state),
        }
    }
}

/// The facts of a state, the instances' first.
pub fn facts(scope: &Scope, state: &State) -> Vec<Fact> {
    let of_seats = scope.instances().flat_map(|instance| of_instance(scope, instance, state.instance(instance)));
    of_seats.chain(of_server(scope, &state.server)).collect()
}

/// What differs between the states that two traces lead to.
pub fn compared(here: &Trace, there: &Trace) -> Compared {
    let [here, there] = [here, there].map(|Trace { scope, labels }| facts_and_timers(scope, &walked(scope, labels).2));
    let only = |side: &[Fact], other: &[Fact]| side.iter().filter(|fact| !other.contains(fact)).cloned().collect();
    Compared { here: only(&here, &there), there: only(&there, &here) }
}

/// What a rule does in the state that a trace leads to.
pub fn otherwise(scope: &Scope, labels: &[u16], rule: Rule) -> Vec<Otherwise> {
    let (_, _, state) = walked(scope, labels);
    let acts_on = |action: &Action| Move::of(scope, &state, *action).acting.contains(rule);
    let moves = actions(scope, &state).into_iter().filter(acts_on);
    moves.map(|action| differing(scope, &state, action, rule)).collect()
}

fn differing(scope: &Scope, state: &State, action: Action, rule: Rule) -> Otherwise {
    let [with, without] = [Rules::ALL, Rules::without(rule)].map(|rules| {
        let made = step(scope, rules, state, action);
        let seen = made.items.iter().map(|item| naming::item(scope, *item));
        let facts = facts(scope, &made.next).into_iter().map(|fact| format!("{}: {}", fact.of, fact.text));
        seen.chain(facts).collect::<Vec<_>>()
    });
    let only = |side: &[String], other: &[String]| side.iter().filter(|line| !other.contains(line)).cloned().collect();
    Otherwise { name: naming::action(scope, state, action), with: only(&with, &without), without: only(&without, &with) }
}

/// The steps, the state before the last of them and the state behind it.
fn walked(scope: &Scope, labels: &[u16]) -> (Vec<Made>, State, State) {
    let mut replay = Replay::new(scope);
    let (mut steps, mut before) = (Vec::new(), *replay.state());
    for label in labels {
        before = *replay.state();
        let Some(ask) = replay.go(*label) else { break };
        steps.push(made(scope, &before, ask.action, replay.state()));
    }
    (steps, before, *replay.state())
}

fn made(scope: &Scope, before: &State, action: Action, after: &State) -> Made {
    let Move { items, acting, .. } = Move::of(scope, before, action);
    let kept = facts_and_timers(scope, after);
    Made {
        name: naming::action(scope, before, action),
        seen: items.iter().map(|item| naming::item(scope, *item)).collect(),
        rules: names(acting),
        gone: facts_and_timers(scope, before).into_iter().filter(|fact| !kept.contains(fact)).collect(),
    }
}

fn names(rules: RuleSet) -> Vec<&'static str> {
    rules.iter().map(Rule::name).collect()
}

fn lanes(scope: &Scope, before: &State, state: &State) -> Vec<Lane> {
    let earlier = facts_and_timers(scope, before);
    let all = facts_and_timers(scope, state);
    let of = |name| all.iter().filter(move |fact| fact.of == name).cloned();
    let lane = |name, platform| {
        let facts = of(name).map(|fact| Shown { is_new: !earlier.contains(&fact), fact }).collect();
        Lane { name, platform, facts }
    };
    let seats = scope.seats.iter().map(|seat| lane(seat.name, seat.platform.name().to_owned()));
    seats.chain([lane("server", String::new())]).collect()
}

fn facts_and_timers(scope: &Scope, state: &State) -> Vec<Fact> {
    let timers = scope.seats.iter().filter_map(|seat| timers(scope, state, seat.name));
    facts(scope, state).into_iter().chain(timers).collect()
}

/// The timers that are armed for the instance of that name, whatever the scope holds back.
fn timers(scope: &Scope, state: &State, name: &'static str) -> Option<Fact> {
    let possible = actions(scope, state).into_iter().chain(held(scope, state).into_iter().map(|(action, _)| action));
    let is_of_it = |action: &Action| action.instance().is_some_and(|instance| scope.name_of(instance) == name);
    let armed = possible.filter(|action| matches!(action, Action::Timer(..)) && is_of_it(action));
    let words: Vec<_> =
        armed.map(|action| action.word(scope).trim_start_matches(name).trim_start_matches('.').to_owned()).collect();
    (!words.is_empty()).then(|| Fact { of: name, about: About::Timers, text: format!("timers armed: {}", words.join(", ")) })
}

fn offered(scope: &Scope, state: &State, action: Action) -> Offered {
    let seen = Move::of(scope, state, action);
    let next = step(scope, Rules::ALL, state, action).next;
    Offered {
        group: Group::of(action),
        word: action.word(scope),
        name: naming::action(scope, state, action),
        seen: seen.items.iter().map(|item| naming::item(scope, *item)).collect(),
        rules: names(seen.acting),
        changes: next != *state,
    }
}

fn held_back(scope: &Scope, state: &State) -> Vec<Held> {
    let named = |(action, bound): (Action, Hold)| Held { name: naming::action(scope, state, action), bound: bound.name() };
    held(scope, state).into_iter().map(named).collect()
}

impl Group {
    const fn of(action: Action) -> Group {
        match action {
            Action::Call(..) | Action::Renew(_) => Group::Calls,
            Action::Link(_, LinkMove::Open | LinkMove::ToServer(_) | LinkMove::ToClient) => Group::Deliveries,
            Action::Link(_, LinkMove::OpenFails | LinkMove::Cut | LinkMove::ClientLoses(_) | LinkMove::ServerLoses(..))
            | Action::Page(..) => Group::Faults,
            Action::Timer(..) => Group::Timers,
            Action::Server(_) => Group::Administrator,
        }
    }
}
