//! Limits that only tighten: what may stand at the top level, how long a file may be, and that no test waits for a while.

use std::fs;

use super::{Text, rust_files, top};

/// The most lines of a file.
const MOST_LINES: usize = 400;

/// The most lines of code of a file that holds the rules.
const MOST_LINES_OF_RULES: usize = 150;

/// What may stand at the top level beside dotfiles and licences; `target` is where Cargo builds.
const AT_THE_TOP: [&str; 10] =
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "README.md", "model", "sut", "tests", "reports", "findings", "target"];

/// The files whose waits are virtual, on a clock that stands, and how many each has: a registry that takes its time, and the one way in
/// which a test lets time pass.
const VIRTUAL: [(&str, usize); 2] = [("sut/tests/ends/floods.rs", 2), ("sut/tests/ends/system.rs", 1)];

fn strangers(names: &[String]) -> Vec<String> {
    let known = |name: &str| AT_THE_TOP.contains(&name) || name.starts_with('.') || name.starts_with("LICENSE");
    names.iter().filter(|name| !known(name)).cloned().collect()
}

fn too_long(files: &[Text]) -> Vec<String> {
    let long = files.iter().map(|(path, text)| (path, text.lines().count())).filter(|(_, lines)| *lines > MOST_LINES);
    long.map(|(path, lines)| format!("{path}: {lines} lines")).collect()
}

/// Lines that are neither empty nor comment, up to the tests.
fn lines_of_code(text: &str) -> usize {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let before_tests = text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
    before_tests.filter(is_code).count()
}

/// The part of a text that belongs to tests: all of it in a folder of tests, else what follows the mark.
fn of_tests<'a>(path: &str, text: &'a str) -> &'a str {
    let is_test = path.split('/').any(|part| part == "tests" || part == "tests.rs");
    let after_mark = || text.find("#[cfg(test)]").map_or("", |at| &text[at..]);
    if is_test { text } else { after_mark() }
}

fn waits(files: &[Text]) -> Vec<String> {
    let call = concat!("sleep", "(");
    let waits = files.iter().map(|(path, text)| (path, of_tests(path, text).matches(call).count()));
    waits.filter(|(_, waits)| *waits > 0).map(|(path, waits)| format!("{path}: {waits}")).collect()
}

fn all_files() -> Vec<Text> {
    ["model", "sut", "tests"].into_iter().flat_map(rust_files).collect()
}

#[test]
fn nothing_else_stands_at_the_top_level() {
    let names: Vec<_> = fs::read_dir(top()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.contains(&"Cargo.toml".to_owned()));
    assert_eq!(strangers(&names), Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_400_lines() {
    assert_eq!(too_long(&all_files()), Vec::<String>::new());
}

fn check_that_it_is_short(file: &str) {
    let lines = lines_of_code(&fs::read_to_string(top().join(file)).unwrap());
    assert!((1..MOST_LINES_OF_RULES).contains(&lines), "{file}: {lines} lines of code");
}

#[test]
fn the_models_rules_fit_on_a_few_screens() {
    check_that_it_is_short("model/src/rules.rs");
}

#[test]
fn the_systems_rules_fit_on_a_few_screens() {
    check_that_it_is_short("sut/core/src/admission.rs");
}

#[test]
fn no_test_waits_for_a_while() {
    let mut waits = waits(&all_files());
    waits.sort();
    assert_eq!(waits, VIRTUAL.map(|(file, waits)| format!("{file}: {waits}")));
}

fn file(path: &str, text: &str) -> Text {
    (path.to_owned(), text.to_owned())
}

#[test]
fn a_folder_or_file_too_many_is_noticed() {
    let names = ["model", "utils", ".ci", "LICENSE-MIT", "notes.md"].map(str::to_owned);
    assert_eq!(strangers(&names), ["utils", "notes.md"]);
}

#[test]
fn a_line_too_many_is_noticed() {
    let files = [file("a.rs", &"x\n".repeat(401)), file("b.rs", &"x\n".repeat(400))];
    assert_eq!(too_long(&files), ["a.rs: 401 lines"]);
}

#[test]
fn comments_and_tests_are_no_lines_of_rules() {
    assert_eq!(lines_of_code("//! rules\n\nfn rule() {\n    // why\n}\n\n#[cfg(test)]\nmod tests;\n"), 2);
}

#[test]
fn a_wait_in_a_test_is_noticed_and_one_in_production_is_not() {
    let wait = concat!("tokio::time::sleep", "(Duration::ZERO)");
    let tested = format!("fn production() {{}}\n#[cfg(test)]\nmod tests {{ {wait} }}");
    let files = [file("sut/src/timers.rs", wait), file("sut/src/link.rs", &tested), file("sut/tests/ends.rs", wait)];
    assert_eq!(waits(&files), ["sut/src/link.rs: 1", "sut/tests/ends.rs: 1"]);
}
