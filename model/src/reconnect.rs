//! The instance's side of links that fail: what it does at a loss, at its timers, and at the answer to a resume. It never looks at the
//! server's side.

use crate::action::{InstanceId, Loss, Timed};
use crate::frame::{Gap, Meant, Resumption, SigShown, UpFrame};
use crate::link::{Owner, ServerEnd};
use crate::observation::{Asked, Call, Close, Code, Event, NetState, Outcome, Reason};
use crate::records::Label;
use crate::rule::Rule;
use crate::state::{Debt, Instance, Phase, Reach};
use crate::step::Stage;

impl Stage<'_> {
    /// LINK-9: the link is up: owed logouts, then the login or the resume, without waiting for an answer.
    pub(crate) fn link_is_up(&mut self, instance: InstanceId) {
        self.give_rank(instance);
        let seat = self.seat(instance);
        seat.current.server = ServerEnd::Listening;
        seat.current.sig = seat.sig;
        match seat.phase {
            Phase::Opening { account, credential } => {
                seat.phase = Phase::Waiting { account };
                seat.shown = SigShown::of(credential);
                (seat.session, seat.current.session) = (Label::LAST, Label::LAST);
                for Debt { account, session, sig } in seat.debts.iter() {
                    self.write_up(instance, UpFrame::Logout { of: Meant::Owed { account, session, sig } });
                }
                self.write_up(instance, UpFrame::Login { account, credential });
            }
            Phase::Online { account } | Phase::Ready { account } => {
                seat.reach = Reach::Resuming;
                seat.current.session = seat.session;
                self.write_up(instance, UpFrame::Resume { account });
            }
            Phase::Out | Phase::Waiting { .. } | Phase::Leaving | Phase::Destroying | Phase::Destroyed | Phase::Closed => {
                unreachable!("nobody has asked for a link")
            }
        }
    }

    /// LOGIN-1: nothing was sent; LINK-1: a failed attempt.
    pub(crate) fn open_fails(&mut self, instance: InstanceId) {
        match self.seat(instance).phase {
            Phase::Opening { .. } => self.login_fails(instance, Code::LinkDown),
            Phase::Out
            | Phase::Waiting { .. }
            | Phase::Online { .. }
            | Phase::Ready { .. }
            | Phase::Leaving
            | Phase::Destroying
            | Phase::Destroyed
            | Phase::Closed => self.attempt_fails(instance),
        }
    }

    fn login_fails(&mut self, instance: InstanceId, code: Code) {
        self.settle(instance, Call::Login, Asked::Earlier, Outcome::Refused(code));
        self.seat(instance).phase = Phase::Out;
    }

    /// The client's end of its link is lost, or given up; what runs on it ends as the rules say.
    pub(crate) fn client_loses(&mut self, instance: InstanceId, how: Loss) {
        let link = self.seat(instance).current;
        if link.is_held() && !self.lets_go(instance, how) {
            return;
        }
        let replaced = how == Loss::Ended && link.server == ServerEnd::Superseded && self.book.holds(Rule::Link11);
        match self.seat(instance).phase {
            phase @ (Phase::Online { account } | Phase::Ready { account }) if replaced => {
                self.run_logout_and_tell(instance, phase, Reason::MultipleAccount);
                self.forget(instance, account);
                self.seat(instance).phase = Phase::Out;
            }
            Phase::Out
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Online { .. }
            | Phase::Ready { .. }
            | Phase::Leaving
            | Phase::Destroying
            | Phase::Destroyed
            | Phase::Closed => self.client_is_cut_off(instance),
        }
    }

    /// What ran on the link that is no more.
    fn client_is_cut_off(&mut self, instance: InstanceId) {
        let seat = *self.seat(instance);
        match seat.phase {
            Phase::Waiting { .. } => self.login_fails(instance, Code::OutcomeUnknown),
            Phase::Leaving | Phase::Destroying => {
                self.owe(instance);
                self.left(instance);
            }
            Phase::Online { .. } | Phase::Ready { .. } if seat.reach == Reach::Up => self.link_is_lost(instance),
            Phase::Online { .. } | Phase::Ready { .. } => self.attempt_fails(instance),
            Phase::Out | Phase::Opening { .. } | Phase::Destroyed | Phase::Closed => unreachable!("it has no link to lose"),
        }
    }

    /// LINK-7: a silent link is given up. Whether the link is no longer held.
    fn lets_go(&mut self, instance: InstanceId, how: Loss) -> bool {
        match how {
            Loss::Ended => self.seat(instance).current.owner = Owner::Gone,
            Loss::Heartbeat if self.book.holds(Rule::Link7) => self.client_closes(instance, Close::GivenUp),
            Loss::Heartbeat => return false,
        }
        true
    }

    /// LINK-1: it stays logged in, says so, and reconnects by itself.
    fn link_is_lost(&mut self, instance: InstanceId) {
        self.give_up_sends(instance);
        if self.book.holds(Rule::Link1) {
            self.seat(instance).reach = Reach::Down;
            self.tell_net(instance, NetState::Connecting);
        } else {
            self.publish(instance, Event::NotReady);
            self.seat(instance).phase = Phase::Out;
        }
    }

    /// LINK-1: a failed attempt is told once.
    fn attempt_fails(&mut self, instance: InstanceId) {
        self.seat(instance).reach = Reach::Down;
        self.tell_net(instance, NetState::Disconnected);
    }

    fn tell_net(&mut self, instance: InstanceId, net: NetState) {
        if std::mem::replace(&mut self.seat(instance).net, net) != net {
            self.publish(instance, Event::Net(net));
        }
    }

    pub(crate) fn backoff(&mut self, instance: InstanceId) {
        self.seat(instance).reach = Reach::Asking;
        self.number_a_resume(instance);
    }

    pub(crate) fn ping(&mut self, instance: InstanceId) {
        self.write_up(instance, UpFrame::Ping);
    }

    /// LINK-10: what runs too long ends, and with a login or a logout its link.
    pub(crate) fn deadline(&mut self, instance: InstanceId, call: Timed) {
        match call {
            Timed::Login if matches!(self.seat(instance).phase, Phase::Opening { .. }) => {
                self.login_fails(instance, Code::LinkDown)
            }
            Timed::Login => {
                self.client_closes(instance, Close::GivenUp);
                self.login_fails(instance, Code::OutcomeUnknown);
            }
            Timed::Logout => {
                self.owe(instance);
                self.client_closes(instance, Close::GivenUp);
                self.left(instance);
            }
            Timed::Send => self.give_up_oldest_send(instance),
        }
    }

    /// LOGOUT-4: what the server has not answered is sent on the next link.
    pub(crate) fn owe(&mut self, instance: InstanceId) {
        if self.book.holds(Rule::Logout4) {
            let seat = self.seat(instance);
            seat.debts.push(Debt { account: seat.leaves, session: seat.session, sig: seat.shown });
        }
    }

    /// LOGOUT-4: a link whose resume is not answered is given up; an opening is forgotten.
    pub(crate) fn abandon_reconnect(&mut self, instance: InstanceId) {
        if self.seat(instance).reach == Reach::Resuming {
            self.client_closes(instance, Close::GivenUp);
        }
    }

    /// LINK-5: what became of the session.
    pub(crate) fn resume_is_answered(&mut self, instance: InstanceId, answer: Resumption) {
        let seat = *self.seat(instance);
        match answer {
            Resumption::Resumed { gap } => self.goes_on(instance, &seat, gap),
            Resumption::Readmitted => self.goes_on(instance, &seat, Gap::Lost),
            Resumption::Ended(reason) => {
                if let Phase::Online { account } | Phase::Ready { account } = seat.phase {
                    self.run_logout_and_tell(instance, seat.phase, reason);
                    self.forget(instance, account);
                    self.seat(instance).phase = Phase::Out;
                }
                self.client_closes(instance, Close::Done);
            }
        }
    }

    /// LINK-1: connected, then what is missing, then the sync if it was not done (LOGIN-2).
    fn goes_on(&mut self, instance: InstanceId, seat: &Instance, gap: Gap) {
        self.tell_net(instance, NetState::Connected);
        self.seat(instance).reach = Reach::Up;
        if gap == Gap::Lost {
            self.seat(instance).learn_of_gap();
            self.publish(instance, Event::MessagesLost);
        }
        if matches!(seat.phase, Phase::Online { .. }) {
            self.write_up(instance, UpFrame::Sync);
        }
    }

    /// LINK-6: the browser has closed the link of a page that wakes, which sees it lost.
    pub(crate) fn wakes(&mut self, instance: InstanceId) {
        self.client_closes(instance, Close::PageClosed);
        self.client_is_cut_off(instance);
    }

    /// LINK-6: the page is closed: its instance is over, without a word to anybody.
    pub(crate) fn page_closes(&mut self, instance: InstanceId) {
        if self.seat(instance).current.is_held() {
            self.client_closes(instance, Close::PageClosed);
        }
        let seat = self.seat(instance);
        let Instance { current, abandoned, accepted, ledgers, going, .. } = *seat;
        let servers = Instance { current, abandoned, accepted, ledgers, going, ..Instance::default() };
        *seat = Instance { phase: Phase::Closed, ..servers };
    }
}
