//! The part of a graph in which somebody waits, and what a run there owes: the states in which the waiting goes on, and the transitions
//! that do not end it. It decides nothing.

use super::claim::Case;
use super::fairness::Fairness;
use super::moves::{DEMAND, Move, Moves, Owed};
use crate::action::{Action, AppCall};
use crate::balance::kicked;
use crate::graph::StateId;

/// A transition inside a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arc {
    /// Where it leads: a place in [`Region::states`].
    pub(super) to: u32,
    /// Which of its state's transitions it is.
    pub(super) label: u16,
    /// The obligations that it meets.
    pub(super) meets: Owed,
    /// The obligations that arise in it.
    pub(super) asks: Owed,
}

/// What a run has to do again and again besides what it owes.
#[derive(Clone, Copy)]
enum Demand {
    Nothing,
    Kicks,
}

/// A part of a graph.
pub(super) struct Region {
    /// Its states, in the order of their discovery; a node is a place here.
    pub(super) states: Vec<StateId>,
    /// What each node owes.
    pub(super) owed: Vec<Owed>,
    /// Those of the obligations that bind strongly; the others bind weakly.
    pub(super) strong: Owed,
    arcs: Vec<Arc>,
    starts: Vec<usize>,
}

impl Region {
    /// Where a case waits.
    pub(super) fn of_case(moves: &Moves, case: Case, fairness: Fairness) -> Region {
        let demand = match case {
            Case::Kicks => Demand::Kicks,
            Case::Of(..) | Case::Sessions(..) | Case::Send(..) | Case::Limits | Case::Callbacks(_) => Demand::Nothing,
        };
        let waits = |state: StateId| case.waits(&moves.states[state as usize]);
        Region::build(moves, (fairness, demand), waits, |from, taken| !ends(moves, case, from, taken))
    }

    /// All of the graph, where kicks are demanded again and again and applications only log in: nothing is called but `login`, and
    /// nothing fails.
    pub(super) fn of_kicks(moves: &Moves) -> Region {
        let stays = |_, taken: &Move| taken.meets != 0 || matches!(taken.action, Action::Call(_, AppCall::Login { .. }));
        Region::build(moves, (Fairness::Stated, Demand::Kicks), |_| true, stays)
    }

    fn build(
        moves: &Moves,
        (fairness, demand): (Fairness, Demand),
        holds: impl Fn(StateId) -> bool,
        stays: impl Fn(StateId, &Move) -> bool,
    ) -> Region {
        let states: Vec<_> = (0..moves.states.len() as StateId).filter(|state| holds(*state)).collect();
        let mut places = vec![u32::MAX; moves.states.len()];
        states.iter().zip(0..).for_each(|(state, place)| places[*state as usize] = place);
        let mut region = Region { owed: Vec::new(), strong: moves.strong(fairness), arcs: Vec::new(), starts: vec![0], states };
        let demanded = match demand {
            Demand::Nothing => 0,
            Demand::Kicks => DEMAND,
        };
        for from in &region.states {
            for (label, taken) in moves.of_state(*from).iter().enumerate() {
                let to = places[taken.target as usize];
                if to != u32::MAX && stays(*from, taken) {
                    let kick = if demanded != 0 && is_kick(moves, *from, taken) { DEMAND } else { 0 };
                    let asks = if fairness == Fairness::None { 0 } else { taken.asks };
                    region.arcs.push(Arc { to, label: label as u16, meets: taken.meets | kick, asks });
                }
            }
            region.starts.push(region.arcs.len());
        }
        let owes = |state: &StateId| match fairness {
            Fairness::Stated | Fairness::OpeningsWeakly | Fairness::DeliveriesWeakly | Fairness::ReplacementsWeakly => {
                moves.owed[*state as usize] | demanded
            }
            Fairness::None => demanded,
        };
        region.owed = region.states.iter().map(owes).collect();
        region
    }

    /// A region drawn by hand: what its nodes owe, and its arcs as (from, to, meets, asks).
    #[cfg(test)]
    pub(super) fn drawn(owed: &[Owed], strong: Owed, arcs: &[(u32, u32, Owed, Owed)]) -> Region {
        let places = 0..owed.len() as StateId;
        let mut region =
            Region { states: places.clone().collect(), owed: owed.to_vec(), strong, arcs: Vec::new(), starts: vec![0] };
        for node in places {
            let own = arcs.iter().filter(|arc| arc.0 == node);
            region.arcs.extend(own.map(|(_, to, meets, asks)| Arc { to: *to, label: 0, meets: *meets, asks: *asks }));
            region.starts.push(region.arcs.len());
        }
        region
    }

    /// The transitions of a node.
    pub(super) fn arcs_of(&self, node: u32) -> &[Arc] {
        &self.arcs[self.starts[node as usize]..self.starts[node as usize + 1]]
    }
}

fn ends(moves: &Moves, case: Case, from: StateId, taken: &Move) -> bool {
    case.ends(&moves.states[from as usize], taken.action, &moves.states[taken.target as usize])
}

fn is_kick(moves: &Moves, from: StateId, taken: &Move) -> bool {
    kicked(&moves.states[from as usize], taken.action, &moves.states[taken.target as usize]) > 0
}
