//! That every place which a README names is there. It looks at what stands in backquotes and begins like a path of the workspace.

use std::path::Path;

use super::top;

/// The texts that name places.
const TEXTS: [&str; 7] = [
    "README.md",
    "model/src/lib.rs",
    "sut/README.md",
    "sut/FRAMES.md",
    "sut/web/README.md",
    "tests/README.md",
    "tests/foreign/README.md",
];

/// What a place of the workspace begins with.
const FOLDERS: [&str; 5] = ["model/", "sut/", "tests/", "reports/", "findings/"];

/// The places that a text names: `model/src/{offers,held}.rs` are two.
fn places(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_a_place = |words: &&str| FOLDERS.iter().any(|folder| words.starts_with(folder)) && !words.contains([' ', '*']);
    quoted.filter(is_a_place).flat_map(spelled_out).collect()
}

fn spelled_out(place: &str) -> Vec<String> {
    let Some((before, rest)) = place.split_once('{') else { return vec![place.to_owned()] };
    let (choices, behind) = rest.split_once('}').expect("a bracket ends");
    choices.split(',').flat_map(|choice| spelled_out(&format!("{before}{choice}{behind}"))).collect()
}

fn missing(text: &str, top: &Path) -> Vec<String> {
    places(text).into_iter().filter(|place| !top.join(place).exists()).collect()
}

#[test]
fn every_place_that_a_readme_names_is_there() {
    let mut count = 0;
    for text in TEXTS {
        let words = std::fs::read_to_string(top().join(text)).expect("the text is there");
        assert_eq!(missing(&words, &top()), Vec::<String>::new(), "{text}");
        count += places(&words).len();
    }
    assert!(count > 50, "only {count} places are named");
}

#[test]
fn a_place_that_is_not_there_is_noticed() {
    let text = "see `model/src/{offers,offered}.rs` and `cargo test`, or `tests/suite/`";
    assert_eq!(missing(text, &top()), ["model/src/offered.rs"]);
}
