//! The messages of one session that its instance has not acknowledged: sent again after a resume, in order (MSG-2). It sends nothing
//! itself.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::Buffers;
use crate::planted::{self, Planted};
use crate::protocol::ServerFrame;
use crate::session::MessageId;

/// A message on its way to its receivers.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) from: Arc<str>,
    pub(super) to: Arc<str>,
    pub(super) text: Arc<str>,
}

/// What a session has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Unacknowledged {
    /// The place of the last message before the first that is kept.
    before: u64,
    kept: VecDeque<Message>,
    bytes: usize,
    gap: Gap,
}

/// Where in the session's sequence messages may be missing. The gap takes a place there as a message does, so that a resume tells
/// whether the instance has heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// Nowhere that the instance has not heard of.
    None,
    /// The same, but the node found the session on record, and its places are not known before the first resume.
    NoneSoFar,
    /// The node found the session on record: what an earlier life kept is lost, and the places are not known before the first resume.
    Unplaced,
    /// The same of a session of another node's, which may be alive and tell it what comes: nothing is kept before the first resume.
    Elsewhere,
    /// In this place.
    At(u64),
}

/// More is to be kept than may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow;

/// Whether acknowledged messages may be lost (MSG-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    Whole,
    Gap,
}

impl Unacknowledged {
    /// Of a session that was admitted just now; its sequence goes on behind that place.
    pub(super) fn of_admitted(before: u64) -> Unacknowledged {
        Unacknowledged { before, kept: VecDeque::new(), bytes: 0, gap: Gap::None }
    }

    /// The same behind a gap, which takes the next place (LINK-5, LOGIN-9).
    pub(super) fn behind_gap(before: u64) -> Unacknowledged {
        let place = before + 1;
        Unacknowledged { gap: Gap::At(place), ..Unacknowledged::of_admitted(place) }
    }

    /// Of a session that was admitted again; its instance has received what is up to that place (LINK-5).
    pub(super) fn of_readmitted(last_seq: u64) -> Unacknowledged {
        Unacknowledged::behind_gap(last_seq)
    }

    /// Of a session that was on record when the node started (LINK-8); whether it may have lost what an earlier life kept (MSG-2).
    pub(super) fn of_restored(continuity: Continuity) -> Unacknowledged {
        let gap = match continuity {
            Continuity::Whole => Gap::NoneSoFar,
            Continuity::Gap => Gap::Unplaced,
        };
        Unacknowledged { gap, ..Unacknowledged::of_admitted(0) }
    }

    /// Of a session that another node had, which was taken for dead (NODE-3): what comes before the first resume is lost as well, so that the
    /// instance has nothing twice from a node that was not.
    pub(super) fn of_taken_over() -> Unacknowledged {
        Unacknowledged { gap: Gap::Elsewhere, ..Unacknowledged::of_admitted(0) }
    }

    /// Whether something is kept that the instance has not received, or there is a gap that it has not named (LOGIN-9, MSG-2).
    pub(super) fn owes(&self) -> bool {
        let has_gap = match self.gap {
            Gap::None | Gap::NoneSoFar => false,
            Gap::Unplaced | Gap::Elsewhere | Gap::At(_) => true,
        };
        has_gap || !self.kept.is_empty()
    }

    /// The instance wrote something on a link whose first answer told of the gap: it has heard of it.
    pub(super) fn name_gap(&mut self) {
        if let Gap::At(_) = self.gap {
            self.gap = Gap::None;
        }
    }

    /// Keeps a message; its place in the session's sequence, from 1.
    pub(super) fn push(&mut self, message: Message, buffers: Buffers) -> Result<u64, Overflow> {
        if self.gap == Gap::Elsewhere {
            return Ok(self.last());
        }
        self.bytes += message.bytes();
        self.kept.push_back(message);
        if self.kept.len() > buffers.messages || self.bytes > buffers.bytes {
            return Err(Overflow);
        }
        Ok(self.last())
    }

    /// Whether everything up to that place was sent.
    pub(super) fn has_sent(&self, seq: u64) -> bool {
        seq <= self.last()
    }

    /// The instance has received everything up to that place.
    pub(super) fn acknowledge(&mut self, seq: u64) {
        while self.before < seq {
            let Some(received) = self.kept.pop_front() else {
                return;
            };
            self.bytes -= received.bytes();
            self.before += 1;
        }
    }

    /// The session goes on; its instance names the place of the last message that it received, or of the gap that it heard of.
    pub(super) fn resume(&mut self, last_seq: u64) -> Continuity {
        if planted::is(Planted::Msg2ResumeDoubles) {
            self.before = last_seq;
        }
        match self.gap {
            Gap::Unplaced | Gap::Elsewhere => {
                let place = last_seq + 1;
                (self.before, self.gap) = (place, Gap::At(place));
                Continuity::Gap
            }
            Gap::NoneSoFar => {
                (self.before, self.gap) = (last_seq, Gap::None);
                Continuity::Whole
            }
            Gap::At(place) if last_seq < place => Continuity::Gap,
            Gap::At(_) | Gap::None => {
                self.gap = Gap::None;
                self.acknowledge(last_seq);
                Continuity::Whole
            }
        }
    }

    /// What is kept, in order, as it is sent.
    pub(super) fn frames(&self) -> impl Iterator<Item = ServerFrame> {
        let places = self.before + 1..;
        places.zip(&self.kept).map(|(seq, message)| message.frame(seq))
    }

    /// How many messages are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    fn last(&self) -> u64 {
        self.before + self.kept.len() as u64
    }
}

impl Message {
    pub(super) fn frame(&self, seq: u64) -> ServerFrame {
        let Message { id, from, to, text } = self;
        ServerFrame::Message { seq, id: *id, from: from.to_string(), to: to.to_string(), text: text.to_string() }
    }

    pub(super) fn bytes(&self) -> usize {
        self.from.len() + self.to.len() + self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(mut unacknowledged: Unacknowledged) -> Unacknowledged {
        let message = Message { id: MessageId(1), from: "a".into(), to: "b".into(), text: "hello".into() };
        unacknowledged.push(message, Buffers::default()).unwrap();
        unacknowledged
    }

    fn places(unacknowledged: &Unacknowledged) -> Vec<u64> {
        let place = |frame| if let ServerFrame::Message { seq, .. } = frame { seq } else { 0 };
        unacknowledged.frames().map(place).collect()
    }

    #[test]
    fn a_gap_is_told_until_a_resume_names_its_place_or_the_instance_writes_something() {
        let mut unacknowledged = kept(Unacknowledged::of_readmitted(3));
        assert_eq!(
            [3, 3, 4, 3].map(|last_seq| unacknowledged.resume(last_seq)),
            [Continuity::Gap, Continuity::Gap, Continuity::Whole, Continuity::Whole]
        );
        assert_eq!(places(&unacknowledged), [5]);
        let mut unacknowledged = Unacknowledged::behind_gap(0);
        unacknowledged.name_gap();
        assert_eq!((unacknowledged.resume(0), unacknowledged.owes()), (Continuity::Whole, false));
    }

    #[test]
    fn a_session_that_was_owed_nothing_goes_on_behind_what_its_instance_received() {
        let mut unacknowledged = kept(Unacknowledged::of_restored(Continuity::Whole));
        assert_eq!([7, 7].map(|last_seq| unacknowledged.resume(last_seq)), [Continuity::Whole; 2]);
        assert_eq!(places(&unacknowledged), [8]);
        let mut unacknowledged = kept(Unacknowledged::of_restored(Continuity::Gap));
        assert_eq!([unacknowledged.resume(7), unacknowledged.resume(8)], [Continuity::Gap, Continuity::Whole]);
        assert_eq!(places(&unacknowledged), [9]);
    }

    #[test]
    fn what_is_kept_or_a_gap_that_was_not_named_is_owed() {
        let owed =
            [Unacknowledged::behind_gap(0), Unacknowledged::of_restored(Continuity::Gap), kept(Unacknowledged::of_admitted(0))];
        assert_eq!(owed.map(|unacknowledged| unacknowledged.owes()), [true; 3]);
        let not_owed = [Unacknowledged::of_admitted(0), Unacknowledged::of_restored(Continuity::Whole)];
        assert_eq!(not_owed.map(|unacknowledged| unacknowledged.owes()), [false; 2]);
    }

    #[test]
    fn what_is_acknowledged_makes_room_for_as_many_bytes() {
        let message = Message { id: MessageId(1), from: "a".into(), to: "b".into(), text: "hello".into() };
        let buffers = Buffers { messages: 9, bytes: 2 * message.bytes() };
        let mut unacknowledged = Unacknowledged::of_admitted(0);
        let kept = [(); 3].map(|()| unacknowledged.push(message.clone(), buffers));
        assert_eq!(kept, [Ok(1), Ok(2), Err(Overflow)]);
        unacknowledged.acknowledge(3);
        let kept = [(); 3].map(|()| unacknowledged.push(message.clone(), buffers));
        assert_eq!(kept, [Ok(4), Ok(5), Err(Overflow)]);
    }
}
