//! What another node committed, done to the sessions that this one holds (NODE-1, NODE-2): whoever is not on record any more learns of it
//! as if it had been committed here. It decides nothing.

use std::sync::Arc;

use super::decision::Aftermath;
use super::job::{Job, Task};
use super::link_state::{Link, LinkState, OnlineSession};
use super::remembered::{Remembered, is_short};
use super::unacknowledged::Message;
use super::{Effect, LinkId, Machine};
use crate::admission;
use crate::planted::{self, Planted};
use crate::protocol::close_code::GIVEN_UP;
use crate::registry::{Notice, Passed, Version};
use crate::session::{NodeLife, Record, Session};
use crate::timers::UnixMillis;

/// What the record that was loaded says of the account's sessions here.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The links whose sessions have ended for it: nothing more is accepted from them (KICK-6).
    pub(super) ended: Vec<LinkId>,
    /// How many sessions the registry has lost, whose links are up: they are decided anew first (NODE-5).
    pub(super) lost: usize,
}

/// Whether the record is from before the session's link: whatever ended the session left the number of that link.
fn has_lost(record: &Record, session: &Session) -> bool {
    let is_kicked = record.kicks.iter().any(|kick| (kick.key, kick.digest) == (session.key, session.digest));
    !is_kicked && admission::highest(record, session.key) < session.epoch
}

impl Machine {
    /// The account whose record is looked at, or whose sessions are sent what the commit accepted: a notice waits for what is under way.
    pub(super) fn heeds<'a>(&self, Notice { user_id, version: _, record: _, passed }: &'a Notice) -> Option<&'a str> {
        let to = passed.as_ref().map(|passed| &*passed.to);
        let held = || [Some(&**user_id), to].into_iter().flatten().filter(|account| self.accounts.contains_key(*account));
        held().find(|account| self.is_busy(account)).or_else(|| held().next())
    }

    /// The account's sessions here follow that version, if they do not yet: on the record that comes with the notice, or else on the one that
    /// is loaded, as also where it is not known which version they follow: the notice may be late. Behind that what the commit accepted is
    /// delivered here too (MSG-1), to nobody who was kicked (KICK-6).
    pub(super) fn changed(&mut self, now: UnixMillis, notice: Notice, effects: &mut Vec<Effect>) {
        let Notice { user_id, version, record, passed } = notice;
        if let Some(known) = self.accounts.get(&user_id).map(|held| held.known).filter(|known| *known < version) {
            match &record {
                Some(record) if known != Version::default() => drop(self.follow(now, &user_id, record, version, effects)),
                _ => self.begin(Job::of(Arc::clone(&user_id), Task::Follow)),
            }
        }
        if let Some(Passed { by, sender, id, to, text }) = passed.map(|passed| *passed)
            && !self.lives.contains(&by)
        {
            self.deliver(now, sender, &Message { id, from: Arc::clone(&user_id), to: to.into(), text: text.into() }, effects);
        }
        self.remember(&user_id, record.filter(|record| is_short(record)), version);
    }

    /// Among several nodes, what the account's record is as of that version.
    pub(super) fn remember(&mut self, user_id: &Arc<str>, copy: Option<Arc<Record>>, version: Version) {
        if self.life.is_some() {
            self.remembered.note(user_id, copy, version);
        }
    }

    /// A copy to remember, where there are several nodes, unless it is long.
    pub(super) fn copy_of(&self, record: &Record) -> Option<Arc<Record>> {
        (self.life.is_some() && is_short(record)).then(|| Arc::new(record.clone()))
    }

    /// NODE-3: what the sessions bear that are let in from now on. Those whose links were up while others took this node for dead are decided
    /// anew by the resumes that follow (LINK-5).
    pub(super) fn begin_life(&mut self, now: UnixMillis, life: NodeLife, effects: &mut Vec<Effect>) {
        self.life = Some(life);
        self.remembered = Remembered::default();
        self.lives.insert(life);
        if planted::is(Planted::Node3GoesOnAsBefore) {
            return;
        }
        let is_live = |link: &Link| matches!(link.state, LinkState::Live(_));
        let live: Vec<_> = self.links.iter().filter(|(_, link)| is_live(link)).map(|(id, _)| *id).collect();
        live.into_iter().for_each(|link| self.close(now, link, GIVEN_UP, "the node was taken for dead", effects));
    }

    /// What other nodes are told of a message that the commit before it accepts.
    pub(super) fn passed(&self, aftermath: &Aftermath) -> Option<Box<Passed>> {
        let Aftermath::Accepted(session, Message { id, from: _, to, text }) = aftermath else { return None };
        let (to, text) = (to.to_string(), text.to_string());
        self.life.map(|by| Box::new(Passed { by, sender: session.key, id: *id, to, text }))
    }

    /// The account's sessions here follow that version, which is this node's own.
    pub(super) fn knows(&mut self, user_id: &str, version: Version) {
        if let Some(held) = self.accounts.get_mut(user_id) {
            held.known = version;
        }
    }

    /// The account's sessions here follow the record that was loaded. As long as nobody else commits there is nothing to do.
    pub(super) fn follow(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        record: &Record,
        version: Version,
        effects: &mut Vec<Effect>,
    ) -> Followed {
        let Some(held) = self.accounts.get_mut(user_id).filter(|held| held.known != version) else { return Followed::default() };
        let is_anew = held.known.reign() != version.reign();
        held.known = version;
        let name = |session: &Session| (session.key, session.digest, session.epoch);
        let stands = |session: &Session| record.sessions.iter().any(|on_record| name(on_record) == name(session));
        let mut gone: Vec<_> = held.sessions.iter_mut().filter(|online| !stands(&online.session)).collect();
        let is_lost = |online: &OnlineSession| (is_anew || online.is_lost) && has_lost(record, &online.session);
        gone.iter_mut().for_each(|online| online.is_lost = is_lost(online));
        let found = |online: &mut OnlineSession| (online.session.clone(), online.link, online.is_lost);
        let gone: Vec<_> = gone.into_iter().map(found).collect();
        let mut followed = Followed::default();
        let mut lost = Vec::new();
        for (session, link, is_lost) in gone {
            match link {
                Some(_) if is_lost => lost.push(session),
                None if is_lost => self.lost_without_link(user_id, &session, record, effects),
                _ => {
                    self.ended_elsewhere(now, user_id, (&session, link), record, effects);
                    followed.ended.extend(link);
                }
            }
        }
        self.decide_anew(user_id, &lost);
        Followed { lost: lost.len(), ..followed }
    }

    /// The next resume of its instance is decided on what the record has (LINK-5); that lapses here if it is the same session.
    fn lost_without_link(&mut self, user_id: &Arc<str>, session: &Session, record: &Record, effects: &mut Vec<Effect>) {
        let of = |other: &&Session| (other.key, other.digest) == (session.key, session.digest);
        match (record.sessions.iter().find(of), self.online_session_mut(user_id, session.key)) {
            (Some(older), Some(online)) => (online.session, online.is_lost) = (older.clone(), false),
            _ => drop(self.detach(user_id, session, effects)),
        }
    }

    /// A kicked session is given its notice; one that goes on over a newer link, or whose instance does, is superseded (LINK-11). Of any
    /// other nobody here knows how it ended: its link is given up, and the resume that follows is decided anew (LINK-5).
    fn ended_elsewhere(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        (session, link): (&Session, Option<LinkId>),
        record: &Record,
        effects: &mut Vec<Effect>,
    ) {
        let meant = |(key, digest)| (key, digest) == (session.key, session.digest);
        if let Some(kick) = record.kicks.iter().find(|kick| meant((kick.key, kick.digest))) {
            return self.kick(user_id, session, kick.reason, effects);
        }
        self.detach(user_id, session, effects);
        let (Some(link), highest) = (link, admission::highest(record, session.key)) else { return };
        if highest > session.epoch {
            self.close_superseded(now, link, highest, effects);
        } else {
            self.close(now, link, GIVEN_UP, "its session ended on another node", effects);
        }
    }
}
