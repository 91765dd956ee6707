//! The administrator's HTTP requests, as bytes. It sends nothing.

use model::action::AccountId;
use sut::session::Platform;
use sut::timers::UnixMillis;

use crate::cast;

/// The administrator's request that kicks an account.
pub(super) fn kick_request(account: AccountId, now: UnixMillis) -> String {
    request("kick", &format!(r#"{{"UserID":"{}"}}"#, cast::user_id(account)), now)
}

/// The administrator's request that changes a limit.
pub(super) fn limits_request((platform, limit): (Platform, u8), now: UnixMillis) -> String {
    request("set_login_policy", &format!(r#"{{"Limits":{{"{platform}":{limit}}}}}"#), now)
}

fn request(call: &str, body: &str, now: UnixMillis) -> String {
    let (administrator, user_sig) = (cast::ADMINISTRATOR, cast::administrator(now));
    let query = format!("sdkappid={}&identifier={administrator}&usersig={user_sig}&random=1&contenttype=json", cast::SDK_APP_ID);
    let head = "Host: server\r\nContent-Type: application/json";
    format!("POST /v4/im_open_login_svc/{call}?{query} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
