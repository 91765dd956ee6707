//! How a node's reply to an administrator is written: the vendor's JSON. It decides nothing.

use serde::Serialize;

use super::call::Detail;
use crate::code::Refusal;
use crate::server::machine::{AccountStatus, Reply};
use crate::session::Platform;

#[derive(Serialize)]
enum ActionStatus {
    #[serde(rename = "OK")]
    Done,
    #[serde(rename = "FAIL")]
    Failed,
}

#[derive(Serialize)]
enum Presence {
    Online,
    Offline,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    action_status: ActionStatus,
    error_info: &'a str,
    error_code: u32,
    /// The first Unix second from which UserSigs are let in (REST-1).
    #[serde(rename = "UserSigFrom", skip_serializing_if = "Option::is_none")]
    user_sig_from_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_result: Option<Vec<Status<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status<'a> {
    #[serde(rename = "To_Account")]
    to_account: &'a str,
    status: Presence,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Vec<Instance>>,
}

/// One instance that is online.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    platform: Platform,
    status: Presence,
}

/// A reply, with the platforms if they were asked for.
pub(super) fn body(reply: &Reply, detail: Detail) -> String {
    match reply {
        Reply::Kicked { user_sig_from_s } => written(&Body { user_sig_from_s: Some(*user_sig_from_s), ..done() }),
        Reply::Statuses(found) => {
            let statuses = found.iter().map(|found| status(found, detail)).collect();
            written(&Body { query_result: Some(statuses), ..done() })
        }
        Reply::Refused(refusal) => refused(refusal),
    }
}

/// What was asked for is done, and there is nothing to tell of it.
pub(super) fn accepted() -> String {
    written(&done())
}

/// A refusal.
pub(super) fn refused(Refusal { code, text }: &Refusal) -> String {
    written(&Body { action_status: ActionStatus::Failed, error_info: text, error_code: code.number(), ..done() })
}

const fn done<'a>() -> Body<'a> {
    Body { action_status: ActionStatus::Done, error_info: "", error_code: 0, user_sig_from_s: None, query_result: None }
}

/// REST-2: an account that is offline has no detail.
fn status(found: &AccountStatus, detail: Detail) -> Status<'_> {
    let AccountStatus { user_id, platforms } = found;
    let instances = || platforms.iter().map(|&platform| Instance { platform, status: Presence::Online }).collect();
    match (platforms.is_empty(), detail) {
        (true, Detail::Without | Detail::Platforms) => Status { to_account: user_id, status: Presence::Offline, detail: None },
        (false, Detail::Without) => Status { to_account: user_id, status: Presence::Online, detail: None },
        (false, Detail::Platforms) => Status { to_account: user_id, status: Presence::Online, detail: Some(instances()) },
    }
}

fn written(body: &Body) -> String {
    serde_json::to_string(body).expect("texts and numbers can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    const OK: &str = r#""ActionStatus":"OK","ErrorInfo":"","ErrorCode":0"#;

    #[test]
    fn each_reply_is_the_vendors_json() {
        let found =
            |user_id: &str, platforms: &[Platform]| AccountStatus { user_id: user_id.to_owned(), platforms: platforms.into() };
        let statuses = Reply::Statuses(vec![found("a", &[Platform::Web, Platform::IPhone]), found("b", &[])]);
        let refused = Reply::Refused(Refusal { code: Code::RegistryUnreachable, text: "try \"again\"".to_owned() });
        let (web, phone) = (r#"{"Platform":"Web","Status":"Online"}"#, r#"{"Platform":"iPhone","Status":"Online"}"#);
        let b = r#"{"To_Account":"b","Status":"Offline"}"#;
        let rows = [
            (&Reply::Kicked { user_sig_from_s: 1_700_000_001 }, Detail::Without, format!(r#"{{{OK},"UserSigFrom":1700000001}}"#)),
            (&statuses, Detail::Without, format!(r#"{{{OK},"QueryResult":[{{"To_Account":"a","Status":"Online"}},{b}]}}"#)),
            (
                &statuses,
                Detail::Platforms,
                format!(r#"{{{OK},"QueryResult":[{{"To_Account":"a","Status":"Online","Detail":[{web},{phone}]}},{b}]}}"#),
            ),
            (&refused, Detail::Without, r#"{"ActionStatus":"FAIL","ErrorInfo":"try \"again\"","ErrorCode":70169}"#.to_owned()),
        ];
        for (reply, detail, expected) in rows {
            assert_eq!(body(reply, detail), expected);
        }
    }
}
