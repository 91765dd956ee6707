//! Admission against the rulebook's sentences, said another way: of all sets of victims the one that the sentences allow. Any
//! population within the limits or over them, any policy, any newcomer.

use std::num::NonZeroU8;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sut::admission::{Admission, Kicked, admit};
use sut::code::{Code, Refusal};
use sut::config::{App, Bounds, Buffers, Classes, Counted, Limits, Newcomers, Policy};
use sut::session::{Epoch, EpochEntry, Epochs, KeyDigest, KickReason, KickRecord, Platform, Record, Session, SessionDigest};
use sut::timers::UnixMillis;

/// The most sessions that a population has: 2 to the power of it are the sets of victims that are tried.
const MOST: usize = 9;

/// Classes and limits of one's own, as `own_classes` writes them: a letter and a limit for each of `Platform::ALL`.
const OWN: (&[u8; 7], [u8; 7]) = (b"awaw123", [2, 3, 1, 2, 1, 1, 1]);

fn own_classes() -> Policy {
    "own=Web=2,iPhone.Android=3,iPad=2".parse().expect("it is a policy")
}

/// The policies' table in the rulebook, spelt another way: a letter for each of `Platform::ALL`, one letter a class.
fn class_letter(policy: Policy, platform: Platform) -> u8 {
    let letters = match policy.classes {
        Classes::Single => b"aaaaaaa",
        Classes::Dual => b"wnnnnnn",
        Classes::Triple => b"wmmmddd",
        Classes::Multi => b"1234567",
        Classes::Own(_) => OWN.0,
    };
    letters[place(platform)]
}

fn place(platform: Platform) -> usize {
    Platform::ALL.iter().position(|other| *other == platform).expect("it is one of all")
}

/// KICK-13: a limit of the account counts all but those who go for their class.
fn is_counted(app: &App, one: &Session, newcomer: &Session) -> bool {
    let is_of_the_account = app.policy.counted != Counted::Platforms && !classmates(app, one, newcomer);
    is_of_the_account || one.platform == newcomer.platform
}

fn limit_of(app: &App, platform: Platform) -> usize {
    match (app.policy.counted, app.policy.classes) {
        (Counted::Account(limit), _) => limit.get().into(),
        (Counted::Platforms, Classes::Own(_)) => OWN.1[place(platform)].into(),
        (Counted::Platforms, Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi) => app.limits.of(platform).into(),
    }
}

fn classmates(app: &App, one: &Session, other: &Session) -> bool {
    class_letter(app.policy, one.platform) == class_letter(app.policy, other.platform)
}

/// What the sentences say of a set of victims, one bit a session in login order.
fn is_allowed(app: &App, others: &[Session], newcomer: &Session, victims: u32) -> bool {
    let is_victim = |at: &usize| victims & (1 << at) != 0;
    let (gone, stay): (Vec<_>, Vec<_>) = (0..others.len()).partition(is_victim);
    let same = |at: &&usize| is_counted(app, &others[**at], newcomer);
    let limit = limit_of(app, newcomer.platform);
    // KICK-1: nobody of another kind of the class is left.
    let class_holds = stay.iter().all(|at| others[*at].platform == newcomer.platform || !classmates(app, &others[*at], newcomer));
    // KICK-2, KICK-13: the limit holds with the newcomer, no more are kicked than needed, and whoever stays logged in after whoever goes.
    let limit_holds = stay.iter().filter(same).count() < limit;
    let needed = gone.iter().filter(same).count() == 0 || stay.iter().filter(same).count() + 1 == limit;
    let last_gone = gone.iter().filter(same).max();
    let first_stays = stay.iter().filter(same).min();
    let oldest_first = last_gone.is_none() || first_stays.is_none() || last_gone < first_stays;
    // KICK-5, KICK-11: nobody outside the class goes, but where the account is counted (KICK-13).
    let only_class = gone.iter().all(|at| classmates(app, &others[*at], newcomer) || same(&at));
    class_holds && limit_holds && needed && oldest_first && only_class
}

/// The one set of victims that the sentences allow, each victim with its reason.
fn stated(app: &App, others: &[Session], newcomer: &Session) -> Vec<Kicked> {
    let sets = 0..1_u32 << others.len();
    let allowed: Vec<_> = sets.filter(|set| is_allowed(app, others, newcomer, *set)).collect();
    assert_eq!(allowed.len(), 1, "the sentences allow one set of victims, not {allowed:?}");
    let victims = (0..others.len()).filter(|at| allowed[0] & (1 << at) != 0);
    let kicked = |at: usize| {
        let session = others[at].clone();
        let reason = match session.platform == newcomer.platform {
            true => KickReason::MultipleAccount,
            false => KickReason::MultipleDevice,
        };
        Kicked { session, reason }
    };
    victims.map(kicked).collect()
}

fn a_policy() -> impl Strategy<Value = Policy> {
    let policies: Vec<_> = Policy::ALL.into_iter().chain([own_classes()]).collect();
    (select(policies), option::of(1_u8..=4), any::<bool>()).prop_map(|(policy, account, refuses)| {
        let counted = account.and_then(NonZeroU8::new).map_or(Counted::Platforms, Counted::Account);
        let policy = Policy { counted, ..policy };
        if refuses { policy.refusing() } else { policy }
    })
}

fn an_app() -> impl Strategy<Value = App> {
    (a_policy(), any::<[Index; 7]>()).prop_map(|(policy, picks)| {
        let pick = |limits: Limits, (platform, pick): (Platform, Index)| {
            let within: Vec<u8> = Limits::range(platform).collect();
            let limits = limits.with(platform, *pick.get(&within));
            limits.expect("it is within the range")
        };
        let limits = Platform::ALL.into_iter().zip(picks).fold(Limits::default(), pick);
        App {
            sdk_app_id: 1,
            secret_key: "key".into(),
            policy,
            limits,
            administrators: Vec::new(),
            buffers: Buffers::default(),
            bounds: Bounds::default(),
            usersig_ahead_s: 60,
        }
    })
}

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn raised(epoch: Epoch) -> EpochEntry {
    EpochEntry { epoch, raised_at: NOW }
}

/// Instance `key` with a session on its link `epoch`.
fn session(key: u128, epoch: u64, platform: Platform) -> Session {
    Session {
        key: KeyDigest(key),
        digest: SessionDigest(key * 1000 + u128::from(epoch)),
        epoch: Epoch(epoch),
        platform,
        expires_at: UnixMillis(0),
        issued_s: 0,
        node: None,
        admitted_at: None,
    }
}

/// Sessions of instances 1, 2 and so on, in this login order, each on its link 5.
fn a_population() -> impl Strategy<Value = Vec<Session>> {
    vec(select(&Platform::ALL), 0..=MOST)
        .prop_map(|platforms| (1..).zip(platforms).map(|(key, platform)| session(key, 5, platform)).collect())
}

fn record_of(sessions: &[Session]) -> Record {
    Record {
        sessions: sessions.to_vec(),
        epochs: sessions.iter().map(|session| (session.key, raised(session.epoch))).collect(),
        ..Record::default()
    }
}

/// The sessions that admissions one after another leave: a population within the rules.
fn logged_in(app: &App, logins: &[Session]) -> Vec<Session> {
    let login = |record: Record, newcomer: &Session| match admit(app, record.clone(), newcomer.clone(), NOW) {
        Admission::Admitted { record, .. } => record,
        Admission::Refused(_) => record,
        Admission::Superseded { highest: _ } => panic!("every key is new"),
    };
    logins.iter().fold(Record::default(), login).sessions
}

/// KICK-12: whoever needs a victim is refused, and whoever has a place of its own needs none.
fn refuses(app: &App, own: &[Session], newcomer: &Session, kicked: &[Kicked]) -> Option<bool> {
    let has_a_place = own.iter().any(|own| own.platform == newcomer.platform);
    (app.policy.newcomers == Newcomers::AreRefused).then_some(!has_a_place && !kicked.is_empty())
}

/// What must come of a login on a population: LINK-3, KICK-12, LOGIN-9, then the victims, a record of each, and the newcomer last.
fn expected(app: &App, sessions: &[Session], newcomer: &Session) -> Admission {
    let (replaced, others): (Vec<_>, Vec<_>) = sessions.iter().cloned().partition(|session| session.key == newcomer.key);
    if let Some(newer) = replaced.iter().find(|old| old.epoch >= newcomer.epoch) {
        return Admission::Superseded { highest: newer.epoch };
    }
    let needed = stated(app, &others, newcomer);
    let kicked = match refuses(app, &replaced, newcomer, &needed) {
        Some(true) => return Admission::Refused(refusal(app, sessions)),
        Some(false) => Vec::new(),
        None => needed,
    };
    let stays = |other: &Session| kicked.iter().all(|kicked| kicked.session != *other);
    let mut online: Vec<_> = others.into_iter().filter(stays).collect();
    online.push(newcomer.clone());
    let mut epochs: Epochs = sessions.iter().map(|s| (s.key, raised(s.epoch))).collect();
    epochs.insert(newcomer.key, raised(newcomer.epoch));
    let record = Record { sessions: online, kicks: kicked.iter().map(kick_record).collect(), epochs, ..Record::default() };
    Admission::Admitted { record, replaced: replaced.into_iter().next().map(Box::new), kicked }
}

/// What a newcomer is told, whoever it is.
fn refusal(app: &App, full: &[Session]) -> Refusal {
    let stranger = session(u128::MAX / 2000, 9, full[0].platform);
    let one_in_all = Policy { counted: Counted::Account(NonZeroU8::MIN), ..app.policy };
    let full_already = App { policy: one_in_all, ..app.clone() };
    let Admission::Refused(why) = admit(&full_already, record_of(full), stranger, NOW) else { panic!("it is let in") };
    assert_eq!(why.code, Code::NoPlace);
    why
}

fn kick_record(kicked: &Kicked) -> KickRecord {
    KickRecord { key: kicked.session.key, digest: kicked.session.digest, reason: kicked.reason }
}

fn a_newcomer() -> impl Strategy<Value = Session> {
    let keys_and_epochs = (1..=MOST as u128 + 4, 4_u64..8);
    (keys_and_epochs, select(&Platform::ALL)).prop_map(|((key, epoch), platform)| session(key, epoch, platform))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_login_on_any_population_ends_as_the_rulebook_says(
        app in an_app(),
        sessions in a_population(),
        newcomer in a_newcomer(),
    ) {
        let expected = expected(&app, &sessions, &newcomer);
        prop_assert_eq!(admit(&app, record_of(&sessions), newcomer, NOW), expected);
    }

    #[test]
    fn any_login_on_a_population_within_the_rules_ends_as_the_rulebook_says(
        app in an_app(),
        logins in a_population(),
        newcomer in a_newcomer(),
    ) {
        let sessions = logged_in(&app, &logins);
        let expected = expected(&app, &sessions, &newcomer);
        prop_assert_eq!(admit(&app, record_of(&sessions), newcomer, NOW), expected);
    }

    #[test]
    fn after_any_logins_every_class_has_one_kind_and_every_limit_holds(
        app in an_app(),
        logins in a_population(),
    ) {
        let online = logged_in(&app, &logins);
        for one in &online {
            let mates = online.iter().filter(|other| classmates(&app, one, other));
            prop_assert!(mates.clone().all(|mate| mate.platform == one.platform));
            prop_assert!(mates.count() <= limit_of(&app, one.platform));
            prop_assert!(app.policy.counted == Counted::Platforms || online.len() <= limit_of(&app, one.platform));
        }
        if app.policy.newcomers == Newcomers::Kick {
            prop_assert_eq!(online.last(), logins.last());
        }
    }
}
