//! What somebody may have meant by a name that nothing has. It refuses nothing itself.

use crate::explore::query::Phrase;
use model::scope::Policy;
use model::scopes::{self, UnknownScope};
use sut::planted::{Planted, UnknownPlanted};

/// How alike two names are, of 1, if one may have been meant by the other.
const ALIKE: f64 = 0.7;

/// What is wrong with the name of a scope, and what would be right.
pub fn scope(unknown: &UnknownScope) -> String {
    if let Some((name, policy)) = unknown.0.split_once('@')
        && scopes::named(name).is_ok()
    {
        return policy.parse::<Policy>().map_or_else(|unknown| unknown.to_string(), |_| unknown.to_string());
    }
    let meant = hint(&unknown.0, scopes::all().iter().map(|scope| scope.name));
    format!("{unknown}{meant} `kickproof scopes` lists all")
}

/// What is wrong with the name of a planted bug, and what would be right.
pub fn planted(unknown: &UnknownPlanted) -> String {
    let meant = hint(&unknown.0, Planted::ALL.into_iter().map(Planted::name));
    format!("{unknown}{meant} `kickproof mutants --names` lists all")
}

/// What is wrong with a word that names no action offered at a step of a trace, and what would be right.
pub fn action(step: usize, word: &str, offered: &[String]) -> String {
    let meant = hint(word, offered.iter().map(String::as_str));
    format!("step {step} of the trace is '{}'{meant} offered there: {}", word.escape_debug(), offered.join(" "))
}

/// Of a phrase of which a word is no word at all: which one may have been meant.
pub fn word(phrase: &Phrase, words: &[String]) -> String {
    let unknown = phrase.0.iter().find(|word| !words.contains(word));
    unknown.map_or(String::new(), |unknown| hint(unknown, words.iter().map(String::as_str)))
}

/// A question for the name that is most like what was said, if one is.
fn hint<'a>(said: &str, names: impl Iterator<Item = &'a str>) -> String {
    let by_likeness = names.map(|name| (strsim::jaro_winkler(said, name), name));
    let nearest = by_likeness.max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest.filter(|(alike, _)| *alike >= ALIKE).map_or_else(|| ";".to_owned(), |(_, name)| format!("; did you mean '{name}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_asked_for_and_none_if_nothing_is_near() {
        let told = |name: &str| scope(&UnknownScope(name.to_owned()));
        assert_eq!(told("page-stroy"), "unknown scope 'page-stroy'; did you mean 'page-story'? `kickproof scopes` lists all");
        assert_eq!(told("zzz"), "unknown scope 'zzz'; `kickproof scopes` lists all");
        let known = "single, dual, triple, multi, single+refuse, dual+refuse, triple+refuse, multi+refuse";
        let own = "or like own=till,office.phone=2 with platforms of one's own, each also with +account=2 for one limit an account";
        assert_eq!(told("page-story@quad"), format!("unknown policy 'quad'; it would be one of {known}, {own}"));
        assert_eq!(
            told("page-stroy@dual"),
            "unknown scope 'page-stroy@dual'; did you mean 'page-story'? `kickproof scopes` lists all"
        );
    }
}
