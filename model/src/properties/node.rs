//! What must be seen where the server has several nodes.

use super::{Seen, View};
use crate::action::{AccountId, Action, InstanceId, NodeId, ServerMove, Slot};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Epoch, Link, ServerEnd};
use crate::lives::Health;
use crate::observation::{Close, End, Item};
use crate::records::Session;

/// NODE-1
pub(super) fn the_record_decides(seen: &Seen<'_>) -> bool {
    who_is_over_is_not_heard(seen) && who_is_admitted_is_on_record(seen)
}

/// What was decided on a record that another node has changed since is decided anew: nobody is admitted by a commit that was refused.
fn who_is_admitted_is_on_record(seen: &Seen<'_>) -> bool {
    let overtaken =
        seen.link_of_arrival().is_some_and(|(_, link)| matches!(link.server, ServerEnd::Storing { overtaken: true, .. }));
    let is_on_record = |(newcomer, account): (Session, AccountId)| seen.after().roster(account).of_key(newcomer).is_some();
    seen.admitted().is_none_or(is_on_record) && (!overtaken || seen.record_stands())
}

/// What asks for something on a link whose session is off the record gets word of that and nothing else, and changes nothing.
fn who_is_over_is_not_heard(seen: &Seen<'_>) -> bool {
    let (Some((slot, link)), Some(frame)) = (seen.link_of_arrival(), seen.arrives_at_server()) else { return true };
    let asks = match frame {
        UpFrame::Sync | UpFrame::Logout { .. } | UpFrame::Send { .. } => true,
        UpFrame::Login { .. }
        | UpFrame::Resume { .. }
        | UpFrame::MessageAck { .. }
        | UpFrame::KickAck
        | UpFrame::Ping
        | UpFrame::Pong => false,
    };
    let is_over = is_over_unnoticed(seen, seen.before(), seen.me(), link).is_some();
    !(asks && is_over) || (is_told(seen, (seen.me(), slot), link) && seen.record_stands())
}

/// NODE-2: a commit that ends a session leaves a notice under way to its node; a node that hears one, or polls, tells everybody there whose
/// session is over, and nothing else comes of it.
pub(super) fn a_kick_reaches_every_node(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::Server(ServerMove::Hear(node, account)) => is_known(seen, node, account) && only_tells(seen),
        Action::Server(ServerMove::Poll(node)) if is_late(seen, node) => knows_all(seen, node) && seen.record_stands(),
        Action::Server(ServerMove::Poll(node)) => knows_all(seen, node) && only_tells(seen),
        Action::Server(ServerMove::LeaseEnds(_)) => {
            let mut awake = seen.scope.nodes().filter(|node| seen.after().server().is_awake(*node));
            awake.all(|node| knows_all(seen, node)) && only_tells(seen)
        }
        Action::Server(ServerMove::Miss(..)) => seen.items.is_empty() && seen.record_stands(),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
            !seen.scope.has_several_nodes() || every_end_is_published(seen)
        }
    }
}

/// NODE-3: once its lease ended every session that a node had is waited for elsewhere; a node that finds its own over gives up every link
/// that carries a session. Nobody loses a place by either, nor as a node dies, starts, freezes or wakes.
pub(super) fn whoever_is_gone_is_stood_in_for(seen: &Seen<'_>) -> bool {
    let Action::Server(at) = seen.action else { return true };
    match at {
        ServerMove::LeaseEnds(node) => is_stood_in_for(seen, node) && seen.record_stands(),
        ServerMove::Poll(node) if is_late(seen, node) => gives_up_every_session(seen, node) && seen.record_stands(),
        ServerMove::Die(_) | ServerMove::Start(_) | ServerMove::Freeze(_) | ServerMove::Wake(_) => {
            seen.items.is_empty() && seen.record_stands()
        }
        ServerMove::RestKick(_)
        | ServerMove::Configure(_)
        | ServerMove::TakeEffect
        | ServerMove::Webhook(..)
        | ServerMove::Restart
        | ServerMove::Stop
        | ServerMove::Hear(..)
        | ServerMove::Miss(..)
        | ServerMove::Poll(_)
        | ServerMove::Store(_) => true,
    }
}

fn is_late(seen: &Seen<'_>, node: NodeId) -> bool {
    seen.before().server().health(node) == Some(Health::Late)
}

/// Whether each session is online over a link to an awake node, or waited for by one.
fn is_stood_in_for(seen: &Seen<'_>, gone: NodeId) -> bool {
    let server = seen.after().server();
    let is_held = |account: AccountId, session: Session| {
        let seat = seen.after().instance(session.seat);
        let slot = seat.links.slot_of(account, session);
        let is_linked = slot.is_some_and(|slot| server.is_awake(seat.links.at(slot).node));
        let waits_at = seat.waits_at(seen.scope, server, account, session);
        is_linked || waits_at.is_some_and(|node| node != gone || server.is_awake(gone))
    };
    seen.scope.accounts().all(|account| seen.after().roster(account).sessions().all(|session| is_held(account, session)))
}

/// Without a word but the close.
fn gives_up_every_session(seen: &Seen<'_>, node: NodeId) -> bool {
    let mut links = seen.scope.instances().flat_map(|instance| Slot::ALL.map(|slot| (instance, slot)));
    links.all(|(instance, slot)| {
        let link = seen.before().instance(instance).links.at(slot);
        let carries = link.node == node && matches!(link.server, ServerEnd::Serving { .. });
        let closed = seen.closes(instance, End::Server).contains(&(slot, Close::GivenUp));
        closed == carries && seen.answered_on(instance, slot).is_empty()
    })
}

fn every_end_is_published(seen: &Seen<'_>) -> bool {
    let is_published = |account: AccountId, session: Session| {
        let links = &seen.before().instance(session.seat).links;
        let node = links.slot_of(account, session).map(|slot| links.at(slot).node);
        let elsewhere = node.filter(|node| *node != seen.node() && seen.after().roster(account).of_key(session).is_none());
        elsewhere.is_none_or(|node| seen.after().server().notices(account).is_under_way_to(node))
    };
    seen.scope.accounts().all(|account| seen.before().roster(account).sessions().all(|session| is_published(account, session)))
}

/// Whether nobody's link leads to the node whose session is over and who was not told.
fn is_known(seen: &Seen<'_>, node: NodeId, account: AccountId) -> bool {
    seen.scope.instances().all(|instance| {
        let links = seen.after().instance(instance).links;
        let mut here = links.each().into_iter().filter(|link| link.node == node);
        here.all(|link| is_over_unnoticed(seen, seen.after(), instance, link) != Some(account))
    })
}

fn knows_all(seen: &Seen<'_>, node: NodeId) -> bool {
    seen.scope.accounts().all(|account| is_known(seen, node, account))
}

fn only_tells(seen: &Seen<'_>) -> bool {
    let links = seen.concerned().flat_map(|instance| Slot::ALL.map(|slot| (instance, slot)));
    let told = |at: (InstanceId, Slot)| {
        let link = seen.before().instance(at.0).links.at(at.1);
        is_over_unnoticed(seen, seen.before(), at.0, link).is_none() || is_told(seen, at, link)
    };
    let by_server = |item: &Item| matches!(item, Item::Written { end: End::Server, .. } | Item::Closed { end: End::Server, .. });
    links.into_iter().all(told) && seen.items.iter().all(by_server) && seen.record_stands()
}

/// The notice of the kick that is on record, or the close that says as much as the node knows.
fn is_told(seen: &Seen<'_>, (instance, slot): (InstanceId, Slot), link: &Link) -> bool {
    let session = seen.session_on(instance, link);
    let records = seen.scope.accounts().flat_map(|account| seen.before().kick_records(account).iter());
    let reason = records.into_iter().find(|record| record.session == session).map(|record| record.reason);
    let written = seen.answered_on(instance, slot);
    match reason {
        Some(reason) => written == [DownFrame::Notice { reason }] && seen.closes(instance, End::Server).is_empty(),
        None => written.is_empty() && seen.closes(instance, End::Server) == [(slot, close_of(seen, instance, link))],
    }
}

/// Whether a newer link of the key has taken the place, or nobody at the node knows how the session ended.
fn close_of(seen: &Seen<'_>, instance: InstanceId, link: &Link) -> Close {
    let session = seen.session_on(instance, link);
    let goes_on = seen.scope.accounts().any(|account| seen.before().roster(account).of_key(session).is_some());
    if link.epoch == Epoch::Superseded || goes_on { Close::Superseded } else { Close::GivenUp }
}

/// The account that a link serves whose session there is off the record, or goes on over a newer one.
fn is_over_unnoticed(seen: &Seen<'_>, state: View<'_>, instance: InstanceId, link: &Link) -> Option<AccountId> {
    let ServerEnd::Serving { account } = link.server else { return None };
    let goes_on = state.roster(account).has(seen.session_on(instance, link)) && link.epoch == Epoch::Newest;
    (!goes_on).then_some(account)
}

/// Whether it is said to a session that is off the record already, on a link that does not know.
pub(super) fn tells_what_was_decided(seen: &Seen<'_>, item: Item) -> bool {
    let (instance, slot) = match item {
        Item::Written { instance, slot, frame: Frame::Down(DownFrame::Notice { .. }), .. }
        | Item::Closed { instance, slot, end: End::Server, .. } => (instance, slot),
        _ => return false,
    };
    let link = seen.before().instance(instance).links.at(slot);
    is_over_unnoticed(seen, seen.before(), instance, link).is_some()
}

/// Whether a link is given up since its session was found off the record.
pub(super) fn is_over_for_reasons_unknown(seen: &Seen<'_>, instance: InstanceId, slot: Slot) -> bool {
    let link = seen.before().instance(instance).links.at(slot);
    let is_over = is_over_unnoticed(seen, seen.before(), instance, link).is_some();
    is_over && seen.closes(instance, End::Server).contains(&(slot, Close::GivenUp))
}

/// Whether the frame arrives on a link whose session was ended at another node.
pub(super) fn arrives_too_late(seen: &Seen<'_>) -> bool {
    let link = seen.link_of_arrival();
    link.is_some_and(|(_, link)| is_over_unnoticed(seen, seen.before(), seen.me(), link).is_some())
}
