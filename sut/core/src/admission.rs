//! The rules, done: which login is let in, and who is kicked for it. Pure: a record and a login in, an admission out. It knows
//! no link, no clock and no store.

mod acceptance;
mod administrator;
mod callbacks;
mod change;
mod counting;
mod departure;
mod epochs;
mod newcomers;
#[cfg(debug_assertions)]
mod planted;
mod reconciliation;
mod resumption;

use serde::{Deserialize, Serialize};

use crate::code::{Code, Refusal};
use crate::config::App;
use crate::session::{Epoch, KeyDigest, KickReason, Platform, Record, Session, USER_ID_FORM, is_user_id};
use crate::timers::UnixMillis;
use crate::usersig::{self, UserSig};

pub use acceptance::{MAX_ACCEPTED, MAX_SENDERS, REMEMBERED, accept};
pub use administrator::{Caller, judge_administrator, judge_on_record, kick_all};
pub use callbacks::callbacks;
pub use change::{Change, Occasion};
pub use departure::{Acknowledged, MAX_KICK_RECORDS, Repayment, acknowledge_kick, drop_session, expire, logout, repay};
pub(crate) use epochs::highest;
pub use epochs::{EPOCH_KEPT, MAX_EPOCHS, Pruning, prune_epoch};
pub use reconciliation::{Reconciliation, reconcile};
pub use resumption::{Resumption, resume};

/// What a login asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The account.
    pub user_id: String,
    /// The password of the moment.
    pub user_sig: String,
    /// The SDKAppID that the client belongs to.
    pub sdk_app_id: u64,
    /// The session that it would be.
    pub session: Session,
}

/// A victim, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kicked {
    /// The session that was ended.
    pub session: Session,
    /// What it is told.
    pub reason: KickReason,
}

/// What became of a login that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is in, once this record is committed.
    Admitted {
        /// The record from then on.
        record: Record,
        /// The victims, in login order.
        kicked: Vec<Kicked>,
        /// The session of the same instance that made way, without a kick (LOGIN-9).
        replaced: Option<Box<Session>>,
    },
    /// It has no place of its own and finds none, and nobody is kicked for it: nothing changes (KICK-12).
    Refused(Refusal),
    /// It came on a link that a newer one overtook: the link is closed and nothing changes (LINK-3).
    Superseded {
        /// The highest epoch on record.
        highest: Epoch,
    },
}

/// Whose UserSig an owed logout shows (LOGOUT-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// One that is rightly signed for the account, however old.
    Right,
    /// Another one, or none.
    Wrong,
}

/// What the login's UserSig says, or the first refusal of LOGIN-8 that applies, but for 70050, which needs the address, and 70052, which
/// needs the record: [`judge_on_record`].
///
/// # Errors
/// That refusal.
pub fn judge(app: &App, login: &Login, now: UnixMillis) -> Result<UserSig, Refusal> {
    if !is_user_id(&login.user_id) {
        return Err(Refusal::new(Code::BadField, &format!("a userID is {USER_ID_FORM}")));
    }
    judge_platform(app, login.session.platform)?;
    let user_sig = usersig::read(&login.user_sig, app.usersig_ahead_s, now)?;
    user_sig.verify(app.sdk_app_id, &app.secret_key, (login.sdk_app_id, &login.user_id), now)?;
    Ok(user_sig)
}

/// A kind of client that the policy does not have is no field of a login.
fn judge_platform(app: &App, platform: Platform) -> Result<(), Refusal> {
    let known = app.policy.classes.platforms();
    if known.contains(&platform) {
        return Ok(());
    }
    let names: Vec<_> = known.iter().map(Platform::name).collect();
    Err(Refusal::new(Code::BadField, &format!("{platform} is no platform of this app; {} are", names.join(", "))))
}

/// Whether an owed logout shows a UserSig of its account: its age and what an administrator revoked are no matter (LOGOUT-4).
pub fn judge_owed(app: &App, user_id: &str, shown: Option<&str>, now: UnixMillis) -> Signature {
    let named = (app.sdk_app_id, user_id);
    let judged = shown.map(|user_sig| usersig::judge_signature(app.sdk_app_id, &app.secret_key, named, user_sig, now));
    match judged {
        Some(Ok(_)) => Signature::Right,
        Some(Err(_)) | None => Signature::Wrong,
    }
}

/// Lets a judged login in (LOGIN-9, KICK-1, KICK-2, KICK-8, KICK-13), unless its link was overtaken (LINK-3) or it is refused (KICK-12).
pub fn admit(app: &App, mut record: Record, newcomer: Session, now: UnixMillis) -> Admission {
    if !epochs::is_newer(&record, newcomer.key, newcomer.epoch) {
        return Admission::Superseded { highest: epochs::highest(&record, newcomer.key) };
    }
    if let Err(why) = newcomers::judge(app, &record.sessions, &newcomer) {
        return Admission::Refused(why);
    }
    let replaced = enter(&mut record, newcomer, now);
    let kicked = newcomers::pay(app, victims(app, &record.sessions));
    #[cfg(debug_assertions)]
    let kicked = planted::victims(app, &record.sessions, kicked);
    kick_each(&mut record, &kicked);
    Admission::Admitted { record, kicked, replaced: replaced.map(Box::new) }
}

/// Puts a session last in the login order, over a link that is the newest of its instance. The session of that instance that makes way.
fn enter(record: &mut Record, newcomer: Session, now: UnixMillis) -> Option<Session> {
    record.kicks.retain(|kick| kick.key != newcomer.key);
    let same_instance = |old: &mut Session| old.key == newcomer.key;
    let replaced = record.sessions.extract_if(.., same_instance).next();
    let (key, epoch) = (newcomer.key, newcomer.epoch);
    record.sessions.reserve_exact(1);
    record.sessions.push(newcomer);
    epochs::set(record, key, epoch, now);
    replaced
}

fn kick_each(record: &mut Record, kicked: &[Kicked]) {
    kicked.iter().for_each(|victim| departure::kick(record, victim));
}

/// Whom the last of these sessions, the newcomer, kicks: in login order.
fn victims(app: &App, sessions: &[Session]) -> Vec<Kicked> {
    let newcomer = sessions.last().expect("the newcomer is one");
    let excess = over_the_limit(app, newcomer, sessions);
    let kicks = |s: &Session| is_another_kind(app, newcomer, s) || excess.contains(&s.key);
    let kicked = |session: &Session| Kicked { reason: reason(newcomer, session), session: session.clone() };
    sessions.iter().filter(|s| kicks(s)).map(kicked).collect()
}

/// Another kind is told `MULT_DEVICE` (KICK-1, KICK-13), the same kind `MULT_ACCOUNT` (KICK-2, KICK-13).
fn reason(newcomer: &Session, victim: &Session) -> KickReason {
    if victim.platform == newcomer.platform { KickReason::MultipleAccount } else { KickReason::MultipleDevice }
}

/// KICK-1: whether a session is of another kind of the newcomer's class.
fn is_another_kind(app: &App, newcomer: &Session, session: &Session) -> bool {
    session.platform != newcomer.platform && app.policy.classes.are_of_one_class(newcomer.platform, session.platform)
}

/// KICK-2, KICK-13: those whom the newcomer's limit counts that must go for it to hold, the first of the login order.
fn over_the_limit(app: &App, newcomer: &Session, sessions: &[Session]) -> Vec<KeyDigest> {
    let counts = |session: &&Session| counting::is_counted(app, newcomer, session);
    let mut order: Vec<_> = sessions.iter().filter(counts).map(|s| s.key).collect();
    order.truncate(order.len().saturating_sub(counting::limit(app, newcomer)));
    order
}

#[cfg(test)]
mod tests;
