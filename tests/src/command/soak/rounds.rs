//! How far a soak of several nodes is: one bar on a terminal, elsewhere a line a round. It goes to the standard error and changes nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::command::output;
use crate::soak::nodes::Row;

/// The rounds of a soak.
pub(super) struct Rounds {
    bar: ProgressBar,
}

impl Rounds {
    /// None is done yet.
    pub(super) fn of(total: usize) -> Rounds {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{pos} of {len} rounds {bar:20} {elapsed_precise}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Rounds { bar }
    }

    /// One is done.
    pub(super) fn done(&self, row: &Row) {
        let line = format!(
            "{} {}: explained, {} events, truth after {} ms, {} s",
            row.fault, row.round, row.events, row.truth_ms, row.seconds
        );
        if self.bar.is_hidden() {
            output::note(&line);
        } else {
            self.bar.println(line);
            self.bar.inc(1);
        }
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
