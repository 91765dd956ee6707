//! Whether a foreign system conforms: every transition of a scope is walked by tours, or as much as was asked for, up to the first
//! difference that is not known, and what was walked is counted anew. What a difference means is for its reader to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use model::graph::Graph;
use model::rule::Rule;
use model::scope::Scope;

use super::broken::broken;
use super::child::{Errors, Launch};
use super::crew::{self, Walks};
use super::deed::needs;
use super::shorten::shortened;
use super::shown::{Shown, shown};
use super::story::{Least, Story};
use super::talk::Talk;
use super::tells::{Extra, Tells};
use super::trial::{Tried, replay};
use super::trouble::Trouble;
use crate::check::Progress;
use crate::coverage::{self, CountRules, Coverage};
use crate::divergence::Divergence;
use crate::report::grouped;
use crate::tour::{Labels, tours};

/// How long a tour is, in steps; each begins with a reset.
const TOUR_STEPS: usize = 4_000;

/// The same where only a sample is walked.
const SAMPLED_STEPS: usize = 500;

/// A child that makes a trace short has this many times the longest wait of the walk before for an answer.
const MORE_THAN_SLOWEST: u32 = 10;

/// And never less than this, unless no child has.
const LEAST_LIMIT: Duration = Duration::from_secs(1);

/// What is asked of a comparison.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rules that the child is known to break: what differs by one of them is told at the end, and walked around.
    pub except: BTreeSet<Rule>,
    /// So many steps are walked and no more, in tours spread over the scope; all of it if there is none.
    pub sample: Option<usize>,
    /// When no further step is compared.
    pub until: Option<Instant>,
    /// How long a difference may take to be made short.
    pub shorten_within: Duration,
    /// How many children walk at once, each its share of the tours.
    pub children: usize,
}

/// All of a scope, for as long as it takes, and nothing is known to differ.
impl Default for Plan {
    fn default() -> Plan {
        Plan { except: BTreeSet::new(), sample: None, until: None, shorten_within: Duration::from_secs(30), children: 1 }
    }
}

/// How much of a scope was to be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// A sample.
    Sample,
    /// As much as there was time for.
    OutOfTime,
}

/// What was found of a foreign system in a scope.
#[derive(Clone, Debug)]
pub struct Conformed {
    /// The scope.
    pub scope: Scope,
    /// The command that was started.
    pub command: String,
    /// How many transitions the scope has.
    pub transitions: usize,
    /// How many of them were walked, or were to be.
    pub extent: Extent,
    /// What was walked and agreed, counted anew.
    pub coverage: Coverage,
    /// What was compared after every step, in words.
    pub compared: String,
    /// What the walks show of the rules, by what was compared.
    pub shown: Shown,
    /// How many times the child differed by each rule that it is known to break.
    pub known: BTreeMap<Rule, usize>,
    /// The story of the first difference that is not known.
    pub difference: Option<Story>,
    /// How long the walks took.
    pub time: Duration,
}

impl Conformed {
    /// Whether all that was asked for was walked, and agreed but for what is known.
    pub fn is_green(&self) -> bool {
        self.difference.is_none()
            && match self.extent {
                Extent::Whole if self.known.is_empty() => self.is_whole(),
                Extent::Whole | Extent::Sample => self.coverage.steps > 0,
                Extent::OutOfTime => false,
            }
    }

    fn is_whole(&self) -> bool {
        self.coverage.is_complete() && self.coverage.covered == self.transitions
    }

    fn word(&self) -> String {
        let rules: Vec<_> = self.known.keys().map(Rule::to_string).collect();
        match self.extent {
            _ if self.difference.is_some() => "RED".to_owned(),
            Extent::OutOfTime => "STOPPED".to_owned(),
            _ if !self.is_green() => "RED".to_owned(),
            Extent::Whole if rules.is_empty() => "GREEN".to_owned(),
            Extent::Sample if rules.is_empty() => "GREEN where sampled".to_owned(),
            Extent::Whole => format!("GREEN but for {}", rules.join(", ")),
            Extent::Sample => format!("GREEN where sampled but for {}", rules.join(", ")),
        }
    }
}

/// All of it in two lines, without times, and a third of what is known to differ.
impl fmt::Display for Conformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (covered, steps) = (grouped(self.coverage.covered), grouped(self.coverage.steps));
        let (all, differences) = (grouped(self.transitions), usize::from(self.difference.is_some()));
        writeln!(f, "compared after every step: {}", self.compared)?;
        write!(f, "{}: {}, {covered} of {all} transitions, {steps} steps ", self.word(), self.scope.name)?;
        write!(f, "answered by `{}`, {differences} differences", self.command)?;
        if self.known.is_empty() {
            return Ok(());
        }
        let known: Vec<_> = self.known.iter().map(|(rule, times)| format!("{rule} {times} times")).collect();
        write!(f, "\nknown: {}", known.join(", "))?;
        match self.extent {
            Extent::Whole if self.difference.is_none() => {
                let left_out = grouped(self.transitions - self.coverage.covered);
                write!(f, "; {left_out} transitions were left out that are alike or lie behind")
            }
            Extent::Whole | Extent::Sample | Extent::OutOfTime => Ok(()),
        }
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

    /// Tours of so many steps together, spread over a scope; all of it if it has no more.
    pub fn sampled(scope: &Scope, steps: usize) -> Course {
        let graph = Graph::of(scope);
        let all = tours(&graph, SAMPLED_STEPS);
        let parts = steps.div_ceil(SAMPLED_STEPS).min(all.len());
        let spread = (0..parts).map(|part| all[part * all.len() / parts].as_slice());
        let mut left = steps;
        let cut = |tour: &[u16]| {
            let taken = tour.len().min(left);
            left -= taken;
            tour[..taken].to_vec()
        };
        let tours = spread.map(cut).filter(|tour| !tour.is_empty()).collect();
        Course { graph, tours }
    }

    /// What they show of the rules if a child conforms that tells these.
    pub fn shows(&self, tells: &[Extra]) -> Shown {
        let logs: Vec<_> = self.tours.iter().map(Vec::as_slice).collect();
        shown(&self.graph.scope, &logs, &Tells(tells.to_vec()))
    }

    /// Walks them up to the first difference that is not known, and makes its trace short by trying again on fresh children.
    ///
    /// # Errors
    /// Why nothing can be compared, or not any more.
    pub fn conform(&self, launch: &Launch, plan: &Plan, progress: &dyn Progress) -> Result<Conformed, Trouble> {
        let scope = &self.graph.scope;
        progress.searched(scope, self.tours.iter().map(Vec::len).sum());
        let begun = Instant::now();
        let walks = crew::walk(&self.graph, (launch, plan), &self.tours, progress)?;
        let (time, Walks { logs, known, found, is_out_of_time, tells, slowest }) = (begun.elapsed(), walks);
        let logs: Vec<_> = logs.iter().map(Vec::as_slice).collect();
        let whole = if plan.sample.is_some() { Extent::Sample } else { Extent::Whole };
        Ok(Conformed {
            scope: scope.clone(),
            command: launch.to_string(),
            transitions: self.graph.transition_count(),
            extent: if is_out_of_time { Extent::OutOfTime } else { whole },
            coverage: coverage::count(scope, &logs, CountRules::No),
            compared: tells.to_string(),
            shown: shown(scope, &logs, &tells),
            known,
            difference: found.map(|found| self.story(launch, found, (&tells, slowest), plan.shorten_within)),
            time,
        })
    }

    /// A difference, made short on children that need not be waited for as long as the first. What they come to at last is seen once more
    /// by one that has all the time there is, if it is the end of a child.
    fn story(&self, launch: &Launch, found: Divergence, (tells, slowest): (&Tells, Duration), within: Duration) -> Story {
        let scope = &self.graph.scope;
        let limit = (slowest * MORE_THAN_SLOWEST).max(LEAST_LIMIT).min(launch.limit);
        let impatient = Launch { limit, errors: Errors::Dropped, ..launch.clone() };
        let short = shortened(&self.graph, found.clone(), within, &mut Tried::new(scope, &impatient));
        let told = if short.told.actual.strange.is_empty() {
            Some(short.told)
        } else {
            replay(scope, launch, &short.told.labels).ok().and_then(|replayed| replayed.difference)
        };
        let least = if told.is_some() { short.least } else { Least::AsWalked };
        let told = told.unwrap_or(found);
        Story { broken: broken(&told, tells), told, least, ..short }
    }
}
