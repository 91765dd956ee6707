//! What stands on the lines from the child. It is read here, and refused if it has another shape; what it means is not known.
//! `tests/foreign/protocol.schema.json` says the same for everybody else.

use std::collections::{BTreeMap, BTreeSet};

use model::action::Post;
use model::frame::{DownFrame, UpFrame};
use model::observation::{CallbackStage, Event, NetState, Reason, StateChange};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use strum::VariantArray;

use super::deed::Deed;
use super::names::{DOWN, UP};
use super::tells::Extra;
use crate::naming;

/// The answer to a reset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Greeting {
    pub(super) id: u64,
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
    pub(super) id: u64,
    pub(super) cannot: String,
}

/// The answer to everything else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepAnswer {
    pub(super) id: u64,
    /// Answers and events, each instance's in its own order.
    pub(super) told: Vec<ToldItem>,
    /// How each instance stands now.
    pub(super) instances: BTreeMap<String, InstanceState>,
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
pub(super) struct ToldItem {
    pub(super) instance: String,
    pub(super) answer: Option<Settled>,
    pub(super) event: Option<Published>,
}

/// How a call ended; `of` is the number of the request that called. A 2025 says what it stands for, and nothing else does.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Settled {
    Resolved { of: u64 },
    Repeat { of: u64, text: String },
    Done { of: u64 },
    Accepted { of: u64 },
    Refused { of: u64, code: u32, because: Option<Because> },
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

/// An event, by the SDK's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "name", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub(super) enum Published {
    SdkReady {},
    SdkNotReady {},
    KickedOut {
        #[serde(rename = "type", deserialize_with = "reason")]
        reason: Reason,
        code: Option<u32>,
    },
    MessageReceived {
        message: String,
        from: String,
        to: String,
    },
    NetStateChange {
        #[serde(deserialize_with = "net_state")]
        state: NetState,
    },
    MessagesLost {},
    EndOfEvents {},
}

/// How an instance stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceState {
    /// As whom it is logged in; null if it is not.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) login_user: Option<String>,
    pub(super) ready: bool,
}

/// A kick record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kick {
    pub(super) instance: String,
    #[serde(rename = "type", deserialize_with = "reason")]
    pub(super) reason: Reason,
}

/// The frames under way on an instance's links, oldest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InFlight {
    #[serde(deserialize_with = "up")]
    pub(super) to_server: Vec<UpFrame>,
    #[serde(deserialize_with = "down")]
    pub(super) to_client: Vec<DownFrame>,
    #[serde(deserialize_with = "up")]
    pub(super) old_to_server: Vec<UpFrame>,
}

/// A callback recorded or posted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Called {
    pub(super) account: String,
    pub(super) instance: String,
    #[serde(deserialize_with = "stage")]
    pub(super) stage: CallbackStage,
    #[serde(deserialize_with = "change")]
    pub(super) change: StateChange,
    /// Whom its login kicked, in login order.
    #[serde(default)]
    pub(super) kicked: Vec<String>,
}

/// The model's value of a word.
fn value<T: Copy, E: Error>(word: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, E> {
    let named = all.iter().copied().find(|value| name(*value) == word);
    named.ok_or_else(|| E::custom(format!("'{}' is no word that can stand there", word.escape_debug())))
}

fn values<'de, T: Copy, D: Deserializer<'de>>(from: D, all: &[T], name: impl Fn(T) -> &'static str) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(from)?.iter().map(|word| value(word, all, &name)).collect()
}

fn up<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<UpFrame>, D::Error> {
    values(from, &UP, UpFrame::name)
}

fn down<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<DownFrame>, D::Error> {
    values(from, &DOWN, DownFrame::name)
}

fn reason<'de, D: Deserializer<'de>>(from: D) -> Result<Reason, D::Error> {
    value(&String::deserialize(from)?, &Reason::ALL, Reason::name)
}

fn net_state<'de, D: Deserializer<'de>>(from: D) -> Result<NetState, D::Error> {
    let all = [NetState::Connected, NetState::Connecting, NetState::Disconnected];
    let name = |state| Event::Net(state).name().trim_start_matches("NET_STATE_CHANGE ");
    value(&String::deserialize(from)?, &all, name)
}

fn change<'de, D: Deserializer<'de>>(from: D) -> Result<StateChange, D::Error> {
    value(&String::deserialize(from)?, StateChange::VARIANTS, naming::state_change)
}

fn stage<'de, D: Deserializer<'de>>(from: D) -> Result<CallbackStage, D::Error> {
    let name = |stage| match stage {
        CallbackStage::Committed => "recorded",
        CallbackStage::Posted(how) => how.name(),
    };
    let posted = Post::ALL.map(CallbackStage::Posted);
    value(&String::deserialize(from)?, &[CallbackStage::Committed, posted[0], posted[1]], name)
}
