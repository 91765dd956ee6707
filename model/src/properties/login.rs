//! What must be seen of logins.

use super::Seen;
use crate::action::{Action, Credential};
use crate::frame::Frame;
use crate::observation::{Asked, Call, Code, End, Event, Item, Outcome};
use crate::state::{Phase, SigAge};

/// LOGIN-1
pub(super) fn settles_once_and_never_by_itself(seen: &Seen<'_>) -> bool {
    let running = usize::from(seen.watch().login.is_some());
    let settles = |item: &&Item| matches!(item, Item::Settled { call: Call::Login, asked: Asked::Earlier, .. });
    let settled = seen.items.iter().filter(settles).count();
    let frames = seen.items.iter().filter(|item| matches!(item, Item::Written { frame: Frame::Login { .. }, .. })).count();
    settled <= running && frames <= running && every_running_login_is_under_way(seen)
}

/// A login runs exactly where its application called for one, and something is on its way that will settle it.
fn every_running_login_is_under_way(seen: &Seen<'_>) -> bool {
    let seat = seen.after.instance(seen.me());
    let called = seen.then[usize::from(seen.me().0)].login.is_some();
    let pending = match seat.phase {
        Phase::Opening { .. } => true,
        Phase::Waiting { .. } => !seat.current.up.is_empty() || !seat.current.down.is_empty(),
        Phase::Out | Phase::Online { .. } | Phase::Ready { .. } | Phase::Leaving | Phase::Destroying | Phase::Destroyed => false,
    };
    called == pending
}

/// LOGIN-2
pub(super) fn ready_follows_the_first_sync_once(seen: &Seen<'_>) -> bool {
    let ready = seen.items.iter().filter(|item| matches!(item, Item::Published { event: Event::Ready, .. })).count();
    let due = seen.arrives_at_client() == Some(Frame::SyncAnswer) && seen.watch().user.is_some() && !seen.watch().ready;
    ready == 0 || (ready == 1 && due)
}

/// LOGIN-3
pub(super) fn sends_are_accepted_only_while_ready(seen: &Seen<'_>) -> bool {
    let Action::Send { .. } = seen.action else { return true };
    let refused = |code| seen.is_only_answered(Call::Send(None), Outcome::Refused(code));
    match (seen.watch().destroyed, seen.watch().user, seen.watch().ready) {
        (true, ..) => true,
        (false, None, _) => refused(Code::NotLoggedIn),
        (false, Some(_), false) => refused(Code::NotReady),
        (false, Some(_), true) => seen.told(seen.me()).is_empty() && seen.written(seen.me(), End::Client).len() == 1,
    }
}

/// LOGIN-4
pub(super) fn a_repeat_changes_nothing(seen: &Seen<'_>) -> bool {
    let Some(repeated) = names_its_user(seen) else { return true };
    !repeated || seen.is_only_answered(Call::Login, Outcome::Repeat)
}

/// Whether a login on a logged-in instance names the account that is logged in; a bad userID names nobody.
fn names_its_user(seen: &Seen<'_>) -> Option<bool> {
    let Action::Login { account, credential, .. } = seen.action else { return None };
    seen.watch().user.map(|user| user == account && credential != Credential::BadUserId)
}

/// LOGIN-5
pub(super) fn one_login_at_a_time(seen: &Seen<'_>) -> bool {
    let Action::Login { .. } = seen.action else { return true };
    seen.watch().login.is_none() || seen.is_only_answered(Call::Login, Outcome::Refused(Code::LoginRuns))
}

/// LOGIN-6
pub(super) fn another_account_must_wait_for_a_logout(seen: &Seen<'_>) -> bool {
    let Some(repeated) = names_its_user(seen) else { return true };
    repeated || seen.is_only_answered(Call::Login, Outcome::Refused(Code::OtherAccount))
}

/// LOGIN-7
pub(super) fn a_refused_login_does_nothing(seen: &Seen<'_>) -> bool {
    let refused = |frame: &Frame| matches!(frame, Frame::LoginAnswer { refused: Some(_) });
    let at_server = seen.written(seen.me(), End::Server).iter().any(refused);
    let at_client = seen.arrives_at_client().is_some_and(|frame| refused(&frame));
    let nobody_else = seen.items.iter().all(|item| item.instance() == seen.me()) && seen.others_keep_their_places(&[]);
    let no_mark = seen.after.instance(seen.me()).login_user().is_none();
    (!at_server || nobody_else) && (!at_client || no_mark)
}

/// LOGIN-8
pub(super) fn each_credential_has_its_code(seen: &Seen<'_>) -> bool {
    let Some(Frame::Login { credential, .. }) = seen.arrives_at_server() else { return true };
    let due = match credential {
        Credential::Good if seen.before.instance(seen.me()).sig == SigAge::Revoked => Some(70052),
        Credential::Good => None,
        Credential::Revoked => Some(70052),
        Credential::BadUserId => Some(70402),
        Credential::Empty => Some(70002),
        Credential::Malformed => Some(70003),
        Credential::OtherApp => Some(70014),
        Credential::OtherIdentifier => Some(70013),
        Credential::WrongSignature => Some(70009),
        Credential::Expired => Some(70001),
    };
    let answered = |frame: &Frame| matches!(frame, Frame::LoginAnswer { refused } if refused.map(Code::number) == due);
    seen.written(seen.me(), End::Server).iter().any(answered)
}

/// LOGIN-10
pub(super) fn a_logged_out_instance_is_nobodys(seen: &Seen<'_>) -> bool {
    let Action::Login { .. } = seen.action else { return true };
    let watch = seen.watch();
    let logged_out = watch.user.is_none() && watch.login.is_none() && watch.logouts == 0 && !watch.destroyed;
    !logged_out || seen.items.is_empty()
}
