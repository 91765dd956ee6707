//! The graph that claims are decided on: every state of a scope, every transition with the obligation that it meets, and what each
//! state owes. It decides nothing.

use rustc_hash::FxHashMap;

use super::change::Change;
use super::fairness::{Fairness, Obligation};
use crate::action::Action;
use crate::graph::StateId;
use crate::scope::Scope;
use crate::state::State;
use crate::step::actions;

/// A set of obligations of one graph, a bit each.
pub(super) type Owed = u128;

/// The bit that no obligation has: what a search asks for besides.
pub(super) const DEMAND: Owed = 1 << 127;

/// One transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// What is done.
    pub action: Action,
    /// Where it leads.
    pub target: StateId,
    /// The obligation that it meets: one bit, or none.
    pub meets: Owed,
    /// The obligations that arise in it, besides those of the states that it joins.
    pub asks: Owed,
}

/// A scope's graph under a change.
pub struct Moves {
    /// Whose.
    pub scope: Scope,
    /// With what left out.
    pub change: Change,
    /// The states, in the order of their discovery; the initial one is the first.
    pub states: Vec<State>,
    /// What each state owes.
    pub owed: Vec<Owed>,
    /// The obligations by their bits.
    pub obligations: Vec<Obligation>,
    moves: Vec<Move>,
    starts: Vec<usize>,
    parents: Vec<(StateId, usize)>,
}

impl Moves {
    /// Searches the scope breadth first.
    pub fn of(scope: &Scope, change: Change) -> Moves {
        let mut moves = Moves {
            scope: scope.clone(),
            change,
            states: vec![State::initial(scope)],
            owed: Vec::new(),
            obligations: Vec::new(),
            moves: Vec::new(),
            starts: vec![0],
            parents: vec![(0, 0)],
        };
        let mut known = FxHashMap::default();
        let mut bits = FxHashMap::default();
        known.insert(moves.states[0], 0);
        while moves.owed.len() < moves.states.len() {
            moves.expand(&mut known, &mut bits);
        }
        moves
    }

    fn expand(&mut self, known: &mut FxHashMap<State, StateId>, bits: &mut FxHashMap<Obligation, Owed>) {
        let from = self.owed.len();
        let state = self.states[from];
        let mut owed = 0;
        for action in actions(&self.scope, &state) {
            let made = self.change.step(&self.scope, &state, action);
            let next = made.next;
            let fresh = self.states.len() as StateId;
            let target = *known.entry(next).or_insert(fresh);
            if target == fresh {
                self.states.push(next);
                self.parents.push((from as StateId, self.moves.len()));
            }
            let meets = Obligation::met_by(&state, action).map_or(0, |obligation| self.bit(bits, obligation));
            owed |= meets;
            let asked = made.items.iter().filter_map(|item| Obligation::asked_by(&next, *item));
            let asks = asked.fold(0, |asks, obligation| asks | self.bit(bits, obligation));
            self.moves.push(Move { action, target, meets, asks });
        }
        self.owed.push(owed);
        self.starts.push(self.moves.len());
    }

    fn bit(&mut self, bits: &mut FxHashMap<Obligation, Owed>, obligation: Obligation) -> Owed {
        let fresh = self.obligations.len();
        assert!(fresh < 127, "no scope has more obligations than a word has bits");
        let obligations = &mut self.obligations;
        *bits.entry(obligation).or_insert_with(|| {
            obligations.push(obligation);
            1 << fresh
        })
    }

    /// Those obligations that bind strongly under that fairness.
    pub fn strong(&self, fairness: Fairness) -> Owed {
        let places = 0..self.obligations.len();
        let strong = places.filter(|place| fairness.binds_strongly(self.obligations[*place]));
        strong.fold(0, |all, place| all | 1 << place)
    }

    /// The obligations that some state owes or some transition asks for, and that no transition meets. If there is none in a strongly
    /// connected graph, every run can go on fairly: then the fairness forbids no beginning, and what it proves is not vacuous.
    pub fn owed_in_vain(&self) -> Vec<Obligation> {
        let owed = self.owed.iter().fold(0, |all, owed| all | owed);
        let met = self.moves.iter().fold(0, |all, taken| all | taken.meets);
        let asked = self.moves.iter().fold(owed, |all, taken| all | taken.asks);
        let in_vain = |place: &usize| asked & !met & 1 << place != 0;
        (0..self.obligations.len()).filter(in_vain).map(|place| self.obligations[place]).collect()
    }

    /// The transitions of a state, in the order of [`actions`].
    pub fn of_state(&self, from: StateId) -> &[Move] {
        &self.moves[self.starts[from as usize]..self.starts[from as usize + 1]]
    }

    /// How many transitions there are.
    pub fn count(&self) -> usize {
        self.moves.len()
    }

    /// A shortest way from the initial state.
    pub fn way_to(&self, mut state: StateId) -> Vec<Action> {
        let mut way = Vec::new();
        while state != 0 {
            let (parent, taken) = self.parents[state as usize];
            way.push(self.moves[taken].action);
            state = parent;
        }
        way.reverse();
        way
    }
}
