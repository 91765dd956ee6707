//! The lines that are printed. It measures nothing.

/// What a figure must come to.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn is_reached_by(self, figure: f64) -> bool {
        match self {
            Bound::AtLeast(bound) => figure >= bound,
            Bound::AtMost(bound) => figure <= bound,
        }
    }

    fn written(self) -> String {
        match self {
            Bound::AtLeast(bound) => format!("≥ {bound}"),
            Bound::AtMost(bound) => format!("≤ {bound}"),
        }
    }
}

/// A row, with its figures as they are shown.
pub(crate) struct Row<'a> {
    pub(crate) what: &'a str,
    pub(crate) today: f64,
    /// What today is measured by; `None` if nothing is.
    pub(crate) limit: Option<f64>,
    pub(crate) ratio: Option<f64>,
}

pub(crate) fn print_head() {
    line(["", "today", "limit", "ratio", "must be", "reached"]);
}

impl Row<'_> {
    /// Judged by the ratio.
    pub(crate) fn print_ratio(&self, bound: Bound) {
        self.print(self.ratio.unwrap_or(f64::NAN), bound);
    }

    /// Judged by what it is today.
    pub(crate) fn print_today(&self, bound: Bound) {
        self.print(self.today, bound);
    }

    /// Judged by nothing: it is a peer's.
    pub(crate) fn print_peer(&self) {
        line([self.what, &shown(self.today), &optional(self.limit), &optional(self.ratio), "", "a peer"]);
    }

    fn print(&self, figure: f64, bound: Bound) {
        let reached = if bound.is_reached_by(figure) { "yes" } else { "no" };
        line([self.what, &shown(self.today), &optional(self.limit), &optional(self.ratio), &bound.written(), reached]);
    }
}

fn line([what, today, limit, ratio, bound, reached]: [&str; 6]) {
    println!("{what:<64} {today:>10} {limit:>10} {ratio:>8} {bound:>8}  {reached}");
}

fn optional(figure: Option<f64>) -> String {
    figure.map_or("–".to_owned(), shown)
}

/// With about three digits.
fn shown(figure: f64) -> String {
    match figure {
        0.0..10.0 => format!("{figure:.2}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

/// The one in the middle.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The median of what the pairs come to.
pub(crate) fn median_ratio(figures: &[f64], by: &[f64]) -> f64 {
    median(figures.iter().zip(by).map(|(figure, by)| figure / by))
}
