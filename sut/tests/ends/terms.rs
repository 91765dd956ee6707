//! Terms that change while the server runs, from end to end: CONF-1, CONF-2, CONF-3.

mod platforms;

use std::sync::Arc;
use std::time::Duration;

use sut::client::{Client, Events};
use sut::config::{DEFAULT_PERIOD, Limits, Policy, Terms, TermsChange};
use sut::registry::memory::Memory;
use sut::registry::{TermsStore, Unreachable};
use sut::server::Server;
use sut::session::Platform;
use tokio::time::advance;

use super::http::exchange;
use super::rest::{DONE, error_code, post, request_as};
use super::system::{System, app, sig};

const SET: &str = "/v4/im_open_login_svc/set_login_policy";
const ONE_WEB: &str = r#"{"Limits":{"Web":1}}"#;
const THREE_WEB: &str = r#"{"Limits":{"Web":3}}"#;

/// A system whose Web limit is 2 at first, and where its changes are stored.
struct Changeable {
    server: Server,
    system: System,
    store: Arc<Memory>,
    accounts: u32,
}

impl Changeable {
    fn new() -> Changeable {
        let store = Arc::new(Memory::default());
        let server = started(&store);
        let system = System::of(server.clone());
        Changeable { server, system, store, accounts: 0 }
    }

    async fn set(&self, body: &str) {
        assert_eq!(post(self.system.stream(), SET, body).await.1, DONE);
    }

    /// How many pages a fresh account may have open now.
    async fn web_limit(&mut self) -> usize {
        self.stay([Platform::Web; 5]).await
    }

    /// How many of these instances of a fresh account, logged in one by one, are online then.
    async fn stay(&mut self, platforms: impl IntoIterator<Item = Platform>) -> usize {
        self.accounts += 1;
        let user_id = format!("user{}", self.accounts);
        let mut instances: Vec<(Client, Events)> = Vec::new();
        for platform in platforms {
            let (client, events) = self.system.instance(platform);
            client.login(&user_id, sig(&user_id)).await.unwrap();
            instances.push((client, events));
        }
        let asked = format!(r#"{{"To_Account":["{user_id}"],"IsNeedDetail":1}}"#);
        let (_, status) = post(self.system.stream(), "/v4/openim/query_online_status", &asked).await;
        status.matches(r#"{"Platform":""#).count()
    }
}

fn started(store: &Arc<impl TermsStore>) -> Server {
    Server::builder(app()).terms(Arc::clone(store), DEFAULT_PERIOD).start()
}

fn web(limit: u8) -> Terms {
    Terms { policy: Policy::DUAL, limits: Limits::default().with(Platform::Web, limit).unwrap() }
}

const BEFORE: Duration = Duration::from_secs(299);
const REST: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_changed_limit_decides_after_the_period_and_not_before() {
    let mut system = Changeable::new();
    system.set(ONE_WEB).await;
    advance(BEFORE).await;
    assert_eq!(system.web_limit().await, 2);
    advance(REST).await;
    assert_eq!(system.web_limit().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_decides_after_the_period_and_not_before() {
    let mut system = Changeable::new();
    let desktops = [Platform::Mac, Platform::Linux];
    system.set(r#"{"Policy":"multi"}"#).await;
    advance(BEFORE).await;
    assert_eq!(system.stay(desktops).await, 1);
    advance(REST).await;
    assert_eq!(system.stay(desktops).await, 2);
    system.server.load_terms(web(2)).await.unwrap();
    advance(DEFAULT_PERIOD).await;
    assert_eq!(system.stay(desktops).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_newer_change_replaces_the_pending_one_and_starts_the_period_anew() {
    let mut system = Changeable::new();
    system.set(ONE_WEB).await;
    advance(BEFORE).await;
    system.set(THREE_WEB).await;
    advance(BEFORE).await;
    assert_eq!(system.web_limit().await, 2);
    advance(REST).await;
    assert_eq!(system.web_limit().await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_change_by_rest_is_stored_with_what_was_changed_before_it_and_nothing_else() {
    let system = Changeable::new();
    system.set(THREE_WEB).await;
    system.set(r#"{"Policy":"multi"}"#).await;
    assert_eq!(
        system.store.changed().await,
        Ok(Some(TermsChange { policy: Some(Policy::MULTI), limits: vec![(Platform::Web, 3)] }))
    );
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_is_loaded_anew_wins_over_a_change_by_rest() {
    let mut system = Changeable::new();
    system.set(THREE_WEB).await;
    system.server.load_terms(web(1)).await.unwrap();
    assert_eq!(system.store.changed().await, Ok(None));
    advance(DEFAULT_PERIOD).await;
    assert_eq!(system.web_limit().await, 1);
}

#[tokio::test(start_paused = true)]
async fn sessions_that_are_online_stay_until_a_login_there() {
    let mut system = Changeable::new();
    let (first, _first_events) = system.system.ready("alice").await;
    let (second, _second_events) = system.system.ready("alice").await;
    system.set(ONE_WEB).await;
    system.server.load_terms(web(1)).await.unwrap();
    advance(DEFAULT_PERIOD).await;
    assert_eq!(
        (system.web_limit().await, first.login_user(), second.login_user()),
        (1, Some("alice".into()), Some("alice".into()))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_out_of_range_or_from_nobody_is_refused_and_nothing_is_stored() {
    let system = Changeable::new();
    for body in [r#"{"Limits":{"Web":11}}"#, r#"{"Limits":{"Web":1,"Mac":4}}"#, r#"{"Policy":"quad"}"#, "{}", "{"] {
        assert_eq!(error_code(post(system.system.stream(), SET, body).await), 70402, "{body}");
    }
    let request = request_as("alice", &sig("alice"), "POST", SET, ONE_WEB);
    assert_eq!(error_code(exchange(system.system.stream(), &request).await), 70403);
    assert_eq!(system.store.changed().await, Ok(None));
}

/// A store that stores nothing.
struct Broken;

impl TermsStore for Broken {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        Err(Unreachable("broken".to_owned()))
    }

    async fn set_changed(&self, _changed: Option<TermsChange>) -> Result<(), Unreachable> {
        Err(Unreachable("broken".to_owned()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_cannot_be_stored_is_answered_70169_and_does_not_happen() {
    let server = started(&Arc::new(Broken));
    let system = System::of(server.clone());
    assert_eq!(error_code(post(system.stream(), SET, ONE_WEB).await), 70169);
    assert_eq!(server.load_terms(web(1)).await, Err(Unreachable("broken".to_owned())));
    let mut system = Changeable { server, system, store: Arc::default(), accounts: 0 };
    advance(DEFAULT_PERIOD).await;
    assert_eq!(system.web_limit().await, 2);
}
