//! The client's side of links that come and go: what it does as one opens, at a loss, at its timers, and at the answer to a resume. It
//! cannot look at the server's side.

use crate::action::{AccountId, Loss, Timed};
use crate::cx::ClientCx;
use crate::frame::{Gap, Meant, Resumption, SigShown, UpFrame};
use crate::link::{Owner, ServerEnd};
use crate::observation::{Asked, Call, Close, Code, Event, NetState, Outcome, Reason};
use crate::records::Label;
use crate::state::{Client, Debt, Phase, Reach};

impl ClientCx<'_> {
    /// LINK-9: the link is up: owed logouts, then the login or the resume, without waiting for an answer.
    pub(crate) fn link_is_up(&mut self) {
        let (client, link) = (&mut *self.client, &mut self.links.current);
        link.server = ServerEnd::Listening;
        (link.sig, link.rank) = (client.sig, client.last);
        match client.phase {
            Phase::Opening { account, credential } => {
                client.phase = Phase::Waiting { account };
                client.shown = SigShown::of(credential);
                (client.session, link.session) = (Label::LAST, Label::LAST);
                for Debt { account, session, sig } in self.client.debts.iter() {
                    self.write_up(UpFrame::Logout { of: Meant::Owed { account, session, sig } });
                }
                self.write_up(UpFrame::Login { account, credential });
            }
            Phase::Online { account } | Phase::Ready { account } => {
                client.reach = Reach::Resuming;
                link.session = client.session;
                self.write_up(UpFrame::Resume { account });
            }
            Phase::Out | Phase::Waiting { .. } | Phase::Leaving | Phase::Destroying | Phase::Destroyed | Phase::Closed => {
                unreachable!("nobody has asked for a link")
            }
        }
    }

    /// LOGIN-1: nothing was sent; LINK-1: a failed attempt.
    pub(crate) fn open_fails(&mut self) {
        match self.client.login_user() {
            Some(_) => self.attempt_fails(),
            None => self.login_fails(Code::LinkDown),
        }
    }

    fn login_fails(&mut self, code: Code) {
        self.settle(Call::Login, Asked::Earlier, Outcome::Refused(code));
        self.client.phase = Phase::Out;
    }

    /// The client's end of its link is lost, or given up; what runs on it ends as the rules say.
    pub(crate) fn client_loses(&mut self, how: Loss) {
        let link = self.links.current;
        if link.is_held() && !self.lets_go(how) {
            return;
        }
        let replaced = self.rules.is_replaced(&link, how);
        match self.client.login_user() {
            Some(account) if replaced => self.is_ended(account, Event::KickedOut(Reason::MultipleAccount)),
            Some(_) | None => self.client_is_cut_off(),
        }
    }

    /// LINK-5, LINK-11: its session is no more, and it stays out.
    fn is_ended(&mut self, account: AccountId, why: Event) {
        self.run_logout_and_tell(self.client.phase, why);
        self.forget(account);
        self.client.phase = Phase::Out;
    }

    /// What ran on the link that is no more.
    fn client_is_cut_off(&mut self) {
        match self.client.phase {
            Phase::Waiting { .. } => self.login_fails(Code::OutcomeUnknown),
            Phase::Leaving | Phase::Destroying => {
                self.owe();
                self.left();
            }
            Phase::Online { .. } | Phase::Ready { .. } if self.client.reach == Reach::Up => self.link_is_lost(),
            Phase::Online { .. } | Phase::Ready { .. } => self.attempt_fails(),
            Phase::Out | Phase::Opening { .. } | Phase::Destroyed | Phase::Closed => unreachable!("it has no link to lose"),
        }
    }

    /// LINK-7: a silent link is given up. Whether the link is no longer held.
    fn lets_go(&mut self, how: Loss) -> bool {
        match how {
            Loss::Ended => self.links.current.owner = Owner::Gone,
            Loss::Heartbeat if self.rules.silence_is_a_loss() => self.client_closes(Close::GivenUp),
            Loss::Heartbeat => return false,
        }
        true
    }

    /// LINK-1: it stays logged in, says so, and reconnects by itself.
    fn link_is_lost(&mut self) {
        self.give_up_sends();
        if self.rules.loss_is_no_logout() {
            self.client.reach = Reach::Down;
            self.tell_net(NetState::Connecting);
        } else {
            self.publish(Event::NotReady);
            self.client.phase = Phase::Out;
        }
    }

    /// LINK-1: a failed attempt is told once.
    fn attempt_fails(&mut self) {
        self.client.reach = Reach::Down;
        self.tell_net(NetState::Disconnected);
    }

    fn tell_net(&mut self, net: NetState) {
        if std::mem::replace(&mut self.client.net, net) != net {
            self.publish(Event::Net(net));
        }
    }

    pub(crate) fn backoff(&mut self) {
        self.client.reach = Reach::Asking;
        self.number_a_resume();
    }

    pub(crate) fn ping(&mut self) {
        self.write_up(UpFrame::Ping);
    }

    /// LINK-10: what runs too long ends, and with a login or a logout its link.
    pub(crate) fn deadline(&mut self, call: Timed) {
        match call {
            Timed::Login if matches!(self.client.phase, Phase::Opening { .. }) => self.login_fails(Code::LinkDown),
            Timed::Login => {
                self.client_closes(Close::GivenUp);
                self.login_fails(Code::OutcomeUnknown);
            }
            Timed::Logout => {
                self.owe();
                self.client_closes(Close::GivenUp);
                self.left();
            }
            Timed::Send => self.give_up_oldest_send(),
        }
    }

    /// LOGOUT-4: what the server has not answered is sent on the next link.
    pub(crate) fn owe(&mut self) {
        if self.rules.logout_is_owed() {
            let Client { leaves, session, shown, .. } = *self.client;
            self.client.debts.push(Debt { account: leaves, session, sig: shown });
        }
    }

    /// LOGOUT-4: a link whose resume is not answered is given up; an opening is forgotten.
    pub(crate) fn abandon_reconnect(&mut self) {
        if self.client.reach == Reach::Resuming {
            self.client_closes(Close::GivenUp);
        }
    }

    /// LINK-5: what became of the session.
    pub(crate) fn resume_is_answered(&mut self, answer: Resumption) {
        match answer {
            Resumption::Resumed { gap } => self.goes_on(gap),
            Resumption::Readmitted => self.goes_on(Gap::Lost),
            Resumption::Ended(reason) => self.is_not_readmitted(Event::KickedOut(reason)),
            Resumption::Refused(code) => self.is_not_readmitted(Event::TurnedAway(code)),
        }
    }

    fn is_not_readmitted(&mut self, why: Event) {
        if let Some(account) = self.client.login_user() {
            self.is_ended(account, why);
        }
        self.client_closes(Close::Done);
    }

    /// LINK-1: connected, then what is missing, then the sync if it was not done (LOGIN-2).
    fn goes_on(&mut self, gap: Gap) {
        self.tell_net(NetState::Connected);
        self.client.reach = Reach::Up;
        if gap == Gap::Lost {
            self.receipts.note_gap(self.client.session);
            self.publish(Event::MessagesLost);
        }
        if matches!(self.client.phase, Phase::Online { .. }) {
            self.write_up(UpFrame::Sync);
        }
    }

    /// LINK-6: the browser has closed the link of a page that wakes, which sees it lost.
    pub(crate) fn wakes(&mut self) {
        self.client_closes(Close::PageClosed);
        self.client_is_cut_off();
    }

    /// LINK-6: the page is closed: its instance is over, without a word to anybody.
    pub(crate) fn page_closes(&mut self) {
        if self.links.current.is_held() {
            self.client_closes(Close::PageClosed);
        }
        *self.client = Client { phase: Phase::Closed, ..Client::default() };
    }
}
