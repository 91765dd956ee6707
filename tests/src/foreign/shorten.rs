//! A trace on which a child differs, made short by trying again: chunks of it are cut out, then single steps, and what differs still is
//! gone on from. A child that goes by more than the rules know shows it on no path that the model could name. It starts no child itself.

use std::time::{Duration, Instant};

use model::action::{Action, AppCall, InstanceId, ServerMove};
use model::graph::Graph;
use rustc_hash::FxHashSet;

use super::story::{Least, Story};
use crate::divergence::Divergence;
use crate::replay::{Replay, actions_of};
use crate::shortest::straight_to;
use crate::tour::Labels;

/// What walks a trace on a child, and says how that differs.
pub(super) trait Trials {
    /// On a fresh child.
    fn on_a_fresh_child(&mut self, labels: &[u16]) -> Option<Divergence>;
    /// On one that may have walked others before, behind a reset. It costs less, and is believed only until a fresh child is asked.
    fn behind_a_reset(&mut self, labels: &[u16]) -> Option<Divergence>;
}

/// The story of a difference: as long as there is time, shorter traces are tried, and a fresh child has the last word.
pub(super) fn shortened(graph: &Graph, found: Divergence, within: Duration, trials: &mut impl Trials) -> Story {
    let found_after = found.labels.len();
    let mut search = Search { graph, trials, on: On::Fresh, until: Instant::now() + within, agreed: FxHashSet::default() };
    let Some(first) = search.straight(&found.labels).or_else(|| search.try_out(&found.labels)) else {
        return Story { told: found, broken: None, least: Least::AsWalked, found_after };
    };
    let told = search.quickly_from(first);
    let least = if search.is_over() { Least::Unfinished } else { Least::Minimal };
    Story { told, broken: None, least, found_after }
}

/// Which child is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Fresh,
    Reset,
}

/// The traces that are tried.
struct Search<'a, T> {
    graph: &'a Graph,
    trials: &'a mut T,
    on: On,
    until: Instant,
    /// Those that were tried before, and agreed.
    agreed: FxHashSet<Labels>,
}

impl<T: Trials> Search<'_, T> {
    /// A trace that differs and of which no step can be left out. It is looked for behind resets; a child that keeps something over them
    /// is not believed, and all is tried on fresh ones.
    fn quickly_from(&mut self, first: Divergence) -> Divergence {
        self.on = On::Reset;
        let quick = self.down_from(first.clone(), first.labels.len() / 2);
        self.on = On::Fresh;
        self.agreed.clear();
        match self.try_out(&quick.labels) {
            Some(confirmed) => self.down_from(confirmed, 1),
            None => self.down_from(first.clone(), first.labels.len() / 2),
        }
    }

    /// Chunks of so many steps are taken out, then of half as many, and single steps in the end, until none can be.
    fn down_from(&mut self, mut told: Divergence, mut size: usize) -> Divergence {
        while size > 1 {
            told = self.without_chunks(told, size);
            size = size.min(told.labels.len()) / 2;
        }
        loop {
            told = self.without_steps(told);
            match self.straight(&told.labels).or_else(|| self.by_others(&told)) {
                Some(shorter) => told = shorter,
                None => return told,
            }
        }
    }

    /// What is left when no single step can be taken out any more.
    fn without_steps(&mut self, mut told: Divergence) -> Divergence {
        loop {
            let steps = told.labels.len();
            told = self.without_chunks(told, 1);
            if told.labels.len() == steps || self.is_over() {
                return told;
            }
        }
    }

    /// What differs in fewer steps if, from some login on, two instances change places: another one need not leave first what the login
    /// comes behind. Fresh children are not asked for it.
    fn by_others(&mut self, told: &Divergence) -> Option<Divergence> {
        if self.on == On::Fresh {
            return None;
        }
        let scope = &self.graph.scope;
        let actions = actions_of(scope, &told.labels);
        let logins = (1..actions.len()).filter(|place| matches!(actions[*place], Action::Call(_, AppCall::Login { .. })));
        for (place, other) in logins.flat_map(|place| scope.instances().map(move |other| (place, other))) {
            if self.is_over() {
                return None;
            }
            let swapped = with_two_swapped(&actions, place, other);
            let left = as_far_as_offered(&mut Replay::new(scope), &swapped);
            let shorter = self.try_out(&left).map(|differs| self.without_steps(differs));
            if let Some(shorter) = shorter.filter(|shorter| shorter.labels.len() < told.labels.len()) {
                return Some(shorter);
            }
        }
        None
    }

    /// What is left when each chunk of so many steps is taken out that need not be there.
    fn without_chunks(&mut self, mut told: Divergence, size: usize) -> Divergence {
        let mut from = 0;
        while from < told.labels.len() && !self.is_over() {
            match self.without(&told, from, size) {
                Some(shorter) => told = shorter,
                None => from += size,
            }
        }
        told
    }

    /// What differs when these steps are left out.
    fn without(&mut self, told: &Divergence, from: usize, count: usize) -> Option<Divergence> {
        let mut actions = actions_of(&self.graph.scope, &told.labels);
        actions.drain(from..actions.len().min(from + count));
        let left = as_far_as_offered(&mut Replay::new(&self.graph.scope), &actions);
        self.try_out(&left)
    }

    /// What differs on the model's shortest path to the last step of a trace, if that is shorter.
    fn straight(&mut self, labels: &[u16]) -> Option<Divergence> {
        let straight = straight_to(self.graph, labels).filter(|straight| straight.len() < labels.len());
        straight.and_then(|straight| self.try_out(&straight))
    }

    fn try_out(&mut self, labels: &[u16]) -> Option<Divergence> {
        if labels.is_empty() || self.agreed.contains(labels) {
            return None;
        }
        let found = match self.on {
            On::Fresh => self.trials.on_a_fresh_child(labels),
            On::Reset => self.trials.behind_a_reset(labels),
        };
        if found.is_none() {
            self.agreed.insert(labels.to_vec());
        }
        found
    }

    fn is_over(&self) -> bool {
        Instant::now() > self.until
    }
}

/// These actions one after the other, without those that are not offered where they would stand.
fn as_far_as_offered(replay: &mut Replay<'_>, actions: &[Action]) -> Labels {
    actions.iter().filter_map(|action| replay.follow(*action)).collect()
}

/// These actions, in which from that place on the instance that acts there and another one change places.
fn with_two_swapped(actions: &[Action], place: usize, other: InstanceId) -> Vec<Action> {
    let one = actions[place].instance();
    let swap = |instance| match instance {
        _ if Some(instance) == one => other,
        _ if instance == other => one.unwrap_or(other),
        instance => instance,
    };
    let swapped = actions[place..].iter().map(|action| with_instance(*action, swap));
    actions[..place].iter().copied().chain(swapped).collect()
}

fn with_instance(action: Action, change: impl Fn(InstanceId) -> InstanceId) -> Action {
    match action {
        Action::Call(instance, call) => Action::Call(change(instance), call),
        Action::Page(instance, step) => Action::Page(change(instance), step),
        Action::Link(instance, step) => Action::Link(change(instance), step),
        Action::Timer(instance, timer) => Action::Timer(change(instance), timer),
        Action::Renew(instance) => Action::Renew(change(instance)),
        Action::Server(ServerMove::Store(instance)) => Action::Server(ServerMove::Store(change(instance))),
        Action::Server(step) => Action::Server(step),
    }
}
