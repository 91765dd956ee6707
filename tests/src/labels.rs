//! Short numbers for sessions, by the order in which an observation speaks of them: the model's numbers and the system's secrets come out
//! alike. It knows neither.

use model::action::InstanceId;
use model::records::Label;
use smallvec::SmallVec;

/// The numbers given so far: those of a seat in the order in which its sessions stand here.
#[derive(Debug)]
pub struct Labels<T> {
    known: SmallVec<[(InstanceId, T); 8]>,
}

impl<T: PartialEq> Labels<T> {
    /// None given yet.
    pub fn new() -> Labels<T> {
        Labels { known: SmallVec::new() }
    }

    /// The number of a seat's session, from 1.
    pub fn of(&mut self, seat: InstanceId, session: T) -> Label {
        let mut of_seat = self.known.iter().filter(|(other, _)| *other == seat);
        let place = of_seat.position(|(_, known)| *known == session).unwrap_or_else(|| {
            self.known.push((seat, session));
            self.known.iter().filter(|(other, _)| *other == seat).count() - 1
        });
        Label(u8::try_from(place + 1).unwrap_or(u8::MAX))
    }
}

impl<T: PartialEq> Default for Labels<T> {
    fn default() -> Labels<T> {
        Labels::new()
    }
}
