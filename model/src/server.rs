//! The server's side of a step: what it does at each frame that arrives. Whom it lets in and whom it kicks is asked of
//! [`crate::rules`]; it never looks into an instance.

use crate::action::{AccountId, InstanceId, Slot};
use crate::frame::{Frame, Queue};
use crate::observation::{Code, End, Reason};
use crate::rule::Rule;
use crate::rules;
use crate::state::{Link, Owner, Roster, ServerEnd, SigAge, Standing};
use crate::step::Stage;

impl Stage<'_> {
    pub(crate) fn server_takes(&mut self, instance: InstanceId, slot: Slot) {
        let link = self.link(instance, slot);
        let frame = link.up.pop().expect("a frame is delivered only if there is one");
        match link.server {
            ServerEnd::Listening => self.greet(instance, frame),
            ServerEnd::Serving { account } => self.serve(instance, account, frame),
            ServerEnd::Kicked { .. } => self.hear_the_kicked(instance, slot, frame),
            ServerEnd::Absent | ServerEnd::Closed => unreachable!("nothing travels on a link without a server's end"),
        }
    }

    fn link(&mut self, instance: InstanceId, slot: Slot) -> &mut Link {
        match slot {
            Slot::Current => &mut self.seat(instance).current,
            Slot::Abandoned => &mut self.seat(instance).abandoned,
        }
    }

    fn roster_of(&mut self, account: AccountId) -> &mut Roster {
        &mut self.state.rosters[usize::from(account.0)]
    }

    /// LINK-9: the first frame of a link is a login.
    fn greet(&mut self, instance: InstanceId, frame: Frame) {
        if let Frame::Login { account, credential } = frame {
            let shown = rules::judged_as(credential, self.seat(instance).sig);
            match rules::refusal(&mut self.book, shown) {
                None => self.admit(instance, account),
                Some(code) => self.refuse(instance, account, code),
            }
        }
    }

    /// The registry commit of a login: the session recorded, its victims dropped, everyone concerned written to.
    fn admit(&mut self, instance: InstanceId, account: AccountId) {
        self.roster_of(account).admit(instance);
        self.seat(instance).current.server = ServerEnd::Serving { account };
        self.clear_own_kick_record(instance, account);
        self.write_down(instance, Frame::LoginAnswer { refused: None });
        self.kick_for(instance, account);
    }

    fn kick_for(&mut self, newcomer: InstanceId, account: AccountId) {
        let roster = self.state.roster(account);
        for (victim, reason) in rules::victims(&mut self.book, self.scope, roster, newcomer) {
            self.kick(victim, account, reason);
        }
    }

    /// LOGIN-7: a refused login kicks nobody and takes no place.
    fn refuse(&mut self, instance: InstanceId, account: AccountId, code: Code) {
        if !self.book.holds(Rule::Login7) {
            self.roster_of(account).admit(instance);
            self.kick_for(instance, account);
            self.roster_of(account).drop_session(instance);
        }
        self.write_down(instance, Frame::LoginAnswer { refused: Some(code) });
        self.close_behind_last_answer(instance);
    }

    /// KICK-8: the instance is admitted anew to the account, so it need not be told of the kick before.
    fn clear_own_kick_record(&mut self, instance: InstanceId, admitted_to: AccountId) {
        let link = &mut self.seat(instance).abandoned;
        if let (Owner::Gone, ServerEnd::Kicked { account, reason, .. }) = (link.owner, link.server)
            && account == admitted_to
        {
            link.server = ServerEnd::Kicked { account, reason, record: Standing::Gone };
        }
    }

    fn kick(&mut self, victim: InstanceId, account: AccountId, reason: Reason) {
        self.roster_of(account).drop_session(victim);
        let record = self.book.choose(Rule::Kick8, Standing::Stands, Standing::Gone);
        self.seat(victim).current.server = ServerEnd::Kicked { account, reason, record };
        self.write_down(victim, Frame::Notice { reason });
    }

    /// REST-1: every session of the account is kicked, oldest login first; the UserSigs issued so far are good no more.
    pub(crate) fn rest_kick(&mut self, account: AccountId) {
        for seat in &mut self.state.instances {
            if seat.login_under_way() == Some(account) {
                seat.sig = SigAge::Revoked;
            }
        }
        if self.book.holds(Rule::Rest1) {
            let online: Vec<_> = self.state.roster(account).iter().collect();
            online.into_iter().for_each(|victim| self.kick(victim, account, Reason::RestApi));
        }
    }

    fn serve(&mut self, instance: InstanceId, account: AccountId, frame: Frame) {
        match frame {
            Frame::Sync => self.answer_sync(instance, account),
            Frame::Logout => self.end_session(instance, account),
            Frame::Send { .. } => self.pass_on(instance, account, frame),
            Frame::MessageAck { .. } => {}
            Frame::Login { .. }
            | Frame::KickAck
            | Frame::LoginAnswer { .. }
            | Frame::SyncAnswer
            | Frame::LogoutAnswer
            | Frame::SendAnswer { .. }
            | Frame::Message { .. }
            | Frame::Notice { .. } => unreachable!("no instance writes {frame:?} on the link of its session"),
        }
    }

    fn answer_sync(&mut self, instance: InstanceId, account: AccountId) {
        if !self.book.holds(Rule::Kick10) {
            let others: Vec<_> = self.state.roster(account).iter().filter(|online| *online != instance).collect();
            others.into_iter().for_each(|other| self.kick(other, account, Reason::MultipleAccount));
        }
        self.write_down(instance, Frame::SyncAnswer);
        if !self.book.holds(Rule::Link10) {
            self.write_down(instance, Frame::SyncAnswer);
        }
    }

    fn end_session(&mut self, instance: InstanceId, account: AccountId) {
        self.roster_of(account).drop_session(instance);
        self.write_down(instance, Frame::LogoutAnswer);
        self.close_behind_last_answer(instance);
    }

    /// LINK-9: nothing is read any more once the last answer is written.
    fn close_behind_last_answer(&mut self, instance: InstanceId) {
        let link = &mut self.seat(instance).current;
        link.server = ServerEnd::Closed;
        link.up = Queue::EMPTY;
        if self.book.holds(Rule::Link9) {
            self.close(instance, End::Server);
        }
    }

    /// MSG-1: to every session of the recipient and every other one of the sender; then the sender is told.
    fn pass_on(&mut self, sender: InstanceId, from: AccountId, frame: Frame) {
        let Frame::Send { token, to } = frame else { return };
        let own_too = self.book.holds(Rule::Msg1);
        for receiver in self.scope.instances().filter(|receiver| *receiver != sender) {
            let recipients = self.state.roster(to).contains(receiver) && (own_too || to != from);
            if recipients || (own_too && self.state.roster(from).contains(receiver)) {
                self.write_down(receiver, Frame::Message { token, from, to });
            }
        }
        self.write_down(sender, Frame::SendAnswer { token });
    }

    /// KICK-6: from a session that was dropped nothing counts but the acknowledgement of the notice.
    fn hear_the_kicked(&mut self, instance: InstanceId, slot: Slot, frame: Frame) {
        match frame {
            Frame::KickAck => {
                *self.link(instance, slot) = Link::NONE;
                self.close(instance, End::Server);
            }
            Frame::Sync if !self.book.holds(Rule::Kick6) => self.write_down(instance, Frame::SyncAnswer),
            Frame::Sync | Frame::Logout | Frame::Send { .. } | Frame::MessageAck { .. } => {}
            Frame::Login { .. }
            | Frame::LoginAnswer { .. }
            | Frame::SyncAnswer
            | Frame::LogoutAnswer
            | Frame::SendAnswer { .. }
            | Frame::Message { .. }
            | Frame::Notice { .. } => unreachable!("no instance writes {frame:?} on the link of a kicked session"),
        }
    }
}
