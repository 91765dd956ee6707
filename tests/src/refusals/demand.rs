//! What the rules demand of the server when something hostile comes: what it says, how the link ends, and what it may write down. It
//! looks at no system but to say what was heard.

use std::fmt;

use sut::protocol::{ResumeOutcome, ServerFrame};
use sut::session::KickReason;

use crate::driver::Heard;

/// A frame that answers a hostile one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A login-answer with a code.
    LoginRefused(u32),
    /// A resume-answer with a code.
    ResumeRefused(u32),
    /// A resume-answer with the reason that a kick would have.
    Told(KickReason),
    /// A logout-answer.
    LogoutAnswer,
    /// A send-answer with a code.
    SendRefused(u32),
}

/// How the link stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// It goes on.
    Open,
    /// It is closed with a code.
    Closed(u16),
    /// It ends without a close, which nothing demands.
    Lost,
}

/// What a hostile frame may leave in a record. Everything else stays as it is, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// The epoch of the instance's key, in the stranger's own account (LOGOUT-4).
    EpochInOwnAccount,
    /// The epoch of a link whose resume was told, under the account and key that it named (LINK-3).
    EpochOfTold(Named),
}

/// Under which account and key a stranger comes with an instance's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The instance's own account and key.
    Itself,
    /// The instance's account, and the stranger's own key.
    OwnKey,
    /// The stranger's own account, and the instance's key.
    OwnAccount,
}

/// All that the rules demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What is said, in order.
    pub said: &'static [Said],
    /// How the link stands behind it.
    pub end: LinkEnd,
    /// What may be written down.
    pub mark: Mark,
}

impl Demand {
    /// Nothing is said, and nothing happens.
    pub const SILENCE: Demand = Demand::end(LinkEnd::Open);

    /// Nothing is said, and the link ends like this.
    pub(crate) const fn end(end: LinkEnd) -> Demand {
        Demand { said: &[], end, mark: Mark::None }
    }

    /// Nothing is said, and the link is closed.
    pub(crate) const fn close(code: u16) -> Demand {
        Demand::end(LinkEnd::Closed(code))
    }

    /// This is said, and the link is closed.
    pub(crate) const fn say(said: &'static [Said], code: u16) -> Demand {
        Demand { said, ..Demand::close(code) }
    }

    /// This is said, and the link goes on.
    pub(crate) const fn answer(said: &'static [Said]) -> Demand {
        Demand { said, ..Demand::SILENCE }
    }

    /// Whether that is what was heard.
    pub fn is_met_by(&self, heard: &Heard) -> bool {
        let said: Vec<_> = heard.frames.iter().map(said).collect();
        let demanded: Vec<_> = self.said.iter().copied().map(Some).collect();
        let end = match (heard.close, heard.ended) {
            (Some(code), _) => LinkEnd::Closed(code),
            (None, true) => LinkEnd::Lost,
            (None, false) => LinkEnd::Open,
        };
        (said, end) == (demanded, self.end) && heard.strange.is_empty()
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (self.said, self.end) == (Demand::SILENCE.said, Demand::SILENCE.end) {
            return f.write_str("silence");
        }
        let said = self.said.iter().map(Said::to_string);
        let end = match self.end {
            LinkEnd::Open => None,
            LinkEnd::Closed(code) => Some(format!("closed {code}")),
            LinkEnd::Lost => Some("ended".to_owned()),
        };
        f.write_str(&said.chain(end).collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::LoginRefused(code) => write!(f, "login-answer {code}"),
            Said::ResumeRefused(code) => write!(f, "resume-answer {code}"),
            Said::Told(reason) => write!(f, "resume-answer {}", reason.name()),
            Said::LogoutAnswer => f.write_str("logout-answer"),
            Said::SendRefused(code) => write!(f, "send-answer {code}"),
        }
    }
}

/// A frame as an answer to a hostile one; `None` if it is none.
fn said(frame: &ServerFrame) -> Option<Said> {
    match frame {
        ServerFrame::LoginAnswer { refused, .. } => refused.as_ref().map(|why| Said::LoginRefused(why.code.number())),
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Refused { refusal } } => {
            Some(Said::ResumeRefused(refusal.code.number()))
        }
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Told { reason } } => Some(Said::Told(*reason)),
        ServerFrame::LogoutAnswer => Some(Said::LogoutAnswer),
        ServerFrame::SendAnswer { refused, .. } => refused.as_ref().map(|why| Said::SendRefused(why.code.number())),
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { .. } | ResumeOutcome::Readmitted }
        | ServerFrame::SyncAnswer { .. }
        | ServerFrame::Message { .. }
        | ServerFrame::Notice { .. }
        | ServerFrame::Ping
        | ServerFrame::Pong => None,
    }
}
