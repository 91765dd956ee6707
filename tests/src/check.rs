//! The main job: every scope is searched, judged, searched again by the second engine, replayed whole on the real system, and what was
//! replayed is counted anew. The work is spread over threads; what is found does not depend on how many there are.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use model::graph::Graph;
use model::rule::Rules;
use model::scope::Scope;
use model::second::{self, SecondOpinion};
use model::step::{acting, actions, step};
use model::verdict::{Verdict, judge};
use sut::planted::Planted;

use crate::coverage::{self, CountRules, Coverage, RuleCounts};
use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::extent::Extent;
use crate::planting;
use crate::replay::walk;
use crate::shortest::shorten;
use crate::tour::Labels;

/// What is checked, and with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scopes.
    pub scopes: Vec<Scope>,
    /// The driver.
    pub driver: DriverKind,
    /// How many threads work side by side.
    pub threads: usize,
    /// The bug that is planted in the real system, in builds that have such.
    pub planted: Option<Planted>,
    /// Whether the rules that act are counted.
    pub count_rules: CountRules,
}

/// What the model says of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// States.
    pub states: usize,
    /// Labelled transitions.
    pub transitions: usize,
    /// Those that lead back to where they start.
    pub self_loops: usize,
    /// The number of steps to the farthest state.
    pub depth: u16,
    /// The longest queue of frames.
    pub longest_queue: usize,
    /// Whether every state can be reached from every other one.
    pub strongly_connected: bool,
    /// The graph as a number.
    pub digest: u64,
    /// What the judges found.
    pub verdict: Verdict,
    /// How many pairs of state and onlookers' knowledge they saw.
    pub observed: usize,
    /// What stateright's checkers found.
    pub second: SecondOpinion,
    /// On how many transitions of each kind each rule acts, if that was asked for.
    pub rules: RuleCounts,
}

impl Searched {
    /// Whether both engines agree on the number of states and on the verdict.
    pub fn engines_agree(&self) -> bool {
        let counts = [self.second.bfs_states, self.second.dfs_states, self.observed];
        counts == [self.states; 3] && self.second.holds == (self.verdict == Verdict::Verified)
    }
}

/// What was found of a scope.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scope.
    pub scope: Scope,
    /// On the model's side.
    pub searched: Searched,
    /// How much of it was to be replayed.
    pub extent: Extent,
    /// What was replayed, counted anew.
    pub coverage: Coverage,
    /// How many steps were to be replayed.
    pub planned: usize,
    /// How many tours met a difference.
    pub divergences: usize,
    /// The shortest difference found, if any.
    pub divergence: Option<Divergence>,
    /// How long the replays took, all threads together.
    pub replay_time: Duration,
}

impl Checked {
    /// Whether all that was to be replayed was: each transition of the whole scope, or each step of the part.
    pub fn is_replayed(&self) -> bool {
        match self.extent {
            Extent::Whole => self.coverage.is_complete() && self.coverage.covered == self.searched.transitions,
            Extent::GoodLogins | Extent::Sample | Extent::Restarts => self.coverage.steps == self.planned && self.planned > 0,
            Extent::Nothing => self.planned == 0,
        }
    }

    /// Whether everything is verified, replayed and equal.
    pub fn is_green(&self) -> bool {
        self.searched.verdict == Verdict::Verified
            && self.searched.engines_agree()
            && self.searched.strongly_connected
            && self.searched.transitions > 0
            && self.is_replayed()
            && self.divergences == 0
    }
}

/// Who is told how far the work is.
pub trait Progress: Sync {
    /// A scope's graph is complete, and so many steps are to be replayed.
    fn searched(&self, scope: &Scope, steps: usize);
    /// So many more steps were replayed.
    fn replayed(&self, scope: &Scope, steps: usize);
    /// All of the scope is done.
    fn checked(&self, checked: &Checked);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn searched(&self, _scope: &Scope, _steps: usize) {}
    fn replayed(&self, _scope: &Scope, _steps: usize) {}
    fn checked(&self, _checked: &Checked) {}
}

/// Does it all; the answers stand in the order of the plan's scopes.
pub fn check(plan: &Plan, progress: &dyn Progress) -> Vec<Checked> {
    let jobs: VecDeque<_> = plan.scopes.iter().enumerate().map(|(index, scope)| Job::Search { index, scope }).collect();
    let queue = Mutex::new(Queue { searches: jobs.len(), jobs });
    let board = Board { plan, progress, queue, more: Condvar::new(), works: Mutex::new(Vec::new()) };
    board.works().resize_with(plan.scopes.len(), Work::default);
    std::thread::scope(|threads| {
        for _ in 0..plan.threads.max(1) {
            threads.spawn(|| planting::with(plan.planted, || board.work()));
        }
    });
    let works = std::mem::take(&mut *board.works());
    works.into_iter().map(|work| work.checked.expect("every scope is checked before the threads end")).collect()
}

/// A piece of work for one thread.
enum Job<'a> {
    Search { index: usize, scope: &'a Scope },
    Replay { index: usize, scope: &'a Scope, tour: usize, labels: Labels },
}

/// What is left to do.
struct Queue<'a> {
    jobs: VecDeque<Job<'a>>,
    /// Searches that are not done, and will bring replays.
    searches: usize,
}

/// What is done of one scope.
#[derive(Default)]
struct Work {
    searched: Option<Searched>,
    /// How many steps the tours have.
    planned: usize,
    /// How far each tour was walked; `None` while it is not done.
    tours: Vec<Option<Walk>>,
    checked: Option<Checked>,
}

/// One tour as it was executed and compared.
struct Walk {
    labels: Labels,
    divergence: Option<Divergence>,
    time: Duration,
}

struct Board<'a> {
    plan: &'a Plan,
    progress: &'a dyn Progress,
    queue: Mutex<Queue<'a>>,
    more: Condvar,
    works: Mutex<Vec<Work>>,
}

/// A search that runs. Its end is told however it ends, a panic included: the other threads wait for it.
struct Searching<'b, 'a>(&'b Board<'a>);

impl Drop for Searching<'_, '_> {
    fn drop(&mut self) {
        self.0.queue().searches -= 1;
        self.0.more.notify_all();
    }
}

impl<'a> Board<'a> {
    fn works(&self) -> MutexGuard<'_, Vec<Work>> {
        self.works.lock().expect("no thread panics while it holds the lock")
    }

    fn queue(&self) -> MutexGuard<'_, Queue<'a>> {
        self.queue.lock().expect("no thread panics while it holds the lock")
    }

    /// Works until nothing is left, and no search still runs that could bring more.
    fn work(&self) {
        while let Some(job) = self.next_job() {
            match job {
                Job::Search { index, scope } => self.search(index, scope),
                Job::Replay { index, scope, tour, labels } => self.replay(index, scope, tour, &labels),
            }
        }
    }

    fn next_job(&self) -> Option<Job<'a>> {
        let mut queue = self.queue();
        while queue.jobs.is_empty() && queue.searches > 0 {
            queue = self.more.wait(queue).expect("no thread panics while it holds the lock");
        }
        queue.jobs.pop_front()
    }

    fn search(&self, index: usize, scope: &'a Scope) {
        let _searching = Searching(self);
        let (searched, tours) = search(scope, self.plan);
        let planned = tours.iter().map(Vec::len).sum();
        self.progress.searched(scope, planned);
        let none = tours.iter().map(|_| None).collect();
        self.works()[index] = Work { searched: Some(searched), planned, tours: none, checked: None };
        self.sum_up_if_done(index, scope);
        let replays = tours.into_iter().enumerate().map(|(tour, labels)| Job::Replay { index, scope, tour, labels });
        self.queue().jobs.extend(replays);
    }

    fn replay(&self, index: usize, scope: &Scope, tour: usize, labels: &[u16]) {
        let begun = Instant::now();
        let walk = self.walk(scope, labels, begun);
        self.works()[index].tours[tour] = Some(walk);
        self.sum_up_if_done(index, scope);
    }

    fn sum_up_if_done(&self, index: usize, scope: &Scope) {
        let work = {
            let mut works = self.works();
            let done = works[index].searched.is_some() && works[index].tours.iter().all(Option::is_some);
            done.then(|| std::mem::take(&mut works[index]))
        };
        if let Some(work) = work {
            let checked = self.sum_up(scope, work);
            self.progress.checked(&checked);
            self.works()[index].checked = Some(checked);
        }
    }

    fn walk(&self, scope: &Scope, labels: &[u16], begun: Instant) -> Walk {
        let kind = self.plan.driver;
        let mut told = 0;
        let mut steps = 0;
        let walked = walk(scope, kind, kind.start(scope).as_mut(), labels, || {
            steps += 1;
            if steps - told == 1000 {
                told = steps;
                self.progress.replayed(scope, 1000);
            }
        });
        self.progress.replayed(scope, labels.len() - told);
        Walk { labels: labels[..walked.steps].to_vec(), divergence: walked.divergence, time: begun.elapsed() }
    }

    fn sum_up(&self, scope: &Scope, work: Work) -> Checked {
        let walks: Vec<Walk> = work.tours.into_iter().flatten().collect();
        let logs: Vec<&[u16]> = walks.iter().map(|walk| walk.labels.as_slice()).collect();
        let coverage = coverage::count(scope, &logs, self.plan.count_rules);
        let found: Vec<&Divergence> = walks.iter().filter_map(|walk| walk.divergence.as_ref()).collect();
        let divergence = found.iter().min_by_key(|found| found.labels.len()).map(|found| shorten(found));
        let replay_time = walks.iter().map(|walk| walk.time).sum();
        let searched = work.searched.expect("a scope is searched before it is replayed");
        let (extent, planned) = (Extent::of(self.plan.driver, scope), work.planned);
        Checked { scope: scope.clone(), searched, extent, coverage, planned, divergences: found.len(), divergence, replay_time }
    }
}

/// All that the model's side says, and the tours.
fn search(scope: &Scope, plan: &Plan) -> (Searched, Vec<Labels>) {
    let graph = Graph::of(scope);
    let judgement = judge(&graph);
    let searched = Searched {
        states: graph.state_count(),
        transitions: graph.transition_count(),
        self_loops: graph.self_loops(),
        depth: graph.depth(),
        longest_queue: graph.longest_queue(),
        strongly_connected: graph.is_strongly_connected(),
        digest: graph.digest(),
        verdict: judgement.verdict,
        observed: judgement.observed,
        second: second::ask(scope, Rules::ALL),
        rules: if plan.count_rules == CountRules::Yes { rule_counts(&graph) } else { RuleCounts::new() },
    };
    (searched, Extent::of(plan.driver, scope).tours(plan.driver, &graph))
}

/// The rules that act, on every transition of the graph.
fn rule_counts(graph: &Graph) -> RuleCounts {
    let mut counts = RuleCounts::new();
    for state in graph.states() {
        for action in actions(&graph.scope, &state) {
            let acting = acting(&graph.scope, &state, action, &step(&graph.scope, graph.rules, &state, action));
            acting.iter().for_each(|rule| *counts.entry((rule, action.kind())).or_default() += 1);
        }
    }
    counts
}
