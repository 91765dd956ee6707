//! A child as one more driver: what it is asked is written ahead of its answers, for what is asked never depends on what was answered.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use model::scope::Scope;

use super::asking::{body, call_of};
use super::child::Launch;
use super::deed::Deed;
use super::moment::Moment;
use super::protocol::Body;
use super::reading::{Reader, Running};
use super::talk::{Heard, TOLD, Talk, one_line};
use super::tells::Tells;
use super::trouble::Trouble;
use crate::driver::Driver;
use crate::observation::{Ask, Observation};
use crate::replay::Replay;
use crate::tour::Labels;

/// How many requests are written ahead of their answers, at most.
const AHEAD: usize = 128;

/// A child that walks traces.
pub(crate) struct Foreign<'a> {
    talk: Talk<'a>,
    labels: Labels,
    /// Where the requests that are written lead.
    ahead: Replay<'a>,
    /// How many requests were written: an observation, the steps, an observation.
    asked: usize,
    /// The numbers of those that are not answered.
    open: VecDeque<u64>,
    /// Calls that were made and not answered.
    running: Vec<Running>,
    /// What ended the talk.
    trouble: Option<Trouble>,
    /// Whether anything has.
    is_over: bool,
    /// When nothing is compared any more.
    until: Option<Instant>,
}

impl<'a> Foreign<'a> {
    /// Starts the child.
    pub(crate) fn start(scope: &'a Scope, launch: &'a Launch) -> Result<Foreign<'a>, Trouble> {
        let (talk, ahead) = (Talk::start(scope, launch)?, Replay::new(scope));
        Ok(Foreign {
            talk,
            labels: Labels::new(),
            ahead,
            asked: 0,
            open: VecDeque::new(),
            running: Vec::new(),
            trouble: None,
            is_over: false,
            until: None,
        })
    }

    /// The same, of which nothing is compared any more from then on.
    pub(super) fn until(self, until: Option<Instant>) -> Self {
        Foreign { until, ..self }
    }

    /// What the child tells, since its last reset.
    pub(super) const fn tells(&self) -> &Tells {
        self.talk.tells()
    }

    /// Why nothing could be compared any more, if so.
    pub(super) const fn take_trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// Hears what was asked ahead and not looked at; whether the child can be asked again.
    pub(super) fn has_answered_all(&mut self) -> bool {
        !self.is_over && self.open.drain(..).all(|id| self.talk.answer(id, &Moment::Reset).is_ok())
    }

    /// The longest wait for an answer of the child.
    pub(super) const fn slowest(&self) -> Duration {
        self.talk.slowest()
    }

    /// Ends the talk; the child may end by itself.
    pub(crate) fn finish(self) {
        self.talk.finish();
    }

    fn ask_ahead(&mut self) -> Result<(), Trouble> {
        let mut lines = String::new();
        while self.open.len() < AHEAD && self.asked < self.labels.len() + 2 {
            let label = self.asked.checked_sub(1).and_then(|step| self.labels.get(step).copied());
            let body = label.map_or(Ok(Body::Observe), |label| self.next_step(label))?;
            self.open.push_back(self.talk.ask(body, &mut lines));
            self.asked += 1;
        }
        self.talk.write(lines);
        Ok(())
    }

    /// The next step of the walk, which the child does as far as it has said.
    fn next_step(&mut self, label: u16) -> Result<Body, Trouble> {
        let before = *self.ahead.state();
        let ask = self.ahead.go(label).expect("only what is offered is walked");
        self.talk.must_do([Deed::of(self.talk.scope, ask.action)])?;
        Ok(body(self.talk.scope, &before, ask))
    }

    /// The next answer, in place of what was seen before; a child that cannot stands as it did.
    fn hear(&mut self, ask: Option<Ask>, seen: &mut Observation) -> Result<(), Trouble> {
        if self.open.len() <= AHEAD / 2 {
            self.ask_ahead()?;
        }
        let place = self.asked - self.open.len();
        let id = self.open.pop_front().expect("no more is heard than is asked");
        let heard = self.talk.answer(id, &Moment::of(&self.labels, place));
        ask.into_iter().for_each(|ask| self.note_call(id, ask));
        match heard? {
            Heard::Answer(answer) => Reader { scope: self.talk.scope, running: &mut self.running, seen }.read(answer),
            Heard::Cannot(why) => {
                [&mut seen.told, &mut seen.callbacks].into_iter().for_each(Vec::clear);
                seen.strange = vec![format!("it cannot: {}", one_line(&why, TOLD))];
            }
        }
        Ok(())
    }

    /// A call runs from now on; those of a page that is closed are not observed any more.
    fn note_call(&mut self, id: u64, ask: Ask) {
        let Some(instance) = ask.action.instance() else { return };
        if ask.action.ends_its_instance() {
            self.running.retain(|running| running.instance != instance);
        }
        self.running.extend(call_of(ask).map(|call| Running { id, instance, call }));
    }

    /// What ends the talk is seen as a difference.
    fn must_hear(&mut self, ask: Option<Ask>, seen: &mut Observation) {
        let heard = match self.until {
            _ if self.trouble.is_some() => Ok(()),
            Some(until) if Instant::now() > until => Err(Trouble::OutOfTime),
            Some(_) | None => self.hear(ask, seen),
        };
        self.trouble = self.trouble.take().or(heard.err());
        self.is_over |= self.trouble.is_some();
        seen.strange.extend(self.trouble.as_ref().map(Trouble::to_string));
    }
}

impl Driver for Foreign<'_> {
    fn begin(&mut self, labels: &[u16]) {
        (self.labels, self.ahead, self.asked) = (labels.to_vec(), Replay::new(self.talk.scope), 0);
        self.open.clear();
        self.running.clear();
        self.trouble = self.talk.reset().err();
        self.is_over |= self.trouble.is_some();
    }

    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        self.must_hear(Some(ask), seen);
    }

    fn stand_into(&mut self, seen: &mut Observation) -> bool {
        self.must_hear(None, seen);
        true
    }

    fn project(&self, expected: &mut Observation) {
        self.talk.tells().project(expected);
    }
}
