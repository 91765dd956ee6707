//! The browser driver: real pages of Chromium and a server process. That it agrees, that it goes red, and that what is missing is one line.
//! It needs Chromium and the package that `sut/web/build` makes, so that it is run when it is named:
//! `cargo test -p conformance --test browser`. Nothing here waits for a while.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod bugs;
mod turns;

use std::process::Command;

use conformance::driver::{Driver, DriverKind, package_at, serve_with};
use conformance::replay::{Walked, walk};
use conformance::token::Trace;
use conformance::tour::{Labels, moves};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;

const BINARY: &str = env!("CARGO_BIN_EXE_kickproof");
const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/web");

/// A scope, and tours that take each of its moves.
struct Moves {
    scope: Scope,
    tours: Vec<Labels>,
}

fn prepare() {
    serve_with(BINARY);
    package_at(PACKAGE);
}

impl Moves {
    fn of(name: &str) -> Moves {
        prepare();
        let scope = scopes::named(name).unwrap();
        let tours = moves(&Graph::of(&scope), 2_000);
        Moves { scope, tours }
    }

    fn walk_on(&self, driver: impl Fn(&Scope) -> Box<dyn Driver>) -> impl Iterator<Item = (Walked, usize)> {
        let walk = move |labels: &Labels| walk(&self.scope, DriverKind::Browser, driver(&self.scope).as_mut(), labels, || {});
        self.tours.iter().map(move |labels| (walk(labels), labels.len()))
    }

    fn must_agree(&self) {
        let walked = self.walk_on(|scope| DriverKind::Browser.start(scope));
        walked.for_each(|(walked, steps)| walked.must_agree(self.scope.name, steps));
    }
}

#[test]
fn the_third_of_three_pages_kicks_the_first() {
    prepare();
    let trace: Trace = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up".parse().unwrap();
    let mut driver = DriverKind::Browser.start(&trace.scope);
    walk(&trace.scope, DriverKind::Browser, driver.as_mut(), &trace.labels, || {}).must_agree("the story", trace.labels.len());
}

#[test]
fn each_move_of_pages_that_are_closed_agrees() {
    Moves::of("page-close").must_agree();
}

#[test]
fn each_move_with_links_that_fail_agrees() {
    Moves::of("reconnect").must_agree();
}

#[test]
fn each_move_with_links_that_are_half_open_agrees() {
    Moves::of("half-open").must_agree();
}

#[test]
fn each_move_with_messages_agrees() {
    Moves::of("messages").must_agree();
}

/// What a check says where something is missing.
fn missing(variable: &str) -> (i32, String) {
    let mut command = Command::new(BINARY);
    command.args(["check", "--scope", "refusals-two", "--driver", "browser"]);
    let output = command.env("KICKPROOF_WEB", PACKAGE).env(variable, "/nowhere").output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_missing_browser_is_one_line_that_says_what_to_do() {
    let line = "error: Chromium: /nowhere: no such file; install Debian's chromium, or say where it is in CHROMIUM\n";
    assert_eq!(missing("CHROMIUM"), (1, line.to_owned()));
}

#[test]
fn a_package_that_is_not_built_is_one_line_that_says_what_to_do() {
    let line = "error: /nowhere: no package for the pages: No such file or directory (os error 2); sut/web/build makes it, and KICKPROOF_WEB says where it is\n";
    assert_eq!(missing("KICKPROOF_WEB"), (1, line.to_owned()));
}
