//! What is done to a journal to corrupt it, and where that must be noticed. It judges nothing.

use serde_json::Value;
use sut::admission::Kicked;
use sut::journal::{Line, ServerEvent, ServerLine};
use sut::session::{KeyDigest, Session};

/// What is done to a line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// It is gone, as if it had never been: those behind it are numbered anew.
    Unmade,
    /// It is there twice, numbered as if it had been.
    Repeated,
    /// It stands behind the next line of its sequence, numbered as if it had been so.
    Late,
    /// It says this instead of that.
    Says(&'static str, &'static str),
    /// It names another victim: whoever was admitted before its newcomer.
    OtherVictim,
    /// It names all victims but the first.
    OneVictimLess,
    /// What it leads to stays, but the UserSig of the resume before it was signed with another key.
    BadUserSig,
    /// It names another link.
    Epoch(u64),
    /// It does not say that, wherever it said it.
    Omits(&'static str),
    /// What it says under that name is this.
    Sets(&'static str, &'static str),
    /// This line stands behind it, numbered as if it belonged there.
    Followed(&'static str),
    /// It is missing from the file.
    Dropped,
    /// It is in the file twice.
    Doubled,
    /// It stands in the file behind the next line of its sequence.
    Reordered,
}

/// Which line must be the first that is not explained.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// The one that was edited.
    It,
    /// The one that stands behind it in its sequence.
    Next,
    /// The first thing that happens behind it in its sequence.
    Turn,
}

/// Whose sequence a line stands in; `None` is the node's.
fn owner(line: &Line) -> Option<KeyDigest> {
    match line {
        Line::Client(line) => Some(line.instance),
        Line::Server(_) => None,
    }
}

fn is_deed(line: &Line) -> bool {
    match line {
        Line::Client(line) => line.event.is_deed(),
        Line::Server(line) => line.event.is_deed(),
    }
}

fn parsed(text: &str) -> Line {
    serde_json::from_str(text).unwrap()
}

/// Where in the file the line stands that comes next in the same sequence, and passes.
fn next(lines: &[String], at: usize, of: Option<KeyDigest>, pass: impl Fn(&Line) -> bool) -> usize {
    let follows = |line: &String| Some(parsed(line)).is_some_and(|line| owner(&line) == of && pass(&line));
    at + lines[at..].iter().position(follows).expect("a line follows")
}

/// Edits the line with that number, from 0; the number of the line, from 1, at which it must be noticed.
pub(crate) fn corrupt(lines: &mut Vec<String>, number: usize, edit: Edit, at: At) -> usize {
    let of = owner(&parsed(&lines[number]));
    let after = next(lines, number + 1, of, |_| true);
    match edit {
        Edit::Unmade | Edit::Dropped => drop(lines.remove(number)),
        Edit::Repeated | Edit::Doubled => lines.insert(number + 1, lines[number].clone()),
        Edit::Late | Edit::Reordered => lines.swap(number, after),
        Edit::OtherVictim => {
            let other =
                lines[..number].iter().rev().find_map(|line| admitted(&parsed(line))).expect("somebody was admitted before");
            change_victims(&mut lines[number], |victims| victims[0].session = other);
        }
        Edit::OneVictimLess => change_victims(&mut lines[number], |victims| {
            victims.remove(0);
        }),
        Edit::Omits(name) => {
            let mut line = serde_json::from_str(&lines[number]).unwrap();
            assert!(set(&mut line, name, None), "{line} has no {name}");
            lines[number] = line.to_string();
        }
        Edit::Sets(name, value) => {
            let mut line = serde_json::from_str(&lines[number]).unwrap();
            assert!(set(&mut line, name, serde_json::from_str(value).ok().as_ref()), "{line} has no {name}");
            lines[number] = line.to_string();
        }
        Edit::BadUserSig => {
            let resume = lines[..number].iter_mut().rev().find(|line| line.contains("\"frame\":\"resume\"")).expect("a resume");
            *resume = resume.replace("\"wrong\":null", "\"wrong\":70009");
        }
        Edit::Epoch(epoch) => {
            let mut line = parsed(&lines[number]);
            match &mut line {
                Line::Client(line) => line.epoch = epoch,
                Line::Server(line) => line.epoch = Some(epoch),
            }
            lines[number] = serde_json::to_string(&line).unwrap();
        }
        Edit::Followed(line) => lines.insert(number + 1, line.to_owned()),
        Edit::Says(this, instead) => {
            assert!(lines[number].contains(this), "{} does not say {this}", lines[number]);
            lines[number] = lines[number].replacen(this, instead, 1);
        }
    }
    if matches!(edit, Edit::Unmade | Edit::Repeated | Edit::Late | Edit::Followed(_)) {
        number_anew(lines, of);
    }
    let gone = matches!(edit, Edit::Unmade | Edit::Dropped);
    let behind = if gone { number } else { number + 1 };
    1 + match at {
        At::It => number,
        At::Next => next(lines, behind, of, |_| true),
        At::Turn => next(lines, behind, of, |line| !is_deed(line)),
    }
}

/// Sets every field of that name, or takes it out. Whether there was one.
fn set(value: &mut Value, name: &str, to: Option<&Value>) -> bool {
    let Value::Object(fields) = value else { return false };
    let had = fields.remove(name).is_some();
    if let (true, Some(to)) = (had, to) {
        fields.insert(name.to_owned(), to.clone());
    }
    fields.values_mut().fold(had, |had, field| set(field, name, to) | had)
}

fn admitted(line: &Line) -> Option<Session> {
    match line {
        Line::Server(ServerLine { event: ServerEvent::Commit(change), .. }) => change.admitted.clone(),
        Line::Server(_) | Line::Client(_) => None,
    }
}

fn change_victims(text: &mut String, change: impl FnOnce(&mut Vec<Kicked>)) {
    let mut line = parsed(text);
    if let Line::Server(ServerLine { event: ServerEvent::Commit(done), .. }) = &mut line {
        change(&mut done.kicked);
    }
    *text = serde_json::to_string(&line).unwrap();
}

fn number_anew(lines: &mut [String], of: Option<KeyDigest>) {
    let mut seq = 0;
    for text in lines {
        let mut line = parsed(text);
        if owner(&line) == of {
            seq += 1;
            match &mut line {
                Line::Client(line) => line.seq = seq,
                Line::Server(line) => line.seq = seq,
            }
            *text = serde_json::to_string(&line).unwrap();
        }
    }
}
