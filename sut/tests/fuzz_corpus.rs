//! Everything that the fuzzers ever found worth keeping, replayed.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::Path;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files: Vec<_> = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path()).collect();
    assert!(!files.is_empty(), "no corpus of {target}");
    files.iter().for_each(|file| body(&fs::read(file).expect("it can be read")));
}

#[test]
fn no_frames_of_the_corpus_bring_a_node_down() {
    replay("frames", bodies::frames);
}

#[test]
fn no_user_sig_of_the_corpus_is_taken_for_a_signed_one() {
    replay("usersig", bodies::usersig);
}

#[test]
fn every_request_of_the_corpus_is_answered() {
    replay("rest", bodies::rest);
}

#[test]
fn whatever_the_corpus_begins_a_connection_with_is_answered_by_http_or_not_at_all() {
    replay("http", bodies::http);
}

#[test]
fn every_configuration_of_the_corpus_is_read_or_refused_in_one_line() {
    replay("config", bodies::config);
}

#[test]
fn what_the_corpus_says_in_a_proxys_place_is_decided_once_and_heard_from_nobody_else() {
    replay("proxies", bodies::proxies);
}
