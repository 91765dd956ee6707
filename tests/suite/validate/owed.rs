//! That a logout which is owed, and told again because its answer was lost, is explained also where its page is gone before the server
//! reads it, and a later session of that page was kicked meanwhile: the server has nothing to store then.

use conformance::validate::validate_texts;
use sut::code::Code;
use sut::session::Platform;
use tokio::runtime::Builder;

use super::recording::{Instance, Recording, sig};

/// How many pages there is room for at once.
const ROOM: usize = 10;

/// A page owes a logout; the link on which it tells it and logs in anew breaks before it hears an answer.
async fn let_in_unheard(recording: &Recording, page: &mut Instance) {
    page.log_in("a").await;
    page.block();
    page.cut();
    page.publishes(&["NET_STATE_CHANGE connecting"]).await;
    page.client.logout().await.unwrap();
    page.unblock();
    page.lose_answers(true);
    let (client, user_sig) = (page.client.clone(), sig("a", 0));
    let login = tokio::spawn(async move { client.login("a", user_sig).await });
    recording.server_says.says("\"login-answer\":{\"refused\":null,", 2).await;
    page.cut();
    assert_eq!(login.await.unwrap().unwrap_err().code, Code::OutcomeUnknown);
    page.lose_answers(false);
}

/// It tells the logout again, and closes before the server reads that.
async fn closes_with_all_under_way(recording: &Recording, page: &Instance) {
    let written = recording.clients_say.text().matches("\"wrote\":{\"frame\":\"login\"").count();
    page.hold(true);
    let (client, user_sig) = (page.client.clone(), sig("a", 0));
    tokio::spawn(async move { client.login("a", user_sig).await });
    recording.clients_say.says("\"wrote\":{\"frame\":\"login\"", written + 1).await;
    page.close_page();
    recording.clients_say.says("\"page-closed\"", 1).await;
}

/// There is no more room when the last page comes, so that whoever is over must be seen to be.
async fn told() -> Recording {
    let recording = Recording::new();
    let [mut page, mut gone, mut last] = [(); 3].map(|()| recording.instance(Platform::Web));
    let_in_unheard(&recording, &mut page).await;
    gone.log_in("a").await;
    gone.client.destroy().await.unwrap();
    let mut others = [(); ROOM - 2].map(|()| recording.instance(Platform::Web));
    for other in &mut others {
        other.log_in("a").await;
    }
    closes_with_all_under_way(&recording, &page).await;
    last.log_in("a").await;
    page.hold(false);
    recording.server_says.says("\"lost\":{\"close\":1001}", 1).await;
    recording
}

#[test]
fn an_owed_logout_of_a_page_that_is_gone_is_explained_beside_the_kick_of_its_later_session() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let recording = runtime.block_on(told());
    let texts = [&recording.server_says, &recording.clients_say].map(|kept| kept.text());
    let named = [("server".to_owned(), texts[0].as_bytes()), ("clients".to_owned(), texts[1].as_bytes())];
    let finding = validate_texts(&named, 2).unwrap().finding;
    assert_eq!(finding.map(|finding| finding.to_string()), None);
}
