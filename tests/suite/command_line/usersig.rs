//! What `kickproof usersig` says of what it does not understand.

use super::failure;

#[test]
fn a_user_sig_that_cannot_be_made_is_one_line_that_says_what_would_be_right() {
    let rows: [(&[&str], &str); 3] = [
        (
            &["usersig", "--sdk-app-id", "one", "alice"],
            "invalid value 'one' for '--sdk-app-id <N>': it would be a whole number; see --help",
        ),
        (
            &["usersig", "--sdk-app-id", "1", "--expire", "0", "alice"],
            "invalid value '0' for '--expire <SECONDS>': it would be a whole number, at least 1; see --help",
        ),
        (
            &["usersig", "--sdk-app-id", "1", "alice"],
            "the app's key is missing; it would be in the variable KICKPROOF_KEY, or behind --key",
        ),
    ];
    for (args, expected) in rows {
        assert_eq!(failure(args), (2, expected.to_owned()), "{args:?}");
    }
}
