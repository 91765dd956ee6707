//! What is wrong with a configuration, in one line.

use super::{failure, failure_with_file};

#[test]
fn a_bad_configuration_file_is_one_line_that_names_file_place_and_remedy() {
    let app = "sdk_app_id = 1\nsecret_key = \"k\"\n";
    let rows = [
        ("sdk_app_id = ", "FILE: line 1: sdk_app_id: no value follows the ="),
        (
            "listen = \"8080\"",
            "FILE: listen: \"8080\" is no address: a host and a port are needed; one would be 127.0.0.1:8080 or localhost:8080",
        ),
        (
            "administrators = \"admin\"",
            "FILE: line 1: administrators: invalid type: string \"admin\", expected a list of texts, as in [\"admin\"]",
        ),
        ("[limits]\nWeb = 11", "FILE: limits: a limit of 11 for Web is out of range; 1..=10 is allowed"),
        ("[limits]\nPad = 1", "FILE: limits: \"Pad\" is no platform; Web, Android, iPhone, iPad, Windows, Mac and Linux are"),
        (
            &format!("{app}key = 2"),
            "FILE: line 3: unknown field `key`, expected one of `sdk_app_id`, `secret_key`, `policy`, `listen`, `data`, `registry`, `node`, `poll_ms`, `webhook`, `change_period_s`, `usersig_ahead_s`, `tls_cert`, `tls_key`, `trusted_proxies`, `drain_s`, `key_overlap_s`, `allow_origins`, `backlog`, `administrators`, `limits`, `buffers`, `bounds`",
        ),
        (
            "secret_key = \"k\"",
            "sdk_app_id is missing; it is the number of the app that is served; state it in the --config file or by a flag",
        ),
        ("sdk_app_id = 1", "the app's key is missing; it would be in the variable KICKPROOF_KEY, or behind --key"),
    ];
    for (content, expected) in rows {
        assert_eq!(failure_with_file(content), (2, expected.to_owned()));
    }
}

#[test]
fn a_configuration_file_that_is_not_there_is_one_line() {
    let (status, line) = failure(&["serve", "--config", "no-such-file.toml"]);
    assert_eq!((status, line.as_str()), (2, "no-such-file.toml cannot be read: No such file or directory (os error 2)"));
}

#[test]
fn a_limit_out_of_range_is_refused() {
    let rows = [
        ("Web=11", "limits: a limit of 11 for Web is out of range; 1..=10 is allowed"),
        ("Mac=0", "limits: a limit of 0 for Mac is out of range; 1..=3 is allowed"),
        ("Mac=-257", "limits: a limit of -257 for Mac is out of range; 1..=3 is allowed"),
        ("Web", "a limit is a platform and a number, as in Web=2"),
        ("Web=two", "'two' is no whole number; it would be as in Web=2"),
    ];
    for (limit, expected) in rows {
        let expected = format!("invalid value '{limit}' for '--limit <PLATFORM=N>': {expected}; see --help");
        assert_eq!(failure(&["serve", "--limit", limit]), (2, expected));
    }
    let expected = "--limit names Web twice, and nobody could say which counts; see --help".to_owned();
    assert_eq!(failure(&["serve", "--limit", "Web=2", "--limit", "Mac=1", "--limit", "Web=3"]), (2, expected));
}
