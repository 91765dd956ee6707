//! What a node's commits tell the app's backend: HOOK-1 and HOOK-2.

use super::*;
use crate::callback::{Callback, CallbackId, Device, Happened, Queued};
use crate::registry::Outbox;

fn device(n: u64, platform: Platform) -> Device {
    Device { secret: secret(n), platform }
}

/// What happened to a Web instance.
pub(super) fn callback(n: u64, happened: Happened) -> Callback {
    Callback { at: NOW, device: device(n, Platform::Web), happened }
}

/// A Web instance was admitted, and kicked these Web instances.
pub(super) fn registered<const VICTIMS: usize>(n: u64, victims: [u64; VICTIMS]) -> Callback {
    let kicked = victims.map(|victim| device(victim, Platform::Web)).into();
    callback(n, Happened::Register { kicked })
}

impl Node {
    /// Takes out the oldest callback that alice is owed.
    fn oldest(&self) -> Option<Queued> {
        let oldest = self.registry.oldest("alice").now_or_never().unwrap().unwrap();
        if let Some(queued) = &oldest {
            self.registry.delivered("alice", queued.id).now_or_never().unwrap().unwrap();
        }
        oldest
    }

    /// All that alice is owed, oldest first.
    fn told(&self) -> Vec<Callback> {
        std::iter::from_fn(|| self.oldest()).map(|queued| queued.callback).collect()
    }
}

#[test]
fn a_login_tells_whom_it_kicked_and_no_victim_has_a_logout() {
    let node = Node::with([1, 2, 3, 4]);
    assert_eq!(node.told(), [registered(1, []), registered(2, []), registered(3, [1]), registered(4, [2])]);
}

#[test]
fn a_victim_is_told_with_its_own_platform() {
    let mut node = Node::new();
    for (n, platform) in [(1, Platform::IPhone), (2, Platform::Mac)] {
        node.takes(up(n));
        node.takes(says(n, login_from(n, "alice", platform)));
    }
    let [first, second] = [vec![], vec![device(1, Platform::IPhone)]].map(|kicked| Happened::Register { kicked });
    let of = |n, platform, happened| Callback { at: NOW, device: device(n, platform), happened };
    assert_eq!(node.told(), [of(1, Platform::IPhone, first), of(2, Platform::Mac, second)]);
}

#[test]
fn a_refused_login_tells_nothing() {
    let mut node = Node::new();
    node.takes(up(1));
    node.takes(says(1, login_issued(1, "alice", Platform::Web, NOW.0 / 1000 - 3600)));
    assert_eq!(node.told(), []);
}

#[test]
fn a_logout_frame_tells_a_logout() {
    let mut node = Node::with([1]);
    node.takes(says(1, ClientFrame::Logout));
    assert_eq!(node.told(), [registered(1, []), callback(1, Happened::Unregister)]);
}

#[test]
fn a_closed_page_tells_a_closed_link_and_a_lost_link_tells_nothing() {
    let mut node = Node::with([1, 2]);
    node.takes(down(2, None));
    node.takes(down(1, Some(GOING_AWAY)));
    assert_eq!(node.told(), [registered(1, []), registered(2, []), callback(1, Happened::LinkClose)]);
}

#[test]
fn a_rest_kick_tells_one_logout_a_session_in_login_order_within_one_commit() {
    let mut node = Node::with([1, 2]);
    node.takes(Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() });
    let ids: Vec<_> = std::iter::from_fn(|| node.oldest()).skip(2).map(|queued| (queued.id, queued.callback)).collect();
    let id = |index| CallbackId { version: Version(3), index };
    assert_eq!(ids, [(id(0), callback(1, Happened::Unregister)), (id(1), callback(2, Happened::Unregister))]);
}

#[test]
fn a_session_that_its_own_instance_replaced_tells_nothing() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says_on(2, secret(9), 2, login(1, "alice")));
    assert_eq!(node.told(), [registered(1, []), registered(9, [])]);
}

#[test]
fn the_acknowledgement_of_a_kick_tells_nothing() {
    let mut node = Node::with([1, 2, 3]);
    node.takes(says(1, ClientFrame::KickAck));
    assert_eq!(node.told(), [registered(1, []), registered(2, []), registered(3, [1])]);
}
