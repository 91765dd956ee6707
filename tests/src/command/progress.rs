//! How far a check is, all scopes together: one bar on a terminal, lines elsewhere. It goes to the standard error and changes nothing.

mod ticker;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::scope::Scope;

use super::in_order::InOrder;
use crate::check::{Checked, Plan, Progress, check};
use crate::report::grouped;
use ticker::Ticker;

/// How often the time on a bar moves on.
const TICK: Duration = Duration::from_millis(250);

/// How long nothing is said elsewhere, at most.
const SILENCE: Duration = Duration::from_secs(15);

/// Of what a check does, the share of the searches in a thousand: they come first, and are told by the scope.
const SEARCHES: usize = 100;

/// Checks, and shows how far it is.
pub(super) fn check_with_progress(plan: &Plan) -> Vec<Checked> {
    check(plan, &Shown::of(&plan.scopes))
}

/// What is done of a check, and what is known to be left.
#[derive(Default)]
struct SoFar {
    scopes: usize,
    searched: AtomicUsize,
    planned: AtomicUsize,
    replayed: AtomicUsize,
}

impl SoFar {
    /// The share that is done, in a thousand.
    fn thousandths(&self) -> usize {
        let [searched, planned, replayed] = self.counts();
        let share = |part: usize, whole: usize, of: usize| (part * of).checked_div(whole).unwrap_or(0);
        share(searched, self.scopes, SEARCHES) + share(replayed, planned, share(searched, self.scopes, 1000 - SEARCHES))
    }

    /// What is being done.
    fn words(&self) -> String {
        let [searched, planned, replayed] = self.counts();
        if searched < self.scopes {
            return format!("{searched} of {} scopes searched", self.scopes);
        }
        format!("{} of {} steps", grouped(replayed), grouped(planned))
    }

    fn counts(&self) -> [usize; 3] {
        [&self.searched, &self.planned, &self.replayed].map(|count| count.load(Ordering::Relaxed))
    }
}

/// How far a check of these scopes is, where somebody reads it.
pub(super) struct Shown<'a> {
    scopes: &'a [Scope],
    so_far: Arc<SoFar>,
    place: Place,
}

/// Where it is read.
enum Place {
    /// A bar that moves, above it a line for each scope that is done.
    Terminal(ProgressBar),
    /// A line when a scope is searched, one a driver when it is done, scope after scope, and one when nothing was said for long.
    Elsewhere { lines: InOrder, _ticker: Ticker },
}

impl<'a> Shown<'a> {
    /// Nothing is done yet.
    pub(super) fn of(scopes: &'a [Scope]) -> Shown<'a> {
        let so_far = Arc::new(SoFar { scopes: scopes.len(), ..SoFar::default() });
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
        let place = if bar.is_hidden() {
            let told = Arc::clone(&so_far);
            let line =
                move |since: Duration| format!("{} % after {} s: {}", told.thousandths() / 10, since.as_secs(), told.words());
            Place::Elsewhere { lines: InOrder::default(), _ticker: Ticker::start(SILENCE, line) }
        } else {
            Place::Terminal(moving(bar))
        };
        let shown = Shown { scopes, so_far, place };
        shown.moves();
        shown
    }

    fn place_of(&self, scope: &Scope) -> usize {
        self.scopes.iter().position(|known| known.name == scope.name).unwrap_or_default()
    }

    fn moves(&self) {
        if let Place::Terminal(bar) = &self.place {
            bar.set_position(self.so_far.thousandths() as u64);
            bar.set_message(self.so_far.words());
        }
    }
}

/// A bar with a percentage and the time.
fn moving(bar: ProgressBar) -> ProgressBar {
    let style = ProgressStyle::with_template("{percent:>3} % {bar:20} {elapsed_precise}, {eta} left  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}

impl Progress for Shown<'_> {
    fn searched(&self, scope: &Scope, steps: usize) {
        self.so_far.planned.fetch_add(steps, Ordering::Relaxed);
        self.so_far.searched.fetch_add(1, Ordering::Relaxed);
        if let Place::Elsewhere { lines, .. } = &self.place {
            lines.say(self.place_of(scope), format!("{}: searched; {} steps to replay", scope.name, grouped(steps)));
        }
        self.moves();
    }

    fn replayed(&self, _scope: &Scope, steps: usize) {
        self.so_far.replayed.fetch_add(steps, Ordering::Relaxed);
        self.moves();
    }

    fn checked(&self, checked: &[Checked]) {
        let Some(first) = checked.first() else { return };
        let place = self.place_of(&first.scope);
        for checked in checked {
            let (verdict, divergences) = (checked.searched.verdict.name(), checked.divergences);
            let line = format!("{}: {verdict}, {divergences} divergences on the {}", checked.scope.name, checked.driver);
            match &self.place {
                Place::Terminal(bar) => bar.println(line),
                Place::Elsewhere { lines, .. } => lines.say(place, line),
            }
        }
        if let Place::Elsewhere { lines, .. } = &self.place {
            lines.done(place);
        }
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if let Place::Terminal(bar) = &self.place {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn so_far(searched: usize, planned: usize, replayed: usize) -> SoFar {
        let [searched, planned, replayed] = [searched, planned, replayed].map(AtomicUsize::new);
        SoFar { scopes: 4, searched, planned, replayed }
    }

    #[test]
    fn a_check_goes_from_nothing_to_all() {
        let shares = [(0, 0, 0), (2, 500, 0), (4, 1000, 0), (4, 1000, 500), (4, 1000, 1000)];
        let shares = shares.map(|(searched, planned, replayed)| so_far(searched, planned, replayed).thousandths());
        assert_eq!(shares, [0, 50, 100, 550, 1000]);
    }

    #[test]
    fn what_is_done_is_said_in_words() {
        assert_eq!(so_far(2, 500, 0).words(), "2 of 4 scopes searched");
        assert_eq!(so_far(4, 12_000, 1_000).words(), "1,000 of 12,000 steps");
    }
}
