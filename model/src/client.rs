//! The client's side of a step: what it does at a call and at each frame. What it must answer is asked of [`crate::rules`]; it cannot
//! look at the server's side.

use crate::action::{AccountId, Credential, Slot, Token};
use crate::cx::ClientCx;
use crate::frame::{DownFrame, Gap, Meant, UpFrame};
use crate::link::{Link, Owner, Parting};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, Outcome, Reason};
use crate::scope::Fault;
use crate::state::{Debts, Phase};

impl ClientCx<'_> {
    pub(crate) fn call_login(&mut self, account: AccountId, credential: Credential) {
        match self.rules.answer_to_login(self.client, account, credential) {
            Some(outcome) => self.settle(Call::Login, Asked::Now, outcome),
            None => {
                self.client.phase = Phase::Opening { account, credential };
                self.number_a_login();
            }
        }
    }

    pub(crate) fn call_logout(&mut self) {
        let phase = self.client.phase;
        if let Some(outcome) = self.rules.answer_to_logout(phase) {
            return self.settle(Call::Logout, Asked::Now, outcome);
        }
        if self.leave() {
            self.client.logouts += 1;
            self.client.phase = Phase::Leaving;
        } else {
            self.client.phase = Phase::Out;
            self.settle(Call::Logout, Asked::Now, Outcome::Done);
        }
    }

    pub(crate) fn call_destroy(&mut self) {
        let phase = self.client.phase;
        let waits = match phase {
            Phase::Destroyed | Phase::Closed => return self.settle(Call::Destroy, Asked::Now, Outcome::Done),
            Phase::Destroying => true,
            Phase::Out => false,
            Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. } | Phase::Leaving => {
                self.logs_out_first()
            }
        };
        if waits {
            self.client.destroys += 1;
            self.client.phase = Phase::Destroying;
        } else {
            self.settle(Call::Destroy, Asked::Now, Outcome::Done);
            self.is_destroyed();
        }
    }

    fn is_destroyed(&mut self) {
        self.client.phase = Phase::Destroyed;
        self.client.debts = Debts::NONE;
        self.items.push(Item::StreamEnded { instance: self.instance });
    }

    /// DESTROY-1: without the rule the link is closed and no logout sent. Whether an answer is waited for.
    fn logs_out_first(&mut self) -> bool {
        if self.rules.destroy_logs_out() {
            return self.leave();
        }
        self.links.current = Link::NONE;
        false
    }

    /// Whether a send is accepted; one that is not is answered at once.
    pub(crate) fn accepts_a_send(&mut self) -> bool {
        let answer = self.rules.answer_to_send(self.client);
        answer.into_iter().for_each(|outcome| self.settle(Call::Send(None), Asked::Now, outcome));
        answer.is_none()
    }

    pub(crate) fn send(&mut self, frame: UpFrame) {
        self.client.sends.push(frame);
        self.write_up(frame);
    }

    /// LOGOUT-1, LOGOUT-3: what runs is settled, the state cleared, the session asked to end. Whether an answer is waited for.
    fn leave(&mut self) -> bool {
        match self.client.phase {
            Phase::Out | Phase::Destroyed | Phase::Closed => false,
            Phase::Leaving | Phase::Destroying => true,
            Phase::Opening { .. } => {
                self.abandon_login();
                false
            }
            Phase::Waiting { account } => {
                self.abandon_login();
                self.client.leaves = account;
                self.write_up(UpFrame::Logout { of: Meant::Own });
                true
            }
            phase @ (Phase::Online { account } | Phase::Ready { account }) => {
                self.give_up_sends();
                if self.rules.says_not_ready(phase) {
                    self.publish(Event::NotReady);
                }
                self.forget(account);
                self.client.leaves = account;
                self.ask_to_end()
            }
        }
    }

    fn abandon_login(&mut self) {
        self.settle(Call::Login, Asked::Earlier, Outcome::Refused(Code::LoginAbandoned));
    }

    pub(crate) fn give_up_sends(&mut self) {
        for frame in std::mem::take(&mut self.client.sends).iter() {
            self.remember(frame);
            self.settle(sending(frame), Asked::Earlier, Outcome::Refused(Code::OutcomeUnknown));
        }
    }

    /// LOGOUT-4: the logout is sent where the link is up, and owed otherwise. Whether an answer is waited for.
    fn ask_to_end(&mut self) -> bool {
        if self.client.is_cut_off() {
            self.owe();
            self.abandon_reconnect();
            return false;
        }
        self.write_up(UpFrame::Logout { of: Meant::Own });
        true
    }

    /// LOGOUT-5, LOGOUT-7, LOGIN-10: what an instance keeps of a session that is over: nothing, its listeners aside.
    pub(crate) fn forget(&mut self, account: AccountId) {
        self.client.kept = self.rules.kept_of(self.client);
        self.client.residue = self.rules.residue_of(self.client, account);
    }

    pub(crate) fn client_takes(&mut self) {
        let frame = self.links.current.down.pop().expect("a frame is delivered only if there is one");
        match frame {
            DownFrame::LoginAnswer { refused: None, gap } => self.login_is_admitted(gap),
            DownFrame::LoginAnswer { refused: Some(code), .. } => self.login_is_refused(code),
            DownFrame::SyncAnswer => self.first_sync_is_done(),
            DownFrame::ResumeAnswer { answer } => self.resume_is_answered(answer),
            DownFrame::Pong => {}
            DownFrame::Ping => self.is_asked(),
            DownFrame::LogoutAnswer if !self.client.debts.is_empty() => self.client.debts.pay(),
            DownFrame::LogoutAnswer => self.last_answer_came(),
            DownFrame::SendAnswer { token } => self.send_is_accepted(token),
            DownFrame::Message { .. } => self.message_came(frame),
            DownFrame::Notice { reason } => self.notice_came(reason),
        }
    }

    /// LOGIN-2: resolved, but not ready: the first sync comes first.
    fn login_is_admitted(&mut self, gap: Gap) {
        if let Phase::Waiting { account } = self.client.phase {
            if !self.rules.first_sync_makes_ready() {
                self.publish(Event::Ready);
            }
            self.settle(Call::Login, Asked::Earlier, Outcome::LoggedIn);
            self.client.phase = Phase::Online { account };
            self.is_told_of_gap(gap);
            self.write_up(UpFrame::Sync);
        }
    }

    /// LOGIN-9: what the earlier session of the key has lost is told once the new one is ready.
    fn is_told_of_gap(&mut self, gap: Gap) {
        self.client.tells = gap;
        if gap == Gap::Lost {
            self.receipts.note_gap(self.client.session);
        }
    }

    /// LINK-7: the server is given its sign of life at once, but by nobody who has left (LOGOUT-1).
    fn is_asked(&mut self) {
        if self.client.login_user().is_some() {
            self.write_up(UpFrame::Pong);
        }
    }

    fn login_is_refused(&mut self, code: Code) {
        let phase = self.client.phase;
        if let Phase::Waiting { account } = phase {
            self.settle(Call::Login, Asked::Earlier, Outcome::Refused(code));
            self.client.phase = self.rules.after_a_refusal(account);
        }
        self.last_answer_came();
    }

    fn first_sync_is_done(&mut self) {
        if let Phase::Online { account } = self.client.phase {
            self.client.phase = Phase::Ready { account };
            self.publish(Event::Ready);
            if std::mem::take(&mut self.client.tells) == Gap::Lost {
                self.publish(Event::MessagesLost);
            }
            for frame in std::mem::take(&mut self.client.kept).iter() {
                self.publish_message(frame);
            }
        }
    }

    /// LINK-9: the link is closed behind its last answer; a logout or destroy that ran is done.
    pub(crate) fn last_answer_came(&mut self) {
        self.client_closes(Close::Done);
        self.left();
    }

    /// LOGOUT-6, DESTROY-1: every call that ran settles, the logouts just before the destroys.
    pub(crate) fn left(&mut self) {
        if !matches!(self.client.phase, Phase::Leaving | Phase::Destroying) {
            return;
        }
        for _ in 0..std::mem::take(&mut self.client.logouts) {
            self.settle(Call::Logout, Asked::Earlier, Outcome::Done);
        }
        for _ in 0..std::mem::take(&mut self.client.destroys) {
            self.settle(Call::Destroy, Asked::Earlier, Outcome::Done);
        }
        if self.client.phase == Phase::Destroying {
            self.is_destroyed();
        } else {
            self.client.phase = Phase::Out;
        }
    }

    /// MSG-3: nobody knows what became of the send that was called first.
    pub(crate) fn give_up_oldest_send(&mut self) {
        let oldest = self.client.sends.pop().expect("a deadline is armed only while a send runs");
        self.remember(oldest);
        self.settle(sending(oldest), Asked::Earlier, Outcome::Refused(Code::OutcomeUnknown));
    }

    /// MSG-3: where the scope has it, the application will send again what it does not know the outcome of.
    fn remember(&mut self, send: UpFrame) {
        if self.scope.has(Fault::Resends) && self.client.unknown.is_empty() {
            self.client.unknown.push(send);
        }
    }

    pub(crate) fn call_resend(&mut self) {
        if self.accepts_a_send() {
            let frame = self.client.unknown.pop().expect("a message is sent again only if its outcome is not known");
            self.send(frame);
        }
    }

    fn send_is_accepted(&mut self, token: Token) {
        let Some(frame) = self.client.sends.iter().find(|frame| sending(*frame) == Call::Send(Some(token))) else {
            return;
        };
        self.client.sends.remove(frame);
        let outcome = self.rules.outcome_of_a_send();
        self.settle(sending(frame), Asked::Earlier, outcome);
    }

    /// MSG-4: what comes before ready is acknowledged and kept; LOGOUT-1: what comes while leaving is dropped.
    fn message_came(&mut self, frame: DownFrame) {
        let DownFrame::Message { token, .. } = frame else { return };
        if self.client.login_user().is_none() {
            return;
        }
        self.receipts.note_message(self.client.session);
        self.write_up(UpFrame::MessageAck { token });
        if self.rules.waits_for_ready(self.client.phase) {
            self.client.kept.push(frame);
        } else {
            self.publish_message(frame);
        }
    }

    fn publish_message(&mut self, frame: DownFrame) {
        if let DownFrame::Message { token, from, to } = frame {
            (0..self.rules.times_published()).for_each(|_| self.publish(Event::Message { token, from, to }));
        }
    }

    /// KICK-4: a victim runs its logout first, then learns. KICK-9: not so one that has called logout or destroy.
    fn notice_came(&mut self, reason: Reason) {
        let phase = self.client.phase;
        match phase {
            Phase::Online { account } | Phase::Ready { account } => {
                self.run_logout_and_tell(phase, Event::KickedOut(reason));
                self.client.phase = self.rules.after_a_kick(account);
                self.forget(account);
            }
            Phase::Leaving | Phase::Destroying => {
                if !self.rules.whoever_left_is_not_told() {
                    self.publish(Event::KickedOut(reason));
                }
            }
            Phase::Out | Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Destroyed | Phase::Closed => {}
        }
        self.acknowledge();
        self.left();
    }

    pub(crate) fn run_logout_and_tell(&mut self, phase: Phase, why: Event) {
        self.give_up_sends();
        self.rules.last_words(phase, why).for_each(|event| self.publish(event));
    }

    /// The notice is acknowledged and the link given up behind it.
    fn acknowledge(&mut self) {
        self.write_up(UpFrame::KickAck);
        self.client_closes(Close::Done);
    }

    /// The client closes its end behind the last frame that it wrote.
    pub(crate) fn client_closes(&mut self, close: Close) {
        let (instance, slot) = (self.instance, Slot::Current);
        self.items.push(Item::Closed { instance, slot, end: End::Client, close });
        let link = &mut self.links.current;
        link.owner = Owner::Gone;
        if close == Close::PageClosed {
            link.parting = Parting::Page;
        }
    }
}

fn sending(frame: UpFrame) -> Call {
    let UpFrame::Send { token, .. } = frame else { unreachable!("only sends run, not {frame:?}") };
    Call::Send(Some(token))
}
