//! What must be seen of links and their frames.

use super::{Seen, node};
use crate::action::{Action, LinkMove, Timer};
use crate::frame::{DownFrame, Meant, Resumption, UpFrame};
use crate::link::{Epoch, ServerEnd};
use crate::observation::{Asked, Call, Close, End, Item, Outcome};

/// LINK-9
pub(super) fn carries_one_login_and_is_closed(seen: &Seen<'_>) -> bool {
    the_server_closes_behind_its_last_answer(seen) && the_client_closes_behind_it(seen) && greets_once(seen)
}

fn the_server_closes_behind_its_last_answer(seen: &Seen<'_>) -> bool {
    let owed = matches!(seen.arrives_at_server(), Some(UpFrame::Logout { of: Meant::Owed { .. } }));
    let last_written = !owed && seen.answered(seen.me()).iter().any(is_last_answer);
    let acknowledged = seen.arrives_at_server() == Some(UpFrame::KickAck);
    let done = seen.closes(seen.me(), End::Server).iter().any(|(_, close)| *close == Close::Done);
    (last_written || acknowledged) == done
}

fn the_client_closes_behind_it(seen: &Seen<'_>) -> bool {
    let owed = !seen.before().instance(seen.me()).client.debts.is_empty();
    let paid = owed && seen.arrives_at_client() == Some(DownFrame::LogoutAnswer);
    let is_last = |frame: &DownFrame| is_last_answer(frame) || matches!(frame, DownFrame::Notice { .. });
    let last_taken = !paid && seen.arrives_at_client().is_some_and(|frame| is_last(&frame));
    let done = seen.closes(seen.me(), End::Client).iter().any(|(_, close)| *close == Close::Done);
    last_taken == done
}

fn greets_once(seen: &Seen<'_>) -> bool {
    let greets = |frame: &&UpFrame| matches!(frame, UpFrame::Login { .. } | UpFrame::Resume { .. });
    let greeted = seen.said(seen.me()).iter().filter(greets).count();
    let opens = matches!(seen.action, Action::Link(_, LinkMove::Open)) && !seen.before().instance(seen.me()).links.current.exists();
    greeted == usize::from(opens)
}

fn is_last_answer(frame: &DownFrame) -> bool {
    let ended = matches!(frame, DownFrame::ResumeAnswer { answer } if answer.is_an_end());
    ended || matches!(frame, DownFrame::LogoutAnswer | DownFrame::LoginAnswer { refused: Some(_), .. })
}

/// LINK-10
pub(super) fn one_request_one_answer(seen: &Seen<'_>) -> bool {
    sync_follows_the_resolved_login(seen) && every_answer_was_asked_for(seen) && a_question_has_one_answer(seen)
}

/// The first sync runs behind the login, and again behind a resume or readmission before which it was not done.
fn sync_follows_the_resolved_login(seen: &Seen<'_>) -> bool {
    let synced = seen.said(seen.me()).contains(&UpFrame::Sync);
    let resolved = seen.items.contains(&seen.settled(Call::Login, Asked::Earlier, Outcome::LoggedIn));
    let goes_on = match seen.arrives_at_client() {
        Some(DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } | Resumption::Readmitted }) => !seen.watch().ready,
        Some(_) | None => false,
    };
    synced == (resolved || goes_on)
}

/// The server asks unasked; a client that is logged in answers once, at once, and nobody else.
fn a_question_has_one_answer(seen: &Seen<'_>) -> bool {
    let asked = seen.arrives_at_client() == Some(DownFrame::Ping) && seen.watch().user.is_some();
    let pongs = seen.said(seen.me()).into_iter().filter(|frame| *frame == UpFrame::Pong).count();
    pongs == usize::from(asked)
}

fn every_answer_was_asked_for(seen: &Seen<'_>) -> bool {
    let (Some(request), Some((slot, link))) = (seen.arrives_at_server(), seen.link_of_arrival()) else {
        return matches!(seen.action, Action::Timer(_, Timer::Expire(_) | Timer::Ask(_)))
            || seen.items.iter().all(|item| !answers_somebody(seen, *item));
    };
    let asks_in_vain = node::arrives_too_late(seen) && request != UpFrame::Ping;
    let is_read = matches!(link.server, ServerEnd::Listening | ServerEnd::Serving { .. } | ServerEnd::Storing { .. });
    let heard = is_read && !asks_in_vain;
    let answered = seen.answered_on(seen.me(), slot).into_iter().filter(|frame| answers(request, *frame)).count();
    let silent = matches!(request, UpFrame::MessageAck { .. } | UpFrame::KickAck | UpFrame::Pong);
    let void = link.epoch == Epoch::Superseded && seen.closes(seen.me(), End::Server).contains(&(slot, Close::Superseded));
    answered == usize::from(heard && !silent && !void)
}

fn answers_somebody(seen: &Seen<'_>, item: Item) -> bool {
    matches!(item, Item::Written { end: End::Server, .. }) && !node::tells_what_was_decided(seen, item)
}

fn answers(request: UpFrame, answer: DownFrame) -> bool {
    match request {
        UpFrame::Login { .. } => matches!(answer, DownFrame::LoginAnswer { .. }),
        UpFrame::Resume { .. } => matches!(answer, DownFrame::ResumeAnswer { .. } | DownFrame::Notice { .. }),
        UpFrame::Sync => answer == DownFrame::SyncAnswer,
        UpFrame::Logout { .. } => answer == DownFrame::LogoutAnswer,
        UpFrame::Send { token, .. } => answer == DownFrame::SendAnswer { token },
        UpFrame::Ping => answer == DownFrame::Pong,
        UpFrame::Pong | UpFrame::MessageAck { .. } | UpFrame::KickAck => false,
    }
}
