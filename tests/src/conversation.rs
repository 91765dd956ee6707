//! One conversation a rule: a shortest trace on which the rule taken out would break its property, told as it goes with all rules in
//! force; or, of a rule that such a trace tells too little of, the story that `STORIES` has. It chooses and tells; whether the real
//! system agrees is for a replay to say.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use model::observation::{Event, Item, Reason};
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::scopes;
use model::state::State;
use model::step::step;
use model::verdict::{SearchBound, Violation, find_violation};

use crate::diagram;
use crate::divergence::lines;
use crate::observation::expected;
use crate::replay::Replay;
use crate::token::Trace;
use crate::tour::Labels;
use crate::vendor::{self, Subject};
use crate::wrapped;

/// How many pairs of state and knowledge are searched in each scope: no more than it takes for some scope to show the rule.
const MOST: [usize; 4] = [300, 3_000, 20_000, 100_000];

/// A rule's conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The rule.
    pub rule: Rule,
    /// How it goes; the rule acts on one of its steps.
    pub trace: Trace,
}

/// A conversation that is longer than it must be, because a shorter one would look the same with the rule done wrong.
struct Story {
    rule: Rule,
    /// Where it plays.
    scope: &'static str,
    /// What is published, in this order: by which instance, and what. From each to the next it takes the fewest steps.
    published: &'static [(&'static str, Event)],
}

const STORIES: [Story; 1] = [Story {
    rule: Rule::Kick2,
    scope: "page-story",
    published: &[
        ("a1", Event::Ready),
        ("a2", Event::Ready),
        ("a3", Event::Ready),
        ("a1", Event::KickedOut(Reason::MultipleAccount)),
    ],
}];

/// The conversation that shows a rule: its story if it has one; else the shortest within the least of the bounds within which some scope shows it; of two equally long
/// ones that of the earlier scope.
///
/// # Panics
/// If no scope shows the rule: it would be vacuous.
pub fn of(rule: Rule) -> Conversation {
    let trace = match STORIES.iter().find(|story| story.rule == rule) {
        Some(story) => story.told().expect("every story can be told in its scope"),
        None => {
            let shortest = MOST.into_iter().find_map(|most| shortest(rule, most));
            shortest.expect("every rule taken out breaks its property somewhere")
        }
    };
    Conversation { rule, trace }
}

impl Story {
    /// Its trace; `None` if something that it has is never published.
    fn told(&self) -> Option<Trace> {
        let scope = scopes::named(self.scope).ok()?;
        let mut labels = Labels::new();
        for (name, event) in self.published {
            let instance = scope.instances().find(|instance| scope.name_of(*instance) == *name)?;
            labels = gone_on(&scope, labels, Item::Published { instance, event: *event })?;
        }
        Some(Trace { scope, labels })
    }
}

/// A trace and the fewest steps behind it, in the last of which the item is seen; `None` if it never is.
fn gone_on(scope: &Scope, labels: Labels, until: Item) -> Option<Labels> {
    let mut replay = Replay::new(scope);
    labels.iter().try_for_each(|label| replay.go(*label).map(drop))?;
    let mut known = HashSet::from([*replay.state()]);
    let mut open = VecDeque::from([(replay, labels)]);
    while let Some((replay, labels)) = open.pop_front() {
        for label in 0..replay.offered().len() as u16 {
            let mut further = replay.clone();
            further.go(label)?;
            let longer = labels.iter().copied().chain([label]).collect();
            if further.last().items.contains(&until) {
                return Some(longer);
            }
            if known.insert(*further.state()) {
                open.push_back((further, longer));
            }
        }
    }
    None
}

/// In each scope only one that is shorter than those of the scopes before is searched for.
fn shortest(rule: Rule, pairs: usize) -> Option<Trace> {
    scopes::all().into_iter().fold(None, |shortest: Option<Trace>, scope| {
        let steps = shortest.as_ref().map_or(usize::MAX, |shortest| shortest.labels.len() - 1);
        let violation = find_violation(&scope, Rules::without(rule), rule, SearchBound { pairs, steps });
        violation.and_then(|violation| as_it_should_go(scope, &violation)).or(shortest)
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
                let [with, without] = [only_in(&sides[0], &sides[1]), only_in(&sides[1], &sides[0])];
                return format!("\nstep {} with {}: {with}\nwithout it: {without}\n", index + 1, self.rule);
            }
            without = other.next;
        }
        String::new()
    }
}

/// The lines that the other side does not have.
fn only_in(side: &[String], other: &[String]) -> String {
    let lines: Vec<&str> = side.iter().filter(|line| !other.contains(line)).map(String::as_str).collect();
    if lines.is_empty() { "nothing more".to_owned() } else { lines.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_shows_its_rule() {
        for Story { rule, .. } in &STORIES {
            let told = of(*rule);
            assert!(told.difference().contains("\nwithout it: "), "{told}");
        }
    }
}
