//! What a turn of an instance means: which action of the model it is, and whether it did what the model does then.

use model::action::{AccountId, Action, AppCall, Credential, InstanceId, LinkMove, Loss, PageMove, Slot, Timed, Timer};
use model::link::ServerEnd;
use model::observation::Call;
use model::possible::is_possible;
use model::rule::{Rule, Rules};
use model::state::Phase;
use model::step::{Step, step};
use sut::journal::{CallKind, ClientEvent, ClientSaid, Waited};
use sut::session::Fingerprint;

use super::blame;
use super::book::Calls;
use super::expected::{self, Told};
use super::finding::{Finding, Law, Place};
use super::history::{ClientTurn, InstanceLog, LinkLog, PAGE_WENT};
use super::run::{Run, Stop, is_closed};
use super::words;

/// The code with which a node closes a link that a newer one has overtaken (LINK-3).
const SUPERSEDED: u16 = 4001;

impl Run<'_> {
    /// Explains the next turn of an instance.
    pub(super) fn place_client(&mut self, instance: usize) -> Result<(), Stop> {
        let log: &InstanceLog = &self.history.instances[instance];
        let turn = &log.turns[self.clients[instance].next];
        if let ClientEvent::Start { platform } = turn.event {
            self.seat(instance, platform)?;
            self.clients[instance].next += 1;
            self.clients[instance].epoch = turn.epoch;
            return self.nothing_more(turn);
        }
        let Some(seat) = self.clients[instance].seat else {
            let allowed = "nothing: its sequence begins with its start, and ends with its end".to_owned();
            return Err(Stop::Found(Finding::new(turn.place, show(&turn.event), allowed, Law::Sequence)));
        };
        self.link_is_newer(instance, turn)?;
        self.prepare(instance, seat, turn);
        let action = self.client_action(instance, seat, turn)?;
        if !is_possible(&self.scope, &self.state, action) {
            return Err(self.impossible(instance, turn));
        }
        let made = step(&self.scope, Rules::ALL, &self.state, action);
        let told = self.told(instance, turn, &made);
        if let Some(difference) = expected::client_difference(turn, self.next_place(instance), &told) {
            if difference.seen.is_none() {
                self.client_turn_is_whole(instance, turn, difference.allowed())?;
            }
            let fits = |rule| {
                let other = step(&self.scope, Rules::without(rule), &self.state, action);
                expected::client_difference(turn, None, &self.told(instance, turn, &other)).is_none()
            };
            let law = blame::client(&difference, turn, made.consulted.iter().find(|rule| fits(*rule)));
            return Err(Stop::Found(Finding::new(difference.place, difference.seen(), difference.allowed(), law)));
        }
        self.take_turn(instance, turn, action, (&made, told));
        Ok(())
    }

    /// LINK-3: each link of an instance has a higher number than those before it.
    fn link_is_newer(&self, instance: usize, turn: &ClientTurn) -> Result<(), Stop> {
        let highest = self.clients[instance].epoch;
        match turn.event {
            ClientEvent::Up | ClientEvent::Failed if turn.epoch <= highest => {
                let (seen, allowed) = (format!("link {}", turn.epoch), format!("a number above {highest}"));
                Err(Stop::Found(Finding::new(turn.place, seen, allowed, Law::Rule(Rule::Link3))))
            }
            _ => Ok(()),
        }
    }

    /// What must be before the turn and is no line: the instance's link breaks, or the node lets an older one go that it never heard of.
    fn prepare(&mut self, instance: usize, seat: InstanceId, turn: &ClientTurn) {
        let link = self.state.instance(seat).links.current;
        if matches!(turn.event, ClientEvent::Up) && link.exists() {
            self.lose_unheard(instance, Slot::Abandoned);
        }
        let ended_whole = is_closed(link.server) && link.down.is_empty();
        let wakes = self.history.instances[instance].links.get(&turn.epoch).is_some_and(LinkLog::wakes);
        let lost_in_between = match turn.event {
            // LINK-11: that it was replaced it learns from that close only, behind everything else.
            ClientEvent::Lost { close } if close == Some(SUPERSEDED) || wakes => false,
            ClientEvent::Lost { .. } => !ended_whole || link.server == ServerEnd::Superseded,
            _ => false,
        };
        if lost_in_between || self.breaks_before_its_end(instance, turn) {
            self.cut(instance);
        }
    }

    /// Whether the turn closes a link of which the node never took all, nor the close that the page was closed with.
    fn breaks_before_its_end(&self, instance: usize, turn: &ClientTurn) -> bool {
        let closes = |(_, deed): &(Place, ClientEvent)| matches!(deed, ClientEvent::Closed { .. });
        let page_goes = matches!(turn.event, ClientEvent::Call { call: CallKind::PageClose, .. });
        let log = self.history.instances[instance].links.get(&turn.epoch).filter(|_| page_goes || turn.deeds.iter().any(closes));
        let Some((log, code)) = log.and_then(|log| Some((log, log.closed?))) else { return false };
        let frames_lost = log.taken_up < log.up.len();
        let takes = matches!(turn.event, ClientEvent::Took { .. });
        !takes && log.lost == Some(None) && (frames_lost || code == PAGE_WENT)
    }

    fn client_action(&self, instance: usize, seat: InstanceId, turn: &ClientTurn) -> Result<Action, Stop> {
        let action = match &turn.event {
            ClientEvent::Call { call, .. } => self.called(instance, seat, call, turn),
            ClientEvent::Up => Action::Link(seat, LinkMove::Open),
            ClientEvent::Failed => Action::Link(seat, LinkMove::OpenFails),
            ClientEvent::Lost { .. } if self.history.instances[instance].links.get(&turn.epoch).is_some_and(LinkLog::wakes) => {
                Action::Page(seat, PageMove::Wake)
            }
            ClientEvent::Lost { .. } => Action::Link(seat, LinkMove::ClientLoses(Loss::Ended)),
            ClientEvent::Took { .. } => {
                self.frame_came(instance, seat, turn)?;
                Action::Link(seat, LinkMove::ToClient)
            }
            ClientEvent::Timer { timer } => waited(seat, *timer),
            ClientEvent::Bad
            | ClientEvent::Start { .. }
            | ClientEvent::Settled { .. }
            | ClientEvent::Published { .. }
            | ClientEvent::Wrote { .. }
            | ClientEvent::Closed { .. }
            | ClientEvent::Ended => {
                let allowed = "something that happens before what is done because of it, and no frame that cannot be read";
                return Err(Stop::Found(Finding::new(turn.place, show(&turn.event), allowed, Law::Rule(Rule::Link10))));
            }
        };
        Ok(action)
    }

    fn called(&self, instance: usize, seat: InstanceId, call: &CallKind, turn: &ClientTurn) -> Action {
        match call {
            CallKind::Login { account } => {
                let shown = self.history.instances[instance].shown_by_a_login(turn.epoch, &self.history.owed);
                let credential = shown.map_or(Credential::Good, |shown| words::credential(shown.wrong));
                Action::Call(seat, AppCall::Login { account: self.account(account), credential })
            }
            CallKind::Logout => Action::Call(seat, AppCall::Logout),
            CallKind::Destroy => Action::Call(seat, AppCall::Destroy),
            CallKind::Send => Action::Call(seat, AppCall::Send(AccountId(0))),
            CallKind::PageClose => Action::Page(seat, PageMove::Close),
        }
    }

    /// Whether the frame is the next one that the node wrote to this link.
    fn frame_came(&self, instance: usize, seat: InstanceId, turn: &ClientTurn) -> Result<(), Stop> {
        let ClientEvent::Took { frame, session } = &turn.event else { return Ok(()) };
        let (place, seen) = (turn.place, show(&turn.event));
        let link = self.clients[instance].link(Slot::Current).filter(|link| link.epoch == turn.epoch);
        let written = link.and_then(|link| self.history.instances[instance].links[&link.epoch].down.get(link.taken_down));
        if let (Some(link), None) = (link, written) {
            self.node_tells_all(instance, link.epoch, turn)?;
        }
        if written != Some(&(frame.clone(), *session)) {
            let allowed =
                written.map_or_else(|| "nothing".to_owned(), |(frame, session)| format!("{frame:?} of session {session}"));
            return Err(Stop::Found(Finding::new(place, seen, allowed, Law::Link)));
        }
        match self.state.instance(seat).links.current.down.is_empty() {
            true => Err(Stop::Waits { place, seen, what: "a frame that the node has written before", law: Law::Link }),
            false => Ok(()),
        }
    }

    /// What the instance tells and writes in a step.
    pub(super) fn told(&self, instance: usize, turn: &ClientTurn, made: &Step) -> Told {
        let book = &self.clients[instance];
        let mut calls: Calls = book.calls.clone();
        if let ClientEvent::Call { id, call } = &turn.event {
            match call {
                CallKind::Login { .. } => calls.begin(Call::Login, *id),
                CallKind::Logout => calls.begin(Call::Logout, *id),
                CallKind::Destroy => calls.begin(Call::Destroy, *id),
                CallKind::Send => calls.begin(Call::Send(None), *id),
                CallKind::PageClose => {}
            }
        }
        let login = turn.deeds.iter().find_map(|(_, deed)| login_session(deed));
        let own = book.seat.and_then(|seat| own_account(self.state.instance(seat).client.phase));
        let session = login.or(book.session);
        let names = expected::Names { accounts: &self.history.accounts, own, session, debts: &book.debts };
        Told::of(made, calls, &names)
    }

    fn take_turn(&mut self, instance: usize, turn: &ClientTurn, action: Action, (made, told): (&Step, Told)) {
        if matches!(turn.event, ClientEvent::Up) {
            self.open_link(instance, turn.epoch);
        }
        if matches!(turn.event, ClientEvent::Up | ClientEvent::Failed) {
            self.clients[instance].epoch = turn.epoch;
        }
        if matches!(turn.event, ClientEvent::Took { .. })
            && let Some(link) = self.clients[instance].link_mut(Slot::Current)
        {
            link.taken_down += 1;
        }
        let book = &mut self.clients[instance];
        book.calls = told.calls;
        book.next += 1;
        if let Some(session) = turn.deeds.iter().find_map(|(_, deed)| login_session(deed)) {
            book.session = Some(session);
        }
        self.adopt(action, made);
    }

    fn nothing_more(&self, turn: &ClientTurn) -> Result<(), Stop> {
        match turn.deeds.first() {
            None => Ok(()),
            Some((place, deed)) => {
                Err(Stop::Found(Finding::new(*place, show(deed), "nothing is done at a start", Law::Rule(Rule::Login1))))
            }
        }
    }

    /// Where the line stands that comes after the turn that is being explained.
    fn next_place(&self, instance: usize) -> Option<Place> {
        let next = self.clients[instance].next + 1;
        self.history.instances[instance].turns.get(next).map(|turn| turn.place)
    }

    /// Whether the model has no room for one more logout that the instance owes.
    fn owes_all_it_can(&self, instance: usize) -> bool {
        self.clients[instance].debts.len() >= usize::from(self.scope.debts)
    }

    /// What cannot happen yet, or never.
    fn impossible(&self, instance: usize, turn: &ClientTurn) -> Stop {
        let (place, seen) = (turn.place, show(&turn.event));
        let (law, allowed) = match &turn.event {
            ClientEvent::Up if self.clients[instance].link(Slot::Abandoned).is_some() => {
                return Stop::Waits { place, seen, what: "a third link only once the node has let the first go", law: Law::Room };
            }
            ClientEvent::Up => (Rule::Link9, "a link only after it was asked for"),
            ClientEvent::Failed => (Rule::Link1, "an attempt that fails only after a link was asked for"),
            ClientEvent::Lost { .. } => {
                let what = "the loss of a link that is there, once nothing more comes through";
                return Stop::Waits { place, seen, what, law: Law::Link };
            }
            ClientEvent::Timer { timer: Waited::Backoff } => (Rule::Link1, "a backoff only while the link is down"),
            ClientEvent::Timer { timer: Waited::Heartbeat | Waited::Ping } => {
                (Rule::Link7, "such a timer only on a logged-in instance's link")
            }
            ClientEvent::Timer { timer: Waited::Login | Waited::Logout | Waited::Send } => {
                (Rule::Link10, "a deadline only of a call that runs")
            }
            ClientEvent::Call { .. } if self.owes_all_it_can(instance) => {
                return Stop::Found(Finding::new(place, seen, "a call with less than four logouts owed", Law::Room));
            }
            ClientEvent::Call { .. } => (Rule::Link6, "a call only of a page that is there"),
            ClientEvent::Took { .. }
            | ClientEvent::Start { .. }
            | ClientEvent::Bad
            | ClientEvent::Settled { .. }
            | ClientEvent::Published { .. }
            | ClientEvent::Wrote { .. }
            | ClientEvent::Closed { .. }
            | ClientEvent::Ended => (Rule::Link10, "a frame only if one is under way"),
        };
        Stop::Found(Finding::new(place, seen, allowed, Law::Rule(law)))
    }
}

const fn waited(seat: InstanceId, timer: Waited) -> Action {
    match timer {
        Waited::Login => Action::Timer(seat, Timer::Deadline(Timed::Login)),
        Waited::Logout => Action::Timer(seat, Timer::Deadline(Timed::Logout)),
        Waited::Send => Action::Timer(seat, Timer::Deadline(Timed::Send)),
        Waited::Heartbeat => Action::Link(seat, LinkMove::ClientLoses(Loss::Heartbeat)),
        Waited::Ping => Action::Timer(seat, Timer::Ping),
        Waited::Backoff => Action::Timer(seat, Timer::Backoff),
    }
}

/// Whose session an instance has, or asks for.
const fn own_account(phase: Phase) -> Option<AccountId> {
    match phase {
        Phase::Opening { account, .. } | Phase::Waiting { account } | Phase::Online { account } | Phase::Ready { account } => {
            Some(account)
        }
        Phase::Out | Phase::Leaving | Phase::Destroying | Phase::Destroyed | Phase::Closed => None,
    }
}

/// The session that a login which is written names.
fn login_session(deed: &ClientEvent) -> Option<Fingerprint> {
    if let ClientEvent::Wrote { frame: ClientSaid::Login, session, .. } = deed { Some(*session) } else { None }
}

/// What a line says, as it says it.
pub(super) fn show(event: &impl serde::Serialize) -> String {
    serde_json::to_string(event).expect("what was read can be written")
}
