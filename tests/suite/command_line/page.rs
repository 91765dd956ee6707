//! `serve --page` where there is none: what it does in a browser is tested there.

use super::failure;
use crate::serving::{APP, KEY};

fn refused(more: &[&str]) -> (i32, String) {
    failure(&[&["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0"], more].concat())
}

#[test]
fn a_page_that_logs_in_as_anybody_is_for_this_machine_only() {
    let told = |address: &str| {
        let why = "--page logs in as anybody, so that page and server are on loopback only";
        (2, format!("{why}, not at {address}; name 127.0.0.1"))
    };
    assert_eq!(refused(&["--page", "0.0.0.0:0"]), told("0.0.0.0:0"));
    let public = ["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "0.0.0.0:0", "--page"];
    assert_eq!(failure(&public), told("0.0.0.0:0"));
}

#[test]
fn a_page_without_its_package_says_what_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("web");
    let package = package.to_str().unwrap();
    let (status, line) = refused(&["--page", "127.0.0.1:0", "--package", package]);
    let (why, remedy) = ("no package for the page", "sut/web/build makes it, and --package names its folder");
    assert_eq!((status, line), (1, format!("{package}: {why}: No such file or directory (os error 2); {remedy}")));
}
