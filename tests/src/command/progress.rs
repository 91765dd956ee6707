//! How far a check is: a bar a scope on a terminal, plain lines elsewhere. It goes to the standard error and changes nothing.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::scope::Scope;

use super::in_order::InOrder;
use crate::check::{Checked, Plan, Progress, check};
use crate::report::grouped;

/// Checks, with bars on a terminal and lines elsewhere.
pub(super) fn check_with_progress(plan: &Plan) -> Vec<Checked> {
    match Bars::on_terminal(&plan.scopes) {
        Some(bars) => check(plan, &bars),
        None => check(plan, &Lines::of(&plan.scopes)),
    }
}

/// A line when a scope is searched, and one a driver when it is done, scope after scope.
pub(super) struct Lines<'a> {
    scopes: &'a [Scope],
    lines: InOrder,
}

impl<'a> Lines<'a> {
    /// Lines about these scopes.
    pub(super) fn of(scopes: &'a [Scope]) -> Lines<'a> {
        Lines { scopes, lines: InOrder::default() }
    }

    fn place(&self, scope: &Scope) -> usize {
        self.scopes.iter().position(|known| known.name == scope.name).unwrap_or_default()
    }
}

impl Progress for Lines<'_> {
    fn searched(&self, scope: &Scope, steps: usize) {
        self.lines.say(self.place(scope), format!("{}: searched; {} steps to replay", scope.name, grouped(steps)));
    }

    fn replayed(&self, _scope: &Scope, _steps: usize) {}

    fn checked(&self, checked: &[Checked]) {
        let Some(first) = checked.first() else { return };
        let place = self.place(&first.scope);
        for checked in checked {
            let (verdict, divergences) = (checked.searched.verdict.name(), checked.divergences);
            self.lines
                .say(place, format!("{}: {verdict}, {divergences} divergences on the {}", checked.scope.name, checked.driver));
        }
        self.lines.done(place);
    }
}

/// A bar a scope.
pub(super) struct Bars {
    bars: Vec<(&'static str, ProgressBar)>,
}

impl Bars {
    /// Bars for the scopes, if the standard error is a terminal that can show them.
    pub(super) fn on_terminal(scopes: &[Scope]) -> Option<Bars> {
        let all = MultiProgress::new();
        let longest = scopes.iter().map(|scope| scope.name.len()).max().unwrap_or_default();
        let bar = |scope: &Scope| (scope.name, all.add(bar(scope.name, longest)));
        (!all.is_hidden()).then(|| Bars { bars: scopes.iter().map(bar).collect() })
    }

    fn of(&self, scope: &Scope) -> Option<&ProgressBar> {
        self.bars.iter().find(|(name, _)| *name == scope.name).map(|(_, bar)| bar)
    }
}

fn bar(name: &'static str, longest: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {human_pos:>10}/{human_len:10} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_prefix(format!("{name:longest$}")).with_message("searching")
}

impl Progress for Bars {
    fn searched(&self, scope: &Scope, steps: usize) {
        if let Some(bar) = self.of(scope) {
            bar.set_length(steps as u64);
            bar.set_message("replaying");
        }
    }

    fn replayed(&self, scope: &Scope, steps: usize) {
        if let Some(bar) = self.of(scope) {
            bar.inc(steps as u64);
        }
    }

    fn checked(&self, checked: &[Checked]) {
        let first = checked.first();
        if let Some((bar, first)) = first.and_then(|first| Some((self.of(&first.scope)?, first))) {
            bar.finish_with_message(first.searched.verdict.name());
        }
    }
}
