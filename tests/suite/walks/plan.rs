//! What a walk is made of: a scope, and choices that mean an action in whatever state they are met. It knows no driver.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use model::action::{
    AccountId, Action, ActionKind, AppCall, CallKind, Credential, InstanceId, LinkKind, LinkMove, NodeId, PageKind, Post,
    ServerKind, ServerMove, Slot, TimerKind,
};
use model::scope::{
    AtLimit, Commits, DearShare, Destroys, Fault, Overtaking, Platform, Policy, Reconnects, RestKicks, Scope, Seat, Sends, Tier,
    Webhooks,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// As many instances as nearly all exhaustive scopes have, and more; here everything happens to all of them.
const INSTANCES: std::ops::RangeInclusive<usize> = 3..=4;

/// More accounts than most exhaustive scopes have.
const ACCOUNTS: usize = 2;

/// The most steps of a walk.
const LONGEST: usize = 400;

const NAMES: [&str; 4] = ["i1", "i2", "i3", "i4"];

/// Everything that fails.
pub(crate) const FAULTS: [Fault; 13] = [
    Fault::Cuts,
    Fault::EndsSeen,
    Fault::Silence,
    Fault::Heartbeats,
    Fault::OpenFails,
    Fault::Deadlines,
    Fault::Pings,
    Fault::Expiries,
    Fault::PageCloses,
    Fault::Wakes,
    Fault::Restarts,
    Fault::Stops,
    Fault::Resends,
];

/// Of these, what the model leaves out where two instances share a key.
const STRIKES_ALL_OR_RENEWS: [Fault; 4] = [Fault::PageCloses, Fault::Expiries, Fault::Restarts, Fault::Stops];

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
    let people = (1..=ACCOUNTS).prop_flat_map(|accounts| (seats(accounts), sends(accounts)));
    let one_key = prop_oneof![4 => Just(false), 1 => Just(true)];
    let app = (policies(), limits(), credentials());
    (people, one_key, app, environment(), outside(), failures()).prop_map(
        |((seats, sends), one_key, (policy, limits, credentials), calls, told, fails)| {
            let (destroys, joined_calls, busy, overtaking) = calls;
            let (rest_kicks, limit_change) = told;
            let (faults, faults_at_once, debts) = fails;
            let (name, about) = ("walk", "a scope larger than the exhaustive ones");
            let scope = Scope {
                name,
                about,
                tier: Tier::Full,
                dear_share: DearShare::Sample,
                seats,
                policy,
                limits,
                credentials,
                sends,
                commits: Commits::AtOnce,
                buffer: None,
                destroys,
                joined_calls,
                busy,
                reconnects: Reconnects::AtAnyTime,
                overtaking,
                rest_kicks,
                limit_change,
                webhooks: Webhooks::Never,
                faults,
                faults_at_once,
                failing: None,
                debts,
            };
            let scope = called_back(kicked_before(changed(scope, limit_change)));
            if one_key { under_one_key(scope) } else { scope }
        },
    )
}

/// Mostly those that kick.
fn policies() -> impl Strategy<Value = Policy> {
    let all: Vec<_> = Policy::all().collect();
    let (kicking, refusing) = all.iter().partition::<Vec<_>, _>(|policy| policy.at_limit == AtLimit::Kick);
    prop_oneof![3 => select(kicking), 1 => select(refusing)]
}

/// A change to what is stated already would be none.
fn changed(scope: Scope, change: Option<(Platform, u8)>) -> Scope {
    let other = |(platform, limit)| (platform, if scope.limit(platform) == usize::from(limit) { limit % 3 + 1 } else { limit });
    let limit_change = change.map(other);
    Scope { limit_change, ..scope }
}

/// A UserSig from before the last REST kick exists only where there are such kicks, and is told by that only where none expires.
fn kicked_before(mut scope: Scope) -> Scope {
    let called = scope.rest_kicks == RestKicks::Called && !scope.has(Fault::Expiries);
    scope.credentials.retain(|shown| called || *shown != Credential::Revoked);
    scope
}

/// Where nobody is followed by a fresh instance a login of three kicks two at most, which is what a callback of the model can name.
fn called_back(scope: Scope) -> Scope {
    let renewed = scope.destroys == Destroys::Called || scope.has(Fault::PageCloses);
    let webhooks = if renewed || scope.seats.len() > 3 { Webhooks::Never } else { Webhooks::Posted };
    Scope { webhooks, ..scope }
}

/// The first two instances share a key, as one account, where nothing gives another key and nothing strikes all at once.
fn under_one_key(mut scope: Scope) -> Scope {
    scope.seats[1] = Seat { shares: Some(InstanceId(0)), platform: scope.seats[0].platform, ..scope.seats[1].clone() };
    scope.seats[..2].iter_mut().for_each(|seat| seat.accounts = vec![AccountId(0)]);
    scope.faults.retain(|fault| !STRIKES_ALL_OR_RENEWS.contains(fault));
    scope.credentials.retain(|shown| *shown != Credential::Revoked);
    Scope { destroys: Destroys::Never, rest_kicks: RestKicks::Never, webhooks: Webhooks::Never, ..scope }
}

fn accounts(accounts: usize) -> Vec<AccountId> {
    (0..accounts as u8).map(AccountId).collect()
}

/// Of one to four platforms, so that some instances share one.
fn seats(all: usize) -> impl Strategy<Value = Vec<Seat>> {
    let platforms = subsequence(PLATFORMS.to_vec(), 1..=4);
    let seat = move |platforms| (select::<Platform>(platforms), subsequence(accounts(all), 1..=all));
    platforms.prop_flat_map(move |platforms| vec(seat(platforms), INSTANCES)).prop_map(|seats| {
        let named = NAMES.into_iter().zip(seats);
        named.map(|(name, (platform, accounts))| Seat { name, platform, accounts, shares: None, node: NodeId::default() }).collect()
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

/// What the administrator does.
fn outside() -> impl Strategy<Value = (RestKicks, Option<(Platform, u8)>)> {
    let rest_kicks = prop_oneof![3 => Just(RestKicks::Called), 1 => Just(RestKicks::Never)];
    let change = (select(PLATFORMS.to_vec()), 1..=3_u8);
    (rest_kicks, proptest::option::of(change))
}

/// What fails: mostly everything, of as many instances at once as may be. A replay in which messages are sent again moves no time, so
/// that their ids stay known (MSG-3), and one in which UserSigs expire does: the two never meet.
fn failures() -> impl Strategy<Value = (Vec<Fault>, Option<u8>, u8)> {
    let faults = prop_oneof![3 => Just(FAULTS.to_vec()), 2 => subsequence(FAULTS.to_vec(), 0..=FAULTS.len())];
    let either = select(vec![Fault::Resends, Fault::Expiries]);
    let restarts = prop_oneof![2 => Just(true), 1 => Just(false)];
    let stays =
        |fault: &Fault, either, restarts: bool| *fault != either && (restarts || !matches!(fault, Fault::Restarts | Fault::Stops));
    let faults = (faults, either, restarts)
        .prop_map(move |(faults, either, restarts)| faults.into_iter().filter(|fault| stays(fault, either, restarts)).collect());
    let at_once = prop_oneof![2 => Just(None), 1 => (1..=2_u8).prop_map(Some)];
    (faults, at_once, 1..=3_u8)
}

/// The label that a choice means here: first a kind of action is drawn among those offered, then one of that kind. What is drawn is
/// what draws the lowest lot, not what stands at some place, so that a choice mostly stays the same action where others are dropped. A kind
/// draws by its name, whatever its type is.
pub(crate) fn label(offered: &[Action], choice: u16) -> u16 {
    let kinds = offered.iter().map(|action| action.kind());
    let kind =
        kinds.min_by_key(|kind| lowest_lot(choice, &kind.name(), lots_of(*kind))).expect("some call is offered in every state");
    let of_kind = (0..offered.len()).filter(|at| offered[*at].kind() == kind);
    let drawn = of_kind.min_by_key(|at| lowest_lot(choice, &offered[*at], lots(offered[*at])));
    drawn.expect("the kind is one of those offered") as u16
}

/// A hash that mixes well: under one that does not, some candidate is always a little above another, and never drawn.
fn lowest_lot(choice: u16, candidate: &impl Hash, lots: u8) -> Option<u64> {
    let hasher = BuildHasherDefault::<DefaultHasher>::new();
    (0..lots).map(|lot| hasher.hash_one((candidate, choice, lot))).min()
}

/// Frames arrive more often than calls are made, so that logins come to their end; what strikes everybody is rare.
const fn lots_of(kind: ActionKind) -> u8 {
    match kind {
        ActionKind::Call(CallKind::Login) => 8,
        ActionKind::Call(CallKind::Send | CallKind::Resend) => 25,
        ActionKind::Link(LinkKind::Open | LinkKind::ToServer | LinkKind::ToClient)
        | ActionKind::Timer(TimerKind::Backoff)
        | ActionKind::Renew
        | ActionKind::Server(ServerKind::Webhook) => 60,
        ActionKind::Call(CallKind::Logout | CallKind::Destroy)
        | ActionKind::Page(PageKind::Close)
        | ActionKind::Link(LinkKind::OpenFails)
        | ActionKind::Timer(TimerKind::Expire)
        | ActionKind::Server(ServerKind::RestKick | ServerKind::Configure | ServerKind::Restart | ServerKind::Stop) => 1,
        ActionKind::Page(PageKind::Wake)
        | ActionKind::Link(_)
        | ActionKind::Timer(_)
        | ActionKind::Server(
            ServerKind::TakeEffect
            | ServerKind::Hear
            | ServerKind::Miss
            | ServerKind::Poll
            | ServerKind::Die
            | ServerKind::Start
            | ServerKind::Freeze
            | ServerKind::Wake
            | ServerKind::LeaseEnds
            | ServerKind::Store,
        ) => 4,
    }
}

/// Good logins are made more often than bad ones, callbacks are mostly taken, and what a link that was given up still holds mostly
/// arrives late.
fn lots(action: Action) -> u8 {
    match action {
        Action::Call(_, AppCall::Login { credential: Credential::Good, .. })
        | Action::Server(ServerMove::Webhook(_, Post::Taken)) => 8,
        Action::Link(_, LinkMove::ToServer(Slot::Current)) => 4,
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => 1,
    }
}
