//! What the shell of a node would do: it hands over inputs, one after the other, and performs effects. It decides nothing.

use model::action::NodeId;
use sut::server::machine as server;

use super::{Cx, Moves, Pair, close};

impl Pair {
    /// Hands a node an input, and does what it asks for.
    pub(super) fn at_server(&mut self, cx: &mut Cx, at: NodeId, input: server::Input) {
        let mut effects = std::mem::take(&mut self.effects.1);
        let registry = self.records.registry_of(at);
        self.node(at).take(&registry, cx.moment.now(), input, &mut effects);
        effects.drain(..).for_each(|effect| self.perform(cx, at, effect));
        self.effects.1 = effects;
    }

    fn perform(&mut self, cx: &mut Cx, at: NodeId, effect: server::Effect) {
        let node = self.node(at);
        match effect {
            server::Effect::Send { link, frame } => match node.reveal(link, frame) {
                Some(frame) => cx.wire.server_wrote(link.0, frame, Moves::Frame),
                None => cx.wire.is_strange("an answer to a session that the link has not named".to_owned()),
            },
            server::Effect::Close { link, code, reason } => {
                node.forget(link);
                cx.wire.server_closed(link.0, Some(code), Some(close(code, reason)));
            }
            server::Effect::Arm { timer, after } => node.arm(timer, cx.moment.now().plus(after)),
            server::Effect::Disarm { timer } => node.disarm(&timer),
            server::Effect::Committed { .. } => {}
            server::Effect::Reply { request, reply } => self.answered = Some((request, reply)),
            server::Effect::Load { .. } | server::Effect::Commit { .. } => {
                cx.wire.is_strange("a question to the registry that nobody answered".to_owned());
            }
        }
    }
}
