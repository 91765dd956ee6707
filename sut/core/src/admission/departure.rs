//! How a session leaves the record: kicked, logged out, expired, dropped; and how a kick is forgotten. Pure, as the
//! rest of the rules; it neither lets anybody in nor chooses a victim.

use super::{Kicked, Signature, epochs};
use crate::session::{Epoch, KeyDigest, KickReason, KickRecord, Record, Session, SessionDigest};
use crate::timers::UnixMillis;

/// How many kick records an account keeps (KICK-8).
pub const MAX_KICK_RECORDS: usize = 100;

/// KICK-8: a record stays of the victim's session; the first reason stays, and at the bound the oldest record goes.
pub(super) fn kick(record: &mut Record, victim: &Kicked) {
    let Session { key, digest, .. } = victim.session;
    record.sessions.retain(|session| session.key != key);
    if !record.kicks.iter().any(|kick| (kick.key, kick.digest) == (key, digest)) {
        record.kicks.push(KickRecord { key, digest, reason: victim.reason });
    }
    let surplus = record.kicks.len().saturating_sub(MAX_KICK_RECORDS);
    record.kicks.drain(..surplus);
    epochs::bound(record);
}

/// The record without that session and without its kick; `None` if it has neither (LOGOUT-1, KICK-8).
pub fn logout(mut record: Record, key: KeyDigest, digest: SessionDigest) -> Option<Record> {
    end(&mut record, key, digest).then_some(record)
}

/// Takes out that session and its kick. Whether there was either.
fn end(record: &mut Record, key: KeyDigest, digest: SessionDigest) -> bool {
    let before = (record.sessions.len(), record.kicks.len());
    record.sessions.retain(|session| (session.key, session.digest) != (key, digest));
    record.kicks.retain(|kick| (kick.key, kick.digest) != (key, digest));
    epochs::bound(record);
    (record.sessions.len(), record.kicks.len()) != before
}

/// What an owed logout came to, the record aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repayment {
    /// The session that it ended, if that stood on record.
    pub ended: Option<Session>,
    /// The highest epoch of the instance, if every earlier link of it is superseded from then on.
    pub supersedes: Option<Epoch>,
    /// The highest epoch of the instance from then on.
    pub highest: Epoch,
}

/// LOGOUT-4: a logout that was owed and came on a link of this epoch. Besides what a logout does, no link before this one can log in any
/// more, but this one still can; that only if the UserSig is the account's, so that no stranger has anything stored, and if no other
/// session stands under the key. The record from then on, which is `None` if nothing changes, and what came of it.
pub fn repay(
    mut record: Record,
    (key, digest): (KeyDigest, SessionDigest),
    epoch: Epoch,
    shown: Signature,
    now: UnixMillis,
) -> (Option<Record>, Repayment) {
    let ended = record.sessions.iter().find(|session| (session.key, session.digest) == (key, digest)).cloned();
    let ends = end(&mut record, key, digest);
    let is_free = !record.sessions.iter().any(|session| session.key == key);
    let before = Epoch(epoch.0.saturating_sub(1));
    let voids = is_free && shown == Signature::Right;
    let rises = voids && epochs::raise(&mut record, key, before, now);
    let highest = epochs::highest(&record, key);
    let supersedes = (voids && highest > Epoch(0)).then_some(highest);
    ((ends || rises).then_some(record), Repayment { ended, supersedes, highest })
}

/// SIG-1: the record without that session, and with its kick; `None` if it is gone.
pub fn expire(mut record: Record, key: KeyDigest, digest: SessionDigest) -> Option<(Record, Kicked)> {
    let meant = |session: &&Session| session.key == key && session.digest == digest;
    let session = record.sessions.iter().find(meant)?.clone();
    let kicked = Kicked { session, reason: KickReason::UserSigExpired };
    kick(&mut record, &kicked);
    Some((record, kicked))
}

/// What the acknowledgement of a kick on record came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The record from then on.
    pub record: Record,
    /// The highest epoch of the instance from then on, if this raised it.
    pub raised: Option<Epoch>,
}

/// The record without the kick of that session, whose instance knows of it now; `None` if it has none (KICK-8). No resume that is under
/// way on an older link brings the session back (LINK-3, LINK-5).
pub fn acknowledge_kick(mut record: Record, kicked: &Session, now: UnixMillis) -> Option<Acknowledged> {
    let before = record.kicks.len();
    let meant = |kick: &KickRecord| (kick.key, kick.digest) == (kicked.key, kicked.digest);
    record.kicks.retain(|kick| !meant(kick));
    if record.kicks.len() == before {
        return None;
    }
    let rises = epochs::raise(&mut record, kicked.key, kicked.epoch, now);
    Some(Acknowledged { record, raised: rises.then_some(kicked.epoch) })
}

/// The record without that session, its lapse over or its messages too many, which is no kick (LINK-4, LINK-6, MSG-2); `None` if it is gone or a newer link carries it (LINK-3).
pub fn drop_session(mut record: Record, dropped: &Session) -> Option<Record> {
    let before = record.sessions.len();
    let same = |session: &Session| (session.digest, session.epoch) == (dropped.digest, dropped.epoch);
    record.sessions.retain(|session| session.key != dropped.key || !same(session));
    epochs::bound(&mut record);
    (record.sessions.len() != before).then_some(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{EpochEntry, Platform};

    fn session(n: u8) -> Session {
        Session {
            key: KeyDigest(n.into()),
            digest: SessionDigest(u128::from(n) + 100),
            epoch: Epoch(u64::from(n) + 10),
            platform: Platform::Web,
            expires_at: UnixMillis(0),
            issued_s: 0,
            node: None,
            admitted_at: None,
        }
    }

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn raised(epoch: u64) -> EpochEntry {
        EpochEntry { epoch: Epoch(epoch), raised_at: NOW }
    }

    fn kick_of(n: u8) -> KickRecord {
        let Session { key, digest, .. } = session(n);
        KickRecord { key, digest, reason: KickReason::MultipleAccount }
    }

    /// Sessions 1, 2 and 3 online, 4 and 5 kicked; every key has an epoch.
    fn record() -> Record {
        Record {
            sessions: [1, 2, 3].map(session).into(),
            kicks: [4, 5].map(kick_of).into(),
            epochs: (1..=5).map(|n| (session(n).key, raised(session(n).epoch.0))).collect(),
            ..Record::default()
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
        assert_eq!(logout(record(), session(2).key, session(2).digest), Some(without_session(2)));
    }

    #[test]
    fn a_logout_of_a_kicked_session_forgets_its_kick() {
        assert_eq!(logout(record(), session(4).key, session(4).digest), Some(without_kick(4)));
    }

    #[test]
    fn a_logout_of_a_session_not_on_record_changes_nothing() {
        for (key, digest) in [(6, 6), (1, 2), (4, 5)] {
            assert_eq!(logout(record(), session(key).key, session(digest).digest), None);
        }
    }

    fn repaid(n: u8, epoch: u64, shown: Signature) -> (Option<Record>, Repayment) {
        repay(record(), (session(n).key, session(n).digest), Epoch(epoch), shown, NOW)
    }

    fn with_epoch(mut record: Record, n: u8, epoch: u64) -> Record {
        record.epochs.insert(session(n).key, raised(epoch));
        record
    }

    fn came_to((record, repayment): &(Option<Record>, Repayment)) -> (Option<&Record>, Option<&Session>, Option<Epoch>) {
        (record.as_ref(), repayment.ended.as_ref(), repayment.supersedes)
    }

    #[test]
    fn an_owed_logout_ends_its_session_or_kick_and_voids_every_older_link() {
        let (right, raised) = (Signature::Right, Some(Epoch(19)));
        assert_eq!(came_to(&repaid(2, 20, right)), (Some(&with_epoch(without_session(2), 2, 19)), Some(&session(2)), raised));
        assert_eq!(came_to(&repaid(4, 20, right)), (Some(&with_epoch(without_kick(4), 4, 19)), None, raised));
        assert_eq!(came_to(&repaid(6, 20, right)), (Some(&with_epoch(record(), 6, 19)), None, raised));
        assert_eq!(repaid(6, 20, right).1.highest, Epoch(19));
    }

    #[test]
    fn an_owed_logout_without_a_right_user_sig_ends_what_it_names_and_raises_nothing() {
        let wrong = Signature::Wrong;
        assert_eq!(came_to(&repaid(2, 20, wrong)), (Some(&without_session(2)), Some(&session(2)), None));
        assert_eq!(came_to(&repaid(4, 20, wrong)), (Some(&without_kick(4)), None, None));
        assert_eq!(came_to(&repaid(6, 20, wrong)), (None, None, None));
        assert_eq!([2, 6].map(|n| repaid(n, 20, wrong).1.highest), [session(2).epoch, Epoch(0)]);
    }

    #[test]
    fn an_owed_logout_raises_nothing_where_another_session_stands_under_its_key() {
        let another = repay(record(), (session(2).key, session(6).digest), Epoch(20), Signature::Right, NOW);
        assert_eq!((came_to(&another), another.1.highest), ((None, None, None), session(2).epoch));
    }

    #[test]
    fn an_owed_logout_never_lowers_an_epoch_and_one_on_the_first_link_has_none_to_void() {
        let Epoch(highest) = session(4).epoch;
        let late = [highest, highest + 1].map(|epoch| repaid(4, epoch, Signature::Right));
        assert_eq!(late.each_ref().map(came_to), [(Some(&without_kick(4)), None, Some(Epoch(highest))); 2]);
        assert_eq!(came_to(&repaid(6, 1, Signature::Right)), (None, None, None));
    }

    #[test]
    fn an_expired_session_leaves_its_kick() {
        let Session { key, digest, .. } = session(2);
        let (left, kicked) = expire(record(), key, digest).unwrap();
        let reason = KickReason::UserSigExpired;
        assert_eq!((kicked.session, kicked.reason), (session(2), reason));
        let mut expected = without_session(2);
        expected.kicks.push(KickRecord { key, digest, reason });
        assert_eq!(left, expected);
        assert_eq!(expire(left, key, digest), None);
        assert_eq!(expire(record(), key, session(1).digest), None);
    }

    #[test]
    fn an_acknowledged_kick_is_forgotten() {
        let acknowledged = |epoch| acknowledge_kick(record(), &Session { epoch: Epoch(epoch), ..session(5) }, NOW);
        let Epoch(highest) = session(5).epoch;
        let forgotten = Some(Acknowledged { record: without_kick(5), raised: None });
        assert_eq!([highest - 1, highest].map(acknowledged), [forgotten.clone(), forgotten]);
        let record = with_epoch(without_kick(5), 5, highest + 2);
        assert_eq!(acknowledged(highest + 2), Some(Acknowledged { record, raised: Some(Epoch(highest + 2)) }));
    }

    #[test]
    fn an_acknowledgement_of_no_kick_changes_nothing() {
        for (key, digest) in [(4, 5), (5, 4), (1, 1), (6, 6)] {
            let kicked = Session { digest: session(digest).digest, epoch: Epoch(99), ..session(key) };
            assert_eq!(acknowledge_kick(record(), &kicked, NOW), None);
        }
    }

    #[test]
    fn whoever_leaves_makes_one_of_too_many_epochs_go() {
        let mut crowded = record();
        crowded.epochs.clear();
        let keys = (1..=3).chain(100..200).map(|n: u8| (KeyDigest(n.into()), n));
        crowded.epochs.extend(keys.map(|(key, n)| (key, EpochEntry { epoch: Epoch(1), raised_at: UnixMillis(u64::from(n)) })));
        let Session { key, digest, .. } = session(2);
        let kicked = Kicked { session: session(2), reason: KickReason::RestApi };
        let mut after_a_kick = crowded.clone();
        kick(&mut after_a_kick, &kicked);
        let left = [logout(crowded.clone(), key, digest), drop_session(crowded, &session(2)), Some(after_a_kick)];
        for record in left.map(|left| left.unwrap()) {
            assert_eq!((record.epochs.len(), record.epochs.contains_key(&key)), (102, false));
        }
    }

    #[test]
    fn a_lapse_drops_the_session_that_its_link_carried() {
        assert_eq!(drop_session(record(), &session(3)), Some(without_session(3)));
    }

    #[test]
    fn a_late_close_of_another_link_drops_nothing() {
        let epochs = [session(3).epoch.0 - 1, session(3).epoch.0 + 1];
        let others = epochs.map(|epoch| Session { epoch: Epoch(epoch), ..session(3) });
        assert_eq!(others.map(|other| drop_session(record(), &other)), [None, None]);
        assert_eq!(drop_session(record(), &session(4)), None);
    }
}
