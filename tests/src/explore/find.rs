//! Finds in a scope what a question asks for: how many states or moves there are of that kind, and the shortest way to each. It decides
//! nothing of the rules: what is so in a state and seen of a move stands in lines, and it compares words.

use std::collections::VecDeque;

use model::graph::StateId;
use model::step::actions;
use serde::Serialize;

use super::index::Index;
use super::lines::{Has, Nowhere};
use super::query::{Query, Want};
use crate::naming;
use crate::token::Trace;

/// How many of those that were found are shown.
const SHOWN: usize = 20;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Found {
    /// Whether states were searched for, or moves.
    pub of: Kind,
    /// How many of them there are.
    pub matching: usize,
    /// Of how many.
    pub total: usize,
    /// The nearest, the shortest way first.
    pub nearest: Vec<Hit>,
}

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// States.
    States,
    /// Moves, each in the state in which it is offered.
    Moves,
}

/// One that was found.
#[derive(Debug, Serialize)]
pub struct Hit {
    /// The shortest way to it, the move itself included.
    pub trace: String,
    /// How long that is.
    pub steps: usize,
    /// What the last step of it is called; nothing if there is no step.
    pub last: String,
}

/// Searches an open scope; ways begin in the initial state, or where `here` leads.
///
/// # Errors
/// [`Nowhere`] if a phrase is in no line at all.
pub fn find(index: &Index, query: &Query, here: &[u16]) -> Result<Found, Nowhere> {
    let wanted = Targets::of(index, &query.want)?;
    let before = query.before.as_ref().map(|before| Targets::of(index, before)).transpose()?;
    let prefix = if query.from_here { here } else { &[] };
    let walk = Walk::of(index, index.number_of(prefix).unwrap_or_default(), before.as_ref());
    let reached = wanted.each(index).filter_map(|spot| walk.distance(spot.state).map(|steps| (steps, spot)));
    let mut found: Vec<_> = reached.collect();
    found.sort_by_key(|(steps, spot)| (*steps, spot.state, spot.transition));
    let (matching, total) = (found.len(), wanted.is_one.len());
    let nearest = found.into_iter().take(SHOWN).map(|(_, spot)| hit(index, &walk, prefix, spot)).collect();
    Ok(Found { of: wanted.kind, matching, total, nearest })
}

/// A state, or a move offered in it.
#[derive(Clone, Copy)]
struct Spot {
    state: StateId,
    transition: Option<usize>,
}

fn hit(index: &Index, walk: &Walk<'_>, prefix: &[u16], spot: Spot) -> Hit {
    let mut labels = prefix.to_vec();
    labels.extend(walk.way(spot.state));
    labels.extend(spot.transition.map(|transition| index.label(spot.state, transition)));
    let scope = index.scope().clone();
    let last = labels.split_last().and_then(|(last, way)| {
        let state = index.graph.state(index.number_of(way)?);
        let action = *actions(&scope, &state).get(usize::from(*last))?;
        Some(naming::action(&scope, &state, action))
    });
    let steps = labels.len();
    Hit { trace: Trace { scope, labels }.to_string(), steps, last: last.unwrap_or_default() }
}

/// States or transitions, one bit each.
struct Targets {
    kind: Kind,
    is_one: Vec<bool>,
}

impl Targets {
    /// Those that are as is wanted: moves if a phrase stands in lines of moves only; then the others are asked of the state as well in
    /// which the move is made.
    fn of(index: &Index, want: &Want) -> Result<Targets, Nowhere> {
        let lines = index.lines();
        let names: Vec<_> = index.scope().seats.iter().map(|seat| seat.name).collect();
        lines.must_have(want, &names)?;
        let want = want.clone().of_one_of(&names);
        let has: Vec<Has> = want.phrases().map(|phrase| lines.with(phrase)).collect();
        let mut numbers = 0..;
        let want = want.map(&mut |_| numbers.next().unwrap_or_default());
        let is_of_moves = has.iter().any(|has| has.is_of_moves() && !has.is_of_states());
        let states = (0..index.graph.state_count() as StateId).map(|state| index.parts(state));
        let is_one = if is_of_moves {
            let moves = &index.moves().of_transition;
            let of_state = |state| &moves[index.graph.first_transition(state)..index.graph.first_transition(state + 1)];
            let pairs =
                states.enumerate().flat_map(|(state, parts)| of_state(state as StateId).iter().map(move |made| (parts, *made)));
            pairs
                .map(|(parts, made)| want.holds(&|phrase: &usize| has[*phrase].is_seen(made) || has[*phrase].is_so(parts)))
                .collect()
        } else {
            states.map(|parts| want.holds(&|phrase: &usize| has[*phrase].is_so(parts))).collect()
        };
        Ok(Targets { kind: if is_of_moves { Kind::Moves } else { Kind::States }, is_one })
    }

    fn each(&self, index: &Index) -> impl Iterator<Item = Spot> {
        let numbers = self.is_one.iter().enumerate().filter(|(_, is_one)| **is_one).map(|(number, _)| number);
        numbers.map(|number| match self.kind {
            Kind::States => Spot { state: number as StateId, transition: None },
            Kind::Moves => Spot { state: index.source(number), transition: Some(number) },
        })
    }
}

/// A walk through the whole graph, breadth first, in two floors: below, what must have come before has not come yet.
struct Walk<'a> {
    index: &'a Index,
    /// For each state on the lower floor, then for each on the upper: how far it is, and the node and transition before it.
    nodes: Vec<Option<(u32, usize, u32)>>,
    /// Where the floor begins on which what is wanted counts.
    upper: usize,
}

impl Walk<'_> {
    fn of<'a>(index: &'a Index, start: StateId, before: Option<&Targets>) -> Walk<'a> {
        let states = index.graph.state_count();
        let upper = if before.is_some() { states } else { 0 };
        let mut walk = Walk { index, nodes: vec![None; upper + states], upper };
        let lifts = |kind: Kind, number: usize| before.is_some_and(|before| before.kind == kind && before.is_one[number]);
        let first = start as usize + if lifts(Kind::States, start as usize) { upper } else { 0 };
        walk.nodes[first] = Some((0, first, u32::MAX));
        let mut open = VecDeque::from([first]);
        while let Some(node) = open.pop_front() {
            let distance = walk.nodes[node].map_or(0, |(distance, ..)| distance);
            let state = (node % states) as StateId;
            let floor = if node >= upper { upper } else { 0 };
            let first_transition = index.graph.first_transition(state);
            for (place, target) in index.graph.targets_of(state).iter().enumerate() {
                let transition = first_transition + place;
                let lifted = lifts(Kind::Moves, transition) || lifts(Kind::States, *target as usize);
                let next = *target as usize + if lifted { upper } else { floor };
                if walk.nodes[next].is_none() {
                    walk.nodes[next] = Some((distance + 1, node, transition as u32));
                    open.push_back(next);
                }
            }
        }
        walk
    }

    /// How many steps it takes to a state, behind what must have come before.
    fn distance(&self, state: StateId) -> Option<u32> {
        self.nodes[self.upper + state as usize].map(|(distance, ..)| distance)
    }

    /// The labels of a shortest way there.
    fn way(&self, state: StateId) -> Vec<u16> {
        let states = self.index.graph.state_count();
        let (mut node, mut labels) = (self.upper + state as usize, Vec::new());
        while let Some((_, before, transition)) = self.nodes[node].filter(|(_, _, transition)| *transition != u32::MAX) {
            labels.push(self.index.label((before % states) as StateId, transition as usize));
            node = before;
        }
        labels.reverse();
        labels
    }
}
