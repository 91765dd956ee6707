//! The shortest story: breadth first over the product of the model's state and what the machines know, to the first step at which both
//! differ. No shorter trace differs. It finds a difference; what it means is not known here.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::graph::{Graph, StateId};
use model::scope::Scope;
use model::scopes;
use rustc_hash::FxHashSet;

use crate::divergence::Divergence;
use crate::driver::{Driver, DriverKind, Machines};
use crate::observation::expected;
use crate::replay::{Replay, actions_of, replay};
use crate::tour::Labels;

/// How many places are looked at before a search is given up: what the machines know has no bound of its own.
const MOST_PLACES: usize = 200_000;

/// Whether a story is so long that nobody reads it, and that looking at all shorter traces would take minutes.
const LONG: usize = 60;

/// How many places are looked at then.
const FEW_PLACES: usize = 10_000;

/// How many places of each other scope are looked at, where the story might be shorter.
const PLACES_ELSEWHERE: usize = 1_000;

/// The story of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The difference at the end of a trace.
    pub told: Divergence,
    /// How short it is known to be.
    pub length: Length,
    /// The scope and the number of steps in which the difference was found, if another scope tells it shorter.
    pub found_in: Option<(&'static str, usize)>,
}

/// How short a story is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// No shorter trace differs: every one was looked at.
    Shortest,
    /// A shorter trace may differ: there was too much to look at.
    GivenUp,
    /// It is the model's shortest path to the step that differs; a path to another step may be shorter.
    Straight,
    /// It is the trace that was walked: the model's shortest path to its last step does not differ.
    AsWalked,
}

impl Short {
    /// Whether no shorter trace differs.
    pub fn is_shortest(&self) -> bool {
        self.length == Length::Shortest
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof = match self.length {
            Length::Shortest => "no shorter trace differs".to_owned(),
            Length::GivenUp => format!(
                "a shorter trace may differ: the search was given up after {MOST_PLACES} places, or {FEW_PLACES} for a long one"
            ),
            Length::Straight => "no shorter path leads to this step".to_owned(),
            Length::AsWalked => {
                "the shortest path to this step does not show it: the system goes by more than the rules know, or keeps it over a reset"
                    .to_owned()
            }
        };
        write!(f, "{}\nleast   {proof}", self.told)?;
        match self.found_in {
            Some((scope, steps)) => write!(f, "\nfound   in scope {scope} after {steps} steps; here a story of it is shorter"),
            None => Ok(()),
        }
    }
}

/// The shortest story of a difference that was found on some trace. Where the machines differ too, no shorter trace differs, unless the
/// search was given up. What only the stack shows is told along the model's shortest path to the step that showed it, and along the
/// whole trace if that path does not show it: then the system knows more than the model's state says.
pub fn shorten(found: &Divergence, driver: DriverKind) -> Short {
    let on_machines = replay(&found.scope, DriverKind::Machines, &found.labels).divergence;
    match on_machines.and_then(|seen| shortest(&found.scope, driver, seen.labels.len())) {
        Some(long) if long.told.labels.len() > LONG && !long.is_shortest() => elsewhere(&long, driver).unwrap_or(long),
        Some(short) => short,
        None => {
            let straight = straight_to(&Graph::of(&found.scope), &found.labels);
            let told = straight.and_then(|labels| replay(&found.scope, driver, &labels).divergence);
            let length = if told.is_some() { Length::Straight } else { Length::AsWalked };
            Short { told: told.unwrap_or_else(|| found.clone()), length, found_in: None }
        }
    }
}

/// A story of a difference in another scope, if one is shorter than this long one. It may be another difference.
fn elsewhere(long: &Short, driver: DriverKind) -> Option<Short> {
    let (scope, steps) = (&long.told.scope, long.told.labels.len());
    let others = scopes::all().into_iter().filter(|other| other.name != scope.name);
    let tell = |other: Scope| {
        let labels = quick(&other, LONG, PLACES_ELSEWHERE)?;
        replay(&other, driver, &labels).divergence
    };
    let told = others.filter_map(tell).min_by_key(|told| told.labels.len())?;
    Some(Short { told, length: Length::GivenUp, found_in: Some((scope.name, steps)) })
}

/// The model's shortest path to the last step of a trace, that step included; `None` for a trace without steps.
pub(crate) fn straight_to(graph: &Graph, labels: &[u16]) -> Option<Labels> {
    let (last, before) = labels.split_last()?;
    let mut replay_before = Replay::new(&graph.scope);
    before.iter().for_each(|label| drop(replay_before.make(*label)));
    let at = graph.states().position(|state| state == *replay_before.state())?;
    let mut labels = graph.path_to(at as StateId);
    labels.push(*last);
    Some(labels)
}

/// A trace of the least number of steps on which both the machines and the driver's system differ from the model, of at most `most`
/// steps; `None` if none was found.
pub fn shortest(scope: &Scope, kind: DriverKind, most: usize) -> Option<Short> {
    let (labels, length) = on_machines(scope, most)?;
    replay(scope, kind, &labels).divergence.map(|told| Short { told, length, found_in: None })
}

/// First one path to each state of the model, which are few; then every pair of a state and a system, in fewer steps than those took.
/// With the trace, whether it is known to be the shortest.
fn on_machines(scope: &Scope, most: usize) -> Option<(Labels, Length)> {
    let quick = quick(scope, most, MOST_PLACES);
    let fewer = quick.as_ref().map_or(most, |labels| labels.len() - 1);
    let places = if fewer > LONG { FEW_PLACES } else { MOST_PLACES };
    match search(scope, fewer, places, |place| place.key()) {
        SearchEnd::Differs(labels) => Some((labels, Length::Shortest)),
        SearchEnd::Agrees => quick.map(|labels| (labels, Length::Shortest)),
        SearchEnd::GivenUp => quick.map(|labels| (labels, Length::GivenUp)),
    }
}

/// A trace that differs, over one path to each state of the model.
fn quick(scope: &Scope, most: usize, places: usize) -> Option<Labels> {
    match search(scope, most, places, |place| key(place.replay.state())) {
        SearchEnd::Differs(labels) => Some(labels),
        SearchEnd::Agrees | SearchEnd::GivenUp => None,
    }
}

/// How a search ends.
enum SearchEnd {
    /// With the first trace that differs.
    Differs(Labels),
    /// Nothing within reach differs.
    Agrees,
    /// There was too much to look at.
    GivenUp,
}

fn key(known: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    known.hash(&mut hasher);
    hasher.finish()
}

/// Breadth first to the first trace that differs, of at most `most` steps; what is alike by `key` is gone on from once.
fn search(scope: &Scope, most: usize, places: usize, key: impl Fn(&Position) -> u64) -> SearchEnd {
    let start = Position::start(scope);
    let mut known = FxHashSet::from_iter([key(&start)]);
    let mut layer = vec![start];
    for steps in 1..=most {
        let mut next = Vec::new();
        for place in layer {
            for label in 0..place.replay.offered().len() as u16 {
                match place.after(label) {
                    Err(divergent) => return SearchEnd::Differs(divergent),
                    Ok(place) if steps < most && known.insert(key(&place)) => next.push(place),
                    Ok(_) => {}
                }
            }
        }
        if known.len() > places {
            return SearchEnd::GivenUp;
        }
        layer = next;
    }
    SearchEnd::Agrees
}

/// Where a trace leads on both sides.
pub(crate) struct Position<'a> {
    pub(crate) replay: Replay<'a>,
    pub(crate) machines: Machines,
    pub(crate) labels: Labels,
}

impl<'a> Position<'a> {
    /// Nothing has happened yet.
    pub(crate) fn start(scope: &'a Scope) -> Position<'a> {
        Position { replay: Replay::new(scope), machines: Machines::start(scope), labels: Labels::new() }
    }

    /// A number for what both sides know.
    pub(crate) fn key(&self) -> u64 {
        key(&(self.replay.state(), self.machines.fingerprint()))
    }

    /// One step further; the trace, if both sides differ there.
    pub(crate) fn after(&self, label: u16) -> Result<Position<'a>, Labels> {
        let (mut replay, mut machines) = (self.replay.clone(), self.machines.clone());
        let labels: Labels = self.labels.iter().copied().chain([label]).collect();
        match replay.make(label) {
            Some(made) if machines.step(made.ask) == expected(replay.scope(), &made.step) => {
                Ok(Position { replay, machines, labels })
            }
            Some(_) | None => Err(labels),
        }
    }
}

/// The traces that are left when one step of this one is taken out and the others are done all the same, by action; where one of them is
/// not offered any more, there is no trace.
fn with_one_step_less(scope: &Scope, labels: &[u16]) -> Vec<Labels> {
    let actions = actions_of(scope, labels);
    let without = |out: usize| {
        let mut replay = Replay::new(scope);
        let left = actions.iter().enumerate().filter(|(index, _)| *index != out);
        left.map(|(_, action)| replay.follow(*action)).collect::<Option<Labels>>()
    };
    (0..actions.len()).filter_map(without).collect()
}

/// Whether no trace that is left when one step is taken out differs on that driver.
pub fn is_minimal(found: &Divergence, driver: DriverKind) -> bool {
    let left = with_one_step_less(&found.scope, &found.labels);
    left.iter().all(|labels| replay(&found.scope, driver, labels).divergence.is_none())
}
