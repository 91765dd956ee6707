//! What becomes of a session that is to go on over a new link: one decision, LINK-5. Pure, as the rest of the rules; it never kicks
//! anybody (KICK-10).

use super::{Admission, Kicked, Login, admit, epochs, judge, judge_on_record};
use crate::code::{Code, Refusal};
use crate::config::App;
use crate::planted::{self, Planted};
use crate::session::{Epoch, KickReason, KickRecord, Record, Session};
use crate::timers::UnixMillis;

/// What became of a resume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// The session goes on over the new link, once this record is committed: same place, same order (LINK-2).
    Resumed {
        /// The record from then on.
        record: Record,
        /// The session as it stands there.
        session: Session,
    },
    /// The session was kicked; the notice answers, and nothing changes (KICK-8).
    Kicked(KickReason),
    /// The session had been dropped without a kick. It is in anew, as the newest, once this record is committed.
    Readmitted {
        /// The record from then on.
        record: Record,
        /// The session as it stands there.
        session: Session,
        /// Nobody: a readmission that would need a victim is none.
        kicked: Vec<Kicked>,
    },
    /// The session had been dropped without a kick, and cannot be in anew for what would be this reason's kick. Its UserSig is the
    /// account's, and its client is out: what is still under way on older links comes too late once this record is committed (LINK-3).
    Told {
        /// The record from then on.
        record: Record,
        /// Why.
        reason: KickReason,
    },
    /// The same where newcomers are refused, with what a login would be (KICK-12).
    TurnedAway {
        /// The record from then on.
        record: Record,
        /// Why.
        refusal: Refusal,
    },
    /// The same for a UserSig that is refused otherwise. Nothing changes.
    Refused(Refusal),
    /// It came on a link that a newer one overtook: the link is closed and nothing changes (LINK-3).
    Superseded {
        /// The highest epoch on record.
        highest: Epoch,
    },
    /// Another session stands under its key: the link is closed and nothing changes (LINK-11).
    AnotherSession {
        /// The highest epoch on record.
        highest: Epoch,
    },
}

/// Decides a resume, which names what a login names (LINK-5).
pub fn resume(app: &App, record: Record, login: Login, now: UnixMillis) -> Resumption {
    let Session { key, digest, epoch, .. } = login.session;
    let highest = epochs::highest(&record, key);
    if !epochs::is_newer(&record, key, epoch) {
        return Resumption::Superseded { highest };
    }
    if planted::is(Planted::Link2ResumeLogsIn) {
        return readmitted(app, record, login.session, now);
    }
    let meant = |kick: &&KickRecord| kick.key == key && kick.digest == digest;
    if let Some(kick) = record.kicks.iter().find(meant) {
        return Resumption::Kicked(kick.reason);
    }
    match record.sessions.iter().find(|session| session.key == key).map(|session| session.digest) {
        Some(on_record) if on_record == digest && planted::is(Planted::Sig1ResumeJudges) && judge(app, &login, now).is_err() => {
            told(record, &login.session, KickReason::UserSigExpired, now)
        }
        Some(on_record) if on_record == digest => resumed(record, &login.session, now),
        Some(_) => Resumption::AnotherSession { highest },
        None => readmit(app, record, login, now),
    }
}

/// LINK-2: nothing changes but the link that carries it.
pub(super) fn resumed(mut record: Record, resuming: &Session, now: UnixMillis) -> Resumption {
    epochs::set(&mut record, resuming.key, resuming.epoch, now);
    let on_record = record.sessions.iter_mut().find(|session| session.key == resuming.key);
    let session = on_record.expect("it is on record");
    (session.epoch, session.node) = (resuming.epoch, resuming.node);
    Resumption::Resumed { session: session.clone(), record }
}

/// The UserSig is judged as at a login, and a place must be free.
fn readmit(app: &App, record: Record, mut login: Login, now: UnixMillis) -> Resumption {
    let judged = judge(app, &login, now).and_then(|user_sig| judge_on_record(&record, &user_sig).map(|()| user_sig));
    match judged {
        Ok(user_sig) => login.session.logs_in_with(&user_sig),
        Err(why) if why.code == Code::SigExpired => return told(record, &login.session, KickReason::UserSigExpired, now),
        Err(why) if why.code == Code::SigRevoked => return told(record, &login.session, KickReason::RestApi, now),
        Err(why) => return Resumption::Refused(why),
    }
    let readmission = readmitted(app, record.clone(), login.session.clone(), now);
    if let Resumption::Refused(refusal) = readmission {
        return Resumption::TurnedAway { record: out(record, &login.session, now), refusal };
    }
    if let Resumption::Readmitted { kicked, .. } = &readmission
        && !kicked.is_empty()
        && !planted::is(Planted::Kick10ReadmissionKicks)
    {
        return told(record, &login.session, reason_of_all(kicked), now);
    }
    readmission
}

fn told(record: Record, session: &Session, reason: KickReason, now: UnixMillis) -> Resumption {
    Resumption::Told { record: out(record, session, now), reason }
}

/// LINK-3: it is out, and nothing of it comes later.
fn out(mut record: Record, session: &Session, now: UnixMillis) -> Record {
    epochs::raise(&mut record, session.key, session.epoch, now);
    record
}

/// The same as a login's admission; whether it may kick is not asked here.
fn readmitted(app: &App, record: Record, session: Session, now: UnixMillis) -> Resumption {
    match admit(app, record, session.clone(), now) {
        Admission::Admitted { record, kicked, replaced: _ } => Resumption::Readmitted { record, session, kicked },
        Admission::Refused(refusal) => Resumption::Refused(refusal),
        Admission::Superseded { highest } => Resumption::Superseded { highest },
    }
}

/// `MULT_DEVICE` if KICK-1 would need a victim, otherwise `MULT_ACCOUNT`.
fn reason_of_all(victims: &[Kicked]) -> KickReason {
    let another_kind = victims.iter().any(|victim| victim.reason == KickReason::MultipleDevice);
    if another_kind { KickReason::MultipleDevice } else { KickReason::MultipleAccount }
}

#[cfg(test)]
mod tests;
