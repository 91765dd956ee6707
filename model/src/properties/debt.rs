//! What must be seen of logouts that the server has not answered.

use super::Seen;
use crate::action::{AccountId, Action, AppCall, LinkMove, PageMove, Timed, Timer};
use crate::frame::{DownFrame, Meant, SigShown, UpFrame};
use crate::observation::NetState;
use crate::records::Session;
use crate::state::{Debts, Instance};

/// LOGOUT-4
pub(super) fn what_is_unanswered_is_owed(seen: &Seen<'_>) -> bool {
    an_unanswered_logout_is_noted(seen) && debts_are_sent_first(seen) && the_server_settles_a_debt(seen)
}

fn accounts(debts: Debts) -> Vec<(AccountId, SigShown)> {
    debts.iter().map(|debt| (debt.account, debt.sig)).collect()
}

/// A logout that resolves without the server's answer is owed; an answer pays the oldest debt; nothing else changes any, but the end
/// of the instance.
fn an_unanswered_logout_is_noted(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before().instance(seen.me()), seen.after().instance(seen.me()));
    let (mut due, now) = (accounts(before.client.debts), accounts(after.client.debts));
    match seen.action {
        _ if seen.action.ends_its_instance() => return now.is_empty(),
        Action::Call(_, AppCall::Logout) if seen.watch().net != NetState::Connected && !seen.watch().destroyed => {
            due.extend(seen.watch().user.map(|user| (user, SigShown::Right)))
        }
        Action::Link(_, LinkMove::ClientLoses(_))
        | Action::Page(_, PageMove::Wake)
        | Action::Timer(_, Timer::Deadline(Timed::Logout)) => due.extend(loses_its_logout(seen, before)),
        Action::Link(_, LinkMove::ToClient) if seen.arrives_at_client() == Some(DownFrame::LogoutAnswer) && !due.is_empty() => {
            due.remove(0);
        }
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {}
    }
    seen.then_of(seen.me()).destroyed || now == due
}

/// The account of a logout that ran over a link that was lost, and what its login showed.
fn loses_its_logout(seen: &Seen<'_>, before: &Instance) -> Option<(AccountId, SigShown)> {
    (seen.watch().logouts > 0 && !seen.watch().destroyed).then_some((before.client.leaves, seen.watch().shown))
}

fn debts_are_sent_first(seen: &Seen<'_>) -> bool {
    let Action::Link(_, LinkMove::Open) = seen.action else { return true };
    let owed = seen.before().instance(seen.me()).client.debts.iter();
    let mut due: Vec<_> = owed.map(|debt| Meant::Owed { account: debt.account, session: debt.session, sig: debt.sig }).collect();
    let written = seen.said(seen.me());
    let greeting = written.last().is_some_and(|frame| matches!(frame, UpFrame::Login { .. } | UpFrame::Resume { .. }));
    for frame in written.iter().rev().skip(1).rev() {
        let UpFrame::Logout { of } = frame else { return false };
        if due.is_empty() || due.remove(0) != *of {
            return false;
        }
    }
    greeting && due.is_empty()
}

/// What stands on record under that secret goes, and nothing else; it is always answered.
fn the_server_settles_a_debt(seen: &Seen<'_>) -> bool {
    let (Some(UpFrame::Logout { of: Meant::Owed { account, session: label, .. } }), Some(link), Some((slot, _))) =
        (seen.arrives_at_server(), seen.session_of_arrival(), seen.link_of_arrival())
    else {
        return true;
    };
    let session = Session { label, ..link };
    let stood = seen.before().roster(account).has(session);
    let gone = !stood || seen.after().roster(account).of_key(session).is_none();
    let touched = if stood { vec![session] } else { Vec::new() };
    let recorded = seen.before().kick_records(account).iter().any(|record| record.session == session);
    let settled = !recorded || seen.after().kick_records(account).iter().all(|record| !record.session.has_key_of(session));
    let answered = seen.answered_on(seen.me(), slot) == [DownFrame::LogoutAnswer];
    gone && settled && answered && seen.others_keep_their_places(account, &touched)
}
