//! Policies as files state them: the schema and the reader refuse the same, each in one line, and the file of the documentation is what its
//! words say.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod served;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use sut::config::Draft;

use crate::two_sides::top;

/// What of a file the schema cannot see: it is no TOML, or one of its keys speaks of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    BySchema,
    ByReader,
}

/// Files that state no policy, who sees that, and the line that says so.
const BROKEN: [(&str, Seen, &str); 28] = [
    ("classes", Seen::ByReader, "line 1: key with no value, expected `=`"),
    (
        "counts = \"account\"",
        Seen::BySchema,
        "line 1: unknown field `counts`, expected one of `classes`, `limits`, `counted`, `limit`, `at_limit`",
    ),
    ("at_limit = \"ask\"", Seen::BySchema, "at_limit: \"ask\" is nothing that becomes of a newcomer; kick and refuse are"),
    ("at_limit = true", Seen::BySchema, "line 1: at_limit: invalid type: boolean `true`, expected a string"),
    ("counted = \"class\"", Seen::BySchema, "counted: \"class\" is nothing that a limit counts; platform and account are"),
    (
        "counted = \"account\"",
        Seen::BySchema,
        "limit is missing; counted = \"account\" needs how many instances an account may have online, as in limit = 2",
    ),
    ("counted = \"account\"\nlimit = 0", Seen::BySchema, "limit: 0 is out of range; 1..=255 is allowed"),
    ("counted = \"account\"\nlimit = 256", Seen::BySchema, "limit: 256 is out of range; 1..=255 is allowed"),
    (
        "counted = \"account\"\nlimit = \"2\"",
        Seen::BySchema,
        "line 2: limit: invalid type: string \"2\", expected a whole number without quotes, as in 60",
    ),
    (
        "limit = 2",
        Seen::BySchema,
        "limit: platforms are counted, each by its own; state counted = \"account\", or [limits] by platform",
    ),
    (
        "counted = \"account\"\nlimit = 2\n[classes]\ndesk = [\"till\"]\n[limits]\ntill = 1",
        Seen::BySchema,
        "limits: counted = \"account\" has one limit, beside which those of platforms count for nothing; leave limits out",
    ),
    (
        "classes = \"quad\"",
        Seen::BySchema,
        "line 1: classes: \"quad\" are no classes; single, dual, triple and multi are, or a table, as in desk = [\"till\"]",
    ),
    (
        "classes = [\"till\"]",
        Seen::BySchema,
        "line 1: classes: invalid type: sequence, expected a table of classes, as in desk = [\"till\"], or one of \"single\", \"dual\", \"triple\" and \"multi\"",
    ),
    (
        "classes = 3",
        Seen::BySchema,
        "line 1: classes: invalid type: integer `3`, expected a table of classes, as in desk = [\"till\"], or one of \"single\", \"dual\", \"triple\" and \"multi\"",
    ),
    ("classes = {}", Seen::BySchema, "classes: there is no class; one would be a list of platforms, as in desk = [\"till\"]"),
    (
        "[classes]\ndesk = \"till\"",
        Seen::BySchema,
        "line 2: desk: invalid type: string \"till\", expected a list of texts, as in [\"admin\"]",
    ),
    ("[classes]\ndesk = [1]", Seen::BySchema, "line 2: desk: invalid type: integer `1`, expected a string"),
    ("[classes]\ndesk = []", Seen::BySchema, "classes: desk is empty; it would have a platform"),
    (
        "[classes]\ndesk = [\"till\", \"till\"]",
        Seen::BySchema,
        "classes: till stands there twice; a platform is in one class, once",
    ),
    (
        "[classes]\ndesk = [\"till\"]\nmobile = [\"phone\", \"till\"]",
        Seen::ByReader,
        "classes: till stands there twice; a platform is in one class, once",
    ),
    ("[classes]\ndesk = [\"till\"]\ndesk = [\"office\"]", Seen::ByReader, "line 3: desk: duplicate key"),
    (
        "[classes]\ndesk = [\"a till\"]",
        Seen::BySchema,
        "classes: \"a till\" can be no platform; one is Web, Android, iPhone, iPad, Windows, Mac, Linux, or a name of one's own: 1 to 16 ASCII letters, digits, - or _, and not Web, Android, iPhone, iPad, Windows, Mac or Linux in other letters",
    ),
    (
        "[classes]\ndesk = [\"web\"]",
        Seen::BySchema,
        "classes: \"web\" can be no platform; one is Web, Android, iPhone, iPad, Windows, Mac, Linux, or a name of one's own: 1 to 16 ASCII letters, digits, - or _, and not Web, Android, iPhone, iPad, Windows, Mac or Linux in other letters",
    ),
    (
        "[classes]\ndesk = [\"till\"]\n[limits]\nphone = 2",
        Seen::ByReader,
        "limits: \"phone\" is in no class; the platforms are till",
    ),
    (
        "[classes]\ndesk = [\"till\"]\n[limits]\ntill = 0",
        Seen::BySchema,
        "limits: a limit of 0 for till is out of range; 1..=255 is allowed",
    ),
    (
        "[classes]\ndesk = [\"till\"]\n[limits]\ntill = 256",
        Seen::BySchema,
        "limits: a limit of 256 for till is out of range; 1..=255 is allowed",
    ),
    (
        "[classes]\ndesk = [\"till\"]\n[limits]\ntill = \"2\"",
        Seen::BySchema,
        "line 4: till: invalid type: string \"2\", expected a whole number without quotes, as in 60",
    ),
    (
        "[limits]\nWeb = 2",
        Seen::BySchema,
        "limits: those of the vendor's platforms are no policy's; leave them out here, or state classes of your own, as in desk = [\"till\"]",
    ),
];

fn folder() -> PathBuf {
    top().join("tests/policies")
}

fn schema() -> Validator {
    let text = fs::read_to_string(folder().join("policy.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A file's content as the schema sees it, if it is TOML.
fn parsed(text: &str) -> Option<Value> {
    toml::from_str(text).ok()
}

/// The policy of a file, or the line that says what is wrong with it.
fn stated(path: &Path) -> Result<String, String> {
    let path = path.to_str().unwrap();
    Draft::policy(path).map(|policy| policy.to_string()).map_err(|error| error.to_string().replace(path, "FILE"))
}

fn stated_in(text: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    fs::write(&path, text).unwrap();
    stated(&path)
}

/// The policies of the repository, by their files' names.
fn kept() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut kept: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    kept.sort();
    kept
}

/// The policies that a page shows.
fn shown(page: &str) -> Vec<&str> {
    page.split("```toml\n").skip(1).filter_map(|behind| behind.split_once("```")).map(|(block, _)| block).collect()
}

#[test]
fn what_is_wrong_with_a_file_is_one_line_that_names_file_key_and_what_would_be_right() {
    let schema = schema();
    for (text, seen, expected) in BROKEN {
        assert_eq!(stated_in(text), Err(format!("FILE: {expected}")), "{text}");
        let is_by_schema = parsed(text).is_some_and(|value| schema.is_valid(&value));
        assert!(seen == Seen::ByReader || !is_by_schema, "{text}");
        assert!(seen == Seen::BySchema || is_by_schema || parsed(text).is_none(), "the schema sees it: {text}");
    }
}

#[test]
fn each_file_of_the_repository_is_by_the_schema_and_states_a_policy() {
    let schema = schema();
    assert!(!kept().is_empty());
    for path in kept() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(schema.is_valid(&parsed(&text).unwrap()), "{}", path.display());
        stated(&path).unwrap();
    }
}

#[test]
fn the_policy_that_a_page_shows_is_the_file_beside_it() {
    let shown = shown(include_str!("../README.md"));
    assert_eq!(shown, [fs::read_to_string(folder().join("branch.toml")).unwrap()]);
}
