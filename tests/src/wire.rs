//! The held wire: what the clients and the server have written and nobody has delivered yet. A frame moves only when a trace delivers
//! it, and a close moves with the frame before it. `U` and `D` are what really travels to the server and to a client.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use model::action::{AccountId, InstanceId, Slot};
use model::frame::{Frame, Queue};
use model::observation::{End, Item};
use model::scope::{Platform, Scope};
use sut::client::machine::FirstSync;
use sut::protocol::{ClientFrame, Envelope, ServerFrame};
use sut::session::{InstanceKey, Secret};
use sut::timers::UnixMillis;

use crate::cast::{Cast, NOW};
use crate::observation::{Observation, SeatView};
use crate::translation::{LinkBook, Names};

/// The code with which both ends close a link that has done its work (LINK-6, LINK-9).
const NORMAL: u16 = 1000;

/// One link, held.
#[derive(Debug)]
pub struct HeldLink<U, D> {
    /// What the driver calls it.
    pub id: u64,
    /// What it has said.
    pub book: LinkBook,
    up: Direction<U>,
    down: Direction<D>,
}

#[derive(Debug)]
struct Direction<T> {
    frames: VecDeque<(Frame, T)>,
    /// That the writing end closed, and what says so.
    close: Option<Option<T>>,
}

impl<T> Direction<T> {
    const fn new() -> Direction<T> {
        Direction { frames: VecDeque::new(), close: None }
    }

    fn closed(&self) -> bool {
        self.close.is_some()
    }

    fn queue(&self) -> Queue {
        let mut queue = Queue::EMPTY;
        self.frames.iter().take(Queue::CAPACITY).for_each(|(frame, _)| queue.push(*frame));
        queue
    }

    /// Takes the oldest frame, and the close if nothing stands between.
    fn take(&mut self) -> Option<Delivery<T>> {
        let (frame, raw) = self.frames.pop_front()?;
        let close = if self.frames.is_empty() { self.close.as_mut().and_then(Option::take) } else { None };
        Some(Delivery { frame, raw, close })
    }
}

/// What a delivery moves: a frame, and the close behind it.
#[derive(Debug)]
pub struct Delivery<T> {
    /// The frame in the model's words.
    pub frame: Frame,
    /// The frame as it travels.
    pub raw: T,
    /// The close behind it as it travels.
    pub close: Option<T>,
}

/// The links of all seats.
#[derive(Debug)]
pub struct Wire<U, D> {
    scope: Scope,
    cast: Cast,
    /// The names of the messages under way.
    pub names: Names,
    /// The moment at which frames are written.
    pub now: UnixMillis,
    /// The second of each account's last REST kick.
    pub rest_kicks: BTreeMap<AccountId, u64>,
    seats: Vec<Vec<HeldLink<U, D>>>,
    written: Vec<Item>,
    synced: Vec<(InstanceId, Vec<Platform>)>,
    strange: Vec<String>,
}

impl<U, D> Wire<U, D> {
    /// No links.
    pub fn new(scope: &Scope, cast: &Cast) -> Wire<U, D> {
        let seats = scope.seats.iter().map(|_| Vec::new()).collect();
        let (written, synced, strange) = (Vec::new(), Vec::new(), Vec::new());
        Wire {
            scope: scope.clone(),
            cast: cast.clone(),
            names: Names::default(),
            now: NOW,
            rest_kicks: BTreeMap::new(),
            seats,
            written,
            synced,
            strange,
        }
    }

    /// A link that an instance has opened.
    pub fn open(&mut self, seat: InstanceId, key: InstanceKey, id: u64) {
        self.seats[usize::from(seat.0)].push(HeldLink {
            id,
            book: LinkBook::new(seat, key),
            up: Direction::new(),
            down: Direction::new(),
        });
    }

    /// All that is under way, and what the links have said, as text.
    pub fn text(&self) -> String
    where
        U: fmt::Debug,
        D: fmt::Debug,
    {
        format!("{:?} {:?}", self.seats, self.names)
    }

    /// The driver's names of all links that are held.
    pub fn ids(&self) -> Vec<u64> {
        self.seats.iter().flatten().map(|link| link.id).collect()
    }

    fn link(&mut self, id: u64) -> Option<&mut HeldLink<U, D>> {
        self.seats.iter_mut().flatten().find(|link| link.id == id)
    }

    /// Notes what no word of the model describes.
    pub fn is_strange(&mut self, what: String) {
        self.strange.push(what);
    }

    /// The client wrote a frame; it is lost if the server has closed.
    pub fn client_wrote(&mut self, id: u64, said: &Envelope<ClientFrame>, raw: U) {
        let Some(link) = self.seats.iter_mut().flatten().find(|link| link.id == id) else {
            return self.strange.push("a frame on a link that has ended".to_owned());
        };
        let instance = link.book.seat;
        match link.book.client_frame(&self.scope, &self.cast, &mut self.names, said) {
            Err(what) => self.strange.push(what),
            Ok(_) if link.up.closed() => self.strange.push("a frame behind the client's close".to_owned()),
            Ok(frame) => {
                self.written.push(Item::Written { instance, end: End::Client, frame });
                if !link.down.closed() {
                    link.up.frames.push_back((frame, raw));
                }
            }
        }
    }

    /// The server wrote a frame; it is lost if the client has closed.
    pub fn server_wrote(&mut self, id: u64, said: &Envelope<ServerFrame>, raw: D) {
        let Some(link) = self.seats.iter_mut().flatten().find(|link| link.id == id) else {
            return self.strange.push("a frame on a link that has ended".to_owned());
        };
        let instance = link.book.seat;
        match link.book.server_frame(&self.names, self.now, said) {
            Err(what) => self.strange.push(what),
            Ok(_) if link.down.closed() => self.strange.push("a frame behind the server's close".to_owned()),
            Ok((frame, online)) => {
                self.written.push(Item::Written { instance, end: End::Server, frame });
                self.synced.extend(online.map(|online| (instance, online)));
                if !link.up.closed() {
                    link.down.frames.push_back((frame, raw));
                }
            }
        }
    }

    /// The client closed its end; what was under way to it is lost. A second close says nothing new.
    pub fn client_closed(&mut self, id: u64, code: Option<u16>, raw: Option<U>) {
        let Some(link) = self.link(id) else { return };
        if link.up.closed() {
            return;
        }
        link.up.close = Some(raw);
        link.down.frames.clear();
        let instance = link.book.seat;
        self.closed(instance, End::Client, code);
        self.reap();
    }

    /// The server closed its end; what was under way to it is lost. A second close says nothing new.
    pub fn server_closed(&mut self, id: u64, code: Option<u16>, raw: Option<D>) {
        let Some(link) = self.link(id) else { return };
        if link.down.closed() {
            return;
        }
        link.down.close = Some(raw);
        link.up.frames.clear();
        let instance = link.book.seat;
        self.closed(instance, End::Server, code);
        self.reap();
    }

    fn closed(&mut self, instance: InstanceId, end: End, code: Option<u16>) {
        if code == Some(NORMAL) {
            self.written.push(Item::Closed { instance, end });
        } else {
            let seat = self.scope.name_of(instance);
            self.strange.push(format!("the {end:?} closed the link of {seat} with {code:?}, not {NORMAL}"));
        }
    }

    /// A link that both ends have closed is gone.
    fn reap(&mut self) {
        for links in &mut self.seats {
            links.retain(|link| !(link.up.closed() && link.down.closed()));
        }
    }

    fn in_slot(&mut self, seat: InstanceId, slot: Slot) -> Option<&mut HeldLink<U, D>> {
        let links = &mut self.seats[usize::from(seat.0)];
        let place = links.iter().position(|link| link.up.closed());
        match (slot, place) {
            (Slot::Abandoned, Some(place)) => links.get_mut(place),
            (Slot::Abandoned, None) => None,
            (Slot::Current, Some(place)) => links.iter_mut().enumerate().find(|(at, _)| *at != place).map(|(_, link)| link),
            (Slot::Current, None) => links.first_mut(),
        }
    }

    /// Takes the oldest frame under way to the server.
    pub fn take_up(&mut self, seat: InstanceId, slot: Slot) -> Option<(u64, Delivery<U>)> {
        let link = self.in_slot(seat, slot)?;
        Some((link.id, link.up.take()?))
    }

    /// Takes the oldest frame under way to the client on its current link.
    pub fn take_down(&mut self, seat: InstanceId) -> Option<(u64, Delivery<D>)> {
        let link = self.in_slot(seat, Slot::Current)?;
        Some((link.id, link.down.take()?))
    }

    /// Which link of which seat a session's secret belongs to.
    pub fn session(&mut self, secret: Secret) -> Option<(InstanceId, Slot)> {
        let seats = (0..self.seats.len() as u8).map(InstanceId);
        let slots = seats.flat_map(|seat| [(seat, Slot::Abandoned), (seat, Slot::Current)]);
        let is_it = |wire: &mut Self, (seat, slot)| wire.in_slot(seat, slot).is_some_and(|link| link.book.secret == Some(secret));
        slots.into_iter().find(|place| is_it(self, *place))
    }

    /// The book of a link.
    pub fn book(&mut self, seat: InstanceId, slot: Slot) -> Option<&LinkBook> {
        self.in_slot(seat, slot).map(|link| &link.book)
    }

    /// Notes it as strange if a ready instance says of its first sync anything but what the answer on its link said.
    pub fn compare_first_sync(&mut self, seat: InstanceId, told: Option<&FirstSync>) {
        let answered = self.in_slot(seat, Slot::Current).and_then(|link| link.book.synced.clone());
        if told.is_some() && told != answered.as_ref() {
            self.strange.push(format!("{} says of its first sync: {told:?}", self.scope.name_of(seat)));
        }
    }

    /// Puts what was written since the last call, and what is under way, into an observation.
    pub fn show(&mut self, observation: &mut Observation) {
        observation.wire = std::mem::take(&mut self.written);
        observation.synced = std::mem::take(&mut self.synced);
        observation.strange.append(&mut self.strange);
        for seat in (0..self.seats.len() as u8).map(InstanceId) {
            let view = &mut observation.seats[usize::from(seat.0)];
            self.show_seat(seat, view);
            if self.seats[usize::from(seat.0)].len() > 2 {
                observation.strange.push(format!("{} has more than two links", self.scope.name_of(seat)));
            }
        }
    }

    fn show_seat(&mut self, seat: InstanceId, view: &mut SeatView) {
        if let Some(link) = self.in_slot(seat, Slot::Current) {
            (view.up, view.down) = (link.up.queue(), link.down.queue());
        }
        if let Some(link) = self.in_slot(seat, Slot::Abandoned) {
            view.abandoned = link.up.queue();
        }
    }
}
