//! Strongly connected components in which a fair run can stay for ever: Tarjan's algorithm without recursion, and the refinement that
//! strong fairness needs. It knows neither states nor claims, only who owes what.
//!
//! In a component with a weak obligation that every node owes and no arc inside meets, no run is fair. With a strong obligation that
//! some node owes or some arc asks for, and no arc inside meets, only a run that leaves those nodes and arcs for ever is: they are
//! taken out, and what is left is searched again. In what remains, the run that goes round everything is fair.

use super::moves::Owed;
use super::region::Region;

/// Nodes that all reach each other without the arcs that ask for what is avoided.
pub(super) struct Component {
    /// Its nodes.
    pub(super) nodes: Vec<u32>,
    /// The obligations that nothing inside may ask for, because nothing inside meets them.
    pub(super) avoids: Owed,
}

/// Every component in which a fair run can stay. A run may also stop: a node is a component without any arc.
pub(super) fn fair_components(region: &Region) -> Vec<Component> {
    let mut fair = Vec::new();
    let mut search = Search::of(region);
    let mut open = vec![Component { nodes: (0..region.states.len() as u32).collect(), avoids: 0 }];
    while let Some(Component { nodes, avoids }) = open.pop() {
        for nodes in search.components(&nodes, avoids) {
            let owes = search.owes(&nodes, avoids);
            let missed = owes.some & !owes.met & region.strong;
            if owes.all & !owes.met & !region.strong != 0 {
                continue;
            }
            if missed == 0 {
                fair.push(Component { nodes, avoids });
                continue;
            }
            let rest = nodes.into_iter().filter(|node| region.owed[*node as usize] & missed == 0).collect();
            open.push(Component { nodes: rest, avoids: avoids | missed });
        }
    }
    fair
}

/// What a component owes: in some node, in all of them, and what an arc inside meets.
struct Owes {
    some: Owed,
    all: Owed,
    met: Owed,
}

struct Search<'a> {
    region: &'a Region,
    /// Which part of the region a node is searched with.
    part: Vec<u32>,
    parts: u32,
    avoids: Owed,
    /// A node's place in the order of discovery, from 1; 0 if it was not met yet.
    found: Vec<u32>,
    /// The earliest node known to be reached that is still open.
    low: Vec<u32>,
    /// The component that a node was put in; 0 while it is open.
    component: Vec<u32>,
    components: u32,
}

impl<'a> Search<'a> {
    fn of(region: &'a Region) -> Search<'a> {
        let none = vec![0; region.states.len()];
        let (part, found, low, component) = (none.clone(), none.clone(), none.clone(), none);
        Search { region, part, parts: 0, avoids: 0, found, low, component, components: 0 }
    }

    /// The strongly connected components of the part of the region that these nodes are, without the arcs that are avoided.
    fn components(&mut self, nodes: &[u32], avoids: Owed) -> Vec<Vec<u32>> {
        self.avoids = avoids;
        self.parts += 1;
        for node in nodes {
            self.part[*node as usize] = self.parts;
            self.found[*node as usize] = 0;
            self.component[*node as usize] = 0;
        }
        let (mut counted, mut closed) = (0, Vec::new());
        for root in nodes {
            if self.found[*root as usize] == 0 {
                self.search_from(*root, &mut counted, &mut closed);
            }
        }
        closed
    }

    fn search_from(&mut self, root: u32, counted: &mut u32, closed: &mut Vec<Vec<u32>>) {
        let region = self.region;
        let (mut way, mut open) = (vec![(root, 0)], Vec::new());
        self.meet(root, counted, &mut open);
        while let Some((node, next)) = way.last_mut() {
            let from = *node as usize;
            let Some(arc) = region.arcs_of(*node).get(*next) else {
                way.pop();
                if let Some((parent, _)) = way.last() {
                    self.low[*parent as usize] = self.low[*parent as usize].min(self.low[from]);
                }
                if self.low[from] == self.found[from] {
                    closed.push(self.close(from as u32, &mut open));
                }
                continue;
            };
            *next += 1;
            let to = arc.to as usize;
            if self.part[to] != self.parts || arc.asks & self.avoids != 0 {
                continue;
            }
            if self.found[to] == 0 {
                self.meet(arc.to, counted, &mut open);
                way.push((arc.to, 0));
            } else if self.component[to] == 0 {
                self.low[from] = self.low[from].min(self.found[to]);
            }
        }
    }

    fn meet(&mut self, node: u32, counted: &mut u32, open: &mut Vec<u32>) {
        *counted += 1;
        self.found[node as usize] = *counted;
        self.low[node as usize] = *counted;
        open.push(node);
    }

    fn close(&mut self, root: u32, open: &mut Vec<u32>) -> Vec<u32> {
        let place = open.iter().rposition(|node| *node == root).expect("the root of a component is open");
        let component = open.split_off(place);
        self.components += 1;
        component.iter().for_each(|node| self.component[*node as usize] = self.components);
        component
    }

    fn owes(&self, component: &[u32], avoids: Owed) -> Owes {
        let own = self.component[component[0] as usize];
        let mut owes = Owes { some: 0, all: Owed::MAX, met: 0 };
        for node in component {
            owes.some |= self.region.owed[*node as usize];
            owes.all &= self.region.owed[*node as usize];
            let arcs = self.region.arcs_of(*node).iter();
            for arc in arcs.filter(|arc| self.component[arc.to as usize] == own && arc.asks & avoids == 0) {
                owes.met |= arc.meets;
                owes.some |= arc.asks;
            }
        }
        owes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEAK: Owed = 1;
    const STRONG: Owed = 2;

    fn check_fair(owed: &[Owed], arcs: &[(u32, u32, Owed, Owed)], fair: &[&[u32]]) {
        let mut found = fair_components(&Region::drawn(owed, STRONG, arcs));
        found.iter_mut().for_each(|component| component.nodes.sort_unstable());
        found.sort_by_key(|component| component.nodes.clone());
        assert_eq!(found.iter().map(|component| component.nodes.as_slice()).collect::<Vec<_>>(), fair);
    }

    #[test]
    fn a_run_may_stop_where_nothing_is_owed_and_nowhere_else() {
        check_fair(&[0, WEAK, STRONG], &[], &[&[0]]);
    }

    #[test]
    fn what_is_owed_weakly_is_met_or_not_owed_for_a_while() {
        check_fair(&[WEAK, WEAK], &[(0, 1, 0, 0), (1, 0, 0, 0)], &[]);
        check_fair(&[WEAK, WEAK], &[(0, 1, WEAK, 0), (1, 0, 0, 0)], &[&[0, 1]]);
        check_fair(&[WEAK, 0], &[(0, 1, 0, 0), (1, 0, 0, 0)], &[&[0, 1]]);
    }

    #[test]
    fn what_is_owed_strongly_is_met_or_left_behind() {
        let round = [(0, 1, 0, 0), (1, 2, WEAK, 0), (2, 1, 0, 0), (2, 0, 0, 0)];
        check_fair(&[STRONG, WEAK, WEAK], &round, &[&[1, 2]]);
        check_fair(&[STRONG, WEAK, WEAK], &[round[0], round[1], round[3]], &[]);
        check_fair(&[STRONG, WEAK, WEAK], &[(0, 1, STRONG, 0), round[1], round[3]], &[&[0, 1, 2]]);
    }

    #[test]
    fn what_a_step_asks_for_is_met_or_the_step_is_never_made_again() {
        check_fair(&[WEAK, WEAK], &[(0, 1, 0, STRONG), (1, 0, WEAK, 0)], &[]);
        check_fair(&[WEAK, WEAK], &[(0, 1, 0, STRONG), (1, 0, WEAK, 0), (0, 1, 0, 0)], &[&[0, 1]]);
        check_fair(&[WEAK, WEAK], &[(0, 1, STRONG, STRONG), (1, 0, WEAK, 0)], &[&[0, 1]]);
    }
}
