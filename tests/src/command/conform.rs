//! `kickproof conform`: somebody else's system, in any language, is held against the rules. It judges nothing itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use std::{io, thread};

use clap::Args;
use model::rule::Rule;
use model::scope::{Policy, Scope};
use model::scopes;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::progress;
use super::{Error, output, under, values};
use crate::diagram;
use crate::foreign::{Conformed, Course, Errors, Launch, Plan, Shown, Trouble, can_play, exit_with_children, replay};
use crate::token::Trace;

/// What is replayed if nothing is named.
const DEFAULT: &str = "page-story";

/// Holds somebody else's system, in any language, against the rules
///
/// COMMAND is started as a child process that answers JSON Lines on its standard input and output; tests/foreign/README.md documents
/// them, tests/foreign/protocol.schema.json describes each. Every transition of each scope is replayed, up to its first difference, whose
/// trace is made short by trying again on fresh children, in 30 s at most, and whose rule is named. The exit status is 0 only if all that
/// was asked for was replayed, and agrees but for the rules that are excepted. The last lines name the rules that
/// these scopes cannot show: a GREEN says nothing of them.
///
/// The scope to try first is refusals-two: 4,894 transitions, in which the child is asked login, logout, open, to_server and to_client, and
/// nothing else. `kickproof scopes` says how large each other one is, and what it asks beyond these.
#[derive(Args)]
#[command(after_help = "Examples:\n  kickproof conform --scope refusals-two -- python3 tests/foreign/example.py\n  \
                        kickproof conform --scope page-story --scope refusals-two -- ./my-system\n  \
                        kickproof conform --scope page-story --children 2 -- python3 tests/foreign/example.py\n  \
                        kickproof conform --all -- ./my-system\n  \
                        kickproof conform --all --sample 2000 --time-limit 600 -- ./my-system\n  \
                        kickproof conform --scope page-story --except LOGIN-4 --except LOGIN-6 -- ./my-system\n  \
                        kickproof conform --trace page-story: a1.login a1.open a1.up -- ./my-system --quiet")]
pub(super) struct Options {
    /// A scope whose transitions are replayed, given once or more; page-story if not given
    #[arg(long = "scope", value_name = "NAME", value_parser = values::scope)]
    scopes: Vec<Scope>,
    /// Replays every scope that the child can do, and tells which it cannot, and why
    #[arg(long, conflicts_with = "scopes")]
    all: bool,
    /// Replays only this trace, as a difference prints it, and shows each step
    #[arg(long, value_name = "TRACE", num_args = 1.., conflicts_with_all = ["scopes", "all"])]
    trace: Option<Vec<String>>,
    /// Replays the scopes under this policy in place of their own, of which the child is told at each reset; of those that are not named,
    /// the ones that the policy's settings touch
    #[arg(long, value_name = "NAME|FILE", value_parser = values::policy, conflicts_with_all = ["all", "trace"])]
    policy: Option<Policy>,
    /// A rule that the child is known to break, given once or more: its differences are counted, and walked around with all that are alike
    #[arg(long, value_name = "RULE", value_parser = values::rule, conflicts_with = "trace")]
    except: Vec<Rule>,
    /// Replays so many steps of each scope and no more, in walks that are spread over it
    #[arg(long, value_name = "STEPS", value_parser = values::whole::<usize>(1..=u64::MAX), conflicts_with = "trace")]
    sample: Option<usize>,
    /// Ends the replays after so many seconds, all scopes together; what was not replayed by then is not green
    #[arg(long = "time-limit", value_name = "SECONDS", value_parser = values::whole::<u32>(1..=u32::MAX.into()), conflicts_with = "trace")]
    time_limit_s: Option<u32>,
    /// How many children walk at once, each its share of the tours, where several of them do not disturb each other
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::whole::<usize>(1..=64), conflicts_with = "trace")]
    children: usize,
    /// How long the child may take for one answer, in milliseconds
    #[arg(long = "answer-limit", value_name = "MS", default_value = "10000", value_parser = values::whole::<u32>(1..=u32::MAX.into()))]
    answer_limit_ms: u32,
    /// The program to start, and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<String>,
}

/// Replays the scopes, or the trace that was named.
pub(super) fn run(options: Options) -> Result<(), Error> {
    let limit = Duration::from_millis(options.answer_limit_ms.into());
    let launch = Launch { command: options.command, limit, errors: Errors::Through };
    take_children_along().map_err(Error::Runtime)?;
    let until = options.time_limit_s.map(|seconds| Instant::now() + Duration::from_secs(seconds.into()));
    let Options { sample, children, .. } = options;
    let plan = Plan { except: options.except.into_iter().collect(), sample, until, children, ..Plan::default() };
    let job = Job { launch: &launch, plan: &plan };
    match (&options.trace, options.policy) {
        (Some(words), _) => one_trace(&words.join(" ").parse()?, &launch),
        (None, Some(policy)) => job.these_scopes(&under(policy, &options.scopes)),
        (None, None) if options.all => job.every_scope(),
        (None, None) if options.scopes.is_empty() => job.these_scopes(&[scopes::named(DEFAULT)?]),
        (None, None) => job.these_scopes(&options.scopes),
    }
}

fn one_trace(Trace { scope, labels }: &Trace, launch: &Launch) -> Result<(), Error> {
    let replayed = replay(scope, launch, labels)?;
    if let Some(difference) = &replayed.difference {
        output::print(&format!("{difference}\n"))?;
        return Err(Error::NotGreen("the model and the child differ".to_owned()));
    }
    let (story, steps) = (diagram::text(scope, labels), labels.len());
    output::print(&format!("scope {}\n{story}compared after every step: {}\n", scope.name, replayed.compared))?;
    output::print(&format!("all {steps} steps agree, answered by `{launch}`\n"))
}

/// A child has a process group of its own, which no key of a terminal reaches: a signal that ends this process ends the child first.
fn take_children_along() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let kinds = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()];
    let [mut hangup, mut interrupt, mut terminate] = {
        let _entered = runtime.enter();
        [signal(kinds[0])?, signal(kinds[1])?, signal(kinds[2])?]
    };
    thread::spawn(move || {
        let first = runtime.block_on(async {
            tokio::select! {
                _ = hangup.recv() => kinds[0],
                _ = interrupt.recv() => kinds[1],
                _ = terminate.recv() => kinds[2],
            }
        });
        exit_with_children(128 + first.as_raw_value())
    });
    Ok(())
}

/// What is held against the rules, and how.
struct Job<'a> {
    launch: &'a Launch,
    plan: &'a Plan,
}

impl Job<'_> {
    /// A scope that the child cannot do is an error.
    fn these_scopes(&self, scopes: &[Scope]) -> Result<(), Error> {
        let mut sum = Sum::default();
        for scope in scopes {
            if self.is_out_of_time() {
                sum.incomplete.push(scope.name);
            } else {
                sum.add(self.whole_scope(scope)?);
            }
        }
        sum.judged(self.plan)
    }

    fn is_out_of_time(&self) -> bool {
        self.plan.until.is_some_and(|until| Instant::now() > until)
    }

    /// A scope that the child cannot do is named as skipped.
    fn every_scope(&self) -> Result<(), Error> {
        let mut sum = Sum::default();
        for scope in scopes::all() {
            if self.is_out_of_time() {
                sum.incomplete.push(scope.name);
                continue;
            }
            match self.whole_scope(&scope) {
                Ok(conformed) => sum.add(conformed),
                Err(Error::Foreign(Trouble::Cannot { why, .. })) => {
                    output::print(&format!("skipped: {}, {why}\n", scope.name))?;
                    sum.skipped += 1;
                }
                Err(error) => return Err(error),
            }
        }
        sum.judged(self.plan)
    }

    fn whole_scope(&self, scope: &Scope) -> Result<Conformed, Error> {
        can_play(scope, self.launch)?;
        let course = self.plan.sample.map_or_else(|| Course::of(scope), |steps| Course::sampled(scope, steps));
        let conformed = course.conform(self.launch, self.plan, &progress::Shown::of(std::slice::from_ref(scope)))?;
        if let Some(difference) = &conformed.difference {
            output::print(&format!("{difference}\n\n"))?;
        }
        output::print(&format!("{conformed}\n"))?;
        output::note(&format!("{}: {:.1} s", scope.name, conformed.time.as_secs_f64()));
        Ok(conformed)
    }
}

/// What came of all scopes.
#[derive(Default)]
struct Sum {
    walked: usize,
    skipped: usize,
    /// Scopes in which the model and the child differ.
    differ: Vec<&'static str>,
    /// Scopes of which not all was replayed that was asked for, though nothing differs.
    incomplete: Vec<&'static str>,
    /// The rules by which the child differed and is known to.
    known: BTreeSet<Rule>,
    shown: Shown,
}

impl Sum {
    fn add(&mut self, conformed: Conformed) {
        self.walked += 1;
        self.known.extend(conformed.known.keys());
        match &conformed.difference {
            _ if conformed.is_green() => {}
            Some(_) => self.differ.push(conformed.scope.name),
            None => self.incomplete.push(conformed.scope.name),
        }
        self.shown = std::mem::take(&mut self.shown).and(&conformed.shown);
    }

    /// The last lines of a GREEN say what it does not show; anything else is no success.
    fn judged(self, plan: &Plan) -> Result<(), Error> {
        if self.skipped > 0 {
            output::print(&format!(
                "{} of {} scopes replayed, {} skipped\n",
                self.walked,
                self.walked + self.skipped,
                self.skipped
            ))?;
        }
        if self.walked == 0 {
            return Err(Error::NotGreen("the child can do no scope".to_owned()));
        }
        if !self.differ.is_empty() {
            return Err(Error::NotGreen(format!("the model and the child differ in {}", self.differ.join(", "))));
        }
        if !self.incomplete.is_empty() {
            return Err(Error::NotGreen(format!("not every transition was replayed of {}", self.incomplete.join(", "))));
        }
        for rule in plan.except.difference(&self.known) {
            output::print(&format!("{rule} is excepted, and nothing differs by it\n"))?;
        }
        output::print(&format!("{}\n", self.shown))
    }
}
