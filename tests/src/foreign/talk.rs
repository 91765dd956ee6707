//! A talk with one child: a request is a line, its answer the next line with the same number. What is said is compared elsewhere.

use std::collections::BTreeSet;
use std::time::Duration;

use model::scope::Scope;
use serde::de::DeserializeOwned;

use super::answers::{Cannot, Greeting, StepAnswer};
use super::asking::{line, world};
use super::child::{Child, Launch, NoLine};
use super::deed::Deed;
use super::moment::Moment;
use super::protocol::{Body, PROTOCOL, Request};
use super::reading::broken_word;
use super::tells::Tells;
use super::trouble::Trouble;

/// How much of a line that is nonsense is shown, in letters.
const SHOWN: usize = 100;

/// So many letters of what a child says of itself, or is said of its line.
pub(super) const TOLD: usize = 300;

/// What a child says to a request.
pub(super) enum Heard<T> {
    /// What was asked for.
    Answer(T),
    /// That it cannot do it, and why.
    Cannot(String),
}

/// A child, and what it says that it tells.
pub(super) struct Talk<'a> {
    pub(super) scope: &'a Scope,
    pub(super) launch: &'a Launch,
    child: Child,
    asked: u64,
    tells: Tells,
    does: Option<BTreeSet<Deed>>,
}

impl<'a> Talk<'a> {
    /// Starts the child; nothing is said yet.
    pub(super) fn start(scope: &'a Scope, launch: &'a Launch) -> Result<Talk<'a>, Trouble> {
        let child = Child::start(launch).map_err(|error| Trouble::CannotStart { command: launch.to_string(), error })?;
        Ok(Talk { scope, launch, child, asked: 0, tells: Tells(Vec::new()), does: None })
    }

    /// What the child tells, since its last reset.
    pub(super) const fn tells(&self) -> &Tells {
        &self.tells
    }

    /// That the child says that it does all of this, or says nothing of what it does.
    pub(super) fn must_do(&self, deeds: impl IntoIterator<Item = Deed>) -> Result<(), Trouble> {
        let Some(does) = &self.does else { return Ok(()) };
        let missing: Vec<_> = deeds.into_iter().filter(|deed| !does.contains(deed)).map(Deed::name).collect();
        if missing.is_empty() { Ok(()) } else { Err(self.cannot(format!("it does not do {}", missing.join(", ")))) }
    }

    fn cannot(&self, why: String) -> Trouble {
        Trouble::Cannot { command: self.launch.to_string(), scope: self.scope.name, why }
    }

    /// The longest wait for an answer.
    pub(super) const fn slowest(&self) -> Duration {
        self.child.slowest
    }

    /// Ends the talk; the child may end by itself.
    pub(super) fn finish(self) {
        self.child.finish();
    }

    /// Adds a request to lines that will be written; its number.
    pub(super) fn ask(&mut self, body: Body, lines: &mut String) -> u64 {
        self.asked += 1;
        lines.push_str(&line(&Request { id: self.asked, body }));
        lines.push('\n');
        self.asked
    }

    /// Writes lines.
    pub(super) fn write(&mut self, lines: String) {
        self.child.write(lines.into_bytes());
    }

    /// Lets the child forget everything.
    pub(super) fn reset(&mut self) -> Result<(), Trouble> {
        let (moment, mut lines) = (Moment::Reset, String::new());
        let id = self.ask(Body::Reset(world(self.scope)), &mut lines);
        self.write(lines);
        let Greeting { protocol, tells, does, .. } = match self.hear(id, &moment, |greeting: &Greeting| greeting.id)? {
            Heard::Answer(greeting) => greeting,
            Heard::Cannot(why) => return Err(self.cannot(one_line(&why, TOLD))),
        };
        if protocol != PROTOCOL {
            let wrong = format!("it speaks '{}' and not '{PROTOCOL}'", protocol.escape_debug());
            return Err(self.nonsense(&moment, "a greeting".to_owned(), wrong));
        }
        (self.tells, self.does) = (Tells(tells), does);
        Ok(())
    }

    /// The answer to a request that was not a reset.
    pub(super) fn answer(&mut self, id: u64, moment: &Moment<'_>) -> Result<Heard<StepAnswer>, Trouble> {
        let heard = self.hear(id, moment, |answer: &StepAnswer| answer.id)?;
        if let Heard::Answer(answer) = &heard
            && let Some(broken) = broken_word(answer, &self.tells)
        {
            return Err(self.nonsense(moment, "an answer".to_owned(), broken));
        }
        Ok(heard)
    }

    /// The next line, which must be the answer to that request.
    fn hear<T: DeserializeOwned>(&mut self, id: u64, moment: &Moment<'_>, answers: fn(&T) -> u64) -> Result<Heard<T>, Trouble> {
        let line = match self.child.line() {
            Ok(line) => line,
            Err(none) => return Err(self.no_line(none, moment)),
        };
        let heard = read(line, answers);
        let wrong = match heard {
            Ok((heard, answered)) if answered == id => return Ok(heard),
            Ok((_, answered)) => format!("its id is {answered} and not {id}"),
            Err(error) => one_line(&error.to_string(), TOLD),
        };
        let came = shown(line);
        Err(self.nonsense(moment, came, wrong))
    }

    fn no_line(&self, none: NoLine, moment: &Moment<'_>) -> Trouble {
        let (command, at) = (self.launch.to_string(), moment.words(self.scope));
        match none {
            NoLine::Ended(status) => Trouble::Ended { command, status, at },
            NoLine::Closed => Trouble::Closed { command, at },
            NoLine::Silent => Trouble::Silent { command, at, limit: self.launch.limit },
            NoLine::TooLong => self.nonsense(moment, "a line without an end".to_owned(), "it is longer than 1 MiB".to_owned()),
        }
    }

    fn nonsense(&self, moment: &Moment<'_>, came: String, wrong: String) -> Trouble {
        Trouble::Nonsense { command: self.launch.to_string(), at: moment.words(self.scope), came, wrong }
    }
}

/// A line as what was asked for, or as the answer of a child that cannot, and the number of the request that it answers.
fn read<T: DeserializeOwned>(line: &[u8], answers: fn(&T) -> u64) -> Result<(Heard<T>, u64), serde_json::Error> {
    let error = match serde_json::from_slice(line) {
        Ok(answer) => {
            let id = answers(&answer);
            return Ok((Heard::Answer(answer), id));
        }
        Err(error) => error,
    };
    serde_json::from_slice(line).map(|Cannot { id, cannot }| (Heard::Cannot(cannot), id)).map_err(|_| error)
}

/// The beginning of a line, in quotes.
fn shown(line: &[u8]) -> String {
    format!("'{}'", one_line(&String::from_utf8_lossy(line), SHOWN))
}

/// What a child wrote, as part of a line of ours: no line breaks, and not too long.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let more = if text.chars().count() > most { "…" } else { "" };
    let letters = text.chars().take(most).map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.chain(more.chars()).collect()
}
