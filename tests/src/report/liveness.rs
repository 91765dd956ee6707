//! What must come at last, as a person reads it: the fairness in words, a row a claim, what breaks each, and the kick loop of
//! applications. It decides nothing.

use model::liveness::fairness::{NEVER_OWED, Obligation, Strength};
use model::liveness::rows::{Break, Report, Row};
use model::liveness::{Change, Finding, Lasso};
use model::scopes;

use super::{aligned, grouped};
use crate::{lasso, wrapped};

/// The claims, each with where it was decided, and the run of its mutant.
pub fn liveness(report: &Report) -> String {
    let owed = Obligation::EXAMPLES.map(|owed| wrapped::under(word(owed.strength()), owed.words()) + "\n").concat();
    let runs = report.rows.iter().map(broken).collect::<String>();
    let states = report.sizes.iter().map(|size| size.states).sum();
    let transitions = report.sizes.iter().map(|size| size.transitions).sum();
    format!(
        "{} scopes, {} states, {} transitions\n\nfairness\n{owed}{}\n\n{}\n{runs}\na kick loop of applications that log in again and again; no rule forbids it\n{}",
        report.sizes.len(),
        grouped(states),
        grouped(transitions),
        wrapped::under("never owed: ", NEVER_OWED),
        claims(&report.rows),
        report.kick_loop.as_ref().map_or_else(String::new, |(scope, run)| lines(scope, Change::Nothing, run)),
    )
}

/// The claims that are not verified, a line each, with the scopes in which they are broken; none if all is well.
pub fn unverified(report: &Report) -> Vec<String> {
    let broken_in = |row: &Row| {
        let broken = row.decisions.iter().filter(|decision| decision.finding != Finding::Holds);
        broken.map(|decision| decision.scope).collect::<Vec<_>>().join(", ")
    };
    let line = |row: &Row| format!("{} {}: {} [{}]", row.claim.rule(), row.verdict(), row.claim.text(), broken_in(row));
    report.rows.iter().filter(|row| row.verdict() != "VERIFIED").map(line).collect()
}

const fn word(strength: Strength) -> &'static str {
    match strength {
        Strength::Weak => "weak    ",
        Strength::Strong => "strong  ",
    }
}

fn claims(rows: &[Row]) -> String {
    let heading = ["rule", "verdict", "scopes", "states in which somebody waits", "claim", "broken by"];
    let row = |row: &Row| {
        let waiting = row.decisions.iter().map(|decision| decision.waiting).sum();
        vec![
            row.claim.rule().name().to_owned(),
            row.verdict().to_owned(),
            row.decisions.len().to_string(),
            grouped(waiting),
            row.claim.text().to_owned(),
            row.broken_by.change.name(),
        ]
    };
    aligned(&heading, &rows.iter().map(row).collect::<Vec<_>>())
}

fn broken(row: &Row) -> String {
    let Break { change, scope, run } = &row.broken_by;
    let run = run.as_ref().map_or_else(String::new, |run| lines(scope, *change, run));
    format!("\n{}, {} ({scope})\n{run}", row.claim.rule(), change.name())
}

fn lines(scope: &str, change: Change, run: &Lasso) -> String {
    let run = lasso::told(&scopes::named(scope).expect("a scope is decided only if it is there"), change, run);
    let numbered = |(number, step): (usize, &String)| format!("  {number:>3}  {step}\n");
    let way = (1..).zip(&run.way).map(numbered);
    let round = (run.way.len() + 1..).zip(&run.round).map(numbered);
    wrapped::narrow(&way.chain([format!("  {}\n", run.turn())]).chain(round).collect::<String>())
}
