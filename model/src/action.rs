//! What may be asked of a scope: the calls of an application, the moves of the network. It says nothing of what follows from them.

use strum::{EnumCount, EnumDiscriminants, IntoStaticStr, VariantArray};

use crate::scope::Scope;
use crate::state::{Instance, Server};
use crate::variants::every;

pub use crate::action_kind::ActionKind;

/// A seat of the scope: one SDK instance, and after a destroy the fresh one that takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(pub u8);

/// A user of the scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u8);

/// A process of the server. What an administrator asks comes to the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u8);

/// One message that exists somewhere: in a link, a running send or a kept list. A token found nowhere is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u8);

/// What a login shows at the door: good, or wrong in one way (LOGIN-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Credential {
    /// A valid UserSig.
    Good,
    /// A userID that is none.
    BadUserId,
    /// No UserSig at all.
    Empty,
    /// A UserSig that cannot be read.
    Malformed,
    /// A UserSig of another SDKAppID.
    OtherApp,
    /// A UserSig of another identifier.
    OtherIdentifier,
    /// A UserSig signed with another key.
    WrongSignature,
    /// A UserSig whose time is over.
    Expired,
    /// A UserSig issued at or before the second of the account's last REST kick (REST-1).
    Revoked,
}

impl Credential {
    /// Every credential, the good one first.
    pub const ALL: [Credential; Credential::COUNT] = every();

    /// The word for it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which of an instance's links a frame travels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Slot {
    /// The newest link.
    Current,
    /// The one that the client has given up and whose frames may still arrive at the server.
    Abandoned,
}

impl Slot {
    /// Both.
    pub const ALL: [Slot; Slot::COUNT] = every();
}

/// How an end learns that its link is lost (LINK-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// The stream ended, or the other end's close arrived behind its last frame.
    Ended,
    /// Its own heartbeat timer fired.
    Heartbeat,
}

/// A call that a deadline ends (LINK-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Timed {
    /// The login that runs.
    Login,
    /// The logouts and destroys that run.
    Logout,
    /// The send that was called first of those that run.
    Send,
}

impl Timed {
    /// The word for it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One of the two configurations of a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// The limits that the scope states.
    #[default]
    Stated,
    /// The same but for one.
    Changed,
}

/// How the post of a callback ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Post {
    /// The receiver took it and said so.
    Taken,
    /// Nobody knows whether the receiver saw it; it is posted again.
    Failed,
}

impl Post {
    /// Both.
    pub const ALL: [Post; Post::COUNT] = every();

    /// The word for it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One labelled move of a scope, by who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The application calls, on that instance.
    Call(InstanceId, AppCall),
    /// The browser does something with the page of that instance.
    Page(InstanceId, PageMove),
    /// The network does something with a link of that instance.
    Link(InstanceId, LinkMove),
    /// A timer fires, of that instance or of what the server has of it.
    Timer(InstanceId, Timer),
    /// A fresh instance, with a key of its own, takes the place of one that was destroyed or whose page is closed.
    Renew(InstanceId),
    /// Something happens at the server: to nobody's seat, but for what is stored for one.
    Server(ServerMove),
}

/// A call of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(CallKind), doc = "[`AppCall`] without the whom.", allow(missing_docs))]
#[strum_discriminants(derive(Hash, PartialOrd, Ord, VariantArray, IntoStaticStr), strum(serialize_all = "lowercase"))]
pub enum AppCall {
    /// `login`
    Login {
        /// With whose userID.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// `logout`
    Logout,
    /// `destroy`
    Destroy,
    /// `sendMessage`, to that account.
    Send(AccountId),
    /// `sendMessage` again, with the message whose outcome the instance does not know (MSG-3).
    Resend,
}

/// What a browser does with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants, VariantArray)]
#[strum_discriminants(name(PageKind), doc = "[`PageMove`] as a kind.", allow(missing_docs))]
#[strum_discriminants(derive(Hash, PartialOrd, Ord, VariantArray, IntoStaticStr), strum(serialize_all = "lowercase"))]
pub enum PageMove {
    /// The page is closed.
    #[strum_discriminants(strum(serialize = "page close"))]
    Close,
    /// A page that the browser had frozen wakes: the browser has closed its link, and the instance sees it lost (LINK-6).
    Wake,
}

/// What the network does with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(LinkKind), doc = "[`LinkMove`] without the how.", allow(missing_docs))]
#[strum_discriminants(derive(Hash, PartialOrd, Ord, VariantArray, IntoStaticStr), strum(serialize_all = "lowercase"))]
pub enum LinkMove {
    /// The link that a login or a resume waits for is up.
    Open,
    /// The link that a login or a resume waits for cannot be opened.
    #[strum_discriminants(strum(serialize = "open fails"))]
    OpenFails,
    /// The oldest frame that travels to the server on that link arrives.
    #[strum_discriminants(strum(serialize = "to server"))]
    ToServer(Slot),
    /// The oldest frame that travels to the client on its current link arrives.
    #[strum_discriminants(strum(serialize = "to client"))]
    ToClient,
    /// The current link breaks: its frames are lost, later ones vanish, and neither end knows.
    Cut,
    /// The client learns, in that way, that its link is lost, or takes it for lost and gives it up.
    #[strum_discriminants(strum(serialize = "client loses"))]
    ClientLoses(Loss),
    /// The server learns, in that way, that a link is lost, or takes it for lost and closes it.
    #[strum_discriminants(strum(serialize = "server loses"))]
    ServerLoses(Slot, Loss),
}

/// A timer that fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(TimerKind), doc = "[`Timer`] without the whom.", allow(missing_docs))]
#[strum_discriminants(derive(Hash, PartialOrd, Ord, VariantArray, IntoStaticStr), strum(serialize_all = "lowercase"))]
pub enum Timer {
    /// The backoff timer: the client asks for a link.
    Backoff,
    /// The deadline of a running call.
    Deadline(Timed),
    /// The client's ping timer.
    Ping,
    /// The server's for the silence of a link: it asks the client for a sign of life (LINK-7).
    Ask(Slot),
    /// The lapse timer of a session of the seat in that account; of two the one that logged in first.
    Lapse(AccountId),
    /// The one for the UserSig of a session of the seat in that account (SIG-1); of two the one that logged in first. Time has moved:
    /// every UserSig made until then is expired.
    Expire(AccountId),
}

/// What happens at the server: what the administrator calls, and what it does of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(ServerKind), doc = "[`ServerMove`] without the whom.", allow(missing_docs))]
#[strum_discriminants(derive(Hash, PartialOrd, Ord, VariantArray, IntoStaticStr), strum(serialize_all = "lowercase"))]
pub enum ServerMove {
    /// The administrator kicks every session of the account by REST; a second passes behind it.
    #[strum_discriminants(strum(serialize = "rest kick"))]
    RestKick(AccountId),
    /// The administrator changes the limits to these (CONF-1).
    Configure(Setting),
    /// The changed limits take effect.
    #[strum_discriminants(strum(serialize = "take effect"))]
    TakeEffect,
    /// The oldest callback of the account is posted, with that end.
    Webhook(AccountId, Post),
    /// It is killed and started again.
    Restart,
    /// It stops, notes which sessions are owed nothing, and is started again (MSG-2).
    Stop,
    /// All notices arrive at the node that are under way to it of commits to the account's record (NODE-2).
    Hear(NodeId, AccountId),
    /// The same are lost.
    Miss(NodeId, AccountId),
    /// The node's poll: it asks for the records of the accounts that it has links of.
    Poll(NodeId),
    /// The node is killed (NODE-3).
    #[strum_discriminants(strum(serialize = "node dies"))]
    Die(NodeId),
    /// A node that is dead is started again.
    #[strum_discriminants(strum(serialize = "node starts"))]
    Start(NodeId),
    /// The node is frozen, as its process or its machine may be.
    #[strum_discriminants(strum(serialize = "node freezes"))]
    Freeze(NodeId),
    /// A node that is frozen goes on.
    #[strum_discriminants(strum(serialize = "node wakes"))]
    Wake(NodeId),
    /// The lease ends of the life that the node had or has, and the others' polls find it so.
    #[strum_discriminants(strum(serialize = "lease ends"))]
    LeaseEnds(NodeId),
    /// The registry takes the commit that a node has sent for the login of that instance, or refuses it as overtaken (NODE-1).
    Store(InstanceId),
}

impl ServerMove {
    /// The node that it names.
    pub const fn node(self) -> Option<NodeId> {
        match self {
            ServerMove::Hear(node, _)
            | ServerMove::Miss(node, _)
            | ServerMove::Poll(node)
            | ServerMove::Die(node)
            | ServerMove::Start(node)
            | ServerMove::Freeze(node)
            | ServerMove::Wake(node)
            | ServerMove::LeaseEnds(node) => Some(node),
            ServerMove::RestKick(_)
            | ServerMove::Configure(_)
            | ServerMove::TakeEffect
            | ServerMove::Webhook(..)
            | ServerMove::Restart
            | ServerMove::Stop
            | ServerMove::Store(_) => None,
        }
    }
}

impl Action {
    /// Whose action it is; `None` for what happens to nobody's seat.
    pub const fn instance(self) -> Option<InstanceId> {
        match self {
            Action::Call(instance, _)
            | Action::Page(instance, _)
            | Action::Link(instance, _)
            | Action::Timer(instance, _)
            | Action::Renew(instance)
            | Action::Server(ServerMove::Store(instance)) => Some(instance),
            Action::Server(_) => None,
        }
    }

    /// Whether the instance that was in the seat is over with it, and its application learns nothing any more.
    pub const fn ends_its_instance(self) -> bool {
        matches!(self, Action::Page(_, PageMove::Close) | Action::Renew(_))
    }

    /// The node at which it happens, or to which it leads; `seat` is the instance whose action it is, before it.
    pub fn node(self, scope: &Scope, server: &Server, seat: Option<&Instance>) -> NodeId {
        let own = self.instance().map_or(NodeId::default(), |instance| scope.node(instance));
        match (self, seat) {
            (Action::Link(_, LinkMove::Open), _) => server.leads_to(scope, own),
            (Action::Link(_, LinkMove::ToServer(slot) | LinkMove::ServerLoses(slot, _)), Some(seat))
            | (Action::Timer(_, Timer::Ask(slot)), Some(seat)) => seat.links.at(slot).node,
            (Action::Timer(instance, Timer::Lapse(account)), Some(seat)) => {
                seat.lapses(scope, server, instance, account).map_or(own, |(_, node)| node)
            }
            (Action::Server(ServerMove::Store(_)), Some(seat)) => seat.links.current.node,
            (Action::Server(at), _) => at.node().unwrap_or(own),
            (Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_), _) => own,
        }
    }
}
