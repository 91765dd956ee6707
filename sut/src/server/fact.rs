//! What an operator is told of a node: counted as [`super::metrics`], and one structured line of the log each. It holds no secret and
//! no UserSig, and decides nothing.

use std::net::IpAddr;

use strum::IntoStaticStr;
use tracing::field::display;
use tracing::info;

use crate::admission::Occasion;
use crate::code::Code;
use crate::session::{KickReason, Platform};

/// What the lines are called by a filter of the log.
const TARGET: &str = "kickproof";

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// A link opened. No line: its login has one, or its close.
    Opened,
    /// A link ended; `None` if nobody gave a code.
    Closed { by: By, code: Option<u16> },
    /// The node found a session on record as it started. No line.
    Restored,
    /// A session is online, by a login or a readmission.
    Admitted(Occasion),
    /// A session goes on over another link.
    Resumed,
    /// A session was kicked.
    Kicked(KickReason),
    /// A session ended without a kick: it was logged out, it lapsed, or a login under its key replaced it.
    Ended(Occasion),
    /// Something was refused.
    Refused { of: Of, code: Code },
}

/// Who ended a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum By {
    Server,
    /// Or nobody: it was lost.
    Client,
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Of {
    Login,
    Resume,
    Message,
    /// An administrator's.
    Call,
}

/// Whom a fact is about, as far as that is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whom<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) platform: Option<Platform>,
    /// Of the link; `None` if there is none, or nobody can tell.
    pub(super) address: Option<IpAddr>,
}

impl Of {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

impl Fact {
    /// Writes its line, if it has one.
    pub(super) fn log(self, whom: Whom) {
        let Whom { account, platform, address } = whom;
        let (platform, address) = (platform.as_ref().map(Platform::name), address.map(display));
        match self {
            Fact::Opened | Fact::Restored => {}
            Fact::Closed { by, code } => info!(target: TARGET, account, platform, address, by = <&str>::from(by), code, "close"),
            Fact::Admitted(by) => info!(target: TARGET, account, platform, address, by = by.name(), "login"),
            Fact::Resumed => info!(target: TARGET, account, platform, address, "resume"),
            Fact::Kicked(reason) => info!(target: TARGET, account, platform, address, reason = reason.name(), "kick"),
            Fact::Ended(by @ (Occasion::Logout | Occasion::OwedLogout)) => {
                info!(target: TARGET, account, platform, address, by = by.name(), "logout");
            }
            Fact::Ended(by @ (Occasion::Lapse | Occasion::Overflow)) => {
                info!(target: TARGET, account, platform, address, by = by.name(), "lapse");
            }
            Fact::Ended(by) => info!(target: TARGET, account, platform, address, by = by.name(), "replaced"),
            Fact::Refused { of, code } => {
                info!(target: TARGET, account, platform, address, of = of.name(), code = code.number(), "refusal");
            }
        }
    }
}
