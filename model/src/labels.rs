//! What is done behind every step: what means nothing any more is forgotten and the sessions of a seat are numbered anew, so that two
//! states that cannot be told apart are one. It decides nothing that anybody could see.

use crate::action::{AccountId, InstanceId};
use crate::cx::StepCx;
use crate::frame::{Gap, Meant, Queue, SigShown, UpFrame};
use crate::link::{Link, Links, Owner, ServerEnd};
use crate::lives::{Waiting, Waits};
use crate::observation::NetState;
use crate::records::{Key, Label, Roster, Session};
use crate::scope::MAX_ACCOUNTS;
use crate::state::{Client, Instance, Phase, Reach, SigAge};

impl StepCx<'_> {
    /// A seat that was not looked at is as the step before left it, and so are its sessions on record.
    pub(crate) fn tidy(&mut self, instance: InstanceId) {
        let outlives = self.scope.links_fail() || self.scope.shares_a_key();
        let lasting = if outlives { Lasting::Session } else { Lasting::Link };
        self.tidy_seat(instance, lasting);
        self.forget_what_nobody_waits_for(instance);
        self.number_anew(instance);
    }

    fn tidy_seat(&mut self, instance: InstanceId, lasting: Lasting) {
        let (rosters, seat) = (&self.server.rosters, self.seats.at(instance));
        seat.links.each_mut().into_iter().for_each(Link::tidy);
        seat.links.make_room();
        seat.client.tidy(lasting);
        seat.forget_ids();
        if seat.record.going != 0 {
            seat.record.going &= rosters.iter().fold(0, |all, roster| all | labels_on(*roster, instance));
            seat.forget_who_is_back();
        }
        if seat.record.waiting != Waiting::default() {
            let on_record = rosters.iter().fold(0, |all, roster| all | labels_on(*roster, instance));
            let stays = |label: Label| if on_record & label.bit() != 0 { label } else { Label::NONE };
            seat.record.waiting = seat.record.waiting.renumbered(stays);
            seat.record.waiting.set(Label::NONE, Waits::Linked);
        }
        self.tidy_ledgers(instance, lasting);
    }

    /// A replaced instance's kick record is kept as long as something of that instance is under way that could meet it.
    fn forget_what_nobody_waits_for(&mut self, instance: InstanceId) {
        let links = &self.seats.at(instance).links;
        let late = links.each().iter().any(|link| link.owner == Owner::Replaced && !link.up.is_empty());
        if !late {
            let theirs = Session { seat: instance, key: Key::Former, label: Label::NONE };
            self.server.records.iter_mut().for_each(|records| records.retain(|record| !record.session.has_key_of(theirs)));
        }
    }

    fn number_anew(&mut self, instance: InstanceId) {
        let mut numbers = Numbers::default();
        let Instance { client, links, .. } = self.seats.at(instance);
        client.session = numbers.of(client.session);
        client.debts = client.debts.map(|session| numbers.of(session));
        for link in links.each_mut() {
            link.session = numbers.of(link.session);
            if link.up.iter().any(is_owed) {
                link.up = link.up.map(|frame| numbers.in_frame(frame));
            }
        }
        let mut renumber = |session: Session| {
            if session.seat == instance { Session { label: numbers.of(session.label), ..session } } else { session }
        };
        for roster in self.server.rosters.iter_mut().filter(|roster| !roster.is_empty()) {
            *roster = roster.map(&mut renumber);
        }
        for records in self.server.records.iter_mut().filter(|records| !records.is_empty()) {
            *records = records.map(&mut renumber);
        }
        let record = &mut self.seats.at(instance).record;
        record.ledgers.iter_mut().for_each(|ledger| ledger.to = numbers.of(ledger.to));
        record.going = numbers.in_mask(record.going);
        record.waiting = record.waiting.renumbered(|label| numbers.of(label));
    }
}

/// The sessions of a seat that are on record, one bit each.
fn labels_on(roster: Roster, seat: InstanceId) -> u8 {
    roster.sessions().filter(|session| session.seat == seat).fold(0, |all, session| all | session.label.bit())
}

/// How long what an instance knows of its session can matter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// As long as its link: links hold.
    Link,
    /// As long as the session: it may be resumed on another one.
    Session,
}

impl Instance {
    /// The sessions that a resume may still come for: the one that it is logged in with, and that of a resume under way, whose client
    /// may have left meanwhile.
    pub(crate) fn resumable(&self) -> impl Iterator<Item = Label> + use<> {
        let present = matches!(self.client.phase, Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. });
        let resumes = |link: &Link| link.up.iter().any(|frame| matches!(frame, UpFrame::Resume { .. }));
        let late = [self.links.current, self.links.abandoned].into_iter().filter(resumes).map(|link| link.session);
        present.then_some(self.client.session).into_iter().chain(late)
    }

    /// A session whose link is up again has not gone.
    fn forget_who_is_back(&mut self) {
        for link in self.links.each() {
            if matches!(link.server, ServerEnd::Serving { .. }) {
                self.record.going &= !link.session.bit();
            }
        }
    }

    /// A message's id matters as long as it may arrive again.
    fn forget_ids(&mut self) {
        let record = &mut self.record;
        if record.accepted == [0; MAX_ACCOUNTS] {
            return;
        }
        let again = [self.client.unknown, self.client.sends, self.links.current.up, self.links.abandoned.up];
        let sent = again
            .into_iter()
            .flat_map(Queue::iter)
            .filter_map(|frame| if let UpFrame::Send { token, .. } = frame { Some(1 << token.0) } else { None });
        let may_come_again = sent.fold(0, |all, bit: u8| all | bit);
        record.accepted = record.accepted.map(|accepted| accepted & may_come_again);
    }
}

impl Links {
    /// A link that the client has given up moves aside once the one before it has ended; until then no third is opened.
    fn make_room(&mut self) {
        if self.current.is_given_up() && !self.abandoned.exists() {
            self.abandoned = std::mem::replace(&mut self.current, Link::NONE);
        }
    }
}

impl Client {
    fn tidy(&mut self, lasting: Lasting) {
        let (waits, logged_in, leaves) = match self.phase {
            Phase::Online { .. } | Phase::Ready { .. } => (false, true, false),
            Phase::Waiting { .. } => (true, false, false),
            Phase::Leaving | Phase::Destroying => (false, false, true),
            Phase::Out | Phase::Opening { .. } | Phase::Destroyed | Phase::Closed => (false, false, false),
        };
        if !logged_in {
            self.reach = Reach::Up;
        }
        if self.reach == Reach::Up {
            self.net = NetState::Connected;
        }
        if !(waits || logged_in || leaves) {
            self.session = Label::NONE;
        }
        if lasting == Lasting::Link || self.phase != Phase::Leaving {
            self.leaves = AccountId(0);
        }
        if lasting == Lasting::Link || !(waits || self.phase == Phase::Leaving) {
            self.shown = SigShown::Right;
        }
        if !matches!(self.phase, Phase::Online { .. }) {
            self.tells = Gap::None;
        }
        let resumes = lasting == Lasting::Session && (waits || logged_in);
        if !resumes && !matches!(self.phase, Phase::Opening { .. }) {
            self.sig = SigAge::Fresh;
        }
    }
}

/// New numbers for sessions, in the order of their first appearance.
#[derive(Default)]
struct Numbers {
    given: [u8; Label::LAST.0 as usize + 1],
    last: u8,
}

impl Numbers {
    fn of(&mut self, label: Label) -> Label {
        let given = &mut self.given[usize::from(label.0)];
        if label != Label::NONE && *given == 0 {
            self.last += 1;
            assert!(self.last < Label::LAST.0, "no scope has more than six sessions of a seat that still matter");
            *given = self.last;
        }
        Label(*given)
    }

    fn in_mask(&mut self, mask: u8) -> u8 {
        let labels = (1..=Label::LAST.0).map(Label).filter(|label| mask & label.bit() != 0);
        labels.fold(0, |all, label| all | self.of(label).bit())
    }

    fn in_frame(&mut self, frame: UpFrame) -> UpFrame {
        match frame {
            UpFrame::Logout { of: Meant::Owed { account, session, sig } } => {
                UpFrame::Logout { of: Meant::Owed { account, session: self.of(session), sig } }
            }
            other => other,
        }
    }
}

fn is_owed(frame: UpFrame) -> bool {
    matches!(frame, UpFrame::Logout { of: Meant::Owed { .. } })
}
