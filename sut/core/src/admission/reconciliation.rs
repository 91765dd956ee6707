//! What becomes of a session with a link once the registry has another primary, which may have lost its last commit: a resume without a frame
//! (NODE-5, LINK-5). Here alone a session that is let in anew takes others' places. Pure, as the rest of the rules; it knows no link.

use super::resumption::resumed;
use super::{Kicked, Resumption, counting, enter, epochs, is_another_kind, kick_each, over_the_limit, reason};
use crate::config::App;
use crate::session::{Record, Session};
use crate::timers::UnixMillis;

/// What became of such a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciliation {
    /// Nothing of it is lost.
    Stands,
    /// It goes on over its link, which the registry did not know any more, once this record is committed (LINK-2).
    Resumed {
        /// The record from then on.
        record: Record,
        /// The session as it stands there.
        session: Session,
    },
    /// It is in anew, as the newest of the login order, once this record is committed.
    Readmitted {
        /// The record from then on.
        record: Record,
        /// The session as it stands there.
        session: Session,
        /// Whose places it took, in login order.
        kicked: Vec<Kicked>,
    },
    /// It cannot be in, and nothing changes: its next resume is told why.
    Out,
}

/// Decides anew a session that had been let in, or had gone on, over this link. `is_down` says of which others no link is up.
pub fn reconcile(
    app: &App,
    mut record: Record,
    session: &Session,
    is_down: impl Fn(&Session) -> bool,
    now: UnixMillis,
) -> Reconciliation {
    let name = |session: &Session| (session.key, session.digest);
    if let Some(on_record) = record.sessions.iter().find(|on_record| name(on_record) == name(session)) {
        if on_record.epoch >= session.epoch {
            return Reconciliation::Stands;
        }
        let Resumption::Resumed { record, session } = resumed(record, session, now) else { return Reconciliation::Out };
        return Reconciliation::Resumed { record, session };
    }
    let is_revoked = record.rest_kick_s.is_some_and(|kick_s| session.issued_s <= kick_s);
    if !epochs::is_newer(&record, session.key, session.epoch) || is_revoked || session.expires_at <= now {
        return Reconciliation::Out;
    }
    enter(&mut record, session.clone(), now);
    let Some(kicked) = places(app, &record.sessions, is_down) else { return Reconciliation::Out };
    kick_each(&mut record, &kicked);
    Reconciliation::Readmitted { record, session: session.clone(), kicked }
}

/// Whose places the last of these sessions takes for its class and its limit to hold, in login order: of those whose links are down, or that
/// were admitted earlier. `None` if there are too few.
fn places(app: &App, sessions: &[Session], is_down: impl Fn(&Session) -> bool) -> Option<Vec<Kicked>> {
    let (newcomer, others) = sessions.split_last()?;
    let makes_way = |other: &&Session| is_down(other) || other.admitted_at < newcomer.admitted_at;
    let excess = over_the_limit(app, newcomer, sessions).len();
    let is_counted = |other: &&Session| counting::is_counted(app, newcomer, other);
    let mut same: Vec<_> = others.iter().filter(is_counted).filter(makes_way).collect();
    same.sort_by_key(|other| (!is_down(other), other.admitted_at));
    same.truncate(excess);
    let kicks = |other: &&Session| is_another_kind(app, newcomer, other) || same.contains(other);
    let victims: Vec<_> = others.iter().filter(kicks).collect();
    let kicked = |victim: &Session| Kicked { session: victim.clone(), reason: reason(newcomer, victim) };
    (same.len() == excess && victims.iter().all(makes_way)).then(|| victims.into_iter().map(kicked).collect())
}

#[cfg(test)]
mod tests;
