//! What an instance or the node does in a step of the model, in the words of the journal, and where a turn differs from it.

use std::collections::VecDeque;

use model::action::{AccountId, InstanceId, Slot};
use model::frame::{Frame, Meant, UpFrame};
use model::observation::{Close, End, Item};
use model::step::Step;
use sut::journal::{ClientEvent, ServerEvent, ServerLine};
use sut::session::Fingerprint;

use super::book::Calls;
use super::client::show;
use super::finding::Place;
use super::history::{ClientTurn, ServerTurn};
use super::words;

/// What the model's accounts and sessions are called.
pub(super) struct Names<'a> {
    pub(super) accounts: &'a [String],
    /// Whose session the instance has.
    pub(super) own: Option<AccountId>,
    pub(super) session: Option<Fingerprint>,
    pub(super) debts: &'a VecDeque<Fingerprint>,
}

/// What an instance does: answers and events in one order, frames and closes in another.
pub(super) struct Told {
    words: Vec<ClientEvent>,
    wire: Vec<ClientEvent>,
    /// The calls that run afterwards.
    pub(super) calls: Calls,
}

/// The first place where a turn is not as it should be.
pub(super) struct Difference<E> {
    pub(super) place: Place,
    pub(super) expected: Option<E>,
    pub(super) seen: Option<E>,
}

impl<E: serde::Serialize> Difference<E> {
    pub(super) fn seen(&self) -> String {
        self.seen.as_ref().map_or_else(|| "the next line, without what is missing before it".to_owned(), show)
    }

    pub(super) fn allowed(&self) -> String {
        self.expected.as_ref().map_or_else(|| "nothing more of what happened before".to_owned(), show)
    }
}

impl Told {
    pub(super) fn of(made: &Step, mut calls: Calls, names: &Names<'_>) -> Told {
        let (mut words, mut wire, mut owed) = (Vec::new(), Vec::new(), 0);
        for item in &made.items {
            match *item {
                Item::Settled { call, asked, outcome, .. } => {
                    words.push(ClientEvent::Settled { id: calls.end(call, asked), outcome: words::settlement(outcome) });
                }
                Item::Published { event, .. } => words.push(ClientEvent::Published { event: words::published(event) }),
                Item::StreamEnded { .. } => words.push(ClientEvent::Ended),
                Item::Written { frame: Frame::Up(frame), .. } => wire.extend(names.wrote(frame, &mut owed)),
                // LINK-6: that close is the browser's, and no deed of the instance.
                Item::Closed { end: End::Client, close: Close::PageClosed, .. } => {}
                Item::Closed { end: End::Client, close, .. } => wire.push(ClientEvent::Closed { code: words::close(close) }),
                Item::Written { frame: Frame::Down(_), .. } | Item::Closed { end: End::Server, .. } | Item::Callback { .. } => {}
            }
        }
        Told { words, wire, calls }
    }
}

impl Names<'_> {
    fn wrote(&self, written: UpFrame, owed: &mut usize) -> Option<ClientEvent> {
        let frame = words::saying(written);
        let account = self.account_of(written).map(|account| self.accounts[usize::from(account.0)].clone());
        let session = if let UpFrame::Logout { of: Meant::Owed { .. } } = written {
            *owed += 1;
            self.debts.get(*owed - 1).copied()
        } else {
            self.session
        };
        Some(ClientEvent::Wrote { frame, session: session?, account })
    }

    /// Whose session a frame names.
    fn account_of(&self, frame: UpFrame) -> Option<AccountId> {
        match frame {
            UpFrame::Login { account, .. } | UpFrame::Resume { account } | UpFrame::Logout { of: Meant::Owed { account, .. } } => {
                Some(account)
            }
            UpFrame::Logout { of: Meant::Own } => self.own,
            UpFrame::Sync
            | UpFrame::Send { .. }
            | UpFrame::MessageAck { .. }
            | UpFrame::KickAck
            | UpFrame::Ping
            | UpFrame::Pong => None,
        }
    }
}

/// Where an instance does not do what it should; a line that is missing is noticed at the next one, at `next`.
pub(super) fn client_difference(turn: &ClientTurn, next: Option<Place>, told: &Told) -> Option<Difference<ClientEvent>> {
    let is_word =
        |event: &ClientEvent| matches!(event, ClientEvent::Settled { .. } | ClientEvent::Published { .. } | ClientEvent::Ended);
    let seen =
        |words: bool| turn.deeds.iter().filter(move |(_, deed)| is_word(deed) == words).map(|(place, deed)| (*place, deed.clone()));
    let next = next.unwrap_or(turn.place);
    // A page that closes tells nobody anything; its stream ends all the same.
    let ends_silently =
        told.words.is_empty() && matches!(&turn.event, ClientEvent::Call { call: sut::journal::CallKind::PageClose, .. });
    let words = if ends_silently { vec![ClientEvent::Ended] } else { told.words.clone() };
    let differences = [difference(&words, seen(true), next), difference(&told.wire, seen(false), next)];
    differences.into_iter().flatten().min_by_key(|difference| difference.place)
}

fn difference<E: PartialEq + Clone>(expected: &[E], seen: impl Iterator<Item = (Place, E)>, next: Place) -> Option<Difference<E>> {
    let seen: Vec<_> = seen.collect();
    let places = 0..expected.len().max(seen.len());
    let at = places.into_iter().find(|place| expected.get(*place) != seen.get(*place).map(|(_, deed)| deed))?;
    let place = seen.get(at).map_or(next, |(place, _)| *place);
    Some(Difference { place, expected: expected.get(at).cloned(), seen: seen.get(at).map(|(_, deed)| deed.clone()) })
}

/// Something that the node does to a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) instance: InstanceId,
    pub(super) slot: Slot,
    pub(super) event: ServerEvent,
}

/// What the node does: the commit first, then what each link sees, in its order.
pub(super) struct Done {
    pub(super) commit: Option<ServerEvent>,
    pub(super) acts: Vec<Act>,
}

/// Where the node does not do what it should. `act` says which link a line speaks of, if it is one that the model knows.
pub(super) fn server_difference(
    turn: &ServerTurn,
    done: &Done,
    act: impl Fn(&ServerLine) -> Option<Act>,
) -> Option<Difference<ServerEvent>> {
    let next = turn.next.unwrap_or(turn.place);
    let is_commit = |line: &ServerLine| matches!(line.event, ServerEvent::Commit { .. });
    let commits = turn.deeds.iter().filter(|(_, line)| is_commit(line)).map(|(place, line)| (*place, line.event.clone()));
    let expected: Vec<_> = done.commit.iter().cloned().collect();
    let commit = difference(&expected, commits, next);
    let strange = turn.deeds.iter().find(|(_, line)| !is_commit(line) && act(line).is_none());
    let strange = strange.map(|(place, line)| Difference { place: *place, expected: None, seen: Some(line.event.clone()) });
    let acts = turn.deeds.iter().filter_map(|(place, line)| act(line).map(|act| (*place, act)));
    let acts: Vec<_> = acts.collect();
    let mut links: Vec<_> = done.acts.iter().chain(acts.iter().map(|(_, act)| act)).map(|act| (act.instance, act.slot)).collect();
    links.sort();
    links.dedup();
    let of_link = |(instance, slot): (InstanceId, Slot)| {
        let is_its = |act: &Act| (act.instance, act.slot) == (instance, slot);
        let expected: Vec<_> = done.acts.iter().filter(|act| is_its(act)).map(|act| act.event.clone()).collect();
        let seen = acts.iter().filter(|(_, act)| is_its(act)).map(|(place, act)| (*place, act.event.clone()));
        difference(&expected, seen, next)
    };
    let found = links.into_iter().filter_map(of_link).chain(commit).chain(strange);
    found.min_by_key(|difference| (difference.place, difference.seen.is_none()))
}
