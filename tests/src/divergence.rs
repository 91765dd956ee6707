use model::scope::Scope;
use crate::{driver::DriverKind, observation::Observation};
/// A difference.
#[derive(Clone, Debug)]
pub struct Divergence { /// x
 pub scope: Scope, /// x
 pub driver: DriverKind, /// x
 pub labels: Vec<u16>, /// x
 pub expected: Observation, /// x
 pub actual: Observation }
