//! What must be seen as links are lost and closed.

use super::{Seen, place};
use crate::action::{Action, Loss, Slot};
use crate::frame::{Frame, Resumption};
use crate::link::{Parting, ServerEnd, Wire};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, NetState, Outcome};
use crate::records::Session;
use crate::state::{Instance, Reach};

/// LINK-1
pub(super) fn a_lost_link_is_no_logout(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::ClientLoses { .. } | Action::OpenFails { .. } if seen.watch().user.is_some() => {
            let seat = seen.after.instance(seen.me());
            let waits = seat.login_user() == seen.watch().user && seat.reach == Reach::Down;
            waits && seen.told(seen.me()) == told_of_a_loss(seen)
        }
        Action::Backoff { .. } => seen.after.instance(seen.me()).reach == Reach::Asking && seen.items.is_empty(),
        Action::ToClient { .. } => net_states(seen) == told_of_a_resume(seen),
        Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Resend { .. }
        | Action::PageClose { .. }
        | Action::Wake { .. }
        | Action::Open { .. }
        | Action::OpenFails { .. }
        | Action::ToServer { .. }
        | Action::Cut { .. }
        | Action::ClientLoses { .. }
        | Action::ServerLoses { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Ask { .. }
        | Action::Lapse { .. }
        | Action::Expire { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. }
        | Action::Configure { .. }
        | Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Restart
        | Action::Stop => net_states(seen).is_empty(),
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
        Some(Frame::ResumeAnswer { answer: Resumption::Resumed { .. } | Resumption::Readmitted }) => vec![NetState::Connected],
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
        Action::ServerLoses { .. } => says_page_closed(seen) || seen.record_stands(),
        Action::Lapse { instance, account } => {
            let before: Vec<_> = seen.before.roster(account).sessions().map(place).collect();
            let after: Vec<_> = seen.after.roster(account).sessions().map(place).collect();
            let gone: Vec<_> = before.iter().filter(|place| !after.contains(place)).collect();
            seen.items.is_empty() && before.len() == after.len() + 1 && gone.iter().all(|place| place.0 == instance)
        }
        Action::ClientLoses { .. } | Action::Cut { .. } | Action::Backoff { .. } | Action::OpenFails { .. } => seen.record_stands(),
        Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Resend { .. }
        | Action::PageClose { .. }
        | Action::Wake { .. }
        | Action::Open { .. }
        | Action::ToServer { .. }
        | Action::ToClient { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Ask { .. }
        | Action::Expire { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. }
        | Action::Configure { .. }
        | Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Restart
        | Action::Stop => true,
    }
}

/// Whether this step brings the server the close of a page whose session is online on that link.
fn says_page_closed(seen: &Seen<'_>) -> bool {
    let Action::ServerLoses { instance, slot, how: Loss::Ended } = seen.action else { return false };
    let link = seen.before.instance(instance).link(slot);
    let serving = matches!(link.server, ServerEnd::Serving { .. });
    serving && link.parting == Parting::Page && link.wire == Wire::Whole
}

/// LINK-6
pub(super) fn a_close_says_why(seen: &Seen<'_>) -> bool {
    every_close_has_its_reason(seen) && (!says_page_closed(seen) || the_session_goes_at_once(seen))
}

fn every_close_has_its_reason(seen: &Seen<'_>) -> bool {
    let last = matches!(seen.action, Action::ToClient { .. });
    let closed_page = matches!(seen.action, Action::PageClose { .. });
    seen.closes(seen.me(), End::Client).iter().all(|(_, close)| match close {
        Close::Done => last,
        Close::PageClosed => closed_page,
        Close::GivenUp => !last && !closed_page,
        Close::OutOfPlace | Close::Superseded => false,
    })
}

fn the_session_goes_at_once(seen: &Seen<'_>) -> bool {
    let Action::ServerLoses { instance, slot, .. } = seen.action else { return true };
    let link = seen.before.instance(instance).link(slot);
    let ServerEnd::Serving { account } = link.server else { return true };
    let session = Session { seat: instance, key: link.key(), label: link.session };
    let gone = seen.after.roster(account).of_key(session).is_none();
    gone && seen.items.is_empty() && seen.others_keep_their_places(account, &[session])
}

/// LINK-7
pub(super) fn a_silent_link_is_lost(seen: &Seen<'_>) -> bool {
    match seen.action {
        Action::ClientLoses { how: Loss::Heartbeat, .. } => {
            let held = seen.before.instance(seen.me()).current.is_held();
            let due = if held { vec![(Slot::Current, Close::GivenUp)] } else { Vec::new() };
            !seen.after.instance(seen.me()).current.is_held() && seen.closes(seen.me(), End::Client) == due
        }
        Action::ServerLoses { instance, slot, how: Loss::Heartbeat } => {
            let heard = |seat: &Instance| [seat.current, seat.abandoned].iter().filter(|link| link.is_heard()).count();
            let [before, after] = [seen.before, seen.after].map(|state| heard(state.instance(instance)));
            before == after + 1 && seen.closes(instance, End::Server) == [(slot, Close::GivenUp)]
        }
        Action::ClientLoses { how: Loss::Ended, .. }
        | Action::ServerLoses { how: Loss::Ended, .. }
        | Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Resend { .. }
        | Action::PageClose { .. }
        | Action::Wake { .. }
        | Action::Open { .. }
        | Action::OpenFails { .. }
        | Action::ToServer { .. }
        | Action::ToClient { .. }
        | Action::Cut { .. }
        | Action::Backoff { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Ask { .. }
        | Action::Lapse { .. }
        | Action::Expire { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. }
        | Action::Configure { .. }
        | Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Restart
        | Action::Stop => true,
    }
}
