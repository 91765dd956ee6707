//! What the rulebook has the real system alone show: rules, and parts of rules, of which the model has no state. Each names the contract
//! tests that show it. It runs none of them.

mod list;

use model::rule::Rule;

pub use list::CONTRACTS;

/// A rule, or a part of one, that contract tests show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Which rule, and how much of it.
    pub subject: Subject,
    /// What is shown.
    pub text: &'static str,
    /// The tests: a file from the top of the workspace, and the names of its tests.
    pub tests: &'static [(&'static str, &'static [&'static str])],
}

/// How much of its rule a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What the property of the rule does not speak of.
    Part(Rule),
    /// All of a rule that has no property.
    Whole {
        /// The rulebook's name.
        name: &'static str,
        /// Where it comes from, as [`Rule::origin`] says it.
        origin: &'static str,
    },
}

impl Subject {
    /// The rulebook's name of the rule.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Part(rule) => rule.name(),
            Subject::Whole { name, .. } => name,
        }
    }

    /// Where the rule comes from.
    pub const fn origin(self) -> &'static str {
        match self {
            Subject::Part(rule) => rule.origin(),
            Subject::Whole { origin, .. } => origin,
        }
    }
}

impl Contract {
    /// How many tests show it.
    pub fn tests(&self) -> usize {
        self.tests.iter().map(|(_, names)| names.len()).sum()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Whether a file has a function of that name that is a test.
    pub(crate) fn has_test(file: &str, name: &str) -> bool {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let text = fs::read_to_string(path).unwrap_or_default();
        let before = text.split_once(&format!("fn {name}(")).map_or("", |(before, _)| before);
        let attributes = before.rsplit("\n\n").next().unwrap_or_default();
        attributes.contains("#[test]") || attributes.contains("#[tokio::test")
    }

    #[test]
    fn every_contract_names_tests_that_are_there() {
        let named = CONTRACTS.iter().flat_map(|contract| contract.tests.iter());
        let each = named.flat_map(|(file, names)| names.iter().map(move |name| (*file, *name)));
        let missing: Vec<_> = each.filter(|(file, name)| !has_test(file, name)).collect();
        assert_eq!(missing, []);
        assert!(CONTRACTS.iter().all(|contract| contract.tests() > 0));
    }

    #[test]
    fn a_test_that_is_not_there_is_missed() {
        assert!(!has_test("sut/tests/ends/calls.rs", "a_login_whose_future_was_dropped_goes_on_and_on"));
        assert!(!has_test("sut/tests/ends/nothing.rs", "a_login_whose_future_was_dropped_goes_on"));
        assert!(!has_test("tests/src/contracts.rs", "has_test"));
    }

    #[test]
    fn a_rule_that_is_a_contract_as_a_whole_has_no_property() {
        for contract in CONTRACTS {
            let is_whole = matches!(contract.subject, Subject::Whole { .. });
            assert!(!is_whole || contract.subject.name().parse::<Rule>().is_err(), "{}", contract.subject.name());
        }
    }
}
