//! What an app is configured to: its SDKAppID, its key, its login policy, its limits. It decides nothing about a login.

use crate::session::Platform;

/// Which platforms' kinds may be online together (KICK-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// One kind in all.
    Single,
    /// One of the native kinds, and Web.
    #[default]
    Dual,
    /// One mobile kind, one desktop kind, and Web.
    Triple,
    /// Every kind.
    Multi,
}

/// How many instances of each platform an account may have online (KICK-2, CONF-3). Every limit is within its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    by_platform: [u8; 7],
}

/// One SDKAppID.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// Its number.
    pub sdk_app_id: u64,
    /// What its UserSigs are signed with.
    pub secret_key: String,
    /// Its login policy.
    pub policy: Policy,
    /// Its limits.
    pub limits: Limits,
}

// Limits::default() is 1 each; Limits::with(self, platform, limit: u8) -> Result<Limits, OutOfRange>; Limits::of(self, platform) -> u8.
// App::from_toml(&str) -> Result<App, ConfigError> with one clear line each.
const _: Option<Platform> = None;
