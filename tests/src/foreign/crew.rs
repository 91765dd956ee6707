//! Several children on their ways through the tours of a scope at once, each through its share of them. What is found is what one child
//! alone would have found first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use model::graph::Graph;
use model::rule::Rule;

use super::child::Launch;
use super::conform::Plan;
use super::tells::Tells;
use super::trouble::Trouble;
use super::walker::Walker;
use crate::check::Progress;
use crate::divergence::Divergence;
use crate::tour::Labels;

/// What came of the tours.
pub(super) struct Walks {
    /// The walks that agreed, each up to where it ended.
    pub(super) logs: Vec<Labels>,
    /// How many times a child differed by each rule that it is known to break.
    pub(super) known: BTreeMap<Rule, usize>,
    /// The first difference that is not known.
    pub(super) found: Option<Divergence>,
    pub(super) is_out_of_time: bool,
    /// What the children tell.
    pub(super) tells: Tells,
    /// The longest wait for an answer.
    pub(super) slowest: Duration,
}

/// Walks the tours on as many children as were asked for; no tour is begun behind the first at which nothing is walked any more.
pub(super) fn walk(
    graph: &Graph,
    (launch, plan): (&Launch, &Plan),
    tours: &[Labels],
    progress: &dyn Progress,
) -> Result<Walks, Trouble> {
    let children = plan.children.clamp(1, tours.len().max(1));
    let last = AtomicUsize::new(usize::MAX);
    let share = |child: usize| {
        let mut walker = Walker::start(graph, launch, plan).map_err(|trouble| (child, trouble))?;
        for (place, tour) in tours.iter().enumerate().skip(child).step_by(children) {
            if place > last.load(Ordering::Relaxed) {
                break;
            }
            let walked = walker.walk(place, tour, progress);
            if walked.is_err() || walker.is_done() {
                last.fetch_min(place, Ordering::Relaxed);
            }
            walked.map_err(|trouble| (place, trouble))?;
        }
        Ok(walker)
    };
    let share = &share;
    let walkers: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..children).map(|child| scope.spawn(move || share(child))).collect();
        let joined = others.into_iter().map(|other| other.join().expect("a walk does not panic"));
        [share(0)].into_iter().chain(joined).collect()
    });
    Walks::of(walkers, last.into_inner())
}

impl Walks {
    /// What was met on the tour at which nothing is walked any more, and all that was walked before.
    fn of(walkers: Vec<Result<Walker<'_>, (usize, Trouble)>>, last: usize) -> Result<Walks, Trouble> {
        let (known, slowest) = (BTreeMap::new(), Duration::ZERO);
        let mut walks = Walks { logs: Vec::new(), known, found: None, is_out_of_time: false, tells: Tells(Vec::new()), slowest };
        for walker in walkers {
            match walker {
                Ok(walker) => walks.add(walker, last),
                Err((place, trouble)) if place <= last => return Err(trouble),
                Err(_) => {}
            }
        }
        Ok(walks)
    }

    fn add(&mut self, walker: Walker<'_>, last: usize) {
        let Walker { child, place, logs, known, found, is_out_of_time, .. } = walker;
        (self.tells, self.slowest) = (child.tells().clone(), self.slowest.max(child.slowest()));
        if found.is_none() {
            child.finish();
        }
        self.logs.extend(logs.into_iter().filter(|(of, _)| *of <= last).map(|(_, walk)| walk));
        known.into_iter().filter(|(of, _)| *of <= last).for_each(|(_, rule)| *self.known.entry(rule).or_default() += 1);
        self.is_out_of_time |= is_out_of_time;
        self.found = self.found.take().or(found.filter(|_| place == last));
    }
}
