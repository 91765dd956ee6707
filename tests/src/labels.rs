//! Short numbers for sessions, by the order in which an observation speaks of them: the model's numbers and the system's secrets come out
//! alike. It knows neither.

use model::action::InstanceId;
use model::records::Label;
use model::scope::MAX_INSTANCES;

/// The numbers given so far, a seat.
#[derive(Debug)]
pub struct Labels<T> {
    known: [Vec<T>; MAX_INSTANCES],
}

impl<T: PartialEq> Labels<T> {
    /// None given yet.
    pub fn new() -> Labels<T> {
        Labels { known: std::array::from_fn(|_| Vec::new()) }
    }

    /// The number of a seat's session, from 1.
    pub fn of(&mut self, seat: InstanceId, session: T) -> Label {
        let known = &mut self.known[usize::from(seat.0)];
        let place = known.iter().position(|other| *other == session).unwrap_or_else(|| {
            known.push(session);
            known.len() - 1
        });
        Label(u8::try_from(place + 1).unwrap_or(u8::MAX))
    }
}

impl<T: PartialEq> Default for Labels<T> {
    fn default() -> Labels<T> {
        Labels::new()
    }
}
