//! What was checked, as a person reads it: rows of tables and one line of result, rendered from typed data. It holds no times but where
//! it says so, and judges nothing.

use crate::check::Checked;
use crate::driver::DriverKind;

/// The heading of [`row`].
pub const HEADING: [&str; 10] =
    ["scope", "states", "transitions", "depth", "verdict", "replayed", "covered", "divergences", "time", "transitions/s"];

/// A scope as a row of the table that `check` ends with. The last two columns are measured.
pub fn row(checked: &Checked) -> [String; 10] {
    let seconds = checked.replay_time.as_secs_f64();
    let searched = &checked.searched;
    [
        checked.scope.name.to_owned(),
        grouped(searched.states),
        grouped(searched.transitions),
        searched.depth.to_string(),
        searched.verdict.name().to_owned(),
        grouped(checked.coverage.steps),
        share(checked.coverage.covered, searched.transitions),
        checked.divergences.to_string(),
        format!("{seconds:.1} s"),
        grouped((checked.coverage.steps as f64 / seconds.max(1e-9)) as usize),
    ]
}

/// How much of the whole, rounded down so that only all of it is 100 %.
fn share(part: usize, whole: usize) -> String {
    let thousandths = (part * 1000).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

/// A number with its thousands apart.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

/// All of it in one line.
pub fn result_line(all: &[Checked], driver: DriverKind) -> String {
    let sum = |of: fn(&Checked) -> usize| all.iter().map(of).sum::<usize>();
    let verified = all.iter().filter(|checked| checked.searched.verdict.name() == "VERIFIED").count();
    format!(
        "{verified} of {} scopes VERIFIED: {} states, {} of {} transitions replayed on the {driver}, {} divergences",
        all.len(),
        grouped(sum(|checked| checked.searched.states)),
        grouped(sum(|checked| checked.coverage.covered)),
        grouped(sum(|checked| checked.searched.transitions)),
        grouped(sum(|checked| checked.divergences)),
    )
}

/// Why a scope is not green, a line each; none if it is.
pub fn complaints(checked: &Checked) -> Vec<String> {
    let searched = &checked.searched;
    let second = &searched.second;
    let name = checked.scope.name;
    let complaint = |wrong: bool, what: String| wrong.then(|| format!("{name}: {what}"));
    let counts = format!(
        "{} states, {} observed, {} by BFS, {} by DFS",
        searched.states, searched.observed, second.bfs_states, second.dfs_states
    );
    [
        complaint(searched.verdict.name() != "VERIFIED", format!("{:?}", searched.verdict)),
        complaint(!searched.engines_agree(), format!("the engines do not agree: {counts}")),
        complaint(!searched.strongly_connected, "some states cannot be come back from".to_owned()),
        complaint(searched.transitions == 0, "it has no transitions".to_owned()),
        complaint(
            checked.coverage.covered != searched.transitions || !checked.coverage.is_complete(),
            format!("{} of {} transitions were replayed", checked.coverage.covered, searched.transitions),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups_of_three() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(share(999_999, 1_000_000), "99.9 %");
        assert_eq!(share(7, 7), "100.0 %");
        assert_eq!(share(0, 0), "0.0 %");
    }
}
