//! That neither side depends on the other, directly or through others, by what Cargo says of the manifests.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::top;

const ALL_EDGES: &str = "normal,dev,build";

/// What Cargo says when it is asked without a network and without leave to change the lock file.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let said = Command::new(cargo).args(arguments).args(["--offline", "--locked"]).current_dir(top()).output().unwrap();
    assert!(said.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

/// The workspace's manifests: every declared dependency, of any kind, optional ones and other platforms' included.
fn manifests() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap()
}

fn package<'a>(manifests: &'a Value, name: &str) -> Option<&'a Value> {
    manifests["packages"].as_array().unwrap().iter().find(|package| package["name"] == name)
}

/// The packages that one depends on, directly or through other packages of the workspace, by their own names.
fn reached(manifests: &Value, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        let declared = package(manifests, &name).and_then(|package| package["dependencies"].as_array());
        for dependency in declared.into_iter().flatten() {
            let name = dependency["name"].as_str().unwrap().to_owned();
            if reached.insert(name.clone()) {
                open.push(name);
            }
        }
    }
    reached
}

/// The targets of a package whose source is not below its manifest.
fn stray_targets(manifests: &Value, name: &str) -> Vec<String> {
    let package = package(manifests, name).expect("the package is a member of the workspace");
    let folder = package["manifest_path"].as_str().unwrap().trim_end_matches("Cargo.toml");
    let sources = package["targets"].as_array().unwrap().iter().map(|target| target["src_path"].as_str().unwrap());
    sources.filter(|source| !source.starts_with(folder)).map(str::to_owned).collect()
}

/// The names in Cargo's resolved tree of a package along edges of these kinds, for this platform.
fn tree(name: &str, edges: &str) -> BTreeSet<String> {
    let lines = cargo(&["tree", "--edges", edges, "--prefix", "none", "--package", name]);
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn check_that_it_never_meets(side: &str, other: &str) {
    let manifests = manifests();
    let reached = reached(&manifests, side);
    assert!(!reached.is_empty() && !reached.contains(other), "{side} declares {reached:?}");
    let tree = tree(side, ALL_EDGES);
    assert!(tree.contains(side) && !tree.contains(other), "{side} resolves to {tree:?}");
    assert_eq!(stray_targets(&manifests, side), Vec::<String>::new());
}

#[test]
fn the_model_does_not_depend_on_the_system() {
    check_that_it_never_meets("model", "sut");
    check_that_it_never_meets("model", "sut-core");
    check_that_it_never_meets("model", "sut-web");
}

#[test]
fn the_system_does_not_depend_on_the_model() {
    check_that_it_never_meets("sut", "model");
    check_that_it_never_meets("sut-core", "model");
    check_that_it_never_meets("sut-web", "model");
}

/// Of a package that does no I/O: none of what waits, reads a socket or a file, draws a number or writes a log.
#[test]
fn the_systems_core_knows_neither_a_runtime_nor_anything_to_wait_for() {
    let core = tree("sut-core", "normal");
    assert!(core.contains("serde") && tree("sut", "normal").is_superset(&core));
    let io = ["tokio", "hyper", "tungstenite", "redb", "rustls", "rand", "getrandom", "tracing", "mio", "futures-util"];
    let met: Vec<_> = io.into_iter().filter(|name| core.contains(*name)).collect();
    assert!(met.is_empty(), "the core resolves to {met:?}");
    assert!(io.iter().filter(|name| tree("sut", "normal").contains(**name)).count() > 5);
}

#[test]
fn the_harness_is_seen_to_depend_on_both() {
    let both = ["model".to_owned(), "sut".to_owned()];
    assert!(both.iter().all(|side| reached(&manifests(), "conformance").contains(side)));
    assert!(both.iter().all(|side| tree("conformance", ALL_EDGES).contains(side)));
}

/// Three made-up manifests: one side, a go-between, the other side.
fn made_up(kind: &str) -> Value {
    let text = r#"{"packages": [
        {"name": "model", "manifest_path": "/w/model/Cargo.toml", "targets": [{"src_path": "/w/sut/src/lib.rs"}],
         "dependencies": [{"name": "between", "kind": KIND, "rename": "stateright", "optional": true}]},
        {"name": "between", "dependencies": [{"name": "sut", "kind": KIND}]},
        {"name": "sut", "dependencies": []}]}"#;
    serde_json::from_str(&text.replace("KIND", kind)).unwrap()
}

#[test]
fn a_dependency_of_any_kind_through_others_is_noticed() {
    for kind in ["null", "\"dev\"", "\"build\""] {
        assert!(reached(&made_up(kind), "model").contains("sut"));
    }
}

#[test]
fn a_target_that_is_built_from_the_other_side_is_noticed() {
    assert_eq!(stray_targets(&made_up("null"), "model"), ["/w/sut/src/lib.rs"]);
}
