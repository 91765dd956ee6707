//! What is offered at a place, and where it leads, as far as the place alone decides it: a seat's instance, the server's records and what
//! the bounds leave to the seat. It remembers what steps were seen to look at; it makes none.

use crate::action::Action;
use crate::crowd::{Bounds, Mark};
use crate::interned::Interned;

/// Where an action leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// To another instance in this seat and other records, by their numbers, whatever the other seats are.
    Near { instance: u32, server: u32 },
    /// Other seats were looked at: it depends on them.
    Far(Action),
}

/// A place: the number of a seat, from 1, or 0 for what belongs to no seat; and the numbers of its instance and of the server's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) seat: usize,
    pub(super) instance: u32,
    pub(super) server: u32,
}

/// Some of the effects, from the first to before the last.
pub(super) type Span = (u32, u32);

/// What is remembered of a place.
#[derive(Clone, Copy, Debug)]
struct Known {
    mark: Mark,
    /// What is offered, by what the bounds leave.
    offers: [Option<Span>; Bounds::COUNT],
}

/// All that is remembered.
pub(super) struct Moves {
    places: Interned<Place>,
    known: Vec<Known>,
    effects: Vec<Effect>,
}

impl Moves {
    pub(super) fn new() -> Moves {
        Moves { places: Interned::new(), known: Vec::new(), effects: Vec::new() }
    }

    /// The number of a place; `mark` is asked when it is new.
    pub(super) fn number(&mut self, place: Place, mark: impl FnOnce() -> Mark) -> usize {
        let number = self.places.number(&place) as usize;
        if number == self.known.len() {
            self.known.push(Known { mark: mark(), offers: [None; Bounds::COUNT] });
        }
        number
    }

    pub(super) fn mark(&self, place: usize) -> Mark {
        self.known[place].mark
    }

    /// What is offered there under these bounds; `None` if nobody has said so yet.
    pub(super) fn offers(&self, place: usize, bounds: Bounds) -> Option<Span> {
        self.known[place].offers[bounds.number()]
    }

    pub(super) fn effect(&self, number: u32) -> Effect {
        self.effects[number as usize]
    }

    /// Says what is offered there under these bounds.
    pub(super) fn learn(&mut self, place: usize, bounds: Bounds, effects: impl Iterator<Item = Effect>) -> Span {
        let first = self.effects.len() as u32;
        self.effects.extend(effects);
        let span = (first, self.effects.len() as u32);
        self.known[place].offers[bounds.number()] = Some(span);
        span
    }
}
