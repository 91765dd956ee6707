//! What an administrator may do, and what comes of it: REST-1, REST-3, and LOGIN-8's 70052. Pure, as the rest of the rules; it knows
//! no HTTP.

use super::{Kicked, departure};
use crate::code::{Code, Refusal};
use crate::config::App;
use crate::planted::{self, Unreplayed};
use crate::session::{KickReason, Record};
use crate::timers::UnixMillis;
use crate::usersig::{self, UserSig};

/// What an administrative call shows of its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The SDKAppID that it names.
    pub sdk_app_id: u64,
    /// The account that it calls as.
    pub identifier: String,
    /// That account's UserSig.
    pub user_sig: String,
}

/// REST-3: whether the caller shows the good UserSig of an administrator; 70403 if not, with a text that says why.
///
/// # Errors
/// That refusal.
pub fn judge_administrator(app: &App, caller: &Caller, now: UnixMillis) -> Result<(), Refusal> {
    let forbid = |why: String| Refusal { code: Code::Forbidden, text: format!("an administrator's UserSig is needed: {why}") };
    let named = (caller.sdk_app_id, caller.identifier.as_str());
    let shown = usersig::read(&caller.user_sig, app.usersig_ahead_s, now)
        .and_then(|sig| sig.verify(app.sdk_app_id, &app.secret_key, named, now));
    shown.map_err(|why| forbid(why.to_string()))?;
    if !app.administrators.contains(&caller.identifier) {
        return Err(forbid(format!("{:?} is no administrator of this app", caller.identifier)));
    }
    Ok(())
}

/// The last refusal of LOGIN-8, which needs the record: 70052 for a UserSig that was issued at or before the second of the account's
/// last REST kick.
///
/// # Errors
/// That refusal.
pub fn judge_on_record(record: &Record, user_sig: &UserSig) -> Result<(), Refusal> {
    match record.rest_kick_s {
        Some(kick_s) if user_sig.time_s <= kick_s => {
            let text = format!(
                "the UserSig was issued at {}, not after the account's kick at {kick_s}; make a fresh one",
                user_sig.time_s
            );
            Err(Refusal { code: Code::SigRevoked, text })
        }
        Some(_) | None => Ok(()),
    }
}

/// REST-1: the record without any session, each with its kick record (KICK-8); and whom it kicked, in login order. Revoked from then on
/// is every UserSig that was issued up to this second, or up to the latest with which one of them logged in, which may be dated ahead.
pub fn kick_all(mut record: Record, now_s: u64) -> (Record, Vec<Kicked>) {
    let used = record.sessions.iter().map(|session| session.issued_s).max();
    let used = used.filter(|_| !planted::has(Unreplayed::Rest1AheadOutlives));
    record.rest_kick_s = record.rest_kick_s.max(Some(now_s)).max(used);
    let kicked: Vec<_> = record.sessions.iter().cloned().map(|session| Kicked { session, reason: KickReason::RestApi }).collect();
    for victim in &kicked {
        departure::kick(&mut record, victim);
    }
    (record, kicked)
}

#[cfg(test)]
mod tests;
