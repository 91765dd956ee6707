//! What runs the real client and server for the harness: it does to them what it is asked, and writes down in a [`Cx`] what they do. It
//! knows no action of the model's, and compares nothing.

use std::sync::Arc;

use model::action::{AccountId, InstanceId, NodeId, Post, Setting};
use model::lives::Lease;
use model::nodes::Notices;
use model::observation::End;
use model::scope::MAX_ACCOUNTS;
use sut::callback::Callback;
use sut::client::machine::FirstSync;
use sut::protocol::MessageId;
use sut::session::{InstanceKey, NodeLife, Record, SessionDigest};
use sut::timers::UnixMillis;

use super::clock::Kind;
use super::cx::Cx;
use crate::observation::Holds;

/// What was done, or why it cannot be done: always a difference.
pub(super) type Done = Result<(), String>;

/// What an application calls.
pub(super) enum Called {
    Login {
        user_id: String,
        user_sig: String,
    },
    Logout,
    Destroy,
    /// A message, under the name that it had if it is sent again.
    Send {
        id: Option<MessageId>,
        to: &'static str,
        text: String,
    },
}

/// A timer of the server's. A link is told by the harness's name; one that the harness has not opened has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerTimer {
    Heartbeat(Option<u64>),
    Ask(Option<u64>),
    Lapse(SessionDigest),
    Expiry(SessionDigest),
    /// For limits that are not in force yet.
    Terms,
    /// One that no view tells.
    Other,
}

impl ServerTimer {
    /// The session that it waits for, if it waits for one.
    pub(super) const fn session(self) -> Option<SessionDigest> {
        match self {
            ServerTimer::Lapse(session) | ServerTimer::Expiry(session) => Some(session),
            ServerTimer::Heartbeat(_) | ServerTimer::Ask(_) | ServerTimer::Terms | ServerTimer::Other => None,
        }
    }
}

/// How a server ends before it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is killed, with all that it has in memory.
    Killed,
    /// It stops, and notes which sessions it owes nothing (MSG-2).
    Stopped,
}

/// What an instance says of itself.
pub(super) struct Shown<'a> {
    pub(super) login_user: Option<&'a str>,
    pub(super) ready: bool,
    pub(super) first_sync: Option<&'a FirstSync>,
    pub(super) holds: Holds,
    /// When it gives its link up unless it hears something, if that is known.
    pub(super) heartbeat: Option<UnixMillis>,
}

/// The clients and the server of a replay.
pub(super) trait Side: Sized {
    /// What travels to the server.
    type Up;
    /// What travels to a client.
    type Down;

    /// A fresh instance of that key takes a seat.
    fn renew(&mut self, cx: &mut Cx<Self>, seat: InstanceId, key: InstanceKey);

    /// An application calls; the answer comes under that number.
    fn call(&mut self, cx: &mut Cx<Self>, seat: InstanceId, id: u64, called: Called);

    /// The instance gets the link that it waits for.
    fn open(&mut self, cx: &mut Cx<Self>, seat: InstanceId, link: u64) -> Done;

    /// The link that the instance waits for cannot be opened.
    fn fail_to_open(&mut self, cx: &mut Cx<Self>, seat: InstanceId) -> Done;

    /// A frame or a close arrives at the server.
    fn to_server(&mut self, cx: &mut Cx<Self>, link: u64, moved: Self::Up) -> Done;

    /// A frame or a close arrives at the client.
    fn to_client(&mut self, cx: &mut Cx<Self>, link: (InstanceId, u64), moved: Self::Down) -> Done;

    /// One end of a link learns that it has ended, without a word.
    fn end(&mut self, cx: &mut Cx<Self>, link: (InstanceId, u64), end: End) -> Done;

    /// The close of that code, as a browser writes it.
    fn close(code: u16) -> Self::Up;

    /// The page goes, whose link its browser has closed already.
    fn close_page(&mut self, cx: &mut Cx<Self>, seat: InstanceId);

    /// Whether a browser closes the link of a page that goes, and not the harness in its place.
    fn closes_by_itself(&self) -> bool {
        false
    }

    /// Fires the timer of that kind that the instance armed first, at the moment at which it is due.
    fn fire(&mut self, cx: &mut Cx<Self>, seat: InstanceId, timer: Kind) -> Done;

    /// Fires the first of these timers that the server has armed, at that node if one is told, at the moment at which it is due.
    fn fire_at_server(&mut self, cx: &mut Cx<Self>, meant: &[ServerTimer], at: Option<NodeId>) -> Done;

    /// Tells every timer that the server has armed, at which node, and when it is due, where that is known.
    fn each_timer(&self, tell: &mut dyn FnMut(NodeId, ServerTimer, Option<UnixMillis>));

    /// How many links the server says it has, where it tells.
    fn links(&self) -> Option<usize> {
        None
    }

    /// Whether a millisecond may pass before every step, which the server sees.
    fn is_ticking(&self) -> bool;

    /// Time has passed; no timer is due.
    fn pass(&mut self, _now: UnixMillis) -> Done {
        Ok(())
    }

    /// The administrator kicks an account.
    fn rest_kick(&mut self, cx: &mut Cx<Self>, account: AccountId) -> Done;

    /// The administrator changes a limit.
    fn configure(&mut self, cx: &mut Cx<Self>, setting: Setting) -> Done;

    /// The server is gone with all that it had in memory; another one begins with what is on record, and the newest limits (CONF-1).
    fn restart(&mut self, cx: &mut Cx<Self>, how: Ending) -> Done;

    /// The notices arrive at the node that are under way to it of commits to the account's record.
    fn hear(&mut self, _cx: &mut Cx<Self>, _node: NodeId, _account: AccountId) -> Done {
        Err("nothing is under way between nodes".to_owned())
    }

    /// The same are lost.
    fn miss(&mut self, _node: NodeId, _account: AccountId) -> Done {
        Err("nothing is under way between nodes".to_owned())
    }

    /// The node is gone with all that it had in memory.
    fn die(&mut self, _node: NodeId) -> Done {
        Err("a single node does not die alone".to_owned())
    }

    /// A node that is gone is started again.
    fn start(&mut self, _cx: &mut Cx<Self>, _node: NodeId) -> Done {
        Err("a single node does not start alone".to_owned())
    }

    /// The lease ends of the life that a node had first of those whose leases hold.
    fn lease_ends(&mut self, _node: NodeId) -> Done {
        Err("a single node has no lease".to_owned())
    }

    /// The node that has or had a life, and whether its lease holds.
    fn node_of(&self, _life: NodeLife) -> Option<(NodeId, Lease)> {
        None
    }

    /// The node asks for the records of the accounts that it has links of.
    fn poll(&mut self, _cx: &mut Cx<Self>, _node: NodeId) -> Done {
        Err("one node has nobody to ask after".to_owned())
    }

    /// The notices under way between nodes, of each account.
    fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        Default::default()
    }

    /// The commit reaches the registry that is under way for the login of the instance in a seat.
    fn store(&mut self, _cx: &mut Cx<Self>, _seat: InstanceId) -> Done {
        Err("no commit is under way".to_owned())
    }

    /// The oldest callback of an account leaves the outbox for the receiver, or fails to: what it says.
    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback>;

    /// The callbacks that were recorded since the last look, in the order of their commits.
    fn recorded(&mut self) -> Vec<(AccountId, Callback)>;

    /// The server's records of the accounts.
    fn records(&mut self) -> &[(AccountId, Arc<Record>)];

    /// What another node has stored, and has lost since the last look.
    fn complaints(&self) -> Vec<String> {
        Vec::new()
    }

    /// Tells what the instance in a seat says of itself.
    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>));

    /// Runs until neither the clients nor the server can do anything more by themselves.
    fn settle(&mut self, _cx: &mut Cx<Self>) {}
}

/// Puts a seat's instance in the place of the one before.
pub(super) fn take_seat<R>(rigs: &mut Vec<R>, seat: InstanceId, rig: R) {
    match rigs.get_mut(usize::from(seat.0)) {
        Some(before) => *before = rig,
        None => rigs.push(rig),
    }
}
