//! What must be seen of logins.

use super::{Seen, ends_a_session, gap, node};
use crate::action::{Action, AppCall, Credential, LinkMove, PageMove, Timed, Timer};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Epoch, Wire};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, NetState, Outcome};
use crate::state::{Phase, SigAge};

/// LOGIN-1
pub(super) fn settles_once_and_never_by_itself(seen: &Seen<'_>) -> bool {
    let running = usize::from(seen.watch().login.is_some());
    let settles = |item: &&Item| matches!(item, Item::Settled { call: Call::Login, asked: Asked::Earlier, .. });
    let settled = seen.items.iter().filter(settles).count();
    let frames =
        seen.items.iter().filter(|item| matches!(item, Item::Written { frame: Frame::Up(UpFrame::Login { .. }), .. })).count();
    let once = settled <= running && frames <= running;
    once && every_running_login_is_under_way(seen) && what_was_not_sent_is_2800(seen)
}

/// A login runs exactly where its application called for one, and something is on its way that will settle it.
fn every_running_login_is_under_way(seen: &Seen<'_>) -> bool {
    let seat = seen.after().instance(seen.me());
    let called = seen.then_of(seen.me()).login.is_some();
    let pending = match seat.client.phase {
        Phase::Opening { .. } => true,
        Phase::Waiting { .. } => {
            let link = seat.links.current;
            let lost = link.wire == Wire::Cut || link.is_closed();
            lost || link.is_storing() || !link.up.is_empty() || !link.down.is_empty()
        }
        Phase::Out
        | Phase::Online { .. }
        | Phase::Ready { .. }
        | Phase::Leaving
        | Phase::Destroying
        | Phase::Destroyed
        | Phase::Closed => false,
    };
    called == pending
}

/// A login whose link is lost, cannot be opened, or takes too long: 2800 if its frame was not written, else 2801.
fn what_was_not_sent_is_2800(seen: &Seen<'_>) -> bool {
    let lost =
        matches!(seen.action, Action::Link(_, LinkMove::OpenFails | LinkMove::ClientLoses(_)) | Action::Page(_, PageMove::Wake));
    let ends = lost || matches!(seen.action, Action::Timer(_, Timer::Deadline(Timed::Login)));
    let written = matches!(seen.before().instance(seen.me()).client.phase, Phase::Waiting { .. });
    let code = if written { Code::OutcomeUnknown } else { Code::LinkDown };
    let due = seen.settled(Call::Login, Asked::Earlier, Outcome::Refused(code));
    !ends || seen.watch().login.is_none() || seen.told(seen.me()) == [due]
}

/// LOGIN-2
pub(super) fn ready_follows_the_first_sync_once(seen: &Seen<'_>) -> bool {
    ready_comes_once(seen) && not_ready_ends_it_once(seen)
}

fn ready_comes_once(seen: &Seen<'_>) -> bool {
    let ready = seen.items.iter().filter(|item| matches!(item, Item::Published { event: Event::Ready, .. })).count();
    let due = seen.arrives_at_client() == Some(DownFrame::SyncAnswer) && seen.watch().user.is_some() && !seen.watch().ready;
    ready == 0 || (ready == 1 && due)
}

/// `SDK_NOT_READY` is said where an instance that is ready leaves or is ended, once, and nowhere else.
fn not_ready_ends_it_once(seen: &Seen<'_>) -> bool {
    let not_ready = seen.items.iter().filter(|item| matches!(item, Item::Published { event: Event::NotReady, .. })).count();
    let leaves = matches!(seen.action, Action::Call(_, AppCall::Logout | AppCall::Destroy));
    let replaced = super::loss::is_replaced(seen);
    let due = seen.watch().ready && (leaves || replaced || seen.arrives_at_client().is_some_and(ends_a_session));
    not_ready == 0 || (not_ready == 1 && due)
}

/// LOGIN-3
pub(super) fn sends_are_accepted_only_while_ready(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Send(_) | AppCall::Resend) = seen.action else { return true };
    let refused = |code| seen.is_only_answered(Call::Send(None), Outcome::Refused(code));
    match (seen.watch().destroyed, seen.watch().user, seen.watch().ready) {
        (true, ..) => true,
        (false, None, _) => refused(Code::NotLoggedIn),
        (false, Some(_), false) => refused(Code::NotReady),
        (false, Some(_), true) if seen.watch().net != NetState::Connected => refused(Code::LinkDown),
        (false, Some(_), true) => seen.told(seen.me()).is_empty() && seen.said(seen.me()).len() == 1,
    }
}

/// LOGIN-4
pub(super) fn a_repeat_changes_nothing(seen: &Seen<'_>) -> bool {
    let Some(repeated) = names_its_user(seen) else { return true };
    !repeated || seen.is_only_answered(Call::Login, Outcome::Repeat)
}

/// Whether a login on a logged-in instance names the account that is logged in; a bad userID names nobody.
fn names_its_user(seen: &Seen<'_>) -> Option<bool> {
    let Action::Call(_, AppCall::Login { account, credential }) = seen.action else { return None };
    seen.watch().user.map(|user| user == account && credential != Credential::BadUserId)
}

/// LOGIN-5
pub(super) fn one_login_at_a_time(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Login { .. }) = seen.action else { return true };
    seen.watch().login.is_none() || seen.is_only_answered(Call::Login, Outcome::Refused(Code::LoginRuns))
}

/// LOGIN-6
pub(super) fn another_account_must_wait_for_a_logout(seen: &Seen<'_>) -> bool {
    let Some(repeated) = names_its_user(seen) else { return true };
    repeated || seen.is_only_answered(Call::Login, Outcome::Refused(Code::OtherAccount))
}

/// LOGIN-7
pub(super) fn a_refused_login_does_nothing(seen: &Seen<'_>) -> bool {
    let refused = |frame: &DownFrame| matches!(frame, DownFrame::LoginAnswer { refused: Some(_), .. });
    let at_server = seen.answered(seen.me()).iter().any(refused);
    let at_client = seen.arrives_at_client().is_some_and(|frame| refused(&frame));
    let is_its_own = |item: &Item| item.instance() == seen.me() || node::tells_what_was_decided(seen, *item);
    let nobody_else = seen.items.iter().all(is_its_own) && seen.everybody_keeps_a_place();
    let no_mark = seen.after().instance(seen.me()).client.login_user().is_none();
    (!at_server || nobody_else) && (!at_client || no_mark)
}

/// LOGIN-8
pub(super) fn each_credential_has_its_code(seen: &Seen<'_>) -> bool {
    let (Some(UpFrame::Login { credential, .. }), Some((slot, link))) = (seen.arrives_at_server(), seen.link_of_arrival()) else {
        return true;
    };
    let due = match (credential, link.sig) {
        (Credential::Good, SigAge::Fresh) => None,
        (Credential::Good, SigAge::Revoked) | (Credential::Revoked, _) => Some(70052),
        (Credential::BadUserId, _) => Some(70402),
        (Credential::Empty, _) => Some(70002),
        (Credential::Malformed, _) => Some(70003),
        (Credential::OtherApp, _) => Some(70014),
        (Credential::OtherIdentifier, _) => Some(70013),
        (Credential::WrongSignature, _) => Some(70009),
        (Credential::Good, SigAge::Expired) | (Credential::Expired, _) => Some(70001),
    };
    let of_the_sig = |refused: Option<Code>| refused.filter(|code| *code != Code::NoPlace).map(Code::number);
    let answered = |frame: &DownFrame| matches!(frame, DownFrame::LoginAnswer { refused, .. } if of_the_sig(*refused) == due);
    let void = due.is_none() && link.epoch == Epoch::Superseded;
    void || seen.answered_on(seen.me(), slot).iter().any(answered)
}

/// LOGIN-9
pub(super) fn the_keys_earlier_session_is_replaced(seen: &Seen<'_>) -> bool {
    goes_silently(seen) && gap::a_login_is_told_what_its_key_lost(seen) && gap::a_login_keeps_what_it_was_told(seen)
}

fn goes_silently(seen: &Seen<'_>) -> bool {
    let Some((newcomer, account)) = seen.admitted() else { return true };
    let Some(earlier) = seen.before().roster(account).of_key(newcomer) else { return true };
    let link = seen.before().slot_of(account, earlier);
    let closed = link.is_none_or(|slot| seen.closes(earlier.seat, End::Server).contains(&(slot, Close::Superseded)));
    let silent = link.is_none_or(|slot| seen.answered_on(earlier.seat, slot).is_empty());
    let recorded = seen.after().kick_records(account).iter().any(|record| record.session.has_key_of(newcomer));
    let places = seen.after().roster(account).sessions().filter(|online| online.has_key_of(newcomer)).count();
    let of_this_account: Vec<_> = seen.before().roster(account).sessions().chain([newcomer]).collect();
    let untouched = seen.others_keep_their_places(account, &of_this_account);
    closed && silent && !recorded && places == 1 && untouched
}

/// LOGIN-10
pub(super) fn a_logged_out_instance_is_nobodys(seen: &Seen<'_>) -> bool {
    let Action::Call(_, AppCall::Login { .. }) = seen.action else { return true };
    let watch = seen.watch();
    let logged_out = watch.user.is_none() && watch.login.is_none() && watch.logouts == 0 && !watch.destroyed;
    !logged_out || seen.items.is_empty()
}
