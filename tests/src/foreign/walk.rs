//! A trace, walked by the model and by a child side by side; all that the child tells is compared after every step. Requests are written
//! ahead of their answers: what is asked never depends on what was answered.

use std::collections::VecDeque;

use model::action::{Action, PageMove};
use model::state::State;

use super::answers::Answer;
use super::asking::{body, call_of};
use super::deed::Deed;
use super::difference::Difference;
use super::moment::Moment;
use super::protocol::Body;
use super::reading::{Reader, Running};
use super::seen::{Seen, expected, standing};
use super::talk::{Heard, TOLD, Talk, one_line};
use super::trouble::Trouble;
use crate::observation::Ask;
use crate::replay::{Made, Replay};

/// How many requests are written ahead of their answers, at most.
const AHEAD: usize = 128;

/// How far a trace was walked.
pub(super) struct Walked {
    /// Steps that were answered and compared equal.
    pub(super) steps: usize,
    /// What ended it early.
    pub(super) end: Option<End>,
}

/// What ends a walk early.
pub(super) enum End {
    Difference(Box<Difference>),
    Trouble(Trouble),
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> End {
        End::Trouble(trouble)
    }
}

/// Walks a trace from a reset on; `each` is called after every step that agrees.
pub(super) fn walk(talk: &mut Talk<'_>, labels: &[u16], mut each: impl FnMut()) -> Walked {
    let mut steps = 0;
    let done = talk.reset().map_err(End::Trouble).and_then(|()| {
        let replay = Replay::new(talk.scope);
        let mut walk = Walk { talk, labels, replay, asked: 0, open: VecDeque::new(), running: Vec::new() };
        walk.compare(|| {
            steps += 1;
            each();
        })
    });
    Walked { steps, end: done.err() }
}

/// Something asked and not answered yet.
struct Asked<'a> {
    id: u64,
    moment: Moment<'a>,
    what: What,
}

enum What {
    /// How all stands, which is known.
    Standing(Box<State>),
    Step(Box<Made>),
}

struct Walk<'w, 'a> {
    talk: &'w mut Talk<'a>,
    labels: &'w [u16],
    replay: Replay<'a>,
    /// How many requests were written: an observation, the steps, an observation.
    asked: usize,
    open: VecDeque<Asked<'w>>,
    /// Calls that were made and not answered.
    running: Vec<Running>,
}

impl<'w> Walk<'w, '_> {
    fn compare(&mut self, mut each: impl FnMut()) -> Result<(), End> {
        loop {
            self.ask_ahead()?;
            for _ in 0..self.open.len().div_ceil(2) {
                let Some(asked) = self.open.pop_front() else { return Ok(()) };
                self.check(&asked)?;
                if let What::Step(_) = asked.what {
                    each();
                }
            }
            if self.open.is_empty() {
                return Ok(());
            }
        }
    }

    fn ask_ahead(&mut self) -> Result<(), Trouble> {
        let mut lines = String::new();
        while self.open.len() < AHEAD && self.asked < self.labels.len() + 2 {
            let (moment, what, body) = self.next()?;
            let id = self.talk.ask(body, &mut lines);
            self.open.push_back(Asked { id, moment, what });
            self.asked += 1;
        }
        self.talk.write(lines);
        Ok(())
    }

    /// The next request of the walk, which the child does as far as it has said.
    fn next(&mut self) -> Result<(Moment<'w>, What, Body), Trouble> {
        let before = *self.replay.state();
        let steps = self.asked.min(self.labels.len());
        let label = self.asked.checked_sub(1).and_then(|index| self.labels.get(index));
        let Some(label) = label else {
            return Ok((Moment::Standing(&self.labels[..steps]), What::Standing(Box::new(before)), Body::Observe));
        };
        let made = self.replay.make(*label).expect("only what is offered is walked");
        self.talk.must_do([Deed::of(self.talk.scope, made.ask.action)])?;
        let body = body(self.talk.scope, &before, made.ask);
        Ok((Moment::Step(&self.labels[..steps]), What::Step(Box::new(made)), body))
    }

    fn check(&mut self, asked: &Asked<'_>) -> Result<(), End> {
        let scope = self.talk.scope;
        let answer = self.talk.answer(asked.id, &asked.moment)?;
        let expected = match &asked.what {
            What::Standing(state) => standing(scope, state, self.talk.tells()),
            What::Step(made) => {
                self.note_call(asked.id, made.ask);
                expected(scope, &made.step, self.talk.tells())
            }
        };
        let actual = match answer {
            Heard::Cannot(why) => vec![format!("it cannot: {}", one_line(&why, TOLD))],
            Heard::Answer(answer) => match self.seen(answer) {
                seen if seen == expected => return Ok(()),
                seen => seen.lines(scope),
            },
        };
        Err(End::Difference(Box::new(Difference::new(self.talk, &asked.moment, expected.lines(scope), actual))))
    }

    fn seen(&mut self, answer: Answer) -> Seen {
        Reader { scope: self.talk.scope, running: &mut self.running }.seen(answer)
    }

    /// A call runs from now on; those of a page that is closed are not observed any more.
    fn note_call(&mut self, id: u64, ask: Ask) {
        if let Action::Page(instance, PageMove::Close) = ask.action {
            self.running.retain(|running| running.instance != instance);
        }
        if let (Some(call), Some(instance)) = (call_of(ask), ask.action.instance()) {
            self.running.push(Running { id, instance, call });
        }
    }
}
