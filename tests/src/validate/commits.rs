//! The commits of the node: what the model says must be stored, and what the journal says was.

use model::action::{AccountId, Action, InstanceId, LinkMove, ServerMove, Slot};
use model::frame::{DownFrame, Frame, Meant, Resumption, SigShown, UpFrame};
use model::link::{Link, ServerEnd};
use model::observation::Item;
use model::records::{Key, Session};
use model::rule::Rule;
use model::step::Step;
use sut::journal::{ServerEvent, ServerLine};
use sut::protocol::ClientFrameKind;
use sut::session::SessionDigest;

use super::blame::{self, Cause};
use super::expected::{Commit, Done, Holder, server_difference};
use super::finding::{Finding, Law, Place};
use super::history::{Entry, ServerTurn};
use super::run::{Run, Stop};

impl Run<'_> {
    /// The commit of a step: whom it admits, whom it ends; `None` if nothing is stored.
    pub(super) fn commit(&self, turn: &ServerTurn, action: Action, taken: Option<UpFrame>, made: &Step) -> Option<Commit> {
        let account = self.account_of(turn).ok()?;
        let (before, after) = (self.state.roster(account), made.next.roster(account));
        let newcomer = answered(turn, made, lets_in);
        let replaced = |session: &Session| newcomer.is_some_and(|(seat, _)| session.seat == seat && session.key == Key::Own);
        let stays = |session: &Session| after.sessions().any(|other| other.has_key_of(*session)) && !replaced(session);
        let holder = |(seat, session)| self.holder(seat, session);
        let resumed = answered(turn, made, goes_on).and_then(holder);
        let mut commit = Commit { admitted: newcomer.and_then(holder), resumed, ..Commit::default() };
        for session in before.sessions().filter(|session| !stays(session)) {
            let Some(holder) = self.holder_on_record(account, session.seat) else { continue };
            let record = made.next.kick_records(account).iter().find(|record| record.session.has_key_of(session));
            match record.filter(|_| !replaced(&session)) {
                Some(record) => commit.kicked.push((holder, record.reason)),
                None => commit.dropped.push(holder),
            }
        }
        let stored = commit != Commit::default() || self.stores_anyway(turn, account, action, (taken, made));
        stored.then_some(commit)
    }

    /// Whether the record changes although nobody comes or goes.
    fn stores_anyway(
        &self,
        turn: &ServerTurn,
        account: AccountId,
        action: Action,
        (taken, made): (Option<UpFrame>, &Step),
    ) -> bool {
        let kick_goes = taken.is_some_and(|taken| self.forgets_a_kick(account, action, taken));
        if let Some(UpFrame::Logout { of: Meant::Owed { .. } }) = taken {
            let seated = action.instance().and_then(|seat| self.seats[usize::from(seat.0)]);
            let highest = seated.and_then(|seated| self.accounts[usize::from(account.0)].epochs.get(&seated).copied());
            let rises = highest.unwrap_or(0) < turn.line.epoch.unwrap_or(0).saturating_sub(1);
            return kick_goes || (rises && raises_below(action, taken, account, made));
        }
        let resumes = matches!(taken, Some(UpFrame::Resume { .. })) && answered(turn, made, decides).is_some();
        matches!(action, Action::Server(ServerMove::RestKick(_))) || resumes || kick_goes
    }

    /// Whether a frame ends a kick record. It is looked up as it stood before the step: the model numbers its sessions anew after each, so
    /// that the records of two states are never compared.
    fn forgets_a_kick(&self, account: AccountId, action: Action, taken: UpFrame) -> bool {
        let Action::Link(instance, LinkMove::ToServer(slot)) = action else { return false };
        let label = if let UpFrame::Logout { of: Meant::Owed { session, .. } } = taken {
            session
        } else if taken == UpFrame::KickAck {
            self.state.instance(instance).links.at(slot).session
        } else {
            return false;
        };
        let meant = Session { seat: instance, key: Key::Own, label };
        self.state.kick_records(account).iter().any(|record| record.session == meant)
    }

    /// The session on record of a seat.
    fn holder_on_record(&self, account: AccountId, seat: InstanceId) -> Option<Holder> {
        let seated = self.seats[usize::from(seat.0)]?;
        self.holder(seat, *self.accounts[usize::from(account.0)].sessions.get(&seated)?)
    }

    fn holder(&self, seat: InstanceId, session: SessionDigest) -> Option<Holder> {
        let seated = self.seats[usize::from(seat.0)]?;
        self.history.instances[seated].name.map(|instance| (instance, session))
    }

    /// Whether the line names its account, and that account's last commit.
    pub(super) fn number_is_right(&self, turn: &ServerTurn) -> Result<(), Stop> {
        let right = self.accounts[usize::from(self.account_of(turn)?.0)].commit;
        if turn.line.commit == Some(right) {
            return Ok(());
        }
        Err(Stop::at(turn.place, numbered(turn.line.commit), format!("commit {right}"), Law::Commits))
    }

    /// Whether a turn's commit comes first, is of its account and numbered on, and what follows names its own account and that one's
    /// last commit.
    pub(super) fn commits_are_right(&self, turn: &ServerTurn) -> Result<(), Stop> {
        let own = self.account_of(turn)?;
        let commit = turn.deeds.iter().position(|(_, line)| matches!(line.event, ServerEvent::Commit(_)));
        if let (Some(1..), Some((place, first))) = (commit, turn.deeds.first()) {
            let allowed = "nothing that a commit leads to before it";
            return Err(Stop::at(*place, first.says(), allowed, Law::Commits));
        }
        let mut commits: Vec<_> = self.accounts.iter().map(|book| book.commit).collect();
        for (place, line) in &turn.deeds {
            let named = line.account.as_ref().and_then(|name| self.history.accounts.iter().position(|account| account == name));
            let Some(account) = named else { return Err(Stop::Found(nameless(*place, line))) };
            let is_commit = matches!(line.event, ServerEvent::Commit(_));
            let whose = if is_commit { Some(own) } else { self.account_on(line) };
            if let Some(right) = whose.filter(|right| usize::from(right.0) != account) {
                return Err(Stop::Found(self.misnamed(*place, AccountId(account as u8), right)));
            }
            commits[account] += u64::from(is_commit);
            let last = commits[account];
            if line.commit != Some(last) {
                return Err(Stop::at(*place, numbered(line.commit), format!("commit {last}"), Law::Commits));
            }
        }
        Ok(())
    }

    /// Whether what happens on a link happens to the account that its instance has named there.
    pub(super) fn account_is_right(&self, turn: &ServerTurn) -> Result<(), Stop> {
        let names = matches!(
            turn.line.event,
            ServerEvent::Took { frame: ClientFrameKind::Login | ClientFrameKind::Resume | ClientFrameKind::Logout, .. }
        );
        let (seen, named) = (self.account_of(turn)?, self.account_on(&turn.line));
        match named.filter(|named| *named != seen && !names) {
            Some(named) => Err(Stop::Found(self.misnamed(turn.place, seen, named))),
            None => Ok(()),
        }
    }

    fn misnamed(&self, place: Place, seen: AccountId, right: AccountId) -> Box<Finding> {
        let [seen, right] = [seen, right].map(|account| &self.history.accounts[usize::from(account.0)]);
        Finding::new(place, format!("account {seen}"), format!("account {right}"), Law::Commits)
    }

    /// Which account the instance has named last on the link that a line speaks of.
    fn account_on(&self, line: &ServerLine) -> Option<AccountId> {
        self.clients[self.instance_of(line)?].named.get(&line.epoch?).copied()
    }

    pub(super) fn keep_commit(&mut self, turn: &ServerTurn, done: &Done) {
        let (Some(Commit { admitted, kicked, dropped, .. }), Ok(account)) = (&done.commit, self.account_of(turn)) else {
            return;
        };
        let named = &self.history.named;
        let book = &mut self.accounts[usize::from(account.0)];
        book.commit += 1;
        let gone = kicked.iter().map(|(holder, _)| holder).chain(dropped);
        for instance in gone.filter_map(|(instance, _)| named.get(instance)) {
            book.sessions.remove(instance);
            book.issued.remove(instance);
        }
        if let Some((instance, session)) = admitted.and_then(|(instance, session)| Some((*named.get(&instance)?, session))) {
            book.sessions.insert(instance, session);
            if let ServerEvent::Took { shown: Some(shown), .. } = turn.line.event {
                book.issued.insert(instance, shown.issued);
            }
        }
    }

    /// The node may forget an epoch, which the model does not keep; it says so in a commit. LINK-3 says before when it goes not: one that
    /// the node keeps for longer is right, as no line tells the time.
    pub(super) fn forget_epoch(&mut self, turn: &ServerTurn) -> Result<(), Stop> {
        if turn.deeds.is_empty() {
            return Ok(());
        }
        let Ok(account) = self.account_of(turn) else { return Ok(()) };
        let instance = self.instance_of(&turn.line);
        let book = &self.accounts[usize::from(account.0)];
        let known = instance.is_some_and(|instance| book.epochs.contains_key(&instance) && !book.sessions.contains_key(&instance));
        let done = Done { commit: known.then(Commit::default), acts: Vec::new() };
        let holds = |link: &Link| matches!(link.server, ServerEnd::Serving { .. } | ServerEnd::Kicked { .. });
        let seat = instance.and_then(|instance| self.clients[instance].seat).map(|seat| self.state.instance(seat));
        if seat.is_some_and(|seat| seat.links.each().into_iter().any(holds)) {
            return Err(turn.stops("an epoch that is forgotten once the instance's last link is over", Rule::Link3));
        }
        if let Some(difference) = server_difference(turn, &done, |line| self.link_on(line)) {
            let law = blame::law(&difference, Cause::of(Rule::Link3), None);
            return Err(difference.stops(law));
        }
        self.commits_are_right(turn)?;
        self.keep_commit(turn, &done);
        if let Some(instance) = instance {
            self.accounts[usize::from(account.0)].epochs.remove(&instance);
        }
        Ok(())
    }

    /// The account of a turn.
    pub(super) fn account_of(&self, turn: &ServerTurn) -> Result<AccountId, Stop> {
        match &turn.line.account {
            Some(account) => Ok(self.account(account)),
            None => Err(Stop::Found(nameless(turn.place, &turn.line))),
        }
    }

    /// Which instance a line speaks of, if it is one of the history's.
    pub(super) fn instance_of(&self, line: &ServerLine) -> Option<usize> {
        self.history.named.get(&line.instance?).copied()
    }

    /// Which link a line speaks of, if it is one that the model knows.
    pub(super) fn link_on(&self, line: &ServerLine) -> Option<(InstanceId, Slot)> {
        let known = &self.clients[self.instance_of(line)?];
        known.seat.zip(known.slot(line.epoch?))
    }

    /// The instance and the link that a turn speaks of.
    pub(super) fn named(&self, turn: &ServerTurn) -> Result<(usize, u64), Stop> {
        self.instance_of(&turn.line).zip(turn.line.epoch).ok_or_else(|| stranger(turn))
    }

    /// Where the instance of a turn sits.
    pub(super) fn seat_of(&self, turn: &ServerTurn) -> Result<InstanceId, Stop> {
        let seat = self.instance_of(&turn.line).and_then(|instance| self.clients[instance].seat);
        seat.ok_or_else(|| stranger(turn))
    }

    /// Which link of which seat a turn speaks of.
    pub(super) fn link_of(&self, turn: &ServerTurn) -> Result<(InstanceId, Slot), Stop> {
        self.link_on(&turn.line).ok_or_else(|| stranger(turn))
    }
}

fn numbered(commit: Option<u64>) -> String {
    commit.map_or_else(|| "no commit".to_owned(), |commit| format!("commit {commit}"))
}

fn nameless(place: Place, line: &ServerLine) -> Box<Finding> {
    let seen = line.account.as_ref().map_or_else(|| "no account".to_owned(), |account| format!("account {account}"));
    Finding::new(place, seen, "the account that the line concerns", Law::Commits)
}

fn stranger(turn: &ServerTurn) -> Stop {
    turn.stops("a link that its instance has opened, and that neither end has left", Law::Link)
}

/// Whom a step gives an answer of that kind, to which session's frame.
fn answered(turn: &ServerTurn, made: &Step, is_it: fn(DownFrame) -> bool) -> Option<(InstanceId, SessionDigest)> {
    let ServerEvent::Took { session, .. } = &turn.line.event else { return None };
    let answer = |item: &Item| matches!(item, Item::Written { frame: Frame::Down(frame), .. } if is_it(*frame));
    made.items.iter().find(|item| answer(item)).map(|item| (item.instance(), *session))
}

fn lets_in(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::LoginAnswer { refused: None, .. } | DownFrame::ResumeAnswer { answer: Resumption::Readmitted })
}

fn goes_on(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } })
}

/// LINK-5: whatever a resume is answered with, a notice aside, its epoch is on record from then on.
fn decides(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::ResumeAnswer { .. })
}

/// LOGOUT-4: whether an owed logout makes what is older void: its UserSig is rightly signed, and nobody stands under its key behind it.
pub(super) fn raises_below(action: Action, taken: Option<UpFrame>, account: AccountId, made: &Step) -> bool {
    let Some(UpFrame::Logout { of: Meant::Owed { sig: SigShown::Right, .. } }) = taken else { return false };
    let own = |session: &Session| Some(session.seat) == action.instance() && session.key == Key::Own;
    !made.next.roster(account).sessions().any(|session| own(&session))
}
