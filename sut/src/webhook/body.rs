//! How a callback is written: the vendor's `State.StateChange`, in JSON and in the query of the URL. It decides nothing.

use serde::Serialize;

use crate::callback::{Callback, Happened};
use crate::session::Platform;

/// The vendor's name of these callbacks.
pub(super) const COMMAND: &str = "State.StateChange";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    callback_command: &'static str,
    /// In milliseconds.
    event_time: u64,
    info: Info<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kicked_device: Vec<Kicked<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Info<'a> {
    action: Action,
    #[serde(rename = "To_Account")]
    to_account: &'a str,
    reason: Reason,
    /// Written only where it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    resumed: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kicked<'a> {
    platform: &'a str,
}

#[derive(Serialize)]
enum Action {
    Login,
    Logout,
    Disconnect,
}

#[derive(Serialize)]
enum Reason {
    Register,
    Unregister,
    LinkClose,
    TimeOut,
}

/// The vendor's JSON.
pub(super) fn body(user_id: &str, callback: &Callback) -> String {
    let (action, reason, devices) = match &callback.happened {
        Happened::Register { kicked } => (Action::Login, Reason::Register, kicked.as_slice()),
        Happened::Resumed => (Action::Login, Reason::Register, [].as_slice()),
        Happened::Readmitted { kicked } => (Action::Login, Reason::Register, kicked.as_slice()),
        Happened::Unregister => (Action::Logout, Reason::Unregister, [].as_slice()),
        Happened::LinkClose => (Action::Disconnect, Reason::LinkClose, [].as_slice()),
        Happened::TimeOut => (Action::Disconnect, Reason::TimeOut, [].as_slice()),
    };
    let resumed = matches!(callback.happened, Happened::Resumed | Happened::Readmitted { .. }).then_some(true);
    let written = Body {
        callback_command: COMMAND,
        event_time: callback.at.0,
        info: Info { action, to_account: user_id, reason, resumed },
        kicked_device: devices.iter().map(|device| Kicked { platform: platform(&device.platform) }).collect(),
    };
    serde_json::to_string(&written).expect("texts and numbers can be written")
}

/// A platform as the vendor's callbacks name it: iPhones are `iOS` there.
pub(super) fn platform(platform: &Platform) -> &str {
    match platform {
        Platform::IPhone => "iOS",
        Platform::Web
        | Platform::Android
        | Platform::IPad
        | Platform::Windows
        | Platform::Mac
        | Platform::Linux
        | Platform::Own(_) => platform.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::{CallbackId, Device};
    use crate::session::SessionDigest;
    use crate::timers::UnixMillis;

    fn written(happened: Happened) -> String {
        let at = UnixMillis(1_629_883_332_497);
        body("alice", &Callback { id: CallbackId::default(), at, device: device(Platform::Web), happened })
    }

    fn device(platform: Platform) -> Device {
        Device { digest: SessionDigest(1), platform }
    }

    #[test]
    fn each_kind_is_the_vendors_json() {
        let kicked = vec![device(Platform::Windows), device(Platform::IPhone)];
        let rows = [
            (Happened::Register { kicked: vec![] }, r#""Login","To_Account":"alice","Reason":"Register"}"#),
            (
                Happened::Register { kicked },
                r#""Login","To_Account":"alice","Reason":"Register"},"KickedDevice":[{"Platform":"Windows"},{"Platform":"iOS"}]"#,
            ),
            (Happened::Resumed, r#""Login","To_Account":"alice","Reason":"Register","Resumed":true}"#),
            (
                Happened::Readmitted { kicked: vec![device(Platform::Mac)] },
                r#""Login","To_Account":"alice","Reason":"Register","Resumed":true},"KickedDevice":[{"Platform":"Mac"}]"#,
            ),
            (Happened::Unregister, r#""Logout","To_Account":"alice","Reason":"Unregister"}"#),
            (Happened::LinkClose, r#""Disconnect","To_Account":"alice","Reason":"LinkClose"}"#),
            (Happened::TimeOut, r#""Disconnect","To_Account":"alice","Reason":"TimeOut"}"#),
        ];
        let head = r#"{"CallbackCommand":"State.StateChange","EventTime":1629883332497,"Info":{"Action":"#;
        for (happened, rest) in rows {
            assert_eq!(written(happened), format!("{head}{rest}}}"));
        }
    }
}
