//! What was checked, as a person reads it: rows of tables and one line of result, rendered from typed data. It holds no times but where
//! it says so, and judges nothing.

mod faults;
mod liveness;
mod tours;

use comfy_table::{ContentArrangement, Table, presets};
use model::action::ActionKind;
use model::balance::Balance;
use model::rule::Rule;
use model::scope::Scope;
use model::verdict::{Verdict, Violation};
use sut::code::Code;

use crate::check::Checked;
use crate::contracts::{CONTRACTS, Contract};
use crate::coverage::RuleCounts;
use crate::diagram;
use crate::driver::DriverKind;
use crate::foreign;
use crate::replay_share::{MOST_RESTARTS, ReplayShare};
use crate::token::Trace;
use crate::vendor;
use crate::wrapped;

pub use faults::{fault_count, faults};
pub use liveness::{liveness, unverified};
pub use tours::{short_tours, tours, wrong_tours};

/// The heading of [`row`].
pub const HEADING: [&str; 7] = ["scope", "states", "transitions", "verdict", "covered", "differ", "time"];

/// A scope as a row of the table that `check` ends with, which is at most 80 columns wide. The last column is measured.
pub fn row(checked: &Checked) -> [String; 7] {
    let searched = &checked.searched;
    [
        checked.scope.name.to_owned(),
        grouped(searched.states),
        grouped(searched.transitions),
        searched.verdict.name().to_owned(),
        share(checked.coverage.covered, searched.transitions),
        checked.divergences.to_string(),
        format!("{} s", checked.replay_time.as_secs_f64().ceil()),
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
    let word = if !all.is_empty() && all.iter().all(Checked::is_green) { "GREEN" } else { "RED" };
    format!(
        "{word}: {verified} of {} scopes VERIFIED, {} states, {} of {} transitions replayed on the {driver}, {} divergences",
        all.len(),
        grouped(sum(|checked| checked.searched.states)),
        grouped(sum(|checked| checked.coverage.covered)),
        grouped(sum(|checked| checked.searched.transitions)),
        grouped(sum(|checked| checked.divergences)),
    ) + &parts(all)
}

/// What was replayed in part only; empty if nothing was.
fn parts(all: &[Checked]) -> String {
    let of = |share| all.iter().filter(|checked| checked.share == share).count();
    let told = [
        (of(ReplayShare::GoodLogins), "with good logins".to_owned()),
        (of(ReplayShare::Sample), "by a sample".to_owned()),
        (of(ReplayShare::Moves), "by a sample that has each action in each phase".to_owned()),
        (of(ReplayShare::Restarts), format!("by a sample of up to {} restarts", grouped(MOST_RESTARTS))),
    ];
    let told: Vec<_> = told.into_iter().filter(|(many, _)| *many > 0).map(|(many, how)| format!("{many} {how}")).collect();
    if told.is_empty() { String::new() } else { format!("; in part: {}", told.join(", ")) }
}

/// What a GREEN proves, and what it does not, in a sentence each, in lines of up to 80 columns.
pub fn meaning(all: &[Checked], driver: DriverKind) -> String {
    let most = |of: fn(&Scope) -> usize| all.iter().map(|checked| of(&checked.scope)).max().unwrap_or(0);
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let instances = counted(most(|scope| scope.seats.len()), "instance");
    let accounts = counted(most(|scope| scope.accounts().count()), "account");
    let whole = match driver {
        DriverKind::Machines => "the machines of the real client and server",
        DriverKind::Stack => "the whole real client and server",
        DriverKind::Sockets => "the real client and server, as far as `covered` says,",
        DriverKind::Browser => "real pages and the server, as far as `covered` says,",
    };
    format!(
        "GREEN proves, for up to {instances} and {accounts} at once: in every order of\n\
         calls, frames, timers and faults that a scope allows, the model keeps every\n\
         rule, and {whole} did what\n\
         the model does.\n\
         It does not prove: more of them at once, what a scope's bounds leave out (how\n\
         many messages, faults and debts at a time; see `kickproof scopes`), or how long\n\
         anything takes."
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
        complaint(searched.verdict != Verdict::Verified, said(&searched.verdict)),
        complaint(!searched.engines_agree(), format!("the engines do not agree: {counts}")),
        complaint(!searched.strongly_connected, "some states cannot be come back from".to_owned()),
        complaint(searched.transitions == 0, "it has no transitions".to_owned()),
        complaint(!searched.balance.holds(), format!("KICK-10 does not hold: {:?}", searched.balance)),
        complaint(checked.share == ReplayShare::Nothing, format!("{}, and it is about more", checked.driver.blind_spot())),
        complaint(
            !checked.is_replayed(),
            format!("{} of {} transitions were replayed", checked.coverage.covered, searched.transitions),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A verdict in a line.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Verified => verdict.name().to_owned(),
        Verdict::Bounded { bound } => format!("{} by {bound}", verdict.name()),
        Verdict::Violated(Violation { rule, .. }) => format!("{}: the property of {rule} breaks", verdict.name()),
    }
}

/// What is drawn of a scope that is not green: the shortest way to a broken property, and the shortest to a difference, each with the
/// command that walks it again.
pub fn stories(checked: &Checked) -> Vec<String> {
    let divergence = checked.divergence.as_ref().map(ToString::to_string);
    violation(checked).into_iter().chain(divergence).collect()
}

fn violation(checked: &Checked) -> Option<String> {
    let Verdict::Violated(Violation { rule, labels, .. }) = &checked.searched.verdict else { return None };
    let (scope, steps) = (&checked.scope, labels.len());
    let trace = Trace { scope: scope.clone(), labels: labels.clone() };
    let picture = diagram::text(scope, labels);
    Some(format!(
        "scope {}, step {steps} of {steps}, model alone\n{picture}{}\n{}\n{}",
        scope.name,
        wrapped::under("broken  ", &format!("{rule}: {}", rule.text())),
        wrapped::command("again   ", &format!("cargo run -- replay {trace}")),
        wrapped::command("explore ", &format!("cargo run -- explore {trace}"))
    ))
}

/// Between two columns.
const GAP: u16 = 2;

/// Rows under a heading, columns aligned, at most [`wrapped::WIDTH`] wide: a text that is too long goes on in its column.
pub fn aligned(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = table(heading, rows);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(wrapped::WIDTH as u16 + GAP);
    table.trim_fmt()
}

/// Rows under a heading, columns aligned, each on one line however wide, as a search by line needs it.
pub fn listed(heading: &[&str], rows: &[Vec<String>]) -> String {
    table(heading, rows).trim_fmt()
}

fn table(heading: &[&str], rows: &[Vec<String>]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heading.iter()).add_rows(rows);
    table.column_iter_mut().for_each(|column| _ = column.set_padding((0, GAP)));
    table
}

/// The codes as `sut/README.md` has them: a row a code, with the words for it.
pub fn code_table() -> String {
    let row = |code: Code| format!("| {} | {} |\n", code.number(), code.words());
    format!("| code | a call or a login is refused because |\n|---|---|\n{}", Code::ALL.map(row).concat())
}

/// The scopes: what the graph is, whether both engines agree on it, and what is held back.
pub fn scopes(all: &[Checked]) -> String {
    let heading = ["scope", "states", "transitions", "self-loops", "depth", "queue", "engines", "verdict", "replayed", "digest"];
    let row = |checked: &Checked| {
        let searched = &checked.searched;
        vec![
            checked.scope.name.to_owned(),
            grouped(searched.states),
            grouped(searched.transitions),
            grouped(searched.self_loops),
            searched.depth.to_string(),
            searched.longest_queue.to_string(),
            if searched.engines_agree() { "agree" } else { "differ" }.to_owned(),
            searched.verdict.name().to_owned(),
            share(checked.coverage.covered, searched.transitions),
            format!("{:016x}", searched.digest),
        ]
    };
    let bounds = all
        .iter()
        .map(|checked| (checked.scope.name, checked.scope.bounds().split(", ").map(str::to_owned).collect()))
        .collect::<Vec<_>>();
    format!("{}\n\nbounds\n{}", aligned(&heading, &all.iter().map(row).collect::<Vec<_>>()), sparse(&bounds))
}

/// What each scope asks of a foreign system beyond what every scope asks, by the words on the lines.
pub fn asked(scopes: &[Scope]) -> String {
    let words = |scope: &Scope| foreign::asked(scope).join(" ");
    let or_dash = |words: String| if words.is_empty() { "-".to_owned() } else { words };
    let rows = scopes.iter().map(|scope| vec![scope.name.to_owned(), or_dash(words(scope))]);
    aligned(&["scope", "also asked"], &rows.collect::<Vec<_>>())
}

/// The rules, what contract tests show of them, and what the vendor's packages do otherwise.
pub fn rulebook(all: &[Checked]) -> String {
    format!("{}\n\n{}\n\n{}", rules(all), contracts(), wrapped::narrow(&vendor::departures()))
}

/// The rules: origin, property, the transitions on which each acts, and how many of them were replayed. One that acts on none of these
/// scopes' transitions is not shown, whatever the verdict.
pub fn rules(all: &[Checked]) -> String {
    let heading = ["rule", "origin", "transitions", "replayed", "verdict", "property"];
    let row = |rule: Rule| {
        let [model, replayed] = counts(all, |(acting, _)| *acting == rule);
        let verdict = if model == 0 { "not shown" } else { verdict(all) };
        let cells = [rule.name(), rule.origin(), &grouped(model), &grouped(replayed), verdict, rule.text()];
        cells.map(str::to_owned).to_vec()
    };
    aligned(&heading, &Rule::ALL.map(row))
}

/// The rules without counts.
pub fn rule_names() -> String {
    let row = |rule: Rule| [rule.name(), rule.origin(), rule.text()].map(str::to_owned).to_vec();
    aligned(&["rule", "origin", "property"], &Rule::ALL.map(row))
}

/// The rules, and parts of rules, that contract tests show.
pub fn contracts() -> String {
    let row = |contract: Contract| {
        let tests = contract.tests().to_string();
        [contract.subject.name(), contract.subject.origin(), &tests, "contract", contract.text].map(str::to_owned).to_vec()
    };
    aligned(&["rule", "origin", "tests", "shown by", "what is shown"], &CONTRACTS.map(row))
}

/// The rules that act on no transition, or on some that were not replayed: none.
pub fn unused(all: &[Checked]) -> Vec<String> {
    let unused = Rule::ALL.into_iter().map(|rule| (rule, counts(all, |(acting, _)| *acting == rule)));
    let unused = unused.filter(|(_, [model, replayed])| *model == 0 || replayed != model);
    unused
        .map(|(rule, [model, replayed])| format!("{rule} acts on {model} transitions, of which {replayed} were replayed"))
        .collect()
}

fn verdict(all: &[Checked]) -> &'static str {
    let worst = all.iter().find(|checked| checked.searched.verdict != Verdict::Verified);
    worst.map_or("VERIFIED", |checked| checked.searched.verdict.name())
}

/// KICK-10 over each scope: admissions, kicks, the most victims of one login, and whose session a resume ended.
pub fn balances(all: &[Checked]) -> String {
    let heading = [
        "scope",
        "logins admitted",
        "resumes",
        "readmissions",
        "kicks",
        "most victims",
        "without a cause",
        "by a resume",
        "overdrawn",
    ];
    let row = |name: &str, balance: Balance| {
        let Balance { logins, resumes, readmissions, kicks, most_victims, causeless, resumes_that_end_others, overdrawn } = balance;
        let counts = [logins, resumes, readmissions, kicks, most_victims, causeless, resumes_that_end_others, overdrawn];
        [name.to_owned()].into_iter().chain(counts.map(grouped)).collect::<Vec<_>>()
    };
    let rows = all.iter().map(|checked| row(checked.scope.name, checked.searched.balance));
    aligned(&heading, &rows.chain([row("all", balance(all))]).collect::<Vec<_>>())
}

fn balance(all: &[Checked]) -> Balance {
    all.iter().fold(Balance::default(), |sum, checked| sum.and(checked.searched.balance))
}

/// KICK-10 in one line, of transitions.
pub fn balance_line(all: &[Checked]) -> String {
    let Balance { resumes, kicks, most_victims, causeless, resumes_that_end_others, overdrawn, .. } = balance(all);
    let [kicks, causeless, resumes, ended, overdrawn] =
        [kicks, causeless, resumes, resumes_that_end_others, overdrawn].map(grouped);
    format!(
        "KICK-10: {causeless} of {kicks} kicks without a cause, {ended} of {resumes} resumes that end another's session, {overdrawn} \
         transitions on which kicks could outnumber admissions, at most {most_victims} victims of one login"
    )
}

/// Rule by action: on how many transitions of the model the rule acts, and how many of them were replayed if not all were.
pub fn coverage(all: &[Checked]) -> String {
    let part = |rule, kind: ActionKind| match counts(all, |key| *key == (rule, kind)) {
        [0, 0] => None,
        [model, replayed] if model == replayed => Some(format!("{} {}", kind.name(), grouped(model))),
        [model, replayed] => Some(format!("{} {} of {}", kind.name(), grouped(replayed), grouped(model))),
    };
    let parts = |rule: Rule| ActionKind::all().into_iter().filter_map(|kind| part(rule, kind)).collect();
    sparse(&Rule::ALL.map(|rule| (rule.name(), parts(rule))))
}

/// What there is of each name, behind it: a dot stands between two things, and nothing for what there is none of.
pub fn sparse(rows: &[(&str, Vec<String>)]) -> String {
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, parts): &(&str, Vec<String>)| wrapped::list(&format!("{name:<widest$}  "), parts);
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How many transitions of the model, and of the replays, a kind of rule and action has.
fn counts(all: &[Checked], of: impl Fn(&(Rule, ActionKind)) -> bool) -> [usize; 2] {
    let sum = |counts: &RuleCounts| counts.iter().filter(|(key, _)| of(key)).map(|(_, count)| count).sum::<usize>();
    let model = all.iter().map(|checked| sum(&checked.searched.rules)).sum();
    let replayed = all.iter().map(|checked| sum(&checked.coverage.rules)).sum();
    [model, replayed]
}

/// The rule table of the README, in Markdown.
pub fn rule_table() -> String {
    let row = |rule: Rule| format!("| {} | {} | {} |\n", rule.name(), rule.origin(), rule.text());
    let rows: String = Rule::ALL.into_iter().map(row).collect();
    format!("| rule | origin | says |\n|---|---|---|\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups_of_three() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn what_a_green_means_fits_80_columns() {
        let told = DriverKind::ALL.map(|driver| meaning(&[], driver));
        assert!(told.iter().flat_map(|told| told.lines()).all(|line| line.chars().count() <= 80), "{told:#?}");
    }

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(share(999_999, 1_000_000), "99.9 %");
        assert_eq!(share(7, 7), "100.0 %");
        assert_eq!(share(0, 0), "0.0 %");
    }
}
