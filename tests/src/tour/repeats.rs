//! Which transitions a closed walk takes more than once. A state that is come to more often than it is left must be left again, by a way to
//! a state of which the opposite holds; the shortest such ways are chosen first, so that few steps are added. It walks nothing.

use model::graph::{Graph, StateId};

/// How often each transition is taken again.
pub(super) struct Repeats {
    again: Vec<u32>,
    at_least: usize,
}

impl Repeats {
    /// Repeats after which every state is left as often as it is come to; `None` if there are none, or some transition cannot be come to
    /// again: the graph is not strongly connected.
    pub(super) fn of(graph: &Graph) -> Option<Repeats> {
        let mut ways = Ways::new(graph);
        let mut at_least = None;
        while ways.unbalanced() {
            ways.measure();
            at_least = at_least.or_else(|| ways.at_least());
            if !ways.add_shortest() {
                return None;
            }
        }
        let at_least = at_least.unwrap_or(0);
        graph.is_strongly_connected().then_some(Repeats { again: ways.again, at_least })
    }

    /// No choice of repeats has fewer steps: each way ends where one begins no nearer than this.
    pub(super) const fn at_least(&self) -> usize {
        self.at_least
    }

    /// How often each transition is taken, self-loops never.
    pub(super) fn times_taken(self, graph: &Graph) -> Vec<u32> {
        let mut times = self.again;
        for state in 0..graph.state_count() as StateId {
            let first = graph.first_transition(state);
            for (label, target) in graph.targets_of(state).iter().enumerate() {
                times[first + label] += u32::from(*target != state);
            }
        }
        times
    }
}

/// A state that no way has come to.
const FAR: u32 = u32::MAX;

/// The ways being added, from states that must be left more often to states that must be come to more often.
struct Ways<'a> {
    graph: &'a Graph,
    /// How much more often each state is come to than left.
    excess: Vec<i32>,
    again: Vec<u32>,
    /// How far each state is from the nearest that must be left more often.
    far: Vec<u32>,
    /// The first label of each state that may lead on.
    next: Vec<u16>,
    /// How far the nearest is that must be come to more often.
    nearest: u32,
}

impl<'a> Ways<'a> {
    fn new(graph: &'a Graph) -> Ways<'a> {
        let states = graph.state_count();
        let mut excess = vec![0; states];
        for state in 0..states as StateId {
            for target in graph.targets_of(state).iter().filter(|target| **target != state) {
                excess[*target as usize] += 1;
                excess[state as usize] -= 1;
            }
        }
        let again = vec![0; graph.transition_count()];
        Ways { graph, excess, again, far: vec![FAR; states], next: vec![0; states], nearest: FAR }
    }

    fn unbalanced(&self) -> bool {
        self.excess.iter().any(|excess| *excess != 0)
    }

    /// Breadth first from all states that must be left more often, and no farther than needed but for the first time.
    fn measure(&mut self) {
        self.far.fill(FAR);
        self.next.fill(0);
        self.nearest = FAR;
        let sources = (0..self.excess.len() as StateId).filter(|state| self.excess[*state as usize] > 0);
        let mut open: Vec<StateId> = sources.collect();
        open.iter().for_each(|state| self.far[*state as usize] = 0);
        let mut first = 0;
        while first < open.len() {
            let state = open[first];
            first += 1;
            let farther = self.far[state as usize] + 1;
            for target in self.graph.targets_of(state) {
                if self.far[*target as usize] == FAR {
                    self.far[*target as usize] = farther;
                    open.push(*target);
                    if self.excess[*target as usize] < 0 {
                        self.nearest = self.nearest.min(farther);
                    }
                }
            }
        }
    }

    /// The steps that the ways have at least, by how far each state that must be come to again is; `None` if one cannot be.
    fn at_least(&self) -> Option<usize> {
        let lacking = self.excess.iter().zip(&self.far).filter(|(excess, _)| **excess < 0);
        let steps = lacking.map(|(excess, far)| (*far != FAR).then(|| excess.unsigned_abs() as usize * *far as usize));
        steps.sum()
    }

    /// Adds ways of the least length until there are no more of it; whether there was one.
    fn add_shortest(&mut self) -> bool {
        let mut added = false;
        for source in 0..self.excess.len() as StateId {
            while self.excess[source as usize] > 0
                && let Some((way, end)) = self.way_from(source)
            {
                let times = self.excess[source as usize].min(-self.excess[end as usize]);
                self.excess[source as usize] -= times;
                self.excess[end as usize] += times;
                way.into_iter().for_each(|transition| self.again[transition] += times.unsigned_abs());
                added = true;
            }
        }
        added
    }

    /// A way of the least length from there to a state that must be come to more often, and that state. Labels that lead to none are
    /// not tried again.
    fn way_from(&mut self, source: StateId) -> Option<(Vec<usize>, StateId)> {
        let (mut way, mut states) = (Vec::new(), vec![source]);
        while let Some(state) = states.last().copied() {
            if self.far[state as usize] == self.nearest && self.excess[state as usize] < 0 {
                return Some((way, state));
            }
            match self.leads_on(state) {
                Some(label) => {
                    way.push(self.graph.first_transition(state) + usize::from(label));
                    states.push(self.graph.targets_of(state)[usize::from(label)]);
                }
                None => {
                    states.pop();
                    way.pop();
                    if let Some(before) = states.last() {
                        self.next[*before as usize] += 1;
                    }
                }
            }
        }
        None
    }

    fn leads_on(&mut self, state: StateId) -> Option<u16> {
        let farther = self.far[state as usize] + 1;
        let targets = self.graph.targets_of(state);
        let from = usize::from(self.next[state as usize]);
        let on = |target: &StateId| farther <= self.nearest && self.far[*target as usize] == farther;
        let label = from + targets.get(from..)?.iter().position(on)?;
        self.next[state as usize] = label as u16;
        Some(label as u16)
    }
}
