//! What a server is configured to, by a file and whatever stands above it. It decides nothing about a login.

mod bounds;
mod draft;
mod file;
mod front;
mod policy_file;

use std::net::SocketAddr;
use std::time::Duration;

use crate::registry::{NoPlace, Place};
use crate::session::{USER_ID_FORM, UnknownPlatform};
use crate::webhook::{BadTarget, Target};

pub use bounds::BoundsDraft;
pub use draft::Draft;
pub use front::{Front, FrontDraft, NoNetwork, NoOrigin, TlsFiles};
pub use policy_file::{BadPolicyFile, NoPolicy, is_policy_file};
pub use sut_core::config::*;

/// The longest that changed terms may be pending, in seconds: the longer of the two times that the vendor states (CONF-1).
const MOST_PERIOD_S: i64 = 50 * 60;

/// The longest that a node may go without asking what others committed, in milliseconds: with a load it is less than 10 s (NODE-2).
const MOST_POLL_MS: u64 = 9000;

/// All that a configuration file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The app that is served.
    pub app: App,
    /// Where the server listens; `None` if the file does not say.
    pub listen: Option<SocketAddr>,
    /// Where the registry is kept.
    pub registry: Place,
    /// What the server is called among the nodes that share its registry; `None` if nobody says.
    pub node: Option<String>,
    /// How often it asks what other nodes committed (NODE-2).
    pub poll: Duration,
    /// Where callbacks are sent (HOOK-1); `None` if nobody is told.
    pub webhook: Option<Target>,
    /// How long changed terms are pending (CONF-1).
    pub change_period: Duration,
    /// How the server meets those outside.
    pub front: Front,
}

/// What is wrong with a configuration file, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, a key too many, or a value of the wrong kind.
    #[error("line {line}: {what}")]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// What is wrong, and mostly what would be right.
        what: String,
    },
    /// Nothing that can be listened at.
    #[error("listen: {0}")]
    Listen(#[from] NoAddress),
    /// No SDKAppID.
    #[error("sdk_app_id is missing; it is the number of the app that is served")]
    MissingSdkAppId,
    /// A data folder without a name.
    #[error("data is empty; it is the folder that keeps the registry, and without it nothing outlives the process")]
    EmptyDataFolder,
    /// No place for a registry.
    #[error("registry: {0}")]
    Registry(#[from] NoPlace),
    /// More than one place for it.
    #[error("data and registry name two registries, and a server has one; leave one of the two out")]
    TwoRegistries,
    /// A node that nobody could find a company for.
    #[error("node names one of several nodes, and those share a registry on a Redis server; state registry = \"redis://…\" too")]
    NodeAlone,
    /// A name that is none.
    #[error("node: {0:?} is no name of a node; one is {USER_ID_FORM}")]
    Node(String),
    /// A poll out of its range.
    #[error("poll_ms: {0} is out of range; 1..={MOST_POLL_MS} is allowed")]
    Poll(u64),
    /// No key.
    #[error("secret_key is missing; the app's key is needed to check its UserSigs")]
    MissingSecretKey,
    /// An empty key, under which anybody could sign.
    #[error("secret_key is empty; the app's key is needed to check its UserSigs")]
    EmptySecretKey,
    /// No such policy.
    #[error("policy: {0}")]
    Policy(#[from] NoPolicy),
    /// Limits beside a policy that states its own.
    #[error("limits: the policy states those of its kinds of client itself; leave limits out here")]
    Limits,
    /// No such platform under `[limits]`.
    #[error("limits: {0}")]
    Platform(#[from] UnknownPlatform),
    /// A limit out of its range (CONF-3).
    #[error("limits: {0}")]
    Limit(#[from] OutOfRange),
    /// A buffer that could hold nothing.
    #[error("buffers: {0} is 0; a session must be able to keep a message")]
    Buffers(&'static str),
    /// A bound under which nobody could be served.
    #[error("bounds: {0} is 0; nobody could be served; it would be 1 or more")]
    Bounds(&'static str),
    /// A bound that is none.
    #[error("bounds: {0}: {1} is too large; at most {max} is allowed", max = u32::MAX)]
    BoundTooLarge(&'static str, u64),
    /// A URL that callbacks cannot be sent to.
    #[error("webhook: {0}")]
    Webhook(#[from] BadTarget),
    /// A certificate without a key, or a key without a certificate.
    #[error("{stated} is stated without {missing}; TLS needs both, and without both it is not spoken")]
    TlsHalf {
        /// What there is.
        stated: &'static str,
        /// What there is not.
        missing: &'static str,
    },
    /// No network of proxies.
    #[error("trusted_proxies: {0}")]
    TrustedProxy(#[from] NoNetwork),
    /// No origin of a page.
    #[error("allow_origins: {0}")]
    Origin(#[from] NoOrigin),
    /// A backlog out of its range.
    #[error("backlog: {0} is out of range; 1..=65535 is allowed")]
    Backlog(u64),
    /// A drain that is too long.
    #[error("drain_s: {0} is out of range; 0..=3600 is allowed")]
    Drain(u64),
    /// A period that is too long.
    #[error("change_period_s: {0} is out of range; 0..={MOST_PERIOD_S} is allowed")]
    Period(i64),
    /// An administrator who can be no account.
    #[error("administrators: {0:?} is no userID; one is {USER_ID_FORM}")]
    Administrator(String),
}

/// A text that names nothing that can be listened at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no address: {why}; one would be 127.0.0.1:8080 or localhost:8080")]
pub struct NoAddress {
    /// What was written.
    text: String,
    /// Why it names nothing.
    why: String,
}

impl Settings {
    /// Reads a configuration file: `sdk_app_id`, `secret_key`; if given `policy` (else `dual`), `listen`, `administrators`
    /// (else nobody), `data` or `registry` (else memory), `node`, `poll_ms` (else 5,000), `webhook`, `change_period_s` (else 300), `usersig_ahead_s` (else 60),
    /// `tls_cert` and `tls_key` (else no TLS), `trusted_proxies` (else none), `drain_s` (else 10), `key_overlap_s` (else a day),
    /// `allow_origins` (else none), `backlog` (else 4,096), under `[limits]` `Web = 2` and so on (else 1), under `[buffers]`
    /// `messages` and `bytes` (else 1,000 and 1 MiB), under `[bounds]` the fields of [`Bounds`]. Any other key is an error.
    ///
    /// # Errors
    /// What is wrong with the file, in one line.
    pub fn from_toml(text: &str) -> Result<Settings, ConfigError> {
        Draft::from_toml(text)?.settings()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::POLL;
    use crate::server::proxies::Proxies;
    use crate::session::Platform;

    const LEAST: &str = "sdk_app_id = 1400000000\nsecret_key = \"key\"\n";

    fn refusal(more: &str) -> String {
        Settings::from_toml(&format!("{LEAST}{more}")).unwrap_err().to_string()
    }

    #[test]
    fn a_file_with_the_least_has_the_defaults() {
        let Settings { app, listen, registry, webhook, change_period, front, node, poll } = Settings::from_toml(LEAST).unwrap();
        assert_eq!((node, poll), (None, POLL));
        assert_eq!((app.sdk_app_id, app.secret_key.current()), (1_400_000_000, "key"));
        assert_eq!((app.policy, app.limits, listen), (Policy::DUAL, Limits::default(), None));
        assert_eq!((registry, webhook, change_period), (Place::Memory, None, DEFAULT_PERIOD));
        assert!(app.administrators.is_empty());
        assert_eq!(app.usersig_ahead_s, 60);
        assert_eq!((front.tls, front.trusted_proxies, front.drain.as_secs()), (None, Proxies::default(), 10));
        assert_eq!((front.key_overlap.as_secs(), front.backlog), (86_400, 4096));
        assert!(front.allowed_origins.is_empty());
    }

    #[test]
    fn a_file_with_everything_is_read_whole() {
        let more = "policy = \"triple\"\nlisten = \"127.0.0.1:8080\"\nadministrators = [\"admin\"]\n";
        let rest = "data = \"/var/kickproof\"\nwebhook = \"http://backend/hook\"\nchange_period_s = 3000\nusersig_ahead_s = 0\ntls_cert = \"c.pem\"\ntls_key = \"k.pem\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\ndrain_s = 3\nkey_overlap_s = 7\nallow_origins = [\"https://a.example\"]\nbacklog = 9\n[limits]\nWeb = 10\niPad = 2\n";
        let read = Settings::from_toml(&format!("{LEAST}{more}{rest}")).unwrap();
        let Settings { app, listen, registry, webhook, change_period, front, .. } = read;
        let limits = Limits::default().with(Platform::Web, 10).unwrap();
        assert_eq!(app.limits, limits.with(Platform::IPad, 2).unwrap());
        assert_eq!((app.policy, app.administrators), (Policy::TRIPLE, vec!["admin".to_owned()]));
        assert_eq!(listen, Some("127.0.0.1:8080".parse().unwrap()));
        assert_eq!((registry, webhook), (Place::Folder("/var/kickproof".into()), Some("http://backend/hook".parse().unwrap())));
        assert_eq!((change_period.as_secs(), app.usersig_ahead_s), (3000, 0));
        assert_eq!(front.tls, Some(TlsFiles { certificate: "c.pem".into(), key: "k.pem".into() }));
        let trusted = ["10.200.0.1", "::1", "::2"].map(|address| front.trusted_proxies.trusts(address.parse().unwrap()));
        assert_eq!((trusted, front.drain.as_secs(), front.key_overlap.as_secs()), ([true, true, false], 3, 7));
        assert_eq!((front.allowed_origins, front.backlog), (vec!["https://a.example".to_owned()], 9));
    }

    #[test]
    fn a_node_among_others_has_a_name_and_asks_so_often() {
        let more = "registry = \"redis://127.0.0.1:6379/0\"\nnode = \"a\"\npoll_ms = 200\n";
        let Settings { node, poll, .. } = Settings::from_toml(&format!("{LEAST}{more}")).unwrap();
        assert_eq!((node.as_deref(), poll.as_millis()), (Some("a"), 200));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_in_one_line() {
        let rows = [
            ("[limits]\nWeb = 11", "limits: a limit of 11 for Web is out of range; 1..=10 is allowed"),
            ("[limits]\nMac = 0", "limits: a limit of 0 for Mac is out of range; 1..=3 is allowed"),
            ("[limits]\nMac = -257", "limits: a limit of -257 for Mac is out of range; 1..=3 is allowed"),
            ("[limits]\nweb = 2", "limits: \"web\" is no platform; Web, Android, iPhone, iPad, Windows, Mac and Linux are"),
            (
                "limit = 2",
                "line 3: unknown field `limit`, expected one of `sdk_app_id`, `secret_key`, `policy`, `listen`, `data`, `registry`, `node`, `poll_ms`, `webhook`, `change_period_s`, `usersig_ahead_s`, `tls_cert`, `tls_key`, `trusted_proxies`, `drain_s`, `key_overlap_s`, `allow_origins`, `backlog`, `administrators`, `limits`, `buffers`, `bounds`",
            ),
            (
                "data = \"a\"\nregistry = \"a\"",
                "data and registry name two registries, and a server has one; leave one of the two out",
            ),
            (
                "node = \"a\"\ndata = \"a\"",
                "node names one of several nodes, and those share a registry on a Redis server; state registry = \"redis://…\" too",
            ),
            ("node = \"\"", "node: \"\" is no name of a node; one is 1 to 32 bytes of printable ASCII without spaces"),
            ("poll_ms = 9001", "poll_ms: 9001 is out of range; 1..=9000 is allowed"),
            ("[limits]\nWeb = \"2\"", "line 4: Web: invalid type: string \"2\", expected a whole number without quotes, as in 60"),
            (
                "[buffers]\nbytes = true",
                "line 4: bytes: invalid type: boolean `true`, expected a whole number without quotes, as in 60",
            ),
            (
                "administrators = \"admin\"",
                "line 3: administrators: invalid type: string \"admin\", expected a list of texts, as in [\"admin\"]",
            ),
            ("administrators = [1]", "line 3: administrators: invalid type: integer `1`, expected a string"),
            (
                "administrators = [\"a b\"]",
                "administrators: \"a b\" is no userID; one is 1 to 32 bytes of printable ASCII without spaces",
            ),
            ("[bounds]\nframes_per_s = 0", "bounds: frames_per_s is 0; nobody could be served; it would be 1 or more"),
            ("[buffers]\nbytes = 0", "buffers: bytes is 0; a session must be able to keep a message"),
            ("change_period_s = 3001", "change_period_s: 3001 is out of range; 0..=3000 is allowed"),
            ("usersig_ahead_s = -1", "line 3: usersig_ahead_s: -1 is negative; it would be 0 or more"),
            ("change_period_s = -1", "change_period_s: -1 is out of range; 0..=3000 is allowed"),
            (
                "webhook = \"backend\"",
                "webhook: \"backend\" is no URL for callbacks: it must begin with http://; one would be http://127.0.0.1:9000/callbacks",
            ),
            (
                "listen = \"8080\"",
                "listen: \"8080\" is no address: a host and a port are needed; one would be 127.0.0.1:8080 or localhost:8080",
            ),
            (
                "listen = \"localhost:http\"",
                "listen: \"localhost:http\" is no address: the port is a number up to 65535; one would be 127.0.0.1:8080 or localhost:8080",
            ),
            ("tls_cert = \"c.pem\"", "tls_cert is stated without tls_key; TLS needs both, and without both it is not spoken"),
            ("tls_key = \"k.pem\"", "tls_key is stated without tls_cert; TLS needs both, and without both it is not spoken"),
            (
                "trusted_proxies = [\"10.0.0.0/33\"]",
                "trusted_proxies: \"10.0.0.0/33\" is no network; one would be 10.0.0.0/8, fd00::/8 or the address of one proxy",
            ),
            (
                "allow_origins = [\"https://a.example/\"]",
                "allow_origins: \"https://a.example/\" is no origin; one would be https://admin.example, in lower case and without a path",
            ),
            ("backlog = 0", "backlog: 0 is out of range; 1..=65535 is allowed"),
            ("drain_s = 3601", "drain_s: 3601 is out of range; 0..=3600 is allowed"),
            ("policy = ", "line 3: policy: no value follows the ="),
        ];
        for (more, expected) in rows {
            assert_eq!(refusal(more), expected, "{more}");
        }
    }

    #[test]
    fn a_policy_that_there_is_not_is_refused_with_those_there_are() {
        let expected =
            "policy: \"quad\" is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse behind it";
        assert_eq!(refusal("policy = \"quad\""), expected);
    }

    #[test]
    fn a_file_without_an_id_or_a_key_is_refused() {
        let error = |text| Settings::from_toml(text).unwrap_err().to_string();
        assert_eq!(error("secret_key = \"key\""), "sdk_app_id is missing; it is the number of the app that is served");
        assert_eq!(error("sdk_app_id = 1"), "secret_key is missing; the app's key is needed to check its UserSigs");
        let empty = Settings::from_toml("sdk_app_id = 1\nsecret_key = \"\"");
        assert_eq!(empty, Err(ConfigError::EmptySecretKey));
    }

    #[test]
    fn a_data_folder_without_a_name_is_refused() {
        let nameless = Settings::from_toml(&format!("data = \"\"\n{LEAST}"));
        assert_eq!(nameless, Err(ConfigError::EmptyDataFolder));
    }

    #[test]
    fn debug_shows_no_secret_key() {
        let app = Settings::from_toml("sdk_app_id = 1\nsecret_key = \"hush\"").unwrap().app;
        assert!(!format!("{app:?}").contains("hush"));
    }
}
