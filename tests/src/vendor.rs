//! What the vendor's own packages do of what the rulebook speaks of: seen by running them, never by reading them. It judges nothing:
//! which rules are decisions of ours is for [`Rule::origin`] to say.

use std::fmt::{self, Write};

use model::rule::Rule;

use crate::contracts::{CONTRACTS, Contract};

mod list;

pub use list::{CONFIRMATIONS, DEPARTURES};

/// A package in which the vendor publishes its client, or its making of UserSigs is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// The client of the second generation.
    TimJsSdk,
    /// The client of the third.
    Chat,
    /// The small client.
    LiteChat,
    /// The generator of UserSigs for Node.
    SigForNode,
    /// The one for Python.
    SigForPython,
    /// One for Rust.
    SigForRust,
}

impl Package {
    /// The name that it is published under.
    pub const fn name(self) -> &'static str {
        match self {
            Package::TimJsSdk => "tim-js-sdk",
            Package::Chat => "@tencentcloud/chat",
            Package::LiteChat => "@tencentcloud/lite-chat",
            Package::SigForNode => "npm tls-sig-api-v2",
            Package::SigForPython => "PyPI tls-sig-api-v2",
            Package::SigForRust => "a generator for Rust",
        }
    }
}

/// A package and those of its versions that were seen to do something, as a person reads them: `2.13.1, 2.16.0`, `2.16.0 to 2.27.6` or
/// `up to 2.4.1`.
pub type Seen = (Package, &'static str);

/// Of what the rulebook calls by one name a finding speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A rule that has a property.
    Property(Rule),
    /// A rule that contract tests alone show, by the rulebook's name.
    Contract(&'static str),
}

impl Subject {
    /// Everything that can be spoken of, in the rulebook's order: the rules with a property, then those without.
    pub fn all() -> impl Iterator<Item = Subject> {
        let names = CONTRACTS.iter().map(|contract| contract.subject.name());
        let contracts = names.filter(|name| Rule::ALL.iter().all(|rule| rule.name() != *name)).map(Subject::Contract);
        Rule::ALL.into_iter().map(Subject::Property).chain(contracts)
    }

    /// The rulebook's name.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Property(rule) => rule.name(),
            Subject::Contract(name) => name,
        }
    }

    /// Where it comes from, as [`Rule::origin`] says it; nothing if there is no such rule.
    pub fn origin(self) -> &'static str {
        match self {
            Subject::Property(rule) => rule.origin(),
            Subject::Contract(name) => contract(name).map_or("", |contract| contract.subject.origin()),
        }
    }
}

fn contract(name: &str) -> Option<&'static Contract> {
    CONTRACTS.iter().find(|contract| contract.subject.name() == name)
}

/// What packages were seen to do.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The rules that it is about.
    pub about: &'static [Subject],
    /// Who does it; never nobody.
    pub seen: &'static [Seen],
    /// What they do, in a line.
    pub does: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packages: Vec<_> = self.seen.iter().map(|(package, versions)| format!("{} {versions}", package.name())).collect();
        write!(f, "{}: {}", packages.join("; "), self.does)
    }
}

/// Where a rule comes from and what the packages do of it, a line a finding, each line ended. Every rule with a D in its origin is called a
/// decision.
pub fn provenance(subject: Subject) -> String {
    let mut text = format!("origin {}: {}\n", subject.origin(), sources(subject.origin()));
    tell(&mut text, "the vendor's packages do so too:", about(&CONFIRMATIONS, subject));
    tell(&mut text, heading(subject), about(&DEPARTURES, subject));
    text
}

/// The rules that packages were seen to do otherwise, each with its [`provenance`].
pub fn departures() -> String {
    let otherwise = Subject::all().filter(|subject| about(&DEPARTURES, *subject).next().is_some());
    otherwise.map(|subject| format!("{}, {}", subject.name(), provenance(subject))).collect()
}

fn about(findings: &'static [Finding], subject: Subject) -> impl Iterator<Item = &'static Finding> {
    findings.iter().filter(move |finding| finding.about.contains(&subject))
}

/// A decision of ours is one that the packages may decide otherwise; of a published fact it is their practice that differs.
fn heading(subject: Subject) -> &'static str {
    if subject.origin().contains('D') {
        "the vendor's packages decide it otherwise:"
    } else {
        "the vendor's packages do otherwise:"
    }
}

fn tell(text: &mut String, heading: &str, findings: impl Iterator<Item = &'static Finding>) {
    for (index, finding) in findings.enumerate() {
        let heading = if index == 0 { format!("{heading}\n") } else { String::new() };
        writeln!(text, "{heading}  {finding}").expect("a String takes everything");
    }
}

/// What the letters of an origin stand for.
fn sources(origin: &str) -> String {
    let source = |letter: &str| match letter {
        "S" => "the vendor's page",
        "V" => "other documentation of the vendor",
        "P" => "the vendor's packages",
        "D" => "a decision of ours",
        _ => "unknown",
    };
    origin.split(", ").map(source).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> impl Iterator<Item = &'static Finding> {
        CONFIRMATIONS.iter().chain(&DEPARTURES)
    }

    #[test]
    fn every_finding_is_about_rules_that_exist() {
        let known: Vec<_> = Subject::all().collect();
        for finding in findings() {
            assert!(!finding.about.is_empty(), "{finding}");
            assert!(finding.about.iter().all(|subject| known.contains(subject)), "{:?}: {finding}", finding.about);
        }
    }

    #[test]
    fn every_finding_names_a_version_and_says_something_in_one_line() {
        for finding in findings() {
            assert!(!finding.seen.is_empty(), "{finding}");
            assert!(
                finding.seen.iter().all(|(_, versions)| versions.contains(|letter: char| letter.is_ascii_digit())),
                "{finding}"
            );
            assert!(finding.does.split_whitespace().count() > 1 && !finding.does.contains('\n'), "{finding}");
        }
    }

    #[test]
    fn findings_stand_in_the_order_of_the_rules() {
        let place = |finding: &Finding| Subject::all().position(|subject| finding.about.first() == Some(&subject));
        assert!(CONFIRMATIONS.iter().map(place).is_sorted());
        assert!(DEPARTURES.iter().map(place).is_sorted());
    }

    #[test]
    fn every_letter_of_an_origin_is_spelled_out() {
        for subject in Subject::all() {
            assert!(!provenance(subject).contains("unknown"), "{}: {}", subject.name(), subject.origin());
        }
    }

    #[test]
    fn every_decision_is_called_one_and_nothing_else_is() {
        for subject in Subject::all() {
            let text = provenance(subject);
            let is_called = text.contains("a decision of ours");
            assert_eq!(is_called, subject.origin().contains('D'), "{text}");
            assert!(is_called || !text.contains("decide it otherwise"), "{text}");
        }
    }

    #[test]
    fn a_rule_that_packages_decide_otherwise_says_by_which_versions() {
        let text = provenance(Subject::Property(Rule::Login6));
        assert!(text.contains("the vendor's packages decide it otherwise:\n  tim-js-sdk 2.27.6; "), "{text}");
        assert!(departures().contains("SIG-2, origin "), "{}", departures());
    }
}
