//! One trace on a child, and what came of it. A child that breaks off on the way differs there; one that never begins is a trouble.

use model::scope::Scope;

use super::child::Launch;
use super::driver::Foreign;
use super::shorten::Trials;
use super::trouble::Trouble;
use crate::divergence::{Divergence, System};
use crate::observation::Observation;
use crate::replay::walk_on;

/// How far a trace was walked.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What was compared after every step, in words.
    pub compared: String,
    /// The first difference.
    pub difference: Option<Divergence>,
}

/// Walks one trace on a fresh child.
///
/// # Errors
/// Why nothing can be compared.
pub fn replay(scope: &Scope, launch: &Launch, labels: &[u16]) -> Result<Replayed, Trouble> {
    let mut child = Foreign::start(scope, launch)?;
    let difference = walk(scope, launch, &mut child, labels, || {})?;
    let compared = child.tells().to_string();
    if difference.is_none() {
        child.finish();
    }
    Ok(Replayed { compared, difference })
}

/// Walks one trace on a child from a reset on; the difference, if one shows. `each` is called after every step that agrees.
pub(super) fn walk(
    scope: &Scope,
    launch: &Launch,
    child: &mut Foreign<'_>,
    labels: &[u16],
    each: impl FnMut(),
) -> Result<Option<Divergence>, Trouble> {
    let found = walk_on(scope, &System::Child(launch.to_string()), child, labels, each).divergence;
    match (child.take_trouble(), found) {
        (None, found) => Ok(found),
        (Some(trouble), found) => match (trouble.broke_off(), found) {
            (Some(how), Some(found)) if !found.labels.is_empty() => Ok(Some(broken_off(found, how))),
            _ => Err(trouble),
        },
    }
}

/// What is seen of a child that breaks off is that, and nothing else.
fn broken_off(found: Divergence, how: String) -> Divergence {
    let actual = Observation { told: Vec::new(), callbacks: Vec::new(), strange: vec![how], ..found.expected.clone() };
    Divergence { actual, ..found }
}

/// Children on which traces are tried one after the other. What they write to their standard error is dropped.
pub(super) struct Tried<'a> {
    scope: &'a Scope,
    launch: &'a Launch,
    /// One that can be reset.
    child: Option<Foreign<'a>>,
}

impl<'a> Tried<'a> {
    pub(super) fn new(scope: &'a Scope, launch: &'a Launch) -> Tried<'a> {
        Tried { scope, launch, child: None }
    }
}

/// A child that cannot be asked differs in nothing.
impl Trials for Tried<'_> {
    fn on_a_fresh_child(&mut self, labels: &[u16]) -> Option<Divergence> {
        self.child = None;
        self.behind_a_reset(labels)
    }

    fn behind_a_reset(&mut self, labels: &[u16]) -> Option<Divergence> {
        let mut child = self.child.take().or_else(|| Foreign::start(self.scope, self.launch).ok())?;
        let found = walk(self.scope, self.launch, &mut child, labels, || {});
        self.child = child.has_answered_all().then_some(child);
        found.ok().flatten()
    }
}
