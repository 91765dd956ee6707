//! What must be seen of messages that are owed and of those that were lost.

use super::{Seen, View};
use crate::action::{AccountId, Action, InstanceId, ServerMove};
use crate::frame::{DownFrame, Gap, Resumption, UpFrame};
use crate::link::{Epoch, Link, ServerEnd};
use crate::observation::{Event, Item, NetState};
use crate::records::Session;

/// MSG-2, LINK-5: what was lost is told at each answer to a resume until the server knows that it was told, and published once each time
/// that it is told.
pub(super) fn a_gap_is_told_until_it_is_known(seen: &Seen<'_>) -> bool {
    every_answer_says_it(seen) && it_is_published_as_it_is_told(seen) && nothing_else_changes_it(seen)
}

fn every_answer_says_it(seen: &Seen<'_>) -> bool {
    let Some(session) = seen.session_of_arrival() else { return true };
    let gap =
        if is_unknown_here(seen, session) { Gap::Lost } else { seen.before().instance(seen.me()).record.ledger_of(session).gap };
    seen.answered(seen.me()).into_iter().filter_map(answer_to_resume).all(|answer| match answer {
        Resumption::Resumed { gap: said } => (said == Gap::Lost) == (gap == Gap::Lost),
        Resumption::Readmitted | Resumption::Ended(_) | Resumption::Refused(_) => true,
    })
}

/// NODE-3: whether the session is on record, and the node does not know what it is owed, since it did not have its link.
fn is_unknown_here(seen: &Seen<'_>, session: Session) -> bool {
    let is_unknown = |account: AccountId| {
        seen.before().roster(account).has(session)
            && !seen.before().instance(session.seat).is_known_at(seen.node(), account, session)
    };
    seen.scope.nodes_fail() && seen.scope.accounts().any(is_unknown)
}

/// Right behind `connected`, or behind the `SDK_READY` of a login that was told of it, and nowhere else.
fn it_is_published_as_it_is_told(seen: &Seen<'_>) -> bool {
    let mut due = Vec::new();
    if seen.watch().user.is_some() && seen.arrives_at_client().is_some_and(tells_a_resume) {
        due.push(seen.published(Event::Net(NetState::Connected)));
    }
    if seen.arrives_at_client() == Some(DownFrame::SyncAnswer) && is_to_be_told(seen, seen.before()) {
        due.push(seen.published(Event::Ready));
    }
    let told = seen.told(seen.me());
    let lost = seen.published(Event::MessagesLost);
    let places: Vec<_> = (0..told.len()).filter(|place| told[*place] == lost).collect();
    let before: Vec<Item> = places.iter().filter_map(|place| place.checked_sub(1)).map(|place| told[place]).collect();
    places.len() == due.len() && before == due
}

/// LOGIN-9: an instance that its login told of lost messages keeps that until it is ready, or logged in no more.
pub(super) fn a_login_keeps_what_it_was_told(seen: &Seen<'_>) -> bool {
    let admitted = matches!(seen.arrives_at_client(), Some(DownFrame::LoginAnswer { refused: None, gap: Gap::Lost }));
    let begins = admitted && seen.watch().login.is_some();
    let then = seen.then_of(seen.me());
    let goes_on = is_to_be_told(seen, seen.before()) && then.user.is_some() && !then.ready;
    is_to_be_told(seen, seen.after()) == (begins || goes_on)
}

fn is_to_be_told(seen: &Seen<'_>, state: View<'_>) -> bool {
    state.instance(seen.me()).client.tells == Gap::Lost
}

fn tells_a_resume(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::Lost } | Resumption::Readmitted })
}

/// What the server holds of the session that an instance is logged in with changes as the instance is told, or shows that it was.
fn nothing_else_changes_it(seen: &Seen<'_>) -> bool {
    let Some(session) = goes_on(seen, seen.me()) else { return true };
    let (before, after) = (seen.before().instance(seen.me()), seen.after().instance(seen.me()));
    let is_same = before.client.login_user().is_some();
    let held = if is_same { before.record.ledger_of(Session { label: before.client.session, ..session }).gap } else { Gap::None };
    let now = after.record.ledger_of(session).gap;
    let known = if seen.scope.can_forget_what_it_told() { Gap::Told } else { Gap::None };
    let tells = seen.arrives_at_client().is_some_and(|frame| tells_a_resume(frame) || tells_a_login(frame));
    match held {
        Gap::None if tells => now == known,
        Gap::None | Gap::Lost if begins_behind_a_gap(seen) => now == Gap::Lost,
        Gap::None => now == Gap::None,
        Gap::Lost => now == if tells { known } else { Gap::Lost },
        Gap::Told if begins_behind_a_gap(seen) => now == Gap::Lost,
        Gap::Told => now == if shows_that_it_knows(seen, session) { Gap::None } else { Gap::Told },
    }
}

fn tells_a_login(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::LoginAnswer { refused: None, gap: Gap::Lost })
}

fn begins_behind_a_gap(seen: &Seen<'_>) -> bool {
    seen.answered(seen.me()).into_iter().filter_map(answer_to_resume).any(|answer| match answer {
        Resumption::Readmitted => true,
        Resumption::Resumed { .. } => seen.session_of_arrival().is_some_and(|session| is_unknown_here(seen, session)),
        Resumption::Ended(_) | Resumption::Refused(_) => false,
    })
}

/// A resume names what it was told; any frame but a logout comes behind the answer on its link.
fn shows_that_it_knows(seen: &Seen<'_>, session: Session) -> bool {
    let resumed = seen.answered(seen.me()).into_iter().any(|frame| answer_to_resume(frame).is_some());
    let is_its_own = |link: &Link| matches!(link.server, ServerEnd::Serving { .. }) && link.epoch == Epoch::Newest;
    let serving = seen.link_of_arrival().is_some_and(|(_, link)| is_its_own(link));
    let theirs = seen.session_of_arrival().is_some_and(|arrived| arrived.has_key_of(session));
    resumed || (serving && theirs && !matches!(seen.arrives_at_server(), Some(UpFrame::Logout { .. }) | None))
}

/// MSG-2: what was kept is lost with the server; one that stops has noted which sessions are owed nothing.
pub(super) fn a_restart_leaves_a_gap(seen: &Seen<'_>) -> bool {
    let holds = |instance: InstanceId, due: fn(Gap) -> Gap| {
        let Some(session) = goes_on(seen, instance) else { return true };
        let (before, after) = (seen.before().instance(instance), seen.after().instance(instance));
        let loss = before.record.ledger_of(Session { label: before.client.session, ..session }).loss();
        after.record.ledger_of(session).gap == due(loss)
    };
    let due: fn(Gap) -> Gap = if seen.action == Action::Server(ServerMove::Stop) { |loss| loss } else { |_| Gap::Lost };
    let goes = matches!(seen.action, Action::Server(ServerMove::Restart | ServerMove::Stop));
    !goes || seen.scope.instances().all(|instance| holds(instance, due))
}

/// The session that an instance is logged in with, if it is on record after the step.
fn goes_on(seen: &Seen<'_>, instance: InstanceId) -> Option<Session> {
    let label = seen.after().instance(instance).client.session;
    let session = Session { seat: instance, key: seen.scope.key(instance), label };
    let is_on_record = |account: AccountId| seen.after().roster(account).has(session);
    seen.then_of(instance).user.filter(|account| is_on_record(*account)).map(|_| session)
}

/// LOGIN-9: the answer says that messages were lost if the key's earlier session was owed any, or was not known to know of a gap.
pub(super) fn a_login_is_told_what_its_key_lost(seen: &Seen<'_>) -> bool {
    let said: Vec<_> = seen.answered(seen.me()).into_iter().filter_map(gap_of_a_login).collect();
    let (Some((newcomer, account)), [said]) = (seen.admitted(), &*said) else { return said.iter().all(|gap| *gap == Gap::None) };
    let earlier = seen.before().roster(account).of_key(newcomer);
    let due = earlier.is_some_and(|earlier| {
        let owed = seen.before().instance(earlier.seat).record.ledger_of(earlier);
        is_unknown_here(seen, earlier) || !owed.messages.is_empty() || matches!(owed.gap, Gap::Lost | Gap::Told)
    });
    (*said == Gap::Lost) == due
}

fn gap_of_a_login(frame: DownFrame) -> Option<Gap> {
    if let DownFrame::LoginAnswer { gap, .. } = frame { Some(gap) } else { None }
}

/// What arrives is the oldest message that the session has not received; a resume brings all of them, in order; an acknowledgement ends
/// the oldest.
pub(super) fn nothing_is_missing_or_repeated(seen: &Seen<'_>) -> bool {
    !seen.scope.links_fail() || (arrives_in_turn(seen) && is_sent_again(seen) && is_acknowledged_in_turn(seen))
}

fn arrives_in_turn(seen: &Seen<'_>) -> bool {
    let Some(message @ DownFrame::Message { .. }) = seen.arrives_at_client() else { return true };
    let session =
        Session { seat: seen.me(), key: seen.scope.key(seen.me()), label: seen.before().instance(seen.me()).client.session };
    let [before, after] = [seen.before(), seen.after()].map(|state| state.instance(seen.me()).record.ledger_of(session));
    let is_counted = seen.watch().user.is_some() && !before.messages.is_empty();
    let next = before.messages.iter().nth(usize::from(before.received));
    !is_counted || (next == Some(message) && after.received == before.received + 1)
}

fn is_sent_again(seen: &Seen<'_>) -> bool {
    let (Some((slot, _)), Some(session)) = (seen.link_of_arrival(), seen.session_of_arrival()) else { return true };
    let owed = seen.before().instance(seen.me()).record.ledger_of(session);
    let missing: Vec<_> = owed.messages.iter().skip(usize::from(owed.received)).collect();
    match seen.answered_on(seen.me(), slot).split_first() {
        Some((DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } }, messages)) => messages == missing,
        Some(_) | None => true,
    }
}

fn is_acknowledged_in_turn(seen: &Seen<'_>) -> bool {
    let (Some(UpFrame::MessageAck { token }), Some(session)) = (seen.arrives_at_server(), seen.session_of_arrival()) else {
        return true;
    };
    let [before, after] = [seen.before(), seen.after()].map(|state| state.instance(seen.me()).record.ledger_of(session));
    let serving = seen.link_of_arrival().is_some_and(|(_, link)| matches!(link.server, ServerEnd::Serving { .. }));
    let is_next = |oldest: DownFrame| matches!(oldest, DownFrame::Message { token: kept, .. } if kept == token);
    let counted = serving && !before.messages.is_empty();
    !counted || (before.messages.first().is_some_and(is_next) && after.messages.iter().eq(before.messages.iter().skip(1)))
}

fn answer_to_resume(frame: DownFrame) -> Option<Resumption> {
    if let DownFrame::ResumeAnswer { answer } = frame { Some(answer) } else { None }
}
