//! The one task of a node: it hands inputs to the machine in their turn, asks the registry without waiting for its answer, and does what
//! the effects say, in their order. It decides nothing.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::mpsc as light;
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::yield_now;

use super::Logs;
use super::Machine;
use super::alarms::{Alarms, account_of_alarm};
use super::drive::{Question, take_question};
use super::machine::{Asker, Effect, Input, LinkId, Reply, RequestId, Said, Timer};
use super::questions::{Answers, Questions};
use super::teller::Teller;
use super::turns::{Turns, link_of};
use crate::journal::NodeScribe;
use crate::kick_log::KickLog;
use crate::protocol::close_code::GOING_AWAY;
use crate::registry::{Unreachable, Version};
use crate::session::Reign;
use crate::timers::{Time, UnixMillis};

/// How much of what comes is done until the runtime's other tasks have their turn, the connections among them.
const TURNS_AT_ONCE: u32 = 16;

/// What a connection tells the node.
#[derive(Debug)]
pub(super) enum NodeMessage {
    /// It opened, and takes commands here.
    Up { link: LinkId, address: Option<IpAddr>, commands: Commands },
    /// Something came over it, and takes a place of those that wait.
    Arrived { input: Input, place: OwnedSemaphorePermit },
    /// It ended, or something else happened.
    Input(Input),
    /// Its port ends, and it with it.
    Ends { link: LinkId },
    /// An administrator asked, and waits for the answer.
    Asked { request: RequestId, input: Input, answer: oneshot::Sender<Reply> },
    /// Which accounts the node holds, and up to which version it knows them.
    Held { answer: oneshot::Sender<Vec<(Arc<str>, Version)>> },
    /// From now on versions under that number of primaries are the named one's.
    Reigns { reign: Reign, primary: String },
    /// All connections have ended, and so does the node.
    Stop { answer: oneshot::Sender<Result<(), Unreachable>> },
}

/// What comes next.
enum Next {
    /// It holds its place among those that wait until it is taken.
    Input(Input, Option<OwnedSemaphorePermit>),
    /// The registry answers.
    Answer(Input),
    Held(oneshot::Sender<Vec<(Arc<str>, Version)>>),
    Reigns(Reign, String),
    Stop(oneshot::Sender<Result<(), Unreachable>>),
}

/// Where a link takes its commands. The channel has room for none from the start; they are boxed, since the last place stays.
pub(super) type Commands = light::UnboundedSender<Box<Command>>;

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Command {
    Send(Said),
    /// The last command.
    Close {
        code: u16,
        reason: String,
    },
}

/// How long a node that stops waits for its registry.
const FINISH: Duration = Duration::from_secs(5);

/// One node, running.
pub(super) struct Actor {
    machine: Machine,
    turns: Turns<Option<OwnedSemaphorePermit>>,
    registry: Arc<dyn Answers>,
    questions: Questions,
    scribe: Option<NodeScribe>,
    teller: Teller,
    kicks: Option<KickLog>,
    time: Arc<dyn Time>,
    told: mpsc::UnboundedReceiver<NodeMessage>,
    links: HashMap<LinkId, Commands>,
    answers: HashMap<RequestId, oneshot::Sender<Reply>>,
    alarms: Alarms,
    /// How much of what was told is taken before the timers are looked at again.
    ahead: usize,
    /// How much was done.
    turn: u32,
    /// When something may be said of the registry again.
    complains_from: UnixMillis,
    /// What is to be done; empty between inputs.
    effects: Vec<Effect>,
}

impl Actor {
    pub(super) fn new(
        machine: Machine,
        registry: Arc<dyn Answers>,
        time: Arc<dyn Time>,
        told: mpsc::UnboundedReceiver<NodeMessage>,
        Logs { journal, kicks }: Logs,
        teller: Teller,
    ) -> Actor {
        Actor {
            scribe: journal.map(|journal| NodeScribe::start(journal, machine.app().clone())),
            machine,
            turns: Turns::default(),
            registry,
            questions: Questions::default(),
            teller,
            kicks,
            time,
            told,
            links: HashMap::new(),
            answers: HashMap::new(),
            alarms: Alarms::new(),
            ahead: 0,
            turn: 0,
            complains_from: UnixMillis::default(),
            effects: Vec::new(),
        }
    }

    /// It yields by itself: a runtime that had it yield would do so within a look at all that waits, and that would begin again.
    pub(super) async fn run(mut self) {
        while let Some(next) = poll_fn(|cx| self.poll_next(cx)).await {
            match next {
                Next::Input(input, place) => self.turns.arrive(input, place),
                Next::Answer(answer) => self.answered(answer),
                Next::Held(answer) => {
                    self.teller.metrics().holds(self.machine.platforms());
                    let _ = answer.send(self.machine.held());
                }
                Next::Reigns(reign, primary) => {
                    self.scribe.iter_mut().for_each(|scribe| scribe.reigns(reign, primary.clone()));
                }
                Next::Stop(answer) => return self.stop(answer).await,
            }
            self.take_turns();
            self.turn = self.turn.wrapping_add(1);
            if self.turn.is_multiple_of(TURNS_AT_ONCE) {
                yield_now().await;
            }
        }
    }

    /// A registry that hangs does not hold the end up.
    async fn stop(mut self, answer: oneshot::Sender<Result<(), Unreachable>>) {
        let time = Arc::clone(&self.time);
        let noted = tokio::select! {
            biased;
            noted = self.finish() => noted,
            () = async { time.wait(&"finish", FINISH).await } => Err(Unreachable("it does not answer".to_owned())),
        };
        let _ = answer.send(noted);
    }

    /// What is under way is done first.
    async fn finish(&mut self) -> Result<(), Unreachable> {
        while let Some(late) = self.questions.next().await {
            self.answered(late);
            self.take_turns();
        }
        Arc::clone(&self.registry).note_stop(self.machine.owed_nothing()).await
    }

    fn take_turns(&mut self) {
        while let Some(input) = self.turns.next(&self.machine) {
            self.take(input);
        }
    }

    fn take(&mut self, input: Input) {
        if let Input::Timer(Timer::LookUp { .. }) = input {
            return self.answered(input);
        }
        let (now, link, alarmed) = (self.time.now(), link_of(&input), account_of_alarm(&input));
        let user_id = self.machine.needs(&input).filter(|_| self.scribe.is_some()).map(Arc::from);
        if let Some(scribe) = &mut self.scribe {
            scribe.input(now, &input);
        }
        self.teller.input(&input);
        self.machine.handle(now, input, &mut self.effects);
        self.alarms.took(&self.machine, alarmed.clone());
        self.ask_all(now);
        if let (Some(scribe), Some(user_id)) = (&mut self.scribe, user_id)
            && self.machine.is_busy(&user_id)
        {
            scribe.hold(user_id);
        }
        self.perform_all();
        if let Some(user_id) = alarmed {
            self.alarms.answered(&self.machine, &user_id);
        }
        if let Some(link) = link {
            self.turns.took(&self.machine, link);
        }
    }

    /// An answer that was waited for, or the moment to ask again, upon which it may come at once.
    fn answered(&mut self, answer: Input) {
        let now = self.time.now();
        self.complain_of(&answer, now);
        let user_id = account_of(&answer);
        let link = user_id.as_deref().and_then(|user_id| self.machine.asks_for(user_id));
        if let (Some(scribe), Input::Loaded { asker: Asker::Account(user_id), version, .. }) = (&mut self.scribe, &answer) {
            scribe.sees(user_id, *version);
        }
        self.machine.handle(now, answer, &mut self.effects);
        self.ask_all(now);
        if let (Some(scribe), Some(user_id)) = (&mut self.scribe, &user_id)
            && (self.effects.iter().any(|effect| effect.is_commit_of(user_id)) || !self.machine.is_busy(user_id))
        {
            scribe.release(user_id);
        }
        self.perform_all();
        if let Some(user_id) = user_id {
            self.alarms.answered(&self.machine, &user_id);
            self.turns.answered(&self.machine, &user_id, link);
        }
    }

    /// One line a second at most: while a registry is away there may be thousands.
    fn complain_of(&mut self, answer: &Input, now: UnixMillis) {
        if let Input::Unreachable { asker: _, why } = answer
            && now >= self.complains_from
        {
            tracing::error!("{why}");
            self.complains_from = now.plus(Duration::from_secs(1));
        }
    }

    /// Asks the registry whatever the machine wants to know; an answer that is there at once is handed over at once.
    fn ask_all(&mut self, now: UnixMillis) {
        while let Some(question) = take_question(&mut self.effects) {
            let pace = self.alarms.pace_of(&question);
            if let (Some(scribe), Question::Commit { user_id, expected, .. }) = (&mut self.scribe, &question)
                && let Some(change) = self.machine.asks_to_store(user_id)
            {
                scribe.tries(user_id, *expected, change);
            }
            let mut asked = Arc::clone(&self.registry).ask(question, pace, self.teller.metrics().clone());
            match (&mut asked).now_or_never() {
                Some(answer) => {
                    self.complain_of(&answer, now);
                    self.machine.handle(now, answer, &mut self.effects);
                }
                None => self.questions.push(asked, pace),
            }
        }
    }

    fn perform_all(&mut self) {
        let mut effects = std::mem::take(&mut self.effects);
        if let Some(scribe) = &mut self.scribe {
            effects.iter().for_each(|effect| scribe.effect(effect));
            scribe.finish();
        }
        effects.iter().for_each(|effect| self.teller.effect(effect));
        effects.drain(..).for_each(|effect| self.perform(effect));
        self.effects = effects;
    }

    /// What clients wait for, what is told, and the timers that fire with the answers that they began: each of the last two waits for
    /// what was told before, and for nothing else. Every other turn is for such an answer. `None` once nobody is left to tell anything.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        let answer = if self.turn.is_multiple_of(2) { self.questions.of_alarms.poll(cx) } else { None };
        if let Some(answer) = answer.or_else(|| self.questions.of_clients.poll(cx)) {
            return Poll::Ready(Some(Next::Answer(answer)));
        }
        if self.ahead == 0 {
            self.ahead = self.told.len();
            if let Poll::Ready(timer) = self.alarms.poll_next(cx) {
                return Poll::Ready(Some(Next::Input(Input::Timer(timer), None)));
            }
        }
        if let Poll::Ready(told) = self.told.poll_recv(cx) {
            self.ahead = self.ahead.saturating_sub(1);
            return Poll::Ready(told.map(|told| self.register(told)));
        }
        if let Some(answer) = self.questions.of_alarms.poll(cx) {
            return Poll::Ready(Some(Next::Answer(answer)));
        }
        self.alarms.poll_next(cx).map(|timer| Some(Next::Input(Input::Timer(timer), None)))
    }

    /// Keeps the lists of links and of requests.
    fn register(&mut self, told: NodeMessage) -> Next {
        let input = match told {
            NodeMessage::Up { link, address, commands } => {
                self.links.insert(link, commands);
                Input::LinkUp { link, address }
            }
            NodeMessage::Arrived { input, place } => return Next::Input(input, Some(place)),
            NodeMessage::Input(input) => {
                if let Input::LinkDown { link, .. } = &input {
                    self.links.remove(link);
                }
                input
            }
            NodeMessage::Ends { link } => {
                self.close(link, GOING_AWAY, "the server stops".to_owned());
                self.teller.ended(link, GOING_AWAY);
                Input::LinkDown { link, close: None }
            }
            NodeMessage::Asked { request, input, answer } => {
                self.answers.insert(request, answer);
                input
            }
            NodeMessage::Held { answer } => return Next::Held(answer),
            NodeMessage::Reigns { reign, primary } => return Next::Reigns(reign, primary),
            NodeMessage::Stop { answer } => return Next::Stop(answer),
        };
        Next::Input(input, None)
    }

    /// The link's last command.
    fn close(&mut self, link: LinkId, code: u16, reason: String) {
        if let Some(commands) = self.links.remove(&link) {
            let _ = commands.unbounded_send(Box::new(Command::Close { code, reason }));
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Committed { user_id, version, change } => {
                if let Some(kicks) = &self.kicks {
                    kicks.committed(&user_id, version, &change);
                }
            }
            Effect::Send { link, frame } => {
                if let Some(commands) = self.links.get(&link) {
                    let _ = commands.unbounded_send(Box::new(Command::Send(frame)));
                }
            }
            Effect::Close { link, code, reason } => self.close(link, code, reason),
            Effect::Reply { request, reply } => {
                if let Some(answer) = self.answers.remove(&request) {
                    let _ = answer.send(reply);
                }
            }
            Effect::Arm { timer, after } => {
                self.turns.forget(&timer);
                let due = self.time.arm(&timer, after);
                self.alarms.arm(timer, due);
            }
            Effect::Disarm { timer } => {
                self.turns.forget(&timer);
                self.alarms.disarm(&timer);
            }
            Effect::Load { .. } | Effect::Commit { .. } => unreachable!("all are asked"),
        }
    }
}

/// The account that was asked for, or is asked for again.
fn account_of(answer: &Input) -> Option<Arc<str>> {
    match answer {
        Input::Stored { user_id, .. }
        | Input::Loaded { asker: Asker::Account(user_id), .. }
        | Input::Unreachable { asker: Asker::Account(user_id), .. }
        | Input::Timer(Timer::LookUp { user_id }) => Some(Arc::clone(user_id)),
        _ => None,
    }
}
