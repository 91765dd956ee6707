//! What a browser does with a tab, and what the server is told of it: reloads, the next page of the tab and the way back, freezing and
//! waking, closing. Each is the whole conversation, which a person reads; a bug of the shell that shows there is found by its name.

use conformance::driver::{ShellBug, Visit};
use model::scopes;

use super::prepare;

/// What happens to a page that is ready, and all that is written and told then.
fn conversation(bug: Option<ShellBug>, happens: fn(&mut Visit)) -> String {
    prepare();
    let mut visit = Visit::begin(&scopes::named("page-default").unwrap(), bug);
    visit.login();
    let before = visit.noted();
    assert_eq!((before.last().map(String::as_str), visit.online()), (Some("application: SDK_READY"), 1), "{before:#?}");
    happens(&mut visit);
    format!("{}\nonline: {}", visit.noted().join("\n"), visit.online())
}

fn reload(visit: &mut Visit) {
    visit.reload();
    visit.login();
}

fn freeze_and_wake(visit: &mut Visit) {
    visit.freeze();
    visit.wake();
}

fn kick_while_frozen(visit: &mut Visit) {
    visit.freeze();
    visit.kick();
    visit.wake();
}

fn leave_and_go_back(visit: &mut Visit) {
    visit.leave();
    visit.back();
}

fn leave_log_in_and_go_back(visit: &mut Visit) {
    visit.leave();
    visit.login();
    visit.back();
}

fn close(visit: &mut Visit) {
    visit.close();
}

#[test]
fn a_page_that_is_loaded_again_has_its_own_place() {
    insta::assert_snapshot!(conversation(None, reload));
}

#[test]
fn a_page_that_was_frozen_goes_on_with_its_session() {
    insta::assert_snapshot!(conversation(None, freeze_and_wake));
}

#[test]
fn a_page_that_was_kicked_while_it_was_frozen_learns_it_as_it_wakes() {
    insta::assert_snapshot!(conversation(None, kick_while_frozen));
}

#[test]
fn a_page_that_was_put_aside_goes_on_with_its_session() {
    insta::assert_snapshot!(conversation(None, leave_and_go_back));
}

#[test]
fn the_next_page_of_a_tab_has_the_place_of_the_one_that_was_put_aside() {
    insta::assert_snapshot!(conversation(None, leave_log_in_and_go_back));
}

#[test]
fn a_tab_that_is_closed_says_so_by_its_browser() {
    insta::assert_snapshot!(conversation(None, close));
}

fn is_seen(bug: ShellBug, happens: fn(&mut Visit)) -> bool {
    conversation(Some(bug), happens) != conversation(None, happens)
}

#[test]
fn a_number_of_links_that_is_kept_in_memory_is_red() {
    assert!(is_seen(ShellBug::EpochInMemory, reload));
}

#[test]
fn a_frozen_page_that_keeps_its_link_is_red() {
    assert!(is_seen(ShellBug::FreezeIsNotSeen, freeze_and_wake));
}

#[test]
fn a_frozen_page_that_connects_before_it_wakes_is_red() {
    assert!(is_seen(ShellBug::ReconnectsAsleep, freeze_and_wake));
}
