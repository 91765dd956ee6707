//! A run that breaks a claim: a way to some state, and a way round from there that is gone for ever. It is told, not judged.

use std::collections::VecDeque;

use super::component::Component;
use super::moves::{Moves, Owed};
use super::region::{Arc, Region};
use crate::action::Action;

/// A run without end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso {
    /// The steps from the initial state to the place from which it goes round.
    pub way: Vec<Action>,
    /// The steps round, again and again; empty if nothing happens any more.
    pub round: Vec<Action>,
}

impl Lasso {
    /// A fair lasso in a component that is fair: it stops where nothing is owed, or goes round from the state that is
    /// the nearest to the initial one.
    pub(super) fn through(moves: &Moves, region: &Region, component: &Component) -> Lasso {
        let rests = component.nodes.iter().filter(|node| region.owed[**node as usize] == 0).min();
        let at = *rests.or(component.nodes.iter().min()).expect("a component has a node");
        let mut walk = Walk::from(region, component, at);
        let round = if rests.is_some() { Vec::new() } else { walk.round() };
        let action = |(node, arc): (u32, Arc)| moves.of_state(region.states[node as usize])[usize::from(arc.label)].action;
        Lasso { way: moves.way_to(region.states[at as usize]), round: round.into_iter().map(action).collect() }
    }
}

/// A walk inside a component that keeps account of what it owes.
struct Walk<'a> {
    region: &'a Region,
    inside: Vec<bool>,
    avoids: Owed,
    home: u32,
    at: u32,
    /// Owed in some state of the walk.
    some: Owed,
    /// Owed in all of them.
    all: Owed,
    met: Owed,
    steps: Vec<(u32, Arc)>,
}

impl<'a> Walk<'a> {
    fn from(region: &'a Region, component: &Component, home: u32) -> Walk<'a> {
        let mut inside = vec![false; region.states.len()];
        component.nodes.iter().for_each(|node| inside[*node as usize] = true);
        let owed = region.owed[home as usize];
        Walk { region, inside, avoids: component.avoids, home, at: home, some: owed, all: owed, met: 0, steps: Vec::new() }
    }

    /// Goes on to the nearest thing that is owed until nothing is, then home; what the way home owes is done too.
    fn round(&mut self) -> Vec<(u32, Arc)> {
        loop {
            let needs = (self.some & self.region.strong | self.all & !self.region.strong) & !self.met;
            if needs != 0 {
                self.go_to(|walk, arc| arc.meets & needs != 0 || walk.is_free_of_some(arc.to, needs));
            } else if self.at != self.home || self.steps.is_empty() {
                let home = self.home;
                self.go_to(|_, arc| arc.to == home);
            } else {
                return std::mem::take(&mut self.steps);
            }
        }
    }

    /// Whether a weak obligation that is needed is not owed there.
    fn is_free_of_some(&self, node: u32, needs: Owed) -> bool {
        needs & !self.region.strong & !self.region.owed[node as usize] != 0
    }

    /// Takes a shortest way whose last arc is wanted.
    fn go_to(&mut self, wanted: impl Fn(&Walk<'_>, &Arc) -> bool) {
        let region = self.region;
        let mut came: Vec<Option<(u32, Arc)>> = vec![None; region.states.len()];
        let mut open = VecDeque::from([self.at]);
        while let Some(node) = open.pop_front() {
            for arc in region.arcs_of(node).iter().filter(|arc| self.inside[arc.to as usize] && arc.asks & self.avoids == 0) {
                if wanted(self, arc) {
                    return self.take(&came, node, *arc);
                }
                if arc.to != self.at && came[arc.to as usize].is_none() {
                    came[arc.to as usize] = Some((node, *arc));
                    open.push_back(arc.to);
                }
            }
        }
        unreachable!("everything in a component can be reached from everything else, and what a fair one owes is done in it");
    }

    fn take(&mut self, came: &[Option<(u32, Arc)>], last: u32, arc: Arc) {
        let (mut way, mut node) = (vec![(last, arc)], last);
        while let Some((before, arc)) = came[node as usize].filter(|_| node != self.at) {
            way.push((before, arc));
            node = before;
        }
        for (from, arc) in way.into_iter().rev() {
            self.met |= arc.meets;
            self.at = arc.to;
            self.some |= self.region.owed[arc.to as usize] | arc.asks;
            self.all &= self.region.owed[arc.to as usize];
            self.steps.push((from, arc));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_meets_what_it_owes_and_keeps_off_what_is_avoided() {
        let (weak, strong) = (1, 2);
        let arcs = [(0, 1, 0, strong), (0, 1, 0, 0), (1, 0, 0, 0), (1, 0, weak, 0)];
        let region = Region::drawn(&[weak, weak], strong, &arcs);
        let round = Walk::from(&region, &Component { nodes: vec![0, 1], avoids: strong }, 0).round();
        let walked: Vec<_> = round.iter().map(|(from, arc)| (*from, arc.to, arc.meets, arc.asks)).collect();
        assert_eq!(walked, [(0, 1, 0, 0), (1, 0, weak, 0)]);
    }
}
