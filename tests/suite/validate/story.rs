//! One story with everything in it that the corruptions need, recorded once. It judges nothing but that it goes as it is told.

use conformance::validate::validate_texts;
use futures_util::future::join;
use sut::code::Code;
use sut::session::Platform;
use tokio::runtime::Builder;

use super::recording::{Instance, Recording, sig};

/// What the server and the clients say, one line each.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) server: Vec<String>,
    pub(crate) clients: Vec<String>,
}

/// Records the story.
pub(crate) fn recorded() -> Story {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let recording = runtime.block_on(told());
    drop(runtime);
    let lines = |text: String| text.lines().map(str::to_owned).collect();
    Story { server: lines(recording.server_says.text()), clients: lines(recording.clients_say.text()) }
}

async fn told() -> Recording {
    let recording = Recording::new();
    let mut pages = [(); 4].map(|()| recording.instance(Platform::Web));
    kicks(&recording, &mut pages).await;
    calls(&mut pages[1]).await;
    lost_links(&recording, &mut pages).await;
    the_administrator(&recording, &mut pages).await;
    let [_, a2, a3, _] = &mut pages;
    a3.log_in_after_a_kick("a").await;
    a3.close_page();
    recording.server_says.says("\"lost\":{\"close\":1001}", 1).await;
    a2.client.destroy().await.unwrap();
    recording
}

/// The page's story, with limit 2, and two phones of different kinds.
async fn kicks(recording: &Recording, [a1, a2, a3, _]: &mut [Instance; 4]) {
    a1.log_in("a").await;
    a2.log_in("a").await;
    a3.log_in("a").await;
    a1.publishes(&["SDK_NOT_READY", "KICKED_OUT multipleAccount"]).await;
    let refused = a1.client.login("a", format!("{}x", &sig("b", 0)[..40])).await.unwrap_err();
    assert_eq!(refused.code, Code::SigMalformed);
    assert_eq!(a1.client.send_message("a", "hello").await.unwrap_err().code, Code::NotLoggedIn);
    let (mut phone, mut pad) = (recording.instance(Platform::IPhone), recording.instance(Platform::IPad));
    phone.log_in("a").await;
    pad.log_in("a").await;
    phone.publishes(&["SDK_NOT_READY", "KICKED_OUT multipleDevice"]).await;
    phone.client.destroy().await.unwrap();
    pad.client.destroy().await.unwrap();
}

/// Calls that are answered at once, and one that ends another.
async fn calls(a2: &mut Instance) {
    assert!(a2.client.login("a", sig("a", 0)).await.unwrap().repeat_login);
    a2.client.logout().await.unwrap();
    a2.publishes(&["SDK_NOT_READY"]).await;
    let (first, second) = join(a2.client.login("a", sig("a", 0)), a2.client.login("a", sig("a", 0))).await;
    assert_eq!((first.is_ok(), second.unwrap_err().code), (true, Code::LoginRuns));
    a2.publishes(&["SDK_READY"]).await;
}

/// One link is lost and resumed, one session lapses and is admitted anew, and one lapses and finds its place taken.
async fn lost_links(recording: &Recording, [a1, a2, a3, _]: &mut [Instance; 4]) {
    a3.cut();
    a3.publishes(&["NET_STATE_CHANGE connecting", "NET_STATE_CHANGE connected"]).await;
    recording.let_lapse(true);
    a2.block();
    a2.cut();
    recording.server_says.says("\"timer\":\"lapse\"", 1).await;
    a2.unblock();
    a2.publishes(&["NET_STATE_CHANGE connecting", "NET_STATE_CHANGE connected", "MESSAGES_LOST"]).await;
    a3.block();
    a3.cut();
    recording.server_says.says("\"timer\":\"lapse\"", 2).await;
    recording.let_lapse(false);
    a1.log_in("a").await;
    a3.unblock();
    a3.publishes(&["NET_STATE_CHANGE connecting", "SDK_NOT_READY", "KICKED_OUT multipleAccount"]).await;
}

/// Everybody is kicked, and an older UserSig is good no more.
async fn the_administrator(recording: &Recording, [a1, a2, _, a4]: &mut [Instance; 4]) {
    let older = sig("a", 0);
    recording.rest_kick("a").await;
    for page in [a1, &mut *a2] {
        page.publishes(&["SDK_NOT_READY", "KICKED_OUT REST_API_Kick"]).await;
    }
    assert_eq!(a4.client.login("a", older).await.unwrap_err().code, Code::SigRevoked);
    a2.log_in_after_a_kick("a").await;
}

#[test]
fn a_story_of_the_real_system_is_explained() {
    let story = recorded();
    let texts = [("server".to_owned(), story.server.join("\n")), ("clients".to_owned(), story.clients.join("\n"))];
    let texts = texts.map(|(name, text)| (name, text.into_bytes()));
    let named: Vec<_> = texts.iter().map(|(name, text)| (name.clone(), text.as_slice())).collect();
    let verdict = validate_texts(&named, 2).unwrap();
    assert_eq!(verdict.finding.map(|finding| finding.to_string()), None);
    assert_eq!((verdict.events, verdict.instances), (story.server.len() + story.clients.len(), 6));
}

/// A digest has 32 hexadecimal digits, a UserSig far more; and the server has neither a secret nor a key.
#[test]
fn a_journal_holds_no_usersig_and_names_nobody_but_by_a_digest_that_both_sides_name() {
    let story = recorded();
    let [server, clients] = [&story.server, &story.clients].map(|lines| lines.join("\n"));
    let words = [&server, &clients].into_iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
    for word in words.filter(|word| word.len() > 16) {
        assert!(word.len() == 32 && server.contains(word) && clients.contains(word), "{word}");
    }
}
