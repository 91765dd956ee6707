//! That no source of one side takes text from outside its own folder or names the other side. It looks for words, not for meaning: what
//! it cannot read as a plain path is an offence, too.

use super::{Text, rust_files, top};

/// What takes in another file, each followed by the file's name.
const TAKES_IN: [&str; 4] = ["include!", "include_str!", "include_bytes!", "path="];

/// Everything in a side's sources that reaches beyond the side.
fn offences(side: &str, other: &str, files: &[Text]) -> Vec<String> {
    let of_file = |(path, text): &Text| {
        let tight: String = text.split_whitespace().collect();
        let taken = TAKES_IN.into_iter().flat_map(|word| taken_in(path, &tight, word, side));
        let named = names(text, other).then(|| format!("{path} names {other}"));
        taken.chain(named).collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

/// What one file takes in by that word from outside the side's folder.
fn taken_in(path: &str, tight: &str, word: &str, side: &str) -> Vec<String> {
    let after = tight.match_indices(word).filter(|(at, _)| begins_a_word(tight, *at)).map(|(at, _)| &tight[at + word.len()..]);
    let beyond = |after: &&str| literal(after).is_none_or(|taken| !stays_within(path, taken, side));
    let stop = |after: &str| after.chars().take(40).collect::<String>();
    after.filter(beyond).map(|after| format!("{path} takes in {word}{}", stop(after))).collect()
}

fn begins_a_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
}

/// The plain string that follows, behind an opening bracket at most.
fn literal(after: &str) -> Option<&str> {
    let quoted = after.trim_start_matches(['(', '[', '{']).strip_prefix('"')?;
    quoted.split_once('"').map(|(literal, _)| literal)
}

/// Whether a path, taken from the folder of a file, ends up below the side's folder.
fn stays_within(file: &str, taken: &str, side: &str) -> bool {
    let mut parts: Vec<_> = file.split('/').collect();
    parts.pop();
    for part in taken.split('/') {
        match part {
            ".." if parts.pop().is_none() => return false,
            ".." | "." => {}
            "" => return false,
            part => parts.push(part),
        }
    }
    parts.first() == Some(&side)
}

/// Whether a text names a crate: in a path, or as what is used.
fn names(text: &str, krate: &str) -> bool {
    let whole = text.match_indices(krate).filter(|(at, _)| begins_a_word(text, *at));
    whole.map(|(at, _)| (&text[..at], &text[at + krate.len()..])).any(|(before, after)| {
        let used = before.trim_end().ends_with("use") || before.trim_end().ends_with("crate");
        after.trim_start().starts_with("::") || (used && !after.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    })
}

fn check_that_it_keeps_to_itself(side: &str, other: &str) {
    assert_eq!(offences(side, other, &rust_files(side)), Vec::<String>::new());
    assert_eq!(links_below(side), Vec::<String>::new());
}

/// Symbolic links, by which a folder of one side could be the other's.
fn links_below(side: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut open = vec![top().join(side)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() {
                links.push(entry.path().display().to_string());
            } else if kind.is_dir() {
                open.push(entry.path());
            }
        }
    }
    links
}

#[test]
fn the_models_sources_keep_to_themselves() {
    check_that_it_keeps_to_itself("model", "sut");
}

#[test]
fn the_systems_sources_keep_to_themselves() {
    check_that_it_keeps_to_itself("sut", "model");
}

fn check_that_the_model_may_not(text: &str) {
    let file = ("model/src/rules.rs".to_owned(), text.to_owned());
    assert_eq!(offences("model", "sut", &[file]).len(), 1, "{text}");
}

fn check_that_the_model_may(text: &str) {
    let file = ("model/src/rules.rs".to_owned(), text.to_owned());
    assert_eq!(offences("model", "sut", &[file]), Vec::<String>::new());
}

#[test]
fn files_of_the_other_side_are_noticed() {
    check_that_the_model_may_not("#[path = \"../../sut/core/src/admission.rs\"]\nmod admission;");
    check_that_the_model_may_not("#[cfg_attr(test, path = \"../../sut/core/src/admission.rs\")]\nmod admission;");
    check_that_the_model_may_not("include!(\"../../sut/core/src/admission.rs\");");
    check_that_the_model_may_not("const RULES: &str = include_str!(\n    \"../../sut/core/src/admission.rs\"\n);");
    check_that_the_model_may_not("const RULES: &[u8] = include_bytes! [\"../../../elsewhere\"];");
    check_that_the_model_may_not("include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../sut/core/src/admission.rs\"));");
    check_that_the_model_may_not("#[path = \"/somewhere/else.rs\"]\nmod admission;");
}

#[test]
fn the_other_sides_name_is_noticed() {
    check_that_the_model_may_not("use sut::admission;");
    check_that_the_model_may_not("use sut as other;");
    check_that_the_model_may_not("extern crate sut;");
    check_that_the_model_may_not("let admission = sut::admission::admit(app, record, login);");
    check_that_the_model_may_not("use ::sut::{admission};");
}

#[test]
fn a_sides_own_files_and_words_are_left_alone() {
    check_that_the_model_may("#[path = \"rules/kick.rs\"]\nmod kick;");
    check_that_the_model_may("const TABLE: &str = include_str!(\"../data/table.txt\");");
    check_that_the_model_may("//! It suits no sut.\nuse result::consult; let xpath = \"../../sut\";");
}
