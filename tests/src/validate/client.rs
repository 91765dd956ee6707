//! What a turn of an instance means: which action of the model it is, and whether it did what the model does then.

use model::action::{AccountId, Action, AppCall, Credential, InstanceId, LinkMove, Loss, PageMove, Slot, Timed, Timer};
use model::link::ServerEnd;
use model::possible::is_possible;
use model::rule::{Rule, Rules};
use model::step::{Step, step};
use sut::client::machine::{CallKind, TimerKind};
use sut::code::Code;
use sut::journal::{ClientEvent, ClientLine};

use super::blame;
use super::book::Calls;
use super::expected::login_session;
use super::finding::{Law, Place, show};
use super::history::{ClientTurn, InstanceLog, LinkLog, PAGE_WENT};
use super::run::{Run, Stop};

/// The code with which a node closes a link that a newer one has overtaken (LINK-3).
const SUPERSEDED: u16 = 4001;

impl Run<'_> {
    /// Explains the next turn of an instance.
    pub(super) fn place_client(&mut self, instance: usize) -> Result<(), Stop> {
        let log: &InstanceLog = &self.history.instances[instance];
        let turn = &log.turns[self.clients[instance].next];
        if let ClientEvent::Start { platform } = turn.line.event {
            self.seat(instance, platform)?;
            self.clients[instance].next += 1;
            self.clients[instance].epoch = turn.line.epoch;
            return turn.nothing_is_done(Rule::Login1);
        }
        let Some(seat) = self.clients[instance].seat else {
            let allowed = "nothing: its sequence begins with its start, and ends with its end".to_owned();
            return Err(turn.stops(allowed, Law::Sequence));
        };
        self.link_is_newer(instance, turn)?;
        self.prepare(instance, seat, turn);
        let action = self.client_action(instance, seat, turn)?;
        if !is_possible(&self.scope, &self.state, action) {
            return Err(self.impossible(instance, turn));
        }
        let tried = |rules: Rules| {
            let made = step(&self.scope, rules, &self.state, action);
            let (demanded, calls) = self.demanded(instance, turn, &made);
            (self.client_difference(turn, &demanded), made, calls)
        };
        let (difference, made, calls) = tried(Rules::ALL);
        if let Some(difference) = difference {
            if difference.is_a_gap() {
                self.is_whole(turn, difference.allowed(), |run, missing| run.instance_breaks_off(instance, missing))?;
            }
            let fits = |rule: &Rule| tried(Rules::without(*rule)).0.is_none();
            let call = if let ClientEvent::Call { call, .. } = turn.line.event { Some(call) } else { None };
            let law = blame::law(&difference, call, Rule::Link10, made.consulted.iter().find(fits));
            return Err(difference.stops(law));
        }
        self.take_turn(instance, turn, action, (&made, calls));
        Ok(())
    }

    /// LINK-3: each link of an instance has a higher number than those before it.
    fn link_is_newer(&self, instance: usize, turn: &ClientTurn) -> Result<(), Stop> {
        let highest = self.clients[instance].epoch;
        match turn.line.event {
            ClientEvent::Up | ClientEvent::Failed if turn.line.epoch <= highest => {
                let (seen, allowed) = (format!("link {}", turn.line.epoch), format!("a number above {highest}"));
                Err(Stop::at(turn.place, seen, allowed, Rule::Link3))
            }
            _ => Ok(()),
        }
    }

    /// What must be before the turn and is no line: the instance's link breaks, or the node lets an older one go that it never heard of.
    fn prepare(&mut self, instance: usize, seat: InstanceId, turn: &ClientTurn) {
        let link = self.state.instance(seat).links.current;
        if matches!(turn.line.event, ClientEvent::Up) && link.exists() {
            self.lose_unheard(instance, Slot::Abandoned);
        }
        let ended_whole = !link.is_heard() && link.down.is_empty();
        let wakes = self.history.instances[instance].links.get(&turn.line.epoch).is_some_and(LinkLog::wakes);
        let lost_in_between = match turn.line.event {
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
        let closes = |(_, deed): &(Place, ClientLine)| matches!(deed.event, ClientEvent::Closed { .. });
        let page_goes = matches!(turn.line.event, ClientEvent::PageClosed);
        let log =
            self.history.instances[instance].links.get(&turn.line.epoch).filter(|_| page_goes || turn.deeds.iter().any(closes));
        let Some((log, code)) = log.and_then(|log| Some((log, log.closed?))) else { return false };
        let frames_lost = log.taken_up < log.up.len();
        let takes = matches!(turn.line.event, ClientEvent::Took { .. });
        !takes && log.lost == Some(None) && (frames_lost || code == PAGE_WENT)
    }

    fn client_action(&self, instance: usize, seat: InstanceId, turn: &ClientTurn) -> Result<Action, Stop> {
        let action = match &turn.line.event {
            ClientEvent::Call { call, account, .. } => self.called(instance, seat, (*call, account.as_deref()), turn)?,
            ClientEvent::PageClosed => Action::Page(seat, PageMove::Close),
            ClientEvent::Up => Action::Link(seat, LinkMove::Open),
            ClientEvent::Failed => Action::Link(seat, LinkMove::OpenFails),
            ClientEvent::Lost { .. }
                if self.history.instances[instance].links.get(&turn.line.epoch).is_some_and(LinkLog::wakes) =>
            {
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
                return Err(turn.stops(allowed, Rule::Link10));
            }
        };
        Ok(action)
    }

    fn called(
        &self,
        instance: usize,
        seat: InstanceId,
        (call, account): (CallKind, Option<&str>),
        turn: &ClientTurn,
    ) -> Result<Action, Stop> {
        let call = match (call, account) {
            (CallKind::Login, Some(account)) => {
                let shown = self.history.instances[instance].shown_by_a_login(turn.line.epoch, &self.history.owed);
                let credential = shown.map_or(Credential::Good, |shown| credential(shown.wrong));
                AppCall::Login { account: self.account(account), credential }
            }
            (CallKind::Login, None) => {
                return Err(turn.stops("whom a login is for", Rule::Login1));
            }
            (CallKind::Logout, _) => AppCall::Logout,
            (CallKind::Destroy, _) => AppCall::Destroy,
            (CallKind::Send, _) => AppCall::Send(AccountId(0)),
        };
        Ok(Action::Call(seat, call))
    }

    /// Whether the frame is the next one that the node wrote to this link.
    fn frame_came(&self, instance: usize, seat: InstanceId, turn: &ClientTurn) -> Result<(), Stop> {
        let ClientEvent::Took { frame, session } = &turn.line.event else { return Ok(()) };
        let (place, seen) = (turn.place, show(&turn.line));
        let link = self.clients[instance].link(Slot::Current).filter(|link| link.epoch == turn.line.epoch);
        let written = link.and_then(|link| self.history.instances[instance].links[&link.epoch].down.get(link.taken_down));
        if let (Some(link), None) = (link, written) {
            self.node_tells_all(instance, link.epoch, turn)?;
        }
        if written != Some(&(frame.clone(), *session)) {
            let allowed = written.map_or_else(|| "nothing".to_owned(), |(frame, session)| show(&(frame, session)));
            return Err(Stop::at(place, seen, allowed, Law::Link));
        }
        match self.state.instance(seat).links.current.down.is_empty() {
            true => Err(turn.waits("a frame that the node has written before", Law::Link)),
            false => Ok(()),
        }
    }

    fn take_turn(&mut self, instance: usize, turn: &ClientTurn, action: Action, (made, calls): (&Step, Calls)) {
        if matches!(turn.line.event, ClientEvent::Up) {
            self.open_link(instance, turn.line.epoch);
        }
        if matches!(turn.line.event, ClientEvent::Up | ClientEvent::Failed) {
            self.clients[instance].epoch = turn.line.epoch;
        }
        if matches!(turn.line.event, ClientEvent::Took { .. })
            && let Some(link) = self.clients[instance].link_mut(Slot::Current)
        {
            link.taken_down += 1;
        }
        let book = &mut self.clients[instance];
        book.calls = calls;
        book.next += 1;
        if let Some(session) = turn.deeds.iter().find_map(|(_, deed)| login_session(&deed.event)) {
            book.session = Some(session);
        }
        self.adopt(action, made);
    }

    /// Whether the model has no room for one more logout that the instance owes.
    fn owes_all_it_can(&self, instance: usize) -> bool {
        self.clients[instance].debts.len() >= usize::from(self.scope.debts)
    }

    /// What cannot happen yet, or never.
    fn impossible(&self, instance: usize, turn: &ClientTurn) -> Stop {
        let (place, seen) = (turn.place, show(&turn.line));
        let (law, allowed) = match &turn.line.event {
            ClientEvent::Up if self.clients[instance].link(Slot::Abandoned).is_some() => {
                return turn.waits("a third link only once the node has let the first go", Law::Room);
            }
            ClientEvent::Up => (Rule::Link9, "a link only after it was asked for"),
            ClientEvent::Failed => (Rule::Link1, "an attempt that fails only after a link was asked for"),
            ClientEvent::Lost { .. } => {
                return turn.waits("the loss of a link that is there, once nothing more comes through", Law::Link);
            }
            ClientEvent::Timer { timer: TimerKind::Backoff } => (Rule::Link1, "a backoff only while the link is down"),
            ClientEvent::Timer { timer: TimerKind::Heartbeat | TimerKind::Ping } => {
                (Rule::Link7, "such a timer only on a logged-in instance's link")
            }
            ClientEvent::Timer { timer: TimerKind::Login | TimerKind::Logout | TimerKind::Send } => {
                (Rule::Link10, "a deadline only of a call that runs")
            }
            ClientEvent::Call { .. } | ClientEvent::PageClosed if self.owes_all_it_can(instance) => {
                return Stop::at(place, seen, "a call with less than four logouts owed", Law::Room);
            }
            ClientEvent::Call { .. } | ClientEvent::PageClosed => (Rule::Link6, "a call only of a page that is there"),
            _ => (Rule::Link10, "a frame only if one is under way"),
        };
        Stop::at(place, seen, allowed, law)
    }
}

const fn waited(seat: InstanceId, timer: TimerKind) -> Action {
    match timer {
        TimerKind::Login => Action::Timer(seat, Timer::Deadline(Timed::Login)),
        TimerKind::Logout => Action::Timer(seat, Timer::Deadline(Timed::Logout)),
        TimerKind::Send => Action::Timer(seat, Timer::Deadline(Timed::Send)),
        TimerKind::Heartbeat => Action::Link(seat, LinkMove::ClientLoses(Loss::Heartbeat)),
        TimerKind::Ping => Action::Timer(seat, Timer::Ping),
        TimerKind::Backoff => Action::Timer(seat, Timer::Backoff),
    }
}

/// What a login shows, by what is wrong with it; what no login can be refused with, is taken for nothing wrong.
const fn credential(wrong: Option<Code>) -> Credential {
    match wrong {
        Some(Code::SigExpired) => Credential::Expired,
        Some(Code::SigEmpty) => Credential::Empty,
        Some(Code::SigMalformed) => Credential::Malformed,
        Some(Code::SigWrong) => Credential::WrongSignature,
        Some(Code::SigOtherIdentifier) => Credential::OtherIdentifier,
        Some(Code::SigOtherApp) => Credential::OtherApp,
        Some(Code::BadField) => Credential::BadUserId,
        _ => Credential::Good,
    }
}
