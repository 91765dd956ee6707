//! The planted bug of links that no replay shows, and where it shows: the sound node and the one with the bug part.

use super::*;
use crate::planted::{Unreplayed, plant_unreplayed};

#[test]
fn another_session_under_the_key_that_is_no_reason_to_go_shows() {
    let told = |bug| {
        plant_unreplayed(bug);
        let mut node = Node::with([1, 2]);
        node.takes(up(3));
        let told = node.takes(says_on(3, SessionDigest(7), 2, resume(1, 0)));
        plant_unreplayed(None);
        told
    };
    assert_ne!(told(None), told(Some(Unreplayed::Link11AnotherSessionLost)));
}
