//! Who is who: the model's accounts, credentials, platforms, codes and reasons, and what the real system calls them. Every match is
//! exhaustive on the side that it reads, so that a forgotten one does not compile. It compares nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use model::action::{AccountId, Credential, InstanceId, Setting};
use model::observation::Code;
use model::records::Key;
use model::scope::{AtLimit, Classes, Counted, Kind, MAX_ACCOUNTS, Partition, Platform, Policy, Scope};
use sut::code;
use sut::config::{self, App, Bounds, Buffers, Limits, Newcomers, Terms};
use sut::session;
use sut::timers::UnixMillis;
use sut::usersig::{self, DEFAULT_AHEAD_S};

/// The moment at which every replay begins; each REST kick moves it on by a second.
pub const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

const NOW_S: u64 = NOW.0 / 1000;
/// How long a UserSig is good: longer than the lapses of any trace take together, so that it expires only when its timer fires.
const GOOD_FOR_S: u64 = 400 * 86_400;
/// When a UserSig issued then, and with it every older one, is expired.
pub const fn expired_by(issued_at: UnixMillis) -> UnixMillis {
    UnixMillis((issued_at.0 / 1000 + GOOD_FOR_S) * 1000)
}

/// The app that is replayed.
pub const SDK_APP_ID: u64 = 1_400_000_001;
const KEY: &str = "the key of the replayed app";
const USERS: [&str; MAX_ACCOUNTS] = ["a", "b", "c"];

/// What a login shows for an account and a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pass {
    account: AccountId,
    credential: Credential,
    user_id: String,
    user_sig: String,
}

/// The names of a scope's replay.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The app that the server serves.
    pub app: App,
    passes: &'static [Pass],
}

impl Cast {
    /// The names for a scope.
    ///
    /// # Panics
    /// If a scope states a limit that no server accepts.
    pub fn of(scope: &Scope) -> Cast {
        let with = |limits: Limits, (named, limit): &(Platform, u8)| {
            limits.with(platform(*named), *limit).expect("scopes keep to the limits' ranges")
        };
        let limits = scope.limits.iter().fold(Limits::default(), with);
        let app = App {
            sdk_app_id: SDK_APP_ID,
            secret_key: KEY.into(),
            policy: policy(scope.policy),
            limits,
            administrators: vec![ADMINISTRATOR.to_owned()],
            buffers: buffers(scope),
            bounds: Bounds::default(),
            usersig_ahead_s: DEFAULT_AHEAD_S,
        };
        Cast { app, passes: PASSES.get_or_init(passes) }
    }

    /// The limit that a setting states of the platform whose limit a scope changes.
    ///
    /// # Panics
    /// If the scope changes none.
    pub fn limits_of(&self, scope: &Scope, setting: Setting) -> (session::Platform, u8) {
        let (changed, limit) = scope.limit_change.expect("limits are changed only where a scope changes one");
        let platform = platform(changed);
        match setting {
            Setting::Stated => (platform, self.app.limits.of(platform)),
            Setting::Changed => (platform, limit),
        }
    }

    /// The userID and UserSig that a login shows; a good UserSig is one issued now.
    ///
    /// # Panics
    /// Never: every credential of every account has a pass.
    pub fn shown(&self, account: AccountId, credential: Credential, now: UnixMillis) -> (String, String) {
        if credential == Credential::Good {
            return (user_id(account).to_owned(), issued(user_id(account), now.0 / 1000));
        }
        let is_it = |pass: &&Pass| pass.account == account && pass.credential == credential;
        let pass = self.passes.iter().find(is_it).expect("every credential has a pass");
        (pass.user_id.clone(), pass.user_sig.clone())
    }

    /// Which account and credential a userID and a UserSig are.
    pub fn recognise(&self, user_id: &str, user_sig: &str) -> Option<(AccountId, Credential)> {
        let known = self.passes.iter().find(|pass| pass.user_id == user_id && pass.user_sig == user_sig);
        let is_theirs = || ISSUED.lock().is_ok_and(|issued| issued.users.get(user_sig).is_some_and(|user| *user == user_id));
        let good = || account(user_id).filter(|_| is_theirs());
        known.map(|pass| (pass.account, pass.credential)).or_else(|| good().map(|account| (account, Credential::Good)))
    }
}

/// The good UserSigs: each is signed once, since signing costs more than a replay.
#[derive(Debug)]
struct Issued {
    by_second: BTreeMap<(&'static str, u64), String>,
    users: BTreeMap<String, &'static str>,
}

static ISSUED: Mutex<Issued> = Mutex::new(Issued { by_second: BTreeMap::new(), users: BTreeMap::new() });

fn issued(user_id: &'static str, second: u64) -> String {
    let mut issued = ISSUED.lock().expect("no thread panics while it holds the lock");
    if let Some(user_sig) = issued.by_second.get(&(user_id, second)) {
        return user_sig.clone();
    }
    let user_sig = usersig::make(SDK_APP_ID, KEY, user_id, second, GOOD_FOR_S, None);
    issued.by_second.insert((user_id, second), user_sig.clone());
    issued.users.insert(user_sig.clone(), user_id);
    user_sig
}

/// The UserSig of the administrator, which is made anew when half of its time is over.
pub fn administrator(now: UnixMillis) -> String {
    let second = now.0 / 1000;
    issued(ADMINISTRATOR, second - second % (GOOD_FOR_S / 2))
}

/// The administrator's userID.
pub const ADMINISTRATOR: &str = "administrator";

/// An account's userID.
pub fn user_id(account: AccountId) -> &'static str {
    USERS[usize::from(account.0)]
}

/// The account of a userID.
pub fn account(user_id: &str) -> Option<AccountId> {
    USERS.iter().position(|user| *user == user_id).map(|place| AccountId(place as u8))
}

/// Every pass, made once: signing costs more than a replay.
static PASSES: OnceLock<Vec<Pass>> = OnceLock::new();

fn passes() -> Vec<Pass> {
    let accounts = (0..MAX_ACCOUNTS as u8).map(AccountId);
    accounts.flat_map(|account| Credential::ALL.map(|credential| pass(account, credential))).collect()
}

fn pass(account: AccountId, credential: Credential) -> Pass {
    let user = user_id(account);
    let sign = |app, key: &str, user: &str, time_s| usersig::make(app, key, user, time_s, GOOD_FOR_S, None);
    let good = sign(SDK_APP_ID, KEY, user, NOW_S);
    let (user_id, user_sig) = match credential {
        Credential::Good => (user.to_owned(), good),
        Credential::BadUserId => (format!("{user} with spaces"), good),
        Credential::Empty => (user.to_owned(), String::new()),
        Credential::Malformed => (user.to_owned(), good[..good.len() / 2].to_owned()),
        Credential::OtherApp => (user.to_owned(), sign(SDK_APP_ID + 1, KEY, user, NOW_S)),
        Credential::OtherIdentifier => (user.to_owned(), sign(SDK_APP_ID, KEY, "somebody", NOW_S)),
        Credential::WrongSignature => (user.to_owned(), sign(SDK_APP_ID, "another key", user, NOW_S)),
        Credential::Expired => (user.to_owned(), sign(SDK_APP_ID, KEY, user, NOW_S - GOOD_FOR_S)),
        Credential::Revoked => (user.to_owned(), sign(SDK_APP_ID, KEY, user, NOW_S - 1)),
    };
    Pass { account, credential, user_id, user_sig }
}

/// The system's word for a platform.
///
/// # Panics
/// Never: a platform of one's own has on both sides the same names to choose from.
pub fn platform(platform: Platform) -> session::Platform {
    match platform {
        Platform::Web => session::Platform::Web,
        Platform::Android => session::Platform::Android,
        Platform::IPhone => session::Platform::IPhone,
        Platform::IPad => session::Platform::IPad,
        Platform::Windows => session::Platform::Windows,
        Platform::Mac => session::Platform::Mac,
        Platform::Linux => session::Platform::Linux,
        Platform::Own(name) => name.parse().expect("what one side takes for a name the other does"),
    }
}

/// The model's word for a platform.
///
/// # Panics
/// Never, as [`platform`].
pub fn platform_seen(platform: session::Platform) -> Platform {
    match platform {
        session::Platform::Web => Platform::Web,
        session::Platform::Android => Platform::Android,
        session::Platform::IPhone => Platform::IPhone,
        session::Platform::IPad => Platform::IPad,
        session::Platform::Windows => Platform::Windows,
        session::Platform::Mac => Platform::Mac,
        session::Platform::Linux => Platform::Linux,
        session::Platform::Own(_) => Platform::named(platform.name()).expect("what one side takes for a name the other does"),
    }
}

/// The system's word for a policy.
///
/// # Panics
/// Of a limit of 0, which no policy has.
pub fn policy(Policy { classes, counted, at_limit }: Policy) -> config::Policy {
    let classes = match classes {
        Classes::Single => config::Classes::Single,
        Classes::Dual => config::Classes::Dual,
        Classes::Triple => config::Classes::Triple,
        Classes::Multi => config::Classes::Multi,
        Classes::Own(partition) => config::Classes::Own(self::partition(partition)),
    };
    let newcomers = match at_limit {
        AtLimit::Kick => Newcomers::Kick,
        AtLimit::Refuse => Newcomers::AreRefused,
    };
    let counted = match counted {
        Counted::Platform => config::Counted::Platforms,
        Counted::Account(limit) => config::Counted::Account(limit.try_into().expect("a limit is 1 or more")),
    };
    config::Policy { classes, counted, newcomers }
}

/// The model's word for a policy.
pub fn policy_seen(config::Policy { classes, counted, newcomers }: config::Policy) -> Policy {
    let classes = match classes {
        config::Classes::Single => Classes::Single,
        config::Classes::Dual => Classes::Dual,
        config::Classes::Triple => Classes::Triple,
        config::Classes::Multi => Classes::Multi,
        config::Classes::Own(partition) => Classes::Own(partition_seen(&partition)),
    };
    let at_limit = match newcomers {
        Newcomers::Kick => AtLimit::Kick,
        Newcomers::AreRefused => AtLimit::Refuse,
    };
    let counted = match counted {
        config::Counted::Platforms => Counted::Platform,
        config::Counted::Account(limit) => Counted::Account(limit.get()),
    };
    Policy { classes, counted, at_limit }
}

/// The system's word for classes of one's own.
fn partition(partition: Partition) -> config::Partition {
    let by_class = partition.kinds().chunk_by(|one, next| one.class == next.class);
    let class = |kinds: &[Kind]| kinds.iter().map(|kind| (platform(kind.platform), kind.limit)).collect();
    config::Partition::of(&by_class.map(class).collect::<Vec<_>>()).expect("what one side takes for a partition the other does")
}

/// The model's word for classes of one's own.
fn partition_seen(partition: &config::Partition) -> Partition {
    let seen = |config::Kind { platform, class, limit }| Kind { platform: platform_seen(platform), class, limit };
    Partition::of(&partition.kinds().map(seen).collect::<Vec<_>>()).expect("what one side takes for a partition the other does")
}

/// These terms decide in a scope.
pub fn adopt_terms(scope: &mut Scope, Terms { policy, limits }: Terms) {
    scope.policy = policy_seen(policy);
    let of = |platform| (platform_seen(platform), limits.of(platform));
    scope.limits = session::Platform::ALL.map(of).to_vec();
}

/// The model's word for a code. `None`: no scope brings it about.
pub const fn code_seen(code: code::Code) -> Option<Code> {
    match code {
        code::Code::NotLoggedIn => Some(Code::NotLoggedIn),
        code::Code::LoginRuns => Some(Code::LoginRuns),
        code::Code::OtherAccount => Some(Code::OtherAccount),
        code::Code::OutcomeUnknown => Some(Code::OutcomeUnknown),
        code::Code::NotReady => Some(Code::NotReady),
        code::Code::Destroyed => Some(Code::Destroyed),
        code::Code::LoginAbandoned => Some(Code::LoginAbandoned),
        code::Code::LogoutRunning => Some(Code::LogoutRuns),
        code::Code::SigExpired => Some(Code::SigExpired),
        code::Code::SigEmpty => Some(Code::SigEmpty),
        code::Code::SigMalformed => Some(Code::SigMalformed),
        code::Code::SigWrong => Some(Code::SigWrong),
        code::Code::SigOtherIdentifier => Some(Code::SigOtherIdentifier),
        code::Code::SigOtherApp => Some(Code::SigOtherApp),
        code::Code::BadField => Some(Code::BadUserId),
        code::Code::SigRevoked => Some(Code::SigRevoked),
        code::Code::LinkDown => Some(Code::LinkDown),
        code::Code::NoPlace => Some(Code::NoPlace),
        code::Code::TooManyFailures | code::Code::RegistryUnreachable | code::Code::Forbidden | code::Code::TooFast => None,
    }
}

/// How much the server keeps for a session that does not acknowledge it.
fn buffers(scope: &Scope) -> Buffers {
    let default = Buffers::default();
    Buffers { messages: scope.buffer.map_or(default.messages, usize::from), ..default }
}

/// Whose instance's key the instance in a seat has as well.
pub fn shares_with(scope: &Scope, seat: InstanceId) -> Option<InstanceId> {
    scope.seats[usize::from(seat.0)].shares
}

/// Whether two instances of the scope have one key.
pub fn shares_a_key(scope: &Scope) -> bool {
    scope.seats.iter().any(|seat| seat.shares.is_some())
}

/// The key of an instance of a seat, the present one or one before it, in the model's words.
pub fn key(scope: &Scope, seat: InstanceId, is_present: bool) -> Key {
    let is_shared = shares_with(scope, seat).is_some() || scope.seats.iter().any(|other| other.shares == Some(seat));
    match (is_shared, is_present) {
        (true, _) => Key::Shared,
        (false, true) => Key::Own,
        (false, false) => Key::Former,
    }
}

/// The options of the real instance in a seat.
pub fn options(scope: &Scope, seat: InstanceId, key: session::InstanceKey) -> sut::client::machine::Options {
    let platform = platform(scope.platform(seat));
    sut::client::machine::Options { sdk_app_id: SDK_APP_ID, platform, key, epoch: session::Epoch(0) }
}
