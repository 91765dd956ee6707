//! A transport runs the clients and the server and moves their bytes. The harness holds the middle of every stream; a transport knows no
//! frame and no rule.

use std::sync::Arc;

use super::clock::Armed;
use super::frames::Cutter;
use super::side::{Done, Ending};
use model::action::{AccountId, NodeId, Post};
use model::lives::Lease;
use model::nodes::Notices;
use model::observation::End;
use model::scope::MAX_ACCOUNTS;
use sut::callback::Callback;
use sut::session::{NodeLife, Record};
use sut::timers::UnixMillis;

/// Something of both ends of a link.
#[derive(Default)]
pub(super) struct Ends<T> {
    pub(super) client: T,
    pub(super) server: T,
}

impl<T> Ends<T> {
    pub(super) fn at(&mut self, end: End) -> &mut T {
        match end {
            End::Client => &mut self.client,
            End::Server => &mut self.server,
        }
    }
}

/// One server of one node or several, and the links to it. Whatever fails is told in one line.
pub(super) trait Transport {
    /// Writes to one end of a link.
    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String>;

    /// Runs until neither the clients nor the server can do anything more by themselves.
    fn settle(&mut self) -> Result<(), String>;

    /// Takes what one end of a link has written. Whether that end writes nothing more.
    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool;

    /// Ends all links but these.
    fn keep(&mut self, links: &[u64]);

    /// The server's answer to an HTTP request beside the links.
    fn ask(&mut self, request: &str) -> Result<String, String>;

    /// Time has passed; no timer is due.
    fn pass(&mut self, now: UnixMillis) -> Result<(), String>;

    /// Ends the stream of a link towards one end, without a word.
    fn end(&mut self, link: u64, end: End);

    /// Fires the server's timer of that name, which moves the replay's moment on; that moment.
    fn fire(&mut self, timer: &str) -> Result<UnixMillis, String>;

    /// Tells every timer that the server has armed.
    fn each_timer(&self, tell: &mut dyn FnMut(&Armed));

    /// Whether a millisecond may pass before every step, which the server sees.
    fn is_ticking(&self) -> bool;

    /// The names of the timers that the server has armed.
    fn timers(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.each_timer(&mut |timer| names.push(timer.name.clone()));
        names
    }

    /// The server ends in that way, and is started again.
    fn restart(&mut self, how: Ending) -> Result<(), String>;

    /// The callbacks that the server has recorded since the last look, in the order of their commits.
    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        Vec::new()
    }

    /// Posts the oldest callback of an account from the server's outbox: what it says.
    fn post(&mut self, _account: AccountId, _how: Post) -> Option<Callback> {
        None
    }

    /// The notices arrive at the node that are under way to it of commits to the account's record.
    fn hear(&mut self, _node: NodeId, _account: AccountId) -> Done {
        Err("nothing is under way between nodes".to_owned())
    }

    /// The same are lost.
    fn miss(&mut self, _node: NodeId, _account: AccountId) -> Done {
        Err("nothing is under way between nodes".to_owned())
    }

    /// Fires the poll of the node, which moves the replay's moment on; that moment.
    fn poll(&mut self, _node: NodeId) -> Result<UnixMillis, String> {
        Err("one node has nobody to ask after".to_owned())
    }

    /// The node is gone with all that it had in memory, and its ends of links with it.
    fn die(&mut self, _node: NodeId) -> Done {
        Err("a single node does not die alone".to_owned())
    }

    /// A node that is gone is started again.
    fn start(&mut self, _node: NodeId) -> Done {
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

    /// The commit reaches the registry that the node has under way.
    fn store(&mut self, _node: NodeId) -> Done {
        Err("no commit is under way".to_owned())
    }

    /// The notices under way between nodes, of each account.
    fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        Default::default()
    }

    /// The server's records of the accounts.
    fn records(&mut self) -> &[(AccountId, Arc<Record>)];
}
