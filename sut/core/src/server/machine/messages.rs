//! Messages from session to session (MSG-1, MSG-2). Whether a message is a new one is decided in [`crate::admission`].

use std::sync::Arc;

use super::decision::{Aftermath, Answer, Decision};
use super::job::{Cause, Job, Task, answer_send};
use super::link_state::{OnlineSession, SessionRef};
use super::unacknowledged::{Message, Overflow};
use super::{Effect, LinkId, Machine, say};
use crate::admission;
use crate::code::{Code, Refusal};
use crate::config::Bounds;
use crate::planted::{self, Planted};
use crate::protocol::close_code::GIVEN_UP;
use crate::protocol::{MAX_TEXT_BYTES, is_message_text};
use crate::session::{KeyDigest, MessageId, Record, Session, is_user_id};
use crate::timers::UnixMillis;

impl Machine {
    /// A session sends a message: refused, or accepted once its record is stored (MSG-3).
    pub(super) fn send(&mut self, link: LinkId, place: SessionRef, id: MessageId, to: String, text: String) {
        let SessionRef { user_id, session } = place;
        let message = Message { id, from: Arc::clone(&user_id), to: to.into(), text: text.into() };
        self.begin(Job { user_id, link: Some(link), task: Task::Accept(session, message) });
    }

    /// MSG-3: a repeat is answered and changes nothing. What is new must fit, and come no faster than a session may send (MSG-2).
    pub(super) fn accept(&self, now: UnixMillis, user_id: &str, record: Record, session: Session, message: Message) -> Decision {
        let accepted = admission::accept(record, session.key, message.id, now);
        let refused =
            accepted.is_some().then(|| unfit(&message).or_else(|| self.paced(now, user_id, &session, &message))).flatten();
        match (accepted, refused) {
            (Some(mut record), None) => {
                if planted::is(Planted::Msg3UnheardIsForgotten) && !self.accounts.contains_key(&message.to) {
                    record.accepted.remove(&session.key);
                }
                Decision::Store(record, Aftermath::Accepted(session, message))
            }
            (_, refused) => Decision::Answer(Answer::NotAccepted(session, message, refused)),
        }
    }

    /// Why the session may not send the message now.
    fn paced(&self, now: UnixMillis, user_id: &str, session: &Session, message: &Message) -> Option<Refusal> {
        let (bounds, online) = (self.app.bounds, self.online_session(user_id, session.key)?);
        (!online.sends.allow(message.bytes(), bounds, now)).then(|| too_fast(bounds))
    }

    /// The session's message is accepted.
    pub(super) fn accepted(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: SessionRef,
        message: &Message,
        effects: &mut Vec<Effect>,
    ) {
        let (SessionRef { user_id, session }, bounds) = (place, self.app.bounds);
        if let Some(online) = self.online_session_mut(&user_id, session.key) {
            online.sends.count(message.bytes(), bounds, now);
        }
        self.deliver(now, session.key, message, effects);
        effects.push(answer_send(link, &session, message, None));
    }

    /// MSG-2: what the session's instance has received is kept no longer. It cannot have received what was never sent.
    pub(super) fn acknowledge(&mut self, now: UnixMillis, link: LinkId, place: &SessionRef, seq: u64, effects: &mut Vec<Effect>) {
        match self.online_session_mut(&place.user_id, place.session.key) {
            Some(online) if online.unacknowledged.has_sent(seq) => online.unacknowledged.acknowledge(seq),
            Some(_) => self.out_of_place(now, link, "no such message was sent", effects),
            None => {}
        }
    }

    /// MSG-1: to every other session of the sender and every session of the recipient, its link up or down; to nobody if nobody is
    /// online.
    pub(super) fn deliver(&mut self, now: UnixMillis, sender: KeyDigest, message: &Message, effects: &mut Vec<Effect>) {
        let Message { from, to, .. } = message;
        let mut overflown = self.deliver_to(from, Some(sender), message, effects);
        if from != to {
            let to = if planted::is(Planted::Msg1WrongAccount) { from } else { to };
            overflown.extend(self.deliver_to(to, None, message, effects));
        }
        for (user_id, session) in overflown {
            self.overflow(now, user_id, session, effects);
        }
    }

    /// Whose outboxes are too full for it.
    fn deliver_to(
        &mut self,
        user_id: &Arc<str>,
        but: Option<KeyDigest>,
        message: &Message,
        effects: &mut Vec<Effect>,
    ) -> Vec<(Arc<str>, Session)> {
        let (buffers, mut overflown) = (self.app.buffers, Vec::new());
        let receives = |online: &&mut OnlineSession| Some(online.session.key) != but;
        for online in self.accounts.get_mut(user_id).into_iter().flat_map(|held| &mut held.sessions).filter(receives) {
            match (online.unacknowledged.push(message.clone(), buffers), online.link) {
                (Ok(seq), Some(link)) => effects.push(say(link, &online.session, message.frame(seq))),
                (Ok(_), None) => {}
                (Err(Overflow), _) => overflown.push((Arc::clone(user_id), online.session.clone())),
            }
        }
        overflown
    }

    /// MSG-2: the session is dropped without a kick; its link, if it has one, is given up.
    fn overflow(&mut self, now: UnixMillis, user_id: Arc<str>, session: Session, effects: &mut Vec<Effect>) {
        if let Some(link) = self.detach(&user_id, &session, effects).and_then(|online| online.link) {
            self.close(now, link, GIVEN_UP, "too much was sent that was not received", effects);
        }
        self.begin(Job::of(user_id, Task::Drop(session, Cause::Overflowed)));
    }
}

/// Why nobody is sent that now.
fn too_fast(Bounds { messages_per_s, message_bytes_per_s, .. }: Bounds) -> Refusal {
    let most = format!("{messages_per_s} messages and {message_bytes_per_s} bytes of them a second");
    let text = format!("nobody was sent anything: a session may send {most}, and some at once; send it again later");
    Refusal { code: Code::TooFast, text }
}

/// Why nobody can be sent that.
fn unfit(Message { to, text, .. }: &Message) -> Option<Refusal> {
    if !is_user_id(to) {
        return Some(Refusal::new(Code::BadField, &format!("nobody was sent anything: {to:?} is no userID")));
    }
    if !is_message_text(text) {
        let what = format!("nobody was sent anything: a text may take {MAX_TEXT_BYTES} bytes of a frame");
        return Some(Refusal::new(Code::BadField, &what));
    }
    None
}
