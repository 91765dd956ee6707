//! What must be seen of kicks.

use super::{Seen, View, account, ends_a_session, message, node, refusal};
use crate::action::{AccountId, Action, InstanceId, LinkMove, ServerMove, Slot, Timer};
use crate::frame::{DownFrame, Frame, Meant, Resumption, UpFrame};
use crate::link::{Epoch, Owner, ServerEnd};
use crate::observation::{Close, End, Event, Item, Reason};
use crate::records::{Key, KickRecord, Session};
use crate::scope::{AtLimit, Classes, Counted, Platform};
use crate::state::Phase;

/// KICK-1
pub(super) fn other_kinds_of_the_class_are_kicked(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = admitted_at_a_cost(seen) else { return true };
    let clashing = others(seen, newcomer, account).filter(|online| clash(seen, online.seat, newcomer.seat));
    clashing.into_iter().all(|victim| seen.is_kicked(victim, account, Reason::MultipleDevice))
}

/// KICK-2
pub(super) fn the_oldest_over_the_limit_are_kicked(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = admitted_at_a_cost(seen).filter(|_| counts_platforms(seen)) else { return true };
    let crowded = others(seen, newcomer, account).filter(|online| is_crowded_out(seen, *online, newcomer, account));
    crowded.into_iter().all(|victim| seen.is_kicked(victim, account, Reason::MultipleAccount))
}

/// Whether each platform has a limit of its own: of an account's KICK-13 speaks.
fn counts_platforms(seen: &Seen<'_>) -> bool {
    seen.scope.policy.counted == Counted::Platform
}

/// Whom this step's login admits, and to which account, where others may have to go for it (KICK-12).
fn admitted_at_a_cost(seen: &Seen<'_>) -> Option<(Session, AccountId)> {
    seen.admitted().filter(|_| seen.scope.policy.at_limit == AtLimit::Kick)
}

/// The sessions that were online before, that of the newcomer's own key aside.
pub(super) fn others(seen: &Seen<'_>, newcomer: Session, account: AccountId) -> impl DoubleEndedIterator<Item = Session> {
    seen.before().roster(account).sessions().filter(move |online| !online.has_key_of(newcomer))
}

/// KICK-3
pub(super) fn the_newcomer_stays(seen: &Seen<'_>) -> bool {
    let (Some((newcomer, account)), Some((slot, _))) = (seen.admitted(), seen.link_of_arrival()) else { return true };
    let notices = seen.answered_on(newcomer.seat, slot).iter().any(|frame| matches!(frame, DownFrame::Notice { .. }));
    !notices && seen.after().roster(account).sessions().next_back().is_some_and(|last| last.has_key_of(newcomer))
}

/// KICK-4, and LINK-5: whoever cannot be readmitted does the same, but for the acknowledgement.
pub(super) fn a_victim_logs_out_then_learns(seen: &Seen<'_>) -> bool {
    let (why, acknowledgement) = match seen.arrives_at_client() {
        Some(DownFrame::Notice { reason }) => (Event::KickedOut(reason), Some(UpFrame::KickAck)),
        Some(DownFrame::ResumeAnswer { answer: Resumption::Ended(reason) }) => (Event::KickedOut(reason), None),
        Some(DownFrame::ResumeAnswer { answer: Resumption::Refused(code) }) => (Event::TurnedAway(code), None),
        Some(_) | None => return true,
    };
    let mut due = seen.farewell();
    due.push(seen.published(why));
    let left_before = seen.watch().user.is_none();
    let acknowledged = seen.said(seen.me()).into_iter().eq(acknowledgement);
    let settled = seen.then_of(seen.me());
    let nothing_runs = settled.logouts == 0 && settled.destroys == 0;
    acknowledged && nothing_runs && (left_before || seen.told(seen.me()) == due)
}

/// KICK-5
pub(super) fn bystanders_see_nothing(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let is_in_the_way =
        |online: &Session| clash(seen, online.seat, newcomer.seat) || is_crowded_out(seen, *online, newcomer, account);
    let concerned = |online: &Session| admitted_at_a_cost(seen).is_some() && is_in_the_way(online);
    let mut concerned: Vec<_> = others(seen, newcomer, account).filter(concerned).collect();
    concerned.push(newcomer);
    concerned.extend(seen.before().roster(account).of_key(newcomer));
    let has_its_key = |seat: InstanceId| newcomer.key == Key::Shared && seen.scope.key(seat) == Key::Shared;
    let is_concerned = |seat: InstanceId| has_its_key(seat) || concerned.iter().any(|one| one.seat == seat);
    let silent = seen.items.iter().all(|item| is_concerned(item.instance()) || node::tells_what_was_decided(seen, *item));
    silent && seen.others_keep_their_places(account, &concerned)
}

/// KICK-6
pub(super) fn nothing_counts_after_the_kick(seen: &Seen<'_>) -> bool {
    nothing_of_the_kicked_is_heard(seen) && nothing_is_written_to_the_kicked(seen)
}

fn nothing_of_the_kicked_is_heard(seen: &Seen<'_>) -> bool {
    let Some((slot, link)) = seen.link_of_arrival() else { return true };
    let (ServerEnd::Kicked { .. }, instance) = (link.server, seen.me()) else { return true };
    let acknowledged = seen.arrives_at_server() == Some(UpFrame::KickAck);
    let close = Item::Closed { instance, slot, end: End::Server, close: Close::Done };
    let heard = if acknowledged { vec![close] } else { Vec::new() };
    let is_of_another_link = |item: &Item| {
        let Item::Closed { instance: whose, slot: link, end, close } = *item else { return false };
        (end, close) == (End::Server, Close::Superseded) && (whose, link) != (instance, slot)
    };
    seen.items.iter().filter(|item| !is_of_another_link(item)).eq(&heard) && seen.everybody_keeps_a_place()
}

/// Behind the notice nothing more is written to the link of a kicked session.
fn nothing_is_written_to_the_kicked(seen: &Seen<'_>) -> bool {
    let slots = [Slot::Current, Slot::Abandoned];
    let mut links = seen.concerned().flat_map(|instance| slots.map(|slot| (instance, slot)));
    links.all(|(instance, slot)| {
        let is_kicked = matches!(seen.before().instance(instance).links.at(slot).server, ServerEnd::Kicked { .. });
        !is_kicked || seen.answered_on(instance, slot).is_empty()
    })
}

/// KICK-7
pub(super) fn a_victim_stays_out(seen: &Seen<'_>) -> bool {
    if !seen.arrives_at_client().is_some_and(ends_a_session) {
        return true;
    }
    let opens = matches!(seen.after().instance(seen.me()).client.phase, Phase::Opening { .. } | Phase::Waiting { .. });
    !opens && seen.after().instance(seen.me()).client.login_user().is_none()
}

/// KICK-8
pub(super) fn a_kick_is_on_record_until_known(seen: &Seen<'_>) -> bool {
    every_notice_is_on_record(seen)
        && every_kick_is_on_record(seen)
        && no_record_is_lost(seen)
        && a_record_answers_every_resume(seen)
}

fn every_notice_is_on_record(seen: &Seen<'_>) -> bool {
    let recorded = |seat: InstanceId, reason: Reason| {
        records(seen.after(), seen).any(|(_, record)| record.session.seat == seat && record.reason == reason)
    };
    seen.written().all(|(instance, slot, frame)| {
        let Frame::Down(DownFrame::Notice { reason }) = frame else { return true };
        let link = seen.after().instance(instance).links.at(slot);
        let session = Session { seat: instance, key: link.key(seen.scope.key(instance)), label: link.session };
        recorded(instance, reason) || nobody_waits_for(seen, session)
    })
}

/// A session that a login, the administrator or the expiry of its UserSig ends leaves a record, its link up or down.
fn every_kick_is_on_record(seen: &Seen<'_>) -> bool {
    let kicks = |account: AccountId| match seen.action {
        Action::Server(ServerMove::RestKick(kicked)) | Action::Timer(_, Timer::Expire(kicked)) => kicked == account,
        Action::Link(_, LinkMove::ToServer(_)) | Action::Server(ServerMove::Store(_)) => {
            seen.admitted().is_some_and(|(_, admitted)| admitted == account)
        }
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => false,
    };
    let recorded = |account, session: Session| {
        let kept = records(seen.after(), seen).any(|(of, record)| of == account && record.session.has_key_of(session));
        kept || nobody_waits_for(seen, session) || seen.after().roster(account).of_key(session).is_some()
    };
    let kicked = seen.scope.accounts().filter(|account| kicks(*account));
    kicked.into_iter().all(|account| seen.before().roster(account).sessions().all(|session| recorded(account, session)))
}

/// A record goes at the acknowledgement of the notice, by an owed logout, or as its instance is admitted anew to the account.
fn no_record_is_lost(seen: &Seen<'_>) -> bool {
    let stays = |(account, record): (AccountId, KickRecord)| {
        let same = |(of, kept): (AccountId, KickRecord)| {
            of == account && kept.reason == record.reason && kept.session.has_key_of(record.session)
        };
        records(seen.after(), seen).any(same) || was_settled(seen, account, record.session)
    };
    matches!(seen.action, Action::Renew(_)) || records(seen.before(), seen).all(stays)
}

fn was_settled(seen: &Seen<'_>, account: AccountId, session: Session) -> bool {
    let arrived = seen.session_of_arrival();
    let by_frame = match seen.arrives_at_server() {
        Some(UpFrame::KickAck) => arrived == Some(session),
        Some(UpFrame::Logout { of: Meant::Owed { session: label, .. } }) => {
            arrived.is_some_and(|link| Session { label, ..link } == session)
        }
        Some(UpFrame::Login { .. } | UpFrame::Resume { .. }) => {
            arrived.is_some_and(|link| link.has_key_of(session)) && seen.after().roster(account).of_key(session).is_some()
        }
        Some(_) | None => false,
    };
    by_frame || nobody_waits_for(seen, session)
}

/// Whether it is a replaced instance's, of which nothing more can arrive.
fn nobody_waits_for(seen: &Seen<'_>, session: Session) -> bool {
    let seat = seen.after().instance(session.seat);
    session.key == Key::Former && seat.links.each().iter().all(|link| link.owner != Owner::Replaced || link.up.is_empty())
}

fn a_record_answers_every_resume(seen: &Seen<'_>) -> bool {
    let (Some((slot, link)), Some(UpFrame::Resume { account })) = (seen.link_of_arrival(), seen.arrives_at_server()) else {
        return true;
    };
    let mut theirs = seen.before().kick_records(account).iter().filter(|record| Some(record.session) == seen.session_of_arrival());
    let told = |record: KickRecord| seen.answered_on(seen.me(), slot) == [DownFrame::Notice { reason: record.reason }];
    link.epoch == Epoch::Superseded || theirs.all(told)
}

fn records<'a>(state: View<'a>, seen: &'a Seen<'_>) -> impl Iterator<Item = (AccountId, KickRecord)> + 'a {
    seen.scope.accounts().flat_map(move |account| state.kick_records(account).iter().map(move |record| (account, record)))
}

/// KICK-9
pub(super) fn who_left_is_not_told(seen: &Seen<'_>) -> bool {
    let left = seen.watch().logouts > 0 || seen.watch().destroyed;
    let is_told = |item: &Item| matches!(item, Item::Published { event: Event::KickedOut(_) | Event::TurnedAway(_), .. });
    let told = seen.told(seen.me()).iter().any(is_told);
    !(left && told)
}

/// KICK-10
pub(super) fn has_a_cause(seen: &Seen<'_>) -> bool {
    let is_notice = |item: &Item| matches!(item, Item::Written { frame: Frame::Down(DownFrame::Notice { .. }), .. });
    let notices = |item: &&Item| is_notice(item) && !node::tells_what_was_decided(seen, **item);
    let mut kicks = seen.items.iter().filter(notices);
    match (seen.arrives_at_server(), seen.action) {
        (Some(UpFrame::Login { .. }), _) | (_, Action::Timer(_, Timer::Expire(_))) => true,
        (Some(UpFrame::Resume { .. }), _) => kicks.all(|item| item.instance() == seen.me()) && lost(seen).is_empty(),
        (Some(UpFrame::Send { .. }), _) => {
            let overflowing = message::overflowing(seen);
            kicks.next().is_none() && lost(seen).iter().all(|session| overflowing.contains(session))
        }
        (Some(UpFrame::Logout { .. }), _)
        | (_, Action::Link(_, LinkMove::ServerLoses(..)) | Action::Timer(_, Timer::Lapse(_)) | Action::Renew(_)) => {
            kicks.next().is_none() && lost(seen).iter().all(|(_, session)| session.seat == seen.me())
        }
        (Some(_) | None, _) => kicks.next().is_none() && lost(seen).is_empty(),
    }
}

/// The sessions that were online and are no more.
fn lost(seen: &Seen<'_>) -> Vec<(AccountId, Session)> {
    let online = |account| seen.before().roster(account).sessions().map(move |session| (account, session));
    let gone = |(account, session): &(AccountId, Session)| seen.after().roster(*account).of_key(*session).is_none();
    seen.scope.accounts().flat_map(online).filter(gone).collect()
}

/// KICK-11
pub(super) fn only_class_and_platform_matter(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let mut gone = others(seen, newcomer, account).filter(|online| seen.after().roster(account).of_key(*online).is_none());
    gone.all(|victim| clash(seen, victim.seat, newcomer.seat) || account::is_counted(seen, victim.seat, newcomer.seat))
}

/// CONF-2: behind an admission no more of the newcomer's platform are online than the limits in force allow, but where a login that kicks
/// nobody keeps its instance's place.
pub(super) fn the_limits_in_force_decide(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) =
        seen.admitted().filter(|(newcomer, account)| counts_platforms(seen) && !refusal::keeps_a_place(seen, *newcomer, *account))
    else {
        return true;
    };
    let platform = seen.scope.platform(newcomer.seat);
    let online = seen.after().roster(account).iter().filter(|online| seen.scope.platform(*online) == platform).count();
    let allowed = seen.scope.limit_under(seen.before().server().in_force, platform);
    let crowd = others(seen, newcomer, account).filter(|online| seen.scope.platform(online.seat) == platform).count();
    online == allowed.min(crowd + 1)
}

/// Whether so many that are counted with it logged in after this one, the newcomer included, that the limit is full without it.
fn is_crowded_out(seen: &Seen<'_>, online: Session, newcomer: Session, account: AccountId) -> bool {
    let counted = |other: &Session| account::is_counted(seen, other.seat, newcomer.seat);
    let later = others(seen, newcomer, account).rev().take_while(|other| *other != online).filter(counted).count() + 1;
    counted(&online) && later >= account::places(seen, newcomer.seat)
}

pub(super) fn clash(seen: &Seen<'_>, one: InstanceId, other: InstanceId) -> bool {
    let platforms = [seen.scope.platform(one), seen.scope.platform(other)];
    platforms[0] != platforms[1] && stand_in_one_brace(seen.scope.policy.classes, platforms)
}

/// Whether two platforms stand in one brace of the rulebook's table of policies, or in one class of one's own.
fn stand_in_one_brace(classes: Classes, platforms: [Platform; 2]) -> bool {
    use Platform::{Android, IPad, IPhone, Linux, Mac, Web, Windows};
    let braces: &[&[Platform]] = match classes {
        Classes::Single => &[&[Android, IPhone, IPad, Windows, Mac, Linux, Web]],
        Classes::Dual => &[&[Android, IPhone, IPad, Windows, Mac, Linux]],
        Classes::Triple => &[&[Android, IPhone, IPad], &[Windows, Mac, Linux]],
        Classes::Multi => &[],
        Classes::Own(partition) => {
            let mut classes = partition.kinds().chunk_by(|one, next| one.class == next.class);
            return classes.any(|class| platforms.iter().all(|one| class.iter().any(|kind| kind.platform == *one)));
        }
    };
    braces.iter().any(|brace| platforms.iter().all(|one| brace.contains(one)))
}
