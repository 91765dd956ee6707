//! What an instance tells its application, line by line: what it was told, once, and in the order of the rules.

use std::collections::HashSet;

use model::rule::Rule;
use sut::client::Event;
use sut::client::machine::{Answer, CallId, CallKind};
use sut::journal::{ClientEvent, ClientLine};
use sut::protocol::{MessageId, ResumeOutcome, ServerFrame};
use sut::session::KickReason;

use crate::validate::finding::{Finding, Place, show};

/// The code with which a node closes a link whose instance was replaced (LINK-11).
const SUPERSEDED: u16 = 4001;

#[derive(Default)]
struct Instance {
    is_ready: bool,
    /// Whether a login resolved whose session has not ended.
    is_in: bool,
    /// Why the session may be told to have ended, by what happened last.
    told: Option<KickReason>,
    settled: HashSet<CallId>,
    received: HashSet<MessageId>,
}

/// Explains the lines of an instance.
pub(super) fn explain(lines: &[(Place, ClientLine)]) -> Result<(), Box<Finding>> {
    let mut instance = Instance::default();
    lines.iter().try_for_each(|(place, line)| {
        if !line.event.is_deed() {
            instance.told = told(&line.event);
            instance.is_in &= !matches!(line.event, ClientEvent::Call { call: CallKind::Logout | CallKind::Destroy, .. });
        }
        let wrong = match &line.event {
            ClientEvent::Settled { id, outcome } => instance.settled(*id, *outcome == Ok(Answer::LoggedIn)),
            ClientEvent::Published { event } => instance.published(event),
            _ => None,
        };
        wrong.map_or(Ok(()), |(allowed, law)| Err(Finding::new(*place, show(line), allowed, law)))
    })
}

/// Why what happened ends a session, if it does.
fn told(event: &ClientEvent) -> Option<KickReason> {
    match event {
        ClientEvent::Took { frame: ServerFrame::Notice { reason }, .. }
        | ClientEvent::Took { frame: ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Told { reason } }, .. } => Some(*reason),
        ClientEvent::Took { frame: ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Refused { .. } }, .. } => {
            Some(KickReason::UserSigExpired)
        }
        ClientEvent::Lost { close: Some(SUPERSEDED) } => Some(KickReason::MultipleAccount),
        _ => None,
    }
}

impl Instance {
    fn settled(&mut self, id: CallId, lets_in: bool) -> Option<(&'static str, Rule)> {
        if !self.settled.insert(id) {
            return Some(("one answer to each call", Rule::Login1));
        }
        if lets_in {
            (self.is_in, self.is_ready) = (true, false);
            self.received.clear();
        }
        None
    }

    fn published(&mut self, event: &Event) -> Option<(&'static str, Rule)> {
        match event {
            Event::SdkReady if self.is_ready || !self.is_in => Some(("SDK_READY once behind a login", Rule::Login2)),
            Event::SdkReady => {
                self.is_ready = true;
                None
            }
            Event::SdkNotReady if !self.is_ready => Some(("SDK_NOT_READY of an instance that was ready", Rule::Kick4)),
            Event::SdkNotReady => {
                self.is_ready = false;
                None
            }
            Event::KickedOut { reason, .. } => {
                let is_right = self.told == Some(*reason) && !self.is_ready && self.is_in;
                self.is_in = false;
                (!is_right).then_some(("KICKED_OUT as it was told, once, and behind SDK_NOT_READY", Rule::Kick4))
            }
            Event::MessageReceived { .. } if !self.is_ready => Some(("messages while it is ready", Rule::Msg4)),
            Event::MessageReceived { id, .. } => (!self.received.insert(*id)).then_some(("each message at most once", Rule::Msg2)),
            Event::NetStateChange(_) | Event::MessagesLost => None,
        }
    }
}
