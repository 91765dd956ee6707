//! What a walk is made of: a scope, and choices that mean an action in whatever state they are met. It knows no driver.

use std::hash::{BuildHasher, Hash};

use model::action::{AccountId, Action, ActionKind, Credential};
use model::scope::{Destroys, MAX_ACCOUNTS, MAX_INSTANCES, Overtaking, Platform, Policy, RestKicks, Scope, Seat, Sends};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rustc_hash::FxBuildHasher;

/// More instances than any exhaustive scope has.
const FEWEST_INSTANCES: usize = 5;

/// The most steps of a walk.
const LONGEST: usize = 400;

const NAMES: [&str; MAX_INSTANCES] = ["i1", "i2", "i3", "i4", "i5", "i6"];

const PLATFORMS: [Platform; 7] =
    [Platform::Web, Platform::Android, Platform::IPhone, Platform::IPad, Platform::Windows, Platform::Mac, Platform::Linux];

/// A scope and a way through it. Any choices are a walk, so that what is left of them when some are dropped is one, too.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) scope: Scope,
    pub(crate) choices: Vec<u16>,
}

/// Every walk that may be made.
pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let choices = vec(any::<u16>().no_shrink(), 0..=LONGEST);
    (choices, scopes()).prop_map(|(choices, scope)| Plan { scope, choices })
}

fn scopes() -> impl Strategy<Value = Scope> {
    let people = (1..=MAX_ACCOUNTS).prop_flat_map(|accounts| (seats(accounts), sends(accounts)));
    let app = (select(vec![Policy::Single, Policy::Dual, Policy::Triple, Policy::Multi]), limits(), credentials());
    (people, app, environment()).prop_map(|((seats, sends), (policy, limits, credentials), environment)| {
        let (destroys, joined_calls, busy, overtaking) = environment;
        let (name, about) = ("walk", "a scope larger than the exhaustive ones");
        Scope {
            name,
            about,
            seats,
            policy,
            limits,
            credentials,
            sends,
            destroys,
            joined_calls,
            busy,
            overtaking,
            rest_kicks: RestKicks::Called,
        }
    })
}

fn accounts(accounts: usize) -> Vec<AccountId> {
    (0..accounts as u8).map(AccountId).collect()
}

/// Of one to four platforms, so that some instances share one.
fn seats(all: usize) -> impl Strategy<Value = Vec<Seat>> {
    let platforms = subsequence(PLATFORMS.to_vec(), 1..=4);
    let seat = move |platforms| (select::<Platform>(platforms), subsequence(accounts(all), 1..=all));
    platforms.prop_flat_map(move |platforms| vec(seat(platforms), FEWEST_INSTANCES..=MAX_INSTANCES)).prop_map(|seats| {
        let named = NAMES.into_iter().zip(seats);
        named.map(|(name, (platform, accounts))| Seat { name, platform, accounts }).collect()
    })
}

fn sends(all: usize) -> impl Strategy<Value = Sends> {
    prop_oneof![
        6 => (1..=2_u8).prop_map(move |tokens| Sends::Tokens { tokens, to: accounts(all) }),
        1 => Just(Sends::RefusedOnly),
        1 => Just(Sends::Never),
    ]
}

/// Limits in the ranges that the vendor allows.
fn limits() -> impl Strategy<Value = Vec<(Platform, u8)>> {
    let stated = |platform| {
        let most: u8 = if platform == Platform::Web { 10 } else { 3 };
        (1..=most).prop_map(move |limit| (platform, limit))
    };
    let each = PLATFORMS.map(|platform| proptest::option::of(stated(platform)));
    Vec::from(each).prop_map(|limits| limits.into_iter().flatten().collect())
}

fn credentials() -> impl Strategy<Value = Vec<Credential>> {
    let bad = Credential::ALL[1..].to_vec();
    let most = bad.len();
    subsequence(bad, 0..=most).prop_map(|bad| std::iter::once(Credential::Good).chain(bad).collect())
}

fn environment() -> impl Strategy<Value = (Destroys, u8, Option<u8>, Overtaking)> {
    let destroys = prop_oneof![3 => Just(Destroys::Called), 1 => Just(Destroys::Never)];
    let busy = prop_oneof![3 => Just(None), 1 => (1..=3_u8).prop_map(Some)];
    let overtaking = prop_oneof![3 => Just(Overtaking::Allowed), 1 => Just(Overtaking::Waits)];
    (destroys, 1..=2_u8, busy, overtaking)
}

/// The label that a choice means here: first a kind of action is drawn among those offered, then one of that kind. What is drawn is
/// what draws the lowest lot, not what stands at some place, so that a choice mostly stays the same action where others are dropped.
pub(crate) fn label(offered: &[Action], choice: u16) -> u16 {
    let kinds = offered.iter().map(|action| action.kind());
    let kind = kinds.min_by_key(|kind| lowest_lot(choice, kind, lots_of(*kind))).expect("some call is offered in every state");
    let of_kind = (0..offered.len()).filter(|at| offered[*at].kind() == kind);
    let drawn = of_kind.min_by_key(|at| lowest_lot(choice, &offered[*at], lots(offered[*at])));
    drawn.expect("the kind is one of those offered") as u16
}

fn lowest_lot(choice: u16, candidate: &impl Hash, lots: u8) -> Option<u64> {
    (0..lots).map(|lot| FxBuildHasher.hash_one((candidate, choice, lot))).min()
}

/// Frames arrive more often than calls are made, so that logins come to their end.
const fn lots_of(kind: ActionKind) -> u8 {
    match kind {
        ActionKind::Logout | ActionKind::Destroy | ActionKind::RestKick => 1,
        ActionKind::Login => 3,
        ActionKind::Send => 5,
        ActionKind::Open | ActionKind::Renew | ActionKind::ToServer | ActionKind::ToClient => 20,
    }
}

/// Good logins are made more often than bad ones.
fn lots(action: Action) -> u8 {
    match action {
        Action::Login { credential: Credential::Good, .. } => 8,
        Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Open { .. }
        | Action::ToServer { .. }
        | Action::ToClient { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. } => 1,
    }
}
