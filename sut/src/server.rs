//! The server: one node. It is a thin shell around [`machine::Machine`] and decides nothing itself.

mod actor;
mod alarms;
mod bad_pair;
mod builder;
mod carrier;
mod company;
mod connection;
mod cors;
mod crowd;
mod door;
mod fact;
mod host;
mod http;
pub mod manual;
mod metrics;
mod origin;
mod port;
mod probe;
pub mod proxies;
mod questions;
mod rest;
mod secrets;
mod stopping;
mod teller;
mod terms;
#[cfg_attr(not(feature = "tls"), path = "server/no_tls.rs")]
mod tls;
mod turns;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

use crate::config::{App, DEFAULT_PERIOD, Terms};
use crate::journal::Journal;
use crate::kick_log::KickLog;
use crate::registry::memory::Memory;
use crate::registry::{Registry, TermsStore, Unreachable, Version, load_each};
use crate::session::{Record, SessionDigest};
use crate::webhook::Destination;
use actor::NodeMessage;
use connection::{Connection, Requests};
use host::Host;
use machine::{Input, LinkId};
use manual::{Calls, Manual, Watched};
use origin::Origin;
use rest::Rest;
use stopping::{Gate, Stopping};
use sut_core::server::{drive, pace};
use terms::Keeper;

pub use bad_pair::BadPair;
pub use builder::Builder;
pub use company::{Member, POLL};
pub use door::Door;
#[cfg(test)]
pub(crate) use http::{not_found, upgrade};
pub use secrets::Secrets;
pub use sut_core::server::drive::drive;
pub use sut_core::server::{Machine, machine};
pub use tls::Tls;

/// What a node writes down.
#[derive(Default)]
struct Logs {
    /// Everything that it does.
    journal: Option<Journal>,
    /// Every session that a commit kicked, with its address as far as that is known.
    kicks: Option<KickLog>,
}

/// A handle to one node; its clones are handles to the same one. The node runs until its handles and its connections are gone.
#[derive(Clone)]
pub struct Server {
    host: Arc<Host>,
    last_link: Arc<AtomicU64>,
    rest: Rest,
    manual: Option<Manual>,
    keeper: Keeper,
    gate: Gate,
}

impl Server {
    /// A node that is to be put together and started.
    pub fn builder(app: App) -> Builder<Memory, Memory> {
        Builder::of(app)
    }

    /// Starts a node without connections on manual time, with its calls at [`manual::PATH`]. Its terms change after [`DEFAULT_PERIOD`].
    ///
    /// # Panics
    ///
    /// If called outside of a tokio runtime.
    pub fn on_manual_time(app: App, registry: impl Registry, store: Arc<impl TermsStore>, manual: Manual) -> Server {
        let registry = Watched::new(registry, manual.quiet.clone());
        let store = Arc::new(Watched::sharing(store, manual.quiet.clone()));
        let calls = Calls::new(app.clone(), manual.clone(), registry.clone());
        let server =
            Server::builder(app).registry(registry).time(Arc::new(manual.time.clone())).terms(store, DEFAULT_PERIOD).start();
        Server { rest: server.rest.with(calls), manual: Some(manual), ..server }
    }

    /// The configuration was loaded anew and states these terms: they are pending for the period, in place of any other, and what an
    /// administrator had set is forgotten (CONF-1).
    ///
    /// # Errors
    /// The terms could not be stored, and nothing changes.
    pub async fn load_terms(&self, terms: Terms) -> Result<(), Unreachable> {
        self.keeper.load(terms).await
    }

    /// The configuration was loaded anew and states this secret key and these administrators, from now on. UserSigs that were signed with
    /// the key before it are good for the overlap.
    pub fn let_in(&self, secret_key: &str, overlap: Duration, administrators: Vec<String>) {
        let keys = self.rest.let_in(secret_key, overlap, administrators);
        self.host.tell(NodeMessage::Input(Input::Keys(keys)));
    }

    /// The same node, whose administrators may call from pages of these origins, too.
    #[must_use]
    pub fn allowing(self, origins: Vec<String>) -> Server {
        Server { rest: self.rest.allowing(origins), ..self }
    }

    /// How many accounts are owed a callback of that webhook is told at `/metrics`.
    pub fn tell_of(&self, webhook: Destination) {
        self.host.metrics.tell_of(webhook);
    }

    /// Serves one connection until it ends: HTTP, the administrative calls of REST-1, REST-2 and CONF-1, what an operator asks at
    /// `/health`, `/ready` and `/metrics`, and WebSocket at `/v1/ws`. Nobody can tell where it comes from, so that its refused logins are not counted (LOGIN-8).
    pub fn serve<S>(&self, stream: S) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.serve_until(stream, None, Requests::One, Stopping::never())
    }

    /// The same for a connection that comes from this address.
    pub fn serve_from<S>(&self, stream: S, address: IpAddr) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.serve_until(stream, Some(address.into()), Requests::One, Stopping::never())
    }

    /// Tells a node that starts what stands on record of an account, before any connection is served: its sessions have their links
    /// down, and lapse from now on (LINK-8). What was kept for them is lost, but for those that a stop owed nothing (MSG-2).
    pub fn restore(&self, user_id: impl Into<String>, record: Record, owed_nothing: Vec<SessionDigest>) {
        self.host.tell(NodeMessage::Input(Input::Restored { user_id: user_id.into(), record, owed_nothing }));
    }

    /// Tells it so of every account on record; of how many. One whose record cannot be read is left out, which is one line of the log: it
    /// is refused for as long as that is so. The note of the last stop is taken out.
    ///
    /// # Errors
    /// The registry does not answer.
    pub async fn restore_all(&self, registry: &impl Registry) -> Result<usize, Unreachable> {
        let mut owed_nothing: HashMap<_, Vec<_>> = HashMap::new();
        for (user_id, digest) in registry.take_stop().await? {
            owed_nothing.entry(user_id).or_default().push(digest);
        }
        let mut accounts = 0;
        let restore = |user_id: String, loaded: Result<(Record, Version), Unreachable>| match loaded {
            Ok((record, _)) => {
                let owed_nothing = owed_nothing.remove(&user_id).unwrap_or_default();
                self.restore(user_id, record, owed_nothing);
                accounts += 1;
            }
            Err(Unreachable(why)) => tracing::error!(account = user_id, why, "an account is left out, and its logins are refused"),
        };
        load_each(registry, restore).await?;
        Ok(accounts)
    }

    /// Ends the node once its connections have ended, and notes which sessions are owed nothing: the next start finds them without a gap
    /// (MSG-2). Whatever is asked of the node afterwards is not done. If nothing can be noted, or the registry takes longer than 5 s, it ends
    /// all the same; what was under way then is stored or not.
    ///
    /// # Errors
    /// Nothing could be noted.
    pub async fn stop(&self) -> Result<(), Unreachable> {
        let (answer, answered) = oneshot::channel();
        self.host.tell(NodeMessage::Stop { answer });
        answered.await.unwrap_or_else(|_| Err(Unreachable("the server is gone".to_owned())))
    }

    fn serve_until<S>(
        &self,
        stream: S,
        origin: Option<Origin>,
        requests: Requests,
        stopping: Stopping,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let id = LinkId(self.last_link.fetch_add(1, Ordering::Relaxed) + 1);
        let (host, rest, gate) = (Arc::clone(&self.host), self.rest.clone(), self.gate.clone());
        Connection { stream, id, origin, requests, host, rest, gate }.serve(stopping)
    }
}
