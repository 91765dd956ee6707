//! What must be seen of messages.

use super::Seen;
use crate::action::{Action, InstanceId, Slot, Token};
use crate::frame::Frame;
use crate::observation::{Asked, Call, End, Event, Item, Outcome};
use crate::state::ServerEnd;

/// MSG-1. Only of a message that the server accepts: what an abandoned link still carries is not heard (KICK-6), also while its
/// instance is logged in again on another.
pub(super) fn reaches_everyone_concerned(seen: &Seen<'_>) -> bool {
    let sender = seen.me();
    let on_its_link = matches!(seen.action, Action::ToServer { slot: Slot::Current, .. });
    let (true, Some(Frame::Send { token, to }), ServerEnd::Serving { account: from }) =
        (on_its_link, seen.arrives_at_server(), seen.before.instance(sender).current.server)
    else {
        return true;
    };
    let online = |instance| [from, to].iter().any(|account| seen.before.roster(*account).contains(instance));
    seen.scope.instances().filter(|receiver| *receiver != sender).all(|receiver| {
        let due = if online(receiver) { vec![Frame::Message { token, from, to }] } else { Vec::new() };
        seen.written(receiver, End::Server) == due
    })
}

/// MSG-2
pub(super) fn at_most_once_in_order(seen: &Seen<'_>) -> bool {
    seen.scope.instances().all(|instance| {
        let now = seen.written(instance, End::Client).into_iter().filter_map(acknowledged);
        let arrived: Vec<_> = seen.watches[usize::from(instance.0)].arrived.iter().chain(now).collect();
        arrived.starts_with(&published(seen, instance))
    })
}

fn acknowledged(frame: Frame) -> Option<Token> {
    if let Frame::MessageAck { token } = frame { Some(token) } else { None }
}

fn published(seen: &Seen<'_>, instance: InstanceId) -> Vec<Token> {
    let message = |item: Item| match item {
        Item::Published { event: Event::Message { token, .. }, .. } => Some(token),
        Item::Published { .. } | Item::Settled { .. } | Item::StreamEnded { .. } | Item::Written { .. } | Item::Closed { .. } => {
            None
        }
    };
    seen.told(instance).into_iter().filter_map(message).collect()
}

/// MSG-3
pub(super) fn a_send_settles_once(seen: &Seen<'_>) -> bool {
    let runs = |token: Token| seen.watch().sends.iter().any(|running| running == token);
    let running_only = seen.items.iter().all(|item| match item {
        Item::Settled { call: Call::Send(Some(token)), .. } => runs(*token),
        Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } | Item::Written { .. } | Item::Closed { .. } => {
            true
        }
    });
    let answered = match seen.arrives_at_client() {
        Some(Frame::SendAnswer { token }) if runs(token) => {
            seen.told(seen.me()) == [seen.settled(Call::Send(Some(token)), Asked::Earlier, Outcome::Sent)]
        }
        Some(_) | None => true,
    };
    running_only && answered
}

/// MSG-4
pub(super) fn none_before_ready(seen: &Seen<'_>) -> bool {
    seen.scope.instances().all(|instance| {
        let told = seen.told(instance);
        let message = told.iter().position(|item| matches!(item, Item::Published { event: Event::Message { .. }, .. }));
        let ready = told.iter().position(|item| matches!(item, Item::Published { event: Event::Ready, .. }));
        let was_ready = seen.watches[usize::from(instance.0)].ready;
        message.is_none_or(|message| was_ready || ready.is_some_and(|ready| ready < message))
    })
}
