//! One property a rule for the Explorer's list, by the rule's name and text. What breaks a rule is not known here: the model's judges say
//! so, and their word is read from the state.

use std::sync::LazyLock;

use model::rule::Rule;

use super::{ModelAndSystem, Shown};

/// Whether a state was reached without breaking a rule.
pub(super) type Condition = fn(&ModelAndSystem, &Shown) -> bool;

/// The properties' names, in the rulebook's order.
pub(super) static NAMES: LazyLock<Vec<String>> =
    LazyLock::new(|| Rule::ALL.iter().map(|rule| format!("{rule} {}", rule.text())).collect());

fn keeps<const RULE: usize>(_: &ModelAndSystem, shown: &Shown) -> bool {
    !shown.judged.broken.contains(Rule::ALL[RULE])
}

macro_rules! conditions {
    ($($rule:ident $name:literal $origin:literal $family:ident::$property:ident $text:literal;)+) => {
        /// The properties, in the rulebook's order: the Explorer takes functions only, so each rule has its own.
        pub(super) const ALL: [Condition; Rule::ALL.len()] = [$(keeps::<{ Rule::$rule as usize }>),+];
    };
}

model::each_rule!(conditions);

#[cfg(test)]
mod tests {
    use model::rule::RuleSet;
    use model::scopes;
    use stateright::Model;

    use super::*;

    #[test]
    fn each_rule_has_a_property_that_only_its_own_breach_breaks() {
        let explored = ModelAndSystem::new(scopes::named("page-story").unwrap(), None);
        for rule in Rule::ALL {
            let mut shown = explored.init_states().remove(0);
            shown.judged.broken = RuleSet::NONE;
            shown.judged.broken.insert(rule);
            let broken = explored.properties().into_iter().filter(|property| !(property.condition)(&explored, &shown));
            let names: Vec<_> = broken.map(|property| property.name).collect();
            assert_eq!(names, [format!("{rule} {}", rule.text())]);
        }
    }
}
