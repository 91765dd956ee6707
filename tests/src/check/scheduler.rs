//! The work of a check, spread over threads: searches first, then the tours that they bring. What is found does not depend on how many
//! threads there are. It says who does what when, and judges nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use model::scope::Scope;

use super::search::search;
use super::{Checked, Plan, Progress, Searched};
use crate::coverage;
use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::replay::walk;
use crate::replay_share::ReplayShare;
use crate::shortest::shorten;

/// A piece of work for one thread.
enum Job<'a> {
    Search { index: usize, scope: &'a Scope },
    Replay { index: usize, scope: &'a Scope, part: usize, tour: usize, labels: Arc<[u16]> },
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
    parts: Vec<Part>,
    checked: Option<Vec<Checked>>,
}

impl Work {
    fn is_done(&self) -> bool {
        self.searched.is_some() && self.parts.iter().all(|part| part.tours.iter().all(Option::is_some))
    }
}

/// What one driver replays of a scope.
struct Part {
    driver: DriverKind,
    /// How many steps the tours have.
    planned: usize,
    /// How far each tour was walked; `None` while it is not done.
    tours: Vec<Option<Walk>>,
}

/// One tour as it was executed and compared.
struct Walk {
    labels: Arc<[u16]>,
    steps: usize,
    divergence: Option<Divergence>,
    time: Duration,
}

/// What is to be done, and what is done of it; every thread works at it.
pub(super) struct Scheduler<'a> {
    plan: &'a Plan,
    progress: &'a dyn Progress,
    queue: Mutex<Queue<'a>>,
    more: Condvar,
    works: Mutex<Vec<Work>>,
}

/// A search that runs. Its end is told however it ends, a panic included: the other threads wait for it.
struct Searching<'b, 'a>(&'b Scheduler<'a>);

impl Drop for Searching<'_, '_> {
    fn drop(&mut self) {
        self.0.queue().searches -= 1;
        self.0.more.notify_all();
    }
}

impl<'a> Scheduler<'a> {
    /// Every scope is to be searched.
    pub(super) fn new(plan: &'a Plan, progress: &'a dyn Progress) -> Scheduler<'a> {
        let jobs: VecDeque<_> = plan.scopes.iter().enumerate().map(|(index, scope)| Job::Search { index, scope }).collect();
        let queue = Mutex::new(Queue { searches: jobs.len(), jobs });
        let works = Mutex::new(plan.scopes.iter().map(|_| Work::default()).collect());
        Scheduler { plan, progress, queue, more: Condvar::new(), works }
    }

    /// What was found, once every thread has done its work.
    pub(super) fn checked(&self) -> Vec<Checked> {
        let works = std::mem::take(&mut *self.works());
        works.into_iter().flat_map(|work| work.checked.expect("every scope is checked before the threads end")).collect()
    }

    fn works(&self) -> MutexGuard<'_, Vec<Work>> {
        self.works.lock().expect("no thread panics while it holds the lock")
    }

    fn queue(&self) -> MutexGuard<'_, Queue<'a>> {
        self.queue.lock().expect("no thread panics while it holds the lock")
    }

    /// Works until nothing is left, and no search still runs that could bring more.
    pub(super) fn run_worker(&self) {
        while let Some(job) = self.next_job() {
            match job {
                Job::Search { index, scope } => self.search(index, scope),
                Job::Replay { index, scope, part, tour, labels } => self.replay(index, scope, (part, tour), labels),
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
        let parts: Vec<_> = tours.iter().map(|(driver, tours)| Part::of(*driver, tours)).collect();
        self.progress.searched(scope, parts.iter().map(|part| part.planned).sum());
        self.works()[index] = Work { searched: Some(searched), parts, checked: None };
        self.sum_up_if_done(index, scope);
        let replays = tours.into_iter().enumerate().flat_map(|(part, (_, tours))| {
            let numbered = tours.into_iter().enumerate();
            numbered.map(move |(tour, labels)| Job::Replay { index, scope, part, tour, labels })
        });
        self.queue().jobs.extend(replays);
        self.more.notify_all();
    }

    fn replay(&self, index: usize, scope: &Scope, (part, tour): (usize, usize), labels: Arc<[u16]>) {
        let begun = Instant::now();
        let driver = self.works()[index].parts[part].driver;
        let walk = self.walk(scope, driver, labels, begun);
        self.works()[index].parts[part].tours[tour] = Some(walk);
        self.sum_up_if_done(index, scope);
    }

    fn sum_up_if_done(&self, index: usize, scope: &Scope) {
        let work = {
            let mut works = self.works();
            works[index].is_done().then(|| std::mem::take(&mut works[index]))
        };
        if let Some(work) = work {
            let checked = self.summarise(scope, work);
            self.progress.checked(&checked);
            self.works()[index].checked = Some(checked);
        }
    }

    fn walk(&self, scope: &Scope, kind: DriverKind, labels: Arc<[u16]>, begun: Instant) -> Walk {
        let mut told = 0;
        let mut steps = 0;
        let walked = walk(scope, kind, kind.start(scope).as_mut(), &labels, || {
            steps += 1;
            if steps - told == 1000 {
                told = steps;
                self.progress.replayed(scope, 1000);
            }
        });
        self.progress.replayed(scope, labels.len() - told);
        Walk { labels, steps: walked.steps, divergence: walked.divergence, time: begun.elapsed() }
    }

    fn summarise(&self, scope: &Scope, work: Work) -> Vec<Checked> {
        let searched = work.searched.expect("a scope is searched before it is replayed");
        work.parts.into_iter().map(|part| self.sum_up_part(scope, &searched, part)).collect()
    }

    fn sum_up_part(&self, scope: &Scope, searched: &Searched, part: Part) -> Checked {
        let Part { driver, planned, tours } = part;
        let walks: Vec<Walk> = tours.into_iter().flatten().collect();
        let logs: Vec<&[u16]> = walks.iter().map(|walk| &walk.labels[..walk.steps]).collect();
        let coverage = coverage::count(scope, &logs, self.plan.count_rules);
        let found: Vec<&Divergence> = walks.iter().filter_map(|walk| walk.divergence.as_ref()).collect();
        let divergence = found.iter().min_by_key(|found| found.labels.len()).map(|found| shorten(found, driver));
        let replay_time = walks.iter().map(|walk| walk.time).sum();
        let (scope, searched, share) = (scope.clone(), searched.clone(), ReplayShare::of(driver, scope));
        let (tours, divergences) = (logs.len(), found.len());
        Checked { scope, driver, searched, share, coverage, planned, tours, divergences, divergence, replay_time }
    }
}

impl Part {
    fn of(driver: DriverKind, tours: &[Arc<[u16]>]) -> Part {
        let planned = tours.iter().map(|tour| tour.len()).sum();
        Part { driver, planned, tours: tours.iter().map(|_| None).collect() }
    }
}
