//! What the server knows of an account: its sessions in login order, its kick records, its epochs. Plain data; it decides nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of client that a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Platform {
    /// Browsers, mini programs, uni-app, React Native.
    Web,
    /// Android phones.
    Android,
    /// iPhones.
    #[serde(rename = "iPhone")]
    IPhone,
    /// iPads.
    #[serde(rename = "iPad")]
    IPad,
    /// Windows desktops.
    Windows,
    /// Mac desktops.
    Mac,
    /// Linux desktops.
    Linux,
}

/// Why the server ended a session against its instance's wish, by the SDK's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KickReason {
    /// `KICKED_OUT_MULT_ACCOUNT`: too many instances of the platform (KICK-2).
    #[serde(rename = "multipleAccount")]
    MultipleAccount,
    /// `KICKED_OUT_MULT_DEVICE`: another kind of the class logged in (KICK-1).
    #[serde(rename = "multipleDevice")]
    MultipleDevice,
    /// `KICKED_OUT_USERSIG_EXPIRED` (SIG-1).
    #[serde(rename = "userSigExpired")]
    UserSigExpired,
    /// `KICKED_OUT_REST_API` (REST-1).
    #[serde(rename = "REST_API_Kick")]
    RestApi,
}

/// 128 random bits that an instance makes and keeps: its identity, known to it and the server only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceKey(pub u128);

/// 128 random bits that the client makes for each session and sends with its login: they name the session and authorise what is
/// asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Secret(pub u128);

/// The number that an instance gives a link; it only grows, also over a restart of the instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// The record that an instance is logged in. It is online as long as it stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose session it is.
    pub key: InstanceKey,
    /// What names it.
    pub secret: Secret,
    /// The link that carries it.
    pub epoch: Epoch,
    /// What its limit and class are looked up by.
    pub platform: Platform,
}

/// That a session was kicked and its instance may not know it yet (KICK-8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KickRecord {
    /// The instance that the session belonged to.
    pub key: InstanceKey,
    /// The session that was kicked.
    pub secret: Secret,
    /// The first reason; it stays.
    pub reason: KickReason,
}

/// All that is stored of one account. The default is the record of an account that never logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The online sessions, oldest login first.
    pub sessions: Vec<Session>,
    /// The kicks that were not acknowledged yet, oldest first; at most 100.
    pub kicks: Vec<KickRecord>,
    /// The highest epoch seen of each instance key (LINK-3).
    pub epochs: BTreeMap<InstanceKey, Epoch>,
}

// `InstanceKey` and `Secret` are written as 32 hexadecimal digits, on the wire and in the store; `Debug` must not show a secret.
