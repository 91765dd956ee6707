//! A trace in words: the scope's name, a colon, and the word of each step: `page-story: a1.login a1.open`. A new action leaves every
//! other word as it is. It names a trace; it never walks one on a real system.

use std::fmt;
use std::str::FromStr;

use model::scope::Scope;
use model::scopes::{self, UnknownScope};

use crate::nearest;
use crate::replay::{Replay, actions_of};
use crate::tour::Labels;

/// A trace that can be walked: every label is an action that is offered there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it is walked.
    pub scope: Scope,
    /// Its steps.
    pub labels: Labels,
}

/// Words that name no trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTrace {
    /// There is no colon.
    #[error("'{}' is no trace: it would be a scope, a colon and steps, like page-story: a1.login a1.open", .0.escape_debug())]
    NoColon(String),
    /// There is no such scope.
    #[error("{}", nearest::scope(.0))]
    Scope(#[from] UnknownScope),
    /// There are no steps.
    #[error("'{}' has no steps: nothing would be replayed; steps would follow, like page-story: a1.login a1.open", .0.escape_debug())]
    NoSteps(String),
    /// A word names no action that is offered there.
    #[error("{}", nearest::action(*.step, .word, .offered))]
    NotOffered {
        /// Which step, from 1.
        step: usize,
        /// What stands there.
        word: String,
        /// The words of the actions that are offered.
        offered: Vec<String>,
    },
}

impl FromStr for Trace {
    type Err = BadTrace;

    fn from_str(text: &str) -> Result<Trace, BadTrace> {
        let (name, words) = text.split_once(':').ok_or_else(|| BadTrace::NoColon(text.to_owned()))?;
        let scope = scopes::named(name)?;
        let mut replay = Replay::new(&scope);
        let steps = words.split_whitespace().enumerate();
        let labels = steps.map(|(index, word)| go(&mut replay, index + 1, word)).collect::<Result<Labels, BadTrace>>()?;
        if labels.is_empty() { Err(BadTrace::NoSteps(text.to_owned())) } else { Ok(Trace { scope, labels }) }
    }
}

/// Makes the step of that word.
fn go(replay: &mut Replay<'_>, step: usize, word: &str) -> Result<u16, BadTrace> {
    let offered: Vec<_> = replay.offered().iter().map(|action| action.word(replay.scope())).collect();
    let label = offered.iter().position(|name| name == word).map(|label| label as u16);
    let made = label.filter(|label| replay.go(*label).is_some());
    made.ok_or(BadTrace::NotOffered { step, word: word.to_owned(), offered })
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scope.name)?;
        let actions = actions_of(&self.scope, &self.labels);
        actions.iter().try_for_each(|action| write!(f, " {}", action.word(&self.scope)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::graph::{Bound, Graph};
    use model::rule::Rules;
    use model::step::actions;

    use super::*;

    #[test]
    fn a_trace_is_read_as_it_is_written() {
        let text = "page-story: a1.login a2.login.wrong_signature a1.open";
        let trace: Trace = text.parse().unwrap();
        assert_eq!(trace.to_string(), text);
        assert_eq!(" page-story:a1.login ".trim().parse::<Trace>().unwrap().labels, [0]);
    }

    #[test]
    fn each_word_of_a_scope_is_one_action_and_each_action_one_word_that_needs_no_quotes() {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        for scope in scopes::all() {
            let mut known = BTreeMap::new();
            for state in Graph::build(&scope, Rules::ALL, Bound { states: 1_500 }).states() {
                for action in actions(&scope, &state) {
                    let word = action.word(&scope);
                    assert!(word.chars().all(is_plain), "{word}");
                    assert_eq!(*known.entry(word).or_insert(action), action, "{}", scope.name);
                }
            }
        }
    }

    #[test]
    fn a_broken_trace_is_told_in_one_line() {
        let told = |word: &str| word.parse::<Trace>().unwrap_err().to_string();
        assert_eq!(
            told("page-story"),
            "'page-story' is no trace: it would be a scope, a colon and steps, like page-story: a1.login a1.open"
        );
        assert!(told("page-story:").starts_with("'page-story:' has no steps: "));
        assert_eq!(
            told("page-stor: a1.login"),
            "unknown scope 'page-stor'; did you mean 'page-story'? `kickproof scopes` lists all"
        );
        let expected = "step 2 of the trace is 'a1.opne'; did you mean 'a1.open'? offered there: a1.login a1.login.wrong_signature";
        assert!(told("page-story: a1.login a1.opne").starts_with(expected), "{}", told("page-story: a1.login a1.opne"));
        assert!(told("page-story: 0").starts_with("step 1 of the trace is '0'; offered there: "));
        for word in ["a\nb", "a\nb:0", "page-story:\n", "page-story: a1.login\n\u{1}"] {
            assert_eq!(told(word).lines().count(), 1, "{word:?}");
        }
    }
}
