//! The settings of `kickproof serve`: a file, and flags that win over it. What is right the system's configuration says.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use sut::config::{Draft, Policy};
use sut::registry::Place;
use sut::session::Platform;
use sut::webhook::Target;

use super::front::FrontFlags;
use crate::command::{Error, values};

pub(super) use sut::config::Settings;

/// The flags, each of which wins over what the file says.
#[derive(Args)]
pub(super) struct Flags {
    /// A TOML file with settings, as below
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The app that is served
    #[arg(long, value_name = "N", value_parser = values::whole::<u64>(0..=u64::MAX))]
    sdk_app_id: Option<u64>,
    /// The app's secret key; other users of this machine see arguments, but not the environment
    #[arg(long, value_name = "KEY", env = "KICKPROOF_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    key: Option<String>,
    /// Which kinds of client may be online together: single, dual (the default), triple or multi; with +refuse behind it a login that would
    /// kick somebody is refused instead (70409); or a TOML file that states a policy, with kinds of client of one's own
    #[arg(long, value_name = "NAME|FILE", value_parser = policy)]
    policy: Option<Policy>,
    /// How many instances of a platform an account may have online: 1 unless told, Web at most 10, others at most 3
    #[arg(long = "limit", value_name = "PLATFORM=N", value_parser = limit)]
    limits: Vec<(Platform, u8)>,
    /// An account whose UserSig administrative calls must show; may be given several times, then in place of the file's
    #[arg(long = "administrator", value_name = "USER_ID", value_parser = administrator)]
    administrators: Vec<String>,
    /// Where to listen, 127.0.0.1:8080 unless told; port 0 is any free one
    #[arg(long, value_name = "ADDR", value_parser = values::address)]
    listen: Option<SocketAddr>,
    /// A folder in which accounts' sessions and what is owed to the webhook survive the process; without it they are kept in memory
    ///
    /// Of a session's secret and of an instance's key it holds a digest, with which nobody can speak for them.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[arg(long, value_name = "PLACE", conflicts_with = "data", help = format!("Where that is kept: {}", Place::FORMS))]
    registry: Option<Place>,
    /// What this server is called in logs and numbers among the nodes that share its Redis server
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// How often a node asks what others committed, in case it was not told: 5000 unless told, at most 9000
    #[arg(long, value_name = "MILLISECONDS", value_parser = values::whole::<u64>(0..=u64::MAX))]
    poll_ms: Option<u64>,
    /// Where callbacks about logins, logouts and disconnections are posted
    #[arg(long, value_name = "URL")]
    webhook: Option<Target>,
    /// How long a changed policy or limit is pending before it takes effect: 300 unless told, at most 3000
    #[arg(long, value_name = "SECONDS", value_parser = change_period, allow_negative_numbers = true)]
    change_period: Option<Duration>,
    /// How far ahead of this machine's clock a UserSig may be dated: 60 unless told, 0 for not at all
    #[arg(long, value_name = "SECONDS", value_parser = values::whole::<u64>(0..=u64::MAX))]
    usersig_ahead: Option<u64>,
    #[command(flatten)]
    front: FrontFlags,
}

impl Flags {
    /// The settings that the flags and the file state together.
    pub(super) fn settings(&self) -> Result<Settings, Error> {
        self.settings_over(self.file()?)
    }

    /// What the file states; nothing if there is none.
    pub(super) fn file(&self) -> Result<Draft, Error> {
        self.config.as_deref().map_or_else(|| Ok(Draft::default()), read)
    }

    /// The settings that the flags and that file state together.
    pub(super) fn settings_over(&self, file: Draft) -> Result<Settings, Error> {
        if let Some(platform) = self.limited_twice() {
            return Err(Error::Arguments(format!("--limit names {} twice, and nobody could say which counts", platform.name())));
        }
        self.draft().or(file).settings().map_err(Error::settings)
    }

    /// Whether that file states another secret key than the flag or the variable, which win over it.
    pub(super) fn hides_key_of(&self, file: &Draft) -> bool {
        matches!((&self.key, &file.secret_key), (Some(key), Some(hidden)) if key != hidden)
    }

    fn limited_twice(&self) -> Option<Platform> {
        let mut known = BTreeSet::new();
        self.limits.iter().map(|(platform, _)| *platform).find(|platform| !known.insert(*platform))
    }

    fn draft(&self) -> Draft {
        let Flags { config: _, sdk_app_id, key, policy, limits, administrators, listen, data, registry, .. } = self;
        let Flags { node, poll_ms, webhook, change_period, usersig_ahead, front, .. } = self;
        Draft {
            sdk_app_id: *sdk_app_id,
            secret_key: key.clone(),
            policy: *policy,
            listen: *listen,
            registries: data.clone().map(Place::Folder).or(registry.clone()).into_iter().collect(),
            node: node.clone(),
            poll_ms: *poll_ms,
            webhook: webhook.clone(),
            change_period: *change_period,
            usersig_ahead_s: *usersig_ahead,
            limits: limits.clone(),
            administrators: administrators.clone(),
            front: front.draft(),
            ..Draft::default()
        }
    }
}

fn read(path: &Path) -> Result<Draft, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::Unreadable { path: path.to_owned(), error })?;
    Draft::from_toml(&text).map_err(|error| Error::File { path: path.to_owned(), error })
}

/// A policy as the command line writes it.
fn policy(text: &str) -> Result<Policy, String> {
    Draft::policy(text).map_err(|error| error.to_string())
}

/// A limit as the command line writes it, in its range.
fn limit(text: &str) -> Result<(Platform, u8), String> {
    let (platform, limit) = text.split_once('=').ok_or("a limit is a platform and a number, as in Web=2")?;
    let limit = limit.parse().map_err(|_| format!("'{limit}' is no whole number; it would be as in Web=2"))?;
    Draft::limit(platform, limit).map_err(|error| error.to_string())
}

/// A period as the command line writes it.
fn change_period(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "it would be a whole number of seconds".to_owned())?;
    Draft::change_period(seconds).map_err(|error| error.to_string())
}

/// An administrator as the command line writes it.
fn administrator(user_id: &str) -> Result<String, String> {
    Draft::administrator(user_id.to_owned()).map_err(|error| error.to_string())
}
