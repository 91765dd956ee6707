//! NODE-5, row by row.

use super::*;
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::session::{Epoch, EpochEntry, KeyDigest, KickReason, KickRecord, Platform, SessionDigest};
use KickReason::{MultipleAccount, MultipleDevice};
use Platform::{Android, Mac, Web};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

/// Web may have two instances online, every other platform one.
fn app() -> App {
    App {
        sdk_app_id: 14,
        secret_key: "key".into(),
        policy: Policy::DUAL,
        limits: Limits::default().with(Web, 2).unwrap(),
        administrators: Vec::new(),
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    }
}

/// On its link 5, admitted so many milliseconds ago.
fn session(key: u8, platform: Platform, ago: u64) -> Session {
    Session {
        key: KeyDigest(key.into()),
        digest: SessionDigest(u128::from(key) + 100),
        epoch: Epoch(5),
        platform,
        expires_at: UnixMillis(NOW.0 + 1),
        issued_s: 7,
        node: None,
        admitted_at: Some(UnixMillis(NOW.0 - ago)),
    }
}

fn online(sessions: &[Session]) -> Record {
    let raised = |session: &Session| (session.key, EpochEntry { epoch: session.epoch, raised_at: NOW });
    Record { sessions: sessions.to_vec(), epochs: sessions.iter().map(raised).collect(), ..Record::default() }
}

/// Of instance 9, which the record has lost, with none or one of the others' links down.
fn decided(record: &Record, session: &Session, down: u8) -> Reconciliation {
    reconcile(&app(), record.clone(), session, |other| other.key == KeyDigest(down.into()), NOW)
}

/// Whose places it took, and who stands on record then.
type Taken = (Vec<(u128, KickReason)>, Vec<u128>);

/// That, unless it is out.
fn taken(reconciliation: Reconciliation) -> Option<Taken> {
    let Reconciliation::Readmitted { record, session, kicked } = reconciliation else { return None };
    assert_eq!((record.sessions.last(), record.epochs[&session.key].epoch), (Some(&session), session.epoch));
    let recorded = |victim: &Kicked| (victim.session.key, victim.session.digest, victim.reason);
    let kicks: Vec<_> = record.kicks.iter().map(|KickRecord { key, digest, reason }| (*key, *digest, *reason)).collect();
    assert_eq!(kicks, kicked.iter().map(recorded).collect::<Vec<_>>());
    let kicked = kicked.iter().map(|victim| (victim.session.key.0, victim.reason)).collect();
    Some((kicked, record.sessions.iter().map(|session| session.key.0).collect()))
}

#[test]
fn what_stands_on_record_stays_and_what_went_on_over_a_newer_link_goes_on() {
    let record = online(&[session(1, Web, 3), session(2, Web, 2)]);
    assert_eq!(decided(&record, &session(1, Web, 3), 0), Reconciliation::Stands);
    let newer = Session { epoch: Epoch(6), ..session(1, Web, 3) };
    let Reconciliation::Resumed { record, session } = decided(&record, &newer, 0) else { panic!("it does not go on") };
    assert_eq!((&record.sessions[0], &session, record.epochs[&newer.key].epoch), (&newer, &newer, Epoch(6)));
}

#[test]
fn a_free_place_is_taken_from_nobody() {
    let record = online(&[session(1, Web, 3), session(2, Mac, 3)]);
    assert_eq!(taken(decided(&record, &session(9, Web, 5), 0)), Some((vec![], vec![1, 2, 9])));
}

#[test]
fn a_place_is_taken_of_one_whose_link_is_down_or_else_of_the_earliest_before_it() {
    let record = online(&[session(1, Web, 3), session(2, Web, 4)]);
    let rows = [
        (2, 0, Some((vec![(2, MultipleAccount)], vec![1, 9]))),
        (2, 1, Some((vec![(1, MultipleAccount)], vec![2, 9]))),
        (3, 0, Some((vec![(2, MultipleAccount)], vec![1, 9]))),
        (4, 0, None),
        (5, 1, Some((vec![(1, MultipleAccount)], vec![2, 9]))),
    ];
    for (ago, down, expected) in rows {
        assert_eq!(taken(decided(&record, &session(9, Web, ago), down)), expected, "{ago} {down}");
    }
}

#[test]
fn all_other_kinds_of_its_class_make_way_or_it_is_out() {
    let record = online(&[session(1, Mac, 4), session(2, Web, 1)]);
    assert_eq!(taken(decided(&record, &session(9, Android, 3), 0)), Some((vec![(1, MultipleDevice)], vec![2, 9])));
    assert_eq!(taken(decided(&record, &session(9, Android, 5), 0)), None);
    assert_eq!(taken(decided(&record, &session(9, Android, 5), 1)), Some((vec![(1, MultipleDevice)], vec![2, 9])));
}

#[test]
fn an_older_session_of_its_instance_makes_way_without_a_kick() {
    let older = Session { digest: SessionDigest(1), epoch: Epoch(4), ..session(9, Web, 6) };
    assert_eq!(taken(decided(&online(&[older]), &session(9, Web, 5), 0)), Some((vec![], vec![9])));
}

#[test]
fn whoever_ended_was_overtaken_expired_or_was_revoked_is_out() {
    let lost = session(9, Web, 5);
    let ended = Record { sessions: vec![], ..online(std::slice::from_ref(&lost)) };
    let newer = online(&[Session { digest: SessionDigest(1), epoch: Epoch(6), ..lost.clone() }]);
    let revoked = Record { rest_kick_s: Some(7), ..Record::default() };
    for record in [ended, newer, revoked] {
        assert_eq!(decided(&record, &lost, 0), Reconciliation::Out, "{record:?}");
    }
    assert_eq!(decided(&Record::default(), &Session { expires_at: NOW, ..lost }, 0), Reconciliation::Out);
}
