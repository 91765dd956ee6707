//! One child on its way through the tours of a scope, up to the first difference that is not known.

use model::graph::Graph;
use model::rule::Rule;

use super::around::Around;
use super::broken::broken;
use super::child::Launch;
use super::conform::Plan;
use super::driver::Foreign;
use super::trial::walk;
use super::trouble::Trouble;
use crate::check::Progress;
use crate::divergence::Divergence;
use crate::tour::Labels;

/// How many steps are told as progress at once.
const TOLD_AT_ONCE: usize = 1_000;

/// A child, and what came of it so far.
pub(super) struct Walker<'a> {
    graph: &'a Graph,
    launch: &'a Launch,
    plan: &'a Plan,
    around: Around<'a>,
    pub(super) child: Foreign<'a>,
    /// The tour that it is on.
    pub(super) place: usize,
    /// The walks that agreed, each up to where it ended, and the tours of which they are.
    pub(super) logs: Vec<(usize, Labels)>,
    /// The rules that it is known to break and by which it differed, and the tours on which it did.
    pub(super) known: Vec<(usize, Rule)>,
    /// The first difference that is not known.
    pub(super) found: Option<Divergence>,
    pub(super) is_out_of_time: bool,
}

impl<'a> Walker<'a> {
    /// Starts the child.
    pub(super) fn start(graph: &'a Graph, launch: &'a Launch, plan: &'a Plan) -> Result<Walker<'a>, Trouble> {
        let child = Foreign::start(&graph.scope, launch)?.until(plan.until);
        let (around, logs, known) = (Around::new(graph), Vec::new(), Vec::new());
        Ok(Walker { graph, launch, plan, around, child, place: 0, logs, known, found: None, is_out_of_time: false })
    }

    /// Whether nothing is walked any more.
    pub(super) const fn is_done(&self) -> bool {
        self.found.is_some() || self.is_out_of_time
    }

    /// Walks the tour that has that place among all; behind each known difference what is left of it.
    pub(super) fn walk(&mut self, place: usize, tour: &[u16], progress: &dyn Progress) -> Result<(), Trouble> {
        self.place = place;
        let mut walks = self.around.walks(tour);
        while !self.is_done()
            && let Some(labels) = walks.pop_front()
        {
            if let Some((rule, found)) = self.take(labels, progress)? {
                self.known.push((place, rule));
                self.around.leave_out(rule, &found.labels);
                if !self.child.has_answered_all() {
                    self.child = Foreign::start(&self.graph.scope, self.launch)?.until(self.plan.until);
                }
                walks = self.around.walks(tour);
            }
        }
        Ok(())
    }

    /// Takes one walk; the rule and the difference, if it ends with a known one.
    fn take(&mut self, mut labels: Labels, progress: &dyn Progress) -> Result<Option<(Rule, Divergence)>, Trouble> {
        let (scope, mut steps) = (&self.graph.scope, 0_usize);
        let each = || {
            steps += 1;
            if steps.is_multiple_of(TOLD_AT_ONCE) {
                progress.replayed(scope, TOLD_AT_ONCE);
            }
        };
        let ended = walk(scope, self.launch, &mut self.child, &labels, each);
        progress.replayed(scope, steps % TOLD_AT_ONCE);
        labels.truncate(steps);
        self.around.note(&labels);
        self.logs.push((self.place, labels));
        match ended {
            Err(Trouble::OutOfTime) => self.is_out_of_time = true,
            Err(trouble) => return Err(trouble),
            Ok(None) => {}
            Ok(Some(found)) => return Ok(self.judged(found)),
        }
        Ok(None)
    }

    fn judged(&mut self, found: Divergence) -> Option<(Rule, Divergence)> {
        let known = if self.plan.except.is_empty() { None } else { broken(&found, self.child.tells()) };
        match known.filter(|rule| self.plan.except.contains(rule) && !found.labels.is_empty()) {
            Some(rule) => Some((rule, found)),
            None => {
                self.found = Some(found);
                None
            }
        }
    }
}
