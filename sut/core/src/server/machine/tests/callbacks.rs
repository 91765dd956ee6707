//! What a node's commits tell the app's backend, and which of them tell nothing: HOOK-1 and HOOK-2.

use super::*;
use crate::admission;
use crate::callback::{Callback, CallbackId, Device, Happened, Place, Queued};
use crate::protocol::close_code::GOING_AWAY;
use crate::registry::Outbox;

fn device(n: u64, platform: Platform) -> Device {
    Device { digest: digest(n), platform }
}

/// What happened to a Web instance.
pub(super) fn callback(n: u64, happened: Happened) -> Callback {
    Callback { id: CallbackId::default(), at: NOW, device: device(n, Platform::Web), happened }
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
            self.registry.delivered("alice", queued).now_or_never().unwrap().unwrap();
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
    let of = |n, platform, happened| Callback { id: CallbackId::default(), at: NOW, device: device(n, platform), happened };
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
    node.takes(says(1, logout(1)));
    assert_eq!(node.told(), [registered(1, []), callback(1, Happened::Unregister)]);
}

#[test]
fn a_page_that_went_tells_a_closed_link_once_it_does_not_come_back_and_a_lost_link_tells_nothing() {
    let mut node = Node::with([1, 2]);
    assert_eq!(node.told_of([down(2, None), down(1, Some(GOING_AWAY))]), []);
    assert_eq!(node.told_of([fires(lapse(1))]), [callback(1, Happened::LinkClose)]);
}

#[test]
fn a_rest_kick_tells_one_logout_a_session_in_login_order_within_one_commit() {
    let mut node = Node::with([1, 2]);
    node.takes(Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() });
    let places: Vec<_> = std::iter::from_fn(|| node.oldest()).skip(2).map(|queued| (queued.place, queued.callback)).collect();
    let place = |index| Place { version: Version(3), index };
    assert_eq!(places, [(place(0), callback(1, Happened::Unregister)), (place(1), callback(2, Happened::Unregister))]);
}

#[test]
fn a_session_that_its_own_instance_replaced_tells_nothing() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says_on(2, digest(9), 2, login(1, "alice")));
    assert_eq!(node.told(), [registered(1, []), registered(9, [])]);
}

#[test]
fn the_acknowledgement_of_a_kick_tells_nothing() {
    let mut node = Node::with([1, 2, 3]);
    node.takes(says(1, ClientFrame::KickAck));
    assert_eq!(node.told(), [registered(1, []), registered(2, []), registered(3, [1])]);
}

/// The session of instance `n` is resumed on this link as its epoch 2.
fn resumes(link: u64, n: u64) -> [Input; 2] {
    [up(link), says_on(link, digest(n), 2, resume(n, 0))]
}

fn fires(timer: Timer) -> Input {
    Input::Timer(timer)
}

pub(super) fn lapse(n: u64) -> Timer {
    Timer::Lapse { user_id: Arc::from("alice"), key: KeyDigest(u128::from(n)), digest: digest(n) }
}

impl Node {
    /// The link of an instance is lost, and its time is over.
    pub(super) fn lapses(&mut self, n: u64) {
        self.takes(down(n, None));
        self.takes(fires(lapse(n)));
    }

    /// What alice's backend is told of these inputs, and nothing that came before.
    fn told_of(&mut self, inputs: impl IntoIterator<Item = Input>) -> Vec<Callback> {
        self.told();
        for input in inputs {
            self.takes(input);
        }
        self.told()
    }
}

#[test]
fn a_resume_is_told_as_one() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    assert_eq!(node.told_of(resumes(3, 1)), [callback(1, Happened::Resumed)]);
}

#[test]
fn a_readmission_is_told_as_a_resume_and_a_refused_one_tells_nothing() {
    let mut node = Node::with([1, 2]);
    for n in [1, 2] {
        node.lapses(n);
    }
    assert_eq!(node.told_of(resumes(3, 1)), [callback(1, Happened::Resumed)]);
    let mut node = Node::with([1]);
    node.lapses(1);
    for n in [2, 3] {
        node.takes(up(n));
        node.takes(says(n, login(n, "alice")));
    }
    assert_eq!(node.told_of(resumes(4, 1)), []);
}

#[test]
fn a_resume_that_is_answered_with_a_notice_tells_nothing() {
    let mut node = Node::with([1, 2, 3]);
    assert_eq!(node.told_of(resumes(4, 1)), []);
}

#[test]
fn a_lapse_tells_a_closed_link_for_a_page_and_a_time_out_for_an_app() {
    let mut node = Node::with([1]);
    assert_eq!(node.told_of([down(1, None), fires(lapse(1))]), [callback(1, Happened::LinkClose)]);
    let mut node = Node::new();
    node.takes(up(2));
    node.takes(says(2, login_from(2, "alice", Platform::IPhone)));
    let timed_out =
        Callback { id: CallbackId::default(), at: NOW, device: device(2, Platform::IPhone), happened: Happened::TimeOut };
    assert_eq!(node.told_of([down(2, None), fires(lapse(2))]), [timed_out]);
}

#[test]
fn an_expiry_tells_a_logout_and_a_timer_that_comes_too_late_tells_nothing() {
    let mut node = Node::with([1, 2]);
    let expiry = |n| fires(Timer::Expiry { user_id: Arc::from("alice"), key: KeyDigest(u128::from(n)), digest: digest(n) });
    assert_eq!(node.told_of([expiry(1)]), [callback(1, Happened::Unregister)]);
    assert_eq!(node.told_of([says(2, logout(2)), expiry(2), fires(lapse(2))]), [callback(2, Happened::Unregister)]);
}

#[test]
fn a_session_that_receives_too_little_tells_a_closed_link_and_its_messages_tell_nothing() {
    let mut node = Node::with([1, 2]);
    node.machine.0.app.buffers = Buffers { messages: 1, bytes: 1000 };
    let named = |id| ClientFrame::Send { id: MessageId(id), to: "nobody".to_owned(), text: "hello".to_owned() };
    assert_eq!(node.told_of([says(1, named(1))]), []);
    assert_eq!(node.told_of([says(1, named(2))]), [callback(2, Happened::LinkClose)]);
}

#[test]
fn an_owed_logout_tells_a_logout_of_what_stands_on_record_alone() {
    let owed = |link, n| [up(link), says_on(link, digest(n), 2, owed_logout(n))];
    let mut node = Node::with([1, 2, 3]);
    assert_eq!(node.told_of(owed(4, 2)), [callback(2, Happened::Unregister)]);
    assert_eq!(node.told_of(owed(5, 1)), []);
    assert_eq!(node.told_of(owed(6, 9)), []);
}

#[test]
fn a_restart_and_a_forgotten_epoch_tell_nothing() {
    let mut node = Node::with([1, 2]);
    node.takes(says(2, logout(2)));
    node.machine = Machine::new(node.machine.0.app.clone());
    let restored = restored(node.record("alice"), vec![]);
    assert_eq!(node.told_of([restored]), []);
    let pruned = fires(Timer::Epoch { user_id: Arc::from("alice"), key: KeyDigest(2) });
    node.takes_at(NOW.plus(admission::EPOCH_KEPT), pruned);
    assert_eq!(node.told(), []);
    assert_eq!(node.record("alice").epochs.len(), 1);
}
