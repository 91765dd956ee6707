//! What another node committed, done to the sessions that this one holds (NODE-1, NODE-2): whoever is not on record any more learns of it
//! as if it had been committed here. It decides nothing.

use std::sync::Arc;

use super::decision::Aftermath;
use super::job::{Job, Task};
use super::link_state::{Link, LinkState};
use super::remembered::{Remembered, is_short};
use super::unacknowledged::Message;
use super::{Effect, LinkId, Machine};
use crate::admission;
use crate::protocol::close_code::GIVEN_UP;
use crate::registry::{Notice, Passed, Version};
use crate::session::{NodeLife, Record, Session};
use crate::timers::UnixMillis;

impl Machine {
    /// The account whose record is looked at, or whose sessions are sent what the commit accepted: a notice waits for what is under way.
    pub(super) fn heeds<'a>(&self, Notice { user_id, version: _, record: _, passed }: &'a Notice) -> Option<&'a str> {
        let to = passed.as_ref().map(|passed| &*passed.to);
        let held = || [Some(&**user_id), to].into_iter().flatten().filter(|account| self.accounts.contains_key(*account));
        held().find(|account| self.is_busy(account)).or_else(|| held().next())
    }

    /// What the commit accepted is delivered here too (MSG-1). The account's sessions here follow that version, if they do not yet: on the
    /// record that comes with the notice, or else on the one that is loaded.
    pub(super) fn changed(&mut self, now: UnixMillis, notice: Notice, effects: &mut Vec<Effect>) {
        let Notice { user_id, version, record, passed } = notice;
        if let Some(Passed { by, sender, id, to, text }) = passed.map(|passed| *passed)
            && self.life != Some(by)
        {
            self.deliver(now, sender, &Message { id, from: Arc::clone(&user_id), to: to.into(), text: text.into() }, effects);
        }
        if self.accounts.get(&user_id).is_some_and(|held| held.known < version) {
            match &record {
                Some(record) => drop(self.follow(now, &user_id, record, version, effects)),
                None => self.begin(Job::of(Arc::clone(&user_id), Task::Follow)),
            }
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

    /// The account's sessions here follow the record that was loaded. The links whose sessions have ended for it: nothing more is accepted
    /// from them (KICK-6). As long as nobody else commits there is nothing to do.
    pub(super) fn follow(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        record: &Record,
        version: Version,
        effects: &mut Vec<Effect>,
    ) -> Vec<LinkId> {
        let Some(held) = self.accounts.get_mut(user_id).filter(|held| held.known != version) else { return Vec::new() };
        held.known = version;
        let name = |session: &Session| (session.key, session.digest, session.epoch);
        let stands = |session: &Session| record.sessions.iter().any(|on_record| name(on_record) == name(session));
        let sessions = held.sessions.iter().map(|online| (online.session.clone(), online.link));
        let gone: Vec<_> = sessions.filter(|(session, _)| !stands(session)).collect();
        gone.iter().for_each(|(session, link)| self.ended_elsewhere(now, user_id, (session, *link), record, effects));
        gone.into_iter().filter_map(|(_, link)| link).collect()
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
