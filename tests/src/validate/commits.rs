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

use super::blame;
use super::expected::{Commit, Deed, Done, Fate, Holder, Object};
use super::finding::{Law, Place, show};
use super::history::ServerTurn;
use super::run::{Run, Stop};
use super::server::Doing;

impl Run<'_> {
    /// The commit of a step: whom it admits, whom it ends; `None` if nothing is stored.
    pub(super) fn commit(&self, doing: Doing<'_>, made: &Step) -> Option<Commit> {
        let Doing { account, .. } = doing;
        let (before, after) = (self.state.roster(account), made.next.roster(account));
        let newcomer = doing.answered(made, lets_in);
        let replaced = |session: &Session| newcomer.is_some_and(|(seat, _)| session.seat == seat && session.key == Key::Own);
        let stays = |session: &Session| after.sessions().any(|other| other.has_key_of(*session)) && !replaced(session);
        let told = |fate, of: Option<(InstanceId, SessionDigest)>| Some((fate, self.holder(of?)?));
        let told = [told(Fate::Admitted, newcomer), told(Fate::Resumed, doing.answered(made, goes_on))];
        let mut commit: Commit = told.into_iter().flatten().collect();
        for session in before.sessions().filter(|session| !stays(session)) {
            let record = made.next.kick_records(account).iter().find(|record| record.session.has_key_of(session));
            let fate = record.filter(|_| !replaced(&session)).map_or(Fate::Dropped, |record| Fate::Kicked(record.reason));
            commit.extend(self.holder_on_record(account, session.seat).map(|holder| (fate, holder)));
        }
        commit.sort_by_key(|(fate, _)| *fate == Fate::Dropped);
        (!commit.is_empty() || self.stores_anyway(doing, made)).then_some(commit)
    }

    /// Whether the record changes although nobody comes or goes. LINK-5: whatever a resume is answered with, a notice aside, its epoch is on
    /// record from then on.
    fn stores_anyway(&self, doing: Doing<'_>, made: &Step) -> bool {
        let Doing { turn, account, action, taken } = doing;
        let rises = || {
            let seated = action.instance().and_then(|seat| self.seats[usize::from(seat.0)]);
            let highest = seated.and_then(|seated| self.accounts[usize::from(account.0)].epochs.get(&seated).copied());
            highest.unwrap_or(0) < turn.line.epoch.unwrap_or(0).saturating_sub(1)
        };
        let decides = |frame| matches!(frame, DownFrame::ResumeAnswer { .. });
        let stores = match taken {
            Some(UpFrame::Logout { of: Meant::Owed { .. } }) => rises() && doing.raises_below(made),
            Some(UpFrame::Resume { .. }) => doing.answered(made, decides).is_some(),
            _ => matches!(action, Action::Server(ServerMove::RestKick(_))),
        };
        stores || self.forgets_a_kick(doing)
    }

    /// Whether a frame ends a kick record. It is looked up as it stood before the step: the model numbers its sessions anew after each, so
    /// that the records of two states are never compared.
    fn forgets_a_kick(&self, Doing { account, action, taken, .. }: Doing<'_>) -> bool {
        let Action::Link(instance, LinkMove::ToServer(slot)) = action else { return false };
        let label = match taken {
            Some(UpFrame::Logout { of: Meant::Owed { session, .. } }) => session,
            Some(UpFrame::KickAck) => self.state.instance(instance).links.at(slot).session,
            _ => return false,
        };
        let meant = Session { seat: instance, key: Key::Own, label };
        self.state.kick_records(account).iter().any(|record| record.session == meant)
    }

    /// The session on record of a seat.
    pub(super) fn holder_on_record(&self, account: AccountId, seat: InstanceId) -> Option<Holder> {
        let (session, _) = self.accounts[usize::from(account.0)].sessions.get(&self.seats[usize::from(seat.0)]?)?;
        self.holder((seat, *session))
    }

    fn holder(&self, (seat, session): (InstanceId, SessionDigest)) -> Option<Holder> {
        let seated = self.seats[usize::from(seat.0)]?;
        self.history.instances[seated].name.map(|instance| (instance, session))
    }

    /// Whether a line names the right account, if one is, and as that account's last commit what `last` says. Which account it names.
    fn names_rightly(
        &self,
        (place, line): (Place, &ServerLine),
        right: Option<AccountId>,
        last: impl FnOnce(usize) -> u64,
    ) -> Result<AccountId, Stop> {
        let accounts = &self.history.accounts;
        let stop = |what: &str, said: Option<String>, right: String| {
            let seen = said.map_or_else(|| format!("no {what}"), |said| format!("{what} {said}"));
            Stop::at(place, seen, right, Law::Commits)
        };
        let named = accounts.iter().position(|account| Some(account) == line.account.as_ref());
        let Some(account) = named.filter(|named| right.is_none_or(|right| usize::from(right.0) == *named)) else {
            let right = right.map(|right| format!("account {}", accounts[usize::from(right.0)]));
            let right = right.unwrap_or_else(|| "the account that the line concerns".to_owned());
            return Err(stop("account", line.account.clone(), right));
        };
        let last = last(account);
        match line.commit {
            Some(commit) if commit == last => Ok(AccountId(account as u8)),
            commit => Err(stop("commit", commit.map(|commit| commit.to_string()), format!("commit {last}"))),
        }
    }

    /// The account of a turn: what happens on a link happens to that which its instance has named there, unless it names one now.
    pub(super) fn account_of(&self, turn: &ServerTurn) -> Result<AccountId, Stop> {
        let names = matches!(
            turn.line.event,
            ServerEvent::Took { frame: ClientFrameKind::Login | ClientFrameKind::Resume | ClientFrameKind::Logout, .. }
        );
        let right = self.account_on(&turn.line).filter(|_| !names);
        self.names_rightly((turn.place, &turn.line), right, |account| self.accounts[account].commit)
    }

    /// Whether a turn's commit comes first, is of its account and numbered on, and what follows names its own account and that one's
    /// last commit.
    pub(super) fn commits_are_right(&self, turn: &ServerTurn, own: AccountId) -> Result<(), Stop> {
        let is_commit = |line: &ServerLine| matches!(line.event, ServerEvent::Commit(_));
        let commit = turn.deeds.iter().position(|(_, line)| is_commit(line));
        if let (Some(1..), Some((place, first))) = (commit, turn.deeds.first()) {
            return Err(Stop::at(*place, show(first), "nothing that a commit leads to before it", Law::Commits));
        }
        let mut commits: Vec<_> = self.accounts.iter().map(|book| book.commit).collect();
        for (place, line) in &turn.deeds {
            let right = if is_commit(line) { Some(own) } else { self.account_on(line) };
            self.names_rightly((*place, line), right, |account| {
                commits[account] += u64::from(is_commit(line));
                commits[account]
            })?;
        }
        Ok(())
    }

    /// Which account the instance has named last on the link that a line speaks of.
    fn account_on(&self, line: &ServerLine) -> Option<AccountId> {
        self.clients[self.instance_of(line)?].named.get(&line.epoch?).copied()
    }

    pub(super) fn keep_commit(&mut self, turn: &ServerTurn, account: AccountId, done: &Done) {
        let committed =
            |(_, deed): &'_ (Object, Deed)| if let Deed::Committed(commit) = deed { Some(commit.clone()) } else { None };
        let Some(commit) = done.iter().find_map(committed) else { return };
        let book = &mut self.accounts[usize::from(account.0)];
        book.commit += 1;
        let issued = if let ServerEvent::Took { shown: Some(shown), .. } = turn.line.event { shown.issued } else { 0 };
        for (fate, (instance, session)) in commit.iter().rev() {
            let Some(instance) = self.history.named.get(instance) else { continue };
            match fate {
                Fate::Admitted => drop(book.sessions.insert(*instance, (*session, issued))),
                Fate::Kicked(_) | Fate::Dropped => drop(book.sessions.remove(instance)),
                Fate::Resumed => {}
            }
        }
    }

    /// The node may forget an epoch, which the model does not keep; it says so in a commit. LINK-3 says before when it goes not: one that
    /// the node keeps for longer is right, as no line tells the time.
    pub(super) fn forget_epoch(&mut self, turn: &ServerTurn, account: AccountId) -> Result<(), Stop> {
        if turn.deeds.is_empty() {
            return Ok(());
        }
        let instance = self.instance_of(&turn.line);
        let book = &self.accounts[usize::from(account.0)];
        let known = instance.is_some_and(|instance| book.epochs.contains_key(&instance) && !book.sessions.contains_key(&instance));
        let done: Done = known.then(|| (Object::Record, Deed::Committed(Commit::new()))).into_iter().collect();
        let holds = |link: &Link| matches!(link.server, ServerEnd::Serving { .. } | ServerEnd::Kicked { .. });
        let seat = instance.and_then(|instance| self.clients[instance].seat).map(|seat| self.state.instance(seat));
        if seat.is_some_and(|seat| seat.links.each().into_iter().any(holds)) {
            return Err(turn.stops("an epoch that is forgotten once the instance's last link is over", Rule::Link3));
        }
        if let Some(difference) = self.server_difference(turn, &done) {
            let law = blame::law(&difference, None, Rule::Link3, None);
            return Err(difference.stops(law));
        }
        self.commits_are_right(turn, account)?;
        self.keep_commit(turn, account, &done);
        if let Some(instance) = instance {
            self.accounts[usize::from(account.0)].epochs.remove(&instance);
        }
        Ok(())
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

fn stranger(turn: &ServerTurn) -> Stop {
    turn.stops("a link that its instance has opened, and that neither end has left", Law::Link)
}

impl Doing<'_> {
    /// Whom a step gives an answer of that kind, to which session's frame.
    fn answered(&self, made: &Step, is_it: fn(DownFrame) -> bool) -> Option<(InstanceId, SessionDigest)> {
        let ServerEvent::Took { session, .. } = &self.turn.line.event else { return None };
        let answer = |item: &Item| matches!(item, Item::Written { frame: Frame::Down(frame), .. } if is_it(*frame));
        made.items.iter().find(|item| answer(item)).map(|item| (item.instance(), *session))
    }

    /// LOGOUT-4: whether an owed logout makes what is older void: its UserSig is rightly signed, and nobody stands under its key behind it.
    pub(super) fn raises_below(&self, made: &Step) -> bool {
        let Some(UpFrame::Logout { of: Meant::Owed { sig: SigShown::Right, .. } }) = self.taken else { return false };
        let own = |session: &Session| Some(session.seat) == self.action.instance() && session.key == Key::Own;
        !made.next.roster(self.account).sessions().any(|session| own(&session))
    }
}

fn lets_in(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::LoginAnswer { refused: None, .. } | DownFrame::ResumeAnswer { answer: Resumption::Readmitted })
}

fn goes_on(frame: DownFrame) -> bool {
    matches!(frame, DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } })
}
