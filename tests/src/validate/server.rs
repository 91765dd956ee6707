//! What a turn of the node means: which action of the model it is, and whether the node did what the model does then.

use model::action::{AccountId, Action, InstanceId, LinkMove, Loss, ServerMove, Slot, Timer};
use model::frame::{DownFrame, Frame, Meant, SigShown, UpFrame};
use model::link::{Owner, Wire};
use model::observation::{End, Item};
use model::possible::is_possible;
use model::rule::{Rule, Rules};
use model::state::{SigAge, State};
use model::step::{Step, step};
use sut::code::Code;
use sut::journal::{ServerEvent, ServerLine, Shown};
use sut::protocol::{ClientFrameKind, ResumeOutcome, ServerFrame};
use sut::server::machine::TimerKind;
use sut::session::SessionDigest;

use super::blame;
use super::book::LinkBook;
use super::expected::{Deed, Done, Object};
use super::finding::{Law, show};
use super::history::{PAGE_WENT, ServerTurn};
use super::run::{Run, Stop};

/// A turn of the node, as the model has it.
#[derive(Clone, Copy)]
pub(super) struct Doing<'a> {
    pub(super) turn: &'a ServerTurn,
    pub(super) account: AccountId,
    pub(super) action: Action,
    /// The frame that it takes.
    pub(super) taken: Option<UpFrame>,
}

/// LINK-5: a readmission judges the UserSig as a login does. The model knows only of those that expired or were revoked.
fn is_not_readmitted(turn: &ServerTurn, shown: Shown) -> Result<(), Stop> {
    let Some(code) = shown.wrong else { return Ok(()) };
    let readmits = |line: &ServerLine| {
        matches!(line.event, ServerEvent::Wrote { frame: ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Readmitted }, .. })
    };
    let Some((place, line)) = turn.deeds.iter().find(|(_, line)| readmits(line)) else { return Ok(()) };
    let allowed = format!("what a UserSig leads to that is refused with {}", code.number());
    Err(Stop::at(*place, show(line), allowed, Rule::Link5))
}

impl Run<'_> {
    /// Explains a turn of the node, which comes once its instances have come as far as it needs.
    pub(super) fn place_server(&mut self, number: usize) -> Result<(), Stop> {
        let turn = &self.history.node[number];
        if matches!(turn.line.event, ServerEvent::Start { .. }) != (number == 0) {
            return Err(turn.stops("its one start as the node's first line", Law::Sequence));
        }
        if let ServerEvent::Start { terms } | ServerEvent::Terms { terms } = &turn.line.event {
            self.adopt_terms(*terms);
            return turn.nothing_is_done(Rule::Link10);
        }
        let account = self.account_of(turn)?;
        match self.server_action(turn, account)? {
            Some(action) => self.explain(turn, account, action),
            None => self.forget_epoch(turn, account),
        }
    }

    /// Which action of the model a turn is; `None` if it is none, and the node may still forget an epoch.
    fn server_action(&mut self, turn: &ServerTurn, account: AccountId) -> Result<Option<Action>, Stop> {
        let action = match &turn.line.event {
            ServerEvent::Timer { timer: TimerKind::Epoch } => return Ok(None),
            ServerEvent::RestKick { .. } => Action::Server(ServerMove::RestKick(account)),
            ServerEvent::Timer { timer: TimerKind::Lapse } => Action::Timer(self.seat_of(turn)?, Timer::Lapse(account)),
            ServerEvent::Timer { timer: TimerKind::Expiry } => Action::Timer(self.seat_of(turn)?, Timer::Expire(account)),
            ServerEvent::Timer { timer: TimerKind::Heartbeat } => {
                let (instance, slot) = self.link_of(turn)?;
                Action::Link(instance, LinkMove::ServerLoses(slot, Loss::Heartbeat))
            }
            ServerEvent::Timer { timer: TimerKind::Ask } => {
                let (instance, slot) = self.link_of(turn)?;
                Action::Timer(instance, Timer::Ask(slot))
            }
            ServerEvent::Lost { close } => self.lost(turn, *close)?,
            ServerEvent::Took { frame, session, shown } => self.took(turn, account, (*frame, *session), *shown)?,
            ServerEvent::Start { .. }
            | ServerEvent::Terms { .. }
            | ServerEvent::Timer { timer: TimerKind::Retry | TimerKind::LookUp }
            | ServerEvent::Bad
            | ServerEvent::Primary { .. }
            | ServerEvent::Tries(_)
            | ServerEvent::Commit(_)
            | ServerEvent::Wrote { .. }
            | ServerEvent::Closed { .. } => {
                let allowed = "something that happens before what is done because of it, and no frame that cannot be read";
                return Err(turn.stops(allowed, Rule::Link10));
            }
        };
        Ok(Some(action))
    }

    /// The next frame of the link, once its instance has written it.
    fn took(
        &mut self,
        turn: &ServerTurn,
        account: AccountId,
        frame: (ClientFrameKind, SessionDigest),
        shown: Option<Shown>,
    ) -> Result<Action, Stop> {
        let (instance, epoch) = self.named(turn)?;
        let under_way = |run: &Run<'_>| {
            let book = &run.clients[instance];
            let link = book.seat.zip(book.slot(epoch)).map(|(seat, slot)| run.state.instance(seat).links.at(slot));
            link.is_some_and(|link| !link.up.is_empty())
        };
        self.until(instance, under_way)?;
        self.instance_tells_all(instance, epoch, turn)?;
        self.is_next(turn, frame)?;
        self.clients[instance].named.insert(epoch, account);
        if matches!(frame.0, ClientFrameKind::Login | ClientFrameKind::Resume) && shown.is_none() {
            return Err(turn.stops("what its UserSig shows", Rule::Login8));
        }
        let (instance, slot) = self.link_of(turn)?;
        if let Some(UpFrame::Logout { of: Meant::Owed { sig, .. } }) = self.state.instance(instance).links.at(slot).up.first()
            && shown.map(|shown| shown.wrong.is_some()) != Some(sig == SigShown::Wrong)
        {
            return Err(turn.stops("a logout that is owed with the UserSig that its session logged in with", Rule::Logout4));
        }
        if let Some(shown) = shown.filter(|_| frame.0 != ClientFrameKind::Logout) {
            is_not_readmitted(turn, shown)?;
        }
        Ok(Action::Link(instance, LinkMove::ToServer(slot)))
    }

    /// Whether a frame is the one that its instance wrote next on the link.
    fn is_next(&self, turn: &ServerTurn, frame: (ClientFrameKind, SessionDigest)) -> Result<(), Stop> {
        let ((instance, epoch), (seat, slot)) = (self.named(turn)?, self.link_of(turn)?);
        let taken = self.clients[instance].link(slot).copied().unwrap_or(LinkBook::new(epoch)).taken_up;
        let written = self.history.instances[instance].links.get(&epoch).and_then(|log| log.up.get(taken));
        let is_it = |(saying, named, account): &(ClientFrameKind, SessionDigest, Option<String>)| {
            (*saying, *named) == frame && (account.is_none() || *account == turn.line.account)
        };
        if written.is_some_and(is_it) && !self.state.instance(seat).links.at(slot).up.is_empty() {
            return Ok(());
        }
        let allowed = written.map_or("nothing".to_owned(), |(saying, named, _)| {
            format!("{saying:?} of session {}, frame {taken}", named.fingerprint())
        });
        Err(turn.stops(allowed, Law::Link))
    }

    /// Where the node acts: the UserSig of a login or a resume is as old there as the line shows, for nobody else tells when it was issued.
    fn before(&self, Doing { turn, account, action, .. }: Doing<'_>) -> State {
        let mut state = self.state;
        if let (
            Action::Link(instance, LinkMove::ToServer(slot)),
            ServerEvent::Took { frame: ClientFrameKind::Login | ClientFrameKind::Resume, shown: Some(shown), .. },
        ) = (action, &turn.line.event)
        {
            let kicked_at = self.accounts[usize::from(account.0)].kicked_at;
            state.instances[usize::from(instance.0)].links.at_mut(slot).sig = match shown.wrong {
                Some(Code::SigExpired) => SigAge::Expired,
                _ if kicked_at.is_some_and(|second| shown.issued <= second) => SigAge::Revoked,
                _ => SigAge::Fresh,
            };
        }
        state
    }

    /// The link ended: behind the instance's close, or because it broke.
    fn lost(&mut self, turn: &ServerTurn, close: Option<u16>) -> Result<Action, Stop> {
        let (instance, epoch) = self.named(turn)?;
        self.instance_tells_its_close(instance, epoch, turn)?;
        let log = &self.history.instances[instance].links[&epoch];
        let parting = log.parting();
        let whole = parting.is_some() && log.taken_up == log.up.len() && !(close.is_none() && parting == Some(PAGE_WENT));
        let right_code = close.is_none() || close == parting;
        if !right_code {
            return Err(turn.stops(format!("the code of the instance's close, {parting:?}, or none"), Rule::Link6));
        }
        if whole {
            self.until(instance, |run| run.has_let_go(instance, epoch))?;
        } else {
            let taken_down = log.taken_down;
            self.until(instance, |run| {
                let book = &run.clients[instance];
                book.slot(epoch).and_then(|slot| book.link(slot)).is_none_or(|link| link.taken_down >= taken_down)
            })?;
        }
        let (seat, slot) = self.link_of(turn)?;
        let link = self.state.instance(seat).links.at(slot);
        if !whole && close.is_none() && link.owner != Owner::User && !link.up.is_empty() {
            return Err(turn.stops("all that the instance wrote on a link before it closed it", Law::Room));
        }
        if !whole && slot == Slot::Current && link.wire == Wire::Whole && link.owner == Owner::User {
            self.cut(instance);
        }
        Ok(Action::Link(seat, LinkMove::ServerLoses(slot, Loss::Ended)))
    }

    fn explain(&mut self, turn: &ServerTurn, account: AccountId, action: Action) -> Result<(), Stop> {
        let doing = Doing { turn, account, action, taken: self.taken_from(action) };
        let before = self.before(doing);
        if !is_possible(&self.scope, &before, action) {
            let allowed = "a frame that is under way, the end of a link behind all that came through it, a timer that runs";
            return Err(turn.stops(allowed, blame::by_action(action)));
        }
        let tried = |rules: Rules| {
            let made = step(&self.scope, rules, &before, action);
            let done = self.done(doing, &made);
            (self.server_difference(turn, &done), made, done)
        };
        let (difference, made, done) = tried(Rules::ALL);
        if let Some(difference) = difference {
            if difference.is_a_gap() {
                self.is_whole(turn, difference.allowed(), Run::node_breaks_off)?;
            }
            let fits = |rule: &Rule| tried(Rules::without(*rule)).0.is_none();
            let law = blame::law(&difference, None, blame::by_action(action), made.consulted.iter().find(fits));
            return Err(difference.stops(law));
        }
        self.commits_are_right(turn, account)?;
        self.keep(doing, &done, &made);
        self.adopt(action, &made);
        Ok(())
    }

    fn taken_from(&self, action: Action) -> Option<UpFrame> {
        let Action::Link(instance, LinkMove::ToServer(slot)) = action else { return None };
        self.state.instance(instance).links.at(slot).up.first()
    }

    /// What the node does in a step.
    fn done(&self, doing: Doing<'_>, made: &Step) -> Done {
        let commit = self.commit(doing, made).map(|commit| (Object::Record, Deed::Committed(commit)));
        commit.into_iter().chain(made.items.iter().filter_map(|item| self.act(doing, *item, made))).collect()
    }

    /// A frame or a close of the node; a sync answer names everybody online, oldest login first.
    fn act(&self, doing: Doing<'_>, item: Item, made: &Step) -> Option<(Object, Deed)> {
        match item {
            Item::Written { instance, slot, frame: Frame::Down(frame), .. } => {
                let everybody = made.next.roster(doing.account).iter().filter(|_| frame == DownFrame::SyncAnswer);
                let online = everybody.map(|seat| self.scope.platform(seat)).collect();
                let session = self.session_on(doing, instance, slot)?;
                Some((Object::Link(instance, slot), Deed::Answered { frame, session, online }))
            }
            Item::Closed { instance, slot, end: End::Server, close } => Some((Object::Link(instance, slot), Deed::Closed(close))),
            Item::Written { frame: Frame::Up(_), .. }
            | Item::Closed { end: End::Client, .. }
            | Item::Settled { .. }
            | Item::Published { .. }
            | Item::StreamEnded { .. }
            | Item::Callback { .. } => None,
        }
    }

    /// The session that a frame of the node names: that of the frame it answers, or that on record.
    fn session_on(&self, Doing { turn, account, .. }: Doing<'_>, instance: InstanceId, slot: Slot) -> Option<SessionDigest> {
        match (&turn.line.event, self.link_on(&turn.line) == Some((instance, slot))) {
            (ServerEvent::Took { session, .. }, true) => Some(*session),
            _ => self.holder_on_record(account, instance).map(|(_, session)| session),
        }
    }

    /// What is kept of a turn that is explained; of a link that speaks, which epoch is on record (LINK-3).
    fn keep(&mut self, doing: Doing<'_>, done: &Done, made: &Step) {
        let Doing { turn, account, action, taken } = doing;
        let book = &mut self.accounts[usize::from(account.0)];
        if let (Action::Link(instance, LinkMove::ToServer(slot)), Some(taken)) = (action, taken)
            && let (Some(seated), Some(epoch)) = (self.seats[usize::from(instance.0)], turn.line.epoch)
        {
            if let Some(link) = self.clients[seated].link_mut(slot) {
                link.taken_up += 1;
            }
            let speaks = matches!(taken, UpFrame::Login { .. } | UpFrame::Resume { .. } | UpFrame::KickAck);
            let repays = doing.raises_below(made);
            if repays || (speaks && done.iter().any(|(object, _)| *object == Object::Record)) {
                let raised = if repays { epoch.saturating_sub(1) } else { epoch };
                let highest = book.epochs.entry(seated).or_insert(raised);
                *highest = (*highest).max(raised);
            }
        }
        if let ServerEvent::RestKick { second } = &turn.line.event {
            book.kicked_at = book.kicked_at.max(Some(*second)).max(book.sessions.values().map(|(_, issued)| *issued).max());
        }
        self.keep_commit(turn, account, done);
    }
}
