//! The main job: every scope is searched, judged, searched again by the second engine, replayed whole on the real system, and what was
//! replayed is counted anew.

mod scheduler;
mod search;

use std::time::Duration;

use model::balance::Balance;
use model::scope::Scope;
use model::second::SecondOpinion;
use model::verdict::Verdict;
use sut::planted::Planted;

use crate::coverage::{CountRules, Coverage, RuleCounts};
use crate::driver::{CannotDrive, DriverKind};
use crate::planting;
use crate::replay_share::ReplayShare;
use crate::shortest::Short;
use scheduler::Scheduler;

/// What is checked, and with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scopes.
    pub scopes: Vec<Scope>,
    /// What replays them.
    pub drivers: Drivers,
    /// How many threads work side by side.
    pub threads: usize,
    /// The bug that is planted in the real system, in builds that have such.
    pub planted: Option<Planted>,
    /// Whether the rules that act are counted.
    pub count_rules: CountRules,
}

/// What replays a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drivers {
    /// One driver.
    One(DriverKind),
    /// The machines, the stack where the scope has up to [`Drivers::MOST_ON_THE_STACK`] transitions, and the sockets as far as
    /// [`ReplayShare`] says.
    Each,
}

impl Drivers {
    /// A scope of more transitions is replayed on the machines, and not on the stack.
    pub const MOST_ON_THE_STACK: usize = 500_000;

    /// Whether they can be started here, told of one of the scopes.
    ///
    /// # Errors
    /// Why no server process or no browser starts.
    pub fn try_out(self, scope: &Scope) -> Result<(), CannotDrive> {
        match self {
            Drivers::One(driver) => driver.try_out(scope),
            Drivers::Each => DriverKind::OWN.into_iter().try_for_each(|driver| driver.try_out(scope)),
        }
    }

    fn of(self, scope: &Scope, searched: &Searched) -> Vec<DriverKind> {
        let is_too_large = |driver| driver == DriverKind::Stack && searched.transitions > Drivers::MOST_ON_THE_STACK;
        let is_meant = |driver: &DriverKind| !is_too_large(*driver) && ReplayShare::of(*driver, scope) != ReplayShare::Nothing;
        match self {
            Drivers::One(driver) => vec![driver],
            Drivers::Each => DriverKind::OWN.into_iter().filter(is_meant).collect(),
        }
    }
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
    /// Who ends whose session (KICK-10).
    pub balance: Balance,
    /// How many steps walks from the initial state have at least that together take every transition, however many walks they are: no tours
    /// can have fewer.
    pub least_steps: usize,
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

/// What was found of a scope, and what one driver made of it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scope.
    pub scope: Scope,
    /// The driver.
    pub driver: DriverKind,
    /// On the model's side.
    pub searched: Searched,
    /// How much of it was to be replayed.
    pub share: ReplayShare,
    /// What was replayed, counted anew.
    pub coverage: Coverage,
    /// How many steps were to be replayed.
    pub planned: usize,
    /// How many tours there were.
    pub tours: usize,
    /// How many tours met a difference.
    pub divergences: usize,
    /// The shortest story of the difference that came first, if there is any.
    pub divergence: Option<Short>,
    /// How long the replays took, all threads together.
    pub replay_time: Duration,
}

impl Checked {
    /// Whether all that was to be replayed was: each transition of the whole scope, or each step of the part.
    pub fn is_replayed(&self) -> bool {
        match self.share {
            ReplayShare::Whole => self.coverage.is_complete() && self.coverage.covered == self.searched.transitions,
            ReplayShare::GoodLogins | ReplayShare::Sample | ReplayShare::Restarts | ReplayShare::Moves => {
                self.coverage.steps == self.planned && self.planned > 0
            }
            ReplayShare::Nothing => false,
        }
    }

    /// Whether everything is verified, replayed and equal.
    pub fn is_green(&self) -> bool {
        self.searched.verdict == Verdict::Verified
            && self.searched.engines_agree()
            && self.searched.strongly_connected
            && self.searched.balance.holds()
            && self.searched.transitions > 0
            && self.is_replayed()
            && self.divergences == 0
    }
}

/// Who is told how far the work is.
pub trait Progress: Sync {
    /// A scope's graph is complete, and so many steps are to be replayed, all drivers together.
    fn searched(&self, scope: &Scope, steps: usize);
    /// So many more steps were replayed.
    fn replayed(&self, scope: &Scope, steps: usize);
    /// All of the scope is done: what each driver made of it.
    fn checked(&self, checked: &[Checked]);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn searched(&self, _scope: &Scope, _steps: usize) {}
    fn replayed(&self, _scope: &Scope, _steps: usize) {}
    fn checked(&self, _checked: &[Checked]) {}
}

/// Does it all; the answers stand in the order of the plan's scopes, and a scope's in that of the drivers. Each scope is searched once.
pub fn check(plan: &Plan, progress: &dyn Progress) -> Vec<Checked> {
    let scheduler = Scheduler::new(plan, progress);
    std::thread::scope(|threads| {
        for _ in 0..plan.threads.max(1) {
            threads.spawn(|| planting::with(plan.planted, || scheduler.run_worker()));
        }
    });
    scheduler.checked()
}
