//! The links of one node among several. It moves nothing.

use model::action::NodeId;
use sut::session::SessionDigest;

use super::Wire;
use super::held::HeldLink;

impl<U, D> Wire<U, D> {
    /// A node is killed: every link to it is cut, and has no end there any more.
    pub fn node_is_killed(&mut self, node: NodeId) {
        for link in self.seats.iter_mut().flatten().filter(|link| link.node == node) {
            link.cut();
            link.server_is_gone(None, None);
        }
    }

    /// Whether a link to that node carries a session of that name, by the answer that it was given.
    pub fn carries(&self, node: NodeId, session: SessionDigest) -> bool {
        let secret = self.stage.sessions.called(session).map(|known| known.secret);
        let carries = |link: &HeldLink<U, D>| link.node == node && !link.down.is_over() && link.book.serves() == secret;
        secret.is_some() && self.seats.iter().flatten().any(carries)
    }
}
