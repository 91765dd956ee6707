//! What an app is configured to: its SDKAppID, its key, its login policy, its limits, its administrators. It reads no file, and decides
//! nothing about a login.

mod bounds;
mod buffers;
mod changing;
mod classes;
mod keys;
mod limits;
mod policy;
mod terms;

use std::fmt;

use crate::session::Platform;

pub use bounds::Bounds;
pub use buffers::Buffers;
pub use changing::{Changing, DEFAULT_PERIOD, Pending, TERMS_TIMER};
pub use classes::{BadPartition, Classes, Kind, MOST_PLATFORMS, Partition};
pub use keys::SecretKeys;
pub use limits::{Limits, OutOfRange};
pub use policy::*;
pub use terms::{Terms, TermsChange};

/// One SDKAppID.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// Its number.
    pub sdk_app_id: u64,
    /// What its UserSigs are signed with.
    pub secret_key: SecretKeys,
    /// Its login policy.
    pub policy: Policy,
    /// Its limits.
    pub limits: Limits,
    /// The accounts whose UserSig administrative calls must show (REST-3); if it is empty, none is served.
    pub administrators: Vec<String>,
    /// How much is kept for a session that does not receive it (MSG-2).
    pub buffers: Buffers,
    /// How much of anybody is served.
    pub bounds: Bounds,
    /// How many seconds ahead of the server's clock a UserSig may be dated (LOGIN-8).
    pub usersig_ahead_s: u64,
}

impl App {
    /// How many instances of that platform an account may have online (KICK-2): its policy's word where the platform is of one's own.
    pub fn limit(&self, platform: Platform) -> u8 {
        match self.policy.classes {
            Classes::Own(partition) => partition.kind(platform).map_or(1, |kind| kind.limit),
            Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi => self.limits.of(platform),
        }
    }
}

impl fmt::Debug for App {
    /// Shows all but the secret key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let App { sdk_app_id, secret_key: _, policy, limits, administrators, buffers, bounds, usersig_ahead_s } = self;
        let mut shown = f.debug_struct("App");
        shown.field("sdk_app_id", sdk_app_id).field("policy", policy).field("limits", limits);
        shown
            .field("administrators", administrators)
            .field("buffers", buffers)
            .field("bounds", bounds)
            .field("usersig_ahead_s", usersig_ahead_s);
        shown.finish_non_exhaustive()
    }
}
