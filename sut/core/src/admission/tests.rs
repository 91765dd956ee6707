//! Admission, row by row: populations, newcomers and what comes of them.

use super::*;
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::session::{Epoch, EpochEntry, Epochs, KickRecord, Platform, SessionDigest};
use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};

pub(super) const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

pub(super) fn app(policy: Policy) -> App {
    let limits = Limits::default().with(Platform::Web, 2).unwrap();
    let limits = limits.with(Platform::Android, 3).unwrap();
    App {
        sdk_app_id: 14,
        secret_key: "key".into(),
        policy,
        limits,
        administrators: vec!["admin".to_owned()],
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    }
}

/// The instance of that number; its digest tells its epoch too, so that each login has its own.
pub(super) fn session(key: u8, epoch: u8, platform: Platform) -> Session {
    Session {
        key: KeyDigest(key.into()),
        digest: SessionDigest(u128::from(key) * 1000 + u128::from(epoch)),
        epoch: Epoch(epoch.into()),
        platform,
        expires_at: UnixMillis(0),
        issued_s: 0,
        node: None,
        admitted_at: None,
    }
}

/// The record after instances 1, 2, 3 and so on logged in with these platforms under no rule.
pub(super) fn online(platforms: &[Platform]) -> Record {
    let sessions = (1..).zip(platforms).map(|(key, platform)| session(key, 1, *platform));
    let sessions: Vec<_> = sessions.collect();
    let epochs = sessions.iter().map(|session| (session.key, raised(session.epoch.0))).collect();
    Record { sessions, epochs, ..Record::default() }
}

fn raised(epoch: u64) -> EpochEntry {
    EpochEntry { epoch: Epoch(epoch), raised_at: NOW }
}

fn kick_record(key: u8, epoch: u8, reason: KickReason) -> KickRecord {
    let Session { key, digest, .. } = session(key, epoch, Platform::Web);
    KickRecord { key, digest, reason }
}

fn admitted(admission: Admission) -> (Record, Vec<Kicked>, Option<Session>) {
    match admission {
        Admission::Admitted { record, kicked, replaced } => (record, kicked, replaced.map(|replaced| *replaced)),
        Admission::Refused(why) => panic!("{why}"),
        Admission::Superseded { highest: _ } => panic!("the login was superseded"),
    }
}

fn keys<'a>(sessions: impl IntoIterator<Item = &'a Session>) -> Vec<u128> {
    sessions.into_iter().map(|session| session.key.0).collect()
}

/// Who is online, who is kicked by another kind and who by the limit, once instance 9 logged in.
fn outcome(policy: Policy, online_before: &[Platform], newcomer: Platform) -> [Vec<u128>; 3] {
    let newcomer = session(9, 1, newcomer);
    let (record, kicked, replaced) = admitted(admit(&app(policy), online(online_before), newcomer, NOW));
    assert_eq!(replaced, None);
    let by = |reason| {
        let by = kicked.iter().filter(|kicked| kicked.reason == reason);
        keys(by.map(|kicked| &kicked.session))
    };
    let [device, account] = [KickReason::MultipleDevice, KickReason::MultipleAccount].map(by);
    [keys(&record.sessions), device, account]
}

/// A population, a newcomer, and who is then online, kicked as another kind and kicked by the limit.
type Row<'a> = (Policy, &'a [Platform], Platform, [&'a [u128]; 3]);

fn assert_outcomes(rows: &[Row]) {
    for (policy, before, newcomer, expected) in rows {
        let outcome = outcome(*policy, before, *newcomer);
        assert_eq!(outcome, expected.map(<[u128]>::to_vec), "{policy} {before:?} {newcomer}");
    }
}

#[test]
fn a_first_login_kicks_nobody() {
    for policy in Policy::ALL {
        assert_outcomes(&Platform::ALL.map(|platform| -> Row { (policy, &[], platform, [&[9], &[], &[]]) }));
    }
}

#[test]
fn a_login_kicks_every_session_of_another_kind_of_its_class() {
    assert_outcomes(&[
        (Policy::SINGLE, &[Web, Web], Mac, [&[9], &[1, 2], &[]]),
        (Policy::SINGLE, &[Linux], Web, [&[9], &[1], &[]]),
        (Policy::DUAL, &[Web, Mac], Android, [&[1, 9], &[2], &[]]),
        (Policy::DUAL, &[Android, Web, Android], IPad, [&[2, 9], &[1, 3], &[]]),
        (Policy::DUAL, &[Android, Mac], Web, [&[1, 2, 9], &[], &[]]),
        (Policy::TRIPLE, &[Web, Mac, IPhone], Android, [&[1, 2, 9], &[3], &[]]),
        (Policy::TRIPLE, &[Web, Mac, IPhone], Linux, [&[1, 3, 9], &[2], &[]]),
        (Policy::TRIPLE, &[Windows, Mac], Linux, [&[9], &[1, 2], &[]]),
        (Policy::MULTI, &[Web, Android, IPad], Linux, [&[1, 2, 3, 9], &[], &[]]),
    ]);
}

#[test]
fn a_full_platform_kicks_those_that_logged_in_first_until_the_limit_holds() {
    assert_outcomes(&[
        (Policy::MULTI, &[Mac], Mac, [&[9], &[], &[1]]),
        (Policy::DUAL, &[Web], Web, [&[1, 9], &[], &[]]),
        (Policy::DUAL, &[Web, Web], Web, [&[2, 9], &[], &[1]]),
        (Policy::MULTI, &[Android, Web, Android, Web], Web, [&[1, 3, 4, 9], &[], &[2]]),
        (Policy::MULTI, &[Android, Android, Android], Android, [&[2, 3, 9], &[], &[1]]),
        (Policy::MULTI, &[Web, Web, Web, Web, Web], Web, [&[5, 9], &[], &[1, 2, 3, 4]]),
        (Policy::DUAL, &[Mac, Windows, Web], Mac, [&[3, 9], &[2], &[1]]),
    ]);
}

#[test]
fn an_excess_on_another_platform_stays() {
    assert_outcomes(&[
        (Policy::MULTI, &[Mac, Mac, Web, Web, Web], Linux, [&[1, 2, 3, 4, 5, 9], &[], &[]]),
        (Policy::DUAL, &[Web, Web, Web, Mac], Linux, [&[1, 2, 3, 9], &[4], &[]]),
    ]);
}

#[test]
fn victims_come_in_login_order_whatever_they_are_told() {
    let record = online(&[Mac, Windows, Mac]);
    let (_, kicked, _) = admitted(admit(&app(Policy::DUAL), record, session(9, 1, Mac), NOW));
    assert_eq!(keys(kicked.iter().map(|kicked| &kicked.session)), [1, 2, 3]);
}

#[test]
fn a_login_whose_epoch_is_not_greater_than_the_highest_on_record_changes_nothing() {
    let highest = 5;
    let mut record = online(&[Platform::Web]);
    record.epochs.insert(KeyDigest(9), raised(highest));
    for (epoch, superseded) in [(0, true), (4, true), (5, true), (6, false), (200, false)] {
        let newcomer = session(9, epoch, Platform::Mac);
        let admission = admit(&app(Policy::DUAL), record.clone(), newcomer, NOW);
        assert_eq!(admission == Admission::Superseded { highest: Epoch(highest) }, superseded, "{epoch}");
    }
}

#[test]
fn an_admission_raises_the_epoch_of_its_own_key_only() {
    let record = online(&[Platform::Web, Platform::Web]);
    let newcomer = session(2, 7, Platform::Web);
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), record, newcomer, NOW));
    let epochs = [(KeyDigest(1), raised(1)), (KeyDigest(2), raised(7))];
    assert_eq!(record.epochs, Epochs::from_iter(epochs));
}

#[test]
fn a_login_with_the_key_of_a_session_drops_that_session_first_and_without_a_kick() {
    let record = online(&[Platform::Web, Platform::Web]);
    let newcomer = session(1, 2, Platform::Web);
    let admission = admit(&app(Policy::DUAL), record, newcomer.clone(), NOW);
    let (record, kicked, replaced) = admitted(admission);
    assert_eq!(record.sessions, [session(2, 1, Platform::Web), newcomer]);
    assert_eq!((kicked, replaced), (vec![], Some(session(1, 1, Platform::Web))));
    assert_eq!(record.kicks, []);
}

#[test]
fn a_login_on_another_platform_with_the_key_of_a_session_kicks_the_others_only() {
    let record = online(&[Platform::Mac, Platform::Mac]);
    let newcomer = session(2, 2, Platform::Linux);
    let (record, kicked, _) = admitted(admit(&app(Policy::DUAL), record, newcomer, NOW));
    assert_eq!(keys(&record.sessions), [2]);
    assert_eq!(keys(kicked.iter().map(|kicked| &kicked.session)), [1]);
}

#[test]
fn a_kick_leaves_a_record_of_the_session_and_the_reason() {
    let newcomer = session(9, 1, Platform::Mac);
    let before = online(&[Platform::Linux, Platform::Mac]);
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), before, newcomer, NOW));
    let device = kick_record(1, 1, KickReason::MultipleDevice);
    let account = kick_record(2, 1, KickReason::MultipleAccount);
    assert_eq!(record.kicks, [device, account]);
}

#[test]
fn an_admission_forgets_the_kicks_of_its_own_instance_only() {
    let mut record = online(&[]);
    let other = kick_record(8, 1, KickReason::RestApi);
    let own = [1, 2].map(|epoch| kick_record(9, epoch, KickReason::MultipleDevice));
    record.kicks = [own.to_vec(), vec![other.clone()]].concat();
    let newcomer = session(9, 3, Platform::Mac);
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), record, newcomer, NOW));
    assert_eq!(record.kicks, [other]);
}

#[test]
fn the_first_reason_of_a_kick_stays() {
    let mut record = online(&[Platform::Mac]);
    let first = kick_record(1, 1, KickReason::RestApi);
    record.kicks = vec![first.clone()];
    let newcomer = session(9, 1, Platform::Mac);
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), record, newcomer, NOW));
    assert_eq!(record.kicks, [first]);
}

#[test]
fn a_kick_is_on_record_beside_that_of_another_instance_under_the_same_secret() {
    let mut record = online(&[Platform::Mac]);
    let other = KickRecord { key: KeyDigest(7), ..kick_record(1, 1, KickReason::RestApi) };
    record.kicks = vec![other.clone()];
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), record, session(9, 1, Platform::Mac), NOW));
    assert_eq!(record.kicks, [other, kick_record(1, 1, KickReason::MultipleAccount)]);
}

#[test]
fn an_account_keeps_its_100_newest_kick_records() {
    let mut record = online(&[Platform::Mac]);
    let older = (50..=149).map(|key| kick_record(key, 1, KickReason::RestApi));
    record.kicks = older.collect();
    let newcomer = session(9, 1, Platform::Mac);
    let (record, _, _) = admitted(admit(&app(Policy::DUAL), record, newcomer, NOW));
    assert_eq!(record.kicks.len(), MAX_KICK_RECORDS);
    assert_eq!(record.kicks[0].key, KeyDigest(51));
    assert_eq!(record.kicks[99].key, KeyDigest(1));
}

fn login(user_id: &str, user_sig: String, sdk_app_id: u64) -> Login {
    Login { user_id: user_id.to_owned(), user_sig, sdk_app_id, session: session(1, 1, Platform::Web) }
}

#[test]
fn a_login_is_refused_with_the_first_code_that_applies() {
    let now_s = NOW.0 / 1000;
    let sig = |app_id, identifier, time_s| usersig::make(app_id, "key", identifier, time_s, 60, None);
    let good = || sig(14, "alice", now_s);
    let rows = [
        ("alice", good(), 14, Ok(())),
        ("", String::new(), 13, Err(Code::BadField)),
        ("a b", good(), 14, Err(Code::BadField)),
        ("alice", String::new(), 13, Err(Code::SigEmpty)),
        ("alice", "?".to_owned(), 13, Err(Code::SigMalformed)),
        ("bob", sig(14, "alice", now_s + 61), 13, Err(Code::SigMalformed)),
        ("bob", good(), 13, Err(Code::SigOtherApp)),
        ("bob", sig(13, "alice", now_s), 14, Err(Code::SigOtherApp)),
        ("bob", sig(14, "alice", 0), 14, Err(Code::SigOtherIdentifier)),
        ("alice", sig(14, "alice", 0), 14, Err(Code::SigExpired)),
    ];
    for (user_id, user_sig, sdk_app_id, expected) in rows {
        let login = login(user_id, user_sig, sdk_app_id);
        let judged = judge(&app(Policy::DUAL), &login, NOW);
        let code = judged.map(|_| ()).map_err(|refusal| refusal.code);
        assert_eq!(code, expected, "{login:?}");
    }
}

#[test]
fn an_owed_logout_shows_whose_it_is_by_the_signature_of_a_user_sig_alone() {
    let now_s = NOW.0 / 1000;
    let signed = |identifier, time_s| usersig::make(14, "key", identifier, time_s, 60, None);
    let rows = [
        (Some(signed("alice", now_s)), Signature::Right),
        (Some(signed("alice", 0)), Signature::Right),
        (Some(signed("alice", now_s + 999)), Signature::Right),
        (Some(signed("bob", now_s)), Signature::Wrong),
        (Some(usersig::make(14, "yek", "alice", now_s, 60, None)), Signature::Wrong),
        (Some(usersig::make(13, "key", "alice", now_s, 60, None)), Signature::Wrong),
        (Some(String::new()), Signature::Wrong),
        (None, Signature::Wrong),
    ];
    for (shown, expected) in rows {
        assert_eq!(judge_owed(&app(Policy::DUAL), "alice", shown.as_deref(), NOW), expected, "{shown:?}");
    }
}

#[test]
fn where_an_account_has_one_limit_its_oldest_go_whatever_they_are() {
    let two = |classes: &str| format!("{classes}+account=2").parse::<Policy>().unwrap();
    assert_outcomes(&[
        (two("multi"), &[], Mac, [&[9], &[], &[]]),
        (two("multi"), &[Web], Mac, [&[1, 9], &[], &[]]),
        (two("multi"), &[Web, Mac], Linux, [&[2, 9], &[1], &[]]),
        (two("multi"), &[Web, Mac], Web, [&[2, 9], &[], &[1]]),
        (two("multi"), &[Web, Mac, Web, IPad], Web, [&[4, 9], &[2], &[1, 3]]),
        // Whoever goes for the class leaves a place.
        (two("dual"), &[Web, Mac], Linux, [&[1, 9], &[2], &[]]),
        (two("dual"), &[Mac, Web], Linux, [&[2, 9], &[1], &[]]),
        (two("dual"), &[Web, Web, Mac], Linux, [&[2, 9], &[1, 3], &[]]),
    ]);
}
