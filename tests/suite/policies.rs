//! Policies as files state them: the schema and the reader refuse the same, each in one line, and the file of the documentation is what its
//! words say.

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
const BROKEN: [(&str, Seen, &str); 21] = [];

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
