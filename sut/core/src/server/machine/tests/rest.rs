//! What an administrator asks of a node: REST-1, REST-2, and the 70052 of LOGIN-8.

use super::callbacks::callback;
use super::registry::{commit, ended, handle, load, loaded, out_of_reach};
use super::*;
use crate::admission;
use crate::callback::Happened;
use crate::protocol::close_code::NORMAL;

const NOW_S: u64 = NOW.0 / 1000;
const REQUEST: RequestId = RequestId(7);

/// Nobody's UserSig was dated ahead.
const KICKED: Reply = Reply::Kicked { user_sig_from_s: NOW_S + 1 };

fn kick() -> Input {
    Input::RestKick { request: REQUEST, user_id: "alice".to_owned() }
}

fn query(user_ids: &[&str]) -> Input {
    let user_ids = user_ids.iter().map(|user_id| (*user_id).to_owned()).collect();
    Input::QueryStatus { request: REQUEST, user_ids }
}

fn replies(reply: Reply) -> Effect {
    Effect::Reply { request: REQUEST, reply }
}

fn kicked() -> ServerFrame {
    notice(KickReason::RestApi)
}

fn online_at(user_id: &str, platforms: &[Platform]) -> AccountStatus {
    AccountStatus { user_id: user_id.to_owned(), platforms: platforms.into() }
}

/// Instances 1 and 2 of alice have been kicked by the administrator.
fn both_kicked() -> Node {
    let mut node = Node::with([1, 2]);
    node.check([(kick(), vec![hears(1, kicked()), hears(2, kicked()), replies(KICKED)])]);
    node
}

/// The code with which a login on a fresh link is refused; the record must stay as it is, and the link end.
fn refused(node: &mut Node, n: u64, frame: ClientFrame) -> Code {
    let before = node.record("alice");
    node.takes(up(n));
    let effects = node.takes(says(n, frame));
    let [Effect::Send { frame, .. }, end] = &effects[..] else { panic!("{effects:?}") };
    let ServerFrame::LoginAnswer { refused: Some(refusal), gap: false } = &frame.frame else { panic!("{frame:?}") };
    assert_eq!((end, node.record("alice")), (&close(n, NORMAL, "login refused"), before));
    refusal.code
}

#[test]
fn a_rest_kick_tells_every_session_in_login_order_and_then_the_administrator() {
    let node = both_kicked();
    let Record { sessions, kicks, epochs, rest_kick_s, accepted: _ } = node.record("alice");
    assert_eq!((sessions, kicks.len(), epochs.len(), rest_kick_s), (vec![], 2, 2, Some(NOW_S)));
}

#[test]
fn from_the_commit_of_a_rest_kick_only_the_acknowledgement_is_accepted() {
    let mut node = both_kicked();
    node.check([
        (says(1, ClientFrame::Sync), vec![]),
        (says(1, send("alice")), vec![]),
        (says(1, ClientFrame::KickAck), vec![close(1, NORMAL, "kicked")]),
    ]);
    assert_eq!(node.record("alice").kicks.len(), 1);
}

#[test]
fn a_rest_kick_of_an_unknown_account_records_the_second() {
    let mut node = Node::with([]);
    node.check([(kick(), vec![replies(KICKED)])]);
    assert_eq!(node.record("alice"), Record { rest_kick_s: Some(NOW_S), ..Record::default() });
}

#[test]
fn another_account_sees_nothing_of_a_rest_kick() {
    let mut node = both_kicked();
    node.check([(up(3), vec![]), (says(3, login(3, "bob")), vec![hears(3, admitted())])]);
    node.check([(kick(), vec![replies(KICKED)])]);
    assert_eq!(node.online("bob"), [3]);
}

#[test]
fn a_user_sig_of_the_second_of_the_kick_is_refused_and_a_later_one_admitted() {
    let mut node = both_kicked();
    assert_eq!(refused(&mut node, 3, login(3, "alice")), Code::SigRevoked);
    let later = login_issued(4, "alice", Platform::Web, NOW_S + 1);
    node.check([(up(4), vec![]), (says(4, later), vec![hears(4, admitted())])]);
    assert_eq!(node.online("alice"), [4]);
}

#[test]
fn a_kick_says_from_when_on_user_sigs_are_let_in_also_behind_one_that_was_dated_ahead() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says(2, login_issued(2, "alice", Platform::Web, NOW_S + 60)));
    let reply = replies(Reply::Kicked { user_sig_from_s: NOW_S + 61 });
    assert_eq!(node.takes(kick()).last(), Some(&reply));
    node.takes(up(3));
    let used = says(3, login_issued(3, "alice", Platform::Web, NOW_S + 60));
    let [Effect::Send { frame, .. }, _] = &node.takes(used)[..] else { panic!("not refused") };
    assert!(matches!(&frame.frame, ServerFrame::LoginAnswer { refused: Some(why), .. } if why.code == Code::SigRevoked));
    node.takes(up(4));
    let named = Input::Frame {
        link: LinkId(4),
        frame: Envelope {
            v: VERSION,
            session: digest(4),
            epoch: Epoch(1),
            frame: login_issued(4, "alice", Platform::Web, NOW_S + 61),
        },
    };
    assert_eq!(node.takes_at(UnixMillis(NOW.0 + 1000), named).iter().find(|effect| is_told(effect)), Some(&hears(4, admitted())));
}

#[test]
fn a_refusal_after_a_kick_kicks_nobody() {
    let mut node = both_kicked();
    node.takes(up(4));
    node.takes(says(4, login_issued(4, "alice", Platform::Mac, NOW_S + 1)));
    assert_eq!(refused(&mut node, 5, login_from(5, "alice", Platform::Linux)), Code::SigRevoked);
    assert_eq!(node.online("alice"), [4]);
}

#[test]
fn expiry_is_judged_before_the_kick_and_a_late_epoch_after_it() {
    let mut node = both_kicked();
    let expired = login_issued(3, "alice", Platform::Web, NOW_S - 3600);
    assert_eq!(refused(&mut node, 3, expired), Code::SigExpired);
    assert_eq!(refused(&mut node, 4, login(1, "alice")), Code::SigRevoked);
}

#[test]
fn a_login_and_a_rest_kick_that_race_go_by_the_order_in_which_they_come() {
    let mut node = Node::with([]);
    node.check([
        (up(1), vec![]),
        (says(1, login(1, "alice")), vec![hears(1, admitted())]),
        (kick(), vec![hears(1, kicked()), replies(KICKED)]),
    ]);
    assert_eq!(refused(&mut node, 2, login(2, "alice")), Code::SigRevoked);
}

#[test]
fn on_a_conflict_a_rest_kick_loads_and_decides_again() {
    let mut machine = Node::with([1]).machine;
    let [before, after] = [Node::with([1]).record("alice"), Node::with([1, 2]).record("alice")];
    let decided = |record: &Record| admission::kick_all(record.clone(), NOW_S).0;
    let told = |ended: &[u64]| ended.iter().map(|&n| callback(n, Happened::Unregister)).collect();
    assert_eq!(handle(&mut machine, kick()), [load()]);
    assert_eq!(handle(&mut machine, loaded(before.clone(), 1)), [commit(1, decided(&before), told(&[1]))]);
    assert_eq!(handle(&mut machine, ended(Commit::Conflict)), [load()]);
    assert_eq!(handle(&mut machine, loaded(after.clone(), 2)), [commit(2, decided(&after), told(&[1, 2]))]);
    let heard = [hears(1, kicked()), replies(KICKED)];
    assert_eq!(handle(&mut machine, ended(Commit::Done(Version(3)))), heard);
}

#[test]
fn a_login_that_lost_to_a_rest_kick_of_another_node_is_refused() {
    let mut machine = Node::new().machine;
    handle(&mut machine, up(1));
    handle(&mut machine, says(1, login(1, "alice")));
    handle(&mut machine, loaded(Record::default(), 0));
    handle(&mut machine, ended(Commit::Conflict));
    let effects = handle(&mut machine, loaded(Record { rest_kick_s: Some(NOW_S), ..Record::default() }, 1));
    let [Effect::Send { frame, .. }, Effect::Close { .. }] = &effects[..] else { panic!("{effects:?}") };
    let ServerFrame::LoginAnswer { refused: Some(refusal), gap: false } = &frame.frame else { panic!("{frame:?}") };
    assert_eq!(refusal.code, Code::SigRevoked);
}

#[test]
fn a_question_is_answered_with_the_platforms_of_each_account_in_its_order() {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    node.takes(says(3, login_from(3, "alice", Platform::IPad)));
    let found =
        vec![online_at("bob", &[]), online_at("alice", &[Platform::Web, Platform::Web, Platform::IPad]), online_at("bob", &[])];
    node.check([(query(&["bob", "alice", "bob"]), vec![replies(Reply::Statuses(found))])]);
    node.check([(query(&[]), vec![replies(Reply::Statuses(vec![]))])]);
}

#[test]
fn a_session_whose_link_is_down_is_online() {
    let mut node = Node::with([1]);
    let found = vec![online_at("alice", &[Platform::Web])];
    node.check([(down(1, None), vec![]), (query(&["alice"]), vec![replies(Reply::Statuses(found))])]);
}

#[test]
fn a_registry_out_of_reach_is_said_to_the_administrator_and_nobody_is_told_anything() {
    let text = "the registry is out of reach; try again".to_owned();
    let refused = replies(Reply::Refused(Refusal { code: Code::RegistryUnreachable, text }));
    let asks = |request| Input::Unreachable { asker: Asker::Request(request), why: Unreachable("down".to_owned()) };
    let steps = [
        (vec![kick()], out_of_reach()),
        (vec![kick(), loaded(Node::with([1]).record("alice"), 1)], out_of_reach()),
        (vec![query(&["alice", "bob"])], asks(RequestId(7))),
    ];
    for (asked, unreachable) in steps {
        let mut machine = Node::with([1]).machine;
        for input in asked {
            handle(&mut machine, input);
        }
        assert_eq!(handle(&mut machine, unreachable), vec![refused.clone()]);
        assert_eq!(machine.links(), 1);
    }
}
