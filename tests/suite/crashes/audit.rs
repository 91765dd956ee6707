//! The books of a crowd, compared: what the backend was told, what the log of kicks says, and what each page saw. It starts and kills
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::page::{Habit, Page, Sent};
use crate::receiver::Taken;

/// The callbacks of one account by commit and index, each once.
type Told<'a> = BTreeMap<(u64, u64), &'a Taken>;

/// A line of the log of kicks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    account: String,
    version: u64,
    session: String,
    reason: String,
    cause: String,
    again: bool,
}

/// The lines of a log.
pub(crate) fn lines(log: &str) -> Vec<Line> {
    log.lines().map(line).collect()
}

fn line(line: &str) -> Line {
    let line: Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    let (version, again) = (line["version"].as_u64().unwrap(), line["again"].as_bool().unwrap_or_default());
    Line { account: text("account"), version, session: text("session"), reason: text("reason"), cause: text("cause"), again }
}

fn place(taken: &Taken) -> (u64, u64) {
    let (version, index) = taken.place.split_once('.').unwrap();
    (version.parse().unwrap(), index.parse().unwrap())
}

/// HOOK-2: what an account's backend was told, each callback at least once, in order, and never two under one id.
pub(crate) fn told_in_order<'a>(taken: &'a [Taken], account: &str) -> Told<'a> {
    let mut told = Told::new();
    for taken in taken.iter().filter(|taken| taken.account() == account) {
        let (place, newest) = (place(taken), told.last_key_value().map(|(newest, _)| *newest));
        match told.get(&place) {
            Some(before) => assert_eq!((&taken.id, &taken.body), (&before.id, &before.body), "{place:?} means two things"),
            None => assert!(newest < Some(place), "{place:?} comes behind {newest:?}"),
        }
        told.insert(place, taken);
    }
    assert_eq!(told.values().map(|taken| &taken.id).collect::<BTreeSet<_>>().len(), told.len(), "an id came twice");
    told
}

fn victims(taken: &Taken) -> usize {
    let body: Value = serde_json::from_str(&taken.body).unwrap();
    body["KickedDevice"].as_array().map_or(0, Vec::len)
}

fn is(taken: &Taken, reason: &str) -> bool {
    let body: Value = serde_json::from_str(&taken.body).unwrap();
    body["Info"]["Reason"] == reason
}

/// Every kick that was committed was told to the backend, by the commit that the log names.
pub(crate) fn kicks_were_told(told: &Told, lines: &[Line], account: &str) {
    let mine: Vec<_> = lines.iter().filter(|line| line.account == account).collect();
    let mut commits: BTreeMap<(u64, &str), usize> = BTreeMap::new();
    for line in mine.iter().filter(|line| !line.again) {
        *commits.entry((line.version, &line.cause)).or_default() += 1;
    }
    for ((version, cause), kicked) in commits {
        match cause {
            "login" => assert_eq!(told.get(&(version, 0)).map(|taken| victims(taken)), Some(kicked), "{account}/{version}"),
            "rest" => {
                let of_commit = told.range((version, 0)..(version + 1, 0)).filter(|(_, taken)| is(taken, "Unregister"));
                assert_eq!(of_commit.count(), kicked, "{account}/{version}");
            }
            other => panic!("nobody's UserSig expired: {other}"),
        }
    }
    let by_login: BTreeSet<_> = mine.iter().filter(|line| line.cause == "login").map(|line| &line.session).collect();
    assert_eq!(told.values().map(|taken| victims(taken)).sum::<usize>(), by_login.len(), "{account}");
}

/// Every admission and every resume that a page heard of was told to the backend.
pub(crate) fn admissions_were_told(told: &Told, pages: &[Page], account: &str) {
    let heard: usize = pages.iter().filter(|page| page.user_id == account).map(|page| page.notes.logins + page.notes.resumes).sum();
    let registered = told.values().filter(|taken| is(taken, "Register")).count();
    assert!(registered >= heard, "{account}: {heard} logins and resumes, {registered} callbacks");
}

/// Every kick that a page learnt of stands in the log, with its session and its reason.
pub(crate) fn kicks_are_logged(pages: &[Page], lines: &[Line]) {
    let logged: BTreeSet<_> = lines.iter().map(|line| (&*line.account, &*line.session, &*line.reason)).collect();
    for page in pages {
        for (session, reason) in &page.notes.kicked {
            let (session, reason) = (session.to_string(), serde_json::to_value(reason).unwrap());
            let kick = (&*page.user_id, &*session, reason.as_str().unwrap());
            assert!(logged.contains(&kick), "{kick:?} is in no line of the log");
        }
    }
}

/// MSG-2: nobody received a message twice; and whoever was online received it, unless he was told since that messages may be lost.
pub(crate) fn no_message_is_doubled_or_lost(pages: &[Page]) {
    for page in pages {
        let distinct: BTreeSet<_> = page.notes.received.iter().map(|id| id.0).collect();
        assert_eq!(distinct.len(), page.notes.received.len(), "{} received a message twice", page.user_id);
    }
    for (receiver, page) in pages.iter().enumerate().filter(|(_, page)| page.habit == Habit::Stays) {
        for (sender, from) in pages.iter().enumerate().filter(|(sender, _)| *sender != receiver) {
            let due = |sent: &&Sent| page.user_id == sent.to || page.user_id == from.user_id;
            for sent in from.notes.sent.iter().filter(due).filter(|sent| page.notes.online_since < Some(sent.since)) {
                let received = page.notes.received.contains(&sent.id);
                let excused = page.notes.lost.iter().any(|lost| *lost > sent.since);
                assert!(received || excused, "page {receiver} of {} misses a message of page {sender}", page.user_id);
            }
        }
    }
}
