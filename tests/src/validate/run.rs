//! The way through a history: the node's lines in their order, each instance going on as far as the next of them needs. It decides what
//! comes next; what a turn means stands in [`super::client`] and [`super::server`].

use model::action::{AccountId, Action, Credential, LinkMove, NodeId, Slot};
use model::link::Owner;
use model::observation::{End, Item};
use model::possible::is_possible;
use model::scope::{Destroys, Fault, MAX_ACCOUNTS, MAX_INSTANCES, Overtaking, Platform, RestKicks, Scope, Seat};
use model::scopes::base;
use model::state::State;
use model::step::Step;
use sut::config::Terms;

use super::book::{AccountBook, ClientBook, LinkBook};
use super::finding::{Finding, Law, Place};
use super::history::History;
use crate::cast;

/// Why an instance or the node does not go on.
pub(super) enum Stop {
    /// The next line of the instance comes after something that has not happened yet, and has no explanation if that never does.
    Waits(Box<Finding>),
    /// The line has no explanation.
    Found(Box<Finding>),
}

impl Stop {
    /// A line that a run would not have.
    pub(super) fn at(place: Place, seen: impl Into<String>, allowed: impl Into<String>, law: impl Into<Law>) -> Stop {
        Stop::Found(Finding::new(place, seen, allowed, law))
    }
}

/// How far the explanation has come.
pub(super) struct Run<'a> {
    pub(super) history: &'a History,
    pub(super) scope: Scope,
    pub(super) state: State,
    /// Which instance sits in each seat.
    pub(super) seats: [Option<usize>; MAX_INSTANCES],
    pub(super) clients: Vec<ClientBook>,
    pub(super) accounts: Vec<AccountBook>,
}

/// Explains a history, or tells the first line that cannot be.
pub(super) fn explain(history: &History) -> Result<(), Box<Finding>> {
    if let (true, Some(turn)) = (history.accounts.len() > MAX_ACCOUNTS, history.node.first()) {
        let seen = format!("{} accounts that share instances", history.accounts.len());
        return Err(Finding::new(turn.place, seen, format!("at most {MAX_ACCOUNTS}"), Law::Room));
    }
    let mut run = Run::of(history);
    let explained = run.node_first().and_then(|()| run.everybody_else());
    explained.map_err(|(Stop::Waits(finding) | Stop::Found(finding))| finding)
}

impl<'a> Run<'a> {
    fn of(history: &'a History) -> Run<'a> {
        let clients = vec![ClientBook::default(); history.instances.len()];
        let accounts = vec![AccountBook::default(); history.accounts.len()];
        let scope = scope(history);
        let state = State::initial(&scope);
        Run { history, scope, state, seats: [None; MAX_INSTANCES], clients, accounts }
    }

    /// These terms decide from now on.
    pub(super) fn adopt_terms(&mut self, terms: Terms) {
        cast::adopt_terms(&mut self.scope, terms);
    }

    fn node_first(&mut self) -> Result<(), Stop> {
        (0..self.history.node.len()).try_for_each(|turn| self.place_server(turn))
    }

    /// What is left of each instance when the node has nothing more to say. What there is no room for is told only if nothing else is.
    fn everybody_else(&mut self) -> Result<(), Stop> {
        let mut no_room = None;
        for instance in 0..self.clients.len() {
            match self.go_on(instance, |_| false, |_| false).map_err(|stop| self.waits_for_the_node(stop)) {
                Err(Stop::Found(found)) if found.law == Law::Room => no_room = no_room.or(Some(found)),
                explained => explained?,
            }
        }
        no_room.map_or(Ok(()), |found| Err(Stop::Found(found)))
    }

    /// Lets the instance go on until the node's line can come, or as far as it can: what waits for a later line of the node makes this
    /// one come too early.
    pub(super) fn until(&mut self, instance: usize, enough: impl FnMut(&Run<'_>) -> bool) -> Result<(), Stop> {
        self.go_on(instance, enough, |waits| waits.law == Law::Link)
    }

    /// Lets the instance go on until it is enough, to its end, or to a line that waits and may.
    pub(super) fn go_on(
        &mut self,
        instance: usize,
        mut enough: impl FnMut(&Run<'_>) -> bool,
        may_wait: fn(&Finding) -> bool,
    ) -> Result<(), Stop> {
        while !enough(self) && self.clients[instance].next < self.history.instances[instance].turns.len() {
            match self.place_client(instance) {
                Err(Stop::Waits(finding)) if may_wait(&finding) => break,
                explained => explained?,
            }
        }
        Ok(())
    }

    /// The state after a step, and what the books keep of it.
    pub(super) fn adopt(&mut self, action: Action, made: &Step) {
        let before = std::mem::replace(&mut self.state, made.next);
        let Some((seat, instance)) = action.instance().and_then(|seat| Some((seat, self.seats[usize::from(seat.0)]?))) else {
            return;
        };
        let (was, is) = (before.instance(seat), self.state.instance(seat));
        let lost = matches!(action, Action::Link(_, LinkMove::ServerLoses(Slot::Abandoned, _)));
        let old_ended = lost || made.items.iter().any(|item| closes_old(item, seat));
        let book = &mut self.clients[instance];
        if old_ended {
            book.links[Slot::Abandoned as usize] = None;
        }
        if was.links.current.exists() && !is.links.current.exists() {
            let moved = book.links[Slot::Current as usize].take();
            if is.links.abandoned.exists() && book.links[Slot::Abandoned as usize].is_none() {
                book.links[Slot::Abandoned as usize] = moved;
            }
        }
        let owed = is.client.debts.len();
        if let (true, Some(session)) = (owed > book.debts.len(), book.session) {
            book.debts.push_back(session);
        }
        while book.debts.len() > owed {
            book.debts.pop_front();
        }
    }

    /// A link is there.
    pub(super) fn open_link(&mut self, instance: usize, epoch: u64) {
        self.clients[instance].links[Slot::Current as usize] = Some(LinkBook::new(epoch));
    }

    /// The link breaks unseen, if it can: the client has it, and nothing is said to have come through it afterwards.
    pub(super) fn cut(&mut self, instance: usize) -> bool {
        let Some((seat, link)) = self.clients[instance].seat.zip(self.clients[instance].link(Slot::Current).copied()) else {
            return false;
        };
        let log = &self.history.instances[instance].links[&link.epoch];
        let action = Action::Link(seat, LinkMove::Cut);
        let over = link.taken_up == log.taken_up && link.taken_down == log.taken_down;
        let may = over && is_possible(&self.scope, &self.state, action);
        if may {
            let made = model::step::step(&self.scope, model::rule::Rules::ALL, &self.state, action);
            self.adopt(action, &made);
        }
        may
    }

    /// Whether the client has given its current link up.
    pub(super) fn has_let_go(&self, instance: usize, epoch: u64) -> bool {
        let book = &self.clients[instance];
        match book.seat.zip(book.slot(epoch)) {
            Some((seat, slot)) => self.state.instance(seat).links.at(slot).owner != Owner::User,
            None => false,
        }
    }
}

fn closes_old(item: &Item, seat: model::action::InstanceId) -> bool {
    matches!(item, Item::Closed { instance, slot: Slot::Abandoned, end: End::Server, .. } if *instance == seat)
}

/// Nothing held back: whoever is there, everything fails, and everybody calls.
fn scope(history: &History) -> Scope {
    let accounts: Vec<_> = (0..history.accounts.len().clamp(1, MAX_ACCOUNTS) as u8).map(AccountId).collect();
    let seat = Seat { name: "an instance", platform: Platform::Web, accounts, shares: None, node: NodeId::default() };
    let faults = vec![
        Fault::Cuts,
        Fault::EndsSeen,
        Fault::Silence,
        Fault::Heartbeats,
        Fault::OpenFails,
        Fault::Deadlines,
        Fault::Pings,
        Fault::Expiries,
        Fault::PageCloses,
        Fault::Wakes,
        Fault::Restarts,
        Fault::Stops,
    ];
    Scope {
        credentials: Credential::ALL.to_vec(),
        destroys: Destroys::Called,
        joined_calls: u8::MAX,
        overtaking: Overtaking::Allowed,
        rest_kicks: RestKicks::Called,
        faults,
        debts: 4,
        ..base("journal", "whatever a journal tells of", vec![seat; MAX_INSTANCES])
    }
}
