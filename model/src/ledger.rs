//! What the server owes to the session of a seat: the messages that it wrote or kept and that were not acknowledged, and whether some were
//! lost (MSG-2, LINK-5, LOGIN-9). It says nothing of what an application is told.

use crate::action::{AccountId, InstanceId};
use crate::blow::Strike;
use crate::frame::{Frame, Gap, Queue};
use crate::labels::Lasting;
use crate::observation::{Close, StateChange};
use crate::records::{Key, Label, Session};
use crate::rule::Rule;
use crate::state::{Instance, Phase};
use crate::step::{At, Stage};

impl Instance {
    /// Whether what is owed in this seat is owed to that session.
    pub fn owes_to(&self, session: Session) -> bool {
        session.key != Key::Former && session.label != Label::NONE && session.label == self.owed_to
    }

    /// What is lost if that session goes, or the server's memory does: as far as the server knows, something that was not acknowledged.
    pub fn loss_of(&self, session: Session) -> Gap {
        let owes = self.owes_to(session) && !(self.owed.is_empty() && self.gap == Gap::None);
        if owes { Gap::Lost } else { Gap::None }
    }

    /// A new list, empty: its session begins, or begins anew.
    pub(crate) fn open_ledger(&mut self, session: Session, gap: Gap) {
        (self.owed_to, self.owed, self.received, self.gap) = (session.label, Queue::EMPTY, 0, gap);
    }

    fn close_ledger(&mut self) {
        (self.owed_to, self.owed, self.received, self.gap) = (Label::NONE, Queue::EMPTY, 0, Gap::None);
    }

    /// The instance was told of the gap of its session.
    pub(crate) fn learn_of_gap(&mut self) {
        if self.owed_to == self.session && self.gap == Gap::Lost {
            self.gap = Gap::Told;
        }
    }

    /// The server learns from the instance that it was told.
    fn hear_that_gap_is_known(&mut self) {
        if self.gap == Gap::Told {
            self.gap = Gap::None;
        }
    }
}

impl Stage<'_> {
    /// MSG-2: what a resume says that it received is owed no longer, nor is a gap that it was told of. The gap that it is told now.
    pub(crate) fn settle_ledger(&mut self, session: Session) -> Gap {
        let seat = self.seat(session.seat);
        if !seat.owes_to(session) {
            return Gap::None;
        }
        for _ in 0..std::mem::take(&mut seat.received) {
            seat.owed.pop();
        }
        seat.hear_that_gap_is_known();
        seat.gap
    }

    /// LINK-5: any frame but a logout shows that the instance has read the answer on this link, and the gap in it.
    pub(crate) fn hear_a_sign(&mut self, at: At, frame: Frame) {
        let session = self.session_at(at);
        let seat = self.seat(at.instance);
        if seat.owes_to(session) && !matches!(frame, Frame::Logout { .. }) {
            seat.hear_that_gap_is_known();
        }
    }

    /// MSG-2: written where the link is up, and kept until it is acknowledged, if there is room.
    pub(crate) fn deliver(&mut self, account: AccountId, session: Session, message: Frame) {
        let buffer = self.scope.buffer;
        let seat = self.seat(session.seat);
        let kept = if seat.owes_to(session) { seat.owed.len() } else { 0 };
        if buffer.is_some_and(|most| kept >= usize::from(most)) && self.book.holds(Rule::Msg2) {
            return self.overflow(account, session);
        }
        if session.key != Key::Former {
            self.keep(session, message);
        }
        if let Some(slot) = self.slot_of(account, session) {
            self.write_down(At { instance: session.seat, slot }, message);
        }
    }

    fn keep(&mut self, session: Session, message: Frame) {
        let seat = self.seat(session.seat);
        if seat.owed_to == Label::NONE {
            seat.open_ledger(session, Gap::None);
        }
        assert!(seat.owes_to(session), "no scope has two sessions of a seat that are owed something");
        seat.owed.push(message);
    }

    /// MSG-2: what was acknowledged is owed no longer; acknowledgements come in the order of the messages.
    pub(crate) fn hear_of_a_message(&mut self, at: At) {
        let session = self.session_at(at);
        let seat = self.seat(at.instance);
        if seat.owes_to(session) {
            seat.owed.pop();
            seat.received = seat.received.saturating_sub(1);
        }
    }

    /// MSG-2: the session is dropped without a kick, and its link given up.
    fn overflow(&mut self, account: AccountId, session: Session) {
        if let Some(slot) = self.slot_of(account, session) {
            self.server_closes(At { instance: session.seat, slot }, Close::GivenUp);
        }
        self.roster_of(account).drop_key(session);
        self.call_back(account, session, StateChange::LinkClose, &[]);
    }

    /// MSG-2: buffers do not survive the server; one that stops has noted which sessions are owed nothing.
    pub(crate) fn lose_ledger(&mut self, instance: InstanceId, strike: Strike) {
        let rosters = self.server.rosters;
        let theirs = |session: &Session| session.seat == instance && session.key != Key::Former;
        let mut on_record = rosters.iter().flat_map(|roster| roster.sessions()).filter(theirs);
        let Some(session) = on_record.next() else { return };
        assert!(on_record.next().is_none(), "no scope has two sessions of a key on record as the server goes");
        let seat = self.seat(instance);
        let gap = if strike == Strike::Stop { seat.loss_of(session) } else { Gap::Lost };
        seat.open_ledger(session, gap);
    }

    /// What is owed matters as long as a resume or a login of that key may come for it. Nobody reads messages again of a session that no
    /// resume will come for: they are as good as lost, where none counts them.
    pub(crate) fn tidy_ledger(&mut self, instance: InstanceId, lasting: Lasting) {
        let (rosters, key, counted) = (self.server.rosters, self.scope.key(instance), self.scope.buffer.is_some());
        let knows_at_once = !self.scope.can_forget_what_it_told();
        let seat = self.seat(instance);
        if seat.owed_to == Label::NONE {
            return;
        }
        let session = Session { seat: instance, key, label: seat.owed_to };
        let on_record = rosters.iter().any(|roster| roster.has(session));
        let resumable = seat.resumable().any(|label| label == session.label);
        let is_waited_for = resumable || counted || seat.may_log_in_over(session);
        if lasting == Lasting::Link || !on_record || !is_waited_for {
            return seat.close_ledger();
        }
        if seat.gap == Gap::Told && knows_at_once {
            seat.gap = Gap::None;
        }
        if !resumable && !seat.owed.is_empty() && !counted {
            seat.open_ledger(session, Gap::Lost);
        }
        if seat.owed.is_empty() && seat.gap == Gap::None {
            seat.close_ledger();
        }
    }
}

impl Instance {
    /// Whether a login of this key may still find that session on record: another instance's that has the key too, or one of its own that
    /// is under way or may be called, and that no owed logout goes before.
    fn may_log_in_over(&self, session: Session) -> bool {
        let is_owed = self.debts.iter().any(|debt| debt.session == session.label);
        let is_left = matches!(self.phase, Phase::Leaving | Phase::Destroying) && self.session == session.label;
        let may_be_called = !self.is_over() && self.phase != Phase::Destroying;
        let mut under_way = [self.current.up, self.abandoned.up].into_iter().flat_map(Queue::iter);
        let comes = under_way.any(|frame| matches!(frame, Frame::Login { .. }));
        session.key == Key::Shared || (!is_owed && !is_left && (may_be_called || comes))
    }
}
