//! The second opinion in small scopes: lassos looked for one by one, walk by walk, with an account of what each walk owes. It shares no
//! code with the components, their regions and their lassos: only the graph, the cases and the obligations are the same.

use rustc_hash::FxHashSet;

use super::claim::Case;
use super::fairness::{Obligation, Strength};
use super::lasso::Lasso;
use super::moves::{Move, Moves};
use crate::action::Action;
use crate::balance::kicked;
use crate::graph::StateId;
use crate::state::State;
use crate::step::actions;

/// The bit of a kick, which no obligation has.
const KICK: u128 = 1 << 120;

/// What a walk from a state has come to owe so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Tally {
    /// Weak obligations owed all the way and not met.
    weak: u128,
    /// Strong obligations owed somewhere.
    strong: u128,
    /// Strong obligations met.
    met: u128,
}

/// Walks of one case.
struct Walker<'a> {
    moves: &'a Moves,
    case: Case,
    weak: u128,
    strong: u128,
    sources: Vec<Vec<StateId>>,
}

/// Whether some fair run waits for ever.
pub(super) fn waits_for_ever(moves: &Moves, case: Case) -> bool {
    let walker = Walker::of(moves, case);
    (0..moves.states.len() as StateId).filter(|start| walker.waits(*start)).any(|start| walker.has_round_from(start))
}

impl<'a> Walker<'a> {
    fn of(moves: &'a Moves, case: Case) -> Walker<'a> {
        let (mut weak, mut strong) = (0, 0);
        for (place, obligation) in moves.obligations.iter().enumerate() {
            match obligation.strength() {
                Strength::Weak => weak |= 1 << place,
                Strength::Strong => strong |= 1 << place,
            }
        }
        if case == Case::Kicks {
            (weak, strong) = (KICK, 0);
        }
        let mut walker = Walker { moves, case, weak, strong, sources: Vec::new() };
        let mut sources = vec![Vec::new(); moves.states.len()];
        for from in 0..moves.states.len() as StateId {
            for taken in moves.of_state(from).iter().filter(|taken| walker.goes_on(from, taken)) {
                sources[taken.target as usize].push(from);
            }
        }
        walker.sources = sources;
        walker
    }

    fn waits(&self, state: StateId) -> bool {
        self.case.waits(&self.moves.states[state as usize])
    }

    fn goes_on(&self, from: StateId, taken: &Move) -> bool {
        let (before, after) = (&self.moves.states[from as usize], &self.moves.states[taken.target as usize]);
        self.case.waits(before) && self.case.waits(after) && !self.case.ends(before, taken.action, after)
    }

    fn owed(&self, state: StateId) -> u128 {
        if self.case == Case::Kicks { KICK } else { self.moves.owed[state as usize] }
    }

    fn met(&self, from: StateId, taken: &Move) -> u128 {
        if self.case != Case::Kicks {
            return taken.meets;
        }
        let (before, after) = (&self.moves.states[from as usize], &self.moves.states[taken.target as usize]);
        if kicked(before, taken.action, after) > 0 { KICK } else { 0 }
    }

    /// Whether a fair round leads from a state back to it, through no state that was discovered earlier.
    fn has_round_from(&self, start: StateId) -> bool {
        let owed = self.owed(start);
        let begun = Tally { weak: owed & self.weak, strong: owed & self.strong, met: 0 };
        if begun.weak == 0 && begun.strong == 0 {
            return true;
        }
        let back = self.leading_back_to(start);
        let mut open = vec![(start, begun)];
        let mut known: FxHashSet<(StateId, Tally)> = open.iter().copied().collect();
        while let Some((at, account)) = open.pop() {
            for taken in self.moves.of_state(at).iter().filter(|taken| back[taken.target as usize] && self.goes_on(at, taken)) {
                let then = self.after(account, at, taken);
                if taken.target == start && then.weak == 0 && then.strong & !then.met == 0 {
                    return true;
                }
                if known.insert((taken.target, then)) {
                    open.push((taken.target, then));
                }
            }
        }
        false
    }

    fn after(&self, tally: Tally, at: StateId, taken: &Move) -> Tally {
        let (met, owed) = (self.met(at, taken), self.owed(taken.target));
        let met_strongly = tally.met | met & self.strong;
        let strong = tally.strong | (owed | taken.asks) & self.strong | met_strongly;
        Tally { weak: tally.weak & owed & !met, strong, met: met_strongly }
    }

    fn leading_back_to(&self, start: StateId) -> Vec<bool> {
        let mut back = vec![false; self.moves.states.len()];
        back[start as usize] = true;
        let mut open = vec![start];
        while let Some(state) = open.pop() {
            for source in self.sources[state as usize].iter().filter(|source| **source >= start) {
                if !std::mem::replace(&mut back[*source as usize], true) {
                    open.push(*source);
                }
            }
        }
        back
    }
}

/// A lasso's round, gone once more.
struct Round {
    /// The states that it goes through, the first one also as the last.
    visited: Vec<State>,
    met: Vec<Obligation>,
    asked: Vec<Obligation>,
}

/// Takes a lasso's steps again: each must be offered, and the round must lead back.
fn retrace(moves: &Moves, lasso: &Lasso) -> Result<Round, String> {
    let mut state = State::initial(&moves.scope);
    for action in &lasso.way {
        state = take(moves, &state, *action)?;
    }
    let mut round = Round { visited: vec![state], met: Vec::new(), asked: Vec::new() };
    for action in &lasso.round {
        let next = take(moves, &state, *action)?;
        let items = moves.change.step(&moves.scope, &state, *action).items;
        round.met.extend(Obligation::met_by(&state, *action));
        round.asked.extend(items.into_iter().filter_map(|item| Obligation::asked_by(&next, item)));
        round.visited.push(next);
        state = next;
    }
    let leads_back = round.visited[0] == state;
    leads_back.then_some(round).ok_or("the round does not lead back".to_owned())
}

/// Whether nobody's waiting ends on a lasso's round, and nothing is put off on it for ever that may not be.
pub(super) fn check_lasso(moves: &Moves, case: Case, lasso: &Lasso) -> Result<(), String> {
    let round = retrace(moves, lasso)?;
    if round.visited.iter().any(|state| !case.waits(state)) {
        return Err("nobody waits".to_owned());
    }
    for (steps, action) in round.visited.windows(2).zip(&lasso.round) {
        if case.ends(&steps[0], *action, &steps[1]) {
            return Err(format!("the waiting ends at {action:?}"));
        }
    }
    if case == Case::Kicks { check_kicks(&round, lasso) } else { check_fairness(moves, &round) }
}

/// Whether somebody is kicked on a lasso's round, and nothing is put off on it for ever that may not be.
pub(super) fn check_kick_loop(moves: &Moves, lasso: &Lasso) -> Result<(), String> {
    let round = retrace(moves, lasso)?;
    check_kicks(&round, lasso)?;
    check_fairness(moves, &round)
}

fn check_kicks(round: &Round, lasso: &Lasso) -> Result<(), String> {
    let mut steps = round.visited.windows(2).zip(&lasso.round);
    let kicked = steps.any(|(steps, action)| kicked(&steps[0], *action, &steps[1]) > 0);
    kicked.then_some(()).ok_or("nobody is kicked".to_owned())
}

fn check_fairness(moves: &Moves, round: &Round) -> Result<(), String> {
    let put_off = moves.obligations.iter().find(|obligation| {
        let owing = round.visited.iter().filter(|state| owes(moves, state, **obligation)).count();
        let binds = match obligation.strength() {
            Strength::Weak => owing == round.visited.len(),
            Strength::Strong => owing > 0 || round.asked.contains(obligation),
        };
        binds && !round.met.contains(obligation)
    });
    put_off.map_or(Ok(()), |obligation| Err(format!("{obligation:?} is put off for ever")))
}

fn take(moves: &Moves, state: &State, action: Action) -> Result<State, String> {
    let offered = actions(&moves.scope, state).contains(&action);
    offered.then(|| moves.change.step(&moves.scope, state, action).next).ok_or(format!("{action:?} is not offered"))
}

fn owes(moves: &Moves, state: &State, obligation: Obligation) -> bool {
    actions(&moves.scope, state).into_iter().any(|action| Obligation::met_by(state, action) == Some(obligation))
}
