//! A network that something flows through: nodes, and arcs between them that take any amount. It keeps what flows over each arc, and what
//! could flow on from each node or be taken back; it chooses nothing.

use std::ops::Range;

/// A node: its place among all.
pub(super) type Node = u32;

/// An arc of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    /// Where it leads.
    pub(super) to: Node,
    /// What each unit costs that flows over it.
    pub(super) cost: i32,
}

/// Room for any amount.
const ANY: u32 = u32::MAX;

/// One of the two ends of an arc: over the first a unit goes on, over the second one goes back that came.
#[derive(Clone, Copy, Default)]
pub(super) struct End {
    /// Where a unit goes from here.
    pub(super) to: Node,
    /// What that costs; where it goes back, what is saved.
    pub(super) cost: i32,
    /// How many units may go.
    pub(super) room: u32,
    /// The place of the other end.
    pub(super) other: u32,
}

/// Nodes with the ends of their arcs, which stand together; each end is known by its place among all.
pub(super) struct Network {
    ends: Vec<End>,
    starts: Vec<u32>,
}

impl Network {
    /// So many nodes with these arcs, and nothing that flows.
    pub(super) fn new<Arcs: Iterator<Item = Arc>>(nodes: usize, arcs_of: impl Fn(Node) -> Arcs) -> Network {
        let starts = starts(nodes, &arcs_of);
        let mut free = starts.clone();
        let mut ends = vec![End::default(); starts[nodes] as usize];
        let mut take = |node: Node| {
            let taken = free[node as usize];
            free[node as usize] += 1;
            taken
        };
        for node in 0..nodes as Node {
            for Arc { to, cost } in arcs_of(node) {
                let (here, there) = (take(node), take(to));
                ends[here as usize] = End { to, cost, room: ANY, other: there };
                ends[there as usize] = End { to: node, cost: -cost, room: 0, other: here };
            }
        }
        Network { ends, starts }
    }

    /// The places of a node's ends.
    pub(super) fn places_of(&self, node: Node) -> Range<u32> {
        self.starts[node as usize]..self.starts[node as usize + 1]
    }

    /// The ends of a node.
    pub(super) fn ends_of(&self, node: Node) -> &[End] {
        let Range { start, end } = self.places_of(node);
        &self.ends[start as usize..end as usize]
    }

    /// The end at a place.
    pub(super) fn end(&self, place: u32) -> &End {
        &self.ends[place as usize]
    }

    /// Lets so many units go over an end, which has room for them.
    pub(super) fn send(&mut self, place: u32, amount: u32) {
        let end = &mut self.ends[place as usize];
        if end.room != ANY {
            end.room -= amount;
        }
        let other = end.other as usize;
        if self.ends[other].room != ANY {
            self.ends[other].room += amount;
        }
    }

    /// What flows over each arc of a node, in the order in which they were given.
    pub(super) fn amounts_of(&self, node: Node) -> impl Iterator<Item = u32> {
        self.ends_of(node).iter().filter(|end| end.room == ANY).map(|end| self.end(end.other).room)
    }
}

/// Where the ends of each node start, and behind the last.
fn starts<Arcs: Iterator<Item = Arc>>(nodes: usize, arcs_of: impl Fn(Node) -> Arcs) -> Vec<u32> {
    let mut starts = vec![0; nodes + 1];
    for node in 0..nodes as Node {
        for arc in arcs_of(node) {
            starts[node as usize + 1] += 1;
            starts[arc.to as usize + 1] += 1;
        }
    }
    (0..nodes).for_each(|node| starts[node + 1] += starts[node]);
    starts
}
