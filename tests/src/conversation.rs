//! One conversation a rule: a shortest trace on which the rule taken out would break its property, told as it goes with all rules in
//! force, and on until a person sees what the rule did. It chooses and tells; whether the real system agrees is for a replay to say.

use std::borrow::Borrow;
use std::fmt;
use std::iter;

use model::action::{Action, LinkMove, Slot};
use model::observation::{End, Item};
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::scopes;
use model::state::State;
use model::step::{Step, step};
use model::verdict::{SearchBound, Violation, find_violation};

use crate::diagram;
use crate::divergence::lines;
use crate::observation::expected;
use crate::replay::Replay;
use crate::token::Trace;
use crate::vendor::{self, Subject};
use crate::wrapped;

/// How many pairs of state and knowledge are searched in each scope: no more than it takes for some scope to show the rule.
const MOST: [usize; 4] = [300, 3_000, 20_000, 100_000];

/// The page's own scopes.
const PAGE_SCOPES: [&str; 2] = ["page-story", "page-default"];

/// How far each of these is searched.
const PAGE_BOUND: SearchBound = SearchBound { pairs: 20_000, steps: usize::MAX };

/// A rule's conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The rule.
    pub rule: Rule,
    /// How it goes; the rule acts on one of its steps.
    pub trace: Trace,
}

/// The conversation that shows a rule: in the page's own scope if the rule acts there; else the shortest within the least of the bounds
/// within which some scope shows it; of two equally long ones that of the earlier scope. It goes on until a person sees the effect.
///
/// # Panics
/// If no scope shows the rule: it would be vacuous.
pub fn of(rule: Rule) -> Conversation {
    let own = || PAGE_SCOPES.into_iter().find_map(|name| shown_in(scopes::named(name).ok()?, rule, PAGE_BOUND));
    let trace = own().or_else(|| MOST.into_iter().find_map(|most| shortest(rule, most)));
    Conversation { rule, trace: seen_through(trace.expect("every rule taken out breaks its property somewhere")) }
}

/// The same trace, and behind it each frame that its last step wrote is delivered; as long as no application is told anything of it, what
/// those deliveries wrote as well.
fn seen_through(Trace { scope, mut labels }: Trace) -> Trace {
    let mut replay = Replay::new(&scope);
    labels.iter().for_each(|label| _ = replay.go(*label));
    let (mut is_told, mut waiting) = (tells(replay.last()), deliveries(replay.last()));
    while !waiting.is_empty() {
        let mut written = Vec::new();
        for delivery in waiting {
            let Some(label) = replay.follow(delivery) else { continue };
            labels.push(label);
            is_told |= tells(replay.last());
            written.extend(deliveries(replay.last()));
        }
        waiting = if is_told { Vec::new() } else { written };
    }
    drop(replay);
    Trace { scope, labels }
}

/// Whether an application is told something in that step.
fn tells(step: &Step) -> bool {
    let is_told = |item: &Item| matches!(item, Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. });
    step.items.iter().any(is_told)
}

/// What delivers the frames that the step wrote, and those that stand before them on their links.
fn deliveries(step: &Step) -> Vec<Action> {
    let mut moves: Vec<_> = step.items.iter().filter_map(|item| queue(&step.next, *item)).collect();
    moves.sort();
    moves.dedup();
    moves.into_iter().flat_map(|(action, frames)| vec![action; frames]).collect()
}

/// What takes a written frame on, and how many frames travel there.
fn queue(state: &State, item: Item) -> Option<(Action, usize)> {
    let Item::Written { instance, end, slot, .. } = item else { return None };
    let link = &state.instance(instance).links.at(slot);
    match (end, slot) {
        (End::Client, _) => Some((Action::Link(instance, LinkMove::ToServer(slot)), link.up.len())),
        (End::Server, Slot::Current) => Some((Action::Link(instance, LinkMove::ToClient), link.down.len())),
        (End::Server, Slot::Abandoned) => None,
    }
}

/// The shortest trace that shows a rule in a scope.
fn shown_in(scope: Scope, rule: Rule, bound: SearchBound) -> Option<Trace> {
    let violation = find_violation(&scope, Rules::without(rule), rule, bound)?;
    as_it_should_go(scope, &violation)
}

/// In each scope only one that is shorter than those of the scopes before is searched for.
fn shortest(rule: Rule, pairs: usize) -> Option<Trace> {
    scopes::all().into_iter().fold(None, |shortest: Option<Trace>, scope| {
        let steps = shortest.as_ref().map_or(usize::MAX, |shortest| shortest.labels.len() - 1);
        shown_in(scope, rule, SearchBound { pairs, steps }).or(shortest)
    })
}

/// The same actions with all rules in force, as far as they are offered.
fn as_it_should_go(scope: Scope, violation: &Violation) -> Option<Trace> {
    let mut replay = Replay::new(&scope);
    let mut labels = Vec::new();
    for action in &violation.actions {
        let Some(label) = replay.offered().iter().position(|offered| offered == action) else { break };
        replay.make(label as u16)?;
        labels.push(label as u16);
    }
    Some(Trace { scope, labels })
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, scope) = (self.rule, &self.trace.scope);
        writeln!(f, "{rule} ({}): {}", rule.origin(), rule.text())?;
        f.write_str(&wrapped::narrow(&format!("scope {}: {}", scope.name, scope.about)))?;
        writeln!(f, "\n{}{}", diagram::text(scope, &self.trace.labels), wrapped::narrow(&self.difference()))?;
        writeln!(f, "{}", wrapped::narrow(&vendor::provenance(Subject::Property(rule))))?;
        f.write_str(&wrapped::command("again: ", &format!("kickproof replay {}", self.trace)))
    }
}

impl Conversation {
    /// What is seen with the rule, and would be seen without it, at the first step at which both part.
    fn difference(&self) -> String {
        let scope = &self.trace.scope;
        let (mut replay, mut without) = (Replay::new(scope), State::initial(scope));
        for (index, label) in self.trace.labels.iter().enumerate() {
            let Some(made) = replay.make(*label) else { break };
            let other = step(scope, Rules::without(self.rule), &without, made.ask.action);
            let sides = [&made.step, &other].map(|step| lines(scope, &expected(scope, step)));
            if sides[0] != sides[1] {
                let [with, without] = told_apart(&sides);
                return format!("\nstep {} with {}: {with}\nwithout it: {without}\n", index + 1, self.rule);
            }
            without = other.next;
        }
        String::new()
    }
}

/// What each side has and the other has not; where they part in order or in number only, what stands between that in which they agree.
fn told_apart(sides: &[Vec<String>; 2]) -> [String; 2] {
    let only = [only_in(&sides[0], &sides[1]), only_in(&sides[1], &sides[0])];
    if only.iter().any(|lines| !lines.is_empty()) {
        return only.map(|lines| listed(&lines, "; "));
    }
    let [with, without] = sides;
    let before = iter::zip(with, without).take_while(|(with, without)| with == without).count();
    let behind =
        iter::zip(with[before..].iter().rev(), without[before..].iter().rev()).take_while(|(with, without)| with == without);
    let behind = behind.count();
    [with, without].map(|side| listed(&side[before..side.len() - behind], ", then "))
}

fn listed(lines: &[impl Borrow<str>], between: &str) -> String {
    if lines.is_empty() { "nothing more".to_owned() } else { lines.join(between) }
}

/// The lines that the other side does not have.
fn only_in<'a>(side: &'a [String], other: &[String]) -> Vec<&'a str> {
    side.iter().filter(|line| !other.contains(line)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_of_kick_2_is_the_page_s_story_and_ends_where_the_victim_learns_of_it() {
        let kick_2 = of(Rule::Kick2).to_string();
        assert!(kick_2.contains("scope page-story: ") && kick_2.contains("KICKED_OUT multipleAccount"), "{kick_2}");
        assert!(kick_2.contains("\nwithout it: "), "{kick_2}");
    }

    #[test]
    fn sides_that_part_in_order_or_in_number_only_are_told_apart() {
        let told =
            |with: &str, without: &str| told_apart(&[with, without].map(|lines| lines.split(' ').map(str::to_owned).collect()));
        assert_eq!(told("a not-ready kicked b", "a kicked not-ready b"), ["not-ready, then kicked", "kicked, then not-ready"]);
        assert_eq!(told("a m0 b", "a m0 m0 b"), ["nothing more", "m0"]);
        assert_eq!(told("a kicked", "a"), ["kicked", "nothing more"]);
    }
}
