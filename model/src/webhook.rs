//! The server's callbacks: recorded in one commit with the change that they tell of, posted in that order. What is told of is decided
//! where it happens.

use crate::action::{AccountId, Post};
use crate::cx::ServerCx;
use crate::observation::{Callback, CallbackStage, Item, StateChange};
use crate::records::Session;
use crate::scope::Webhooks;

impl ServerCx<'_, '_> {
    /// HOOK-1: what became of a session, and whom its login kicked.
    pub(crate) fn call_back(&mut self, account: AccountId, session: Session, change: StateChange, victims: &[Session]) {
        if self.scope.webhooks == Webhooks::Never {
            return;
        }
        let mut kicked = victims.iter().map(|victim| (victim.seat, victim.key));
        let callback = Callback { of: (session.seat, session.key), change, kicked: [kicked.next(), kicked.next()] };
        self.server.outboxes[usize::from(account.0)].push(callback);
        self.items.push(Item::Callback { instance: session.seat, account, callback, stage: CallbackStage::Committed });
    }

    /// HOOK-1: a login's own callback names its victims; they have none of their own.
    pub(crate) fn call_back_a_login(&mut self, account: AccountId, session: Session, victims: &[Session]) {
        self.call_back(account, session, StateChange::Register, victims);
        for victim in self.rules.called_back_apart(victims) {
            self.call_back(account, *victim, StateChange::Unregister, &[]);
        }
    }

    /// HOOK-1: a resume or a readmission goes on with a session, and is no second login.
    pub(crate) fn call_back_a_resume(&mut self, account: AccountId, session: Session) {
        let change = self.rules.change_of_a_resume();
        self.call_back(account, session, change, &[]);
    }

    /// HOOK-1: a page is closed, any other client has timed out.
    pub(crate) fn call_back_a_lapse(&mut self, account: AccountId, session: Session) {
        let is_page = self.scope.platform(session.seat).is_page();
        let change = if is_page { StateChange::LinkClose } else { StateChange::TimeOut };
        self.call_back(account, session, change, &[]);
    }

    /// HOOK-2: the oldest is posted, and again until it was taken.
    pub(crate) fn post(&mut self, account: AccountId, how: Post) {
        let kept = self.server.outboxes[usize::from(account.0)];
        let Some(callback) = self.server.outboxes[usize::from(account.0)].pop() else { return };
        if self.rules.is_posted_again(how) {
            self.server.outboxes[usize::from(account.0)] = kept;
        }
        self.items.push(Item::Callback { instance: callback.of.0, account, callback, stage: CallbackStage::Posted(how) });
    }
}
