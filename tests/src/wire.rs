//! The held wire: what the clients and the server have written and nobody has delivered yet. A frame moves only when a trace delivers
//! it; a close that says that all is said moves with the frame before it, every other one when a trace lets the other end notice. `U`
//! and `D` are what really travels to the server and to a client.

mod book;
mod heard;
mod held;
mod nodes;
mod sessions;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use model::action::{AccountId, InstanceId, NodeId, Slot};
use model::frame::{CAPACITY, DownFrame, Frame, Meant, Queue, UpFrame};
use model::observation::{Close, End, Item};
use model::records::Label;
use model::scope::{Platform, Scope};
use sut::client::machine::FirstSync;
use sut::protocol::{ClientFrame, Envelope, ServerFrame};
use sut::session::{Epoch, InstanceKey, KeyDigest, Secret, SessionDigest};
use sut::timers::UnixMillis;

use crate::cast::{Cast, NOW};
use crate::labels::Labels;
use crate::observation::{LinkView, Observation};
use crate::translation::Names;
use book::{LinkBook, Stage};
use heard::Heard;
use held::{Held, HeldLink};
use sessions::Sessions;

pub(crate) use book::resumption;
pub use heard::{Awaits, length_of};
pub use held::Delivery;
pub use sessions::SessionBook;

/// The links of all seats.
#[derive(Clone, Debug)]
pub struct Wire<U, D> {
    /// Where the replay takes place.
    pub stage: Stage,
    /// The second of each account's last REST kick.
    pub rest_kicks: BTreeMap<AccountId, u64>,
    seats: Vec<Vec<HeldLink<U, D>>>,
    written: Vec<Item>,
    synced: Vec<(InstanceId, Vec<Platform>)>,
    heard: Heard,
    strange: Vec<String>,
}

impl<U, D> Wire<U, D> {
    /// No links.
    pub fn new(scope: &Scope, cast: &Cast) -> Wire<U, D> {
        let (scope, cast) = (Arc::new(scope.clone()), Arc::new(cast.clone()));
        let seats = scope.seats.iter().map(|_| Vec::new()).collect();
        let stage = Stage { scope, cast, names: Names::default(), now: NOW, issued_at: NOW, sessions: Sessions::default() };
        let (written, synced, strange) = (Vec::new(), Vec::new(), Vec::new());
        Wire { stage, rest_kicks: BTreeMap::new(), seats, written, synced, heard: Heard::default(), strange }
    }

    /// A link that an instance of that key has opened, which leads to that node.
    pub fn open(&mut self, seat: InstanceId, instance: (InstanceKey, KeyDigest), id: u64, node: NodeId) {
        self.seats[usize::from(seat.0)].push(HeldLink::new(id, node, LinkBook::new(seat, instance)));
        self.heard.opened(id, self.stage.now);
    }

    /// All that is under way, and what the links have said.
    pub fn known(&self) -> impl fmt::Debug
    where
        U: fmt::Debug,
        D: fmt::Debug,
    {
        (&self.seats, &self.stage.names)
    }

    /// The driver's names of all links that are held.
    pub fn ids(&self) -> Vec<u64> {
        self.seats.iter().flatten().map(|link| link.id).collect()
    }

    /// Whether some end has that link.
    pub fn holds(&self, id: u64) -> bool {
        self.seats.iter().flatten().any(|link| link.id == id)
    }

    fn find(&mut self, id: u64) -> Option<(&mut HeldLink<U, D>, &mut Stage)> {
        let link = self.seats.iter_mut().flatten().find(|link| link.id == id)?;
        Some((link, &mut self.stage))
    }

    /// The driver's name of a link.
    pub fn id_of(&self, seat: InstanceId, slot: Slot) -> Option<u64> {
        self.seats[usize::from(seat.0)].iter().find(|link| link.slot == slot).map(|link| link.id)
    }

    /// The driver's name of the link that an instance has its end of.
    pub fn held_by_client(&self, seat: InstanceId) -> Option<u64> {
        let held = |link: &&HeldLink<U, D>| link.slot == Slot::Current && !link.up.is_over();
        self.seats[usize::from(seat.0)].iter().find(held).map(|link| link.id)
    }

    fn in_slot(&mut self, seat: InstanceId, slot: Slot) -> Option<&mut HeldLink<U, D>> {
        self.seats[usize::from(seat.0)].iter_mut().find(|link| link.slot == slot)
    }

    /// An instance asks for a link: from then on it waits for a frame.
    pub fn asked_for(&mut self, seat: InstanceId) {
        self.heard.at_client(seat, self.stage.now);
    }

    /// Notes it as strange if a timer is due at another moment than what was heard last says.
    pub fn compare_due(&mut self, awaits: Awaits, due: UnixMillis) {
        let strange = self.heard.judge(awaits, due);
        self.strange.extend(strange.map(|what| format!("the timer of {} {what}", self.name_of(awaits))));
    }

    /// The same of the lapse of a session.
    pub fn compare_lapse(&mut self, session: SessionDigest, due: UnixMillis) {
        let known = self.stage.sessions.called(session);
        match known.map(|known| (known.secret, self.stage.scope.platform(known.seat))) {
            Some((secret, _)) if self.heard.is_gone(secret) => self.compare_due(Awaits::Reload(secret), due),
            Some((secret, platform)) => self.compare_due(Awaits::Resume(secret, platform), due),
            None => self.is_strange("the lapse of a session that no login named".to_owned()),
        }
    }

    fn name_of(&self, awaits: Awaits) -> String {
        let seat_name = |seat: Option<InstanceId>| seat.map_or("nobody", |seat| self.stage.scope.name_of(seat)).to_owned();
        let seat_of = |id: u64| self.seats.iter().flatten().find(|link| link.id == id).map(|link| link.book.seat);
        match awaits {
            Awaits::FrameAtClient(seat) => format!("{}'s heartbeat", seat_name(Some(seat))),
            Awaits::FrameAtServer(id) => format!("the server's heartbeat for {}", seat_name(seat_of(id))),
            Awaits::Ask(id) => format!("the server's ping for {}", seat_name(seat_of(id))),
            Awaits::Resume(secret, _) | Awaits::Reload(secret) => {
                format!("the lapse of {}", seat_name(self.stage.sessions.get(secret).map(|session| session.seat)))
            }
        }
    }

    /// Notes what no word of the model describes.
    pub fn is_strange(&mut self, what: String) {
        self.strange.push(what);
    }

    /// The client wrote a frame; it is lost if nobody can read it. `raw` makes of it what travels.
    pub fn client_wrote(&mut self, id: u64, said: Envelope<ClientFrame>, raw: impl FnOnce(Envelope<ClientFrame>) -> U) {
        let Some((link, stage)) = self.find(id) else { return self.is_strange("a frame on a link that has ended".to_owned()) };
        let (instance, slot, over) = (link.book.seat, link.slot, link.up.is_over());
        match link.book.client_frame(stage, &said) {
            Err(what) => self.strange.push(what),
            Ok(_) if over => self.strange.push("a frame behind the client's close".to_owned()),
            Ok((frame, owed)) => {
                link.client_wrote(Held { frame, owed, raw: raw(said) });
                self.written.push(Item::Written { instance, slot, end: End::Client, frame: Frame::Up(frame) });
            }
        }
    }

    /// The server wrote a frame; it is lost if nobody can read it. `raw` makes of it what travels.
    pub fn server_wrote(&mut self, id: u64, said: Envelope<ServerFrame>, raw: impl FnOnce(Envelope<ServerFrame>) -> D) {
        let Some((link, stage)) = self.find(id) else { return self.is_strange("a frame on a link that has ended".to_owned()) };
        let (instance, slot, over) = (link.book.seat, link.slot, link.down.is_over());
        match link.book.server_frame(stage, &said) {
            Err(what) => self.strange.push(what),
            Ok(_) if over => self.strange.push("a frame behind the server's close".to_owned()),
            Ok((frame, online)) => {
                let served = link.book.serves();
                link.server_wrote(Held { frame, owed: None, raw: raw(said) });
                self.note_answer(id, frame, served);
                self.written.push(Item::Written { instance, slot, end: End::Server, frame: Frame::Down(frame) });
                self.synced.extend(online.map(|online| (instance, online)));
            }
        }
    }

    /// A session is let in by the answer to its login or resume; behind a notice nothing on the link counts.
    fn note_answer(&mut self, id: u64, frame: DownFrame, served: Option<Secret>) {
        let now = self.stage.now;
        match (frame, served) {
            (DownFrame::LoginAnswer { .. } | DownFrame::ResumeAnswer { .. }, Some(session)) => {
                self.heard.let_in(session, now);
                self.heard.asked(id, now);
            }
            (DownFrame::Notice { .. }, _) => self.heard.noticed(id, now),
            (DownFrame::Ping, _) => self.heard.asked(id, now),
            (
                DownFrame::LoginAnswer { .. }
                | DownFrame::ResumeAnswer { .. }
                | DownFrame::SyncAnswer
                | DownFrame::LogoutAnswer
                | DownFrame::SendAnswer { .. }
                | DownFrame::Message { .. }
                | DownFrame::Pong,
                _,
            ) => {}
        }
    }

    /// The client closed its end; what was under way to it is lost. A second close says nothing new.
    pub fn client_closed(&mut self, id: u64, code: Option<u16>, raw: Option<U>) {
        let Some((link, _)) = self.find(id).filter(|(link, _)| !link.up.is_over()) else { return };
        let (instance, slot) = (link.book.seat, link.slot);
        link.client_is_gone(code, raw);
        self.closed(instance, slot, End::Client, code);
    }

    /// The server closed its end; what was under way to it is lost. A second close says nothing new.
    pub fn server_closed(&mut self, id: u64, code: Option<u16>, raw: Option<D>) {
        let Some((link, _)) = self.find(id).filter(|(link, _)| !link.down.is_over()) else { return };
        let (instance, slot, serves) = (link.book.seat, link.slot, link.book.serves());
        link.server_is_gone(code, raw);
        if let Some(session) = serves {
            self.heard.lost(session, self.stage.now);
        }
        self.closed(instance, slot, End::Server, code);
    }

    fn closed(&mut self, instance: InstanceId, slot: Slot, end: End, code: Option<u16>) {
        match code.and_then(close) {
            Some(close) => self.written.push(Item::Closed { instance, slot, end, close }),
            None => {
                let seat = self.stage.scope.name_of(instance);
                let code = code.map_or("without a code".to_owned(), |code| format!("with {code}"));
                self.strange.push(format!("the {end:?} closed the link of {seat} {code}"));
            }
        }
    }

    /// The current link breaks. Whether there was one.
    pub fn cut(&mut self, seat: InstanceId) -> bool {
        self.in_slot(seat, Slot::Current).map(HeldLink::cut).is_some()
    }

    /// The client learns that its current link has ended: its name, and the server's close if that can still arrive.
    pub fn client_loses(&mut self, seat: InstanceId) -> Option<(u64, Option<D>)> {
        let link = self.in_slot(seat, Slot::Current).filter(|link| !link.up.is_over())?;
        let close = link.down.take_close();
        link.client_is_gone(None, None);
        Some((link.id, close))
    }

    /// The server learns that a link has ended: its name, and the client's close if that can still arrive.
    pub fn server_loses(&mut self, seat: InstanceId, slot: Slot) -> Option<(u64, Option<U>)> {
        let link = self.in_slot(seat, slot).filter(|link| !link.down.is_over())?;
        let close = link.up.take_close();
        let (serves, goes) = (link.book.serves(), close.is_some() && link.up.says_page_went());
        link.server_is_gone(None, None);
        let id = link.id;
        if let Some(session) = serves {
            self.heard.lost(session, self.stage.now);
        }
        if let Some(session) = serves.filter(|_| goes) {
            self.heard.page_went(session, self.stage.now);
        }
        Some((id, close))
    }

    /// The server is killed: every link is cut, and has no end there any more.
    pub fn server_is_killed(&mut self) {
        for link in self.seats.iter_mut().flatten() {
            link.cut();
            link.server_is_gone(None, None);
        }
        self.heard.restarted(self.stage.now);
    }

    /// Takes the oldest frame under way to the server. An owed logout starts no deadline of its link anew.
    pub fn take_up(&mut self, seat: InstanceId, slot: Slot) -> Option<(u64, Delivery<UpFrame, U>)> {
        let link = self.in_slot(seat, slot)?;
        let (id, serves, delivery) = (link.id, link.book.serves(), link.up.take()?);
        if !matches!(delivery.held.frame, UpFrame::Logout { of: Meant::Owed { .. } }) {
            self.heard.at_server(id, serves, self.stage.now);
        }
        Some((id, delivery))
    }

    /// Takes the oldest frame under way to the client on its current link.
    pub fn take_down(&mut self, seat: InstanceId) -> Option<(u64, Delivery<DownFrame, D>)> {
        let link = self.seats[usize::from(seat.0)].iter_mut().find(|link| link.slot == Slot::Current)?;
        let delivery = link.down.take()?;
        link.book.client_received(&mut self.stage, delivery.held.frame);
        self.heard.at_client(seat, self.stage.now);
        Some((link.id, delivery))
    }

    /// The epoch of the newest link that carries a session, if the server has its end of one on which that session was answered.
    pub fn epoch_of(&self, session: Secret) -> Option<Epoch> {
        let carries = |link: &&HeldLink<U, D>| !link.down.is_over() && link.book.serves() == Some(session);
        self.seats.iter().flatten().filter(carries).filter_map(|link| link.book.epoch).max()
    }

    /// Whether the page of a session went, and did not come back.
    pub fn has_gone(&self, session: Secret) -> bool {
        self.heard.is_gone(session)
    }

    /// Whether a frame of that instance is under way to the server.
    pub fn is_under_way(&self, instance: KeyDigest) -> bool {
        self.seats.iter().flatten().any(|link| link.book.instance == instance && link.up.frames().next().is_some())
    }

    /// Notes it as strange if a ready instance says of its first sync anything but what the answer to its session said.
    pub fn compare_first_sync(&mut self, seat: InstanceId, key: InstanceKey, told: Option<&FirstSync>) {
        let answered = || self.stage.sessions.last_of(seat, key).and_then(|session| session.synced.as_ref());
        if told.is_some() && told != answered() {
            self.strange.push(format!("{} says of its first sync: {told:?}", self.stage.scope.name_of(seat)));
        }
    }

    /// Ends a step: what was written in it, and what is under way behind it, go into an observation. `highest` is the highest epoch on
    /// record of an account's instance.
    pub fn show(
        &mut self,
        labels: &mut Labels<Secret>,
        highest: impl Fn(AccountId, KeyDigest) -> Option<Epoch>,
        observation: &mut Observation,
    ) {
        observation.wire.append(&mut self.written);
        observation.synced.append(&mut self.synced);
        for seat in (0..self.seats.len() as u8).map(InstanceId) {
            self.make_room(seat);
            let links = &self.seats[usize::from(seat.0)];
            let views = [Slot::Current, Slot::Abandoned].map(|slot| {
                let link = links.iter().find(|link| link.slot == slot);
                link.map(|link| view(link, labels, &highest)).unwrap_or_default()
            });
            observation.seats[usize::from(seat.0)].links = views;
        }
        observation.strange.append(&mut self.strange);
    }

    /// Links without an end are gone; one that the client has given up stands aside.
    fn make_room(&mut self, seat: InstanceId) {
        let links = &mut self.seats[usize::from(seat.0)];
        links.retain(|link| !link.is_over());
        let taken = links.iter().any(|link| link.slot == Slot::Abandoned);
        if let Some(given_up) = links.iter_mut().find(|link| link.slot == Slot::Current && link.up.is_over())
            && !taken
        {
            given_up.slot = Slot::Abandoned;
        }
        let current = links.iter().filter(|link| link.slot == Slot::Current).count();
        if current > 1 {
            self.strange.push(format!("{} has more than two links", self.stage.scope.name_of(seat)));
        }
    }

    /// Forgets, now and then, the sessions that nothing speaks of any more, unless `stays` says otherwise.
    pub fn forget_sessions(&mut self, present: &[KeyDigest], stays: impl Fn(SessionDigest) -> bool) {
        let (seats, sessions) = (&self.seats, &mut self.stage.sessions);
        let on_a_link = |secret| seats.iter().flatten().any(|link| link.book.secret == Some(secret));
        if sessions.forget(present, |session| stays(session.digest) || on_a_link(session.secret)) {
            self.heard.forget(|id| seats.iter().flatten().any(|link| link.id == id), |secret| sessions.get(secret).is_some());
        }
    }
}

/// How a link stands.
fn view<U, D>(
    link: &HeldLink<U, D>,
    labels: &mut Labels<Secret>,
    highest: &impl Fn(AccountId, KeyDigest) -> Option<Epoch>,
) -> LinkView {
    let seat = link.book.seat;
    let heard = !link.down.is_over();
    let session = link.book.secret.filter(|_| heard).map_or(Label::NONE, |secret| labels.of(seat, secret));
    let mut up = Queue::EMPTY;
    let mut late = false;
    for held in link.up.frames().take(CAPACITY) {
        if let UpFrame::Login { account, .. } | UpFrame::Resume { account } = held.frame {
            late = highest(account, link.book.instance) >= link.book.epoch;
        }
        up.push(match (held.frame, held.owed) {
            (UpFrame::Logout { of: Meant::Owed { account, sig, .. } }, Some(secret)) => {
                UpFrame::Logout { of: Meant::Owed { account, session: labels.of(seat, secret), sig } }
            }
            (frame, _) => frame,
        });
    }
    LinkView { up, down: link.down.queue(), heard, session, late }
}

/// The close of that code, in the model's words.
pub const fn close(code: u16) -> Option<Close> {
    match code {
        1000 => Some(Close::Done),
        1001 => Some(Close::PageClosed),
        1008 => Some(Close::OutOfPlace),
        4000 => Some(Close::GivenUp),
        4001 => Some(Close::Superseded),
        _ => None,
    }
}
