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

/// The properties, in the rulebook's order: the Explorer takes functions only, so each rule has its own.
pub(super) const ALL: [Condition; Rule::ALL.len()] = [
    keeps::<0>,
    keeps::<1>,
    keeps::<2>,
    keeps::<3>,
    keeps::<4>,
    keeps::<5>,
    keeps::<6>,
    keeps::<7>,
    keeps::<8>,
    keeps::<9>,
    keeps::<10>,
    keeps::<11>,
    keeps::<12>,
    keeps::<13>,
    keeps::<14>,
    keeps::<15>,
    keeps::<16>,
    keeps::<17>,
    keeps::<18>,
    keeps::<19>,
    keeps::<20>,
    keeps::<21>,
    keeps::<22>,
    keeps::<23>,
    keeps::<24>,
    keeps::<25>,
    keeps::<26>,
    keeps::<27>,
    keeps::<28>,
    keeps::<29>,
    keeps::<30>,
    keeps::<31>,
    keeps::<32>,
    keeps::<33>,
    keeps::<34>,
    keeps::<35>,
    keeps::<36>,
    keeps::<37>,
    keeps::<38>,
    keeps::<39>,
    keeps::<40>,
    keeps::<41>,
    keeps::<42>,
    keeps::<43>,
    keeps::<44>,
    keeps::<45>,
    keeps::<46>,
    keeps::<47>,
    keeps::<48>,
    keeps::<49>,
    keeps::<50>,
];

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
