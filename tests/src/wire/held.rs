//! One link, held: what each end has written, and whether it still has its end. It moves nothing by itself.

use std::collections::VecDeque;

use model::action::{NodeId, Slot};
use model::frame::{CAPACITY, Coded, DownFrame, Queue, UpFrame};
use sut::protocol::close_code::GOING_AWAY;
use sut::session::Secret;

use super::book::LinkBook;

/// The code with which both ends close a link that has done its work (LINK-6, LINK-9). Such a close arrives with the frame before it;
/// every other one is noticed apart.
const DONE: u16 = 1000;

/// One link, held. `U` and `D` are what really travels to the server and to the client.
#[derive(Clone, Debug)]
pub(super) struct HeldLink<U, D> {
    /// What the driver calls it.
    pub(super) id: u64,
    /// The node to which it leads.
    pub(super) node: NodeId,
    /// What it has said.
    pub(super) book: LinkBook,
    /// Which of its seat's links it was at the end of the last step.
    pub(super) slot: Slot,
    /// To the server.
    pub(super) up: Direction<UpFrame, U>,
    /// To the client.
    pub(super) down: Direction<DownFrame, D>,
    /// Whether frames can still travel.
    pub(super) wire: Way,
}

/// Whether frames can travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// They can.
    Whole,
    /// They vanish.
    Cut,
}

/// One direction of a link.
#[derive(Clone, Debug)]
pub(super) struct Direction<F, T> {
    frames: VecDeque<Held<F, T>>,
    /// What the writing end still has to do with the link.
    pub(super) writer: Writer<T>,
}

/// A frame under way.
#[derive(Clone, Debug)]
pub struct Held<F, T> {
    /// In the model's words.
    pub frame: F,
    /// The session that an owed logout means.
    pub owed: Option<Secret>,
    /// As it travels.
    pub raw: T,
}

/// Whether an end still writes.
#[derive(Clone, Debug)]
pub(super) enum Writer<T> {
    /// It does.
    Open,
    /// It has closed, with this code if it gave one; what says so is under way unless it has arrived.
    Closed(Option<u16>, Option<T>),
}

/// What a delivery moves: a frame, and the close behind it.
#[derive(Debug)]
pub struct Delivery<F, T> {
    /// The frame.
    pub held: Held<F, T>,
    /// The close behind it as it travels.
    pub close: Option<T>,
}

impl<F: Coded, T> Direction<F, T> {
    fn new() -> Direction<F, T> {
        Direction { frames: VecDeque::new(), writer: Writer::Open }
    }

    /// Whether the writing end is gone.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.writer, Writer::Closed(..))
    }

    /// Whether the writing end closed because its page went (LINK-6).
    pub(super) fn says_page_went(&self) -> bool {
        matches!(self.writer, Writer::Closed(Some(GOING_AWAY), _))
    }

    /// The frames under way.
    pub(super) fn frames(&self) -> impl Iterator<Item = &Held<F, T>> {
        self.frames.iter()
    }

    /// The frames under way, in the model's words; an owed logout without its session's number.
    pub(super) fn queue(&self) -> Queue<F> {
        let mut queue = Queue::EMPTY;
        self.frames.iter().take(CAPACITY).for_each(|held| queue.push(held.frame));
        queue
    }

    /// The oldest frame.
    pub(super) fn take(&mut self) -> Option<Delivery<F, T>> {
        let held = self.frames.pop_front()?;
        let close = match &mut self.writer {
            Writer::Closed(Some(DONE), raw) if self.frames.is_empty() => raw.take(),
            Writer::Closed(..) | Writer::Open => None,
        };
        Some(Delivery { held, close })
    }

    /// The close that is under way behind everything, if it can still arrive.
    pub(super) fn take_close(&mut self) -> Option<T> {
        match &mut self.writer {
            Writer::Closed(_, raw) if self.frames.is_empty() => raw.take(),
            Writer::Closed(..) | Writer::Open => None,
        }
    }
}

impl<U, D> HeldLink<U, D> {
    /// A link on which nothing was said.
    pub(super) fn new(id: u64, node: NodeId, book: LinkBook) -> HeldLink<U, D> {
        HeldLink { id, node, book, slot: Slot::Current, up: Direction::new(), down: Direction::new(), wire: Way::Whole }
    }

    /// The client wrote a frame; it is lost if nobody can read it.
    pub(super) fn client_wrote(&mut self, held: Held<UpFrame, U>) {
        if self.wire == Way::Whole && !self.down.is_over() {
            self.up.frames.push_back(held);
        }
    }

    /// The server wrote a frame; it is lost if nobody can read it.
    pub(super) fn server_wrote(&mut self, held: Held<DownFrame, D>) {
        if self.wire == Way::Whole && !self.up.is_over() {
            self.down.frames.push_back(held);
        }
    }

    /// The client has closed or lost its end: what was under way to it is lost.
    pub(super) fn client_is_gone(&mut self, code: Option<u16>, raw: Option<U>) {
        self.up.writer = Writer::Closed(code, raw.filter(|_| self.wire == Way::Whole));
        self.down.frames.clear();
    }

    /// The server has closed or lost its end: what was under way to it is lost.
    pub(super) fn server_is_gone(&mut self, code: Option<u16>, raw: Option<D>) {
        self.down.writer = Writer::Closed(code, raw.filter(|_| self.wire == Way::Whole));
        self.up.frames.clear();
    }

    /// Everything under way is lost, and nothing travels from now on.
    pub(super) fn cut(&mut self) {
        self.wire = Way::Cut;
        self.up.frames.clear();
        self.down.frames.clear();
        for_closed(&mut self.up.writer);
        for_closed(&mut self.down.writer);
    }

    /// Whether neither end has it any more.
    pub(super) fn is_over(&self) -> bool {
        self.up.is_over() && self.down.is_over()
    }
}

/// A close on a cut link arrives nowhere.
fn for_closed<T>(writer: &mut Writer<T>) {
    if let Writer::Closed(_, raw) = writer {
        *raw = None;
    }
}
