//! What each frame of the server means in each phase. A frame of another link or session means nothing, nor does an answer that
//! nobody asked for.

use super::messages::Message;
use super::phase::{Continuity, LinkState, Phase};
use super::{Effect, FirstSync, Machine, Timer};
use crate::protocol::{Envelope, FrameError, MAX_SEQ, ServerFrame};
use crate::session::{Epoch, Secret};

impl Machine {
    pub(super) fn frame(&mut self, epoch: Epoch, envelope: Envelope<ServerFrame>, effects: &mut Vec<Effect>) {
        let Envelope { v: _, session, epoch: named, frame } = envelope;
        if epoch != self.epoch || named != epoch {
            return;
        }
        self.hear_heartbeat(effects);
        if self.is_repaid(session, &frame) || self.phase.heard_session() != Some(session) {
            return;
        }
        match &self.phase {
            Phase::LoggingIn(_) => self.frame_while_logging_in(frame, effects),
            Phase::LoggedIn(online) if online.link == LinkState::Up => self.frame_while_logged_in(frame, effects),
            Phase::LoggedIn(_) => self.frame_while_resuming(frame, effects),
            Phase::LoggingOut { .. } => self.frame_while_logging_out(session, frame, effects),
            Phase::LoggedOut | Phase::Destroyed => {}
        }
    }

    /// Something that is no frame ends the link, which then counts as lost.
    pub(super) fn bad_frame(&mut self, epoch: Epoch, error: &FrameError, effects: &mut Vec<Effect>) {
        if epoch == self.epoch && self.phase.heard_session().is_some() {
            effects.push(Effect::Close { epoch, code: error.close_code() });
            self.link_down(epoch, None, effects);
        }
    }

    fn frame_while_logging_in(&mut self, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::LoginAnswer { refused, gap } => {
                effects.push(Effect::Disarm { timer: Timer::Login });
                match (refused, gap) {
                    (None, false) => self.admitted(Continuity::Whole, effects),
                    (None, true) => self.admitted(Continuity::Gap, effects),
                    (Some(why), _) => self.refused(why, effects),
                }
            }
            ServerFrame::ResumeAnswer { .. }
            | ServerFrame::LogoutAnswer
            | ServerFrame::SyncAnswer { .. }
            | ServerFrame::SendAnswer { .. }
            | ServerFrame::Message { .. }
            | ServerFrame::Notice { .. }
            | ServerFrame::Pong
            | ServerFrame::Ping => {}
        }
    }

    fn frame_while_logged_in(&mut self, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::SyncAnswer { online, server_time_ms } => {
                self.synced(FirstSync { online, server_time_ms }, effects);
            }
            ServerFrame::SendAnswer { id, refused } => self.send_answered(id, refused, effects),
            ServerFrame::Message { seq, .. } if seq > MAX_SEQ => {
                let error = FrameError::BadField("no session has so many messages".to_owned());
                self.bad_frame(self.epoch, &error, effects);
            }
            ServerFrame::Message { seq, id, from, to, text } => {
                self.message(seq, Message { from, to, id, text }, effects);
            }
            ServerFrame::Notice { reason } => self.kicked(reason, effects),
            ServerFrame::Ping => self.answer_ping(effects),
            ServerFrame::LoginAnswer { .. } | ServerFrame::ResumeAnswer { .. } | ServerFrame::LogoutAnswer | ServerFrame::Pong => {}
        }
    }

    /// LINK-5: one answer, which may be the notice of a kick.
    fn frame_while_resuming(&mut self, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::ResumeAnswer { outcome } => self.resume_answered(outcome, effects),
            ServerFrame::Notice { reason } => self.kicked(reason, effects),
            ServerFrame::LoginAnswer { .. }
            | ServerFrame::LogoutAnswer
            | ServerFrame::SyncAnswer { .. }
            | ServerFrame::SendAnswer { .. }
            | ServerFrame::Message { .. }
            | ServerFrame::Pong
            | ServerFrame::Ping => {}
        }
    }

    /// LOGOUT-1: it neither sends nor receives any more; it waits for the end only. A refusal of the login that it gave up is an
    /// end too (LOGOUT-3).
    fn frame_while_logging_out(&mut self, session: Secret, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::LogoutAnswer | ServerFrame::LoginAnswer { refused: Some(_), gap: _ } => self.server_let_go(effects),
            ServerFrame::Notice { reason: _ } => self.kicked_while_leaving(session, effects),
            ServerFrame::LoginAnswer { refused: None, gap: _ }
            | ServerFrame::ResumeAnswer { .. }
            | ServerFrame::SyncAnswer { .. }
            | ServerFrame::SendAnswer { .. }
            | ServerFrame::Message { .. }
            | ServerFrame::Pong
            | ServerFrame::Ping => {}
        }
    }
}
