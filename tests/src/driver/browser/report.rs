//! What a page tells of itself once nothing more can run in it: the other end of `page/instruments.js`. It compares nothing.

use serde::Deserialize;
use sut::client::Event;
use sut::client::machine::Answer;
use sut::code::{Code, Refusal};

use crate::driver::clock::{Armed, count};
use crate::driver::log::Told;
use crate::observation::{Holds, Timers};

/// How the refusal ends whose number another one has as well.
const OTHER_ACCOUNT: &str = "is logged in on this instance; log out first";

/// What a page tells.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Report {
    /// What the application heard since the last report.
    pub(super) told: Vec<Heard>,
    /// What no page of the client's should do.
    pub(super) strange: Vec<String>,
    /// The timers that run, oldest first, and when each is due, in Unix milliseconds.
    pub(super) timers: Vec<(String, u64)>,
    /// How many sockets open or are open.
    links: usize,
    /// The newest socket that opens.
    pub(super) opening: Option<u64>,
    /// Of each socket that was asked after how many pieces it wrote, and whether it writes no more.
    pub(super) wrote: Vec<(u64, u64, bool)>,
    pub(super) is_ready: bool,
    /// The account that is logged in; empty if none is.
    pub(super) user: String,
    /// Whether the instance has the lock of its key.
    is_alive: bool,
    /// Whether it was destroyed, and all is told.
    pub(super) is_over: bool,
    kept: usize,
    debts: usize,
}

/// What an application hears.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Heard {
    Settled { call: u64, outcome: Result<Answer, Refusal> },
    Published(Event),
}

impl Report {
    /// What the instance holds.
    pub(super) fn holds(&self) -> Holds {
        let mut timers = Timers::default();
        self.timers.iter().for_each(|(name, _)| count(Armed::named(name.clone()).kind, &mut timers));
        Holds { alive: self.is_alive, links: self.links, timers, kept: self.kept, debts: self.debts }
    }
}

impl From<Heard> for Told {
    /// Two codes have one number: the text says which is meant.
    fn from(heard: Heard) -> Told {
        match heard {
            Heard::Settled { call, outcome: Err(Refusal { code: Code::LoginRuns, text }) } if text.ends_with(OTHER_ACCOUNT) => {
                Told::Settled { call, outcome: Err(Refusal { code: Code::OtherAccount, text }) }
            }
            Heard::Settled { call, outcome } => Told::Settled { call, outcome },
            Heard::Published(event) => Told::Published(event),
        }
    }
}
