//! A question to a scope in words: phrases, put together by `and` (or a comma), `or`, `not` and brackets, and what came before by
//! `preceded by`. It reads questions; it finds nothing.

use std::fmt;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Of what.
    pub want: Want,
    /// What must have been the case on the way, if anything.
    pub before: Option<Want>,
    /// Whether the way begins where the person stands, and not where everything begins.
    pub from_here: bool,
}

/// What a state, or a move in a state, must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want<P = Phrase> {
    /// One of its lines has these words.
    Phrase(P),
    /// Not that.
    Not(Box<Want<P>>),
    /// All of them.
    All(Vec<Want<P>>),
    /// One of them.
    Any(Vec<Want<P>>),
}

/// Words that stand one behind the other in a line. In a line that lists things they must go on to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phrase(pub Vec<String>);

/// Why a text is no question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// There is nothing.
    #[error("nothing is asked; ask like 'online a: a2 a3' or 'a1 told KICKED_OUT and KICK-2 acts'")]
    Empty,
    /// A word stands where something must follow it.
    #[error("something must follow '{0}', like 'online a: nobody {0} a1 ready'")]
    Open(String),
    /// A bracket is open, or closed twice.
    #[error("a bracket has no partner")]
    Bracket,
    /// A quotation does not end.
    #[error("a quotation mark has no partner")]
    Quotation,
}

/// A piece of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    And,
    Or,
    Not,
    Open,
    Close,
    Words(Vec<String>),
}

impl Query {
    /// Reads a question.
    ///
    /// # Errors
    /// [`BadQuery`], in a line that says what would be right.
    pub fn parse(text: &str) -> Result<Query, BadQuery> {
        let (text, from_here) = match text.trim().strip_suffix("from here") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let mut parts = text.splitn(2, "preceded by");
        let want = Want::parse(parts.next().unwrap_or_default())?;
        let before = parts.next().map(|before| match Want::parse(before) {
            Err(BadQuery::Empty) => Err(BadQuery::Open("preceded by".to_owned())),
            read => read,
        });
        Ok(Query { want, before: before.transpose()?, from_here })
    }
}

impl Want {
    fn parse(text: &str) -> Result<Want, BadQuery> {
        let pieces = pieces(text)?;
        let mut rest = pieces.as_slice();
        if rest.is_empty() {
            return Err(BadQuery::Empty);
        }
        let want = any(&mut rest)?;
        if rest.is_empty() { Ok(want) } else { Err(BadQuery::Bracket) }
    }

    /// The same for some instance, whose name stands wherever `X` does.
    #[must_use]
    pub fn of_one_of(self, names: &[&str]) -> Want {
        if !self.phrases().any(|phrase| phrase.0.iter().any(|word| word == SOMEONE)) {
            return self;
        }
        let named = |word: &String, name: &str| if word == SOMEONE { name.to_owned() } else { word.clone() };
        let of = |name: &&str| self.map(&mut |phrase| Phrase(phrase.0.iter().map(|word| named(word, name)).collect()));
        Want::Any(names.iter().map(of).collect())
    }
}

impl<P> Want<P> {
    /// Every phrase in it.
    pub fn phrases(&self) -> impl Iterator<Item = &P> {
        let mut phrases = Vec::new();
        self.collect(&mut phrases);
        phrases.into_iter()
    }

    fn collect<'a>(&'a self, phrases: &mut Vec<&'a P>) {
        match self {
            Want::Phrase(phrase) => phrases.push(phrase),
            Want::Not(want) => want.collect(phrases),
            Want::All(wants) | Want::Any(wants) => wants.iter().for_each(|want| want.collect(phrases)),
        }
    }

    /// The same of other phrases.
    pub fn map<Q>(&self, of: &mut impl FnMut(&P) -> Q) -> Want<Q> {
        match self {
            Want::Phrase(phrase) => Want::Phrase(of(phrase)),
            Want::Not(want) => Want::Not(Box::new(want.map(of))),
            Want::All(wants) => Want::All(wants.iter().map(|want| want.map(of)).collect()),
            Want::Any(wants) => Want::Any(wants.iter().map(|want| want.map(of)).collect()),
        }
    }

    /// Whether it holds, where `has` says which phrases do.
    pub fn holds(&self, has: &impl Fn(&P) -> bool) -> bool {
        match self {
            Want::Phrase(phrase) => has(phrase),
            Want::Not(want) => !want.holds(has),
            Want::All(wants) => wants.iter().all(|want| want.holds(has)),
            Want::Any(wants) => wants.iter().any(|want| want.holds(has)),
        }
    }
}

/// What stands for any instance, the same one wherever it stands.
const SOMEONE: &str = "x";

fn any(rest: &mut &[Piece]) -> Result<Want, BadQuery> {
    joined(rest, &Piece::Or, "or", Want::Any, all)
}

fn all(rest: &mut &[Piece]) -> Result<Want, BadQuery> {
    joined(rest, &Piece::And, "and", Want::All, one)
}

/// One part, or several with that piece between them.
fn joined(
    rest: &mut &[Piece],
    between: &Piece,
    word: &str,
    join: impl Fn(Vec<Want>) -> Want,
    part: impl Fn(&mut &[Piece]) -> Result<Want, BadQuery>,
) -> Result<Want, BadQuery> {
    let mut parts = vec![part(rest)?];
    while rest.first() == Some(between) {
        *rest = &rest[1..];
        if rest.is_empty() {
            return Err(BadQuery::Open(word.to_owned()));
        }
        parts.push(part(rest)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
}

fn one(rest: &mut &[Piece]) -> Result<Want, BadQuery> {
    let Some((first, behind)) = rest.split_first() else { return Err(BadQuery::Bracket) };
    *rest = behind;
    match first {
        Piece::Words(words) => Ok(Want::Phrase(Phrase(words.clone()))),
        Piece::Not if behind.is_empty() => Err(BadQuery::Open("not".to_owned())),
        Piece::Not => Ok(Want::Not(Box::new(one(rest)?))),
        Piece::Open => {
            let within = any(rest)?;
            match rest.split_first() {
                Some((Piece::Close, behind)) => *rest = behind,
                _ => return Err(BadQuery::Bracket),
            }
            Ok(within)
        }
        Piece::And => Err(BadQuery::Open("and".to_owned())),
        Piece::Or => Err(BadQuery::Open("or".to_owned())),
        Piece::Close => Err(BadQuery::Bracket),
    }
}

/// The pieces of a question: what is in quotation marks is words only.
fn pieces(text: &str) -> Result<Vec<Piece>, BadQuery> {
    let mut pieces = Vec::new();
    let mut parts = text.split('"');
    if parts.clone().count().is_multiple_of(2) {
        return Err(BadQuery::Quotation);
    }
    if let Some(first) = parts.next() {
        unquoted(first, &mut pieces);
    }
    while let (Some(quoted), Some(behind)) = (parts.next(), parts.next()) {
        words_of(quoted).into_iter().for_each(|word| add(word, &mut pieces));
        unquoted(behind, &mut pieces);
    }
    Ok(pieces)
}

fn unquoted(text: &str, pieces: &mut Vec<Piece>) {
    let spaced = text.replace(',', " , ").replace('(', " ( ").replace(')', " ) ");
    for word in spaced.split_whitespace() {
        match word {
            "and" | "," => pieces.push(Piece::And),
            "or" => pieces.push(Piece::Or),
            "not" => pieces.push(Piece::Not),
            "(" => pieces.push(Piece::Open),
            ")" => pieces.push(Piece::Close),
            word => words_of(word).into_iter().for_each(|word| add(word, pieces)),
        }
    }
}

fn add(word: String, pieces: &mut Vec<Piece>) {
    match pieces.last_mut() {
        Some(Piece::Words(words)) => words.push(word),
        _ => pieces.push(Piece::Words(vec![word])),
    }
}

/// A text's words: letters, digits, and what stands within a name (`KICK-2`, `a1.login`, `SDK_READY`), in small letters.
pub fn words_of(text: &str) -> Vec<String> {
    let is_of_a_word = |letter: char| letter.is_alphanumeric() || "-_.'#".contains(letter);
    let words = text.split(|letter| !is_of_a_word(letter)).map(|word| word.trim_matches(['.', '-']));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(words: &str) -> Want {
        Want::Phrase(Phrase(words.split(' ').map(str::to_owned).collect()))
    }

    #[test]
    fn phrases_are_joined_by_words_commas_and_brackets() {
        let read = |text: &str| Query::parse(text).unwrap().want;
        assert_eq!(read("online a: a2 a3"), phrase("online a a2 a3"));
        assert_eq!(read("a1 ready, not a2 ready"), Want::All(vec![phrase("a1 ready"), Want::Not(Box::new(phrase("a2 ready")))]));
        let either = Want::Any(vec![phrase("a"), phrase("b")]);
        assert_eq!(read("(a or b) and KICK-2 acts"), Want::All(vec![either, phrase("kick-2 acts")]));
        assert_eq!(read("\"posted and taken\" or b"), Want::Any(vec![phrase("posted and taken"), phrase("b")]));
    }

    #[test]
    fn what_came_before_and_where_the_way_begins_are_read() {
        let query = Query::parse("a1 told KICKED_OUT preceded by a1.logout from here").unwrap();
        let [want, before] = [phrase("a1 told kicked_out"), phrase("a1.logout")];
        assert_eq!(query, Query { want, before: Some(before), from_here: true });
    }

    #[test]
    fn what_is_no_question_is_told_in_one_line() {
        let told = |text: &str| Query::parse(text).unwrap_err();
        assert_eq!(told("  "), BadQuery::Empty);
        assert_eq!(told("a and"), BadQuery::Open("and".to_owned()));
        assert_eq!(told("or a"), BadQuery::Open("or".to_owned()));
        assert_eq!(told("not"), BadQuery::Open("not".to_owned()));
        assert_eq!(told("a preceded by "), BadQuery::Open("preceded by".to_owned()));
        assert_eq!(told("(a"), BadQuery::Bracket);
        assert_eq!(told("a)"), BadQuery::Bracket);
        assert_eq!(told("\"a"), BadQuery::Quotation);
    }

    #[test]
    fn one_instance_stands_for_x_everywhere() {
        let want = Query::parse("X kicked and X ready").unwrap().want;
        let of = |name: &str| Want::All(vec![phrase(&format!("{name} kicked")), phrase(&format!("{name} ready"))]);
        assert_eq!(want.of_one_of(&["a1", "a2"]), Want::Any(vec![of("a1"), of("a2")]));
        assert_eq!(phrase("a1 ready").of_one_of(&["a1"]), phrase("a1 ready"));
    }
}
