//! LINK-5, row by row.

use super::*;
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::session::{Epoch, EpochEntry, KeyDigest, Platform, SessionDigest};
use crate::usersig;

const NOW_S: u64 = 1_700_000_000;
const NOW: UnixMillis = UnixMillis(NOW_S * 1000);

/// Web may have two instances online, every other platform one.
fn app() -> App {
    let limits = Limits::default().with(Platform::Web, 2).unwrap();
    let (secret_key, administrators) = ("key".into(), Vec::new());
    App {
        sdk_app_id: 14,
        secret_key,
        policy: Policy::DUAL,
        limits,
        administrators,
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    }
}

fn session(key: u8, epoch: u64, platform: Platform) -> Session {
    let expires_at = UnixMillis((NOW_S + 60) * 1000);
    Session {
        key: KeyDigest(key.into()),
        digest: SessionDigest(u128::from(key) + 100),
        epoch: Epoch(epoch),
        platform,
        expires_at,
        issued_s: NOW_S,
        node: None,
        admitted_at: None,
    }
}

fn raised(epoch: u64) -> EpochEntry {
    EpochEntry { epoch: Epoch(epoch), raised_at: NOW }
}

/// Of a record in which the epoch of that key was raised.
fn told(mut record: Record, key: u8, reason: KickReason) -> Resumption {
    record.epochs.insert(KeyDigest(key.into()), raised(6));
    Resumption::Told { record, reason }
}

/// Instances 1, 2 and so on are online, each on its link 5.
fn online(platforms: &[Platform]) -> Record {
    let sessions: Vec<_> = (1..).zip(platforms).map(|(key, platform)| session(key, 5, *platform)).collect();
    let epochs = sessions.iter().map(|session| (session.key, raised(session.epoch.0))).collect();
    Record { sessions, epochs, ..Record::default() }
}

/// The instance resumes on its link of that number with a UserSig that was issued then, good for a minute.
fn resuming(key: u8, epoch: u64, platform: Platform, issued_s: u64) -> Login {
    let (user_id, session) = ("alice".to_owned(), session(key, epoch, platform));
    let user_sig = usersig::make(14, "key", &user_id, issued_s, 60, None);
    Login { user_id, user_sig, sdk_app_id: 14, session }
}

fn resumes(record: Record, key: u8) -> Resumption {
    resume(&app(), record, resuming(key, 6, Platform::Web, NOW_S), NOW)
}

fn kick_record(key: u8) -> KickRecord {
    let Session { key, digest, .. } = session(key, 5, Platform::Web);
    KickRecord { key, digest, reason: KickReason::RestApi }
}

#[test]
fn a_session_on_record_goes_on_in_its_place_whatever_its_user_sig() {
    let mut expected = online(&[Platform::Web, Platform::Web]);
    expected.sessions[0].epoch = Epoch(6);
    expected.epochs.insert(KeyDigest(1), raised(6));
    let login = Login { user_sig: String::new(), ..resuming(1, 6, Platform::Web, NOW_S) };
    let outcome = resume(&app(), online(&[Platform::Web, Platform::Web]), login, NOW);
    assert_eq!(outcome, Resumption::Resumed { record: expected, session: session(1, 6, Platform::Web) });
}

#[test]
fn a_link_that_was_overtaken_resumes_nothing() {
    for epoch in [4, 5] {
        let login = resuming(1, epoch, Platform::Web, NOW_S);
        assert_eq!(resume(&app(), online(&[Platform::Web]), login, NOW), Resumption::Superseded { highest: Epoch(5) });
    }
}

#[test]
fn a_kicked_session_is_given_its_first_reason_again() {
    let record = Record { kicks: vec![kick_record(3)], ..online(&[Platform::Web]) };
    assert_eq!(resumes(record, 3), Resumption::Kicked(KickReason::RestApi));
}

#[test]
fn the_kick_of_an_earlier_session_of_the_instance_is_not_this_ones() {
    let earlier = KickRecord { digest: SessionDigest(7), ..kick_record(3) };
    let record = Record { kicks: vec![earlier], ..online(&[Platform::Web]) };
    let Resumption::Readmitted { record, .. } = resumes(record, 3) else { panic!("not readmitted") };
    assert_eq!(record.kicks, []);
}

#[test]
fn an_instance_with_another_session_is_turned_away() {
    let mut record = online(&[Platform::Web]);
    record.sessions[0].digest = SessionDigest(7);
    assert_eq!(resumes(record, 1), Resumption::AnotherSession { highest: Epoch(5) });
}

#[test]
fn a_dropped_session_is_in_anew_as_the_newest_where_a_place_is_free() {
    let mut expected = online(&[Platform::Web]);
    let session = session(3, 6, Platform::Web);
    expected.sessions.push(session.clone());
    expected.epochs.insert(KeyDigest(3), raised(6));
    assert_eq!(resumes(online(&[Platform::Web]), 3), Resumption::Readmitted { record: expected, session, kicked: Vec::new() });
}

#[test]
fn a_dropped_session_without_a_free_place_is_told_who_took_it() {
    let rows = [
        (vec![Platform::Web, Platform::Web], Platform::Web, KickReason::MultipleAccount),
        (vec![Platform::IPhone], Platform::IPhone, KickReason::MultipleAccount),
        (vec![Platform::IPhone], Platform::Mac, KickReason::MultipleDevice),
        (vec![Platform::Mac, Platform::IPhone], Platform::Mac, KickReason::MultipleDevice),
    ];
    for (others, platform, reason) in rows {
        let outcome = resume(&app(), online(&others), resuming(9, 6, platform, NOW_S), NOW);
        assert_eq!(outcome, told(online(&others), 9, reason), "{platform} beside {others:?}");
    }
}

#[test]
fn a_dropped_session_needs_a_good_user_sig() {
    let revoked = Record { rest_kick_s: Some(NOW_S), ..online(&[]) };
    let expired = resuming(1, 6, Platform::Web, NOW_S - 60);
    let wrong = Login { sdk_app_id: 15, ..resuming(1, 6, Platform::Web, NOW_S) };
    assert_eq!(resume(&app(), revoked.clone(), expired.clone(), NOW), told(revoked.clone(), 1, KickReason::UserSigExpired));
    assert_eq!(resumes(revoked.clone(), 1), told(revoked, 1, KickReason::RestApi));
    assert_eq!(resume(&app(), online(&[]), expired, NOW), told(online(&[]), 1, KickReason::UserSigExpired));
    let Resumption::Refused(refusal) = resume(&app(), online(&[]), wrong, NOW) else { panic!("not refused") };
    assert_eq!(refusal.code, Code::SigOtherApp);
}

#[test]
fn a_readmitted_session_is_as_old_as_its_user_sig() {
    let login =
        Login { session: Session { issued_s: 0, ..session(1, 6, Platform::Web) }, ..resuming(1, 6, Platform::Web, NOW_S - 7) };
    let Resumption::Readmitted { session, .. } = resume(&app(), online(&[]), login, NOW) else { panic!("not readmitted") };
    assert_eq!((session.issued_s, session.expires_at), (NOW_S - 7, UnixMillis((NOW_S + 53) * 1000)));
}

#[test]
fn where_newcomers_are_refused_a_session_without_a_place_is_turned_away_and_comes_no_later() {
    let refusing = App { policy: Policy::DUAL.refusing(), ..app() };
    let resumes = |platforms: &[Platform], key| resume(&refusing, online(platforms), resuming(key, 6, Platform::Web, NOW_S), NOW);
    let before = online(&[Platform::Web, Platform::Web]);
    let mut record = before.clone();
    record.epochs.insert(KeyDigest(3), raised(6));
    let refusal = crate::admission::newcomers::refusal();
    assert_eq!(resumes(&[Platform::Web, Platform::Web], 3), Resumption::TurnedAway { record, refusal });
    assert!(matches!(resumes(&[Platform::Web], 3), Resumption::Readmitted { kicked, .. } if kicked.is_empty()));
    assert!(matches!(resumes(&[Platform::Web, Platform::Web], 1), Resumption::Resumed { .. }));
}
