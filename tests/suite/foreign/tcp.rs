//! The example over real sockets: a server of somebody's own behind TCP, and an adapter that is its client. It conforms, and a server that
//! is wrong does not.

use std::fs;

use conformance::check::Silent;
use conformance::foreign::{Conformed, Course};
use model::scopes;
use tempfile::tempdir;

use super::{documented, launch, patient};

/// What is found of the adapter with its server, in which one text is another.
fn conformed(text: &str, other: &str) -> Conformed {
    let folder = tempdir().unwrap();
    for name in ["adapter.py", "server.py"] {
        fs::copy(documented("tcp").join(name), folder.path().join(name)).unwrap();
    }
    let server = folder.path().join("server.py");
    let source = fs::read_to_string(&server).unwrap();
    assert_eq!(source.matches(text).count(), 1, "{text}");
    fs::write(server, source.replace(text, other)).unwrap();
    let adapter = folder.path().join("adapter.py");
    let course = Course::of(&scopes::named("refusals-two").unwrap());
    course.conform(&launch(&["python3", adapter.to_str().unwrap()]), &patient(), &Silent).unwrap()
}

#[test]
fn a_server_over_tcp_conforms_without_a_hold_in_it() {
    let conformed = conformed("multipleAccount", "multipleAccount");
    assert!(conformed.is_green(), "{conformed}");
}

#[test]
fn a_server_over_tcp_that_kicks_the_newcomer_is_found() {
    let conformed = conformed("for other in list(sessions):", "for other in reversed(sessions):");
    let difference = conformed.difference.as_ref().map(|found| found.told.first_lines());
    assert_eq!(difference.unwrap(), ["- online a: a2", "+ online a: a1"], "{conformed}");
}

#[test]
fn a_server_over_tcp_whose_refused_login_kicks_is_found() {
    let (text, other) = ("            if code is None:", "            if code in (None, 70001):");
    let conformed = conformed(text, other);
    assert!(conformed.difference.is_some_and(|found| found.to_string().contains("LOGIN-7")));
}
