//! Whether a foreign system conforms: every transition of a scope is walked by tours, up to the first difference, and what was walked is
//! counted anew. What a difference means is for its reader to judge.

use std::fmt;
use std::time::{Duration, Instant};

use model::graph::Graph;
use model::scope::Scope;

use super::child::Launch;
use super::deed::needs;
use super::driver::Foreign;
use super::shown::{Shown, shown};
use super::talk::Talk;
use super::tells::{Extra, Tells};
use super::trouble::Trouble;
use crate::check::Progress;
use crate::coverage::{self, CountRules, Coverage};
use crate::divergence::{Divergence, System};
use crate::replay::walk_on;
use crate::report::grouped;
use crate::shortest::{Short, straight_to};
use crate::tour::{Labels, tours};

/// How long a tour is, in steps; each begins with a reset.
const TOUR_STEPS: usize = 4_000;

/// How many steps are told as progress at once.
const TOLD_AT_ONCE: usize = 1_000;

/// What was found of a foreign system in a scope.
#[derive(Clone, Debug)]
pub struct Conformed {
    /// The scope.
    pub scope: Scope,
    /// The command that was started.
    pub command: String,
    /// How many transitions the scope has.
    pub transitions: usize,
    /// What was walked and agreed, counted anew.
    pub coverage: Coverage,
    /// What was compared after every step, in words.
    pub compared: String,
    /// What the walks show of the rules, by what was compared.
    pub shown: Shown,
    /// The story of the first difference.
    pub difference: Option<Short>,
    /// How long the walks took.
    pub time: Duration,
}

impl Conformed {
    /// Whether every transition was walked, and agreed.
    pub fn is_green(&self) -> bool {
        let whole = self.coverage.is_complete() && self.coverage.covered == self.transitions;
        whole && self.difference.is_none()
    }
}

/// All of it in two lines, without times.
impl fmt::Display for Conformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_green() { "GREEN" } else { "RED" };
        let (covered, steps) = (grouped(self.coverage.covered), grouped(self.coverage.steps));
        let (all, differences) = (grouped(self.transitions), usize::from(self.difference.is_some()));
        writeln!(f, "compared after every step: {}", self.compared)?;
        write!(f, "{word}: {}, {covered} of {all} transitions, {steps} steps answered by `{}`", self.scope.name, self.command)?;
        write!(f, ", {differences} differences")
    }
}

/// How far a trace was walked.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What was compared after every step, in words.
    pub compared: String,
    /// The first difference.
    pub difference: Option<Divergence>,
}

/// Walks one trace on a fresh child.
///
/// # Errors
/// Why nothing can be compared, or not any more.
pub fn replay(scope: &Scope, launch: &Launch, labels: &[u16]) -> Result<Replayed, Trouble> {
    let mut child = Foreign::start(scope, launch)?;
    let difference = walk(scope, launch, &mut child, labels, || {})?;
    let compared = child.tells().to_string();
    if difference.is_none() {
        child.finish();
    }
    Ok(Replayed { compared, difference })
}

/// Walks one trace on a child from a reset on; the difference, if one shows. `each` is called after every step that agrees.
fn walk(
    scope: &Scope,
    launch: &Launch,
    child: &mut Foreign<'_>,
    labels: &[u16],
    each: impl FnMut(),
) -> Result<Option<Divergence>, Trouble> {
    let walked = walk_on(scope, &System::Child(launch.to_string()), child, labels, each);
    child.take_trouble().map_or(Ok(walked.divergence), Err)
}

/// That a child takes a scope: it answers the reset, and says that it does what the first states of the scope ask.
///
/// # Errors
/// [`Trouble::Cannot`] if it does not take it; otherwise why nothing can be compared.
pub fn can_play(scope: &Scope, launch: &Launch) -> Result<(), Trouble> {
    let mut talk = Talk::start(scope, launch)?;
    talk.reset()?;
    talk.must_do(needs(scope))?;
    talk.finish();
    Ok(())
}

/// Tours through every transition of a scope.
pub struct Course {
    graph: Graph,
    tours: Vec<Labels>,
}

impl Course {
    /// Those of a scope.
    pub fn of(scope: &Scope) -> Course {
        let graph = Graph::of(scope);
        let tours = tours(&graph, TOUR_STEPS);
        Course { graph, tours }
    }

    /// What they show of the rules if a child conforms that tells these.
    pub fn shows(&self, tells: &[Extra]) -> Shown {
        let logs: Vec<_> = self.tours.iter().map(Vec::as_slice).collect();
        shown(&self.graph.scope, &logs, &Tells(tells.to_vec()))
    }

    /// Walks them up to the first difference. It is told along the model's shortest path to its step if that path shows it too.
    ///
    /// # Errors
    /// Why nothing can be compared, or not any more.
    pub fn conform(&self, launch: &Launch, progress: &dyn Progress) -> Result<Conformed, Trouble> {
        let scope = &self.graph.scope;
        progress.searched(scope, self.tours.iter().map(Vec::len).sum());
        let begun = Instant::now();
        let mut child = Foreign::start(scope, launch)?;
        let (mut logs, mut difference) = (Vec::new(), None);
        for tour in &self.tours {
            let mut steps = 0;
            let each = progress_of(scope, progress, &mut steps);
            let ended = walk(scope, launch, &mut child, tour, each);
            progress.replayed(scope, steps % TOLD_AT_ONCE);
            logs.push(&tour[..steps]);
            if !matches!(ended, Ok(None)) {
                difference = self.retold(launch, ended, &tour[..tour.len().min(steps + 1)])?;
                break;
            }
        }
        let (time, tells) = (begun.elapsed(), child.tells().clone());
        if difference.is_none() {
            child.finish();
        }
        Ok(Conformed {
            scope: scope.clone(),
            command: launch.to_string(),
            transitions: self.graph.transition_count(),
            coverage: coverage::count(scope, &logs, CountRules::No),
            compared: tells.to_string(),
            shown: shown(scope, &logs, &tells),
            difference,
            time,
        })
    }

    /// What ended a tour at its last step, on the shortest path to that step if it shows there too.
    fn retold(
        &self,
        launch: &Launch,
        ended: Result<Option<Divergence>, Trouble>,
        toured: &[u16],
    ) -> Result<Option<Short>, Trouble> {
        let straight = straight_to(&self.graph, toured).map(|labels| replay(&self.graph.scope, launch, &labels));
        match (straight, ended) {
            (Some(Err(trouble)), Err(_)) | (_, Err(trouble)) => Err(trouble),
            (Some(Ok(Replayed { difference: straight, .. })), Ok(Some(found))) => Ok(Some(Short::straight(straight, found))),
            (_, Ok(found)) => Ok(found.map(|found| Short::straight(None, found))),
        }
    }
}

/// Counts steps, and tells them as progress.
fn progress_of(scope: &Scope, progress: &dyn Progress, steps: &mut usize) -> impl FnMut() {
    || {
        *steps += 1;
        if steps.is_multiple_of(TOLD_AT_ONCE) {
            progress.replayed(scope, TOLD_AT_ONCE);
        }
    }
}
