//! What must be seen of messages.

use super::{Seen, gap};
use crate::action::{AccountId, Action, InstanceId, Timed, Timer, Token};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::ServerEnd;
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, Outcome};
use crate::records::{Key, Session};
use crate::scope::Fault;

/// MSG-1. Only of a message that the server accepts: what the link of a dropped session still carries is not heard (KICK-6).
pub(super) fn reaches_everyone_concerned(seen: &Seen<'_>) -> bool {
    let (Some((slot, link)), Some(UpFrame::Send { token, to }), Some(sender)) =
        (seen.link_of_arrival(), seen.arrives_at_server(), seen.session_of_arrival())
    else {
        return true;
    };
    let ServerEnd::Serving { account: from } = link.server else { return true };
    if seen.before().instance(seen.me()).record.has_sent(from, token) {
        return true;
    }
    let message = DownFrame::Message { token, from, to };
    seen.scope.accounts().all(|account| {
        let concerned = account == from || account == to;
        let mut others = seen.before().roster(account).sessions().filter(|online| (*online, account) != (sender, from));
        others.all(|online| {
            let link = seen.before().slot_of(account, online);
            let due = concerned && !is_full(seen, online);
            let written = link.is_none_or(|link| seen.answered_on(online.seat, link).contains(&message) == due);
            let kept = !due || is_kept(seen, account, online, message);
            written && kept && (online.seat, link) != (sender.seat, Some(slot))
        })
    }) && !seen.answered_on(sender.seat, slot).contains(&message)
}

/// Whether a message is kept for the next resume of an instance that is logged in with this session.
fn is_kept(seen: &Seen<'_>, account: AccountId, session: Session, message: DownFrame) -> bool {
    let (before, after) = (seen.before().instance(session.seat), seen.after().instance(session.seat));
    let is_theirs = session.key != Key::Former && before.client.session == session.label;
    let logged_in = is_theirs && seen.watch_of(session.seat).user == Some(account);
    let earlier = before.record.ledger_of(session).messages;
    !(logged_in && seen.scope.links_fail()) || after.record.ledger_of(session).messages.iter().eq(earlier.iter().chain([message]))
}

/// MSG-2
pub(super) fn at_most_once_in_order(seen: &Seen<'_>) -> bool {
    let in_order = seen.scope.instances().all(|instance| {
        let published = published(seen, instance);
        if published.is_empty() {
            return true;
        }
        let now = seen.said(instance).into_iter().filter_map(acknowledged);
        let mut arrived = seen.watch_of(instance).arrived.iter().chain(now);
        published.into_iter().all(|message| arrived.next() == Some(message))
    });
    in_order
        && gap::nothing_is_missing_or_repeated(seen)
        && an_overflow_ends_the_session(seen)
        && gap::a_gap_is_told_until_it_is_known(seen)
}

/// Whether as much is kept for a session as may be.
pub(super) fn is_full(seen: &Seen<'_>, session: Session) -> bool {
    let seat = seen.before().instance(session.seat);
    seen.scope.buffer.is_some_and(|most| seat.record.ledger_of(session).messages.len() >= usize::from(most))
}

/// The sessions that a message which the server accepts finds full, and their account.
pub(super) fn overflowing(seen: &Seen<'_>) -> Vec<(AccountId, Session)> {
    let (Some((_, link)), Some(UpFrame::Send { to, .. }), Some(sender)) =
        (seen.link_of_arrival(), seen.arrives_at_server(), seen.session_of_arrival())
    else {
        return Vec::new();
    };
    let ServerEnd::Serving { account: from } = link.server else { return Vec::new() };
    let accounts = seen.scope.accounts().filter(|account| *account == from || *account == to);
    let of = |account| seen.before().roster(account).sessions().map(move |session| (account, session));
    accounts.flat_map(of).filter(|(_, session)| *session != sender && is_full(seen, *session)).collect()
}

/// A session for which more would be kept than may be is dropped without a kick, and its link given up.
fn an_overflow_ends_the_session(seen: &Seen<'_>) -> bool {
    overflowing(seen).into_iter().all(|(account, session)| {
        let given_up = seen.before().slot_of(account, session).map(|slot| (slot, Close::GivenUp));
        let gone = seen.after().roster(account).of_key(session).is_none();
        let kicked = seen.after().kick_records(account).iter().any(|record| record.session.has_key_of(session));
        gone && !kicked && seen.closes(session.seat, End::Server) == given_up.into_iter().collect::<Vec<_>>()
    })
}

fn acknowledged(frame: UpFrame) -> Option<Token> {
    if let UpFrame::MessageAck { token } = frame { Some(token) } else { None }
}

fn published(seen: &Seen<'_>, instance: InstanceId) -> Vec<Token> {
    let message = |item: &Item| {
        let Item::Published { instance: whose, event: Event::Message { token, .. } } = *item else { return None };
        (whose == instance).then_some(token)
    };
    seen.items.iter().filter_map(message).collect()
}

/// MSG-3
pub(super) fn a_send_settles_once(seen: &Seen<'_>) -> bool {
    let runs = |token: Token| seen.watch().sends.iter().any(|running| running == token);
    let running_only = seen.items.iter().all(|item| {
        let Item::Settled { call: Call::Send(Some(token)), .. } = item else { return true };
        runs(*token)
    });
    let answered = match seen.arrives_at_client() {
        Some(DownFrame::SendAnswer { token }) if runs(token) => {
            seen.told(seen.me()) == [seen.settled(Call::Send(Some(token)), Asked::Earlier, Outcome::Sent)]
        }
        Some(_) | None => true,
    };
    running_only && answered && a_repeat_is_no_second_message(seen) && the_oldest_is_given_up(seen)
}

/// What the server accepted before under that id is answered as then, and written to nobody.
fn a_repeat_is_no_second_message(seen: &Seen<'_>) -> bool {
    let (Some((slot, link)), Some(UpFrame::Send { token, .. })) = (seen.link_of_arrival(), seen.arrives_at_server()) else {
        return true;
    };
    let ServerEnd::Serving { account: from } = link.server else { return true };
    let repeated = seen.before().instance(seen.me()).record.has_sent(from, token);
    let answer = Item::Written { instance: seen.me(), slot, end: End::Server, frame: Frame::Down(DownFrame::SendAnswer { token }) };
    (!repeated || seen.items == [answer]) && is_known_while_it_may_come_again(seen, from, token)
}

fn is_known_while_it_may_come_again(seen: &Seen<'_>, from: AccountId, token: Token) -> bool {
    let seat = seen.after().instance(seen.me());
    let ways = [seat.client.unknown, seat.client.sends, seat.links.current.up, seat.links.abandoned.up];
    let names_it = |frame: UpFrame| matches!(frame, UpFrame::Send { token: other, .. } if other == token);
    let again = ways.into_iter().any(|way| way.iter().any(names_it));
    !seen.scope.has(Fault::Resends) || !again || seat.record.has_sent(from, token)
}

/// A send without an answer in time is given up, the oldest first; nobody knows what became of it.
fn the_oldest_is_given_up(seen: &Seen<'_>) -> bool {
    let Action::Timer(_, Timer::Deadline(Timed::Send)) = seen.action else { return true };
    let unknown = Outcome::Refused(Code::OutcomeUnknown);
    let oldest = seen.watch().sends.iter().next();
    seen.told(seen.me()).into_iter().eq(oldest.map(|token| seen.settled(Call::Send(Some(token)), Asked::Earlier, unknown)))
}

/// MSG-4
pub(super) fn none_before_ready(seen: &Seen<'_>) -> bool {
    seen.concerned().all(|instance| {
        let was_ready = seen.watch_of(instance).ready;
        let of = |item: &&Item| matches!(item, Item::Published { instance: whose, .. } if *whose == instance);
        let mut told = seen.items.iter().filter(of);
        let first = told.find(|item| matches!(item, Item::Published { event: Event::Message { .. } | Event::Ready, .. }));
        was_ready || first.is_none_or(|first| matches!(first, Item::Published { event: Event::Ready, .. }))
    })
}
