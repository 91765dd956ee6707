//! Writes down what an instance's machine is told and what it asks for. It changes neither.

use super::line::{ClientEvent, ClientLine, Line};
use super::{Journal, push, wordless};
use crate::client::Event;
use crate::session::{Epoch, InstanceKey, KeyDigest, Platform};
use sut_core::client::machine::{Call, Effect, Input};

/// The journal of one instance.
pub(crate) struct InstanceScribe {
    journal: Journal,
    instance: KeyDigest,
    seq: u64,
    /// The number of the newest link that was asked for.
    epoch: u64,
    /// The link that is open, if one is.
    up: Option<Epoch>,
    lines: Vec<u8>,
}

impl InstanceScribe {
    /// Begins the sequence of an instance.
    pub(crate) fn start(journal: Journal, key: InstanceKey, platform: Platform, epoch: Epoch) -> InstanceScribe {
        let instance = key.digest();
        let mut scribe = InstanceScribe { journal, instance, seq: 0, epoch: epoch.0, up: None, lines: Vec::new() };
        scribe.note(ClientEvent::Start { platform });
        scribe.finish();
        scribe
    }

    /// What happens to the machine next.
    pub(crate) fn input(&mut self, input: &Input) {
        let event = match input {
            Input::Call { id, call } => ClientEvent::Call { id: *id, call: call.into(), account: account_of(call) },
            Input::LinkUp { epoch } => {
                self.up = Some(*epoch);
                ClientEvent::Up
            }
            Input::LinkDown { epoch, close } if self.up == Some(*epoch) => {
                self.up = None;
                ClientEvent::Lost { close: close.as_ref().map(|close| close.code) }
            }
            Input::LinkDown { .. } => ClientEvent::Failed,
            Input::Frame { frame, .. } => ClientEvent::Took { frame: wordless(&frame.frame), session: frame.session.digest() },
            Input::BadFrame { .. } => ClientEvent::Bad,
            Input::Timer(timer) => ClientEvent::Timer { timer: timer.into() },
            Input::PageClosed => ClientEvent::PageClosed,
        };
        self.note(event);
    }

    /// What the machine asks for; a close counts only if there is a link. Everything that the input led to is told.
    pub(crate) fn effects(&mut self, effects: &[Effect]) {
        effects.iter().for_each(|effect| self.effect(effect));
        self.finish();
    }

    fn effect(&mut self, effect: &Effect) {
        let event = match effect {
            Effect::Open { epoch } => {
                self.epoch = epoch.0;
                return;
            }
            Effect::Send { frame, .. } => ClientEvent::Wrote {
                frame: (&frame.frame).into(),
                session: frame.session.digest(),
                account: frame.frame.names().map(|(account, _)| account.to_owned()),
            },
            Effect::Close { code, epoch } if self.up == Some(*epoch) => {
                self.up = None;
                ClientEvent::Closed { code: *code }
            }
            Effect::Settle { call, outcome } => ClientEvent::Settled { id: *call, outcome: outcome.clone() },
            Effect::Publish(event) => ClientEvent::Published { event: untold(event) },
            Effect::End => ClientEvent::Ended,
            Effect::Close { .. } | Effect::Arm { .. } | Effect::ArmWithin { .. } | Effect::Disarm { .. } => return,
        };
        self.note(event);
    }

    fn finish(&mut self) {
        self.journal.write(&mut self.lines);
    }

    fn note(&mut self, event: ClientEvent) {
        self.seq += 1;
        let line = ClientLine { instance: self.instance, seq: self.seq, epoch: self.epoch, event };
        push(&mut self.lines, &Line::Client(line));
    }
}

/// Whom a login is for.
fn account_of(call: &Call) -> Option<String> {
    if let Call::Login { user_id, .. } = call { Some(user_id.clone()) } else { None }
}

/// The event, a message without its text.
fn untold(event: &Event) -> Event {
    let mut event = event.clone();
    if let Event::MessageReceived { text, .. } = &mut event {
        text.clear();
    }
    event
}
