//! A scope by name under another policy than its own: `page-story@dual+refuse`. It is the same scope but for that.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{UnknownScope, all};
use crate::scope::{Policy, Scope};

/// What stands between the name of a scope and that of a policy.
const UNDER: char = '@';

/// The scopes that the settings of a policy touch: the page's own, those in which kinds of client meet, and those in which a place is
/// kept, lost, looked for again, given up for a callback or asked for at two nodes at once.
const TOUCHED: [&str; 9] = [
    "page-default",
    "page-story",
    "policy-dual",
    "kick-two",
    "limits-elsewhere",
    "reconnect",
    "refuse-limit-change",
    "callbacks-kicks",
    "nodes-same-instant",
];

/// The name of each scope under each policy.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let under_each = |scope: Scope| Policy::all().map(move |policy| joined(&scope, policy));
    all().into_iter().flat_map(under_each).collect()
});

fn joined(scope: &Scope, policy: Policy) -> String {
    format!("{}{UNDER}{policy}", scope.name)
}

/// The scope by name under that policy; under its own it has its plain name.
pub fn under(scope: Scope, policy: Policy) -> Scope {
    if scope.policy == policy {
        return scope;
    }
    let name = NAMES.get(&joined(&scope, policy)).map_or(scope.name, String::as_str);
    Scope { name, policy, ..scope }
}

/// The scopes that the settings of a policy touch, under it.
pub fn touched_by(policy: Policy) -> Vec<Scope> {
    let meant = all().into_iter().filter(|scope| TOUCHED.contains(&scope.name));
    meant.map(|scope| under(scope, policy)).collect()
}

/// The scope of a name that says under which policy.
pub(super) fn named(name: &str) -> Option<Result<Scope, UnknownScope>> {
    let (plain, policy) = name.split_once(UNDER)?;
    let known = super::named(plain).ok().zip(policy.parse().ok());
    Some(known.map(|(scope, policy)| under(scope, policy)).ok_or_else(|| UnknownScope(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_under_which_policy_a_scope_is() {
        let scope = super::super::named("page-story@triple+refuse").unwrap();
        assert_eq!((scope.name, scope.policy.to_string().as_str()), ("page-story@triple+refuse", "triple+refuse"));
        assert_eq!(super::super::named("page-story@dual").unwrap().name, "page-story");
        for unknown in ["page-story@", "page-story@quad", "nowhere@dual", "@dual", "page-story@dual@dual"] {
            assert_eq!(super::super::named(unknown), Err(UnknownScope(unknown.to_owned())));
        }
    }

    #[test]
    fn each_scope_that_a_policy_touches_is_there_under_every_policy() {
        for policy in Policy::all() {
            let touched = touched_by(policy);
            assert_eq!(touched.len(), TOUCHED.len());
            assert!(touched.iter().all(|scope| scope.policy == policy));
        }
    }
}
