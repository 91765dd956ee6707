//! What must be seen where the server has several nodes.

use super::{Seen, View};
use crate::action::{AccountId, Action, InstanceId, NodeId, ServerMove, Slot};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Link, ServerEnd};
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
        Action::Server(ServerMove::Poll(node)) => {
            seen.scope.accounts().all(|account| is_known(seen, node, account)) && only_tells(seen)
        }
        Action::Server(ServerMove::Miss(..)) => seen.items.is_empty() && seen.record_stands(),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
            !seen.scope.has_several_nodes() || every_end_is_published(seen)
        }
    }
}

fn every_end_is_published(seen: &Seen<'_>) -> bool {
    let is_published = |account: AccountId, session: Session| {
        let (node, before) = (seen.scope.node(session.seat), seen.before().slot_of(account, session));
        let ends = before.is_some() && seen.after().roster(account).of_key(session).is_none();
        !ends || node == seen.node() || seen.after().server().notices(account).is_under_way_to(node)
    };
    seen.scope.accounts().all(|account| seen.before().roster(account).sessions().all(|session| is_published(account, session)))
}

/// Whether nobody's link leads to the node whose session is over and who was not told.
fn is_known(seen: &Seen<'_>, node: NodeId, account: AccountId) -> bool {
    let mut here = seen.scope.instances().filter(|instance| seen.scope.node(*instance) == node);
    here.all(|instance| {
        let links = seen.after().instance(instance).links;
        links.each().into_iter().all(|link| is_over_unnoticed(seen, seen.after(), instance, link) != Some(account))
    })
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

/// The notice of the kick that is on record, or the close that says that another link has taken the place.
fn is_told(seen: &Seen<'_>, (instance, slot): (InstanceId, Slot), link: &Link) -> bool {
    let session = seen.session_on(instance, link);
    let records = seen.scope.accounts().flat_map(|account| seen.before().kick_records(account).iter());
    let reason = records.into_iter().find(|record| record.session == session).map(|record| record.reason);
    let written = seen.answered_on(instance, slot);
    match reason {
        Some(reason) => written == [DownFrame::Notice { reason }] && seen.closes(instance, End::Server).is_empty(),
        None => written.is_empty() && seen.closes(instance, End::Server) == [(slot, Close::Superseded)],
    }
}

/// The account that a link serves whose session there is off the record.
fn is_over_unnoticed(seen: &Seen<'_>, state: View<'_>, instance: InstanceId, link: &Link) -> Option<AccountId> {
    let ServerEnd::Serving { account } = link.server else { return None };
    (!state.roster(account).has(seen.session_on(instance, link))).then_some(account)
}

/// Whether the frame is written to a session that is off the record already, on a link that does not know.
pub(super) fn tells_what_was_decided(seen: &Seen<'_>, item: Item) -> bool {
    let Item::Written { instance, slot, frame: Frame::Down(DownFrame::Notice { .. }), .. } = item else { return false };
    let link = seen.before().instance(instance).links.at(slot);
    is_over_unnoticed(seen, seen.before(), instance, link).is_some()
}

/// Whether the frame arrives on a link whose session was ended at another node.
pub(super) fn arrives_too_late(seen: &Seen<'_>) -> bool {
    let link = seen.link_of_arrival();
    link.is_some_and(|(_, link)| is_over_unnoticed(seen, seen.before(), seen.me(), link).is_some())
}
