//! What an administrator's HTTP request asks for: its path, its query and its body, judged. Pure; it asks nothing of a node.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::change::SetLoginPolicy;
use crate::admission::{self, Caller};
use crate::code::{Code, Refusal, one_line};
use crate::config::{App, TermsChange};
use crate::protocol::in_words;
use crate::server::machine::{Input, RequestId};
use crate::session::{USER_ID_FORM, is_user_id};
use crate::timers::UnixMillis;

/// The most accounts of one question (the vendor's bound).
const MOST_ACCOUNTS: usize = 500;

/// The longest body that is read once more for the account that a refused call is about: whoever is no administrator costs no more.
const LONGEST_TOLD_BYTES: usize = 4096;

/// A path at which something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// REST-1.
    Kick,
    /// REST-2.
    QueryOnlineStatus,
    /// CONF-1.
    SetLoginPolicy,
}

impl Endpoint {
    pub(super) fn at(path: &str) -> Option<Endpoint> {
        match path {
            "/v4/im_open_login_svc/kick" => Some(Endpoint::Kick),
            "/v4/openim/query_online_status" => Some(Endpoint::QueryOnlineStatus),
            "/v4/im_open_login_svc/set_login_policy" => Some(Endpoint::SetLoginPolicy),
            _ => None,
        }
    }
}

/// Whether an answer names the platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Without,
    Platforms,
}

/// What an administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Of the node.
    Node(Question),
    /// Of its configuration.
    Change(TermsChange),
}

/// What a node is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Kick { user_id: String },
    Status { user_ids: Vec<String>, detail: Detail },
}

impl Question {
    pub(super) const fn detail(&self) -> Detail {
        match self {
            Question::Kick { .. } => Detail::Without,
            Question::Status { detail, .. } => *detail,
        }
    }

    /// The same for the node.
    pub(super) fn input(self, request: RequestId) -> Input {
        match self {
            Question::Kick { user_id } => Input::RestKick { request, user_id },
            Question::Status { user_ids, detail: _ } => Input::QueryStatus { request, user_ids },
        }
    }
}

/// A field that is not known might narrow what is asked for: nothing is done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kick {
    #[serde(rename = "UserID")]
    user_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryOnlineStatus {
    #[serde(rename = "To_Account")]
    user_ids: Vec<String>,
    #[serde(rename = "IsNeedDetail", default)]
    is_need_detail: u8,
}

/// What is asked for, or the refusal: 70403 to whoever is no administrator, whatever the body says, then 70402 (REST-3).
pub(super) fn read(app: &App, now: UnixMillis, endpoint: Endpoint, query: &str, body: &[u8]) -> Result<Asked, Refusal> {
    admission::judge_administrator(app, &caller(query), now)?;
    match endpoint {
        Endpoint::Kick => kick(parse(body)?).map(Asked::Node),
        Endpoint::QueryOnlineStatus => status(parse(body)?).map(Asked::Node),
        Endpoint::SetLoginPolicy => parse::<SetLoginPolicy>(body)?.judge().map(Asked::Change).or_else(refuse),
    }
}

/// The one account that a call is about, whoever makes it, in one line; `None` if it is about none or several, or cannot be read.
pub(super) fn account(endpoint: Endpoint, body: &[u8]) -> Option<String> {
    let body = Some(body).filter(|body| body.len() <= LONGEST_TOLD_BYTES)?;
    let named = match endpoint {
        Endpoint::Kick => vec![parse::<Kick>(body).ok()?.user_id],
        Endpoint::QueryOnlineStatus => parse::<QueryOnlineStatus>(body).ok()?.user_ids,
        Endpoint::SetLoginPolicy => Vec::new(),
    };
    if let [user_id] = named.as_slice() { Some(one_line(user_id)) } else { None }
}

/// What a query leaves out counts as empty, an SDKAppID that is no number as 0, which is no app's. The first of two counts.
pub(super) fn caller(query: &str) -> Caller {
    let named = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map_or_else(String::new, |(_, value)| Cow::into_owned(value))
    };
    let sdk_app_id = named("sdkappid").parse().unwrap_or_default();
    Caller { sdk_app_id, identifier: named("identifier"), user_sig: named("usersig") }
}

fn kick(Kick { user_id }: Kick) -> Result<Question, Refusal> {
    judge_user_id("UserID", &user_id)?;
    Ok(Question::Kick { user_id })
}

fn status(QueryOnlineStatus { user_ids, is_need_detail }: QueryOnlineStatus) -> Result<Question, Refusal> {
    if !(1..=MOST_ACCOUNTS).contains(&user_ids.len()) {
        return refuse(format!("To_Account: {} accounts; 1 to {MOST_ACCOUNTS} may be asked about", user_ids.len()));
    }
    user_ids.iter().try_for_each(|user_id| judge_user_id("To_Account", user_id))?;
    let detail = match is_need_detail {
        0 => Detail::Without,
        1 => Detail::Platforms,
        other => return refuse(format!("IsNeedDetail: {other} is neither 0 nor 1")),
    };
    Ok(Question::Status { user_ids, detail })
}

/// A list would pass for an object whose fields are not named.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let asked_for = "the body is not the JSON that is asked for";
    if body.trim_ascii_start().first() == Some(&b'[') {
        return refuse(format!("{asked_for}: it is a list, and an object is expected"));
    }
    serde_json::from_slice(body).or_else(|error| refuse(format!("{asked_for}: {}", in_words(&error.to_string()))))
}

fn judge_user_id(field: &str, user_id: &str) -> Result<(), Refusal> {
    if is_user_id(user_id) {
        return Ok(());
    }
    refuse(format!("{field}: {user_id:?} is no userID; one is {USER_ID_FORM}"))
}

fn refuse<T>(text: String) -> Result<T, Refusal> {
    Err(Refusal::new(Code::BadField, &text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Bounds, Buffers, Limits, Policy};
    use crate::usersig;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn app() -> App {
        let (secret_key, administrators) = ("key".into(), vec!["the&boss".to_owned()]);
        App {
            sdk_app_id: 14,
            secret_key,
            policy: Policy::DUAL,
            limits: Limits::default(),
            administrators,
            buffers: Buffers::default(),
            bounds: Bounds::default(),
            usersig_ahead_s: 60,
        }
    }

    fn good_query() -> String {
        let user_sig = usersig::make(14, "key", "the&boss", NOW.0 / 1000, 60, None);
        format!("sdkappid=14&identifier=the%26boss&usersig={user_sig}&random=7&contenttype=json")
    }

    fn asked(endpoint: Endpoint, body: &str) -> Result<Asked, Refusal> {
        read(&app(), NOW, endpoint, &good_query(), body.as_bytes())
    }

    fn status_of(user_ids: &[&str], detail: Detail) -> Result<Asked, Refusal> {
        Ok(Asked::Node(Question::Status { user_ids: user_ids.iter().map(|user_id| (*user_id).to_owned()).collect(), detail }))
    }

    #[test]
    fn a_request_of_an_administrator_is_read() {
        assert_eq!(asked(Endpoint::Kick, r#"{"UserID":"alice"}"#), Ok(Asked::Node(Question::Kick { user_id: "alice".to_owned() })));
        let rows = [
            (r#"{"To_Account":["a","b"]}"#, status_of(&["a", "b"], Detail::Without)),
            (r#"{"To_Account":["a"],"IsNeedDetail":0}"#, status_of(&["a"], Detail::Without)),
            (r#"{"IsNeedDetail":1,"To_Account":["a","a"]}"#, status_of(&["a", "a"], Detail::Platforms)),
        ];
        for (body, expected) in rows {
            assert_eq!(asked(Endpoint::QueryOnlineStatus, body), expected, "{body}");
        }
        let change = TermsChange { policy: Some(Policy::MULTI), limits: Vec::new() };
        assert_eq!(asked(Endpoint::SetLoginPolicy, r#"{"Policy":"multi"}"#), Ok(Asked::Change(change)));
    }

    #[test]
    fn the_account_of_a_call_is_told_if_it_is_about_one() {
        let long = format!(r#"{{"UserID":"{}"}}"#, "x".repeat(LONGEST_TOLD_BYTES));
        let rows = [
            (Endpoint::Kick, r#"{"UserID":"alice"}"#, Some("alice")),
            (Endpoint::Kick, r#"{"UserID":"a\nb"}"#, Some("a b")),
            (Endpoint::Kick, &long, None),
            (Endpoint::Kick, "{", None),
            (Endpoint::QueryOnlineStatus, r#"{"To_Account":["alice"]}"#, Some("alice")),
            (Endpoint::QueryOnlineStatus, r#"{"To_Account":["alice","bob"]}"#, None),
            (Endpoint::SetLoginPolicy, r#"{"Policy":"multi"}"#, None),
        ];
        for (endpoint, body, expected) in rows {
            assert_eq!(account(endpoint, body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn whoever_is_no_administrator_is_refused_whatever_the_body_says() {
        let queries = [
            String::new(),
            "sdkappid=14&identifier=the%26boss".to_owned(),
            good_query().replace("sdkappid=14", "sdkappid=x"),
            good_query().replace("the%26boss", "the&boss"),
            format!("identifier=alice&{}", good_query()),
        ];
        for query in queries {
            let judged = read(&app(), NOW, Endpoint::Kick, &query, b"{").map_err(|refusal| refusal.code);
            assert_eq!(judged, Err(Code::Forbidden), "{query}");
        }
    }

    #[test]
    fn a_bad_body_is_refused_with_70402_and_a_text_that_says_what_would_be_right() {
        let not_json = "the body is not the JSON that is asked for: ";
        let many = format!(r#"{{"To_Account":[{}"a"]}}"#, r#""a","#.repeat(500));
        let rows = [
            (Endpoint::Kick, "{", format!("{not_json}EOF while parsing an object at line 1 column 1")),
            (Endpoint::Kick, "{}", format!("{not_json}missing field `UserID` at line 1 column 2")),
            (
                Endpoint::Kick,
                r#"{"UserID":"alice","Platform":"Android"}"#,
                format!("{not_json}unknown field `Platform`, expected `UserID` at line 1 column 28"),
            ),
            (
                Endpoint::QueryOnlineStatus,
                r#"{"To_Account":["a"],"NeedDetail":1}"#,
                format!("{not_json}unknown field `NeedDetail`, expected `To_Account` or `IsNeedDetail` at line 1 column 32"),
            ),
            (Endpoint::Kick, " [\"alice\"]", format!("{not_json}it is a list, and an object is expected")),
            (
                Endpoint::SetLoginPolicy,
                r#"{"Limits":{"Web":2,"Web":3}}"#,
                format!("{not_json}Web has two limits at line 1 column 27"),
            ),
            (
                Endpoint::Kick,
                r#"{"UserID":"a b"}"#,
                "UserID: \"a b\" is no userID; one is 1 to 32 bytes of printable ASCII without spaces".to_owned(),
            ),
            (
                Endpoint::QueryOnlineStatus,
                r#"{"To_Account":["a",""]}"#,
                "To_Account: \"\" is no userID; one is 1 to 32 bytes of printable ASCII without spaces".to_owned(),
            ),
            (Endpoint::QueryOnlineStatus, r#"{"To_Account":[]}"#, "To_Account: 0 accounts; 1 to 500 may be asked about".to_owned()),
            (Endpoint::QueryOnlineStatus, &many, "To_Account: 501 accounts; 1 to 500 may be asked about".to_owned()),
            (
                Endpoint::SetLoginPolicy,
                r#"{"Limits":{"Web":0}}"#,
                "limits: a limit of 0 for Web is out of range; 1..=10 is allowed".to_owned(),
            ),
            (
                Endpoint::QueryOnlineStatus,
                r#"{"To_Account":["a"],"IsNeedDetail":"1"}"#,
                format!("{not_json}invalid type: string \"1\", expected a whole number from 0 at line 1 column 38"),
            ),
            (
                Endpoint::QueryOnlineStatus,
                r#"{"To_Account":["a"],"IsNeedDetail":2}"#,
                "IsNeedDetail: 2 is neither 0 nor 1".to_owned(),
            ),
        ];
        for (endpoint, body, text) in rows {
            assert_eq!(asked(endpoint, body), Err(Refusal { code: Code::BadField, text }), "{body}");
        }
    }
}
