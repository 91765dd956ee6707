//! The commits of the node: what the model says must be stored, and what the journal says was.

use model::action::{AccountId, Action, InstanceId, Slot};
use model::frame::{Frame, Meant, Resumption};
use model::observation::{Item, Reason};
use model::records::{Key, Session};
use model::step::Step;
use sut::journal::{ServerEvent, ServerLine, Standing, Victim};
use sut::session::Fingerprint;

use super::client::show;
use super::expected::{self, Done};
use super::finding::{Finding, Law};
use super::history::ServerTurn;
use super::run::{Run, Stop};
use super::{blame, words};

impl Run<'_> {
    /// The commit of a step: whom it admits, whom it ends; `None` if nothing is stored.
    pub(super) fn commit(&self, turn: &ServerTurn, action: Action, taken: Option<Frame>, made: &Step) -> Option<ServerEvent> {
        let account = self.account_of(&turn.line).ok()?;
        let (before, after) = (self.state.roster(account), made.next.roster(account));
        let newcomer = self.newcomer(turn, made);
        let replaced = |session: &Session| newcomer.is_some_and(|(seat, _)| session.seat == seat && session.key == Key::Own);
        let stays = |session: &Session| after.sessions().any(|other| other.has_key_of(*session)) && !replaced(session);
        let ended: Vec<_> = before.sessions().filter(|session| !stays(session)).collect();
        let (mut kicked, mut dropped) = (Vec::new(), Vec::new());
        for session in ended {
            let Some(standing) = self.standing(account, session.seat) else { continue };
            let record = made.next.kick_records(account).iter().find(|record| record.session.has_key_of(session));
            match record.filter(|_| !replaced(&session)) {
                Some(record) => kicked.push(victim(standing, record.reason)),
                None => dropped.push(standing),
            }
        }
        let admitted = newcomer.and_then(|(seat, session)| self.standing_as(seat, session));
        let changed = admitted.is_some() || !kicked.is_empty() || !dropped.is_empty();
        let stored = changed || self.stores_anyway(turn, account, action, (taken, made));
        stored.then_some(ServerEvent::Commit { admitted, kicked, dropped })
    }

    /// Whether the record changes although nobody comes or goes.
    fn stores_anyway(&self, turn: &ServerTurn, account: AccountId, action: Action, (taken, made): (Option<Frame>, &Step)) -> bool {
        let records_change = self.state.kick_records(account) != made.next.kick_records(account);
        if let Some(Frame::Logout { of: Meant::Owed { .. } }) = taken {
            let seated = action.instance().and_then(|seat| self.seats[usize::from(seat.0)]);
            let highest = seated.and_then(|seated| self.accounts[usize::from(account.0)].epochs.get(&seated).copied());
            return records_change || highest.is_none_or(|highest| highest < turn.line.epoch.unwrap_or(0).saturating_sub(1));
        }
        let resumes = matches!(taken, Some(Frame::Resume { .. })) && made.items.iter().any(goes_on);
        let acknowledges = matches!(taken, Some(Frame::KickAck)) && records_change;
        matches!(action, Action::RestKick { .. }) || resumes || acknowledges
    }

    /// Who is let in by a step, and as which session.
    fn newcomer(&self, turn: &ServerTurn, made: &Step) -> Option<(InstanceId, Fingerprint)> {
        let ServerEvent::Took { session, .. } = &turn.line.event else { return None };
        made.items.iter().filter(|item| lets_in(item)).map(|item| (item.instance(), *session)).next()
    }

    /// The session on record of a seat.
    fn standing(&self, account: AccountId, seat: InstanceId) -> Option<Standing> {
        let seated = self.seats[usize::from(seat.0)]?;
        let session = self.accounts[usize::from(account.0)].sessions.get(&seated).copied()?;
        self.standing_as(seat, session)
    }

    fn standing_as(&self, seat: InstanceId, session: Fingerprint) -> Option<Standing> {
        let seated = self.seats[usize::from(seat.0)]?;
        self.history.instances[seated].name.map(|instance| Standing { instance, session })
    }

    /// Whether the line names the account's last commit.
    pub(super) fn number_is_right(&self, turn: &ServerTurn) -> Result<(), Stop> {
        let Some(account) = &turn.line.account else { return Ok(()) };
        let right = self.accounts[usize::from(self.account(account).0)].commit;
        if turn.line.commit == Some(right) {
            return Ok(());
        }
        Err(Stop::Found(Finding::new(turn.place, numbered(turn.line.commit), format!("commit {right}"), Law::Commits)))
    }

    /// Whether a turn's commits are numbered on, and what follows names them.
    pub(super) fn commits_are_right(&self, turn: &ServerTurn) -> Result<(), Stop> {
        let Some(own) = turn.line.account.as_ref() else { return Ok(()) };
        let mut last = self.accounts[usize::from(self.account(own).0)].commit;
        for (place, line) in turn.deeds.iter().filter(|(_, line)| line.account.as_ref() == Some(own)) {
            if matches!(line.event, ServerEvent::Commit { .. }) {
                last += 1;
            }
            if line.commit != Some(last) {
                return Err(Stop::Found(Finding::new(*place, numbered(line.commit), format!("commit {last}"), Law::Commits)));
            }
        }
        Ok(())
    }

    pub(super) fn keep_commit(&mut self, turn: &ServerTurn, done: &Done) {
        let (Some(ServerEvent::Commit { admitted, kicked, dropped }), Ok(account)) = (&done.commit, self.account_of(&turn.line))
        else {
            return;
        };
        let named = &self.history.named;
        let book = &mut self.accounts[usize::from(account.0)];
        book.commit += 1;
        let gone = kicked.iter().map(|victim| victim.instance).chain(dropped.iter().map(|standing| standing.instance));
        for instance in gone.filter_map(|instance| named.get(&instance)) {
            book.sessions.remove(instance);
        }
        if let Some((instance, session)) = admitted.and_then(|standing| Some((*named.get(&standing.instance)?, standing.session))) {
            book.sessions.insert(instance, session);
        }
    }

    /// The node may forget an epoch, which the model does not keep; it says so in a commit.
    pub(super) fn forget_epoch(&mut self, turn: &ServerTurn) -> Result<(), Stop> {
        let Ok(account) = self.account_of(&turn.line) else { return Ok(()) };
        let instance = turn.line.instance.and_then(|name| self.history.named.get(&name)).copied();
        let book = &self.accounts[usize::from(account.0)];
        let known = instance.is_some_and(|instance| book.epochs.contains_key(&instance) && !book.sessions.contains_key(&instance));
        let commit = known.then(|| ServerEvent::Commit { admitted: None, kicked: Vec::new(), dropped: Vec::new() });
        let done = Done { commit, acts: Vec::new() };
        if let Some(difference) = expected::server_difference(turn, &done, |line| self.act_of(line)) {
            let law = blame::server(&difference, Action::TakeEffect, None);
            return Err(Stop::Found(Finding::new(difference.place, difference.seen(), difference.allowed(), law)));
        }
        self.commits_are_right(turn)?;
        self.keep_commit(turn, &done);
        if let Some(instance) = instance {
            self.accounts[usize::from(account.0)].epochs.remove(&instance);
        }
        Ok(())
    }

    /// The account of a line.
    pub(super) fn account_of(&self, line: &ServerLine) -> Result<AccountId, Stop> {
        match &line.account {
            Some(account) => Ok(self.account(account)),
            None => Err(Stop::Waits { place: Default::default(), seen: show(&line.event), what: "a line that names its account" }),
        }
    }

    /// The instance and the link that a turn speaks of.
    pub(super) fn named(&self, turn: &ServerTurn) -> Result<(usize, u64), Stop> {
        let instance = turn.line.instance.and_then(|name| self.history.named.get(&name)).copied();
        instance.zip(turn.line.epoch).ok_or_else(|| stranger(turn))
    }

    /// Where the instance of a turn sits.
    pub(super) fn seat_of(&self, turn: &ServerTurn) -> Result<(usize, InstanceId), Stop> {
        let instance = turn.line.instance.and_then(|name| self.history.named.get(&name)).copied();
        let seat = instance.and_then(|instance| self.clients[instance].seat);
        instance.zip(seat).ok_or_else(|| stranger(turn))
    }

    /// Which link of which seat a turn speaks of.
    pub(super) fn link_of(&self, turn: &ServerTurn) -> Result<(usize, InstanceId, Slot), Stop> {
        let (instance, epoch) = self.named(turn)?;
        let found = self.clients[instance].seat.zip(self.clients[instance].slot(epoch));
        found.map(|(seat, slot)| (instance, seat, slot)).ok_or_else(|| stranger(turn))
    }
}

fn numbered(commit: Option<u64>) -> String {
    commit.map_or_else(|| "no commit".to_owned(), |commit| format!("commit {commit}"))
}

fn stranger(turn: &ServerTurn) -> Stop {
    let allowed = "a link that its instance has opened, and that neither end has left";
    Stop::Found(Finding::new(turn.place, show(&turn.line.event), allowed, Law::Link))
}

fn lets_in(item: &Item) -> bool {
    let answers = |frame: &Frame| {
        matches!(frame, Frame::LoginAnswer { refused: None } | Frame::ResumeAnswer { answer: Resumption::Readmitted })
    };
    matches!(item, Item::Written { frame, .. } if answers(frame))
}

fn goes_on(item: &Item) -> bool {
    matches!(item, Item::Written { frame: Frame::ResumeAnswer { answer: Resumption::Resumed { .. } | Resumption::Readmitted }, .. })
}

fn victim(standing: Standing, why: Reason) -> Victim {
    Victim { instance: standing.instance, session: standing.session, reason: words::reason(why) }
}
