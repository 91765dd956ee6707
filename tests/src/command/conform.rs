//! `kickproof conform`: somebody else's system, in any language, is held against the rules. It judges nothing itself.

use std::num::NonZero;
use std::time::Duration;
use std::{io, thread};

use clap::Args;
use model::scope::Scope;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::progress::{Bars, Lines};
use super::{Error, output};
use crate::check::Progress;
use crate::diagram;
use crate::foreign::{Conformed, Course, Difference, Launch, exit_with_children, replay};
use crate::token::Trace;

/// Holds somebody else's system, in any language, against the rules
///
/// COMMAND is started as a child process that answers JSON Lines on its standard input and output; tests/foreign/README.md documents
/// them, tests/foreign/protocol.schema.json describes each. Every transition of a scope is replayed, up to the first difference. The
/// exit status is 0 only if all were, and agree.
#[derive(Args)]
#[command(after_help = "Examples:\n  kickproof conform --scope page-story -- python3 tests/foreign/example.py\n  \
                        kickproof conform --trace page-story:0.4.4.5 -- ./my-system --quiet")]
pub(super) struct Options {
    /// The scope whose transitions are replayed
    #[arg(long, value_name = "NAME", value_parser = model::scopes::named, default_value = "page-story")]
    scope: Scope,
    /// Replays only this trace, as a difference prints it, and shows each step
    #[arg(long, value_name = "TRACE", conflicts_with = "scope")]
    trace: Option<Trace>,
    /// How long the child may take for one answer, in milliseconds
    #[arg(long = "answer-limit", value_name = "MS", default_value = "10000")]
    answer_limit_ms: NonZero<u32>,
    /// The program to start, and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<String>,
}

/// Replays the scope, or the trace that was named.
pub(super) fn run(options: Options) -> Result<(), Error> {
    let limit = Duration::from_millis(options.answer_limit_ms.get().into());
    let launch = Launch { command: options.command, limit };
    take_children_along().map_err(Error::Runtime)?;
    match &options.trace {
        Some(trace) => one_trace(trace, &launch),
        None => whole_scope(&options.scope, &launch),
    }
}

fn one_trace(Trace { scope, labels }: &Trace, launch: &Launch) -> Result<(), Error> {
    let replayed = replay(scope, launch, labels)?;
    if let Some(difference) = &replayed.difference {
        return differs(difference);
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

fn whole_scope(scope: &Scope, launch: &Launch) -> Result<(), Error> {
    let progress: Box<dyn Progress> = match Bars::on_terminal(std::slice::from_ref(scope)) {
        Some(bars) => Box::new(bars),
        None => Box::new(Lines::of(std::slice::from_ref(scope))),
    };
    let conformed = Course::of(scope).conform(launch, progress.as_ref())?;
    if let Some(difference) = &conformed.difference {
        output::print(&format!("{difference}\n\n"))?;
    }
    output::print(&format!("{conformed}\n"))?;
    output::note(&format!("{}: {:.1} s", scope.name, conformed.time.as_secs_f64()));
    judged(&conformed)
}

fn judged(conformed: &Conformed) -> Result<(), Error> {
    match &conformed.difference {
        _ if conformed.is_green() => Ok(()),
        Some(_) => Err(Error::NotGreen("the model and the child differ".to_owned())),
        None => Err(Error::NotGreen("not every transition was replayed".to_owned())),
    }
}

fn differs(difference: &Difference) -> Result<(), Error> {
    output::print(&format!("{difference}\n"))?;
    Err(Error::NotGreen("the model and the child differ".to_owned()))
}
