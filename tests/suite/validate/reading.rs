//! What is said of files and lines that cannot be judged.

use conformance::validate::validate_texts;

fn refused(text: &str) -> String {
    validate_texts(&[("a.jsonl".to_owned(), text.as_bytes())], 2).unwrap_err().to_string()
}

#[test]
fn a_line_that_is_none_is_told_with_its_place_and_what_would_be_right() {
    let good = r#"{"client":{"instance":"00000000000000aa","seq":1,"epoch":0,"event":{"start":{"platform":"Web"}}}}"#;
    let told = refused(&format!("{good}\nnonsense\n"));
    assert!(told.starts_with("a.jsonl, line 2: no line of a journal: "), "{told}");
    assert!(told.ends_with(r#"one is {"client":{…}} or {"server":{…}}"#), "{told}");
    let told = refused(&good.replace("00aa", "aa"));
    assert!(told.contains("16 lower-case hexadecimal digits"), "{told}");
}

#[test]
fn a_message_that_was_sent_is_refused_when_it_is_read() {
    let sent =
        r#"{"client":{"instance":"00000000000000aa","seq":1,"epoch":1,"event":{"wrote":{"frame":"send","session":"000000aa"}}}}"#;
    assert!(refused(sent).contains("only journals without any are judged"), "{}", refused(sent));
}

#[test]
fn no_line_at_all_is_nothing_to_decide() {
    for empty in ["", "\n\n"] {
        assert!(refused(empty).starts_with("no line stands in any of the files"), "{}", refused(empty));
    }
}
