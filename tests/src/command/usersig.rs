//! `kickproof usersig`: makes a UserSig or judges one. The vendor's algorithm is the system's; nothing is decided here.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use sut::session::{USER_ID_FORM, is_user_id};
use sut::timers::{SystemTime, Time, UnixMillis};
use sut::usersig::{self, UserSig};

use super::{Error, output, values};

/// Makes the UserSig of an account, or judges one with --verify
///
/// A UserSig that is judged good is printed with what it holds; one that is refused ends with its code and exit status 1.
#[derive(Args)]
#[command(after_help = "Examples:
  KICKPROOF_KEY=secret kickproof usersig --sdk-app-id 1400000000 alice
  KICKPROOF_KEY=secret kickproof usersig --sdk-app-id 1400000000 --verify eJw... alice")]
pub(super) struct Options {
    /// The account
    #[arg(value_name = "USER_ID", value_parser = user_id)]
    user_id: String,
    /// The app that the UserSig is for
    #[arg(long, value_name = "N", value_parser = values::whole::<u64>(0..=u64::MAX))]
    sdk_app_id: u64,
    /// The app's secret key; other users of this machine see arguments, but not the environment
    #[arg(long, value_name = "KEY", env = "KICKPROOF_KEY", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    key: Option<String>,
    /// For how many seconds it is good
    #[arg(long, value_name = "SECONDS", default_value_t = 86400, value_parser = values::whole::<u64>(1..=u64::MAX))]
    expire: u64,
    /// The second, since the Unix epoch, at which it is issued or judged; now if not given
    #[arg(long, value_name = "UNIX", value_parser = values::whole::<u64>(0..=u64::MAX))]
    time: Option<u64>,
    /// A text of the application's own, signed with the rest
    #[arg(long, value_name = "TEXT")]
    userbuf: Option<String>,
    /// Judges this UserSig instead of making one
    #[arg(long, value_name = "SIG", conflicts_with_all = ["expire", "userbuf"])]
    verify: Option<String>,
}

/// Prints a UserSig, or what one holds.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let now = options.time.map_or_else(|| SystemTime.now(), |seconds| UnixMillis(seconds.saturating_mul(1000)));
    let key = options.key.as_deref().ok_or(Error::NoKey)?;
    match &options.verify {
        Some(user_sig) => output::print(&content(&judged(options, key, user_sig, now)?)),
        None => output::print(&format!("{}\n", made(options, key, now))),
    }
}

fn made(options: &Options, key: &str, now: UnixMillis) -> String {
    let Options { user_id, sdk_app_id, expire, userbuf, .. } = options;
    usersig::make(*sdk_app_id, key, user_id, now.0 / 1000, *expire, userbuf.as_ref().map(String::as_bytes))
}

fn judged(options: &Options, key: &str, user_sig: &str, now: UnixMillis) -> Result<UserSig, Error> {
    usersig::judge(options.sdk_app_id, key, &options.user_id, user_sig, now).map_err(Error::Refused)
}

fn content(user_sig: &UserSig) -> String {
    let UserSig { identifier, sdk_app_id, time_s, expire, userbuf, .. } = user_sig;
    let until = user_sig.expires_at().0 / 1000;
    let userbuf = userbuf.as_ref().map_or("none".to_owned(), |bytes| format!("\"{}\"", bytes.escape_ascii()));
    format!(
        "identifier  {identifier}\nsdk_app_id  {sdk_app_id}\nissued      {time_s}\nexpires     {until}, {expire} s later\n\
         userbuf     {userbuf}\n"
    )
}

/// An account's name, since no server would admit any other (LOGIN-8's 70402).
fn user_id(text: &str) -> Result<String, String> {
    is_user_id(text).then(|| text.to_owned()).ok_or_else(|| format!("a userID is {USER_ID_FORM}"))
}
