//! That a bug in the real system is found in its journals, and that the rule which it breaks is named.

use conformance::planting;
use conformance::validate::validate_texts;
use sut::planted::Planted;
use sut::session::Platform;
use tokio::runtime::Builder;

use super::recording::{Recording, sig};

/// Three pages log in where two may be online, and one logs out.
async fn one_too_many() -> Recording {
    let recording = Recording::new();
    let pages = [(); 3].map(|()| recording.instance(Platform::Web));
    for (before, page) in pages.iter().enumerate() {
        page.client.login("a", sig("a", 0)).await.unwrap();
        recording.server_says.says("\"sync-answer\"", before + 1).await;
    }
    pages[1].client.logout().await.unwrap();
    recording
}

/// The name of the rule that is told.
fn found(bug: Option<Planted>) -> Option<String> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let recording = planting::with(bug, || runtime.block_on(one_too_many()));
    let texts = [&recording.server_says, &recording.clients_say].map(|kept| kept.text().into_bytes());
    let named = [("server".to_owned(), texts[0].as_slice()), ("clients".to_owned(), texts[1].as_slice())];
    let finding = validate_texts(&named, 2).unwrap().finding;
    finding.map(|finding| finding.law.to_string().split(':').next().unwrap().to_owned())
}

#[test]
fn nothing_is_found_where_no_bug_is_planted() {
    assert_eq!(found(None), None);
}

#[test]
fn a_bug_in_the_server_or_the_client_is_found_by_its_rule() {
    let bugs = [Planted::Kick2NoLimit, Planted::Kick2NewestKicked, Planted::Kick4ReportedTwice, Planted::Logout1StaysSilent];
    assert_eq!(bugs.map(|bug| found(Some(bug)).unwrap()), ["KICK-2", "KICK-2", "KICK-4", "LOGOUT-1"]);
}
