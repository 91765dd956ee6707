//! Whether a foreign system conforms: every transition of a scope is walked by tours, up to the first difference, and what was walked is
//! counted anew. What a difference means is for its reader to judge.

use std::fmt;
use std::time::{Duration, Instant};

use model::graph::Graph;
use model::scope::Scope;

use super::answers::Extra;
use super::child::Launch;
use super::deed::needs;
use super::difference::{Difference, Story};
use super::seen::Tells;
use super::shown::{Shown, shown};
use super::talk::Talk;
use super::trouble::Trouble;
use super::walk::{End, Walked, walk};
use crate::check::Progress;
use crate::coverage::{self, CountRules, Coverage};
use crate::report::grouped;
use crate::shortest::straight_to;
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
    /// The first difference.
    pub difference: Option<Difference>,
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
    pub difference: Option<Difference>,
}

/// Walks one trace on a fresh child.
///
/// # Errors
/// Why nothing can be compared, or not any more.
pub fn replay(scope: &Scope, launch: &Launch, labels: &[u16]) -> Result<Replayed, Trouble> {
    let mut talk = Talk::start(scope, launch)?;
    let walked = walk(&mut talk, labels, || {});
    let compared = talk.tells().to_string();
    match walked.end {
        Some(End::Trouble(trouble)) => Err(trouble),
        Some(End::Difference(difference)) => Ok(Replayed { compared, difference: Some(*difference) }),
        None => {
            talk.finish();
            Ok(Replayed { compared, difference: None })
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

    /// What they show of the rules if a child conforms that tells these.
    pub fn shows(&self, tells: &[Extra]) -> Shown {
        let logs: Vec<_> = self.tours.iter().map(Vec::as_slice).collect();
        shown(&self.graph.scope, &logs, &Tells::new(tells.to_vec()))
    }

    /// Walks them up to the first difference. It is told along the model's shortest path to its step if that path shows it too.
    ///
    /// # Errors
    /// Why nothing can be compared, or not any more.
    pub fn conform(&self, launch: &Launch, progress: &dyn Progress) -> Result<Conformed, Trouble> {
        let scope = &self.graph.scope;
        progress.searched(scope, self.tours.iter().map(Vec::len).sum());
        let begun = Instant::now();
        let Toured { logs, end, tells } = tour_all(scope, launch, &self.tours, progress)?;
        let time = begun.elapsed();
        let difference = end.map(|(end, toured)| retold(&self.graph, launch, end, toured)).transpose()?;
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
}

/// How far the tours were walked.
struct Toured<'a> {
    /// The steps that agreed, a list a tour.
    logs: Vec<&'a [u16]>,
    /// What ended a tour early, and the steps up to it.
    end: Option<(End, &'a [u16])>,
    tells: Tells,
}

fn tour_all<'a>(scope: &Scope, launch: &Launch, tours: &'a [Labels], progress: &dyn Progress) -> Result<Toured<'a>, Trouble> {
    let mut talk = Talk::start(scope, launch)?;
    let mut logs = Vec::new();
    let mut end = None;
    for tour in tours {
        let walked = walk_one(&mut talk, tour, progress);
        logs.push(&tour[..walked.steps]);
        if let Some(early) = walked.end {
            end = Some((early, &tour[..tour.len().min(walked.steps + 1)]));
            break;
        }
    }
    let tells = talk.tells().clone();
    if end.is_none() {
        talk.finish();
    }
    Ok(Toured { logs, end, tells })
}

fn walk_one(talk: &mut Talk<'_>, tour: &[u16], progress: &dyn Progress) -> Walked {
    let (scope, mut untold) = (talk.scope, 0);
    let walked = walk(talk, tour, || {
        untold += 1;
        if untold == TOLD_AT_ONCE {
            progress.replayed(scope, std::mem::take(&mut untold));
        }
    });
    progress.replayed(scope, untold);
    walked
}

/// What ended a tour at its last step, on the shortest path to that step if it shows there too.
fn retold(graph: &Graph, launch: &Launch, end: End, toured: &[u16]) -> Result<Difference, Trouble> {
    let straight = straight_to(graph, toured).map(|labels| replay(&graph.scope, launch, &labels));
    match (straight, end) {
        (Some(Ok(Replayed { difference: Some(difference), .. })), _) => Ok(difference),
        (Some(Err(trouble)), End::Trouble(_)) | (_, End::Trouble(trouble)) => Err(trouble),
        (_, End::Difference(difference)) => Ok(Difference { story: Story::AsToured, ..*difference }),
    }
}
