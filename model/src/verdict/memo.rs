//! What was found at steps that were judged, told by what they and the judges looked at: some seats, what the onlookers know of them, and
//! the server's records. Wherever these are the same again, so is what is found. It judges nothing.

use rustc_hash::FxHashMap;

use crate::action::{Action, InstanceId};
use crate::crowd::{Bounds, Crowd};
use crate::graph::{Layout, Numbers};
use crate::interned::Interned;
use crate::observers::{Watch, Watches};
use crate::offers::offer_at;
use crate::scope::Scope;
use crate::seats::SeatSet;
use crate::state::State;

/// A state and what the onlookers know there, by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    pub(super) state: Numbers,
    pub(super) known: Numbers,
}

impl Pair {
    fn within(self, part: Numbers) -> Pair {
        Pair { state: self.state.within(part), known: self.known.within(part) }
    }

    fn with(self, part: Numbers, other: Pair) -> Pair {
        Pair { state: self.state.with(part, other.state), known: self.known.with(part, other.known) }
    }
}

/// What is offered in a seat, or to nobody's, where the seat, what is known of it, the server's records and the bounds are the same.
struct Offers {
    /// The part of a pair that is the same.
    own: Numbers,
    /// The actions, each with what is behind its step if that was judged and looked at nothing else.
    offered: Vec<(Action, Option<Pair>)>,
}

/// Where an offered action stands.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    offers: usize,
    place: usize,
}

/// What is offered, and the steps that kept every property.
pub(super) struct Memo {
    layout: Layout,
    initial: Watches,
    watches: Interned<Watch>,
    offers: Vec<Offers>,
    numbers: FxHashMap<(Option<InstanceId>, Bounds, Pair), usize>,
    /// For each action the larger parts of a pair that its steps looked at.
    parts: FxHashMap<Action, Vec<Numbers>>,
    /// What was before and behind a step, in one of these parts.
    kept: FxHashMap<(Action, usize, Pair), Pair>,
}

impl Memo {
    pub(super) fn new(scope: &Scope) -> Memo {
        let mut watches = Interned::new();
        watches.number(&Watch::default());
        Memo {
            layout: Layout::of(scope),
            initial: Watches::of(scope),
            watches,
            offers: Vec::new(),
            numbers: FxHashMap::default(),
            parts: FxHashMap::default(),
            kept: FxHashMap::default(),
        }
    }

    /// The actions that a state offers, in their order.
    pub(super) fn offers(&mut self, scope: &Scope, state: &State, at: Pair, offered: &mut Vec<Spot>) {
        let crowd = Crowd::of(scope, state);
        offered.clear();
        for seat in scope.instances().map(Some).chain([None]) {
            let (bounds, own) = (crowd.bounds(scope, seat), self.layout.part(seat.into_iter().collect()));
            let offers = *self.numbers.entry((seat, bounds, at.within(own))).or_insert_with(|| {
                let mut actions = Vec::new();
                offer_at(scope, state, seat, bounds, &mut actions);
                self.offers.push(Offers { own, offered: actions.into_iter().map(|action| (action, None)).collect() });
                self.offers.len() - 1
            });
            offered.extend((0..self.offers[offers].offered.len()).map(|place| Spot { offers, place }));
        }
    }

    pub(super) fn action(&self, spot: Spot) -> Action {
        self.offers[spot.offers].offered[spot.place].0
    }

    /// What is behind the step, if one that looked at the same was judged before and kept every property.
    pub(super) fn behind(&self, spot: Spot, before: Pair) -> Option<Pair> {
        let Offers { own, offered } = &self.offers[spot.offers];
        match offered[spot.place] {
            (_, Some(behind)) => Some(before.with(*own, behind)),
            (action, None) => self.parts.get(&action)?.iter().enumerate().find_map(|(place, part)| {
                let behind = self.kept.get(&(action, place, before.within(*part)))?;
                Some(before.with(*part, *behind))
            }),
        }
    }

    /// A step that looked at these seats kept every property. What looks at all of them never comes again.
    pub(super) fn learn(&mut self, spot: Spot, before: Pair, behind: Pair, seats: SeatSet) {
        let Offers { own, offered } = &mut self.offers[spot.offers];
        let (part, (action, known)) = (self.layout.part(seats), &mut offered[spot.place]);
        if part == *own {
            *known = Some(behind);
        } else if seats.len() < self.initial.len() {
            let parts = self.parts.entry(*action).or_default();
            let place = parts.iter().position(|looked| *looked == part).unwrap_or(parts.len());
            if place == parts.len() {
                parts.push(part);
            }
            self.kept.insert((*action, place, before.within(part)), behind);
        }
    }

    /// What the onlookers know.
    pub(super) fn watches(&self, known: Numbers) -> Watches {
        let mut watches = self.initial;
        for (seat, watch) in watches.iter_mut().enumerate() {
            *watch = self.watches.values()[self.layout.get(known, seat + 1) as usize];
        }
        watches
    }

    pub(super) fn number(&mut self, watches: &Watches) -> Numbers {
        let mut known = Numbers::default();
        for (seat, watch) in watches.iter().enumerate() {
            self.layout.set(&mut known, seat + 1, self.watches.number(watch));
        }
        known
    }
}
