//! What is said of files and lines that cannot be judged.

use conformance::validate::{validate, validate_texts};

fn refused(text: &str) -> String {
    validate_texts(&[("a.jsonl".to_owned(), text.as_bytes())], 2).unwrap_err().to_string()
}

#[test]
fn a_line_that_is_none_is_told_with_its_place_and_what_would_be_right() {
    let good =
        r#"{"client":{"instance":"000000000000000000000000000000aa","seq":1,"epoch":0,"event":{"start":{"platform":"Web"}}}}"#;
    let told = refused(&format!("{good}\nnonsense\n"));
    assert!(told.starts_with("a.jsonl, line 2: no line of a journal: "), "{told}");
    assert!(told.ends_with(r#"one is {"client":{…}} or {"server":{…}}"#), "{told}");
    let told = refused(&good.replace("00aa", "aa"));
    assert!(told.contains("32 lower-case hexadecimal digits"), "{told}");
}

#[test]
fn a_message_that_was_sent_is_refused_when_it_is_read() {
    let sent = r#"{"client":{"instance":"000000000000000000000000000000aa","seq":1,"epoch":1,"event":{"wrote":{"frame":"send","session":"000000000000000000000000000000aa"}}}}"#;
    assert!(refused(sent).contains("only journals without any are judged"), "{}", refused(sent));
}

#[test]
fn no_line_at_all_is_nothing_to_decide() {
    for empty in ["", "\n\n"] {
        assert!(refused(empty).starts_with("no line stands in any of the files"), "{}", refused(empty));
    }
}

#[test]
fn a_line_of_another_node_is_refused() {
    let [one, two] = [1, 2].map(|node| {
        format!(r#"{{"server":{{"node":{node},"seq":1,"event":{{"start":{{"terms":{{"policy":"dual","limits":{{}}}}}}}}}}}}"#)
    });
    let told = refused(&format!("{one}\n{two}\n"));
    assert_eq!(told, "a.jsonl, line 2: a line of node 2, beside those of node 1: only one node's are judged");
}

#[test]
fn a_link_number_that_is_the_highest_is_no_panic() {
    let start = r#"{"client":{"instance":"000000000000000000000000000000aa","seq":1,"epoch":18446744073709551615,"event":{"start":{"platform":"Web"}}}}"#;
    let call = start
        .replace("\"seq\":1", "\"seq\":2")
        .replace(r#"{"start":{"platform":"Web"}}"#, r#"{"call":{"id":1,"call":"login","account":"a"}}"#);
    let text = format!("{start}\n{call}\n");
    let verdict = validate_texts(&[("a.jsonl".to_owned(), text.as_bytes())], 2).unwrap();
    assert_eq!(verdict.finding, None);
}

#[test]
fn a_file_that_is_named_twice_is_refused() {
    let file = std::path::PathBuf::from("a.jsonl");
    let told = validate(&[file.clone(), file], 2).unwrap_err().to_string();
    assert_eq!(told, "a.jsonl is named twice; each journal once is right");
}

#[test]
fn what_the_model_has_no_room_for_is_not_decided() {
    let mut lines = vec![
        r#"{"server":{"node":1,"seq":1,"event":{"start":{"terms":{"policy":"dual","limits":{}}}}}}"#.to_owned(),
        r#"{"client":{"instance":"000000000000000000000000000000aa","seq":1,"epoch":0,"event":{"start":{"platform":"Web"}}}}"#
            .to_owned(),
    ];
    lines.extend(["a", "b", "c", "d"].into_iter().zip(2..).map(|(account, seq)| {
        let call = format!(r#"{{"call":{{"id":{seq},"call":"login","account":"{account}"}}}}"#);
        format!(r#"{{"client":{{"instance":"000000000000000000000000000000aa","seq":{seq},"epoch":0,"event":{call}}}}}"#)
    }));
    let text = lines.join("\n");
    let finding = validate_texts(&[("a.jsonl".to_owned(), text.as_bytes())], 2).unwrap().finding.unwrap();
    assert!(finding.is_undecided());
    assert!(
        finding.to_string().starts_with("a.jsonl, line 1: the model has no room for it, and nothing is decided\n"),
        "{finding}"
    );
}
