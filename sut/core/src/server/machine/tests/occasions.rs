//! That each commit says what it was for.

use super::*;
use crate::admission::Occasion;

/// What the commits were for that an input led to.
fn occasions(node: &mut Node, input: Input) -> Vec<Occasion> {
    let effects = node.takes_at(NOW, input);
    effects
        .iter()
        .filter_map(|effect| if let Effect::Committed { change, .. } = effect { Some(change.occasion) } else { None })
        .collect()
}

/// Takes the node through the steps; each leads to one commit, or to none.
fn check(mut node: Node, steps: impl IntoIterator<Item = (Input, Option<Occasion>)>) {
    for (input, expected) in steps {
        assert_eq!(occasions(&mut node, input.clone()), Vec::from_iter(expected), "after {input:?}");
    }
}

fn lapse(n: u64) -> Input {
    Input::Timer(Timer::Lapse { user_id: "alice".into(), key: KeyDigest(n.into()), digest: digest(n) })
}

fn expiry(n: u64) -> Input {
    Input::Timer(Timer::Expiry { user_id: "alice".into(), key: KeyDigest(n.into()), digest: digest(n) })
}

#[test]
fn what_a_session_asks_for_is_named() {
    check(
        Node::with([1]),
        [
            (up(2), None),
            (says(2, login(2, "alice")), Some(Occasion::Login)),
            (says(2, ClientFrame::Sync), None),
            (says(2, send("alice")), Some(Occasion::Message)),
            (says(2, logout(2)), Some(Occasion::Logout)),
            (down(1, None), None),
            (up(3), None),
            (says_on(3, digest(1), 2, resume(1, 0)), Some(Occasion::Resume)),
            (down(3, None), None),
            (up(4), None),
            (says_on(4, digest(1), 3, owed_logout(1)), Some(Occasion::OwedLogout)),
            (up(5), None),
            (says_on(5, digest(1), 4, resume(1, 0)), Some(Occasion::Readmission)),
        ],
    );
}

#[test]
fn what_ends_a_session_is_named() {
    let kick = Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() };
    check(
        Node::with([1, 2]),
        [
            (down(1, None), None),
            (lapse(1), Some(Occasion::Lapse)),
            (expiry(2), Some(Occasion::Expiry)),
            (says(2, ClientFrame::KickAck), Some(Occasion::KickAck)),
            (kick, Some(Occasion::RestKick)),
        ],
    );
}
