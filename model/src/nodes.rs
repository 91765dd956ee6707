//! What a node knows of the commits that others make: each puts a notice under way to every other node, and a node that hears one, polls,
//! or decides something on the record tells those with a link there whose session is over. It decides for nobody.

use crate::action::{AccountId, Credential, NodeId};
use crate::cx::{At, ServerCx};
use crate::frame::{DownFrame, Gap, Meant, UpFrame};
use crate::link::{Epoch, ServerEnd};
use crate::lives::Health;
use crate::observation::Close;
use crate::records::Session;
use crate::scope::Commits;

/// To which nodes notices are under way of commits to one account's record, a bit each. Several to one node are as good as one: whoever
/// hears of any looks at the record as it is then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Notices(u8);

impl Notices {
    /// Whether one is under way to the node.
    pub const fn is_under_way_to(self, NodeId(node): NodeId) -> bool {
        self.0 & 1 << node != 0
    }

    /// One is under way to the node.
    pub const fn add(&mut self, NodeId(node): NodeId) {
        self.0 |= 1 << node;
    }

    const fn remove(&mut self, NodeId(node): NodeId) {
        self.0 &= !(1 << node);
    }
}

impl ServerCx<'_, '_> {
    /// NODE-2: this node has committed to the account's record, and every other one is to hear of it.
    pub(crate) fn publish(&mut self, account: AccountId) {
        let here = self.node;
        for node in self.scope.nodes().filter(|node| *node != here) {
            if !self.server.is_dead(node) {
                self.notices_of(account).add(node);
            }
        }
        if self.scope.commits == Commits::UnderWay {
            self.overtake(account);
        }
    }

    /// What other nodes have under way for the account was decided on a record that is there no more.
    fn overtake(&mut self, account: AccountId) {
        let here = self.node;
        for at in self.scope.instances().flat_map(At::of) {
            let link = self.link(at);
            if link.node != here && link.server == (ServerEnd::Storing { account, overtaken: false }) {
                link.server = ServerEnd::Storing { account, overtaken: true };
            }
        }
    }

    /// A login is decided on the record as it is, and its commit is under way.
    pub(crate) fn send_commit(&mut self, at: At, account: AccountId) {
        self.link(at).server = ServerEnd::Storing { account, overtaken: false };
    }

    /// NODE-1: the commit is done, or refused: then the login is decided anew.
    pub(crate) fn store(&mut self, at: At) {
        let end = self.link(at).server;
        match end {
            ServerEnd::Storing { account, overtaken: false } => self.admit(at, account),
            ServerEnd::Storing { account, overtaken: true } if self.rules.record_decides() => {
                self.learn(account);
                self.find_a_place(at, account);
            }
            ServerEnd::Storing { account, overtaken: true } => {
                self.link(at).server = ServerEnd::Serving { account };
                self.write_down(at, DownFrame::LoginAnswer { refused: None, gap: Gap::None });
            }
            _ => unreachable!("nothing is stored for a link that is {end:?}"),
        }
    }

    /// NODE-2: notices arrive.
    pub(crate) fn hear(&mut self, account: AccountId) {
        self.miss(account);
        if self.rules.news_is_passed_on() {
            self.learn(account);
        }
    }

    /// Notices are lost.
    pub(crate) fn miss(&mut self, account: AccountId) {
        let node = self.node;
        self.notices_of(account).remove(node);
    }

    /// Nothing is under way to the node any more.
    pub(crate) fn miss_all(&mut self) {
        self.scope.accounts().for_each(|account| self.miss(account));
    }

    /// NODE-2: what no notice said is found on the record.
    pub(crate) fn poll(&mut self) {
        if self.server.health(self.node) == Some(Health::Late) {
            self.finds_its_lease_over();
        }
        if self.rules.news_is_passed_on() {
            self.scope.accounts().for_each(|account| self.learn(account));
        }
    }

    fn notices_of(&mut self, account: AccountId) -> &mut Notices {
        &mut self.server.notices[usize::from(account.0)]
    }

    /// NODE-1: what is accepted is decided on the record, of which the node so learns.
    pub(crate) fn load_for(&mut self, at: At, frame: UpFrame) {
        if self.scope.has_several_nodes()
            && let Some(account) = decided_for(self.link(at).server, frame)
            && self.rules.record_decides()
        {
            self.learn(account);
        }
    }

    /// Whoever has a link here whose session is off the record is told why (KICK-4, LINK-11), or has its link given up.
    fn learn(&mut self, account: AccountId) {
        let links: Vec<_> = self.scope.instances().flat_map(At::of).collect();
        for at in links {
            let (is_here, session, link) = (self.is_here(at), self.session_at(at), *self.link(at));
            let goes_on = self.server.roster(account).has(session) && link.epoch == Epoch::Newest;
            if is_here && link.server == (ServerEnd::Serving { account }) && !goes_on {
                self.tell_of_its_end(at, account, session);
            }
        }
    }

    /// Of whoever was neither kicked nor superseded nobody here knows how it ended: its resume is decided anew.
    fn tell_of_its_end(&mut self, at: At, account: AccountId, session: Session) {
        let is_superseded = self.link(at).epoch == Epoch::Superseded || self.server.roster(account).of_key(session).is_some();
        match self.server.kick_records(account).iter().find(|record| record.session == session) {
            Some(record) => self.tell_of_kick(at, account, record.reason),
            None if is_superseded => self.server_closes(at, Close::Superseded),
            None => self.server_closes(at, Close::GivenUp),
        }
    }
}

/// The account whose record decides what becomes of the frame.
fn decided_for(end: ServerEnd, frame: UpFrame) -> Option<AccountId> {
    match (end, frame) {
        (ServerEnd::Listening, UpFrame::Login { account, credential: Credential::Good } | UpFrame::Resume { account })
        | (ServerEnd::Listening, UpFrame::Logout { of: Meant::Owed { account, .. } })
        | (ServerEnd::Serving { account }, UpFrame::Sync | UpFrame::Logout { .. } | UpFrame::Send { .. })
        | (ServerEnd::Kicked { account, .. }, UpFrame::KickAck) => Some(account),
        _ => None,
    }
}
