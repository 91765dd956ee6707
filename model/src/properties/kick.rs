//! What must be seen of kicks.

use super::Seen;
use crate::action::{AccountId, Action, InstanceId, Slot};
use crate::frame::Frame;
use crate::observation::{End, Event, Item, Reason};
use crate::scope::{Platform, Policy};
use crate::state::{Phase, ServerEnd, State};

/// KICK-1
pub(super) fn other_kinds_of_the_class_are_kicked(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let clashing = seen.before.roster(account).iter().filter(|online| clash(seen, *online, newcomer));
    clashing.into_iter().all(|victim| is_kicked(seen, victim, account, Reason::MultipleDevice))
}

/// KICK-2
pub(super) fn the_oldest_over_the_limit_are_kicked(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let crowded = seen.before.roster(account).iter().filter(|online| is_crowded_out(seen, *online, newcomer, account));
    crowded.into_iter().all(|victim| is_kicked(seen, victim, account, Reason::MultipleAccount))
}

/// KICK-3
pub(super) fn the_newcomer_stays(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let notices = seen.written(newcomer, End::Server).iter().any(|frame| matches!(frame, Frame::Notice { .. }));
    !notices && seen.after.roster(account).iter().next_back() == Some(newcomer)
}

/// KICK-4
pub(super) fn a_victim_logs_out_then_learns(seen: &Seen<'_>) -> bool {
    let Some(Frame::Notice { reason }) = seen.arrives_at_client() else { return true };
    let mut due = seen.farewell();
    due.push(seen.published(Event::KickedOut(reason)));
    let left_before = seen.watch().user.is_none();
    let acknowledged = seen.written(seen.me(), End::Client) == [Frame::KickAck];
    let settled = seen.then[usize::from(seen.me().0)];
    let nothing_runs = settled.logouts == 0 && settled.destroys == 0;
    acknowledged && nothing_runs && (left_before || seen.told(seen.me()) == due)
}

/// KICK-5
pub(super) fn bystanders_see_nothing(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let concerned = |online: &InstanceId| {
        *online == newcomer || clash(seen, *online, newcomer) || is_crowded_out(seen, *online, newcomer, account)
    };
    let concerned: Vec<_> = seen.scope.instances().filter(concerned).collect();
    let silent = seen.items.iter().all(|item| concerned.contains(&item.instance()));
    silent && seen.others_keep_their_places(&concerned)
}

/// KICK-6
pub(super) fn nothing_counts_after_the_kick(seen: &Seen<'_>) -> bool {
    let Action::ToServer { instance, slot } = seen.action else { return true };
    let seat = seen.before.instance(instance);
    let server = match slot {
        Slot::Current => seat.current.server,
        Slot::Abandoned => seat.abandoned.server,
    };
    let ServerEnd::Kicked { .. } = server else { return true };
    let acknowledged = seen.arrives_at_server() == Some(Frame::KickAck);
    let heard = if acknowledged { vec![Item::Closed { instance, end: End::Server }] } else { Vec::new() };
    seen.items == heard && seen.before.rosters == seen.after.rosters
}

/// KICK-7
pub(super) fn a_victim_stays_out(seen: &Seen<'_>) -> bool {
    let Some(Frame::Notice { .. }) = seen.arrives_at_client() else { return true };
    let opens = matches!(seen.after.instance(seen.me()).phase, Phase::Opening { .. } | Phase::Waiting { .. });
    !opens && seen.after.instance(seen.me()).login_user().is_none()
}

/// KICK-8
pub(super) fn a_kick_is_on_record_until_known(seen: &Seen<'_>) -> bool {
    let kicked = |item: &Item| match *item {
        Item::Written { instance, frame: Frame::Notice { reason }, .. } => Some((instance, reason)),
        Item::Written { .. } | Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } | Item::Closed { .. } => {
            None
        }
    };
    let mut recorded = seen.items.iter().filter_map(kicked);
    let all_recorded = recorded.all(|(victim, reason)| records(seen.after, victim).iter().any(|(_, noted)| *noted == reason));
    all_recorded && seen.scope.instances().all(|instance| no_record_is_lost(seen, instance))
}

/// A record goes at the acknowledgement of the notice, or as its instance is admitted anew to the account.
fn no_record_is_lost(seen: &Seen<'_>, instance: InstanceId) -> bool {
    let acknowledged = seen.action.instance() == Some(instance) && seen.arrives_at_server() == Some(Frame::KickAck);
    let anew = seen.admitted();
    let mut before = records(seen.before, instance).into_iter();
    before.all(|record| acknowledged || anew == Some((instance, record.0)) || records(seen.after, instance).contains(&record))
}

fn records(state: &State, instance: InstanceId) -> Vec<(AccountId, Reason)> {
    let seat = state.instance(instance);
    [seat.current.kick_record(), seat.abandoned.kick_record()].into_iter().flatten().collect()
}

/// KICK-9
pub(super) fn who_left_is_not_told(seen: &Seen<'_>) -> bool {
    let left = seen.watch().logouts > 0 || seen.watch().destroyed;
    let told = seen.told(seen.me()).iter().any(|item| matches!(item, Item::Published { event: Event::KickedOut(_), .. }));
    !(left && told)
}

/// KICK-10
pub(super) fn only_a_login_kicks(seen: &Seen<'_>) -> bool {
    let kicks = seen.items.iter().any(|item| matches!(item, Item::Written { frame: Frame::Notice { .. }, .. }));
    !kicks || matches!(seen.arrives_at_server(), Some(Frame::Login { .. }))
}

/// KICK-11
pub(super) fn only_class_and_platform_matter(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let gone = seen.before.roster(account).iter().filter(|online| !seen.after.roster(account).contains(*online));
    gone.into_iter().all(|victim| clash(seen, victim, newcomer) || seen.scope.platform(victim) == seen.scope.platform(newcomer))
}

fn is_kicked(seen: &Seen<'_>, victim: InstanceId, account: AccountId, reason: Reason) -> bool {
    !seen.after.roster(account).contains(victim) && seen.written(victim, End::Server) == [Frame::Notice { reason }]
}

/// Whether so many of the platform logged in after this one, the newcomer included, that the limit is full without it.
fn is_crowded_out(seen: &Seen<'_>, online: InstanceId, newcomer: InstanceId, account: AccountId) -> bool {
    let platform = seen.scope.platform(newcomer);
    let roster = seen.before.roster(account);
    let same = |other: &InstanceId| seen.scope.platform(*other) == platform;
    let later = roster.iter().rev().take_while(|other| *other != online).filter(same).count() + 1;
    roster.contains(online) && online != newcomer && same(&online) && later >= seen.scope.limit(platform)
}

fn clash(seen: &Seen<'_>, one: InstanceId, other: InstanceId) -> bool {
    let platforms = [seen.scope.platform(one), seen.scope.platform(other)];
    platforms[0] != platforms[1] && braces(seen.scope.policy).iter().any(|brace| platforms.iter().all(|one| brace.contains(one)))
}

/// The braces of the rulebook's table of policies that hold more than one platform.
fn braces(policy: Policy) -> &'static [&'static [Platform]] {
    use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};
    match policy {
        Policy::Single => &[&[Android, IPhone, IPad, Windows, Mac, Linux, Web]],
        Policy::Dual => &[&[Android, IPhone, IPad, Windows, Mac, Linux]],
        Policy::Triple => &[&[Android, IPhone, IPad], &[Windows, Mac, Linux]],
        Policy::Multi => &[],
    }
}
