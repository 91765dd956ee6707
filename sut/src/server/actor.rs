//! The one task of a node: it hands inputs to the machine, asks the registry, and does what the effects say, in their order. It
//! decides nothing.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::drive::drive;
use super::machine::{Effect, Input, LinkId, Machine, Reply, RequestId};
use crate::protocol::{Envelope, ServerFrame};
use crate::registry::Registry;
use crate::timers::Time;

/// What a connection tells the node.
#[derive(Debug)]
pub(super) enum Told {
    /// It opened, and takes orders here.
    Up { link: LinkId, orders: mpsc::UnboundedSender<Order> },
    /// Something happened to it.
    Input(Input),
    /// An administrator asked, and waits for the answer.
    Asked { request: RequestId, input: Input, answer: oneshot::Sender<Reply> },
}

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Order {
    Send(Envelope<ServerFrame>),
    /// The last order.
    Close {
        code: u16,
        reason: String,
    },
}

/// One node, running.
pub(super) struct Actor<R> {
    machine: Machine,
    registry: R,
    time: Arc<dyn Time>,
    told: mpsc::UnboundedReceiver<Told>,
    links: HashMap<LinkId, mpsc::UnboundedSender<Order>>,
    answers: HashMap<RequestId, oneshot::Sender<Reply>>,
}

impl<R: Registry> Actor<R> {
    pub(super) fn new(machine: Machine, registry: R, time: Arc<dyn Time>, told: mpsc::UnboundedReceiver<Told>) -> Actor<R> {
        Actor { machine, registry, time, told, links: HashMap::new(), answers: HashMap::new() }
    }

    pub(super) async fn run(mut self) {
        let mut effects = Vec::new();
        while let Some(told) = self.told.recv().await {
            let input = self.note(told);
            drive(&mut self.machine, &self.registry, self.time.now(), input, &mut effects).await;
            for effect in effects.drain(..) {
                self.perform(effect);
            }
        }
    }

    /// Keeps the lists of links and of requests.
    fn note(&mut self, told: Told) -> Input {
        match told {
            Told::Up { link, orders } => {
                self.links.insert(link, orders);
                Input::LinkUp { link }
            }
            Told::Input(input) => {
                if let Input::LinkDown { link, .. } = &input {
                    self.links.remove(link);
                }
                input
            }
            Told::Asked { request, input, answer } => {
                self.answers.insert(request, answer);
                input
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { link, frame } => {
                if let Some(orders) = self.links.get(&link) {
                    let _ = orders.send(Order::Send(frame));
                }
            }
            Effect::Close { link, code, reason } => {
                if let Some(orders) = self.links.remove(&link) {
                    let _ = orders.send(Order::Close { code, reason });
                }
            }
            Effect::Reply { request, reply } => {
                if let Some(answer) = self.answers.remove(&request) {
                    let _ = answer.send(reply);
                }
            }
            Effect::Load { .. } | Effect::Commit { .. } => unreachable!("drive leaves none"),
        }
    }
}
