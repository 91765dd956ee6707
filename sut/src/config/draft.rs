//! What one source, a file or a command line, says of an app's configuration. It may leave out anything; what it says is judged
//! when the settings are made of it, and not before.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use super::file::File;
use super::policy_file::{self, is_policy_file};
use super::{
    App, BoundsDraft, Buffers, Classes, ConfigError, DEFAULT_PERIOD, FrontDraft, Limits, MOST_PERIOD_S, MOST_POLL_MS, NoAddress,
    NoPolicy, OutOfRange, Policy, Settings,
};
use crate::registry::Place;
use crate::server::POLL;
use crate::session::{Platform, is_user_id};
use crate::usersig::DEFAULT_AHEAD_S;
use crate::webhook::Target;

/// What one source says; `None`, or no limit of that platform, is what it leaves to another.
#[derive(Clone, Default)]
pub struct Draft {
    /// The SDKAppID.
    pub sdk_app_id: Option<u64>,
    /// What UserSigs are signed with.
    pub secret_key: Option<String>,
    /// The login policy.
    pub policy: Option<Policy>,
    /// Where the server listens.
    pub listen: Option<SocketAddr>,
    /// Where the registry is kept; more than one place is no setting.
    pub registries: Vec<Place>,
    /// What the server is called among several nodes.
    pub node: Option<String>,
    /// How often it asks what the others committed, in milliseconds.
    pub poll_ms: Option<u64>,
    /// Where callbacks are sent.
    pub webhook: Option<Target>,
    /// How long changed terms are pending.
    pub change_period: Option<Duration>,
    /// How many seconds ahead a UserSig may be dated.
    pub usersig_ahead_s: Option<u64>,
    /// The limits, the last one of a platform counts.
    pub limits: Vec<(Platform, u8)>,
    /// The administrators; none is what it leaves to another.
    pub administrators: Vec<String>,
    /// How many messages are kept for a session.
    pub kept_messages: Option<u64>,
    /// How many bytes of them.
    pub kept_bytes: Option<u64>,
    /// How much of anybody is served.
    pub bounds: BoundsDraft,
    /// How the server meets those outside.
    pub front: FrontDraft,
}

impl Draft {
    /// Reads a configuration file, all of whose keys may be left out. Any other key is an error.
    ///
    /// # Errors
    /// What is wrong with the file, in one line.
    pub fn from_toml(text: &str) -> Result<Draft, ConfigError> {
        let file = File::from_toml(text)?;
        let File { sdk_app_id, secret_key, policy, listen, data, registry, node, webhook, .. } = file;
        let File { change_period_s, usersig_ahead_s, administrators, limits, buffers, bounds, .. } = file;
        let File { tls_cert, tls_key, trusted_proxies, drain_s, key_overlap_s, allow_origins, backlog, .. } = file;
        let listen = listen.as_deref().map(Draft::address).transpose()?;
        let registry = registry.as_deref().map(str::parse).transpose()?;
        let registries = data.map(Place::Folder).into_iter().chain(registry).collect();
        let webhook = webhook.as_deref().map(str::parse).transpose()?;
        let change_period = change_period_s.map(|seconds| Draft::change_period(seconds.0)).transpose()?;
        let policy = policy.as_deref().map(Draft::policy).transpose()?;
        let limits = limits.iter().map(|(name, limit)| Draft::limit(name, limit.0)).collect::<Result<_, _>>()?;
        let administrators = administrators.0.into_iter().map(Draft::administrator).collect::<Result<_, _>>()?;
        let [sdk_app_id, usersig_ahead_s] = [sdk_app_id, usersig_ahead_s].map(|number| number.map(|number| number.0));
        let [kept_messages, kept_bytes, poll_ms] =
            [buffers.messages, buffers.bytes, file.poll_ms].map(|number| number.map(|number| number.0));
        let trusted_proxies = trusted_proxies.0.iter().map(|text| FrontDraft::network(text)).collect::<Result<_, _>>()?;
        let allow_origins = allow_origins.0.iter().map(|text| FrontDraft::origin(text)).collect::<Result<_, _>>()?;
        let [drain_s, key_overlap_s, backlog] = [drain_s, key_overlap_s, backlog].map(|number| number.map(|number| number.0));
        let front = FrontDraft { tls_cert, tls_key, trusted_proxies, drain_s, key_overlap_s, allow_origins, backlog };
        let bounds = bounds.draft();
        let draft =
            Draft { sdk_app_id, secret_key, policy, listen, registries, node, poll_ms, webhook, front, bounds, ..Draft::default() };
        Ok(Draft { change_period, usersig_ahead_s, limits, administrators, kept_messages, kept_bytes, ..draft })
    }

    /// [`Draft::policy`] as it is written: a policy in a word, or the file that states it, which is read.
    ///
    /// # Errors
    /// No such policy, or what is wrong with the file.
    pub fn policy(text: &str) -> Result<Policy, NoPolicy> {
        if is_policy_file(text) { Ok(policy_file::read(Path::new(text))?) } else { Ok(text.parse()?) }
    }

    /// [`Draft::listen`] as it is written: a host's address or name, and a port. A name stands for the first of its addresses.
    ///
    /// # Errors
    /// It names nothing that can be listened at.
    pub fn address(text: &str) -> Result<SocketAddr, NoAddress> {
        let bad = |why: &str| NoAddress { text: text.to_owned(), why: why.to_owned() };
        let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
        match (text.parse(), port) {
            (Ok(address), _) => Ok(address),
            (Err(_), Some(Ok(_))) => {
                let mut found = text.to_socket_addrs().map_err(|error| bad(&error.to_string()))?;
                found.next().ok_or_else(|| bad("the name has no address"))
            }
            (Err(_), Some(Err(_))) => Err(bad("the port is a number up to 65535")),
            (Err(_), None) => Err(bad("a host and a port are needed")),
        }
    }

    /// One of [`Draft::limits`] as it is written: the platform's name, and a limit that must be in its range.
    ///
    /// # Errors
    /// No such platform, or a limit out of its range (CONF-3).
    pub fn limit(platform: &str, limit: i64) -> Result<(Platform, u8), ConfigError> {
        let platform = Platform::of_the_rulebook(platform)?;
        let in_a_byte = u8::try_from(limit).map_err(|_| OutOfRange { platform, limit })?;
        Limits::default().with(platform, in_a_byte)?;
        Ok((platform, in_a_byte))
    }

    /// [`Draft::change_period`] as it is written: seconds, at most 50 minutes.
    ///
    /// # Errors
    /// It is negative or longer.
    pub fn change_period(seconds: i64) -> Result<Duration, ConfigError> {
        match u64::try_from(seconds) {
            Ok(in_range) if seconds <= MOST_PERIOD_S => Ok(Duration::from_secs(in_range)),
            Ok(_) | Err(_) => Err(ConfigError::Period(seconds)),
        }
    }

    /// One of [`Draft::administrators`] as it is written, which must be a userID.
    ///
    /// # Errors
    /// It is no userID.
    pub fn administrator(user_id: String) -> Result<String, ConfigError> {
        if is_user_id(&user_id) { Ok(user_id) } else { Err(ConfigError::Administrator(user_id)) }
    }

    /// What this draft says, and for what it leaves out what the other one says.
    pub fn or(self, other: Draft) -> Draft {
        Draft {
            sdk_app_id: self.sdk_app_id.or(other.sdk_app_id),
            secret_key: self.secret_key.or(other.secret_key),
            policy: self.policy.or(other.policy),
            listen: self.listen.or(other.listen),
            registries: if self.registries.is_empty() { other.registries } else { self.registries },
            node: self.node.or(other.node),
            poll_ms: self.poll_ms.or(other.poll_ms),
            webhook: self.webhook.or(other.webhook),
            change_period: self.change_period.or(other.change_period),
            usersig_ahead_s: self.usersig_ahead_s.or(other.usersig_ahead_s),
            limits: [other.limits, self.limits].concat(),
            administrators: if self.administrators.is_empty() { other.administrators } else { self.administrators },
            kept_messages: self.kept_messages.or(other.kept_messages),
            kept_bytes: self.kept_bytes.or(other.kept_bytes),
            bounds: self.bounds.or(other.bounds),
            front: self.front.or(other.front),
        }
    }

    /// The settings that it states, with the defaults for what it leaves out; an SDKAppID and a key have none.
    ///
    /// # Errors
    /// What is missing or cannot go together, in one line.
    pub fn settings(self) -> Result<Settings, ConfigError> {
        let sdk_app_id = self.sdk_app_id.ok_or(ConfigError::MissingSdkAppId)?;
        let secret_key = self.secret_key.ok_or(ConfigError::MissingSecretKey)?;
        if secret_key.is_empty() {
            return Err(ConfigError::EmptySecretKey);
        }
        let registry = registry(self.registries)?;
        let (node, poll) = (node(self.node, &registry)?, poll(self.poll_ms)?);
        let policy = self.policy.unwrap_or_default();
        if matches!(policy.classes, Classes::Own(_)) && !self.limits.is_empty() {
            return Err(ConfigError::Limits);
        }
        let mut limits = Limits::default();
        for (platform, limit) in self.limits {
            limits = limits.with(platform, limit)?;
        }
        let administrators = self.administrators.into_iter().map(Draft::administrator).collect::<Result<_, _>>()?;
        let buffers = buffers(self.kept_messages, self.kept_bytes)?;
        let usersig_ahead_s = self.usersig_ahead_s.unwrap_or(DEFAULT_AHEAD_S);
        let bounds = self.bounds.bounds()?;
        let app =
            App { sdk_app_id, secret_key: secret_key.into(), policy, limits, administrators, buffers, bounds, usersig_ahead_s };
        let (change_period, front) = (self.change_period.unwrap_or(DEFAULT_PERIOD), self.front.front()?);
        Ok(Settings { app, listen: self.listen, registry, node, poll, webhook: self.webhook, change_period, front })
    }
}

fn registry(named: Vec<Place>) -> Result<Place, ConfigError> {
    match &named[..] {
        [] => Ok(Place::Memory),
        [Place::Folder(folder)] if folder.as_os_str().is_empty() => Err(ConfigError::EmptyDataFolder),
        [place] => Ok(place.clone()),
        [..] => Err(ConfigError::TwoRegistries),
    }
}

/// Whoever names a node means one of several.
fn node(named: Option<String>, registry: &Place) -> Result<Option<String>, ConfigError> {
    match (named, registry) {
        (None, _) => Ok(None),
        (Some(name), _) if !is_user_id(&name) => Err(ConfigError::Node(name)),
        (Some(name), Place::Redis(_)) => Ok(Some(name)),
        (Some(_), Place::Memory | Place::Folder(_)) => Err(ConfigError::NodeAlone),
    }
}

fn poll(millis: Option<u64>) -> Result<Duration, ConfigError> {
    match millis {
        None => Ok(POLL),
        Some(millis @ 1..=MOST_POLL_MS) => Ok(Duration::from_millis(millis)),
        Some(millis) => Err(ConfigError::Poll(millis)),
    }
}

fn buffers(messages: Option<u64>, bytes: Option<u64>) -> Result<Buffers, ConfigError> {
    let Buffers { messages: most, bytes: largest } = Buffers::default();
    let [messages, bytes] = [messages, bytes].map(|asked| asked.map(|asked| usize::try_from(asked).unwrap_or(usize::MAX)));
    let buffers = Buffers { messages: messages.unwrap_or(most), bytes: bytes.unwrap_or(largest) };
    for (name, value) in [("messages", buffers.messages), ("bytes", buffers.bytes)] {
        if value == 0 {
            return Err(ConfigError::Buffers(name));
        }
    }
    Ok(buffers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_draft_says_wins() {
        let file = Draft::from_toml("sdk_app_id = 1\nsecret_key = \"a\"\npolicy = \"multi\"\n[limits]\nWeb = 2\nMac = 3").unwrap();
        let flags = Draft { secret_key: Some("b".to_owned()), limits: vec![(Platform::Web, 4)], ..Draft::default() };
        let App { sdk_app_id, secret_key, policy, limits, .. } = flags.or(file).settings().unwrap().app;
        assert_eq!((sdk_app_id, secret_key.current(), policy), (1, "b", Policy::MULTI));
        assert_eq!([Platform::Web, Platform::Mac, Platform::IPad].map(|platform| limits.of(platform)), [4, 3, 1]);
    }

    #[test]
    fn administrators_that_the_first_draft_names_are_the_only_ones() {
        let named =
            |names: &[&str]| Draft { administrators: names.iter().map(|name| (*name).to_owned()).collect(), ..Draft::default() };
        assert_eq!(named(&["a"]).or(named(&["b", "c"])).administrators, ["a"]);
        assert_eq!(named(&[]).or(named(&["b", "c"])).administrators, ["b", "c"]);
    }

    #[test]
    fn an_address_may_be_a_name() {
        let named = Draft::address("localhost:8080").unwrap();
        assert!(named.ip().is_loopback() && named.port() == 8080, "{named}");
        assert_eq!(Draft::address("[::1]:80").unwrap(), "[::1]:80".parse().unwrap());
        for none in ["8080", ":8080", "localhost", "localhost:70000", ""] {
            assert!(Draft::address(none).is_err(), "{none}");
        }
    }

    #[test]
    fn a_limit_of_a_draft_is_judged_with_its_settings() {
        let draft =
            Draft { sdk_app_id: Some(1), secret_key: Some("a".to_owned()), limits: vec![(Platform::Web, 11)], ..Draft::default() };
        let error = draft.settings().unwrap_err().to_string();
        assert_eq!(error, "limits: a limit of 11 for Web is out of range; 1..=10 is allowed");
    }
}
