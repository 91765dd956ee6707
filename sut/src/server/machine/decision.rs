//! What follows once a record stands as decided: what of it is stored, told to the app's backend, and written down. Who is told what
//! stands in [`super::aftermath`].

use super::job::Cause;
use super::outbox::Message;
use super::{Change, Occasion, RequestId};
use crate::admission::{self, Kicked, Repayment};
use crate::callback::Callback;
use crate::session::{Epoch, KeyDigest, KickReason, Record, Session, SessionDigest};
use crate::timers::UnixMillis;

/// The record that is stored, if it changes, and what follows then.
pub(super) type Decision = (Option<Record>, Aftermath);

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
        reason: KickReason,
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
    /// It is too early to forget that instance's epoch.
    EpochKept(KeyDigest),
}

impl Aftermath {
    /// HOOK-1: what the commit before it tells the app's backend.
    pub(super) fn callbacks(&self, now: UnixMillis) -> Vec<Callback> {
        use admission::Change;
        let change = match self {
            Aftermath::Admitted { session: newcomer, kicked, replaced: _ } => Some(Change::Admitted { newcomer, kicked }),
            Aftermath::Resumed { session, last_seq: _ } => Some(Change::Resumed(session)),
            Aftermath::Readmitted { session, last_seq: _, kicked: _ } => Some(Change::Readmitted(session)),
            Aftermath::LoggedOut(_, ended) => ended.as_ref().map(Change::LoggedOut),
            Aftermath::Repaid { repayment, .. } => repayment.ended.as_ref().map(Change::LoggedOut),
            Aftermath::Dropped(session, Cause::Lapsed) => Some(Change::Lapsed(session)),
            Aftermath::Dropped(session, Cause::Overflowed) => Some(Change::Overflowed(session)),
            Aftermath::Kicked(kicked) | Aftermath::AllKicked(_, kicked, _) => Some(Change::Kicked(kicked)),
            Aftermath::Told { .. }
            | Aftermath::Gone(_)
            | Aftermath::KickForgotten(..)
            | Aftermath::Accepted(..)
            | Aftermath::Pruned
            | Aftermath::EpochKept(_) => None,
        };
        change.map(|change| admission::callbacks(now, change)).unwrap_or_default()
    }

    /// What the commit before it was for; `Gone` and `EpochKept` have none.
    const fn occasion(&self) -> Occasion {
        match self {
            Aftermath::Admitted { .. } => Occasion::Login,
            Aftermath::Resumed { .. } => Occasion::Resume,
            Aftermath::Readmitted { .. } => Occasion::Readmission,
            Aftermath::LoggedOut(..) => Occasion::Logout,
            Aftermath::Told { .. } => Occasion::Telling,
            Aftermath::Repaid { .. } => Occasion::OwedLogout,
            Aftermath::Dropped(_, Cause::Overflowed) => Occasion::Overflow,
            Aftermath::Dropped(_, Cause::Lapsed) | Aftermath::Gone(_) => Occasion::Lapse,
            Aftermath::Kicked(_) => Occasion::Expiry,
            Aftermath::AllKicked(..) => Occasion::RestKick,
            Aftermath::KickForgotten(..) => Occasion::KickAck,
            Aftermath::Accepted(..) => Occasion::Message,
            Aftermath::Pruned | Aftermath::EpochKept(_) => Occasion::Pruning,
        }
    }

    /// What the commit before it, decided then, did to the account's sessions.
    pub(super) fn change(&self, at: UnixMillis) -> Change {
        let (mut admitted, mut resumed, mut kicked, mut dropped) = (None, None, Vec::new(), None);
        match self {
            Aftermath::Admitted { session, kicked: victims, replaced } => {
                (admitted, kicked, dropped) = (Some(session.clone()), victims.clone(), replaced.clone());
            }
            Aftermath::Readmitted { session, last_seq: _, kicked: victims } => {
                (admitted, kicked) = (Some(session.clone()), victims.clone());
            }
            Aftermath::Resumed { session, last_seq: _ } => resumed = Some(session.clone()),
            Aftermath::LoggedOut(_, ended) => dropped.clone_from(ended),
            Aftermath::Repaid { repayment, .. } => dropped.clone_from(&repayment.ended),
            Aftermath::Dropped(session, _) => dropped = Some(session.clone()),
            Aftermath::Kicked(victims) | Aftermath::AllKicked(_, victims, _) => kicked.clone_from(victims),
            Aftermath::Told { .. }
            | Aftermath::Gone(_)
            | Aftermath::KickForgotten(..)
            | Aftermath::Accepted(..)
            | Aftermath::Pruned
            | Aftermath::EpochKept(_) => {}
        }
        Change { at, occasion: self.occasion(), admitted, resumed, kicked, dropped }
    }
}
