//! What must be seen of callbacks.

use super::message::overflowing;
use super::{Seen, place};
use crate::action::{AccountId, Action, InstanceId, LinkMove, Post, ServerMove, Timer};
use crate::frame::{DownFrame, Meant, Resumption, UpFrame};
use crate::link::ServerEnd;
use crate::observation::{Callback, CallbackStage, Item, StateChange};
use crate::records::Session;
use crate::scope::Webhooks;

/// HOOK-1
pub(super) fn every_change_is_called_back(seen: &Seen<'_>) -> bool {
    seen.scope.webhooks == Webhooks::Never || seen.scope.accounts().all(|account| committed(seen, account) == due(seen, account))
}

/// HOOK-2
pub(super) fn callbacks_are_kept_in_order_until_taken(seen: &Seen<'_>) -> bool {
    seen.scope.accounts().all(|account| {
        let mut waiting: Vec<_> = seen.before().outbox(account).iter().collect();
        if let Action::Server(ServerMove::Webhook(posted, how)) = seen.action
            && posted == account
        {
            if posts(seen) != waiting[..1] {
                return false;
            }
            waiting.drain(..usize::from(how == Post::Taken));
        }
        waiting.extend(committed(seen, account));
        seen.after().outbox(account).iter().eq(waiting)
    })
}

fn posts(seen: &Seen<'_>) -> Vec<Callback> {
    let posted = |item: &Item| {
        if let Item::Callback { callback, stage: CallbackStage::Posted(_), .. } = *item { Some(callback) } else { None }
    };
    seen.items.iter().filter_map(posted).collect()
}

fn committed(seen: &Seen<'_>, of: AccountId) -> Vec<Callback> {
    let recorded = |item: &Item| {
        let Item::Callback { account, callback, stage: CallbackStage::Committed, .. } = *item else { return None };
        (account == of).then_some(callback)
    };
    seen.items.iter().filter_map(recorded).collect()
}

/// What the rulebook's list says of this step.
fn due(seen: &Seen<'_>, account: AccountId) -> Vec<Callback> {
    match seen.action {
        Action::Link(_, LinkMove::ToServer(_)) => of_a_frame(seen, account).into_iter().collect(),
        Action::Server(ServerMove::RestKick(kicked)) if kicked == account => {
            seen.before().roster(account).sessions().map(|session| plain(session, StateChange::Unregister)).collect()
        }
        Action::Timer(instance, Timer::Expire(expired)) if expired == account => {
            first_of(seen, instance, account).map(|session| plain(session, StateChange::Unregister)).into_iter().collect()
        }
        Action::Timer(_, Timer::Lapse(lapsed)) if lapsed == account => {
            gone(seen, account).map(|session| lapse(seen, session)).collect()
        }
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
            Vec::new()
        }
    }
}

fn plain(session: Session, change: StateChange) -> Callback {
    Callback { of: place(session), change, kicked: [None; 2] }
}

fn lapse(seen: &Seen<'_>, session: Session) -> Callback {
    let is_page = seen.scope.platform(session.seat).is_page();
    plain(session, if is_page { StateChange::LinkClose } else { StateChange::TimeOut })
}

fn first_of(seen: &Seen<'_>, instance: InstanceId, account: AccountId) -> Option<Session> {
    seen.before().roster(account).sessions().find(|online| online.seat == instance)
}

/// The sessions that this step took off the record.
fn gone(seen: &Seen<'_>, account: AccountId) -> impl Iterator<Item = Session> {
    seen.before().roster(account).sessions().filter(move |online| seen.after().roster(account).of_key(*online).is_none())
}

fn of_a_frame(seen: &Seen<'_>, account: AccountId) -> Option<Callback> {
    let answered = of_a_login(seen, account).or_else(|| of_a_resume(seen, account)).or_else(|| of_a_logout(seen, account));
    answered.or_else(|| of_an_overflow(seen, account))
}

fn of_an_overflow(seen: &Seen<'_>, account: AccountId) -> Option<Callback> {
    let (_, dropped) = overflowing(seen).into_iter().find(|(of, _)| *of == account)?;
    Some(plain(dropped, StateChange::LinkClose))
}

fn of_a_login(seen: &Seen<'_>, account: AccountId) -> Option<Callback> {
    let (newcomer, _) = seen.admitted().filter(|(_, user)| *user == account)?;
    let mut kicked = gone(seen, account).map(place);
    Some(Callback { of: place(newcomer), change: StateChange::Register, kicked: [kicked.next(), kicked.next()] })
}

fn of_a_resume(seen: &Seen<'_>, account: AccountId) -> Option<Callback> {
    let (slot, _) = seen.link_of_arrival()?;
    let asked = seen.arrives_at_server() == Some(UpFrame::Resume { account });
    let goes_on = |frame: &DownFrame| {
        let answer = if let DownFrame::ResumeAnswer { answer } = frame { Some(*answer) } else { None };
        matches!(answer, Some(Resumption::Resumed { .. } | Resumption::Readmitted))
    };
    let granted = asked && seen.answered_on(seen.me(), slot).first().is_some_and(goes_on);
    seen.session_of_arrival().filter(|_| granted).map(|session| plain(session, StateChange::Resumed))
}

fn of_a_logout(seen: &Seen<'_>, account: AccountId) -> Option<Callback> {
    let (_, link) = seen.link_of_arrival()?;
    let Some(UpFrame::Logout { of }) = seen.arrives_at_server() else { return None };
    let own = seen.session_of_arrival()?;
    let ended = match of {
        Meant::Own => own,
        Meant::Owed { session: label, .. } => Session { label, ..own },
    };
    let heard = of != Meant::Own || link.server == (ServerEnd::Serving { account });
    (heard && seen.before().roster(account).has(ended)).then(|| plain(ended, StateChange::Unregister))
}
