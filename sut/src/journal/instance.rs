//! Writes down what an instance's machine is told and what it asks for. It changes neither.

use super::line::{
    CallKind, ClientEvent, ClientLine, ClientSaid, InstanceName, Published, Resumption, ServerSaid, Settlement, Waited,
};
use super::{Journal, push};
use crate::code::Refusal;
use crate::protocol::{ClientFrame, Envelope, ResumeOutcome, ServerFrame};
use crate::session::{Epoch, InstanceKey, Platform};
use sut_core::client::machine::{Answer, Call, Effect, Event, Input, NetState, Timer};

/// The journal of one instance.
pub(crate) struct InstanceScribe {
    journal: Journal,
    instance: InstanceName,
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
        let instance = InstanceName::of(key.digest());
        let mut scribe = InstanceScribe { journal, instance, seq: 0, epoch: epoch.0, up: None, lines: Vec::new() };
        scribe.note(ClientEvent::Start { platform });
        scribe.finish();
        scribe
    }

    /// What happens to the machine next.
    pub(crate) fn input(&mut self, input: &Input) {
        let event = match input {
            Input::Call { id, call } => ClientEvent::Call { id: id.0, call: call_kind(call) },
            Input::LinkUp { epoch } => {
                self.up = Some(*epoch);
                ClientEvent::Up
            }
            Input::LinkDown { epoch, close } if self.up == Some(*epoch) => {
                self.up = None;
                ClientEvent::Lost { close: close.as_ref().map(|close| close.code) }
            }
            Input::LinkDown { .. } => ClientEvent::Failed,
            Input::Frame { frame, .. } => ClientEvent::Took { frame: said(&frame.frame), session: frame.session.fingerprint() },
            Input::BadFrame { .. } => ClientEvent::Bad,
            Input::Timer(timer) => ClientEvent::Timer { timer: waited(*timer) },
            Input::PageClosed => ClientEvent::Call { id: 0, call: CallKind::PageClose },
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
            Effect::Send { frame, .. } => wrote(frame),
            Effect::Close { code, epoch } if self.up == Some(*epoch) => {
                self.up = None;
                ClientEvent::Closed { code: *code }
            }
            Effect::Settle { call, outcome } => ClientEvent::Settled { id: call.0, outcome: settlement(outcome) },
            Effect::Publish(event) => ClientEvent::Published { event: published(event) },
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
        push(&mut self.lines, &ClientLine { instance: self.instance, seq: self.seq, epoch: self.epoch, event });
    }
}

fn call_kind(call: &Call) -> CallKind {
    match call {
        Call::Login { user_id, .. } => CallKind::Login { account: user_id.clone() },
        Call::Logout => CallKind::Logout,
        Call::Destroy => CallKind::Destroy,
        Call::Send { .. } => CallKind::Send,
    }
}

const fn waited(timer: Timer) -> Waited {
    match timer {
        Timer::Login => Waited::Login,
        Timer::Logout => Waited::Logout,
        Timer::Send(_) => Waited::Send,
        Timer::Heartbeat => Waited::Heartbeat,
        Timer::Ping => Waited::Ping,
        Timer::Backoff => Waited::Backoff,
    }
}

const fn settlement(outcome: &Result<Answer, Refusal>) -> Settlement {
    match outcome {
        Ok(Answer::LoggedIn) => Settlement::LoggedIn,
        Ok(Answer::Repeat { .. }) => Settlement::Repeat,
        Ok(Answer::Done) => Settlement::Done,
        Ok(Answer::Sent) => Settlement::Sent,
        Err(refusal) => Settlement::Refused(refusal.code),
    }
}

const fn published(event: &Event) -> Published {
    match event {
        Event::SdkReady => Published::SdkReady,
        Event::SdkNotReady => Published::SdkNotReady,
        Event::KickedOut { reason, refusal: _ } => Published::KickedOut(*reason),
        Event::NetStateChange(NetState::Connected) => Published::Connected,
        Event::NetStateChange(NetState::Connecting) => Published::Connecting,
        Event::NetStateChange(NetState::Disconnected) => Published::Disconnected,
        Event::MessageReceived { .. } => Published::MessageReceived,
        Event::MessagesLost => Published::MessagesLost,
    }
}

fn wrote(envelope: &Envelope<ClientFrame>) -> ClientEvent {
    let account = account_of(&envelope.frame).map(str::to_owned);
    ClientEvent::Wrote { frame: saying(&envelope.frame), session: envelope.session.fingerprint(), account }
}

/// Whose session a frame names.
pub(super) fn account_of<K>(frame: &ClientFrame<K>) -> Option<&str> {
    match frame {
        ClientFrame::Login { user_id, .. } | ClientFrame::Resume { user_id, .. } | ClientFrame::Logout { user_id, .. } => {
            Some(user_id)
        }
        ClientFrame::Sync
        | ClientFrame::Send { .. }
        | ClientFrame::MessageAck { .. }
        | ClientFrame::KickAck
        | ClientFrame::Ping
        | ClientFrame::Pong => None,
    }
}

/// The kind of a client's frame.
pub(super) const fn saying<K>(frame: &ClientFrame<K>) -> ClientSaid {
    match frame {
        ClientFrame::Login { .. } => ClientSaid::Login,
        ClientFrame::Resume { .. } => ClientSaid::Resume,
        ClientFrame::Logout { .. } => ClientSaid::Logout,
        ClientFrame::Sync => ClientSaid::Sync,
        ClientFrame::Send { .. } => ClientSaid::Send,
        ClientFrame::MessageAck { .. } => ClientSaid::MessageAck,
        ClientFrame::KickAck => ClientSaid::KickAck,
        ClientFrame::Ping => ClientSaid::Ping,
        ClientFrame::Pong => ClientSaid::Pong,
    }
}

/// What a server's frame says, its texts aside.
pub(super) fn said(frame: &ServerFrame) -> ServerSaid {
    match frame {
        ServerFrame::LoginAnswer { refused, gap } => {
            ServerSaid::LoginAnswer { refused: refused.as_ref().map(|why| why.code), gap: *gap }
        }
        ServerFrame::ResumeAnswer { outcome } => ServerSaid::ResumeAnswer { outcome: resumption(outcome) },
        ServerFrame::LogoutAnswer => ServerSaid::LogoutAnswer,
        ServerFrame::SyncAnswer { online, server_time_ms: _ } => ServerSaid::SyncAnswer { online: online.clone() },
        ServerFrame::SendAnswer { .. } => ServerSaid::SendAnswer,
        ServerFrame::Message { .. } => ServerSaid::Message,
        ServerFrame::Notice { reason } => ServerSaid::Notice { reason: *reason },
        ServerFrame::Pong => ServerSaid::Pong,
        ServerFrame::Ping => ServerSaid::Ping,
    }
}

const fn resumption(outcome: &ResumeOutcome) -> Resumption {
    match outcome {
        ResumeOutcome::Resumed { gap } => Resumption::Resumed { gap: *gap },
        ResumeOutcome::Readmitted => Resumption::Readmitted,
        ResumeOutcome::Told { reason } => Resumption::Told { reason: *reason },
        ResumeOutcome::Refused { refusal } => Resumption::Refused { code: refusal.code },
    }
}
