//! What is no frame, and the line that says why.

use sut::protocol::{ClientFrame, FrameError, MAX_FRAME_BYTES, ServerFrame, decode_client, decode_server};

use super::written;

/// Each text is refused with that close code and that line.
fn assert_refused(rows: &[(String, u16, &str)]) {
    for (text, close_code, why) in rows {
        let error = decode_client(text).expect_err("each row is bad");
        let said = (error.close_code(), error.to_string());
        assert_eq!(said, (*close_code, (*why).to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_frame_of_this_version_is_refused_with_a_line_that_says_why() {
    let ping = written(r#""ping""#);
    let rows = [
        (String::new(), 1007, "not JSON: EOF while parsing a value at line 1 column 0"),
        ("{".to_owned(), 1007, "not JSON: EOF while parsing an object at line 1 column 1"),
        (format!("{ping}x"), 1007, "not JSON: trailing characters at line 1 column 78"),
        (ping.replace(r#""v":1"#, r#""v":2"#), 1002, "version 2 is not spoken here; \"v\" must be 1"),
        (written(r#""later""#).replace(r#""v":1"#, r#""v":300"#), 1002, "version 300 is not spoken here; \"v\" must be 1"),
        (ping.replace(r#""v":1,"#, ""), 1002, "version none is not spoken here; \"v\" must be 1"),
        (
            written(r#""notice""#),
            1003,
            "no frame is named \"notice\"; these are: login, resume, logout, sync, send, message-ack, kick-ack, ping, pong",
        ),
        (
            written(r#"{"kick":{}}"#),
            1003,
            "no frame is named \"kick\"; these are: login, resume, logout, sync, send, message-ack, kick-ack, ping, pong",
        ),
    ];
    assert_refused(&rows);
}

#[test]
fn a_frame_with_a_bad_field_is_refused_with_a_line_that_says_which() {
    let ping = written(r#""ping""#);
    let rows = [
        (written(r#"{"message-ack":{}}"#), 1008, "bad frame: missing field `seq` at line 1 column 87"),
        (
            written(r#"{"message-ack":{"seq":1,"more":1}}"#),
            1008,
            "bad frame: unknown field `more`, expected `seq` at line 1 column 100",
        ),
        (
            written(r#"{"message-ack":{"seq":-1}}"#),
            1008,
            "bad frame: invalid value: integer `-1`, expected a whole number from 0 at line 1 column 94",
        ),
        (ping.replace("ab", "AB"), 1008, "bad frame: not 32 lower-case hexadecimal digits at line 1 column 51"),
        (ping.replace(r#""epoch":7,"#, ""), 1008, "bad frame: missing field `epoch` at line 1 column 67"),
        (ping.replace(r#""epoch":7"#, r#""epoch":7,"epoch":8"#), 1008, "bad frame: duplicate field `epoch` at line 1 column 69"),
        (
            "7".to_owned(),
            1008,
            "bad frame: invalid type: integer `7`, expected an object with v, session, epoch and frame at line 1 column 1",
        ),
    ];
    assert_refused(&rows);
}

#[test]
fn an_answer_that_does_not_say_whether_it_refuses_is_no_answer() {
    let silent = [r#"{"login-answer":{}}"#, r#"{"send-answer":{"id":"00000000000000000000000000000002"}}"#];
    for body in silent {
        let error = decode_server(written(body)).unwrap_err().to_string();
        assert!(error.contains("missing field `refused`"), "{error}");
    }
    let error = decode_server(written(r#"{"login-answer":{"refused":null}}"#)).unwrap_err().to_string();
    assert!(error.contains("missing field `gap`"), "{error}");
}

#[test]
fn a_frame_that_is_not_utf_8_is_refused_at_its_first_bad_byte() {
    let error = decode_client(b"{\"v\":\xff1}").unwrap_err();
    assert_eq!((error.close_code(), &error), (1007, &FrameError::NotUtf8 { at: 5 }));
    assert_eq!(error.to_string(), "byte 5 is not UTF-8; a frame is a text message");
}

#[test]
fn the_longest_frame_is_read_and_a_longer_one_is_refused() {
    let ping = written(r#""ping""#);
    let padded = |length: usize| ping.clone() + &" ".repeat(length - ping.len());
    assert!(decode_client(padded(MAX_FRAME_BYTES)).is_ok());
    let error = decode_client(padded(MAX_FRAME_BYTES + 1)).unwrap_err();
    assert_eq!((error.close_code(), &error), (1009, &FrameError::TooLong { bytes: 16_385 }));
}

#[test]
fn a_frame_nested_too_deeply_is_refused() {
    for body in ["[".repeat(8_000) + &"]".repeat(8_000), r#"{"a":"#.repeat(3_000)] {
        let error = decode_client(written(&body)).unwrap_err();
        assert_eq!(error.close_code(), 1007, "{error}");
        let error = decode_client(&body).unwrap_err();
        assert!([1007, 1008].contains(&error.close_code()), "{error}");
    }
}

#[test]
fn what_a_stranger_wrote_stays_in_one_short_line() {
    let long = format!("\"{}\\n\"", "x\\n".repeat(2_000));
    for text in [written(&long), written("7").replacen("epoch", &"a\\n".repeat(2_000), 1)] {
        let error = decode_client(text).expect_err("each row is bad").to_string();
        assert!(error.lines().count() == 1 && error.len() < 500, "{error}");
    }
}

#[test]
fn the_names_that_a_refusal_lists_are_all_that_there_are() {
    let listed = |names: &[&str]| format!("expected one of `{}`", names.join("`, `"));
    let client = serde_json::from_str::<ClientFrame>("\"?\"").unwrap_err().to_string();
    let server = serde_json::from_str::<ServerFrame>("\"?\"").unwrap_err().to_string();
    assert!(client.contains(&listed(ClientFrame::NAMES)), "{client}");
    assert!(server.contains(&listed(ServerFrame::NAMES)), "{server}");
}
