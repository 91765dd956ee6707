//! What stands on the lines to the child. It is written here; what it means is not known. `tests/foreign/protocol.schema.json` says the
//! same for everybody else.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::deed::Deed;

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
    Step(Doing),
    /// A timer fires, and no other.
    Fire(Doing),
}

/// What is done, and the particulars by their names on the line.
#[derive(Clone, Debug)]
pub(super) struct Doing {
    pub(super) what: Deed,
    pub(super) particulars: Vec<(&'static str, Value)>,
}

impl Serialize for Doing {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let what = ("what", Value::from(self.what.word()));
        to.collect_map([what].iter().chain(&self.particulars).map(|(name, value)| (*name, value)))
    }
}

/// Who is there, and under which settings.
#[derive(Clone, Debug, Serialize)]
pub(super) struct World {
    /// What both sides speak.
    pub(super) protocol: &'static str,
    /// What the harness calls it.
    pub(super) scope: &'static str,
    /// The app's policy.
    pub(super) policy: String,
    /// The limit of each platform that occurs.
    pub(super) limits: BTreeMap<&'static str, usize>,
    /// The accounts.
    pub(super) accounts: Vec<&'static str>,
    /// The instances, all logged out.
    pub(super) instances: Vec<Participant>,
    /// Accounts that the administrator has kicked by REST just before.
    pub(super) kicked_before: Vec<&'static str>,
}

/// One instance.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Participant {
    /// Its name.
    pub(super) name: &'static str,
    /// Its platform.
    pub(super) platform: &'static str,
    /// The instance before it whose key it was given, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_of: Option<&'static str>,
    /// The node that its links lead to, counted from 1, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<u8>,
}
