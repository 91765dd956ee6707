//! What follows once a record stands as decided, and what the commit before it did. Who is told what stands in [`super::aftermath`].

use super::RequestId;
use super::job::Cause;
use super::unacknowledged::Message;
use crate::admission::{Change, Kicked, Occasion, Repayment, highest};
use crate::code::Refusal;
use crate::protocol::ResumeOutcome;
use crate::session::{Epoch, KeyDigest, KickReason, Platform, Record, Session, SessionDigest};
use crate::timers::UnixMillis;

/// What comes of a job. To decide does nothing yet.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// The record is to be stored, and what follows then.
    Store(Record, Aftermath),
    /// The record stands as it should already, and the same follows.
    Stands(Aftermath),
    /// It stays as it is, and whoever asked is told this.
    Answer(Answer),
}

impl Decision {
    /// The record is to be stored, if there is another one.
    pub(super) fn of(changed: Option<Record>, aftermath: Aftermath) -> Decision {
        match changed {
            Some(record) => Decision::Store(record, aftermath),
            None => Decision::Stands(aftermath),
        }
    }
}

/// What follows where nothing is stored: to a link, but for the sessions that are decided anew.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    LoginRefused(Session, Refusal),
    ResumeRefused(Session, Refusal),
    /// The kick of the session that is to go on is on record (KICK-8).
    Kicked(Session, KickReason),
    /// The highest epoch on record is that of a newer link (LINK-3).
    Superseded(Epoch),
    /// The highest epoch on record is that of another session of the instance (LINK-11).
    AnotherSession(Epoch),
    /// Which platforms are online (LOGIN-2).
    Synced(Session, Vec<Platform>),
    /// The message is not a new one, or is refused.
    NotAccepted(Session, Message, Option<Refusal>),
    /// The session is on record behind another primary too (NODE-5).
    Stays(Session),
    /// It is lost with an earlier primary, and cannot be in anew.
    Lost(Session),
    Nothing,
}

/// What follows once the record stands as decided.
#[derive(Clone, Debug)]
pub(super) enum Aftermath {
    Admitted {
        session: Session,
        kicked: Vec<Kicked>,
        replaced: Option<Session>,
    },
    Resumed {
        session: Session,
        last_seq: u64,
    },
    Readmitted {
        session: Session,
        last_seq: u64,
        kicked: Vec<Kicked>,
    },
    /// The session that asked; and as it stood on record, if it did.
    LoggedOut(Session, Option<Session>),
    /// It is out; what it was told, and that its epoch is the highest.
    Told {
        session: Session,
        outcome: ResumeOutcome,
    },
    /// What was owed, and what came of it.
    Repaid {
        key: KeyDigest,
        digest: SessionDigest,
        epoch: Epoch,
        repayment: Repayment,
    },
    Dropped(Session, Cause),
    /// It was not on record any more.
    Gone(Session),
    Kicked(Vec<Kicked>),
    /// All of the account, for an administrator; and the first second from which UserSigs are let in.
    AllKicked(RequestId, Vec<Kicked>, u64),
    /// Of that session; and whether its link's epoch is the highest since.
    KickForgotten(Session, Option<Epoch>),
    Accepted(Session, Message),
    Pruned,
    /// A session with a link is on record again.
    Reconciled(Change),
    /// It is too early to forget that instance's epoch.
    EpochKept(KeyDigest),
}

impl Aftermath {
    /// Whether a record shows that the commit before it was made.
    pub(super) fn shows_in(&self, record: &Record) -> bool {
        let is_on_record =
            |of: &Session| record.sessions.iter().any(|session| (session.key, session.digest) == (of.key, of.digest));
        let has_kick = |of: &Session| record.kicks.iter().any(|kick| (kick.key, kick.digest) == (of.key, of.digest));
        let reached = |key, epoch| highest(record, key) >= epoch;
        match self {
            Aftermath::Admitted { session, .. }
            | Aftermath::Resumed { session, .. }
            | Aftermath::Readmitted { session, .. }
            | Aftermath::Told { session, .. } => reached(session.key, session.epoch),
            Aftermath::LoggedOut(session, _) => !is_on_record(session) && !has_kick(session),
            Aftermath::Repaid { key, repayment, .. } => {
                !repayment.ended.as_ref().is_some_and(is_on_record) && repayment.supersedes.is_none_or(|epoch| reached(*key, epoch))
            }
            Aftermath::Dropped(session, _) => !record.sessions.contains(session),
            Aftermath::Kicked(kicked) => !kicked.iter().any(|victim| is_on_record(&victim.session)),
            Aftermath::AllKicked(_, kicked, user_sig_from_s) => {
                let is_revoked = record.rest_kick_s.is_some_and(|second| second.saturating_add(1) >= *user_sig_from_s);
                is_revoked && !kicked.iter().any(|victim| is_on_record(&victim.session))
            }
            Aftermath::KickForgotten(session, _) => !has_kick(session),
            Aftermath::Accepted(session, message) => {
                record.accepted.get(&session.key).is_some_and(|sent| sent.iter().any(|accepted| accepted.id == message.id))
            }
            Aftermath::Reconciled(Change { admitted, resumed, .. }) => {
                admitted.iter().chain(resumed).all(|session| reached(session.key, session.epoch))
            }
            Aftermath::Gone(_) | Aftermath::Pruned | Aftermath::EpochKept(_) => true,
        }
    }

    /// Whether a record shows it alike if another node did as much.
    pub(super) const fn may_be_anothers(&self) -> bool {
        match self {
            Aftermath::LoggedOut(..)
            | Aftermath::Dropped(..)
            | Aftermath::Gone(_)
            | Aftermath::Kicked(_)
            | Aftermath::KickForgotten(..)
            | Aftermath::Pruned
            | Aftermath::EpochKept(_) => true,
            Aftermath::Admitted { .. }
            | Aftermath::Resumed { .. }
            | Aftermath::Readmitted { .. }
            | Aftermath::Told { .. }
            | Aftermath::Repaid { .. }
            | Aftermath::AllKicked(..)
            | Aftermath::Accepted(..)
            | Aftermath::Reconciled(_) => false,
        }
    }

    /// What the commit before it, decided then, did to the account's sessions; `Gone` and `EpochKept` have none.
    pub(super) fn change(&self, at: UnixMillis) -> Change {
        let of = |occasion| Change::of(occasion, at);
        match self {
            Aftermath::Admitted { session, kicked, replaced } => {
                Change { admitted: Some(session.clone()), kicked: kicked.clone(), dropped: replaced.clone(), ..of(Occasion::Login) }
            }
            Aftermath::Readmitted { session, last_seq: _, kicked } => {
                Change { admitted: Some(session.clone()), kicked: kicked.clone(), ..of(Occasion::Readmission) }
            }
            Aftermath::Resumed { session, last_seq: _ } => Change { resumed: Some(session.clone()), ..of(Occasion::Resume) },
            Aftermath::LoggedOut(_, ended) => Change { dropped: ended.clone(), ..of(Occasion::Logout) },
            Aftermath::Repaid { repayment, .. } => Change { dropped: repayment.ended.clone(), ..of(Occasion::OwedLogout) },
            Aftermath::Dropped(session, Cause::Lapsed) => Change { dropped: Some(session.clone()), ..of(Occasion::Lapse) },
            Aftermath::Dropped(session, Cause::Overflowed) => Change { dropped: Some(session.clone()), ..of(Occasion::Overflow) },
            Aftermath::Kicked(kicked) => Change { kicked: kicked.clone(), ..of(Occasion::Expiry) },
            Aftermath::AllKicked(_, kicked, _) => Change { kicked: kicked.clone(), ..of(Occasion::RestKick) },
            Aftermath::Told { .. } => of(Occasion::Telling),
            Aftermath::Gone(_) => of(Occasion::Lapse),
            Aftermath::KickForgotten(..) => of(Occasion::KickAck),
            Aftermath::Accepted(..) => of(Occasion::Message),
            Aftermath::Pruned | Aftermath::EpochKept(_) => of(Occasion::Pruning),
            Aftermath::Reconciled(change) => change.clone(),
        }
    }
}
