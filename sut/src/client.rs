//! The client: one instance of the SDK, as an application uses it. It is a thin shell around [`machine::Machine`] and decides
//! nothing itself.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use sut::{Client, Platform};
//!
//! let (client, mut events) = Client::builder(1_400_000_000, Platform::Web).connect("wss://server.example/v1/ws")?;
//! client.login("alice", "eJw...").await?;
//! while let Some(event) = events.next().await {
//!     println!("{event}");
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
mod address;
mod builder;
mod connect;
mod connect_error;
mod identity;
mod status;
#[cfg_attr(not(feature = "tls"), path = "client/no_tls.rs")]
mod tls;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use self::machine::{Answer, Call, FirstSync, Options};
use crate::code::Refusal;
use crate::journal::InstanceScribe;
use crate::protocol::MessageId;
use crate::session::{Epoch, Fingerprint, InstanceKey, Platform, Secret};
use crate::timers::Time;
use actor::{Actor, Request};
use status::{Gone, Status};

pub use address::{Address, BadAddress};
pub use builder::Builder;
#[cfg(test)]
pub(crate) use connect::open;
pub use connect::{ByteStream, Connect, TcpConnector};
pub use connect_error::ConnectError;
pub use identity::{BadIdentity, Identity};
pub use status::Resources;
use sut_core::client::answer_after_destroy;
pub use sut_core::client::{Event, Machine, NetState, machine};
#[cfg(feature = "tls")]
pub use tls::BadRoots;

/// A login that resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Whether the instance was logged in with that account already, so that nothing was done (LOGIN-4).
    pub repeat_login: bool,
    /// What a person reads about a repeat; empty otherwise.
    pub error_info: String,
}

/// A handle to one instance; its clones are handles to the same one. An instance whose handles are all dropped ends without
/// logging out, as a page that is closed (LINK-6): its link is lost.
///
/// A call begins when its future is first polled. Dropping the future cancels nothing (LOGIN-5).
#[derive(Clone, Debug)]
pub struct Client {
    calls: mpsc::UnboundedSender<Request>,
    status: Arc<Status>,
}

/// The events of one instance, in the order in which it emits them. They outlive logout and kick; only destroy ends them
/// (LOGOUT-7).
///
/// There is no bound: they are kept in memory until they are read, messages too, and messages are acknowledged whether they are read or
/// not. An application that holds this without reading grows by all that it is sent, up to 16 KiB a message; whoever wants none drops
/// this, and from then on nothing is kept.
#[derive(Debug)]
pub struct Events {
    events: mpsc::UnboundedReceiver<Event>,
}

/// The options of an instance that never ran before: a new key, and no link yet. One that is to be the same after a restart has an
/// [`Identity`].
pub fn fresh_options(sdk_app_id: u64, platform: Platform) -> Options {
    Options { sdk_app_id, platform, key: InstanceKey(random()), epoch: Epoch(0) }
}

/// A name for a message that may have to be repeated (MSG-3).
pub fn fresh_message_id() -> MessageId {
    MessageId(random())
}

impl Client {
    /// A fresh instance of that app, with a new key, which starts once it is told where its server is. One that is to be the same after
    /// a restart is [`Client::builder_of`] an [`Identity`]'s options.
    pub fn builder(sdk_app_id: u64, platform: Platform) -> Builder {
        Client::builder_of(fresh_options(sdk_app_id, platform))
    }

    /// The same for the instance that these options say.
    pub fn builder_of(options: Options) -> Builder {
        Builder::of(options)
    }

    fn start(options: Options, connector: impl Connect, time: Arc<dyn Time>, scribe: Option<InstanceScribe>) -> (Client, Events) {
        let (calls, asked) = mpsc::unbounded_channel();
        let (publish, events) = mpsc::unbounded_channel();
        let status = Arc::new(Status::default());
        let client = Client { calls, status: Arc::clone(&status) };
        let gone = Gone(Arc::clone(&status));
        let actor = Actor::new(Machine::new(options), connector, time, status, (asked, publish), scribe);
        tokio::spawn(async move {
            let _gone = gone;
            actor.run().await;
        });
        (client, Events { events })
    }

    /// Logs in (LOGIN-1). Resolves once the server has admitted the instance; `SDK_READY` follows. Refused with 2025 while another
    /// login runs or with another account, 7502 while a logout runs, 6013 after destroy, 6023 if a logout or destroy gave it up,
    /// 2800 or 2801 if the link failed or another process has its key, with 70402 or 70003 if the userID or the UserSig is longer than any, or by the server (LOGIN-8).
    ///
    /// # Errors
    /// The refusal, with its code.
    pub async fn login(&self, user_id: impl Into<String>, user_sig: impl Into<String>) -> Result<Login, Refusal> {
        let (user_id, user_sig) = (user_id.into(), user_sig.into());
        let secret = Secret(random());
        match self.ask(Call::Login { user_id, user_sig, secret }).await? {
            Answer::Repeat { error_info } => Ok(Login { repeat_login: true, error_info }),
            Answer::LoggedIn | Answer::Done | Answer::Sent => Ok(Login { repeat_login: false, error_info: String::new() }),
        }
    }

    /// Logs out (LOGOUT-1). Resolves also when not logged in; refused only with 6013, after destroy.
    ///
    /// # Errors
    /// 6013.
    pub async fn logout(&self) -> Result<(), Refusal> {
        self.ask(Call::Logout).await.map(drop)
    }

    /// Logs out, closes the link and releases everything (DESTROY-1). Never refused; every other call is from then on (DESTROY-2).
    ///
    /// # Errors
    /// None: a destroy is never refused.
    pub async fn destroy(&self) -> Result<(), Refusal> {
        self.ask(Call::Destroy).await.map(drop)
    }

    /// Sends a message to an account; resolves to its name once the server has accepted it. Refused with 2024 when not logged in,
    /// 2999 before ready, 2800 with the link down (LOGIN-3), 2801 if the outcome is unknown (MSG-3), 70402 if it is too long or is for
    /// no userID, 6013 after destroy.
    ///
    /// # Errors
    /// The refusal, with its code.
    pub async fn send_message(&self, to: impl Into<String>, text: impl Into<String>) -> Result<MessageId, Refusal> {
        let id = fresh_message_id();
        self.send_message_as(id, to, text).await.map(|()| id)
    }

    /// Sends a message under a name of the application's own, made with [`fresh_message_id`]. A repeat under the same name, after a
    /// 2801, is not a second message: it gets the first answer, for 10 minutes (MSG-3). Refused as [`Client::send_message`].
    ///
    /// # Errors
    /// As [`Client::send_message`].
    pub async fn send_message_as(&self, id: MessageId, to: impl Into<String>, text: impl Into<String>) -> Result<(), Refusal> {
        self.ask(Call::Send { id, to: to.into(), text: text.into() }).await.map(drop)
    }

    /// Closes the page (LINK-6): the events end, and calls that run are not observed any more: they may settle with 6013, as every call
    /// afterwards does. No close is written: a browser does that by itself, and where there is none the link is lost, so that the session
    /// keeps its place until it lapses. Dropping all handles does the same.
    pub fn close_page(&self) {
        let _ = self.calls.send(Request::ClosePage);
    }

    /// From `SDK_READY` to `SDK_NOT_READY`: messages may be sent, unless the link is down (LOGIN-3).
    pub fn is_ready(&self) -> bool {
        self.status.look().first_sync().is_some()
    }

    /// The account that is logged in, from the resolved login until the call of logout or destroy, or the kick (LOGOUT-1).
    pub fn login_user(&self) -> Option<String> {
        self.status.look().login_user().cloned()
    }

    /// What the server's log of kicks calls the session that it is or was last logged in with ([`crate::kick_log`]); `None` before the
    /// first login that resolved, and after destroy.
    pub fn session(&self) -> Option<Fingerprint> {
        self.status.look().session.map(Secret::fingerprint)
    }

    /// What the first sync of this login told; `None` until ready.
    pub fn first_sync(&self) -> Option<FirstSync> {
        self.status.look().first_sync().cloned()
    }

    /// The number of the last link, or the highest that the server named as it superseded that: with its key, the [`Options::epoch`] of the
    /// same instance after a restart (LINK-3). It only grows.
    pub fn epoch(&self) -> Epoch {
        self.status.look().epoch
    }

    /// Why the last link that it asked for could not be opened; `None` once one opened, before the first failed, and after destroy. It is
    /// there before the login that failed for it is refused with 2800, and before `NET_STATE_CHANGE disconnected` is published.
    pub fn last_connect_error(&self) -> Option<ConnectError> {
        self.status.look().connect_error.clone()
    }

    /// What the instance still holds; answers also after destroy (DESTROY-1).
    pub fn resources(&self) -> Resources {
        self.status.look().resources
    }

    async fn ask(&self, call: Call) -> Result<Answer, Refusal> {
        let (reply, answer) = oneshot::channel();
        let over = answer_after_destroy(&call);
        if call.leaves() {
            self.status.leave();
        }
        match self.calls.send(Request::Call { call, reply }) {
            Ok(()) => answer.await.unwrap_or(over),
            Err(mpsc::error::SendError(_)) => over,
        }
    }
}

impl Events {
    /// The next event; `None` once the instance is destroyed and its last event was taken (DESTROY-2). Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

/// Nobody can guess it: each thread has a generator of its own, seeded by the operating system.
fn random() -> u128 {
    rand::random()
}
