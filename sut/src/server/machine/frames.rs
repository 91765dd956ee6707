//! What each frame of a client means on each kind of link. A frame that may not come there and then ends the link; on the link of a
//! kicked session it means nothing at all (KICK-6).

use std::sync::Arc;

use super::job::Task;
use super::seat::{Link, Seat};
use super::{Effect, LinkId, Machine, NORMAL, OUT_OF_PLACE};
use crate::admission::{self, Login};
use crate::code::{Code, Refusal};
use crate::planted::{self, Planted};
use crate::protocol::{ClientFrame, Envelope, MAX_TEXT_BYTES, MessageId, ServerFrame, is_message_text};
use crate::session::{Session, is_user_id};
use crate::timers::UnixMillis;

impl Machine {
    pub(super) fn frame(&mut self, now: UnixMillis, link: LinkId, envelope: Envelope<ClientFrame>, effects: &mut Vec<Effect>) {
        match self.links.get(&link) {
            Some(Link::Fresh) => self.frame_on_fresh(now, link, envelope, effects),
            Some(Link::Live(seat)) if !seat.is_named_by(&envelope) => {
                self.out_of_place(link, "the frame's session or epoch is not this link's", effects);
            }
            Some(Link::Live(seat)) => {
                let (user_id, session) = (Arc::clone(&seat.user_id), seat.session.clone());
                self.frame_on_live(link, user_id, session, envelope.frame, effects);
            }
            Some(Link::Kicked(seat)) if seat.is_named_by(&envelope) => {
                let (user_id, session) = (Arc::clone(&seat.user_id), seat.session.clone());
                self.frame_on_kicked(link, user_id, session, envelope.frame, effects);
            }
            Some(Link::Kicked(_)) | None => {}
        }
    }

    /// LINK-9: the first frame is a login.
    fn frame_on_fresh(&mut self, now: UnixMillis, link: LinkId, envelope: Envelope<ClientFrame>, effects: &mut Vec<Effect>) {
        let Envelope { v: _, session: secret, epoch, frame } = envelope;
        match frame {
            ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } => {
                let session = Session { key, secret, epoch, platform };
                self.login(now, link, Login { user_id, user_sig, sdk_app_id, session }, effects);
            }
            ClientFrame::Resume { .. } => self.out_of_place(link, "resume is not served yet", effects),
            ClientFrame::Logout
            | ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::KickAck
            | ClientFrame::Ping => self.out_of_place(link, "the first frame must be a login", effects),
        }
    }

    /// LOGIN-7: a login that is refused changes nothing. Both ends close the link (LINK-9).
    fn login(&mut self, now: UnixMillis, link: LinkId, login: Login, effects: &mut Vec<Effect>) {
        match admission::judge(&self.app, &login, now) {
            Ok(user_sig) => self.begin(Arc::from(login.user_id), link, Task::Admit(login.session, user_sig), effects),
            Err(why) => self.refuse_login(link, &login.session, why, effects),
        }
    }

    pub(super) fn refuse_login(&mut self, link: LinkId, session: &Session, why: Refusal, effects: &mut Vec<Effect>) {
        effects.push(super::say(link, session, ServerFrame::LoginAnswer { refused: Some(why) }));
        self.close(link, NORMAL, "login refused", effects);
    }

    fn frame_on_live(&mut self, link: LinkId, user_id: Arc<str>, session: Session, frame: ClientFrame, effects: &mut Vec<Effect>) {
        match frame {
            ClientFrame::Login { .. } | ClientFrame::Resume { .. } => {
                self.out_of_place(link, "a link carries one login", effects);
            }
            ClientFrame::Logout => self.begin(user_id, link, Task::LogOut(session), effects),
            ClientFrame::Sync => self.begin(user_id, link, Task::Sync(session), effects),
            ClientFrame::Send { id, to, text } => {
                let refused = self.accept(link, &user_id, id, to, text, effects).err();
                effects.push(super::say(link, &session, ServerFrame::SendAnswer { id, refused }));
            }
            ClientFrame::MessageAck { .. } => {}
            ClientFrame::KickAck => self.out_of_place(link, "there is no notice to acknowledge", effects),
            ClientFrame::Ping => effects.push(super::say(link, &session, ServerFrame::Pong)),
        }
    }

    /// KICK-6: nothing but the acknowledgement of the notice is accepted.
    fn frame_on_kicked(
        &mut self,
        link: LinkId,
        user_id: Arc<str>,
        session: Session,
        frame: ClientFrame,
        effects: &mut Vec<Effect>,
    ) {
        match frame {
            ClientFrame::KickAck => self.begin(user_id, link, Task::ForgetKick(session), effects),
            ClientFrame::Sync if planted::is(Planted::Kick6AnswersTheKicked) => {
                self.begin(user_id, link, Task::Sync(session), effects);
            }
            ClientFrame::Login { .. }
            | ClientFrame::Resume { .. }
            | ClientFrame::Logout
            | ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::Ping => {}
        }
    }

    /// MSG-1: to every other session of the sender and every session of the recipient; to nobody if nobody is online.
    fn accept(
        &mut self,
        sender: LinkId,
        from: &str,
        id: MessageId,
        to: String,
        text: String,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if !is_user_id(&to) {
            return Err(Refusal::new(Code::BadField, &format!("nobody was sent anything: {to:?} is no userID")));
        }
        if !is_message_text(&text) {
            let what = format!("nobody was sent anything: a text may take {MAX_TEXT_BYTES} bytes of a frame");
            return Err(Refusal::new(Code::BadField, &what));
        }
        for link in self.audience(sender, from, &to) {
            if let Some(Link::Live(seat)) = self.links.get_mut(&link) {
                let (seq, from, to, text) = (seat.next_seq(), from.to_owned(), to.clone(), text.clone());
                effects.push(seat.say(link, ServerFrame::Message { seq, id, from, to, text }));
            }
        }
        Ok(())
    }

    fn audience(&self, sender: LinkId, from: &str, to: &str) -> Vec<LinkId> {
        let own = self.accounts.get(from).into_iter().flatten();
        let theirs = self.accounts.get(to).filter(|_| from != to).into_iter().flatten();
        own.chain(theirs).copied().filter(|link| *link != sender).collect()
    }

    fn out_of_place(&mut self, link: LinkId, reason: &str, effects: &mut Vec<Effect>) {
        self.close(link, OUT_OF_PLACE, reason, effects);
    }
}

impl Seat {
    /// Whether a frame names this session and its link.
    fn is_named_by(&self, envelope: &Envelope<ClientFrame>) -> bool {
        (envelope.session, envelope.epoch) == (self.session.secret, self.session.epoch)
    }
}
