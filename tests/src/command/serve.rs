//! `kickproof serve`: the server as a process of its own. What it does with logins is the system's business; here stand its
//! settings, its port, its log and its end.

mod certificate;
mod ending;
mod front;
mod manual;
mod open_files;
mod page;
mod reload;
mod settings;

use std::env::{self, VarError};
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use sd_notify::NotifyState;
use sut::config::{App, Bounds, Front};
use sut::journal::Journal;
use sut::kick_log::KickLog;
use sut::registry::{Outbox, Place, Registry, Shared, TermsStore, with_stored_terms};
use sut::server::{Door, Server};
use sut::timers::{SystemTime, Time, UnixMillis};
use sut::webhook::{self, Destination, Unheard};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{ParseError, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::{Error, output, values};
use crate::planting::{self, Bug};
use ending::told_to_end;
use page::{Page, PageFlags};
use reload::Reloading;
use settings::{Flags, Settings};

/// Opens the registry of an app in its place, and goes on with it, of whatever type it is, and with it again if nodes can share it.
macro_rules! on_registry {
    ($place:expr, $sdk_app_id:expr, |$registry:ident, $shared:ident| $then:expr) => {
        match $place {
            sut::registry::Place::Memory => {
                let $registry = Arc::new(sut::registry::memory::Memory::default());
                let $shared = None::<Arc<sut::registry::redis::Redis>>;
                $then
            }
            sut::registry::Place::Folder(folder) => {
                let $registry = Arc::new(sut::registry::durable::Durable::open(folder, $sdk_app_id)?);
                let $shared = None::<Arc<sut::registry::redis::Redis>>;
                $then
            }
            sut::registry::Place::Redis(url) => {
                let $registry = Arc::new(sut::registry::redis::Redis::open(url, $sdk_app_id).await?);
                let $shared = Some(Arc::clone(&$registry));
                $then
            }
        }
    };
}
use on_registry;

/// Where the server listens unless it is told.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Runs the server on a TCP port until SIGTERM or SIGINT
///
/// Settings come from a TOML file and from flags, which win over it. Once clients can connect, one line says at which address.
/// Logs go to standard error; the variable KICKPROOF_LOG filters them. SIGHUP loads the file anew: another policy or other limits
/// take effect after the period, another key, webhook, certificate or list of administrators at once, anything else at the next
/// start. SIGTERM closes the
/// links one by one; SIGINT, or SIGTERM again, all at once. At /health, /ready and /metrics an operator's machines are told
/// how it is.
#[derive(Args)]
#[command(after_help = "Examples:
  KICKPROOF_KEY=secret kickproof serve --sdk-app-id 1400000000 --limit Web=2 --administrator admin
  kickproof serve --config kickproof.toml --data /var/lib/kickproof --log kicks.jsonl
  KICKPROOF_LOG=debug kickproof serve --config kickproof.toml --listen 127.0.0.1:0
  kickproof serve --sdk-app-id 1400000000 --key secret --limit Web=2 --page

A configuration file:
  sdk_app_id = 1400000000
  secret_key = \"secret\"
  policy = \"triple\"
  listen = \"127.0.0.1:8080\"
  administrators = [\"admin\"]
  data = \"/var/lib/kickproof\"
  webhook = \"http://127.0.0.1:9000/callbacks\"
  change_period_s = 300
  usersig_ahead_s = 60
  tls_cert = \"/etc/kickproof/chain.pem\"
  tls_key = \"/etc/kickproof/key.pem\"
  trusted_proxies = [\"10.0.0.0/8\"]
  drain_s = 10
  key_overlap_s = 86400
  allow_origins = [\"https://admin.example\"]
  backlog = 4096
  [limits]
  Web = 2")]
pub(super) struct Options {
    #[command(flatten)]
    flags: Flags,
    /// A file to which a line of JSON is added for every session that a commit kicks: when, by which commit, why, and for whom
    ///
    /// Both sides are told with their platforms, and with the addresses of their links as far as they have one. A session is named by the first 8 hexadecimal digits of the SHA-256 of its secret. Lines with "again" tell of kicks that stood
    /// when the server started and that may have a line already.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// A new file in which everything that the server does is written down, one line of JSON an event, for `kickproof validate`
    ///
    /// It begins with the server: sessions that stood on record before would have no lines. Of several nodes at one Redis server each
    /// process has its own file, and all of them are judged together, from an empty registry on.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    journal: Option<PathBuf>,
    /// Time stands still at this Unix millisecond, and an administrator's calls move it: for tests, on loopback only
    ///
    /// The calls are made at /v1/manual-time and tell the digests of instance keys and of session secrets. The server ends when its standard input does.
    #[arg(long, value_name = "UNIX_MS", value_parser = values::whole::<u64>(0..=u64::MAX), conflicts_with_all = ["log", "webhook", "journal"])]
    manual_time: Option<u64>,
    #[command(flatten)]
    page: PageFlags,
    /// How the lines of the log are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    /// Plants a bug in the server, to see it caught
    #[arg(long = "planted", value_name = "NAME", value_parser = values::bug, hide = !planting::IS_POSSIBLE)]
    bug: Option<Bug>,
}

/// How the lines of the log are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One object of JSON a line
    Json,
}

/// Serves until a signal ends it.
pub(super) fn run(options: Options) -> Result<(), Error> {
    let settings = options.flags.settings()?;
    start_log(options.log_format)?;
    let serve = || match options.manual_time.map(UnixMillis) {
        None => {
            let _named = settings.node.as_ref().map(|name| tracing::info_span!("node", name).entered());
            runtime(&mut Builder::new_current_thread())?.block_on(serve(&options, &settings))
        }
        Some(now) => manual::serve(settings, now),
    };
    planting::with_any(options.bug, serve)
}

fn runtime(builder: &mut Builder) -> Result<Runtime, Error> {
    builder.enable_all().build().map_err(Error::Runtime)
}

async fn serve(options: &Options, settings: &Settings) -> Result<(), Error> {
    if options.journal.is_some() && matches!(settings.registry, Place::Folder(_)) {
        return Err(Error::JournalOfAPart);
    }
    let (page, settings) = &options.page.open(settings.clone(), settings.listen.unwrap_or(LISTEN))?;
    let door = door(settings)?;
    let bounds = settings.app.bounds.within_descriptors(open_files::raise_limit());
    let bound = bind((settings.listen.unwrap_or(LISTEN), settings.front.backlog))?;
    warn(settings);
    on_registry!(&settings.registry, settings.app.sdk_app_id, |registry, shared| {
        serve_from(options, settings, (bound, door, bounds), page.as_ref(), registry, shared).await
    })
}

/// Says what goes with the process.
fn warn(settings: &Settings) {
    if settings.registry != Place::Memory {
        return;
    }
    tracing::warn!("without --data a restart forgets who is online, who was kicked and what changed; clients log in anew");
    if settings.webhook.is_some() {
        tracing::warn!("without --data callbacks go with the process, and the next one numbers its own from 1 again");
    }
}

/// What stands before the port.
fn door(settings: &Settings) -> Result<Door, Error> {
    let Front { tls, trusted_proxies, drain, .. } = &settings.front;
    let tls = tls.as_ref().map(certificate::load).transpose()?;
    Ok(Door { tls, proxies: trusted_proxies.clone(), drain: *drain })
}

async fn serve_from<R: Registry + Outbox + TermsStore>(
    options: &Options,
    settings: &Settings,
    ((listener, bound), door, bounds): ((TcpListener, SocketAddr), Door, Bounds),
    page: Option<&Arc<Page>>,
    registry: Arc<R>,
    shared: Option<Arc<impl Shared + Outbox>>,
) -> Result<(), Error> {
    let kick_log = options.log.as_deref().map(open_kick_log).transpose()?;
    let journal = options.journal.as_deref().map(|path| open_journal(path, shared.is_some())).transpose()?;
    let (told_to_end, at_once) = told_to_end().map_err(Error::Runtime)?;
    let told_to_load = signal(SignalKind::hangup()).map_err(Error::Runtime)?;
    let app = with_stored_terms(App { bounds, ..settings.app.clone() }, &*registry).await?;
    let webhook = settings.webhook.clone().map(Destination::from);
    if shared.is_some() {
        webhook.iter().for_each(Destination::waits);
    }
    let server = start(settings, app.clone(), (Arc::clone(&registry), webhook.clone()), kick_log, journal).await?;
    let member = match shared {
        Some(shared) => Some(server.join(shared, settings.node.as_deref(), settings.poll, webhook.clone()).await?),
        None => {
            let accounts = server.restore_all(&*registry).await?;
            tracing::info!(accounts, "the registry is open");
            None
        }
    };
    say_where(&app, bound)?;
    if let Some(page) = page {
        page.show(settings.clone(), bound)?;
    }
    let (running, tls) = (settings.clone(), door.tls.clone());
    let reloading = Reloading { flags: &options.flags, running, server: &server, tls, webhook };
    tokio::select! {
        () = server.listen_behind(door, listener, told_to_end, at_once) => {}
        never = reloading.at_hangups(told_to_load) => match never {},
    }
    stop(&server).await;
    if let Some(member) = member
        && let Err(error) = member.leave().await
    {
        tracing::warn!(%error, "other nodes take over once the lease has run out");
    }
    tracing::info!("the server has ended");
    Ok(())
}

/// What the node owes nobody is noted for the next start once all links are closed; without the note every session has a gap.
async fn stop(server: &Server) {
    if let Err(error) = server.stop().await {
        tracing::warn!(%error, "it is not noted which sessions are owed nothing");
    }
}

fn open_kick_log(path: &Path) -> Result<KickLog, Error> {
    KickLog::open(path).map_err(|error| Error::KickLog { path: path.to_owned(), error })
}

fn open_journal(path: &Path, is_one_of_several: bool) -> Result<Journal, Error> {
    let journal = Journal::create(path).map_err(|error| Error::Journaling { path: path.to_owned(), error })?;
    Ok(if is_one_of_several { journal.of_one_of_several(rand::random()) } else { journal })
}

/// Connections wait from here on until they are accepted.
fn bind((address, backlog): (SocketAddr, u32)) -> Result<(TcpListener, SocketAddr), Error> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(backlog)?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    listen().map_err(|error| Error::CannotListen { address, error })
}

fn say_where(app: &App, bound: SocketAddr) -> Result<(), Error> {
    tracing::info!(?app, %bound, "the server listens");
    output::print(&format!("listening on {bound}\n"))?;
    tell_supervisor(NotifyState::Ready);
    Ok(())
}

/// systemd waits for this where its unit says `Type=notify`; nobody else has asked.
fn tell_supervisor(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}

/// The node, which knows of nothing that stands on record.
async fn start<R: Registry + Outbox + TermsStore>(
    settings: &Settings,
    app: App,
    (registry, webhook): (Arc<R>, Option<Destination>),
    kick_log: Option<KickLog>,
    journal: Option<Journal>,
) -> Result<Server, Error> {
    if let Some(kick_log) = &kick_log {
        kick_log.tell_again(&*registry, SystemTime.now()).await?;
    }
    let sdk_app_id = app.sdk_app_id;
    let builder = Server::builder(app).terms(Arc::clone(&registry), settings.change_period).journal(journal).kicks(kick_log);
    let server = match webhook {
        Some(to) => {
            let announced = webhook::attach_to(registry, sdk_app_id, to.clone(), Arc::new(SystemTime));
            let server = builder.registry(announced).start();
            server.tell_of(to);
            server
        }
        None => builder.registry(Unheard(registry)).start(),
    };
    Ok(server.allowing(settings.front.allowed_origins.clone()))
}

/// What is never logged, whatever the filter says: the WebSocket library writes down frames with everything in them, UserSigs and
/// session secrets too.
const NEVER_LOGGED: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// Sends the log to standard error, in colours only on a terminal that shows some and whose user has not said NO_COLOR.
fn start_log(format: LogFormat) -> Result<(), Error> {
    let directives = match env::var("KICKPROOF_LOG") {
        Ok(directives) => directives,
        Err(VarError::NotPresent) => "info".to_owned(),
        Err(error @ VarError::NotUnicode(_)) => return Err(Error::LogFilter(error.to_string())),
    };
    let asked: Targets = directives.parse().map_err(|error: ParseError| Error::LogFilter(error.to_string()))?;
    let allowed = filter_fn(|metadata| !NEVER_LOGGED.iter().any(|library| metadata.target().starts_with(library)));
    let is_plain =
        env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || env::var_os("TERM").is_some_and(|term| term == "dumb");
    let ansi = io::stderr().is_terminal() && !is_plain;
    let layer = fmt::layer().with_writer(io::stderr);
    let written = match format {
        LogFormat::Text => layer.with_ansi(ansi).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(written).with(asked).with(allowed).init();
    Ok(())
}
