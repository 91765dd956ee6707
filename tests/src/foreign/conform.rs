//! Whether a foreign system conforms: every transition of a scope is walked by tours, up to the first difference, and what was walked is
//! counted anew. What a difference means is for its reader to judge.

use std::fmt;
use std::time::{Duration, Instant};

use model::graph::Graph;
use model::scope::Scope;

use super::child::{Errors, Launch};
use super::deed::needs;
use super::driver::Foreign;
use super::shorten::shortened;
use super::shown::{Shown, shown};
use super::story::{Least, Story};
use super::talk::Talk;
use super::tells::{Extra, Tells};
use super::trial::{Tried, replay, walk};
use super::trouble::Trouble;
use crate::check::Progress;
use crate::coverage::{self, CountRules, Coverage};
use crate::divergence::Divergence;
use crate::report::grouped;
use crate::tour::{Labels, tours};

/// How long a tour is, in steps; each begins with a reset.
const TOUR_STEPS: usize = 4_000;

/// How many steps are told as progress at once.
const TOLD_AT_ONCE: usize = 1_000;

/// A child that makes a trace short has this many times the longest wait of the walk before for an answer.
const MORE_THAN_SLOWEST: u32 = 10;

/// And never less than this, unless no child has.
const LEAST_LIMIT: Duration = Duration::from_secs(1);

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
    pub difference: Option<Story>,
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

    /// Walks them up to the first difference, and makes its trace short by trying again on fresh children, for so long at most.
    ///
    /// # Errors
    /// Why nothing can be compared, or not any more.
    pub fn conform(&self, launch: &Launch, shorten_within: Duration, progress: &dyn Progress) -> Result<Conformed, Trouble> {
        let scope = &self.graph.scope;
        progress.searched(scope, self.tours.iter().map(Vec::len).sum());
        let begun = Instant::now();
        let mut child = Foreign::start(scope, launch)?;
        let (mut logs, mut found) = (Vec::new(), None);
        for tour in &self.tours {
            let mut steps = 0;
            let each = progress_of(scope, progress, &mut steps);
            found = walk(scope, launch, &mut child, tour, each)?;
            progress.replayed(scope, steps % TOLD_AT_ONCE);
            logs.push(&tour[..steps]);
            if found.is_some() {
                break;
            }
        }
        let (time, tells, slowest) = (begun.elapsed(), child.tells().clone(), child.slowest());
        if found.is_none() {
            child.finish();
        } else {
            drop(child);
        }
        Ok(Conformed {
            scope: scope.clone(),
            command: launch.to_string(),
            transitions: self.graph.transition_count(),
            coverage: coverage::count(scope, &logs, CountRules::No),
            compared: tells.to_string(),
            shown: shown(scope, &logs, &tells),
            difference: found.map(|found| self.story(launch, found, slowest, shorten_within)),
            time,
        })
    }

    /// A difference, made short on children that need not be waited for as long as the first. What they come to at last is seen once more
    /// by one that has all the time there is, if it is the end of a child.
    fn story(&self, launch: &Launch, found: Divergence, slowest: Duration, within: Duration) -> Story {
        let scope = &self.graph.scope;
        let limit = (slowest * MORE_THAN_SLOWEST).max(LEAST_LIMIT).min(launch.limit);
        let impatient = Launch { limit, errors: Errors::Dropped, ..launch.clone() };
        let short = shortened(&self.graph, found.clone(), within, &mut Tried::new(scope, &impatient));
        if short.told.actual.strange.is_empty() {
            return short;
        }
        match replay(scope, launch, &short.told.labels).ok().and_then(|replayed| replayed.difference) {
            Some(told) => Story { told, ..short },
            None => Story { told: found, least: Least::AsWalked, ..short },
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
