//! The cheapest flow through a network: what some nodes have too much of is brought to those that have too little, at the least cost of
//! all ways to do so. Each node has a price, and units go only where the price rises by all that the way costs (the primal-dual method);
//! of those ways the ones over the fewest arcs are filled at once (Dinic), then the prices move on. It knows no graph of states.

use super::network::{End, Network, Node};

/// What flows, and the prices that prove that no other flow costs less.
pub(super) struct Flow {
    network: Network,
    nodes: Vec<Standing>,
    /// The nodes that are reached, the nearest first.
    reached: Vec<Node>,
}

/// How a node stands.
#[derive(Clone, Copy)]
struct Standing {
    /// What it has too much of; too little, if below 0.
    excess: i32,
    /// What a unit is worth here.
    price: i32,
    /// Over how many arcs it is reached from a node that has too much.
    level: u32,
    /// The first place by which something may still come to it.
    next: u32,
}

/// The level of a node that is not reached.
const UNREACHED: u32 = u32::MAX;

impl Flow {
    /// The cheapest flow after which no node has too much or too little. Together they must have neither, no cost may be below 0, and each
    /// node must be come to from each other one.
    pub(super) fn cheapest(network: Network, excess: &[i32]) -> Flow {
        let standing = |excess: &i32| Standing { excess: *excess, price: 0, level: UNREACHED, next: 0 };
        let mut flow = Flow { network, nodes: excess.iter().map(standing).collect(), reached: Vec::new() };
        while flow.begin() {
            let least = flow.reach();
            flow.fill();
            flow.lower(least);
        }
        flow
    }

    /// What flows over each arc of a node, in their order.
    pub(super) fn amounts_of(&self, node: Node) -> impl Iterator<Item = u32> {
        self.network.amounts_of(node)
    }

    /// What a unit is worth at a node: over no arc does the price rise by more than the arc costs.
    pub(super) fn price(&self, node: Node) -> i32 {
        self.nodes[node as usize].price
    }

    /// Nothing is reached but the nodes that have too much; whether there are any.
    fn begin(&mut self) -> bool {
        self.reached.clear();
        for (node, standing) in self.nodes.iter_mut().enumerate() {
            let has_too_much = standing.excess > 0;
            standing.level = if has_too_much { 0 } else { UNREACHED };
            standing.next = self.network.places_of(node as Node).start;
            self.reached.extend(has_too_much.then_some(node as Node));
        }
        !self.reached.is_empty()
    }

    /// Breadth first over what costs no more than the price rises. By how much a way beyond costs more, at least; that is 0 if none
    /// leads beyond.
    fn reach(&mut self) -> i32 {
        let mut least = i32::MAX;
        let mut first = 0;
        while let Some(node) = self.reached.get(first).copied() {
            first += 1;
            let Standing { price, level, .. } = self.nodes[node as usize];
            for End { to, cost, .. } in self.network.ends_of(node).iter().filter(|end| end.room > 0) {
                let standing = &mut self.nodes[*to as usize];
                let more = cost + price - standing.price;
                debug_assert!(more >= 0, "the price rises by {} too much from {node} to {to}", -more);
                if standing.level == UNREACHED && more == 0 {
                    standing.level = level + 1;
                    self.reached.push(*to);
                } else if standing.level == UNREACHED {
                    least = least.min(more);
                }
            }
        }
        if self.reached.len() < self.nodes.len() { least } else { 0 }
    }

    /// Makes the arcs by which the reached nodes are left cheaper by that much, for units from there. What costs nothing more among the
    /// reached ones stays so, whether all of it was filled or not.
    fn lower(&mut self, least: i32) {
        self.reached.iter().for_each(|node| self.nodes[*node as usize].price -= least);
    }

    /// Fills ways down the levels, from nodes that have too little back to those that have too much, until none is left.
    fn fill(&mut self) {
        for index in 0..self.reached.len() {
            let end = self.reached[index];
            while self.nodes[end as usize].excess < 0
                && let Some((way, start)) = self.way_to(end)
            {
                self.send(&way, start, end);
            }
        }
    }

    /// Sends as much as one has too much, the other too little, and the way has room for.
    fn send(&mut self, way: &[u32], start: Node, end: Node) {
        let needed = self.nodes[start as usize].excess.min(-self.nodes[end as usize].excess);
        let rooms = way.iter().map(|place| self.network.end(*place).room);
        let amount = rooms.fold(needed.unsigned_abs(), u32::min);
        way.iter().for_each(|place| self.network.send(*place, amount));
        self.nodes[start as usize].excess -= amount as i32;
        self.nodes[end as usize].excess += amount as i32;
    }

    /// A way to that node from one that has too much, and where it starts. What nothing comes by is not tried again.
    fn way_to(&mut self, end: Node) -> Option<(Vec<u32>, Node)> {
        let (mut way, mut node) = (Vec::new(), end);
        while self.nodes[node as usize].excess <= 0 {
            if let Some((place, before)) = self.comes_by(node) {
                way.push(place);
                node = before;
            } else {
                node = self.network.end(way.pop()?).to;
                self.nodes[node as usize].next += 1;
            }
        }
        Some((way, node))
    }

    /// The place by which something may come to a node from one a level nearer, and that one.
    fn comes_by(&mut self, node: Node) -> Option<(u32, Node)> {
        let Standing { price, level, next, .. } = self.nodes[node as usize];
        let nearer = level.checked_sub(1)?;
        let found = (next..self.network.places_of(node).end).find(|place| {
            let End { to, cost, other, .. } = self.network.end(*place);
            let before = &self.nodes[*to as usize];
            before.level == nearer && before.price == price + cost && self.network.end(*other).room > 0
        });
        self.nodes[node as usize].next = found.unwrap_or(self.network.places_of(node).end);
        found.map(|place| (self.network.end(place).other, self.network.end(place).to))
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Arc;
    use super::*;
    use proptest::prelude::*;

    /// A hand-made network: from where, to where, at what cost.
    type Drawn = Vec<(Node, Node, i32)>;

    fn cheapest(drawn: &Drawn, excess: &[i32]) -> Flow {
        let arcs_of = |node| drawn.iter().filter(move |(from, ..)| *from == node).map(|(_, to, cost)| Arc { to: *to, cost: *cost });
        Flow::cheapest(Network::new(excess.len(), arcs_of), excess)
    }

    /// The arcs as the network has them, each with what flows over it.
    fn amounts(drawn: &Drawn, flow: &Flow, nodes: usize) -> Vec<((Node, Node, i32), u32)> {
        let of = |node| drawn.iter().filter(move |(from, ..)| *from == node).copied().zip(flow.amounts_of(node));
        (0..nodes as Node).flat_map(of).collect()
    }

    fn cost(drawn: &Drawn, flow: &Flow, nodes: usize) -> i32 {
        amounts(drawn, flow, nodes).iter().map(|((.., cost), amount)| cost * *amount as i32).sum()
    }

    /// What each node has too much of when that has flowed.
    fn left(excess: &[i32], amounts: &[((Node, Node, i32), u32)]) -> Vec<i32> {
        let mut left = excess.to_vec();
        for ((from, to, _), amount) in amounts {
            left[*from as usize] -= *amount as i32;
            left[*to as usize] += *amount as i32;
        }
        left
    }

    /// The least cost, by trying up to two units on every arc.
    fn least_by_trying(drawn: &[(Node, Node, i32)], excess: &[i32]) -> Option<i32> {
        let Some(((from, to, cost), others)) = drawn.split_first() else {
            return excess.iter().all(|excess| *excess == 0).then_some(0);
        };
        let with = |amount: i32| {
            let mut excess = excess.to_vec();
            excess[*from as usize] -= amount;
            excess[*to as usize] += amount;
            Some(amount * cost + least_by_trying(others, &excess)?)
        };
        (0..=2).filter_map(with).min()
    }

    /// What is drawn has one unit too much in each of two nodes, and one too little in each of two others.
    const EXCESS: [i32; 4] = [1, 1, -1, -1];

    /// Arcs from the first two nodes to the last two, a dearer ring through all, and one arc more.
    fn drawn() -> impl Strategy<Value = Drawn> {
        let across = prop::array::uniform4(0..9_i32).prop_map(|costs| [(0, 2), (0, 3), (1, 2), (1, 3)].into_iter().zip(costs));
        let ring = prop::array::uniform4(4..9_i32).prop_map(|costs| [(0, 1), (1, 2), (2, 3), (3, 0)].into_iter().zip(costs));
        let more = ((0..4_u32, 0..4_u32), 0..9_i32);
        (across, ring, more).prop_map(|(across, ring, more)| {
            let arcs = across.chain(ring).chain([more]);
            arcs.map(|((from, to), cost)| (from, to, cost)).collect()
        })
    }

    proptest! {
        #[test]
        fn no_flow_through_a_small_network_costs_less(drawn in drawn()) {
            let flow = cheapest(&drawn, &EXCESS);
            prop_assert_eq!(left(&EXCESS, &amounts(&drawn, &flow, 4)), [0; 4]);
            prop_assert_eq!(Some(cost(&drawn, &flow, 4)), least_by_trying(&drawn, &EXCESS));
        }

        #[test]
        fn no_price_rises_by_more_than_the_arc_costs(drawn in drawn()) {
            let flow = cheapest(&drawn, &EXCESS);
            prop_assert!(drawn.iter().all(|(from, to, cost)| flow.price(*to) - flow.price(*from) <= *cost));
        }
    }

    #[test]
    fn what_was_sent_the_nearest_way_is_taken_back_where_another_needs_that_way() {
        let drawn = vec![(0, 2, 1), (0, 3, 5), (1, 2, 2), (1, 3, 9), (2, 0, 0), (3, 1, 0), (2, 3, 9)];
        let flow = cheapest(&drawn, &EXCESS);
        assert_eq!(cost(&drawn, &flow, 4), 7);
    }
}
