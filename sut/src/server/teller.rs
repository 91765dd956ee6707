//! Looks at what a node is told and does, and says what that means to its operator: it counts, and it writes lines. It decides nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::fact::{By, Fact, Of, Whom};
use super::machine::{Effect, Heard, Input, LinkId, Said};
use super::metrics::Metrics;
use crate::admission::Change;
use crate::code::{Refusal, one_line};
use crate::kick_log::Addresses;
use crate::protocol::{ClientFrame, ResumeOutcome, ServerFrame};
use crate::session::{Platform, Session};

/// What tells of one node.
pub(super) struct Teller {
    metrics: Metrics,
    addresses: Addresses,
    links: HashMap<LinkId, Seen>,
}

/// A link that is open, and whom it named first.
#[derive(Debug, Default)]
struct Seen {
    address: Option<IpAddr>,
    account: Option<Arc<str>>,
    platform: Option<Platform>,
}

impl Seen {
    fn whom(&self) -> Whom<'_> {
        Whom { account: self.account.as_deref(), platform: self.platform, address: self.address }
    }

    /// A login or a resume tells more than an owed logout before it. A stranger writes what he likes.
    fn names(&mut self, user_id: &str, platform: Option<Platform>) {
        if self.platform.is_none() {
            (self.account, self.platform) = (Some(one_line(user_id).into()), platform);
        }
    }
}

impl Teller {
    pub(super) fn new(metrics: Metrics, addresses: Addresses) -> Teller {
        Teller { metrics, addresses, links: HashMap::new() }
    }

    /// What its commits take is counted here.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What happens to the machine next.
    pub(super) fn input(&mut self, input: &Input) {
        match input {
            Input::LinkUp { link, address } => {
                self.links.insert(*link, Seen { address: *address, ..Seen::default() });
                self.metrics.count(&Fact::Opened, None);
            }
            Input::Frame { link, frame } => self.heard(*link, frame),
            Input::LinkDown { link, close } => self.closed(*link, By::Client, *close),
            Input::Restored { user_id, record, .. } => {
                record.sessions.iter().for_each(|session| self.of(user_id, session, Fact::Restored));
            }
            Input::BadFrame { .. }
            | Input::RestKick { .. }
            | Input::QueryStatus { .. }
            | Input::Timer(_)
            | Input::Changed(_)
            | Input::Life(_)
            | Input::Reign(_)
            | Input::TermsInForce(_)
            | Input::Keys(_)
            | Input::Loaded { .. }
            | Input::Stored { .. }
            | Input::Unreachable { .. } => {}
        }
    }

    /// What the machine asks for.
    pub(super) fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Committed { user_id, version: _, change } => self.committed(user_id, change),
            Effect::Send { link, frame } => self.said(*link, frame),
            Effect::Close { link, code, reason: _ } => self.closed(*link, By::Server, Some(*code)),
            Effect::Reply { .. } | Effect::Load { .. } | Effect::Commit { .. } | Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }

    /// The link's port ends, and the link with that code.
    pub(super) fn ended(&mut self, link: LinkId, code: u16) {
        self.closed(link, By::Server, Some(code));
    }

    fn heard(&mut self, link: LinkId, envelope: &Heard) {
        let Some(seen) = self.links.get_mut(&link) else { return };
        match &envelope.frame {
            ClientFrame::Login { user_id, platform, .. } | ClientFrame::Resume { user_id, platform, .. } => {
                seen.names(user_id, Some(*platform));
            }
            ClientFrame::Logout { user_id, .. } => seen.names(user_id, None),
            ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::KickAck
            | ClientFrame::Ping
            | ClientFrame::Pong => {}
        }
    }

    fn said(&self, link: LinkId, envelope: &Said) {
        if let Some((of, why)) = refusal(&envelope.frame) {
            let whom = self.links.get(&link).map(Seen::whom).unwrap_or_default();
            refused(&self.metrics, whom, of, why);
        }
    }

    fn committed(&self, user_id: &str, change: &Change) {
        let Change { at: _, occasion, admitted, resumed, kicked, dropped } = change;
        if let Some(session) = dropped {
            self.of(user_id, session, Fact::Ended(*occasion));
        }
        if let Some(session) = admitted {
            self.of(user_id, session, Fact::Admitted(*occasion));
        }
        if let Some(session) = resumed {
            self.of(user_id, session, Fact::Resumed);
        }
        for victim in kicked {
            self.of(user_id, &victim.session, Fact::Kicked(victim.reason));
        }
    }

    fn closed(&mut self, link: LinkId, by: By, code: Option<u16>) {
        if let Some(seen) = self.links.remove(&link) {
            tell(&self.metrics, seen.whom(), Fact::Closed { by, code });
        }
    }

    fn of(&self, user_id: &str, session: &Session, fact: Fact) {
        let address = self.addresses.of(session.digest);
        tell(&self.metrics, Whom { account: Some(user_id), platform: Some(session.platform), address }, fact);
    }
}

/// What a frame refuses, and why.
fn refusal(frame: &ServerFrame) -> Option<(Of, &Refusal)> {
    match frame {
        ServerFrame::LoginAnswer { refused, gap: _ } => Some(Of::Login).zip(refused.as_ref()),
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Refused { refusal } } => Some((Of::Resume, refusal)),
        ServerFrame::SendAnswer { id: _, refused } => Some(Of::Message).zip(refused.as_ref()),
        ServerFrame::ResumeAnswer {
            outcome: ResumeOutcome::Resumed { .. } | ResumeOutcome::Readmitted | ResumeOutcome::Told { .. },
        }
        | ServerFrame::LogoutAnswer
        | ServerFrame::SyncAnswer { .. }
        | ServerFrame::Message { .. }
        | ServerFrame::Notice { .. }
        | ServerFrame::Pong
        | ServerFrame::Ping => None,
    }
}

/// Something is refused.
pub(super) fn refused(metrics: &Metrics, whom: Whom, of: Of, why: &Refusal) {
    tell(metrics, whom, Fact::Refused { of, code: why.code });
}

fn tell(metrics: &Metrics, whom: Whom, fact: Fact) {
    metrics.count(&fact, whom.platform);
    fact.log(whom);
}
