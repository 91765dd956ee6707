//! What must be seen of logouts.

use super::{Seen, node};
use crate::action::{Action, AppCall};
use crate::frame::{DownFrame, Meant, Queue, UpFrame};
use crate::link::ServerEnd;
use crate::observation::{Asked, Call, Code, Event, Item, NetState, Outcome};
use crate::state::Phase;

/// LOGOUT-1
pub(super) fn frees_its_own_place_only(seen: &Seen<'_>) -> bool {
    says_farewell(seen) && ends_its_own_session_only(seen)
}

fn says_farewell(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Logout) = seen.action else { return true };
    let seat = seen.after().instance(seen.me());
    let (mut due, mut written) = (seen.farewell(), vec![UpFrame::Logout { of: Meant::Own }]);
    if seen.watch().net != NetState::Connected {
        due.push(seen.settled(Call::Logout, Asked::Now, Outcome::Done));
        written.clear();
    }
    let asked = seen.told(seen.me()) == due && seen.said(seen.me()) == written;
    seen.watch().user.is_none() || (asked && seat.client.login_user().is_none() && seat.client.sends == Queue::EMPTY)
}

fn ends_its_own_session_only(seen: &Seen<'_>) -> bool {
    let (Some((_, link)), Some(session)) = (seen.link_of_arrival(), seen.session_of_arrival()) else { return true };
    let asked = seen.arrives_at_server() == Some(UpFrame::Logout { of: Meant::Own });
    let ServerEnd::Serving { account } = link.server else { return true };
    let gone = seen.after().roster(account).of_key(session).is_none();
    let is_mine = |item: &Item| item.instance() == seen.me() || node::tells_what_was_decided(seen, *item);
    let undisturbed = seen.items.iter().all(is_mine);
    !asked || (gone && undisturbed && seen.others_keep_their_places(account, &[session]))
}

/// LOGOUT-2
pub(super) fn is_never_refused(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Logout) = seen.action else { return true };
    let watch = seen.watch();
    let refused = |item: &Item| matches!(item, Item::Settled { call: Call::Logout, outcome: Outcome::Refused(_), .. });
    let logged_out = watch.user.is_none() && watch.login.is_none() && watch.logouts == 0;
    watch.destroyed || (!seen.items.iter().any(refused) && (!logged_out || seen.is_only_answered(Call::Logout, Outcome::Done)))
}

/// LOGOUT-3
pub(super) fn a_running_login_fails_first(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Logout) = seen.action else { return true };
    if seen.watch().login.is_none() {
        return true;
    }
    let abandoned = seen.settled(Call::Login, Asked::Earlier, Outcome::Refused(Code::LoginAbandoned));
    let resolved = seen.settled(Call::Logout, Asked::Now, Outcome::Done);
    let phase = seen.before().instance(seen.me()).client.phase;
    match matches!(phase, Phase::Waiting { .. }) {
        true => seen.told(seen.me()) == [abandoned] && seen.said(seen.me()) == [UpFrame::Logout { of: Meant::Own }],
        false => seen.items == [abandoned, resolved],
    }
}

/// LOGOUT-5
pub(super) fn nothing_of_the_earlier_session_is_seen(seen: &Seen<'_>) -> bool {
    let acknowledged = |frame: &UpFrame, token| *frame == UpFrame::MessageAck { token };
    seen.items.iter().all(|item| {
        let Item::Published { instance, event: Event::Message { token, .. } } = *item else { return true };
        let came_now = seen.said(instance).iter().any(|frame| acknowledged(frame, token));
        came_now || seen.watch_of(instance).arrived.iter().any(|arrived| arrived == token)
    })
}

/// LOGOUT-6
pub(super) fn until_it_resolved_no_login(seen: &Seen<'_>) -> bool {
    let watch = seen.watch();
    let runs = watch.logouts > 0 && !watch.destroyed;
    let answered = match seen.action {
        Action::Call(_, AppCall::Login { .. }) if runs => seen.is_only_answered(Call::Login, Outcome::Refused(Code::LogoutRuns)),
        Action::Call(_, AppCall::Logout) if runs => seen.items.is_empty(),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => true,
    };
    let done = seen.settled(Call::Logout, Asked::Earlier, Outcome::Done);
    let resolved = seen.items.iter().filter(|item| **item == done).count();
    answered && (resolved == 0 || resolved == usize::from(watch.logouts))
}

/// LOGOUT-7
pub(super) fn listeners_survive(seen: &Seen<'_>) -> bool {
    let watch = seen.watch();
    let due = match seen.arrives_at_client() {
        Some(DownFrame::SyncAnswer) if watch.user.is_some() && !watch.ready => Event::Ready,
        Some(DownFrame::Notice { reason }) if watch.user.is_some() => Event::KickedOut(reason),
        Some(_) | None => return true,
    };
    seen.items.contains(&seen.published(due))
}
