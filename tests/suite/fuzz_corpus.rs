//! Everything that the fuzzer of trace tokens ever found worth keeping, replayed.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::Path;

#[test]
fn every_word_of_the_corpus_is_walked_or_refused_in_one_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/trace");
    let files: Vec<_> = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path()).collect();
    assert!(!files.is_empty(), "an empty corpus");
    files.iter().for_each(|file| bodies::trace(&fs::read(file).expect("it can be read")));
}
