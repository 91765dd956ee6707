//! What must be seen of resumes and of what comes too late.

use super::{Seen, account, node, place};
use crate::action::{AccountId, Action, InstanceId, LinkMove, Slot};
use crate::frame::{DownFrame, Meant, Resumption, SigShown, UpFrame};
use crate::link::{Epoch, Link};
use crate::observation::{Close, Code, End, Item, Reason};
use crate::properties::kick::{clash, others};
use crate::records::{Key, Session};
use crate::scope::AtLimit;
use crate::state::{Instance, SigAge};

/// A resume that is not too late, and whose session no kick ended.
fn resumes(seen: &Seen<'_>) -> Option<(Session, AccountId)> {
    let (Some((_, link)), Some(UpFrame::Resume { account })) = (seen.link_of_arrival(), seen.arrives_at_server()) else {
        return None;
    };
    let session = seen.session_of_arrival()?;
    let kicked = seen.before().kick_records(account).iter().any(|record| record.session == session);
    (link.epoch == Epoch::Newest && !kicked).then_some((session, account))
}

fn answer(seen: &Seen<'_>) -> Option<Resumption> {
    let (slot, _) = seen.link_of_arrival()?;
    match seen.answered_on(seen.me(), slot).first() {
        Some(DownFrame::ResumeAnswer { answer }) => Some(*answer),
        Some(_) | None => None,
    }
}

/// Whether only the instance that resumes sees anything of it, but for what a node so learns that others decided.
fn is_nobody_elses_concern(seen: &Seen<'_>) -> bool {
    seen.items.iter().all(|item| item.instance() == seen.me() || node::tells_what_was_decided(seen, *item))
}

/// LINK-2
pub(super) fn the_same_session_goes_on(seen: &Seen<'_>) -> bool {
    let Some((session, account)) = resumes(seen) else { return true };
    if !seen.before().roster(account).has(session) {
        return true;
    }
    let resumed = matches!(answer(seen), Some(Resumption::Resumed { .. }));
    resumed && is_nobody_elses_concern(seen) && seen.record_stands()
}

/// LINK-3
pub(super) fn what_is_superseded_changes_nothing(seen: &Seen<'_>) -> bool {
    what_comes_late_is_turned_away(seen) && only_what_is_accepted_supersedes(seen)
}

/// An admission, a resume, a readmission, a resume that was told, an owed logout and the acknowledgement of a kick on record make what
/// is under way on the key's older links come too late for this account, and close those that still stand, unless they lead to another
/// node; nothing else does.
fn only_what_is_accepted_supersedes(seen: &Seen<'_>) -> bool {
    let older = accepts(seen).map_or(Vec::new(), |account| older_links(seen, account));
    let superseded = older.iter().all(|(instance, slot)| {
        let before = seen.before().instance(*instance).links.at(*slot);
        let after = moved_aside(seen.after().instance(*instance), *slot);
        let superseded = || seen.closes(*instance, End::Server).contains(&(*slot, Close::Superseded));
        let closed = || superseded() || node::is_over_for_reasons_unknown(seen, *instance, *slot);
        let hears_later = before.greeting().is_some() || before.node != seen.node();
        if hears_later { after.epoch == Epoch::Superseded } else { closed() }
    });
    let late = |seat: &Instance| seat.links.each().iter().filter(|link| link.epoch == Epoch::Superseded).count();
    let calm = |instance: InstanceId| {
        let [before, after] = [seen.before(), seen.after()].map(|state| late(state.instance(instance)));
        after <= before || older.iter().any(|(whose, _)| *whose == instance) || opens_late(seen)
    };
    superseded && seen.concerned().all(calm)
}

/// Where a link is behind the step: one that was given up may have moved aside.
fn moved_aside(seat: &Instance, slot: Slot) -> &Link {
    if seat.links.at(slot).exists() { seat.links.at(slot) } else { &seat.links.abandoned }
}

/// Whether a link opens that was numbered before a greater number came on record.
fn opens_late(seen: &Seen<'_>) -> bool {
    let seat = seen.before().instance(seen.me());
    matches!(seen.action, Action::Link(_, LinkMove::Open))
        && seat.client.last != 0
        && seat.client.last <= seen.before().server().highest
}

/// The links of the key that are older than that of the arrival and bring something for the account or stand for it.
fn older_links(seen: &Seen<'_>, account: AccountId) -> Vec<(InstanceId, Slot)> {
    let (Some((slot, link)), Some(session)) = (seen.link_of_arrival(), seen.session_of_arrival()) else { return Vec::new() };
    let may_have_it = |instance: &InstanceId| *instance == session.seat || seen.scope.key(*instance) == Key::Shared;
    let every = seen.scope.instances().filter(may_have_it).flat_map(|instance| Slot::ALL.map(|slot| (instance, slot)));
    let is_older = |(instance, other): &(InstanceId, Slot)| {
        let key = seen.scope.key(*instance);
        let older = seen.before().instance(*instance).links.at(*other);
        let in_seat = *instance == session.seat && (slot, *other) == (Slot::Current, Slot::Abandoned);
        let is_before = if key == Key::Shared { older.rank < link.rank } else { in_seat };
        let concerned = older.greeting() == Some(account) || older.stands_for(account);
        older.exists() && older.key(key) == session.key && is_before && concerned
    };
    every.filter(is_older).collect()
}

/// Whether something arrives that the server accepts, and for which account.
fn accepts(seen: &Seen<'_>) -> Option<AccountId> {
    match seen.arrives_at_server()? {
        UpFrame::Login { .. } => Some(seen.admitted()?.1),
        UpFrame::Resume { account } => answer(seen).map(|_| account),
        UpFrame::Logout { of: Meant::Owed { account, sig: SigShown::Right, .. } } => {
            let session = seen.session_of_arrival()?;
            seen.after().roster(account).of_key(session).is_none().then_some(account)
        }
        UpFrame::KickAck => kicked_on_record(seen),
        UpFrame::Logout { of: Meant::Own | Meant::Owed { sig: SigShown::Wrong, .. } }
        | UpFrame::Sync
        | UpFrame::Send { .. }
        | UpFrame::MessageAck { .. }
        | UpFrame::Ping
        | UpFrame::Pong => None,
    }
}

/// The account of which the session that is spoken of has a kick on record.
fn kicked_on_record(seen: &Seen<'_>) -> Option<AccountId> {
    let session = seen.session_of_arrival()?;
    let has_kick = |account: &AccountId| seen.before().kick_records(*account).iter().any(|record| record.session == session);
    seen.scope.accounts().find(has_kick)
}

fn what_comes_late_is_turned_away(seen: &Seen<'_>) -> bool {
    let late = seen.link_of_arrival().is_some_and(|(_, link)| link.epoch == Epoch::Superseded);
    let asks = matches!(seen.arrives_at_server(), Some(UpFrame::Login { .. } | UpFrame::Resume { .. }));
    if !(late && asks) {
        return true;
    }
    let closed = seen.closes(seen.me(), End::Server).iter().any(|(_, close)| matches!(close, Close::Superseded | Close::Done));
    let by_server = |item: &Item| matches!(item, Item::Written { end: End::Server, .. } | Item::Closed { end: End::Server, .. });
    let written_to_it_only = seen.items.iter().all(|item| by_server(item) && item.instance() == seen.me());
    closed && written_to_it_only && seen.record_stands()
}

/// LINK-5
pub(super) fn readmission_needs_a_free_place(seen: &Seen<'_>) -> bool {
    let Some((session, account)) = resumes(seen) else { return true };
    if seen.before().roster(account).of_key(session).is_some() {
        return true;
    }
    let bar = bar(seen, session, account);
    let due = bar.unwrap_or(Resumption::Readmitted);
    let newest = seen.after().roster(account).sessions().next_back().map(place);
    let placed = match bar {
        Some(_) => seen.after().roster(account).of_key(session).is_none(),
        None => newest == Some(place(session)),
    };
    answer(seen) == Some(due) && placed && is_nobody_elses_concern(seen) && seen.others_keep_their_places(account, &[session])
}

/// What is told of what stands in the way, in the rulebook's order.
fn bar(seen: &Seen<'_>, session: Session, account: AccountId) -> Option<Resumption> {
    let sig = seen.link_of_arrival().map(|(_, link)| link.sig);
    if sig == Some(SigAge::Expired) {
        return Some(Resumption::Ended(Reason::UserSigExpired));
    }
    if sig == Some(SigAge::Revoked) {
        return Some(Resumption::Ended(Reason::RestApi));
    }
    let in_the_way = in_the_way(seen, session, account)?;
    Some(match seen.scope.policy.at_limit {
        AtLimit::Kick => Resumption::Ended(in_the_way),
        AtLimit::Refuse => Resumption::Refused(Code::NoPlace),
    })
}

/// What somebody would have to be kicked for, if the session were to be online beside those with other keys.
pub(super) fn in_the_way(seen: &Seen<'_>, session: Session, account: AccountId) -> Option<Reason> {
    let others = || others(seen, session, account).map(|other| other.seat);
    if others().any(|other| clash(seen, other, session.seat)) {
        return Some(Reason::MultipleDevice);
    }
    let counted: Vec<_> = others().filter(|other| account::is_counted(seen, *other, session.seat)).collect();
    let excess = (counted.len() + 1).saturating_sub(account::places(seen, session.seat));
    let is_another = |other: &InstanceId| seen.scope.platform(*other) != seen.scope.platform(session.seat);
    match counted.iter().take(excess).any(is_another) {
        true => Some(Reason::MultipleDevice),
        false => (excess > 0).then_some(Reason::MultipleAccount),
    }
}
