//! How a session leaves the record: kicked, logged out, dropped; and how a kick is forgotten. Pure, as the rest of the rules; it
//! neither lets anybody in nor chooses a victim.

use super::Kicked;
use crate::session::{Epoch, InstanceKey, KickRecord, Record, Secret, Session};

/// How many kick records an account keeps (KICK-8).
pub const MAX_KICK_RECORDS: usize = 100;

/// KICK-8: a record stays of the victim's session; the first reason stays, and at the bound the oldest record goes.
pub(super) fn kick(record: &mut Record, victim: &Kicked) {
    let Session { key, secret, .. } = victim.session;
    record.sessions.retain(|session| session.key != key);
    if !record.kicks.iter().any(|kick| kick.secret == secret) {
        record.kicks.push(KickRecord { key, secret, reason: victim.reason });
    }
    let surplus = record.kicks.len().saturating_sub(MAX_KICK_RECORDS);
    record.kicks.drain(..surplus);
}

/// The record without the session of that secret and without its kick; `None` if it has neither (LOGOUT-4, KICK-8).
pub fn logout(record: &Record, secret: Secret) -> Option<Record> {
    let mut left = record.clone();
    left.sessions.retain(|session| session.secret != secret);
    left.kicks.retain(|kick| kick.secret != secret);
    (left != *record).then_some(left)
}

/// The record without the kick of that session, whose instance knows of it now; `None` if it has none (KICK-8).
pub fn acknowledge_kick(record: &Record, key: InstanceKey, secret: Secret) -> Option<Record> {
    let mut left = record.clone();
    let meant = |kick: &KickRecord| kick.key == key && kick.secret == secret;
    left.kicks.retain(|kick| !meant(kick));
    (left != *record).then_some(left)
}

/// The record without that session, its page closed or its lapse over, which is no kick (LINK-4, LINK-6); `None` if it is gone
/// or a newer link carries it (LINK-3).
pub fn drop_session(record: &Record, secret: Secret, epoch: Epoch) -> Option<Record> {
    let mut left = record.clone();
    let meant = |session: &Session| session.secret == secret && session.epoch == epoch;
    left.sessions.retain(|session| !meant(session));
    (left != *record).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{KickReason, Platform};

    fn session(n: u8) -> Session {
        Session {
            key: InstanceKey(n.into()),
            secret: Secret(u128::from(n) + 100),
            epoch: Epoch(u64::from(n) + 10),
            platform: Platform::Web,
        }
    }

    fn kick_of(n: u8) -> KickRecord {
        let Session { key, secret, .. } = session(n);
        KickRecord { key, secret, reason: KickReason::MultipleAccount }
    }

    /// Sessions 1, 2 and 3 online, 4 and 5 kicked; every key has an epoch.
    fn record() -> Record {
        Record {
            sessions: [1, 2, 3].map(session).into(),
            kicks: [4, 5].map(kick_of).into(),
            epochs: (1..=5).map(|n| (session(n).key, session(n).epoch)).collect(),
            rest_kick_s: None,
        }
    }

    fn without_session(n: u8) -> Record {
        let mut record = record();
        record.sessions.retain(|left| *left != session(n));
        record
    }

    fn without_kick(n: u8) -> Record {
        let mut record = record();
        record.kicks.retain(|left| *left != kick_of(n));
        record
    }

    #[test]
    fn a_logout_ends_its_own_session_and_keeps_the_epochs() {
        assert_eq!(logout(&record(), session(2).secret), Some(without_session(2)));
    }

    #[test]
    fn a_logout_of_a_kicked_session_forgets_its_kick() {
        assert_eq!(logout(&record(), session(4).secret), Some(without_kick(4)));
    }

    #[test]
    fn a_logout_of_a_session_not_on_record_changes_nothing() {
        assert_eq!(logout(&record(), session(6).secret), None);
    }

    #[test]
    fn an_acknowledged_kick_is_forgotten() {
        let Session { key, secret, .. } = session(5);
        assert_eq!(acknowledge_kick(&record(), key, secret), Some(without_kick(5)));
    }

    #[test]
    fn an_acknowledgement_of_no_kick_changes_nothing() {
        for (key, secret) in [(4, 5), (5, 4), (1, 1), (6, 6)] {
            let (key, secret) = (session(key).key, session(secret).secret);
            assert_eq!(acknowledge_kick(&record(), key, secret), None);
        }
    }

    #[test]
    fn a_closed_page_or_a_lapse_drops_the_session_that_its_link_carried() {
        let Session { secret, epoch, .. } = session(3);
        assert_eq!(drop_session(&record(), secret, epoch), Some(without_session(3)));
    }

    #[test]
    fn a_late_close_of_another_link_drops_nothing() {
        let Session { secret, epoch, .. } = session(3);
        let others = [Epoch(epoch.0 - 1), Epoch(epoch.0 + 1)];
        assert_eq!(others.map(|other| drop_session(&record(), secret, other)), [None, None]);
        assert_eq!(drop_session(&record(), session(4).secret, session(4).epoch), None);
    }
}
