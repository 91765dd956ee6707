//! What the server owes to the session of a seat: the messages that it wrote or kept and that were not acknowledged, and whether some were
//! lost (MSG-2, LINK-5, LOGIN-9). It says nothing of what an application is told.

use crate::action::{AccountId, InstanceId};
use crate::broadcast::Broadcast;
use crate::cx::{At, ServerCx, StepCx};
use crate::frame::{DownFrame, Gap, Queue, UpFrame};
use crate::labels::Lasting;
use crate::observation::{Close, StateChange};
use crate::records::{Key, Label, Session};
use crate::state::{Instance, Phase, SeatRecord};

/// What is owed to one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ledger {
    /// Which session that is, as long as there is anything to say of it.
    pub to: Label,
    /// Messages that were written or kept and not acknowledged, oldest first. A resume says which of them were received.
    pub messages: Queue<DownFrame>,
    /// How many of them, the oldest, the instance has received.
    pub received: u8,
    /// Whether messages were lost, until the server knows that the instance was told of it.
    pub gap: Gap,
}

impl Ledger {
    /// Nothing is owed to anybody.
    pub const NONE: Ledger = Ledger { to: Label::NONE, messages: Queue::EMPTY, received: 0, gap: Gap::None };

    /// An empty one.
    pub(crate) fn of(session: Session, gap: Gap) -> Ledger {
        Ledger { to: session.label, gap, ..Ledger::NONE }
    }

    /// What is lost if its session goes, or the server's memory does: as far as the server knows, something that was not acknowledged.
    pub fn loss(&self) -> Gap {
        if self.messages.is_empty() && self.gap == Gap::None { Gap::None } else { Gap::Lost }
    }

    /// The instance has received what a resume says; the gap that it was told of is known.
    fn settle(&mut self) -> Gap {
        for _ in 0..std::mem::take(&mut self.received) {
            self.messages.pop();
        }
        self.hear_that_gap_is_known();
        self.gap
    }

    /// The server learns from the instance that it was told.
    fn hear_that_gap_is_known(&mut self) {
        if self.gap == Gap::Told {
            self.gap = Gap::None;
        }
    }
}

impl SeatRecord {
    /// What is owed to a session of this seat: [`Ledger::NONE`] if nothing is to be said of it.
    pub fn ledger_of(&self, session: Session) -> Ledger {
        let is_its_own = |ledger: &&Ledger| session.key != Key::Former && ledger.to == session.label;
        self.ledgers.iter().find(is_its_own).copied().unwrap_or_default()
    }

    /// The same, to be changed; `None` if nothing is to be said of it.
    fn ledger_to(&mut self, session: Session) -> Option<&mut Ledger> {
        let is_its_own =
            |ledger: &&mut Ledger| session.key != Key::Former && session.label != Label::NONE && ledger.to == session.label;
        self.ledgers.iter_mut().find(is_its_own)
    }

    /// A new list, empty: its session begins, or begins anew.
    pub(crate) fn open_ledger(&mut self, account: AccountId, session: Session, gap: Gap) {
        self.ledgers[usize::from(account.0)] = Ledger::of(session, gap);
    }
}

/// What a client may say of the messages that are owed to it: that it received one, or was told of a gap. The server hears of it at the
/// next resume.
pub(crate) struct Receipts<'a>(&'a mut [Ledger]);

impl Receipts<'_> {
    pub(crate) fn of(record: &mut SeatRecord) -> Receipts<'_> {
        Receipts(&mut record.ledgers)
    }

    pub(crate) fn note_message(&mut self, present: Label) {
        self.of_session(present).into_iter().for_each(|ledger| ledger.received += 1);
    }

    pub(crate) fn note_gap(&mut self, present: Label) {
        self.of_session(present).into_iter().filter(|ledger| ledger.gap == Gap::Lost).for_each(|ledger| ledger.gap = Gap::Told);
    }

    /// What is owed to the session that the client is logged in with.
    fn of_session(&mut self, present: Label) -> Option<&mut Ledger> {
        self.0.iter_mut().find(|ledger| present != Label::NONE && ledger.to == present)
    }
}

impl ServerCx<'_, '_> {
    /// MSG-2: what a resume says that it received is owed no longer, nor is a gap that it was told of. The gap that it is told now.
    pub(crate) fn settle_ledger(&mut self, session: Session) -> Gap {
        self.record(session.seat).ledger_to(session).map_or(Gap::None, Ledger::settle)
    }

    /// LINK-5: any frame but a logout shows that the instance has read the answer on this link, and the gap in it.
    pub(crate) fn hear_a_sign(&mut self, at: At, frame: UpFrame) {
        let session = self.session_at(at);
        if !matches!(frame, UpFrame::Logout { .. })
            && let Some(ledger) = self.record(at.instance).ledger_to(session)
        {
            ledger.hear_that_gap_is_known();
        }
    }

    /// MSG-2: written where the link is up, and kept until it is acknowledged, if there is room.
    pub(crate) fn deliver(&mut self, account: AccountId, session: Session, message: DownFrame) {
        let kept = self.record(session.seat).ledger_of(session).messages.len();
        if self.rules.overflows(self.scope, kept) {
            return self.overflow(account, session);
        }
        if session.key != Key::Former {
            self.keep(account, session, message);
        }
        if let Some(slot) = self.slot_of(account, session) {
            self.write_down(At { instance: session.seat, slot }, message);
        }
    }

    fn keep(&mut self, account: AccountId, session: Session, message: DownFrame) {
        let record = self.record(session.seat);
        if record.ledger_to(session).is_none() {
            record.open_ledger(account, session, Gap::None);
        }
        record.ledgers[usize::from(account.0)].messages.push(message);
    }

    /// MSG-2: what was acknowledged is owed no longer; acknowledgements come in the order of the messages.
    pub(crate) fn hear_of_a_message(&mut self, at: At) {
        let session = self.session_at(at);
        if let Some(ledger) = self.record(at.instance).ledger_to(session) {
            ledger.messages.pop();
            ledger.received = ledger.received.saturating_sub(1);
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
    pub(crate) fn lose_ledgers(&mut self, instance: InstanceId, broadcast: Broadcast) {
        for account in self.scope.accounts() {
            let theirs = |session: &Session| session.seat == instance && session.key != Key::Former;
            let Some(session) = self.server.roster(account).sessions().find(theirs) else { continue };
            let record = self.record(instance);
            let gap = if broadcast == Broadcast::Stop { record.ledger_of(session).loss() } else { Gap::Lost };
            record.open_ledger(account, session, gap);
        }
    }
}

impl StepCx<'_> {
    /// What is owed matters as long as a resume or a login of that key may come for it. Nobody reads messages again of a session that no
    /// resume will come for: they are as good as lost, where none counts them.
    pub(crate) fn tidy_ledgers(&mut self, instance: InstanceId, lasting: Lasting) {
        for account in self.scope.accounts() {
            let place = usize::from(account.0);
            let ledger = self.seats.at(instance).record.ledgers[place];
            if ledger != Ledger::NONE {
                self.seats.at(instance).record.ledgers[place] = self.tidied(account, instance, ledger, lasting);
            }
        }
    }

    fn tidied(&mut self, account: AccountId, instance: InstanceId, mut ledger: Ledger, lasting: Lasting) -> Ledger {
        let session = Session { seat: instance, key: self.scope.key(instance), label: ledger.to };
        let on_record = self.server.roster(account).has(session);
        let counted = self.scope.buffer.is_some();
        let seat = self.seats.at(instance);
        let resumable = seat.resumable().any(|label| label == session.label);
        let is_waited_for = resumable || counted || seat.may_log_in_over(session);
        if lasting == Lasting::Link || !on_record || !is_waited_for {
            return Ledger::NONE;
        }
        if ledger.gap == Gap::Told && !self.scope.can_forget_what_it_told() {
            ledger.gap = Gap::None;
        }
        if !resumable && !ledger.messages.is_empty() && !counted {
            ledger = Ledger::of(session, Gap::Lost);
        }
        if ledger.loss() == Gap::None { Ledger::NONE } else { ledger }
    }
}

impl Instance {
    /// Whether a login of this key may still find that session on record: another instance's that has the key too, or one of its own that
    /// is under way or may be called, and that no owed logout goes before.
    fn may_log_in_over(&self, session: Session) -> bool {
        let is_owed = self.client.debts.iter().any(|debt| debt.session == session.label);
        let is_left = matches!(self.client.phase, Phase::Leaving | Phase::Destroying) && self.client.session == session.label;
        let may_be_called = !self.client.is_over() && self.client.phase != Phase::Destroying;
        let mut under_way = self.links.each().into_iter().flat_map(|link| link.up.iter());
        let comes = under_way.any(|frame| matches!(frame, UpFrame::Login { .. }));
        session.key == Key::Shared || (!is_owed && !is_left && (may_be_called || comes))
    }
}
