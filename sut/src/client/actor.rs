//! The one task of an instance: it hands inputs to the machine and does what the effects say, in their order. It decides nothing.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};
use tokio::task::unconstrained;

use super::connect::{self, Connect};
use super::connect_error::ConnectError;
use super::machine::{Answer, Call, CallId, Effect, Input, Timer};
use super::status::{Resources, Status};
use super::{Event, Machine, answer_after_destroy};
use crate::backoff;
use crate::code::Refusal;
use crate::journal::InstanceScribe;
use crate::link::{Arrival, Link};
use crate::planted::{self, Unreplayed};
use crate::protocol::{decode_server, encode};
use crate::session::Epoch;
use crate::timers::{HEARTBEAT, Time, TimerSet, Wait};

/// How a call ended.
pub(super) type Outcome = Result<Answer, Refusal>;

/// What an application wants of the instance.
#[derive(Debug)]
pub(super) enum Request {
    /// A call, and where its answer goes.
    Call { call: Call, reply: oneshot::Sender<Outcome> },
    /// The page closes (LINK-6).
    ClosePage,
}

type Opening<S> = Pin<Box<dyn Future<Output = io::Result<Link<S>>> + Send>>;

/// A link, and how long it may still take to be written once it was closed from here.
struct Carried<S> {
    epoch: Epoch,
    link: Link<S>,
    closing: Option<Wait>,
}

/// What the application is told, in one sequence.
enum Output {
    Answer(oneshot::Sender<Outcome>, Outcome),
    Event(Event),
}

impl Output {
    /// The planted opposite of showing a state before it is spoken of.
    fn is_hasty(&self) -> bool {
        planted::has(match self {
            Output::Answer(..) => Unreplayed::Login1StatusLast,
            Output::Event(_) => Unreplayed::Login2StatusLast,
        })
    }
}

/// How many calls are taken at most before links and timers are looked at again: half of what tokio lets a task do before it has all else
/// wait, so that in every turn of the task they are looked at while something can still be ready.
const MOST_CALLS: usize = 64;

/// What is looked at next.
#[derive(Clone, Copy)]
enum Turn {
    /// At most so many calls.
    Calls(usize),
    Links,
    Timers,
}

/// One instance, running.
pub(super) struct Actor<C: Connect> {
    machine: Machine,
    connector: Arc<C>,
    time: Arc<dyn Time>,
    status: Arc<Status>,
    asked: mpsc::UnboundedReceiver<Request>,
    events: mpsc::UnboundedSender<Event>,
    calls: HashMap<CallId, oneshot::Sender<Outcome>>,
    last_call: u64,
    opening: Vec<(Epoch, Opening<C::Stream>)>,
    links: Vec<Carried<C::Stream>>,
    timers: TimerSet<Timer>,
    turn: Turn,
    outputs: Vec<Output>,
    scribe: Option<InstanceScribe>,
}

impl<C: Connect> Actor<C> {
    pub(super) fn new(
        machine: Machine,
        connector: C,
        time: Arc<dyn Time>,
        status: Arc<Status>,
        (asked, events): (mpsc::UnboundedReceiver<Request>, mpsc::UnboundedSender<Event>),
        scribe: Option<InstanceScribe>,
    ) -> Actor<C> {
        Actor {
            machine,
            connector: Arc::new(connector),
            time,
            status,
            asked,
            events,
            calls: HashMap::new(),
            last_call: 0,
            opening: Vec::new(),
            links: Vec::new(),
            timers: TimerSet::new(),
            turn: Turn::Calls(MOST_CALLS),
            outputs: Vec::new(),
            scribe,
        }
    }

    /// Runs until the instance is destroyed, or until nobody can call it any more, which is a page that closes.
    pub(super) async fn run(mut self) {
        let mut effects = Vec::new();
        loop {
            let input = poll_fn(|cx| self.poll_input(cx)).await;
            self.write_down(|scribe| scribe.input(&input));
            let leaves = matches!(&input, Input::Call { call, .. } if call.leaves());
            let is_late = matches!(&input, Input::Timer(_));
            self.machine.handle(self.time.now(), input, &mut effects);
            if is_late {
                self.time_out(&effects);
            }
            self.write_down(|scribe| scribe.effects(&effects));
            if self.perform(&mut effects).is_break() {
                return self.end().await;
            }
            if leaves {
                self.report();
                self.status.left();
            }
            self.flush_outputs();
        }
    }

    /// Tells the journal, if there is one.
    fn write_down(&mut self, what: impl FnOnce(&mut InstanceScribe)) {
        if let Some(scribe) = &mut self.scribe {
            what(scribe);
        }
    }

    /// Does what the effects say to links and timers, and keeps what they say to the application.
    fn perform(&mut self, effects: &mut Vec<Effect>) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        for effect in effects.drain(..) {
            match effect {
                Effect::Open { epoch } => self.open(epoch),
                Effect::Send { epoch, frame } => self.link(epoch, |link| link.send(encode(&frame))),
                Effect::Close { epoch, code } => self.close(epoch, code),
                Effect::Settle { call, outcome } => {
                    let reply = self.calls.remove(&call);
                    self.outputs.extend(reply.map(|reply| Output::Answer(reply, outcome)));
                }
                Effect::Publish(event) => self.outputs.push(Output::Event(event)),
                Effect::Arm { timer, after } => self.timers.arm(timer, self.time.arm(&timer, after)),
                Effect::ArmWithin { timer, bound } => {
                    self.timers.arm(timer, self.time.arm(&timer, backoff::drawn(bound)));
                }
                Effect::Disarm { timer } => self.timers.disarm(&timer),
                Effect::End => flow = ControlFlow::Break(()),
            }
        }
        flow
    }

    /// Tells the application what the last input led to; its state is told already.
    fn flush_outputs(&mut self) {
        if !self.outputs.is_empty() {
            if !self.outputs.iter().any(Output::is_hasty) {
                self.report();
            }
            flush(&mut self.outputs, &self.events);
        }
    }

    /// Everything is released before the last outputs are flushed, so that a destroy that resolved left nothing behind (DESTROY-1).
    async fn end(mut self) {
        unconstrained(poll_fn(|cx| self.poll_last_writes(cx))).await;
        let Actor { machine, connector, time, calls, opening, links, timers, .. } = self;
        drop((machine, connector, time, calls, opening, links, timers));
        let (mut asked, events, mut outputs) = (self.asked, self.events, self.outputs);
        self.status.report_end();
        flush(&mut outputs, &events);
        drop(events);
        asked.close();
        while let Ok(asked) = asked.try_recv() {
            match asked {
                Request::Call { call, reply } => drop(reply.send(answer_after_destroy(&call))),
                Request::ClosePage => {}
            }
        }
    }

    fn open(&mut self, epoch: Epoch) {
        let connector = Arc::clone(&self.connector);
        let opening = async move { connect::open(connector.connect().await?, &connector.url()).await };
        self.opening.push((epoch, Box::pin(opening)));
    }

    fn close(&mut self, epoch: Epoch, code: u16) {
        self.opening.retain(|(opening, _)| *opening != epoch);
        if let Some(carried) = self.links.iter_mut().find(|carried| carried.epoch == epoch) {
            carried.link.close(code, "");
            carried.closing = Some(self.time.wait(&format_args!("close {}", epoch.0), HEARTBEAT));
        }
    }

    fn link(&mut self, epoch: Epoch, act: impl FnOnce(&mut Link<C::Stream>)) {
        if let Some(carried) = self.links.iter_mut().find(|carried| carried.epoch == epoch) {
            act(&mut carried.link);
        }
    }

    fn report(&self) {
        let unwritten: usize = self.links.iter().map(|carried| carried.link.unwritten()).sum();
        let resources = Resources {
            tasks: 1,
            links: self.opening.len() + self.links.len(),
            timers: self.timers.len(),
            buffered: self.machine.kept_messages() + unwritten,
            debts: self.machine.debts(),
        };
        self.status.report(&self.machine, resources);
    }

    /// The next input. Calls, links and timers take turns, so that whoever has much to say keeps no other waiting. An instance that has
    /// nothing to do says so in its status.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        for _ in 0..3 {
            if let Some(input) = self.poll_turn(cx) {
                return Poll::Ready(input);
            }
        }
        self.turn = Turn::Calls(MOST_CALLS);
        self.report();
        Poll::Pending
    }

    /// An input of what is looked at next, if there is any, and whose turn it is then.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        let (input, next) = match self.turn {
            Turn::Calls(most) => match self.poll_asked(cx) {
                Some(input) if most > 1 => (Some(input), Turn::Calls(most - 1)),
                input => (input, Turn::Links),
            },
            Turn::Links => (self.poll_opening(cx).or_else(|| self.poll_links(cx)), Turn::Timers),
            Turn::Timers => (self.poll_timers(cx), Turn::Calls(MOST_CALLS)),
        };
        self.turn = next;
        input
    }

    /// Once nobody can call any more the page has closed.
    fn poll_asked(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        match self.asked.poll_recv(cx) {
            Poll::Ready(Some(Request::Call { call, reply })) => Some(self.take_call(call, reply)),
            Poll::Ready(Some(Request::ClosePage) | None) => Some(Input::PageClosed),
            Poll::Pending => None,
        }
    }

    fn take_call(&mut self, call: Call, reply: oneshot::Sender<Outcome>) -> Input {
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.calls.insert(id, reply);
        Input::Call { id, call }
    }

    fn poll_opening(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        for place in 0..self.opening.len() {
            let (epoch, opening) = &mut self.opening[place];
            let epoch = *epoch;
            if let Poll::Ready(opened) = opening.as_mut().poll(cx) {
                drop(self.opening.remove(place));
                return Some(self.opened(epoch, opened));
            }
        }
        None
    }

    fn opened(&mut self, epoch: Epoch, opened: io::Result<Link<C::Stream>>) -> Input {
        match opened {
            Ok(link) => {
                self.status.report_opening(None);
                self.links.push(Carried { epoch, link, closing: None });
                Input::LinkUp { epoch }
            }
            Err(error) => {
                self.cannot_open(epoch, ConnectError::of(&error));
                Input::LinkDown { epoch, close: None }
            }
        }
    }

    /// A link that a timer gives up before it opened has timed out.
    fn time_out(&self, effects: &[Effect]) {
        let is_given_up = |of: Epoch| effects.iter().any(|effect| matches!(effect, Effect::Close { epoch, .. } if *epoch == of));
        if let Some((epoch, _)) = self.opening.iter().find(|(epoch, _)| is_given_up(*epoch)) {
            self.cannot_open(*epoch, ConnectError::TimedOut);
        }
    }

    fn cannot_open(&self, epoch: Epoch, error: ConnectError) {
        tracing::warn!(%error, epoch = epoch.0, "the link cannot be opened");
        self.status.report_opening(Some(error));
    }

    fn poll_links(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        let mut place = 0;
        while let Some(Carried { epoch, link, closing: late }) = self.links.get_mut(place) {
            let (epoch, closing) = (*epoch, link.is_closing());
            match link.poll_next(cx) {
                Poll::Pending if late.as_mut().is_some_and(|late| late.as_mut().poll(cx).is_ready()) => {
                    drop(self.links.remove(place));
                }
                Poll::Pending => place += 1,
                Poll::Ready(Arrival::Text(text)) => return Some(heard(epoch, &text)),
                Poll::Ready(Arrival::Bad(error)) => return Some(Input::BadFrame { epoch, error }),
                Poll::Ready(Arrival::Control(_)) => {}
                Poll::Ready(Arrival::Closed(close)) => {
                    drop(self.links.remove(place));
                    if !closing {
                        return Some(Input::LinkDown { epoch, close });
                    }
                }
            }
        }
        None
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        match self.timers.poll_next(cx) {
            Poll::Ready(timer) => Some(Input::Timer(timer)),
            Poll::Pending => None,
        }
    }

    /// Writes what can be written without waiting for anybody, however much the task has done before.
    fn poll_last_writes(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for carried in self.links.iter_mut().filter(|carried| carried.link.is_closing()) {
            let _ = carried.link.poll_next(cx);
        }
        Poll::Ready(())
    }
}

fn heard(epoch: Epoch, text: &str) -> Input {
    match decode_server(text) {
        Ok(frame) => Input::Frame { epoch, frame },
        Err(error) => Input::BadFrame { epoch, error },
    }
}

/// An answer or event that nobody waits for any more is dropped (LOGIN-5).
fn flush(outputs: &mut Vec<Output>, events: &mpsc::UnboundedSender<Event>) {
    for output in outputs.drain(..) {
        match output {
            Output::Answer(reply, outcome) => drop(reply.send(outcome)),
            Output::Event(event) => drop(events.send(event)),
        }
    }
}
