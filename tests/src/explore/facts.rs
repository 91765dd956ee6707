//! What is so in a state, in words that a person reads and searches: a line a fact, of an instance or of the server. It says nothing of
//! what led there or of what may follow.

use model::action::{InstanceId, Setting, Slot};
use model::frame::{Coded, Gap, Queue};
use model::link::{Link, Owner, ServerEnd, Wire};
use model::records::Key;
use model::scope::Scope;
use model::state::{Client, Instance, Phase, Reach, Server, SigAge};
use serde::Serialize;

use crate::cast::user_id;
use crate::naming;

/// One fact. Two states differ in a fact if one of them has it and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Fact {
    /// Whose: an instance's name, or `server`.
    pub of: &'static str,
    /// What it is about.
    pub about: About,
    /// What is so: `ready as a`.
    pub text: String,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Where the client stands.
    Client,
    /// Calls and debts of the client.
    Calls,
    /// A link, and what both ends made of it.
    Link,
    /// Frames in flight to the server, the first in front.
    Up,
    /// Frames in flight to the client.
    Down,
    /// What the server has on record of the instance.
    Record,
    /// What the server has on record of an account.
    Account,
    /// The limits.
    Limits,
    /// The timers that are armed.
    Timers,
}

/// What is so of an instance by itself.
pub fn of_instance(scope: &Scope, instance: InstanceId, seat: &Instance) -> Vec<Fact> {
    let mut facts = Facts { of: scope.name_of(instance), facts: Vec::new() };
    facts.client(&seat.client);
    facts.calls(&seat.client);
    facts.link(Slot::Current, &seat.links.current);
    facts.link(Slot::Abandoned, &seat.links.abandoned);
    facts.owed(scope, seat);
    facts.facts
}

/// What is so by the server's records, an instance's own facts among it.
pub fn of_server(scope: &Scope, server: &Server) -> Vec<Fact> {
    let mut all = Vec::new();
    for instance in scope.instances() {
        let mut facts = Facts { of: scope.name_of(instance), facts: Vec::new() };
        facts.on_record(scope, server, instance);
        all.append(&mut facts.facts);
    }
    let mut facts = Facts { of: "server", facts: all };
    facts.accounts(scope, server);
    facts.limits(server);
    facts.facts
}

/// The facts of one of them, as they are collected.
struct Facts {
    of: &'static str,
    facts: Vec<Fact>,
}

impl Facts {
    fn add(&mut self, about: About, text: impl Into<String>) {
        self.facts.push(Fact { of: self.of, about, text: text.into() });
    }

    fn client(&mut self, client: &Client) {
        let of = |what: &str, account| format!("{what} as {}", user_id(account));
        let (stands, more) = match client.phase {
            Phase::Out => ("logged out".to_owned(), None),
            Phase::Opening { account, .. } => (of("logging in", account), Some("its link is not open yet")),
            Phase::Waiting { account } => (of("logging in", account), Some("waits for the answer")),
            Phase::Online { account } => (of("logged in", account), Some("not ready")),
            Phase::Ready { account } => (of("logged in", account), Some("ready")),
            Phase::Leaving => ("logging out".to_owned(), None),
            Phase::Destroying => ("being destroyed".to_owned(), None),
            Phase::Destroyed => ("destroyed".to_owned(), None),
            Phase::Closed => ("page closed".to_owned(), None),
        };
        self.add(About::Client, stands);
        more.into_iter().for_each(|more| self.add(About::Client, more));
        match client.reach {
            Reach::Up => {}
            Reach::Down => self.add(About::Client, "link lost, waits for its backoff"),
            Reach::Asking => self.add(About::Client, "link lost, asks for a new one"),
            Reach::Resuming => self.add(About::Client, "resuming"),
        }
        match client.sig {
            SigAge::Fresh => {}
            SigAge::Revoked => self.add(About::Client, "UserSig from before the last REST kick"),
            SigAge::Expired => self.add(About::Client, "UserSig expired"),
        }
    }

    fn calls(&mut self, client: &Client) {
        let counts = [("logout", client.logouts), ("destroy", client.destroys), ("owed logout", client.debts.len() as u8)];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            self.add(About::Calls, format!("{count} {what}{}", if count == 1 { "" } else { "s" }));
        }
        for (what, queue) in [("sends", client.sends), ("does not know the outcome of", client.unknown)] {
            if !queue.is_empty() {
                self.add(About::Calls, format!("{what} {}", frames(queue)));
            }
        }
        if !client.kept.is_empty() {
            self.add(About::Calls, format!("keeps until ready {}", frames(client.kept)));
        }
    }

    fn link(&mut self, slot: Slot, link: &Link) {
        if !link.exists() {
            if slot == Slot::Current {
                self.add(About::Link, "no link");
            }
            return;
        }
        let name = match slot {
            Slot::Current => "link",
            Slot::Abandoned => "old link",
        };
        let end = match link.server {
            ServerEnd::Absent | ServerEnd::Listening => "no login on it yet".to_owned(),
            ServerEnd::Serving { account } => format!("serves {}", user_id(account)),
            ServerEnd::Kicked { reason, .. } => format!("kicked, {} not acknowledged yet", reason.name()),
            ServerEnd::Closed => "closed by the server".to_owned(),
            ServerEnd::Superseded => "closed by the server as superseded".to_owned(),
            ServerEnd::Storing { account, overtaken } => {
                let first = if overtaken { ", another node's came first" } else { "" };
                format!("commit of {}'s login under way{first}", user_id(account))
            }
        };
        let wire = if link.wire == Wire::Cut { ", cut" } else { "" };
        let owner = if link.owner == Owner::User { "" } else { ", closed by the client" };
        self.add(About::Link, format!("{name}: {end}{wire}{owner}"));
        if !link.up.is_empty() {
            self.add(About::Up, format!("{name} to the server: {}", frames(link.up)));
        }
        if !link.down.is_empty() {
            self.add(About::Down, format!("{name} to the client: {}", frames(link.down)));
        }
    }

    fn owed(&mut self, scope: &Scope, seat: &Instance) {
        for account in scope.accounts() {
            let ledger = &seat.record.ledgers[usize::from(account.0)];
            if !ledger.messages.is_empty() {
                self.add(About::Record, format!("the server keeps for it {}", frames(ledger.messages)));
            }
            if ledger.loss() != Gap::None {
                self.add(About::Record, "messages to it are lost");
            }
        }
    }

    fn on_record(&mut self, scope: &Scope, server: &Server, instance: InstanceId) {
        let online: Vec<_> = scope.accounts().filter(|account| server.roster(*account).contains(instance)).collect();
        if online.is_empty() {
            self.add(About::Record, "offline");
        }
        for account in online {
            self.add(About::Record, format!("online as {}", user_id(account)));
        }
        for account in scope.accounts() {
            let kicks = server.kick_records(account).iter().filter(|kick| kick.session.seat == instance);
            for kick in kicks {
                let former = if kick.session.key == Key::Former { ", the instance before it" } else { "" };
                self.add(About::Record, format!("kicked from {}: {}{former}", user_id(account), kick.reason.name()));
            }
        }
    }

    fn accounts(&mut self, scope: &Scope, server: &Server) {
        for account in scope.accounts() {
            self.add(About::Account, format!("online {}", naming::online_as(scope, account, server.roster(account))));
        }
        let kicks = naming::kicks(scope, &server.records);
        self.add(About::Account, if kicks.is_empty() { "no kick on record".to_owned() } else { kicks });
        naming::notices(scope, &server.notices).into_iter().for_each(|notice| self.add(About::Account, notice));
        for account in scope.accounts() {
            match server.outbox(account).len() {
                0 => {}
                waiting => self.add(About::Account, format!("callbacks of {} waiting: {waiting}", user_id(account))),
            }
        }
    }

    fn limits(&mut self, server: &Server) {
        if server.in_force == Setting::Changed {
            self.add(About::Limits, "limits in force: changed");
        }
        match server.pending {
            None => {}
            Some(Setting::Stated) => self.add(About::Limits, "limits to come: as the scope states them"),
            Some(Setting::Changed) => self.add(About::Limits, "limits to come: changed"),
        }
    }
}

fn frames(queue: Queue<impl Coded>) -> String {
    queue.iter().map(|frame| naming::frame(frame.into())).collect::<Vec<_>>().join(" + ")
}
