//! The names of the planted bugs.

use super::*;

#[test]
fn a_planted_bug_has_one_name() {
    for bug in Planted::ALL {
        assert_eq!(bug.to_string().parse(), Ok(bug));
    }
    let error = "KICK-2".parse::<Planted>().unwrap_err().to_string();
    assert_eq!(error, "no planted bug is named \"KICK-2\"");
}
