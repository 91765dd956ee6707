//! The lines of a scope that is open, as words: what is so of each of its instances and records, and what is seen of each move. It compares
//! words, and knows no rule.

use std::collections::BTreeSet;

use model::observation::Item;
use model::scope::Scope;

use super::facts::{About, Fact, of_instance, of_server};
use super::index::{Index, Move};
use super::query::{Phrase, Want, words_of};
use crate::naming;
use crate::nearest;

/// A phrase that no line of the scope has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no state and no move of {scope} has the words '{phrase}'{}", nearest::word(.phrase, .words))]
pub struct Nowhere {
    /// The scope.
    pub scope: &'static str,
    /// The phrase.
    pub phrase: Phrase,
    /// The words that its lines have.
    pub words: Vec<String>,
}

/// All lines.
pub struct Lines {
    scope: &'static str,
    /// For each seat those of each instance.
    seats: Vec<Vec<Vec<Line>>>,
    servers: Vec<Vec<Line>>,
    moves: Vec<Vec<Line>>,
}

/// A line's words.
struct Line {
    words: Vec<String>,
    /// Whether it lists something: then a phrase in it goes on to its end.
    lists: bool,
}

/// Where a phrase stands.
pub struct Has {
    seats: Vec<Vec<bool>>,
    servers: Vec<bool>,
    moves: Vec<bool>,
}

impl Lines {
    /// Those of an open scope.
    pub fn of(index: &Index) -> Lines {
        let scope = index.scope();
        let of_seat = |instance| index.instances.iter().map(|seat| facts(of_instance(scope, instance, seat))).collect();
        Lines {
            scope: scope.name,
            seats: scope.instances().map(of_seat).collect(),
            servers: index.servers.iter().map(|server| facts(of_server(scope, server))).collect(),
            moves: index.moves().different.iter().map(|made| seen(scope, made)).collect(),
        }
    }

    /// Where a phrase stands.
    pub fn with(&self, phrase: &Phrase) -> Has {
        let among = |lines: &[Vec<Line>]| lines.iter().map(|lines| lines.iter().any(|line| line.has(phrase))).collect();
        let seats = self.seats.iter().map(|seat| among(seat)).collect();
        Has { seats, servers: among(&self.servers), moves: among(&self.moves) }
    }

    /// Whether each phrase stands somewhere, with some instance's name for `X`.
    ///
    /// # Errors
    /// [`Nowhere`] of the first that does not.
    pub fn must_have(&self, want: &Want, names: &[&str]) -> Result<(), Nowhere> {
        let stands = |phrase: &Phrase| {
            let Has { seats, servers, moves } = self.with(phrase);
            seats.iter().chain([&servers, &moves]).any(|has| has.contains(&true))
        };
        let is_anywhere = |phrase: &&Phrase| Want::Phrase((*phrase).clone()).of_one_of(names).phrases().any(stands);
        match want.phrases().find(|phrase| !is_anywhere(phrase)) {
            None => Ok(()),
            Some(phrase) => Err(Nowhere { scope: self.scope, phrase: phrase.clone(), words: self.words() }),
        }
    }

    fn words(&self) -> Vec<String> {
        let all = self.seats.iter().flatten().chain(&self.servers).chain(&self.moves).flatten();
        all.flat_map(|line| &line.words).collect::<BTreeSet<_>>().into_iter().cloned().collect()
    }
}

impl Has {
    /// Whether it is so in a state of these parts.
    pub fn is_so(&self, parts: &[u32]) -> bool {
        let mut seats = parts.iter().zip(&self.seats);
        seats.any(|(number, has)| has[*number as usize]) || parts.last().is_some_and(|server| self.servers[*server as usize])
    }

    /// Whether it is seen of that move.
    pub fn is_seen(&self, made: u32) -> bool {
        self.moves[made as usize]
    }

    /// Whether it is so in some state.
    pub fn is_of_states(&self) -> bool {
        self.servers.contains(&true) || self.seats.iter().any(|seat| seat.contains(&true))
    }

    /// Whether it is seen of some move.
    pub fn is_of_moves(&self) -> bool {
        self.moves.contains(&true)
    }
}

impl Line {
    fn of(text: &str) -> Line {
        Line { words: words_of(text), lists: false }
    }

    fn has(&self, phrase: &Phrase) -> bool {
        let (words, asked) = (&self.words, &phrase.0);
        if self.lists { words.ends_with(asked) } else { words.windows(asked.len()).any(|part| part == asked) }
    }
}

fn facts(facts: Vec<Fact>) -> Vec<Line> {
    let line = |Fact { of, about, text }| Line {
        words: words_of(&format!("{of} {text}")),
        lists: about == About::Account && text.starts_with("online "),
    };
    facts.into_iter().map(line).collect()
}

/// What is seen of a move: the word of its action, what it delivers, each thing seen, and the rules that act.
fn seen(scope: &Scope, made: &Move) -> Vec<Line> {
    let mut lines = vec![Line::of(&made.action.word(scope))];
    lines.extend(made.carried.map(|frame| Line::of(&format!("delivers {}", naming::frame(frame)))));
    for item in &made.items {
        lines.push(Line::of(&naming::item(scope, *item)));
        if let Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } = item {
            lines.push(Line::of(&format!("{} told {}", scope.name_of(item.instance()), naming::told(*item))));
        }
    }
    lines.extend(made.acting.iter().map(|rule| Line::of(&format!("{rule} acts"))));
    lines
}
