//! Values as the command line writes them: each is refused with what would be right. It knows no option.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use model::rule::{Rule, UnknownRule};
use model::scope::{Policy, Scope, UnknownPolicy};
use sut::config::{Draft, is_policy_file};
use sut::planted::Planted;

use crate::cast;
use crate::nearest;
use crate::planting::Bug;
use crate::soak::nodes::{Fault, UnknownFault};

/// What reads a whole number in that range.
pub(super) fn whole<N: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static {
    move |text| {
        let in_range = text.parse().ok().filter(|number| range.contains(number));
        in_range.and_then(|number| N::try_from(number).ok()).ok_or_else(|| format!("it would be a whole number{}", bounds(&range)))
    }
}

fn bounds(range: &RangeInclusive<u64>) -> String {
    match (*range.start(), *range.end()) {
        (0, u64::MAX) => String::new(),
        (least, u64::MAX) => format!(", at least {least}"),
        (least, most) => format!(" from {least} to {most}"),
    }
}

/// An address to listen at: a host or a name, and a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    Draft::address(text).map_err(|error| error.to_string())
}

/// A scope by its name.
pub(super) fn scope(name: &str) -> Result<Scope, String> {
    model::scopes::named(name).map_err(|unknown| nearest::scope(&unknown))
}

/// A policy by its name, or the one that a file states.
pub(super) fn policy(text: &str) -> Result<Policy, String> {
    if is_policy_file(text) {
        return Draft::policy(text).map(cast::policy_seen).map_err(|bad| bad.to_string());
    }
    text.parse().map_err(|unknown: UnknownPolicy| unknown.to_string())
}

/// A rule by its name.
pub(super) fn rule(name: &str) -> Result<Rule, String> {
    name.parse().map_err(|unknown: UnknownRule| unknown.to_string())
}

/// A bug by its name, where one can be planted.
pub(super) fn planted(name: &str) -> Result<Planted, String> {
    if !crate::planting::IS_POSSIBLE {
        return Err("a release build has no planted bugs; leave --release out".to_owned());
    }
    name.parse().map_err(|unknown| nearest::planted(&unknown))
}

/// A bug by its name with which a process can be started.
pub(super) fn bug(name: &str) -> Result<Bug, String> {
    match Bug::named(name).filter(|_| crate::planting::IS_POSSIBLE) {
        Some(bug) => Ok(bug),
        None => planted(name).map(Bug::Replayed),
    }
}

/// A kind of fault by its name.
pub(super) fn fault(name: &str) -> Result<Fault, String> {
    name.parse().map_err(|unknown: UnknownFault| unknown.to_string())
}

/// A number of rounds, of all kinds or of one, as in `two-primaries=100`.
pub(super) fn rounds(text: &str) -> Result<(Option<Fault>, u32), String> {
    let (kind, number) = text.split_once('=').map_or((None, text), |(kind, number)| (Some(kind), number));
    Ok((kind.map(fault).transpose()?, whole::<u32>(1..=10_000)(number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_none_or_out_of_range_is_refused_with_the_range() {
        let told = |range: RangeInclusive<u64>, text: &str| whole::<u16>(range)(text).unwrap_err();
        assert_eq!(told(1..=64, "abc"), "it would be a whole number from 1 to 64");
        assert_eq!(told(1..=64, "65"), "it would be a whole number from 1 to 64");
        assert_eq!(told(0..=u64::MAX, "-1"), "it would be a whole number");
        assert_eq!(told(1..=u64::MAX, "0"), "it would be a whole number, at least 1");
        assert_eq!(whole::<u16>(1..=64)("64"), Ok(64));
    }
}
