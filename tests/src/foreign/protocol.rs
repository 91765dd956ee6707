//! What stands on the lines to the child, and the words that both ways share. It is written here; what it means is not known.
//! `tests/foreign/protocol.schema.json` says the same for everybody else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// The name of this protocol and its version; another version would be another name.
pub const PROTOCOL: &str = "kickproof-lines/2";

/// One line to the child. Each has the number that its answer repeats.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Request {
    /// Counts the requests to one child, from 1.
    pub(super) id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub(super) body: Body,
}

/// What is asked of the child.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Body {
    /// Forget everything; this is the world from now on.
    Reset(World),
    /// Say how all stands, and do nothing.
    Observe,
    /// An application, the network or an administrator does something.
    Step(Step),
    /// A timer fires, and no other.
    Fire(Timer),
}

/// Who is there, and under which settings.
#[derive(Clone, Debug, Serialize)]
pub(super) struct World {
    /// What both sides speak.
    pub(super) protocol: &'static str,
    /// What the harness calls it.
    pub(super) scope: &'static str,
    /// The app's policy.
    pub(super) policy: &'static str,
    /// The limit of each platform that occurs.
    pub(super) limits: BTreeMap<&'static str, usize>,
    /// The accounts.
    pub(super) accounts: Vec<&'static str>,
    /// The instances, all logged out.
    pub(super) instances: Vec<Place>,
    /// Accounts that the administrator has kicked by REST just before.
    pub(super) kicked_before: Vec<&'static str>,
}

/// One instance.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Place {
    /// Its name.
    pub(super) name: &'static str,
    /// Its platform.
    pub(super) platform: &'static str,
    /// The instance before it whose key it was given, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_of: Option<&'static str>,
}

/// What is done. The names are the ones of the documentation.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Step {
    Login { instance: &'static str, account: &'static str, credential: &'static str },
    Logout { instance: &'static str },
    Destroy { instance: &'static str },
    Send(Sending),
    Resend(Sending),
    PageClose { instance: &'static str },
    Wake { instance: &'static str },
    Open { instance: &'static str },
    OpenFails { instance: &'static str },
    ToServer { instance: &'static str, link: Which, frame: FrameKind },
    ToClient { instance: &'static str, frame: FrameKind },
    Cut { instance: &'static str },
    ClientLoses { instance: &'static str },
    ServerLoses { instance: &'static str, link: Which },
    Renew { instance: &'static str },
    RestKick { account: &'static str },
    Configure { limits: BTreeMap<&'static str, usize> },
    Post { account: &'static str, how: How },
    Restart,
    Stop,
}

/// A call of `sendMessage`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sending {
    /// On which instance.
    pub(super) instance: &'static str,
    /// To whom.
    pub(super) to: &'static str,
    /// The message's name, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

/// Which timer fires.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Timer {
    Backoff { instance: &'static str },
    Deadline { instance: &'static str, call: &'static str },
    Ping { instance: &'static str },
    ServerPing { instance: &'static str, link: Which },
    ClientHeartbeat { instance: &'static str },
    ServerHeartbeat { instance: &'static str, link: Which },
    Lapse { instance: &'static str, account: &'static str },
    Expire { instance: &'static str, account: &'static str },
    TakeEffect,
}

/// Which of an instance's links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Which {
    /// The newest.
    Current,
    /// The one before, given up by the client, whose frames still arrive.
    Old,
}

/// How the post of a callback ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    Taken,
    Failed,
}

/// The frames of LINK-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(super) enum FrameKind {
    Login,
    Resume,
    Logout,
    Sync,
    Send,
    MessageAck,
    KickAck,
    Ping,
    LoginAnswer,
    ResumeAnswer,
    LogoutAnswer,
    SyncAnswer,
    SendAnswer,
    Message,
    Notice,
    Pong,
}

impl FrameKind {
    /// The word on the line.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}
