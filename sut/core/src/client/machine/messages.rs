//! Messages, out and in, and the first sync that opens the way for them (LOGIN-2, LOGIN-3, MSG-1, MSG-4). It never queues what
//! cannot be sent now.

use std::mem;

use super::phase::{Continuity, LinkState, Online};
use super::{Answer, CallId, Effect, FirstSync, Machine, Timer, arm, outcome_unknown, refusal, refuse, settle};
use crate::client::event::Event;
use crate::code::{Code, Refusal};
use crate::protocol::{ClientFrame, Envelope, MAX_FRAME_BYTES, MessageId, VERSION, fits};

/// A message on its way to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) id: MessageId,
    pub(super) text: String,
}

impl Machine {
    /// LOGIN-3: accepted only while ready and with the link up; what no frame can hold is refused and leaves the link alone. A
    /// repeat of a send that runs waits for the same answer (MSG-3).
    pub(super) fn send(&mut self, call: CallId, frame: ClientFrame, id: MessageId, effects: &mut Vec<Effect>) {
        let epoch = self.epoch;
        let online = match sendable(self.phase.online_mut()) {
            Ok(online) => online,
            Err(why) => return effects.push(refuse(call, why)),
        };
        let session = online.secret;
        let envelope = Envelope { v: VERSION, session, epoch, frame };
        if !fits(&envelope) {
            return effects.push(refuse(call, too_long()));
        }
        let runs = online.sends.iter().any(|(name, _)| *name == id);
        online.sends.push((id, call));
        if !runs {
            effects.push(Effect::Send { epoch, frame: envelope });
            effects.push(arm(Timer::Send(id)));
        }
    }

    /// The server answered a send.
    pub(super) fn send_answered(&mut self, id: MessageId, refused: Option<Refusal>, effects: &mut Vec<Effect>) {
        let calls = self.take_sends(id);
        if !calls.is_empty() {
            effects.push(Effect::Disarm { timer: Timer::Send(id) });
        }
        effects.extend(calls.into_iter().map(|call| match &refused {
            None => settle(call, Answer::Sent),
            Some(why) => refuse(call, why.clone()),
        }));
    }

    /// The deadline of a send passed.
    pub(super) fn send_expired(&mut self, id: MessageId, effects: &mut Vec<Effect>) {
        let calls = self.take_sends(id);
        effects.extend(calls.into_iter().map(|call| refuse(call, outcome_unknown("message"))));
    }

    /// The first sync is done: ready, then that messages may have been lost before this session, and what was kept until now, in order
    /// (LOGIN-2, LOGIN-9, MSG-4).
    pub(super) fn synced(&mut self, first_sync: FirstSync, effects: &mut Vec<Effect>) {
        let Some(online) = self.phase.online_mut().filter(|online| online.synced.is_none()) else {
            return;
        };
        online.synced = Some(first_sync);
        let before = mem::replace(&mut online.before, Continuity::Whole);
        self.publish(Event::SdkReady, effects);
        if before == Continuity::Gap {
            self.publish(Event::MessagesLost, effects);
        }
        for message in mem::take(&mut self.kept) {
            self.publish(message.into_event(), effects);
        }
    }

    /// A message came: acknowledged on arrival, published now or kept until ready (MSG-4); once only, whatever is sent again (MSG-2).
    pub(super) fn message(&mut self, seq: u64, message: Message, effects: &mut Vec<Effect>) {
        let Some(online) = self.phase.online_mut() else {
            return;
        };
        let (session, is_new) = (online.secret, seq > online.last_seq);
        online.last_seq = online.last_seq.max(seq);
        self.say(session, ClientFrame::MessageAck { seq }, effects);
        if !is_new {
            return;
        }
        if self.is_ready() {
            self.publish(message.into_event(), effects);
        } else {
            self.kept.push(message);
        }
    }

    /// The calls that sent the message of this name; they wait no longer.
    fn take_sends(&mut self, id: MessageId) -> Vec<CallId> {
        let sends = self.phase.online_mut().map(|online| &mut online.sends);
        let taken = sends.map(|sends| sends.extract_if(.., |(name, _)| *name == id).collect::<Vec<_>>());
        taken.unwrap_or_default().into_iter().map(|(_, call)| call).collect()
    }
}

impl Online {
    /// The sends that run when the session or its link ends: nobody knows what became of them (LOGOUT-1, KICK-4, MSG-3).
    pub(super) fn fail_sends(&self, effects: &mut Vec<Effect>) {
        for (id, call) in &self.sends {
            effects.push(Effect::Disarm { timer: Timer::Send(*id) });
            effects.push(refuse(*call, outcome_unknown("message")));
        }
    }
}

impl Message {
    fn into_event(self) -> Event {
        let Message { from, to, id, text } = self;
        Event::MessageReceived { from, to, id, text }
    }
}

fn too_long() -> Refusal {
    let text = format!("nothing was sent: a message takes more than the {MAX_FRAME_BYTES} bytes of a frame");
    Refusal { code: Code::BadField, text }
}

/// The session, if a message may be sent on it now (LOGIN-3).
fn sendable(online: Option<&mut Online>) -> Result<&mut Online, Refusal> {
    let online = online.ok_or_else(|| refusal(Code::NotLoggedIn, "not logged in"))?;
    if online.synced.is_none() {
        return Err(refusal(Code::NotReady, "not ready yet; wait for SDK_READY"));
    }
    match online.link {
        LinkState::Up => Ok(online),
        LinkState::Waiting | LinkState::Opening | LinkState::Resuming => {
            Err(refusal(Code::LinkDown, "the link is down; nothing was sent"))
        }
    }
}
