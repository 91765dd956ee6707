//! What may not be put off for ever. Calls of applications, faults, REST kicks, expiries and configuration are never owed; the rest is,
//! weakly or strongly. It says nothing of what must follow.

use std::mem::{Discriminant, discriminant};

use crate::action::{AccountId, Action, InstanceId, LinkMove, Loss, NodeId, Post, ServerMove, Slot, Timed, Timer};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Link, Owner, ServerEnd, Wire};
use crate::observation::{Close, End, Item};
use crate::records::Session;
use crate::state::{Instance, State};

/// A class of actions of which one must be taken at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obligation {
    /// A link that is asked for opens.
    Opening(InstanceId),
    /// A frame of that kind, written on the current link, arrives.
    Delivery(InstanceId, FrameKind),
    /// What the client wrote on a link before it gave it up arrives.
    LateDelivery(InstanceId),
    /// The client learns that it was replaced under its key.
    Replacement(InstanceId),
    /// The client notices that its link is cut or closed.
    ClientNotices(InstanceId),
    /// The server notices that a link is cut or given up.
    ServerNotices(InstanceId, Slot),
    /// The backoff timer fires.
    Backoff(InstanceId),
    /// The deadline of a running call fires.
    Deadline(InstanceId, Timed),
    /// The lapse timer fires.
    Lapse(InstanceId, AccountId),
    /// Changed limits take effect.
    Effect,
    /// The receiver takes a callback.
    Posting(AccountId),
    /// A notice of a commit to the account's record arrives at the node.
    Hearing(NodeId, AccountId),
    /// The node polls.
    Polling(NodeId),
    /// The lease ends of a node that is dead, frozen or another one.
    LeaseEnding(NodeId),
    /// A frozen node wakes.
    Waking(NodeId),
    /// A commit that nobody overtook is done.
    Storing(InstanceId),
    /// A commit that was overtaken is refused, and sent anew.
    Deciding(InstanceId),
}

/// What kind of frame it is, whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// One to the server.
    Up(Discriminant<UpFrame>),
    /// One to the client.
    Down(Discriminant<DownFrame>),
}

impl FrameKind {
    const fn of(frame: Frame) -> FrameKind {
        match frame {
            Frame::Up(frame) => FrameKind::Up(discriminant(&frame)),
            Frame::Down(frame) => FrameKind::Down(discriminant(&frame)),
        }
    }
}

/// How an obligation binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strength {
    /// What stays possible from some point on is done.
    Weak,
    /// What becomes possible again and again is done again and again.
    Strong,
}

/// Which fairness runs are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fairness {
    /// That of [`Obligation::strength`].
    Stated,
    /// The stated one, but openings bind weakly: what shows that they must bind strongly.
    OpeningsWeakly,
    /// The stated one, but deliveries bind weakly: what shows that they must bind strongly.
    DeliveriesWeakly,
    /// The stated one, but replacements bind weakly: what shows that they must bind strongly.
    ReplacementsWeakly,
    /// None: any run counts.
    None,
}

/// What is never owed, in words.
pub const NEVER_OWED: &str = "calls of applications, faults, pings, REST kicks, expiries, configuration, fresh instances";

impl Fairness {
    /// Whether an obligation binds strongly under it.
    pub const fn binds_strongly(self, obligation: Obligation) -> bool {
        let stated = matches!(obligation.strength(), Strength::Strong);
        match self {
            Fairness::Stated => stated,
            Fairness::OpeningsWeakly => stated && !matches!(obligation, Obligation::Opening(_)),
            Fairness::DeliveriesWeakly => stated && !matches!(obligation, Obligation::Delivery(..)),
            Fairness::ReplacementsWeakly => stated && !matches!(obligation, Obligation::Replacement(_)),
            Fairness::None => false,
        }
    }
}

impl Obligation {
    /// One of each class.
    pub const EXAMPLES: [Obligation; 17] = {
        let (instance, account) = (InstanceId(0), AccountId(0));
        [
            Obligation::Opening(instance),
            Obligation::Delivery(instance, FrameKind::of(Frame::Up(UpFrame::Sync))),
            Obligation::LateDelivery(instance),
            Obligation::Replacement(instance),
            Obligation::ClientNotices(instance),
            Obligation::ServerNotices(instance, Slot::Current),
            Obligation::Backoff(instance),
            Obligation::Deadline(instance, Timed::Login),
            Obligation::Lapse(instance, account),
            Obligation::Effect,
            Obligation::Posting(account),
            Obligation::Hearing(NodeId(0), account),
            Obligation::Polling(NodeId(0)),
            Obligation::LeaseEnding(NodeId(0)),
            Obligation::Waking(NodeId(0)),
            Obligation::Storing(instance),
            Obligation::Deciding(instance),
        ]
    };

    /// What it asks in words, and why it binds as it does where that is no matter of course.
    pub const fn words(self) -> &'static str {
        match self {
            Obligation::Opening(_) => {
                "an opening that is tried again and again succeeds: an open that always fails is no fair network"
            }
            Obligation::Delivery(..) => {
                "a frame of one kind that is written again and again arrives in time: weakly, a cut could take it away each time"
            }
            Obligation::LateDelivery(_) => {
                "what was written on a link before the client gave it up arrives: nothing cuts such a link"
            }
            Obligation::Replacement(_) => {
                "a close that says again and again that another has taken the instance's place arrives: it answers a resume as a frame does"
            }
            Obligation::ClientNotices(_) => "a client notices that its link is cut or closed",
            Obligation::ServerNotices(..) => "the server notices that a link is cut or given up",
            Obligation::Backoff(_) => "a backoff timer that stays armed fires",
            Obligation::Deadline(..) => "the deadline of a call that goes on running fires",
            Obligation::Lapse(..) => "a lapse timer that stays armed fires",
            Obligation::Effect => "changed limits that wait take effect",
            Obligation::Posting(_) => "a receiver that is posted to for ever takes a callback",
            Obligation::Hearing(..) => "a notice that stays under way to a node arrives, or is lost",
            Obligation::Polling(_) => "a node polls again and again",
            Obligation::LeaseEnding(_) => {
                "a node that dies or freezes again and again is at last gone for longer than its lease: weakly, it could come back each time"
            }
            Obligation::Waking(_) => "a frozen node wakes",
            Obligation::Storing(_) => {
                "a commit that is sent again and again is done: weakly, another node's could come first each time"
            }
            Obligation::Deciding(_) => "a commit that was overtaken is refused, and what it was for is decided anew",
        }
    }

    /// How it binds under the stated fairness.
    pub const fn strength(self) -> Strength {
        match self {
            Obligation::Opening(_)
            | Obligation::Delivery(..)
            | Obligation::Replacement(_)
            | Obligation::LeaseEnding(_)
            | Obligation::Storing(_) => Strength::Strong,
            Obligation::LateDelivery(_)
            | Obligation::ClientNotices(_)
            | Obligation::ServerNotices(..)
            | Obligation::Backoff(_)
            | Obligation::Deadline(..)
            | Obligation::Lapse(..)
            | Obligation::Effect
            | Obligation::Posting(_)
            | Obligation::Hearing(..)
            | Obligation::Polling(_)
            | Obligation::Waking(_)
            | Obligation::Deciding(_) => Strength::Weak,
        }
    }

    /// The obligation that an action of a state meets; `None` if it is never owed.
    pub fn met_by(state: &State, action: Action) -> Option<Obligation> {
        match action {
            Action::Link(instance, LinkMove::Open) => Some(Obligation::Opening(instance)),
            Action::Link(instance, LinkMove::ToServer(slot)) if is_of_no_session(state, instance, slot) => None,
            Action::Link(instance, LinkMove::ToServer(slot)) => {
                arriving(instance, state.instance(instance).links.at(slot), |link| link.up.first().map(Frame::Up))
            }
            Action::Link(instance, LinkMove::ToClient) => {
                arriving(instance, &state.instance(instance).links.current, |link| link.down.first().map(Frame::Down))
            }
            Action::Link(instance, LinkMove::ClientLoses(Loss::Ended)) if says_replaced(state.instance(instance)) => {
                Some(Obligation::Replacement(instance))
            }
            Action::Link(instance, LinkMove::ClientLoses(how)) => {
                is_over_for_the_client(state.instance(instance), how).then_some(Obligation::ClientNotices(instance))
            }
            Action::Link(instance, LinkMove::ServerLoses(slot, _)) => {
                is_over_for_the_server(state.instance(instance).links.at(slot)).then_some(Obligation::ServerNotices(instance, slot))
            }
            Action::Timer(instance, Timer::Backoff) => Some(Obligation::Backoff(instance)),
            Action::Timer(instance, Timer::Deadline(call)) => Some(Obligation::Deadline(instance, call)),
            Action::Timer(instance, Timer::Lapse(account)) => Some(Obligation::Lapse(instance, account)),
            Action::Server(ServerMove::TakeEffect) => Some(Obligation::Effect),
            Action::Server(ServerMove::Webhook(account, Post::Taken)) => Some(Obligation::Posting(account)),
            Action::Server(ServerMove::Hear(node, account)) => Some(Obligation::Hearing(node, account)),
            Action::Server(ServerMove::Poll(node)) => Some(Obligation::Polling(node)),
            Action::Server(ServerMove::LeaseEnds(node)) => Some(Obligation::LeaseEnding(node)),
            Action::Server(ServerMove::Wake(node)) => Some(Obligation::Waking(node)),
            Action::Server(ServerMove::Store(instance)) => Some(match state.instance(instance).links.current.server {
                ServerEnd::Storing { overtaken: true, .. } => Obligation::Deciding(instance),
                _ => Obligation::Storing(instance),
            }),
            Action::Call(..)
            | Action::Page(..)
            | Action::Link(_, LinkMove::OpenFails | LinkMove::Cut)
            | Action::Timer(_, Timer::Ping | Timer::Ask(_) | Timer::Expire(_))
            | Action::Renew(_)
            | Action::Server(
                ServerMove::RestKick(_)
                | ServerMove::Configure(_)
                | ServerMove::Webhook(_, Post::Failed)
                | ServerMove::Restart
                | ServerMove::Stop
                | ServerMove::Die(_)
                | ServerMove::Start(_)
                | ServerMove::Freeze(_)
                | ServerMove::Miss(..),
            ) => None,
        }
    }

    /// A frame written, or a replacement told, on a link that the client holds behind that step is owed from then on, even if it is lost
    /// at once because the other end is gone.
    pub fn asked_by(after: &State, item: Item) -> Option<Obligation> {
        match item {
            Item::Written { instance, slot: Slot::Current, frame, .. } => {
                let is_held = after.instance(instance).links.current.is_held();
                is_held.then_some(Obligation::Delivery(instance, FrameKind::of(frame)))
            }
            Item::Closed { instance, slot: Slot::Current, end: End::Server, close: Close::Superseded } => {
                after.instance(instance).links.current.is_held().then_some(Obligation::Replacement(instance))
            }
            Item::Written { .. }
            | Item::Settled { .. }
            | Item::Published { .. }
            | Item::StreamEnded { .. }
            | Item::Closed { .. }
            | Item::Callback { .. } => None,
        }
    }
}

fn arriving(instance: InstanceId, link: &Link, oldest: impl Fn(&Link) -> Option<Frame>) -> Option<Obligation> {
    if link.is_given_up() {
        return Some(Obligation::LateDelivery(instance));
    }
    oldest(link).map(|frame| Obligation::Delivery(instance, FrameKind::of(frame)))
}

/// What comes for a session that lapsed at another node meanwhile brings nothing about: no delivery is met by it.
fn is_of_no_session(state: &State, instance: InstanceId, slot: Slot) -> bool {
    let link = state.instance(instance).links.at(slot);
    let ServerEnd::Serving { account } = link.server else { return false };
    let is_its_own = |session: Session| session.seat == instance && session.label == link.session;
    let mut kicked = state.kick_records(account).iter();
    !state.roster(account).sessions().any(is_its_own) && !kicked.any(|record| is_its_own(record.session))
}

fn says_replaced(seat: &Instance) -> bool {
    seat.links.current.is_held() && seat.links.current.wire == Wire::Whole && seat.links.current.server == ServerEnd::Superseded
}

/// A heartbeat timer that fires on a link that is whole, or on one that is still being opened, is a fault.
fn is_over_for_the_client(seat: &Instance, how: Loss) -> bool {
    seat.links.current.is_held()
        && match (seat.links.current.wire, how) {
            (Wire::Cut, Loss::Ended | Loss::Heartbeat) | (Wire::Whole, Loss::Ended) => true,
            (Wire::Whole, Loss::Heartbeat) => seat.links.current.is_closed(),
        }
}

fn is_over_for_the_server(link: &Link) -> bool {
    match (link.wire, link.owner) {
        (Wire::Cut, Owner::User | Owner::Gone | Owner::Replaced) | (Wire::Whole, Owner::Gone | Owner::Replaced) => true,
        (Wire::Whole, Owner::User) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scopes;

    #[test]
    fn a_cut_and_an_expiry_are_never_owed() {
        let (state, instance) = (State::initial(&scopes::all()[0]), InstanceId(0));
        assert_eq!(Obligation::met_by(&state, Action::Link(instance, LinkMove::Cut)), None);
        assert_eq!(Obligation::met_by(&state, Action::Timer(instance, Timer::Expire(AccountId(0)))), None);
        let weak = [Obligation::Effect, Obligation::Backoff(instance)].map(Obligation::strength);
        assert_eq!(weak, [Strength::Weak; 2]);
    }
}
