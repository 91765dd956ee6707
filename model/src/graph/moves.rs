//! What is offered at a place, and where it leads, as far as the place alone decides it: a seat's instance, the server's records and what
//! the bounds leave to the seat. It remembers what steps were seen to look at; it makes none.

use std::ops::Range;

use crate::action::Action;
use crate::crowd::{Bounds, Mark};

/// Where an action leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// To another instance in this seat and other records, by their numbers, whatever the other seats are.
    Near { instance: u32, server: u32 },
    /// To where a row of blows ends that begins with the one of that number.
    Struck(u32),
    /// Other seats were looked at: it depends on them.
    Far(Action),
}

/// What is remembered of a place.
#[derive(Clone, Copy, Debug)]
struct Known {
    mark: Mark,
    number: u32,
}

/// Which effects, in the order of what is offered.
type Span = Option<(u32, u32)>;

/// All that is remembered.
pub(super) struct Moves {
    /// How many places a state has.
    width: usize,
    /// By the number of the server's records and the place's in the state; then by the number of the instance.
    places: Vec<Vec<Option<Known>>>,
    /// By the number of the place and what the bounds leave.
    offers: Vec<Span>,
    effects: Vec<Effect>,
}

impl Moves {
    pub(super) fn new(width: usize) -> Moves {
        Moves { width, places: Vec::new(), offers: Vec::new(), effects: Vec::new() }
    }

    pub(super) fn known(&self, seat: usize, instance: u32, server: u32) -> Option<(u32, Mark)> {
        let row = self.places.get(server as usize * self.width + seat)?;
        row.get(instance as usize).copied().flatten().map(|known| (known.number, known.mark))
    }

    /// The number of a new place.
    pub(super) fn add(&mut self, seat: usize, instance: u32, server: u32, mark: Mark) -> (u32, Mark) {
        let (row, column) = (server as usize * self.width + seat, instance as usize);
        if self.places.len() <= row {
            self.places.resize(row + 1, Vec::new());
        }
        let row = &mut self.places[row];
        if row.len() <= column {
            row.resize(column + 1, None);
        }
        let number = (self.offers.len() / Bounds::COUNT) as u32;
        row[column] = Some(Known { mark, number });
        self.offers.resize(self.offers.len() + Bounds::COUNT, None);
        (number, mark)
    }

    /// What is offered there under these bounds; `None` if nobody has said so yet.
    pub(super) fn offers(&self, place: u32, bounds: Bounds) -> Option<Range<u32>> {
        self.offers[place as usize * Bounds::COUNT + bounds.number()].map(|(first, end)| first..end)
    }

    pub(super) fn effect(&self, number: u32) -> Effect {
        self.effects[number as usize]
    }

    /// Says what is offered there under these bounds.
    pub(super) fn learn(&mut self, place: u32, bounds: Bounds, effects: impl Iterator<Item = Effect>) -> Range<u32> {
        let first = self.effects.len() as u32;
        self.effects.extend(effects);
        let end = self.effects.len() as u32;
        self.offers[place as usize * Bounds::COUNT + bounds.number()] = Some((first, end));
        first..end
    }
}
