//! What stands on the lines from the child. It is read here, and refused if it has another shape; what it means is not known.
//! `tests/foreign/protocol.schema.json` says the same for everybody else.

use std::collections::{BTreeMap, BTreeSet};

use model::observation::Code;
use serde::Deserialize;

use super::deed::Deed;
use super::protocol::FrameKind;

/// What a child may tell beyond what it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extra {
    /// The kick records of each account.
    Kicks,
    /// The frames under way, by kind.
    InFlight,
    /// Callbacks recorded and posted.
    Callbacks,
}

/// The answer to a reset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Greeting {
    /// The reset's number.
    pub(super) id: u64,
    /// What the child speaks.
    pub(super) protocol: String,
    /// What it will tell in every answer.
    pub(super) tells: Vec<Extra>,
    /// What it does of what may be asked; everything if it does not say.
    pub(super) does: Option<BTreeSet<Deed>>,
}

/// The answer of a child that cannot do what it is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cannot {
    /// The request's number.
    pub(super) id: u64,
    /// Why.
    pub(super) cannot: String,
}

/// The answer to everything else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// The request's number.
    pub(super) id: u64,
    /// Answers and events, each instance's in its own order.
    pub(super) told: Vec<Told>,
    /// How each instance stands now.
    pub(super) instances: BTreeMap<String, Standing>,
    /// Who is online, by account, in login order.
    pub(super) online: BTreeMap<String, Vec<String>>,
    /// The kick records, by account.
    pub(super) kicks: Option<BTreeMap<String, Vec<Kick>>>,
    /// The frames under way, by instance; none where none are.
    pub(super) in_flight: Option<BTreeMap<String, InFlight>>,
    /// Callbacks recorded and posted in this step, each account's in its own order.
    pub(super) callbacks: Option<Vec<Called>>,
}

/// One thing that an application is told: an answer or an event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// By which instance.
    pub(super) instance: String,
    /// The end of a call.
    pub(super) answer: Option<Settled>,
    /// What it was not asked for.
    pub(super) event: Option<Published>,
}

/// How a call ended; `of` is the number of the request that called.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Settled {
    Resolved { of: u64 },
    Repeat { of: u64, text: String },
    Done { of: u64 },
    Accepted { of: u64 },
    Refused(Refused),
}

/// A call that was refused: by a number, and by a name where a number stands for two refusals.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "RefusedFields")]
pub(super) struct Refused {
    pub(super) of: u64,
    pub(super) code: u32,
    pub(super) because: Option<Because>,
}

/// What a 2025 stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Because {
    /// LOGIN-5
    LoginRuns,
    /// LOGIN-6
    OtherAccount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedFields {
    of: u64,
    code: u32,
    because: Option<Because>,
}

impl TryFrom<RefusedFields> for Refused {
    type Error = &'static str;

    fn try_from(RefusedFields { of, code, because }: RefusedFields) -> Result<Refused, &'static str> {
        match (code == Code::LoginRuns.number(), because) {
            (true, None) => Err("a 2025 without `because`"),
            (false, Some(_)) => Err("a `because` that is not with a 2025"),
            (true, Some(_)) | (false, None) => Ok(Refused { of, code, because }),
        }
    }
}

/// An event, by the SDK's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "name", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub(super) enum Published {
    SdkReady {},
    SdkNotReady {},
    KickedOut {
        #[serde(rename = "type")]
        reason: Reason,
    },
    MessageReceived {
        message: String,
        from: String,
        to: String,
    },
    NetStateChange {
        state: NetState,
    },
    MessagesLost {},
    EndOfEvents {},
}

/// The SDK's kick reasons.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum Reason {
    #[serde(rename = "multipleAccount")]
    MultipleAccount,
    #[serde(rename = "multipleDevice")]
    MultipleDevice,
    #[serde(rename = "userSigExpired")]
    UserSigExpired,
    #[serde(rename = "REST_API_Kick")]
    RestApi,
}

/// What `NET_STATE_CHANGE` says.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NetState {
    Connected,
    Connecting,
    Disconnected,
}

/// How an instance stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    /// As whom it is logged in; null if it is not.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) login_user: Option<String>,
    /// Whether it is ready.
    pub(super) ready: bool,
}

/// A kick record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kick {
    /// Whose.
    pub(super) instance: String,
    /// Why.
    #[serde(rename = "type")]
    pub(super) reason: Reason,
}

/// The frames under way on an instance's links, oldest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InFlight {
    /// To the server.
    pub(super) to_server: Vec<FrameKind>,
    /// To the client.
    pub(super) to_client: Vec<FrameKind>,
    /// To the server on the old link.
    pub(super) old_to_server: Vec<FrameKind>,
}

/// A callback recorded or posted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Called {
    /// Of which account.
    pub(super) account: String,
    /// Whose session.
    pub(super) instance: String,
    /// How far it has come.
    pub(super) stage: Stage,
    /// What became of the session.
    pub(super) change: Change,
    /// Whom its login kicked, in login order.
    #[serde(default)]
    pub(super) kicked: Vec<String>,
}

/// How far a callback has come.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Recorded,
    Taken,
    Failed,
}

/// The action and the reason of a callback.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum Change {
    #[serde(rename = "Login/Register")]
    Register,
    #[serde(rename = "Login/Register (resumed)")]
    Resumed,
    #[serde(rename = "Logout/Unregister")]
    Unregister,
    #[serde(rename = "Disconnect/LinkClose")]
    LinkClose,
    #[serde(rename = "Disconnect/TimeOut")]
    TimeOut,
}
