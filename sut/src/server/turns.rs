//! Whose turn it is while records are loaded and stored. An input that needs a busy account waits until the account is free, and what a
//! link says waits behind what it said before; everything else goes on. It keeps the order of each link and of each account, and decides
//! nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Machine;
use super::machine::{Input, LinkId, Timer};
use crate::planted::{self, Unreplayed};

/// What waits for its turn. An input waits with its `place`, whatever that is to the shell.
#[derive(Debug)]
pub(super) struct Turns<P> {
    /// Of each link that waits or is answered later: what waits behind that.
    links: HashMap<LinkId, VecDeque<(Input, P)>>,
    /// What waits for each busy account; of a link only what it said first.
    accounts: HashMap<Arc<str>, VecDeque<(Input, P)>>,
    /// What waited long enough.
    ready: VecDeque<(Input, P)>,
}

impl<P> Default for Turns<P> {
    fn default() -> Turns<P> {
        Turns { links: HashMap::new(), accounts: HashMap::new(), ready: VecDeque::new() }
    }
}

impl<P> Turns<P> {
    /// Takes what happens; it comes back from [`Turns::next`] when it is its turn.
    pub(super) fn arrive(&mut self, input: Input, place: P) {
        let overtakes = matches!(input, Input::LinkDown { .. }) && planted::has(Unreplayed::Link4EndOvertakes);
        match link_of(&input).filter(|_| !overtakes).and_then(|link| self.links.get_mut(&link)) {
            Some(behind) => behind.push_back((input, place)),
            None => self.ready.push_back((input, place)),
        }
    }

    /// What the machine may be handed now, if anything. Once it took that, [`Turns::took`] is to be told.
    pub(super) fn next(&mut self, machine: &Machine) -> Option<Input> {
        while let Some((input, place)) = self.ready.pop_front() {
            let waits = |user_id: &&str| machine.is_busy(user_id) && !planted::has(Unreplayed::Kick6Overtaken);
            let Some(user_id) = machine.needs(&input).filter(waits) else { return Some(input) };
            if let Some(link) = link_of(&input) {
                self.links.entry(link).or_default();
            }
            match self.accounts.get_mut(user_id) {
                Some(waiting) => waiting.push_back((input, place)),
                None => {
                    self.accounts.insert(Arc::from(user_id), VecDeque::from([(input, place)]));
                }
            }
        }
        None
    }

    /// The machine took what came over this link: what the link said next waits for the answer, if that comes later.
    pub(super) fn took(&mut self, machine: &Machine, link: LinkId) {
        if machine.is_asking(link) {
            self.links.entry(link).or_default();
        } else {
            self.release(link);
        }
    }

    /// An account may be free, and the link answered that asked last.
    pub(super) fn answered(&mut self, machine: &Machine, user_id: &str, link: Option<LinkId>) {
        if !machine.is_busy(user_id) {
            self.ready.extend(self.accounts.remove(user_id).into_iter().flatten());
        }
        if let Some(link) = link.filter(|link| !machine.is_asking(*link)) {
            self.release(link);
        }
    }

    /// A timer that waits for its turn was armed anew, or is not wanted any more.
    pub(super) fn forget(&mut self, timer: &Timer) {
        let is_other = |(input, _): &(Input, P)| !matches!(input, Input::Timer(waiting) if waiting == timer);
        let line = match timer {
            Timer::Heartbeat(link) | Timer::Ask(link) | Timer::Retry(link) => self.links.get_mut(link),
            Timer::Lapse { user_id, .. }
            | Timer::Expiry { user_id, .. }
            | Timer::Epoch { user_id, .. }
            | Timer::LookUp { user_id } => self.accounts.get_mut(user_id),
        };
        if let Some(line) = line {
            line.retain(is_other);
        }
    }

    fn release(&mut self, link: LinkId) {
        match self.links.get_mut(&link).map(VecDeque::pop_front) {
            Some(Some(first)) => self.ready.push_back(first),
            Some(None) => drop(self.links.remove(&link)),
            None => {}
        }
    }
}

/// The link over which something came, or about whose silence a timer is.
pub(super) const fn link_of(input: &Input) -> Option<LinkId> {
    match input {
        Input::Frame { link, .. }
        | Input::BadFrame { link, .. }
        | Input::LinkDown { link, .. }
        | Input::Timer(Timer::Heartbeat(link) | Timer::Ask(link) | Timer::Retry(link)) => Some(*link),
        Input::LinkUp { .. }
        | Input::RestKick { .. }
        | Input::QueryStatus { .. }
        | Input::Timer(Timer::Lapse { .. } | Timer::Expiry { .. } | Timer::Epoch { .. } | Timer::LookUp { .. })
        | Input::Restored { .. }
        | Input::Changed(_)
        | Input::Life(_)
        | Input::Reign(_)
        | Input::TermsInForce(_)
        | Input::Keys(_)
        | Input::Loaded { .. }
        | Input::Stored { .. }
        | Input::Unreachable { .. } => None,
    }
}
