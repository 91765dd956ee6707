//! What must be seen as links are lost and closed.

use super::{Seen, place};
use crate::action::{Action, LinkMove, Loss, PageMove, Slot, Timer};
use crate::frame::{DownFrame, Frame, Resumption};
use crate::link::{Parting, ServerEnd, Wire};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, NetState, Outcome, Reason};
use crate::state::{Instance, Reach};

/// LINK-1
pub(super) fn a_lost_link_is_no_logout(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::Link(_, LinkMove::ClientLoses(_)) if is_replaced(seen) => net_states(seen).is_empty(),
        Action::Link(_, LinkMove::ClientLoses(_)) | Action::Page(_, PageMove::Wake) | Action::Link(_, LinkMove::OpenFails)
            if seen.watch().user.is_some() =>
        {
            let seat = seen.after().instance(seen.me());
            let waits = seat.client.login_user() == seen.watch().user && seat.client.reach == Reach::Down;
            waits && seen.told(seen.me()) == told_of_a_loss(seen)
        }
        Action::Timer(_, Timer::Backoff) => seen.after().instance(seen.me()).client.reach == Reach::Asking && seen.items.is_empty(),
        Action::Link(_, LinkMove::ToClient) => net_states(seen) == told_of_a_resume(seen),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
            net_states(seen).is_empty()
        }
    }
}

/// `connecting` behind the sends that ran, once; `disconnected` at the first attempt that fails, once.
fn told_of_a_loss(seen: &Seen<'_>) -> Vec<Item> {
    let unknown = Outcome::Refused(Code::OutcomeUnknown);
    let sends = seen.watch().sends.iter().map(|token| seen.settled(Call::Send(Some(token)), Asked::Earlier, unknown));
    let change = match seen.watch().net {
        NetState::Connected => Some(NetState::Connecting),
        NetState::Connecting => Some(NetState::Disconnected),
        NetState::Disconnected => None,
    };
    sends.chain(change.map(|net| seen.published(Event::Net(net)))).collect()
}

fn told_of_a_resume(seen: &Seen<'_>) -> Vec<NetState> {
    match seen.arrives_at_client() {
        Some(DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } | Resumption::Readmitted }) => vec![NetState::Connected],
        Some(_) | None => Vec::new(),
    }
}

fn net_states(seen: &Seen<'_>) -> Vec<NetState> {
    let net = |item: Item| if let Item::Published { event: Event::Net(net), .. } = item { Some(net) } else { None };
    seen.told(seen.me()).into_iter().filter_map(net).collect()
}

/// LINK-4
pub(super) fn a_place_is_kept_until_it_lapses(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::Link(_, LinkMove::ServerLoses(..)) => seen.record_stands(),
        Action::Timer(instance, Timer::Lapse(account)) => {
            let before: Vec<_> = seen.before().roster(account).sessions().map(place).collect();
            let after: Vec<_> = seen.after().roster(account).sessions().map(place).collect();
            let gone: Vec<_> = before.iter().filter(|place| !after.contains(place)).collect();
            seen.items.is_empty() && before.len() == after.len() + 1 && gone.iter().all(|place| place.0 == instance)
        }
        Action::Page(..)
        | Action::Link(_, LinkMove::ClientLoses(_) | LinkMove::Cut | LinkMove::OpenFails)
        | Action::Timer(_, Timer::Backoff) => seen.record_stands(),
        Action::Call(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => true,
    }
}

/// Whether this step brings the server the news that the page went whose session is online on that link.
fn says_page_went(seen: &Seen<'_>) -> bool {
    let Action::Link(instance, LinkMove::ServerLoses(slot, Loss::Ended)) = seen.action else { return false };
    let link = seen.before().instance(instance).links.at(slot);
    let serving = matches!(link.server, ServerEnd::Serving { .. });
    serving && link.parting == Parting::Page && link.wire == Wire::Whole
}

/// LINK-6
pub(super) fn a_close_says_why(seen: &Seen<'_>) -> bool {
    every_close_has_its_reason(seen) && a_page_that_went_is_noted(seen) && who_goes_is_on_record_without_a_link(seen)
}

fn every_close_has_its_reason(seen: &Seen<'_>) -> bool {
    let last = matches!(seen.action, Action::Link(_, LinkMove::ToClient));
    let page_goes = matches!(seen.action, Action::Page(_, PageMove::Close | PageMove::Wake));
    seen.closes(seen.me(), End::Client).iter().all(|(_, close)| match close {
        Close::Done => last,
        Close::PageClosed => page_goes,
        Close::GivenUp => !last && !page_goes,
        Close::OutOfPlace | Close::Superseded => false,
    })
}

/// Its session stays, for a shorter time; nothing else makes a session go.
fn a_page_that_went_is_noted(seen: &Seen<'_>) -> bool {
    let [before, after] = [seen.before(), seen.after()]
        .map(|state| seen.concerned().map(|seat| state.instance(seat).record.going.count_ones()).sum::<u32>());
    if says_page_went(seen) {
        return after == before + 1 && seen.items.is_empty() && seen.record_stands();
    }
    after <= before
}

/// A resume ends it, as does whatever ends the session.
fn who_goes_is_on_record_without_a_link(seen: &Seen<'_>) -> bool {
    let seat = seen.after().instance(seen.me());
    let on_record = seen.scope.accounts().flat_map(|account| {
        let theirs = seen.after().roster(account).sessions().filter(|session| session.seat == seen.me());
        theirs.map(move |session| (account, session))
    });
    let down = on_record.filter(|(account, session)| seat.links.slot_of(*account, *session).is_none());
    down.fold(seat.record.going, |left, (_, session)| left & !(1 << session.label.0)) == 0
}

/// Whether the client learns in this step that the server closed its link as superseded.
pub(super) fn is_replaced(seen: &Seen<'_>) -> bool {
    let Action::Link(instance, LinkMove::ClientLoses(Loss::Ended)) = seen.action else { return false };
    let link = seen.before().instance(instance).links.current;
    link.is_held() && link.server == ServerEnd::Superseded && link.wire == Wire::Whole
}

/// LINK-11
pub(super) fn whoever_is_replaced_stays_out(seen: &Seen<'_>) -> bool {
    if !is_replaced(seen) {
        return true;
    }
    let seat = seen.after().instance(seen.me());
    let mut due = seen.farewell();
    due.push(seen.published(Event::KickedOut(Reason::MultipleAccount)));
    let no_event = seen.told(seen.me()).iter().all(|item| !matches!(item, Item::Published { .. }));
    let told = if seen.watch().user.is_some() { seen.told(seen.me()) == due } else { no_event };
    let silent = seen.said(seen.me()).is_empty() && seen.closes(seen.me(), End::Client).is_empty();
    told && silent && seat.client.login_user().is_none() && !seat.client.asks_for_a_link() && !seat.links.current.is_held()
}

/// LINK-7
pub(super) fn a_silent_link_is_lost(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::Link(_, LinkMove::ClientLoses(Loss::Heartbeat)) => {
            let held = seen.before().instance(seen.me()).links.current.is_held();
            let due = if held { vec![(Slot::Current, Close::GivenUp)] } else { Vec::new() };
            !seen.after().instance(seen.me()).links.current.is_held() && seen.closes(seen.me(), End::Client) == due
        }
        Action::Link(instance, LinkMove::ServerLoses(slot, Loss::Heartbeat)) => {
            let heard = |seat: &Instance| seat.links.each().iter().filter(|link| link.is_heard()).count();
            let [before, after] = [seen.before(), seen.after()].map(|state| heard(state.instance(instance)));
            before == after + 1 && seen.closes(instance, End::Server) == [(slot, Close::GivenUp)]
        }
        Action::Timer(instance, Timer::Ask(slot)) => {
            let asked = Item::Written { instance, slot, end: End::Server, frame: Frame::Down(DownFrame::Ping) };
            seen.items == [asked] && seen.record_stands()
        }
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => true,
    }
}
