//! The one task of a node: it hands inputs to the machine, asks the registry, and does what the effects say, in their order. It
//! decides nothing.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::drive::drive;
use super::machine::{Effect, Input, LinkId, Machine, Reply, RequestId, Said, Timer};
use crate::journal::{NodeScribe, Witness};
use crate::registry::{Registry, Unreachable};
use crate::timers::{Time, TimerSet};

/// What a connection tells the node.
#[derive(Debug)]
pub(super) enum Told {
    /// It opened, and takes orders here.
    Up { link: LinkId, address: Option<IpAddr>, orders: mpsc::UnboundedSender<Order> },
    /// Something came over it, and takes a place of those that wait.
    Arrived { input: Input, place: OwnedSemaphorePermit },
    /// It ended, or something else happened.
    Input(Input),
    /// An administrator asked, and waits for the answer.
    Asked { request: RequestId, input: Input, answer: oneshot::Sender<Reply> },
    /// All connections have ended, and so does the node.
    Stop { answer: oneshot::Sender<Result<(), Unreachable>> },
}

/// What comes next.
enum Next {
    Input(Input),
    Stop(oneshot::Sender<Result<(), Unreachable>>),
}

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Order {
    Send(Said),
    /// The last order.
    Close {
        code: u16,
        reason: String,
    },
}

/// One node, running.
pub(super) struct Actor<R> {
    machine: Machine,
    registry: Witness<R>,
    scribe: Option<Arc<Mutex<NodeScribe>>>,
    time: Arc<dyn Time>,
    told: mpsc::UnboundedReceiver<Told>,
    links: HashMap<LinkId, mpsc::UnboundedSender<Order>>,
    answers: HashMap<RequestId, oneshot::Sender<Reply>>,
    timers: TimerSet<Timer>,
    /// How much of what was told is taken before the timers are looked at again.
    ahead: usize,
}

impl<R: Registry> Actor<R> {
    pub(super) fn new(
        machine: Machine,
        registry: R,
        time: Arc<dyn Time>,
        told: mpsc::UnboundedReceiver<Told>,
        scribe: Option<NodeScribe>,
    ) -> Actor<R> {
        let scribe = scribe.map(|scribe| Arc::new(Mutex::new(scribe)));
        let registry = Witness::new(registry, scribe.clone());
        let (links, answers, timers) = (HashMap::new(), HashMap::new(), TimerSet::new());
        Actor { machine, registry, scribe, time, told, links, answers, timers, ahead: 0 }
    }

    pub(super) async fn run(mut self) {
        let mut effects = Vec::new();
        while let Some(next) = self.next().await {
            match next {
                Next::Input(input) => self.take(input, &mut effects).await,
                Next::Stop(answer) => {
                    let noted = self.registry.note_stop(self.machine.owed_nothing()).await;
                    return drop(answer.send(noted));
                }
            }
        }
    }

    async fn take(&mut self, input: Input, effects: &mut Vec<Effect>) {
        let now = self.time.now();
        self.write_down(|scribe| scribe.input(now, &input));
        drive(&mut self.machine, &self.registry, now, input, effects).await;
        self.write_down(|scribe| {
            effects.iter().for_each(|effect| scribe.effect(effect));
            scribe.finish();
        });
        for effect in effects.drain(..) {
            self.perform(effect);
        }
    }

    /// Tells the journal, if there is one.
    fn write_down(&self, what: impl FnOnce(&mut MutexGuard<'_, NodeScribe>)) {
        if let Some(scribe) = &self.scribe {
            what(&mut scribe.lock().expect("nothing panics while it holds the lock"));
        }
    }

    /// What is told, and the timers that fire: each waits for what was told before, and for nothing else. `None` once nobody is left to
    /// tell anything.
    async fn next(&mut self) -> Option<Next> {
        let timers = &mut self.timers;
        if self.ahead == 0 {
            self.ahead = self.told.len();
            if let Some(timer) = poll_fn(|cx| timers.poll_next(cx)).now_or_never() {
                return Some(Next::Input(Input::Timer(timer)));
            }
        }
        tokio::select! {
            biased;
            told = self.told.recv() => {
                self.ahead = self.ahead.saturating_sub(1);
                told.map(|told| self.note(told))
            }
            timer = poll_fn(|cx| timers.poll_next(cx)) => Some(Next::Input(Input::Timer(timer))),
        }
    }

    /// Keeps the lists of links and of requests.
    fn note(&mut self, told: Told) -> Next {
        Next::Input(match told {
            Told::Up { link, address, orders } => {
                self.links.insert(link, orders);
                Input::LinkUp { link, address }
            }
            Told::Arrived { input, place } => {
                drop(place);
                input
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
            Told::Stop { answer } => return Next::Stop(answer),
        })
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
            Effect::Arm { timer, after } => {
                let wait = self.time.wait(timer.to_string(), after);
                self.timers.arm(timer, wait);
            }
            Effect::Disarm { timer } => self.timers.disarm(&timer),
            Effect::Load { .. } | Effect::Commit { .. } => unreachable!("drive leaves none"),
        }
    }
}
