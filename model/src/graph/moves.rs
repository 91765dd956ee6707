//! What is offered at a place, and where it leads, as far as the place alone decides it: a seat's instance, the server's records and what
//! the bounds leave to the seat. It remembers what steps were seen to look at; it makes none.

use super::table::Table;
use crate::action::Action;
use crate::crowd::{Bounds, Mark};
use crate::scope::MAX_INSTANCES;

/// Where an action leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// To another instance in this seat and other records, by their numbers, whatever the other seats are.
    Local { instance: u32, server: u32 },
    /// To where a broadcast ends that begins with the step of that number.
    Broadcast(u32),
    /// Other seats were looked at: it depends on them.
    Global(Action),
}

/// A place: where it is among the numbers of a state (0 for what belongs to no seat, then the seats), and the numbers of its instance
/// (0 if it has none) and of the server's records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) seat: usize,
    pub(super) instance: u32,
    pub(super) server: u32,
}

/// A place that is known: its number, and what it adds to the crowd.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) mark: Mark,
}

/// Some of the effects, from the first to before the last, in the order of what is offered.
pub(super) type Span = (u32, u32);

/// All that is remembered.
pub(super) struct Moves {
    places: Table<Known>,
    /// By the number of the place and what the bounds leave.
    offers: Vec<Option<Span>>,
    effects: Vec<Effect>,
}

impl Moves {
    pub(super) fn new() -> Moves {
        Moves { places: Table::new(), offers: Vec::new(), effects: Vec::new() }
    }

    pub(super) fn known(&self, place: Place) -> Option<Known> {
        self.places.get(place.row(), place.instance as usize)
    }

    /// A place gets the next number.
    pub(super) fn add(&mut self, place: Place, mark: Mark) -> Known {
        let known = Known { number: (self.offers.len() / Bounds::COUNT) as u32, mark };
        self.places.put(place.row(), place.instance as usize, known);
        self.offers.resize(self.offers.len() + Bounds::COUNT, None);
        known
    }

    /// What is offered there under these bounds; `None` if nobody has said so yet.
    pub(super) fn offers(&self, place: u32, bounds: Bounds) -> Option<Span> {
        self.offers[place as usize * Bounds::COUNT + bounds.number()]
    }

    pub(super) fn effect(&self, number: u32) -> Effect {
        self.effects[number as usize]
    }

    /// Says what is offered there under these bounds.
    pub(super) fn learn(&mut self, place: u32, bounds: Bounds, effects: impl Iterator<Item = Effect>) -> Span {
        let first = self.effects.len() as u32;
        self.effects.extend(effects);
        let end = self.effects.len() as u32;
        self.offers[place as usize * Bounds::COUNT + bounds.number()] = Some((first, end));
        (first, end)
    }
}

impl Place {
    fn row(self) -> usize {
        self.server as usize * (MAX_INSTANCES + 1) + self.seat
    }
}
