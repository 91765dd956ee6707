//! The server's side of a step: what it does at each frame that arrives. Whom it lets in and whom it kicks is asked of
//! [`crate::rules`]; it cannot look into a client.

use crate::action::{AccountId, Token};
use crate::cx::{At, ServerCx};
use crate::frame::{DownFrame, Gap, Meant, Queue, Resumption, SigShown, UpFrame};
use crate::link::{Epoch, ServerEnd};
use crate::observation::{Close, Code, Reason, StateChange};
use crate::records::{Key, KickRecord, KickRecords, Label, Roster, Session};
use crate::rules;
use crate::scope::{Commits, Fault};
use crate::state::SigAge;

impl ServerCx<'_, '_> {
    pub(crate) fn server_takes(&mut self, at: At) {
        let frame = self.link(at).up.pop().expect("a frame is delivered only if there is one");
        self.load_for(at, frame);
        match self.link(at).server {
            ServerEnd::Listening => self.greet(at, frame),
            ServerEnd::Serving { account } => self.serve(at, account, frame),
            ServerEnd::Kicked { account, .. } => self.hear_the_kicked(at, account, frame),
            // The record has just said that its session is over.
            ServerEnd::Closed | ServerEnd::Superseded => {}
            ServerEnd::Absent | ServerEnd::Storing { .. } => unreachable!("nothing arrives where the server reads nothing"),
        }
    }

    pub(crate) fn roster_of(&mut self, account: AccountId) -> &mut Roster {
        &mut self.server.rosters[usize::from(account.0)]
    }

    fn records_of(&mut self, account: AccountId) -> &mut KickRecords {
        &mut self.server.records[usize::from(account.0)]
    }

    /// LINK-9: owed logouts, then one login or one resume.
    fn greet(&mut self, at: At, frame: UpFrame) {
        let (sig, epoch) = (self.link(at).sig, self.link(at).epoch);
        match frame {
            UpFrame::Logout { of: Meant::Owed { account, session, sig } } => self.settle_debt(at, account, session, sig),
            UpFrame::Login { account, credential } => {
                let shown = rules::judged_as(credential, sig);
                match self.rules.refusal(shown) {
                    Some(code) => self.refuse(at, account, code),
                    None if self.rules.is_void(epoch) => self.server_closes(at, Close::Superseded),
                    None => self.find_a_place(at, account),
                }
            }
            UpFrame::Resume { .. } if self.rules.is_void(epoch) => self.server_closes(at, Close::Superseded),
            UpFrame::Resume { account } => self.resume(at, account, sig),
            UpFrame::Logout { of: Meant::Own }
            | UpFrame::Sync
            | UpFrame::Send { .. }
            | UpFrame::MessageAck { .. }
            | UpFrame::KickAck
            | UpFrame::Ping
            | UpFrame::Pong => unreachable!("no instance writes {frame:?} before its login"),
        }
    }

    /// KICK-12: a login that finds a place, or makes room for itself, is on its way to the record.
    pub(crate) fn find_a_place(&mut self, at: At, account: AccountId) {
        let session = self.session_at(at);
        let (roster, setting) = (self.server.roster(account), self.server.in_force);
        if self.rules.finds_no_place(self.scope, setting, roster, session) {
            return self.refuse(at, account, Code::NoPlace);
        }
        match self.scope.commits {
            Commits::UnderWay => self.send_commit(at, account),
            Commits::AtOnce => self.admit(at, account),
        }
    }

    /// The registry commit of a login: the session recorded, its victims dropped, everyone concerned written to.
    pub(crate) fn admit(&mut self, at: At, account: AccountId) {
        let session = self.session_at(at);
        let gap = self.drop_earlier_session_of_key(account, session);
        self.record_session(at, account, session, gap);
        self.write_down(at, DownFrame::LoginAnswer { refused: None, gap });
        let victims = self.kick_for(session, account);
        self.call_back_a_login(account, session, &victims);
    }

    /// LOGIN-9: the key's earlier session goes without a word, and its link with it. Whether something that it was owed is lost.
    fn drop_earlier_session_of_key(&mut self, account: AccountId, session: Session) -> Gap {
        let Some(earlier) = self.server.roster(account).of_key(session) else { return Gap::None };
        if !self.rules.login_replaces_its_key() {
            self.kick(earlier, account, Reason::MultipleAccount);
            return Gap::None;
        }
        let known = self.knows_what_it_owes(account, earlier);
        let loss = if known { self.record(earlier.seat).ledger_of(earlier).loss() } else { Gap::Lost };
        self.close_link_of(account, earlier);
        self.roster_of(account).drop_key(earlier);
        loss
    }

    fn record_session(&mut self, at: At, account: AccountId, session: Session, gap: Gap) {
        self.roster_of(account).admit(session);
        self.records_of(account).retain(|record| !record.session.has_key_of(session));
        self.serves_from_now(at, account, session);
        if session.key != Key::Former {
            self.record(at.instance).open_ledger(account, session, gap);
        }
        self.raise_epoch(at, account);
    }

    fn serves_from_now(&mut self, at: At, account: AccountId, session: Session) {
        let link = self.link(at);
        (link.server, link.epoch) = (ServerEnd::Serving { account }, Epoch::Newest);
        self.is_linked(session);
    }

    /// The link that a session is online on is closed: a newer one has taken its place.
    fn close_link_of(&mut self, account: AccountId, session: Session) {
        if let Some(slot) = self.slot_of(account, session) {
            self.server_closes(At { instance: session.seat, slot }, Close::Superseded);
        }
    }

    fn kick_for(&mut self, newcomer: Session, account: AccountId) -> Vec<Session> {
        let (roster, setting) = (self.server.roster(account), self.server.in_force);
        let victims = self.rules.victims(self.scope, setting, roster, newcomer);
        victims.iter().for_each(|(victim, reason)| self.kick(*victim, account, *reason));
        victims.into_iter().map(|(victim, _)| victim).collect()
    }

    /// LOGIN-7: a refused login kicks nobody and takes no place.
    fn refuse(&mut self, at: At, account: AccountId, code: Code) {
        if !self.rules.refusal_touches_nobody() {
            let session = self.session_at(at);
            self.roster_of(account).admit(session);
            self.kick_for(session, account);
            self.roster_of(account).drop_key(session);
        }
        self.write_down(at, DownFrame::LoginAnswer { refused: Some(code), gap: Gap::None });
        self.close_behind_last_answer(at);
    }

    /// The session goes, its kick is put on record, and it is told where its link is up.
    pub(crate) fn kick(&mut self, victim: Session, account: AccountId, reason: Reason) {
        let slot = self.slot_of(account, victim);
        self.roster_of(account).drop_key(victim);
        self.publish(account);
        if self.rules.kick_is_recorded() {
            self.records_of(account).insert(KickRecord { session: victim, reason });
        }
        if let Some(slot) = slot {
            self.tell_of_kick(At { instance: victim.seat, slot }, account, reason);
        }
    }

    pub(crate) fn tell_of_kick(&mut self, at: At, account: AccountId, reason: Reason) {
        self.link(at).server = ServerEnd::Kicked { account, reason };
        self.write_down(at, DownFrame::Notice { reason });
    }

    /// LINK-5: one commit decides what becomes of the session of a lost link.
    fn resume(&mut self, at: At, account: AccountId, sig: SigAge) {
        let session = self.session_at(at);
        let kicked = self.server.kick_records(account).iter().find(|record| record.session == session);
        if let Some(KickRecord { reason, .. }) = kicked {
            self.tell_of_kick(at, account, reason);
        } else if self.rules.resumes(self.server.roster(account), session) {
            self.go_on(at, account, session);
        } else if self.server.roster(account).of_key(session).is_some_and(|other| other != session) {
            self.server_closes(at, Close::Superseded);
        } else {
            self.readmit(at, account, sig);
        }
    }

    /// LINK-2: the same session in the same place; MSG-2: what it has not received is sent again, in order, a gap included.
    fn go_on(&mut self, at: At, account: AccountId, session: Session) {
        if !self.knows_what_it_owes(account, session) {
            self.record(at.instance).open_ledger(account, session, Gap::Lost);
        }
        self.close_link_of(account, session);
        self.serves_from_now(at, account, session);
        self.raise_epoch(at, account);
        let gap = self.settle_ledger(session);
        self.write_down(at, DownFrame::ResumeAnswer { answer: Resumption::Resumed { gap } });
        self.call_back_a_resume(account, session);
        let owed = self.record(at.instance).ledger_of(session).messages;
        owed.iter().for_each(|message| self.write_down(at, message));
    }

    /// LINK-5: a session that was dropped without a kick comes back only where it needs no victim.
    fn readmit(&mut self, at: At, account: AccountId, sig: SigAge) {
        let session = self.session_at(at);
        let (roster, setting) = (self.server.roster(account), self.server.in_force);
        match self.rules.bar_to_readmission(self.scope, setting, roster, session, sig) {
            Some(answer) => {
                self.raise_epoch(at, account);
                self.write_down(at, DownFrame::ResumeAnswer { answer });
                self.close_behind_last_answer(at);
            }
            None => {
                self.record_session(at, account, session, Gap::Lost);
                self.write_down(at, DownFrame::ResumeAnswer { answer: Resumption::Readmitted });
                self.call_back_a_resume(account, session);
            }
        }
    }

    /// LOGOUT-4: an owed logout is always answered; a session or a kick record under that secret goes, and, where the UserSig is
    /// rightly signed and no other session has the key, older links with it.
    fn settle_debt(&mut self, at: At, account: AccountId, label: Label, sig: SigShown) {
        let session = Session { label, ..self.session_at(at) };
        if self.server.roster(account).has(session) {
            self.close_link_of(account, session);
            self.roster_of(account).drop_key(session);
            self.publish(account);
            self.call_back(account, session, StateChange::Unregister, &[]);
        }
        self.forget_record(account, session);
        if sig == SigShown::Right && self.server.roster(account).of_key(session).is_none() {
            self.raise_epoch_below(at, account);
        }
        self.write_down(at, DownFrame::LogoutAnswer);
    }

    fn serve(&mut self, at: At, account: AccountId, frame: UpFrame) {
        self.hear_a_sign(at, frame);
        match frame {
            UpFrame::Sync => self.answer_sync(at, account),
            UpFrame::Logout { .. } => self.end_session(at, account),
            UpFrame::Send { .. } => self.pass_on(at, account, frame),
            UpFrame::Ping => self.write_down(at, DownFrame::Pong),
            UpFrame::Pong => {}
            UpFrame::MessageAck { .. } => self.hear_of_a_message(at),
            UpFrame::Login { .. } | UpFrame::Resume { .. } | UpFrame::KickAck => {
                unreachable!("no instance writes {frame:?} on the link of its session")
            }
        }
    }

    fn answer_sync(&mut self, at: At, account: AccountId) {
        if !self.rules.sync_kicks_nobody() {
            let others: Vec<_> = self.server.roster(account).sessions().filter(|online| online.seat != at.instance).collect();
            others.into_iter().for_each(|other| self.kick(other, account, Reason::MultipleAccount));
        }
        (0..self.rules.answers_to_a_sync()).for_each(|_| self.write_down(at, DownFrame::SyncAnswer));
    }

    fn end_session(&mut self, at: At, account: AccountId) {
        let session = self.session_at(at);
        self.roster_of(account).drop_key(session);
        self.publish(account);
        self.call_back(account, session, StateChange::Unregister, &[]);
        self.write_down(at, DownFrame::LogoutAnswer);
        self.close_behind_last_answer(at);
    }

    /// LINK-9: nothing is read any more once the last answer is written.
    fn close_behind_last_answer(&mut self, at: At) {
        let link = self.link(at);
        link.server = ServerEnd::Closed;
        link.up = Queue::EMPTY;
        if self.rules.last_answer_closes() {
            self.note_close(at, Close::Done);
        }
    }

    /// MSG-1: to every session of the recipient and every other one of the sender; then the sender is told.
    fn pass_on(&mut self, at: At, from: AccountId, frame: UpFrame) {
        let UpFrame::Send { token, to } = frame else { return };
        let sender = self.session_at(at);
        if self.is_a_repeat(at, from, token) && self.rules.repeat_is_only_answered() {
            return self.write_down(at, DownFrame::SendAnswer { token });
        }
        let receivers = self.rules.receivers(from, to);
        let message = DownFrame::Message { token, from, to };
        for receiver in self.scope.instances() {
            for account in receivers.clone() {
                let online: Vec<_> = self.server.roster(account).sessions().filter(|online| online.seat == receiver).collect();
                online.into_iter().filter(|online| *online != sender).for_each(|online| self.deliver(account, online, message));
            }
        }
        self.write_down(at, DownFrame::SendAnswer { token });
    }

    /// MSG-3: an id is stored in the commit that accepts its message; a repeat by the same account gets the first answer. Whether it was
    /// there.
    fn is_a_repeat(&mut self, at: At, from: AccountId, token: Token) -> bool {
        if !self.scope.has(Fault::Resends) {
            return false;
        }
        let record = self.record(at.instance);
        let known = record.has_sent(from, token);
        record.accepted[usize::from(from.0)] |= 1 << token.0;
        known
    }

    /// KICK-6: from a session that was dropped nothing counts but the acknowledgement of the notice.
    fn hear_the_kicked(&mut self, at: At, account: AccountId, frame: UpFrame) {
        match frame {
            UpFrame::KickAck => {
                self.forget_kick(at, account);
                self.server_closes(at, Close::Done);
            }
            UpFrame::Sync if !self.rules.kicked_is_not_heard() => self.write_down(at, DownFrame::SyncAnswer),
            UpFrame::Sync
            | UpFrame::Logout { .. }
            | UpFrame::Send { .. }
            | UpFrame::MessageAck { .. }
            | UpFrame::Ping
            | UpFrame::Pong => {}
            UpFrame::Login { .. } | UpFrame::Resume { .. } => {
                unreachable!("no instance writes {frame:?} on the link of a kicked session")
            }
        }
    }

    /// KICK-8, LINK-5: the instance knows of its kick; none of its older links brings the session back.
    fn forget_kick(&mut self, at: At, account: AccountId) {
        let session = self.session_at(at);
        if self.forget_record(account, session) {
            self.raise_epoch(at, account);
        }
    }

    /// Whether there was one.
    fn forget_record(&mut self, account: AccountId, session: Session) -> bool {
        let was_there = self.server.kick_records(account).iter().any(|record| record.session == session);
        if was_there {
            self.records_of(account).retain(|record| record.session != session);
            self.publish(account);
        }
        was_there
    }

    /// The server closes its end, which reads nothing from then on.
    pub(crate) fn server_closes(&mut self, at: At, close: Close) {
        self.link(at).server = match close {
            Close::Superseded => ServerEnd::Superseded,
            Close::Done | Close::PageClosed | Close::OutOfPlace | Close::GivenUp => ServerEnd::Closed,
        };
        self.note_close(at, close);
    }
}
