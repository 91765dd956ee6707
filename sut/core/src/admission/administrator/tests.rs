//! The administrator's rules, row by row.

use super::*;
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::session::{Epoch, EpochEntry, KeyDigest, KickRecord, Platform, Session, SessionDigest};

const NOW_S: u64 = 1_700_000_000;
const NOW: UnixMillis = UnixMillis(NOW_S * 1000);

fn app(administrators: &[&str]) -> App {
    let administrators = administrators.iter().map(|name| (*name).to_owned()).collect();
    App {
        sdk_app_id: 14,
        secret_key: "key".into(),
        policy: Policy::DUAL,
        limits: Limits::default(),
        administrators,
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    }
}

fn issued(identifier: &str, time_s: u64) -> String {
    usersig::make(14, "key", identifier, time_s, 60, None)
}

fn caller(sdk_app_id: u64, identifier: &str, user_sig: String) -> Caller {
    Caller { sdk_app_id, identifier: identifier.to_owned(), user_sig }
}

fn session(n: u8, platform: Platform) -> Session {
    Session {
        key: KeyDigest(n.into()),
        digest: SessionDigest(u128::from(n) + 100),
        epoch: Epoch(n.into()),
        platform,
        expires_at: UnixMillis(0),
        issued_s: 0,
        node: None,
        admitted_at: None,
    }
}

fn kick_of(n: u8, reason: KickReason) -> KickRecord {
    let Session { key, digest, .. } = session(n, Platform::Web);
    KickRecord { key, digest, reason }
}

/// Sessions 1, 2 and 3 online, of three platforms.
fn online() -> Record {
    let sessions: Vec<_> = [(1, Platform::Mac), (2, Platform::Web), (3, Platform::IPad)].map(|(n, on)| session(n, on)).into();
    let epochs = sessions.iter().map(|session| (session.key, EpochEntry { epoch: session.epoch, raised_at: NOW })).collect();
    Record { sessions, epochs, ..Record::default() }
}

#[test]
fn an_administrative_call_needs_the_good_user_sig_of_a_named_administrator() {
    let good = || issued("admin", NOW_S);
    let rows = [
        (caller(14, "admin", good()), "admin", None),
        (caller(14, "admin", good()), "root", Some("\"admin\" is no administrator of this app")),
        (caller(14, "Admin", issued("Admin", NOW_S)), "admin", Some("\"Admin\" is no administrator of this app")),
        (caller(14, "admin", String::new()), "admin", Some("70002: the UserSig is empty; make one for this account")),
        (caller(14, "admin", issued("alice", NOW_S)), "admin", Some("70013: the UserSig is for \"alice\", not for \"admin\"")),
        (caller(15, "admin", good()), "admin", Some("70014: SDKAppID 15 is not served here; 14 is")),
        (
            caller(14, "admin", issued("admin", NOW_S - 60)),
            "admin",
            Some("70001: the UserSig has expired; make a fresh one for this account"),
        ),
    ];
    for (caller, administrator, refused) in rows {
        let text = refused.map(|why| format!("an administrator's UserSig is needed: {why}"));
        let expected = text.map_or(Ok(()), |text| Err(Refusal { code: Code::Forbidden, text }));
        assert_eq!(judge_administrator(&app(&[administrator]), &caller, NOW), expected, "{caller:?}");
    }
}

#[test]
fn where_no_administrator_is_named_nobody_is_one() {
    let judged = judge_administrator(&app(&[]), &caller(14, "admin", issued("admin", NOW_S)), NOW);
    assert_eq!(judged.map_err(|refusal| refusal.code), Err(Code::Forbidden));
}

#[test]
fn a_user_sig_issued_at_or_before_the_second_of_the_last_kick_is_refused() {
    let rows = [
        (None, NOW_S, Ok(())),
        (Some(NOW_S), NOW_S - 1, Err(Code::SigRevoked)),
        (Some(NOW_S), NOW_S, Err(Code::SigRevoked)),
        (Some(NOW_S), NOW_S + 1, Ok(())),
        (Some(0), 0, Err(Code::SigRevoked)),
    ];
    for (rest_kick_s, time_s, expected) in rows {
        let record = Record { rest_kick_s, ..online() };
        let user_sig = usersig::read(&issued("alice", time_s), 60, NOW).unwrap();
        let judged = judge_on_record(&record, &user_sig).map_err(|refusal| refusal.code);
        assert_eq!(judged, expected, "{rest_kick_s:?} {time_s}");
    }
}

#[test]
fn a_kick_ends_every_session_in_login_order_and_records_the_second() {
    let before = online();
    let (record, kicked) = kick_all(before.clone(), NOW_S);
    let expected: Vec<_> = before.sessions.into_iter().map(|session| Kicked { session, reason: KickReason::RestApi }).collect();
    assert_eq!(kicked, expected);
    let kicks = [1, 2, 3].map(|n| kick_of(n, KickReason::RestApi)).into();
    assert_eq!(record, Record { sessions: vec![], kicks, epochs: before.epochs, rest_kick_s: Some(NOW_S), ..Record::default() });
}

#[test]
fn a_kick_of_an_account_that_never_logged_in_records_the_second_only() {
    let record = Record { rest_kick_s: Some(NOW_S), ..Record::default() };
    assert_eq!(kick_all(Record::default(), NOW_S), (record, vec![]));
}

#[test]
fn the_second_of_the_last_kick_never_goes_back() {
    let rest_kick_s = |before, now_s| kick_all(Record { rest_kick_s: before, ..online() }, now_s).0.rest_kick_s;
    assert_eq!([rest_kick_s(Some(7), 6), rest_kick_s(Some(7), 8), rest_kick_s(None, 0)], [Some(7), Some(8), Some(0)]);
}

#[test]
fn a_user_sig_dated_ahead_that_an_ended_session_used_is_revoked_with_it() {
    let used = |issued_s: [u64; 2]| {
        let mut record = online();
        (record.sessions[0].issued_s, record.sessions[2].issued_s) = (issued_s[0], issued_s[1]);
        kick_all(record, NOW_S).0.rest_kick_s
    };
    assert_eq!([used([NOW_S + 60, NOW_S + 3]), used([NOW_S - 5, NOW_S - 9])], [Some(NOW_S + 60), Some(NOW_S)]);
}

#[test]
fn an_older_kick_keeps_its_reason() {
    let older = kick_of(1, KickReason::MultipleDevice);
    let (record, _) = kick_all(Record { kicks: vec![older.clone()], ..online() }, NOW_S);
    assert_eq!(record.kicks, [older, kick_of(2, KickReason::RestApi), kick_of(3, KickReason::RestApi)]);
}

#[cfg(debug_assertions)]
#[test]
fn a_user_sig_dated_ahead_that_outlives_a_kick_shows() {
    let mut ahead = online();
    ahead.sessions[0].issued_s = NOW_S + 60;
    planted::plant_unreplayed(Some(Unreplayed::Rest1AheadOutlives));
    let kicked = kick_all(ahead, NOW_S).0.rest_kick_s;
    planted::plant_unreplayed(None);
    assert_eq!(kicked, Some(NOW_S));
}
