//! The instance's side of a step: what it does at a call, at the opening of its link, and at each frame. What it must answer is asked
//! of [`crate::rules`]; it never looks at the server's side.

use crate::action::{AccountId, Credential, InstanceId, Slot, Token};
use crate::frame::{DownFrame, Gap, Meant, Queue, TOKENS, UpFrame};
use crate::link::{Link, Owner, Parting};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, Outcome, Reason};
use crate::rule::Rule;
use crate::rules;
use crate::scope::Fault;
use crate::state::{Debts, Phase, Residue, free_token};
use crate::step::{At, Stage};

impl Stage<'_> {
    pub(crate) fn call_login(&mut self, instance: InstanceId, account: AccountId, credential: Credential) {
        let seat = *self.seat(instance);
        match rules::answer_to_login(&mut self.book, &seat, account, credential) {
            Some(outcome) => self.settle(instance, Call::Login, Asked::Now, outcome),
            None => {
                self.seat(instance).phase = Phase::Opening { account, credential };
                self.number_a_login(instance);
            }
        }
    }

    pub(crate) fn call_logout(&mut self, instance: InstanceId) {
        let phase = self.seat(instance).phase;
        if let Some(outcome) = rules::answer_to_logout(&mut self.book, phase) {
            return self.settle(instance, Call::Logout, Asked::Now, outcome);
        }
        if self.leave(instance) {
            self.seat(instance).logouts += 1;
            self.seat(instance).phase = Phase::Leaving;
        } else {
            self.seat(instance).phase = Phase::Out;
            self.settle(instance, Call::Logout, Asked::Now, Outcome::Done);
        }
    }

    pub(crate) fn call_destroy(&mut self, instance: InstanceId) {
        let phase = self.seat(instance).phase;
        let waits = match phase {
            Phase::Destroyed | Phase::Closed => return self.settle(instance, Call::Destroy, Asked::Now, Outcome::Done),
            Phase::Destroying => true,
            Phase::Out => false,
            Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. } | Phase::Leaving => {
                self.logs_out_first(instance)
            }
        };
        if waits {
            self.seat(instance).destroys += 1;
            self.seat(instance).phase = Phase::Destroying;
        } else {
            self.seat(instance).phase = Phase::Destroyed;
            self.seat(instance).debts = Debts::NONE;
            self.settle(instance, Call::Destroy, Asked::Now, Outcome::Done);
            self.items.push(Item::StreamEnded { instance });
        }
    }

    /// DESTROY-1: without the rule the link is closed and no logout sent. Whether an answer is waited for.
    fn logs_out_first(&mut self, instance: InstanceId) -> bool {
        if self.book.holds(Rule::Destroy1) {
            return self.leave(instance);
        }
        self.seat(instance).current = Link::NONE;
        false
    }

    pub(crate) fn call_send(&mut self, instance: InstanceId, to: AccountId) {
        let seat = *self.seat(instance);
        if let Some(outcome) = rules::answer_to_send(&mut self.book, &seat) {
            return self.settle(instance, Call::Send(None), Asked::Now, outcome);
        }
        let token = free_token(self.every_seat(), TOKENS).expect("a send is offered only while a message is free");
        let frame = UpFrame::Send { token, to };
        self.seat(instance).sends.push(frame);
        self.write_up(instance, frame);
    }

    /// LOGOUT-1, LOGOUT-3: what runs is settled, the state cleared, the session asked to end. Whether an answer is waited for.
    fn leave(&mut self, instance: InstanceId) -> bool {
        match self.seat(instance).phase {
            Phase::Out | Phase::Destroyed | Phase::Closed => false,
            Phase::Leaving | Phase::Destroying => true,
            Phase::Opening { .. } => {
                self.abandon_login(instance);
                false
            }
            Phase::Waiting { account } => {
                self.abandon_login(instance);
                self.seat(instance).leaves = account;
                self.write_up(instance, UpFrame::Logout { of: Meant::Own });
                true
            }
            phase @ (Phase::Online { account } | Phase::Ready { account }) => {
                self.give_up_sends(instance);
                if matches!(phase, Phase::Ready { .. }) && self.book.holds(Rule::Logout1) {
                    self.publish(instance, Event::NotReady);
                }
                self.forget(instance, account);
                self.seat(instance).leaves = account;
                self.ask_to_end(instance)
            }
        }
    }

    fn abandon_login(&mut self, instance: InstanceId) {
        self.settle(instance, Call::Login, Asked::Earlier, Outcome::Refused(Code::LoginAbandoned));
    }

    pub(crate) fn give_up_sends(&mut self, instance: InstanceId) {
        for frame in std::mem::take(&mut self.seat(instance).sends).iter() {
            self.remember(instance, frame);
            self.settle(instance, sending(frame), Asked::Earlier, Outcome::Refused(Code::OutcomeUnknown));
        }
    }

    /// LOGOUT-4: the logout is sent where the link is up, and owed otherwise. Whether an answer is waited for.
    fn ask_to_end(&mut self, instance: InstanceId) -> bool {
        if self.seat(instance).is_cut_off() {
            self.owe(instance);
            self.abandon_reconnect(instance);
            return false;
        }
        self.write_up(instance, UpFrame::Logout { of: Meant::Own });
        true
    }

    /// LOGOUT-5, LOGOUT-7, LOGIN-10: what an instance keeps of a session that is over: nothing, its listeners aside.
    pub(crate) fn forget(&mut self, instance: InstanceId, account: AccountId) {
        if self.book.holds(Rule::Logout5) {
            self.seat(instance).kept = Queue::EMPTY;
        }
        if !self.book.holds(Rule::Logout7) {
            self.seat(instance).residue = Residue::Deaf;
        }
        if !self.book.holds(Rule::Login10) {
            self.seat(instance).residue = Residue::Account(account);
        }
    }

    pub(crate) fn client_takes(&mut self, instance: InstanceId) {
        let frame = self.seat(instance).current.down.pop().expect("a frame is delivered only if there is one");
        match frame {
            DownFrame::LoginAnswer { refused: None, gap } => self.login_is_admitted(instance, gap),
            DownFrame::LoginAnswer { refused: Some(code), .. } => self.login_is_refused(instance, code),
            DownFrame::SyncAnswer => self.first_sync_is_done(instance),
            DownFrame::ResumeAnswer { answer } => self.resume_is_answered(instance, answer),
            DownFrame::Pong => {}
            DownFrame::Ping => self.is_asked(instance),
            DownFrame::LogoutAnswer if !self.seat(instance).debts.is_empty() => self.seat(instance).debts.pay(),
            DownFrame::LogoutAnswer => self.last_answer_came(instance),
            DownFrame::SendAnswer { token } => self.send_is_accepted(instance, token),
            DownFrame::Message { .. } => self.message_came(instance, frame),
            DownFrame::Notice { reason } => self.notice_came(instance, reason),
        }
    }

    /// LOGIN-2: resolved, but not ready: the first sync comes first.
    fn login_is_admitted(&mut self, instance: InstanceId, gap: Gap) {
        if let Phase::Waiting { account } = self.seat(instance).phase {
            if !self.book.holds(Rule::Login2) {
                self.publish(instance, Event::Ready);
            }
            self.settle(instance, Call::Login, Asked::Earlier, Outcome::LoggedIn);
            self.seat(instance).phase = Phase::Online { account };
            self.is_told_of_gap(instance, gap);
            self.write_up(instance, UpFrame::Sync);
        }
    }

    /// LOGIN-9: what the earlier session of the key has lost is told once the new one is ready.
    fn is_told_of_gap(&mut self, instance: InstanceId, gap: Gap) {
        let seat = self.seat(instance);
        seat.tells = gap;
        if gap == Gap::Lost {
            seat.learn_of_gap();
        }
    }

    /// LINK-7: the server is given its sign of life at once, but by nobody who has left (LOGOUT-1).
    fn is_asked(&mut self, instance: InstanceId) {
        if self.seat(instance).login_user().is_some() {
            self.write_up(instance, UpFrame::Pong);
        }
    }

    fn login_is_refused(&mut self, instance: InstanceId, code: Code) {
        let phase = self.seat(instance).phase;
        if let Phase::Waiting { account } = phase {
            self.settle(instance, Call::Login, Asked::Earlier, Outcome::Refused(code));
            let again = Phase::Opening { account, credential: Credential::Good };
            self.seat(instance).phase = self.book.choose(Rule::Login1, Phase::Out, again);
        }
        self.last_answer_came(instance);
    }

    fn first_sync_is_done(&mut self, instance: InstanceId) {
        if let Phase::Online { account } = self.seat(instance).phase {
            self.seat(instance).phase = Phase::Ready { account };
            self.publish(instance, Event::Ready);
            if std::mem::take(&mut self.seat(instance).tells) == Gap::Lost {
                self.publish(instance, Event::MessagesLost);
            }
            for frame in std::mem::take(&mut self.seat(instance).kept).iter() {
                self.publish_message(instance, frame);
            }
        }
    }

    /// LINK-9: the link is closed behind its last answer; a logout or destroy that ran is done.
    pub(crate) fn last_answer_came(&mut self, instance: InstanceId) {
        self.client_closes(instance, Close::Done);
        self.left(instance);
    }

    /// LOGOUT-6, DESTROY-1: every call that ran settles, the logouts just before the destroys.
    pub(crate) fn left(&mut self, instance: InstanceId) {
        let seat = *self.seat(instance);
        if !matches!(seat.phase, Phase::Leaving | Phase::Destroying) {
            return;
        }
        for _ in 0..seat.logouts {
            self.settle(instance, Call::Logout, Asked::Earlier, Outcome::Done);
        }
        for _ in 0..seat.destroys {
            self.settle(instance, Call::Destroy, Asked::Earlier, Outcome::Done);
        }
        let ended = seat.phase == Phase::Destroying;
        if ended {
            self.items.push(Item::StreamEnded { instance });
        }
        let seat = self.seat(instance);
        (seat.logouts, seat.destroys) = (0, 0);
        if ended {
            seat.debts = Debts::NONE;
        }
        seat.phase = if ended { Phase::Destroyed } else { Phase::Out };
    }

    /// MSG-3: nobody knows what became of the send that was called first.
    pub(crate) fn give_up_oldest_send(&mut self, instance: InstanceId) {
        let oldest = self.seat(instance).sends.pop().expect("a deadline is armed only while a send runs");
        self.remember(instance, oldest);
        self.settle(instance, sending(oldest), Asked::Earlier, Outcome::Refused(Code::OutcomeUnknown));
    }

    /// MSG-3: where the scope has it, the application will send again what it does not know the outcome of.
    fn remember(&mut self, instance: InstanceId, send: UpFrame) {
        if self.scope.has(Fault::Resends) && self.seat(instance).unknown.is_empty() {
            self.seat(instance).unknown.push(send);
        }
    }

    pub(crate) fn call_resend(&mut self, instance: InstanceId) {
        let seat = *self.seat(instance);
        if let Some(outcome) = rules::answer_to_send(&mut self.book, &seat) {
            return self.settle(instance, Call::Send(None), Asked::Now, outcome);
        }
        let frame = self.seat(instance).unknown.pop().expect("a message is sent again only if its outcome is not known");
        self.seat(instance).sends.push(frame);
        self.write_up(instance, frame);
    }

    fn send_is_accepted(&mut self, instance: InstanceId, token: Token) {
        let Some(frame) = self.seat(instance).sends.iter().find(|frame| sending(*frame) == Call::Send(Some(token))) else {
            return;
        };
        self.seat(instance).sends.remove(frame);
        let outcome = self.book.choose(Rule::Msg3, Outcome::Sent, Outcome::Refused(Code::OutcomeUnknown));
        self.settle(instance, sending(frame), Asked::Earlier, outcome);
    }

    /// MSG-4: what comes before ready is acknowledged and kept; LOGOUT-1: what comes while leaving is dropped.
    fn message_came(&mut self, instance: InstanceId, frame: DownFrame) {
        let DownFrame::Message { token, .. } = frame else { return };
        self.count_as_received(instance);
        let phase = self.seat(instance).phase;
        let early = match phase {
            Phase::Ready { .. } => false,
            Phase::Online { .. } => self.book.holds(Rule::Msg4),
            Phase::Out
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Leaving
            | Phase::Destroying
            | Phase::Destroyed
            | Phase::Closed => return,
        };
        self.write_up(instance, UpFrame::MessageAck { token });
        if early {
            self.seat(instance).kept.push(frame);
        } else {
            self.publish_message(instance, frame);
        }
    }

    fn count_as_received(&mut self, instance: InstanceId) {
        let seat = self.seat(instance);
        if seat.login_user().is_some()
            && let Some(ledger) = seat.present_ledger()
        {
            ledger.received += 1;
        }
    }

    fn publish_message(&mut self, instance: InstanceId, frame: DownFrame) {
        if let DownFrame::Message { token, from, to } = frame {
            let event = Event::Message { token, from, to };
            self.publish(instance, event);
            if !self.book.holds(Rule::Msg2) {
                self.publish(instance, event);
            }
        }
    }

    /// KICK-4: a victim runs its logout first, then learns. KICK-9: not so one that has called logout or destroy.
    fn notice_came(&mut self, instance: InstanceId, reason: Reason) {
        let phase = self.seat(instance).phase;
        match phase {
            Phase::Online { account } | Phase::Ready { account } => {
                self.run_logout_and_tell(instance, phase, reason);
                let again = Phase::Opening { account, credential: Credential::Good };
                self.seat(instance).phase = self.book.choose(Rule::Kick7, Phase::Out, again);
                self.forget(instance, account);
            }
            Phase::Leaving | Phase::Destroying => {
                if !self.book.holds(Rule::Kick9) {
                    self.publish(instance, Event::KickedOut(reason));
                }
            }
            Phase::Out | Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Destroyed | Phase::Closed => {}
        }
        self.acknowledge(instance);
        self.left(instance);
    }

    pub(crate) fn run_logout_and_tell(&mut self, instance: InstanceId, phase: Phase, reason: Reason) {
        self.give_up_sends(instance);
        let mut told = vec![Event::KickedOut(reason)];
        if matches!(phase, Phase::Ready { .. }) {
            told.insert(0, Event::NotReady);
        }
        if !self.book.holds(Rule::Kick4) {
            told.reverse();
        }
        told.into_iter().for_each(|event| self.publish(instance, event));
    }

    /// The notice is acknowledged and the link given up behind it.
    fn acknowledge(&mut self, instance: InstanceId) {
        self.write_up(instance, UpFrame::KickAck);
        self.client_closes(instance, Close::Done);
    }

    /// The client closes its end behind the last frame that it wrote.
    pub(crate) fn client_closes(&mut self, instance: InstanceId, close: Close) {
        self.note_close(At { instance, slot: Slot::Current }, End::Client, close);
        let link = &mut self.seat(instance).current;
        link.owner = Owner::Gone;
        if close == Close::PageClosed {
            link.parting = Parting::Page;
        }
    }
}

fn sending(frame: UpFrame) -> Call {
    match frame {
        UpFrame::Send { token, .. } => Call::Send(Some(token)),
        UpFrame::Login { .. }
        | UpFrame::Sync
        | UpFrame::Resume { .. }
        | UpFrame::Logout { .. }
        | UpFrame::MessageAck { .. }
        | UpFrame::KickAck
        | UpFrame::Ping
        | UpFrame::Pong => unreachable!("only sends run, not {frame:?}"),
    }
}
