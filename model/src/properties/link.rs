//! What must be seen of links and their frames.

use super::Seen;
use crate::action::{Action, Slot};
use crate::frame::Frame;
use crate::observation::{Asked, Call, End, Item, Outcome};
use crate::state::ServerEnd;

/// LINK-9
pub(super) fn carries_one_login_and_is_closed(seen: &Seen<'_>) -> bool {
    let instance = seen.me();
    let last_written = seen.written(instance, End::Server).iter().any(is_last_answer);
    let last_taken = seen.arrives_at_client().is_some_and(|frame| is_last_answer(&frame) || is_notice(&frame));
    let acknowledged = seen.arrives_at_server() == Some(Frame::KickAck);
    let login = seen.written(instance, End::Client).iter().any(|frame| matches!(frame, Frame::Login { .. }));
    let first_on_its_link = matches!(seen.action, Action::Open { .. }) && !seen.before.instance(instance).current.exists();
    ((last_written || acknowledged) == seen.closed(instance, End::Server))
        && last_taken == seen.closed(instance, End::Client)
        && (!login || first_on_its_link)
}

fn is_last_answer(frame: &Frame) -> bool {
    matches!(frame, Frame::LogoutAnswer | Frame::LoginAnswer { refused: Some(_) })
}

fn is_notice(frame: &Frame) -> bool {
    matches!(frame, Frame::Notice { .. })
}

/// LINK-10
pub(super) fn one_request_one_answer(seen: &Seen<'_>) -> bool {
    sync_follows_the_resolved_login(seen) && every_answer_was_asked_for(seen)
}

fn sync_follows_the_resolved_login(seen: &Seen<'_>) -> bool {
    let synced = seen.written(seen.me(), End::Client).contains(&Frame::Sync);
    let resolved = seen.settled(Call::Login, Asked::Earlier, Outcome::LoggedIn);
    synced == seen.items.contains(&resolved)
}

fn every_answer_was_asked_for(seen: &Seen<'_>) -> bool {
    let Some(request) = seen.arrives_at_server() else {
        return seen.items.iter().all(|item| !matches!(item, Item::Written { end: End::Server, .. }));
    };
    let seat = seen.before.instance(seen.me());
    let on_its_link = matches!(seen.action, Action::ToServer { slot: Slot::Current, .. });
    let heard = on_its_link && matches!(seat.current.server, ServerEnd::Listening | ServerEnd::Serving { .. });
    let answers = seen.written(seen.me(), End::Server).into_iter().filter(|frame| answers(request, *frame)).count();
    let due = usize::from(heard && !matches!(request, Frame::MessageAck { .. } | Frame::KickAck));
    answers == due
}

fn answers(request: Frame, answer: Frame) -> bool {
    match request {
        Frame::Login { .. } => matches!(answer, Frame::LoginAnswer { .. }),
        Frame::Sync => answer == Frame::SyncAnswer,
        Frame::Logout => answer == Frame::LogoutAnswer,
        Frame::Send { token, .. } => answer == Frame::SendAnswer { token },
        Frame::MessageAck { .. }
        | Frame::KickAck
        | Frame::LoginAnswer { .. }
        | Frame::SyncAnswer
        | Frame::LogoutAnswer
        | Frame::SendAnswer { .. }
        | Frame::Message { .. }
        | Frame::Notice { .. } => false,
    }
}
