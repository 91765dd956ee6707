//! The queue that frames travel in, in one word: a frame is one byte. It reacts to none.

use std::fmt;
use std::marker::PhantomData;

use crate::action::{AccountId, Credential, Token};
use crate::code::{Code, Reason};
use crate::frame::{DownFrame, Frame, Gap, Meant, Resumption, SigShown, UpFrame};
use crate::records::Label;

/// A frame of one direction, as a queue holds it.
pub trait Coded: Copy + PartialEq + Into<Frame> {
    /// The frame as one byte, never 0, so that a queue is one word.
    fn code(self) -> u8;

    /// The frame of that byte.
    fn from_code(code: u8) -> Self;
}

/// The longest queue that can be held; a scope that needs a longer one is an error of the scope.
pub const CAPACITY: usize = 8;

/// The frames in flight in one direction of a link, oldest first; at most [`CAPACITY`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Queue<F>(u64, PhantomData<F>);

impl<F: Coded> Queue<F> {
    /// Nothing in flight.
    pub const EMPTY: Queue<F> = Queue(0, PhantomData);

    /// How many frames are in flight.
    pub const fn len(self) -> usize {
        (64 - self.0.leading_zeros() as usize).div_ceil(8)
    }

    /// Whether nothing is in flight.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds the newest frame.
    ///
    /// # Panics
    /// If [`CAPACITY`] frames are in flight already.
    pub fn push(&mut self, frame: F) {
        assert!(self.len() < CAPACITY, "no scope keeps more than {CAPACITY} frames in one queue");
        self.0 |= u64::from(frame.code()) << (8 * self.len());
    }

    /// Takes the oldest frame.
    pub fn pop(&mut self) -> Option<F> {
        let oldest = self.first()?;
        self.0 >>= 8;
        Some(oldest)
    }

    /// The oldest frame.
    pub fn first(self) -> Option<F> {
        if self.is_empty() { None } else { Some(F::from_code((self.0 & 0xff) as u8)) }
    }

    /// The frames, oldest first.
    pub fn iter(mut self) -> impl Iterator<Item = F> {
        std::iter::from_fn(move || self.pop())
    }

    /// The same frames, each changed by `change`.
    pub fn map(self, change: impl FnMut(F) -> F) -> Queue<F> {
        let mut changed = Self::EMPTY;
        self.iter().map(change).for_each(|frame| changed.push(frame));
        changed
    }

    /// Takes out the first frame that is equal; whether there was one.
    pub fn remove(&mut self, frame: F) -> bool {
        let Some(place) = self.iter().position(|queued| queued == frame) else { return false };
        let kept = self.iter().enumerate().filter(|(index, _)| *index != place).map(|(_, frame)| frame);
        let mut rest = Self::EMPTY;
        kept.for_each(|frame| rest.push(frame));
        *self = rest;
        true
    }
}

impl<F: Coded> Default for Queue<F> {
    fn default() -> Queue<F> {
        Queue::EMPTY
    }
}

impl<F: Coded + fmt::Debug> fmt::Debug for Queue<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

const ACCOUNTS: u8 = 4;
/// How many messages there can be at once.
pub(crate) const TOKENS: u8 = 2;
const LABELS: u8 = Label::LAST.0 + 1;

const SYNC: u8 = 1;
const LOGOUT: u8 = 2;
const KICK_ACK: u8 = 3;
const SYNC_ANSWER: u8 = 4;
const LOGOUT_ANSWER: u8 = 5;
const ADMITTED: u8 = 6;
const PING: u8 = 7;
const PONG: u8 = 8;
const RESUMED: u8 = 9;
const RESUMED_WITH_GAP: u8 = 10;
const READMITTED: u8 = 11;
const ADMITTED_WITH_GAP: u8 = 12;
const SERVER_PING: u8 = 13;
const CLIENT_PONG: u8 = 14;
const REFUSED: u8 = 15;
const NOTICE: u8 = REFUSED + Code::ALL.len() as u8;
const ENDED: u8 = NOTICE + Reason::ALL.len() as u8;
const TURNED_AWAY: u8 = ENDED + Reason::ALL.len() as u8;
const SEND_ANSWER: u8 = TURNED_AWAY + Code::ALL.len() as u8;
const MESSAGE_ACK: u8 = SEND_ANSWER + TOKENS;
const SEND: u8 = MESSAGE_ACK + TOKENS;
const RESUME: u8 = SEND + TOKENS * ACCOUNTS;
const OWED: u8 = RESUME + ACCOUNTS;
const LOGIN: u8 = OWED + ACCOUNTS * LABELS * SigShown::ALL.len() as u8;
const MESSAGE: u8 = LOGIN + ACCOUNTS * Credential::ALL.len() as u8;

impl Coded for UpFrame {
    fn code(self) -> u8 {
        match self {
            UpFrame::Sync => SYNC,
            UpFrame::Logout { of: Meant::Own } => LOGOUT,
            UpFrame::KickAck => KICK_ACK,
            UpFrame::Ping => PING,
            UpFrame::Pong => CLIENT_PONG,
            UpFrame::MessageAck { token } => MESSAGE_ACK + token.0,
            UpFrame::Send { token, to } => SEND + token.0 * ACCOUNTS + to.0,
            UpFrame::Resume { account } => RESUME + account.0,
            UpFrame::Logout { of: Meant::Owed { account, session, sig } } => {
                OWED + (sig as u8 * LABELS + session.0) * ACCOUNTS + account.0
            }
            UpFrame::Login { account, credential } => LOGIN + credential as u8 * ACCOUNTS + account.0,
        }
    }

    fn from_code(code: u8) -> UpFrame {
        match code {
            SYNC => UpFrame::Sync,
            LOGOUT => UpFrame::Logout { of: Meant::Own },
            KICK_ACK => UpFrame::KickAck,
            PING => UpFrame::Ping,
            CLIENT_PONG => UpFrame::Pong,
            MESSAGE_ACK..SEND => UpFrame::MessageAck { token: Token(code - MESSAGE_ACK) },
            SEND..RESUME => {
                let rest = code - SEND;
                UpFrame::Send { token: Token(rest / ACCOUNTS), to: AccountId(rest % ACCOUNTS) }
            }
            RESUME..OWED => UpFrame::Resume { account: AccountId(code - RESUME) },
            OWED..LOGIN => {
                let rest = code - OWED;
                let (account, session) = (AccountId(rest % ACCOUNTS), Label(rest / ACCOUNTS % LABELS));
                let sig = SigShown::ALL[usize::from(rest / ACCOUNTS / LABELS)];
                UpFrame::Logout { of: Meant::Owed { account, session, sig } }
            }
            LOGIN..MESSAGE => {
                let rest = code - LOGIN;
                let credential = Credential::ALL[usize::from(rest / ACCOUNTS)];
                UpFrame::Login { account: AccountId(rest % ACCOUNTS), credential }
            }
            _ => unreachable!("{code} is no frame to the server"),
        }
    }
}

impl Coded for DownFrame {
    fn code(self) -> u8 {
        match self {
            DownFrame::SyncAnswer => SYNC_ANSWER,
            DownFrame::LogoutAnswer => LOGOUT_ANSWER,
            DownFrame::Pong => PONG,
            DownFrame::Ping => SERVER_PING,
            DownFrame::ResumeAnswer { answer } => answer_code(answer),
            DownFrame::LoginAnswer { refused: None, gap: Gap::None | Gap::Told } => ADMITTED,
            DownFrame::LoginAnswer { refused: None, gap: Gap::Lost } => ADMITTED_WITH_GAP,
            DownFrame::LoginAnswer { refused: Some(code), .. } => REFUSED + code as u8,
            DownFrame::Notice { reason } => NOTICE + reason as u8,
            DownFrame::SendAnswer { token } => SEND_ANSWER + token.0,
            DownFrame::Message { token, from, to } => MESSAGE + (token.0 * ACCOUNTS + from.0) * ACCOUNTS + to.0,
        }
    }

    fn from_code(code: u8) -> DownFrame {
        match code {
            SYNC_ANSWER => DownFrame::SyncAnswer,
            LOGOUT_ANSWER => DownFrame::LogoutAnswer,
            ADMITTED => DownFrame::LoginAnswer { refused: None, gap: Gap::None },
            ADMITTED_WITH_GAP => DownFrame::LoginAnswer { refused: None, gap: Gap::Lost },
            SERVER_PING => DownFrame::Ping,
            PONG => DownFrame::Pong,
            RESUMED => DownFrame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::None } },
            RESUMED_WITH_GAP => DownFrame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::Lost } },
            READMITTED => DownFrame::ResumeAnswer { answer: Resumption::Readmitted },
            REFUSED..NOTICE => DownFrame::LoginAnswer { refused: Some(Code::ALL[usize::from(code - REFUSED)]), gap: Gap::None },
            NOTICE..ENDED => DownFrame::Notice { reason: Reason::ALL[usize::from(code - NOTICE)] },
            ENDED..TURNED_AWAY => DownFrame::ResumeAnswer { answer: Resumption::Ended(Reason::ALL[usize::from(code - ENDED)]) },
            TURNED_AWAY..SEND_ANSWER => {
                DownFrame::ResumeAnswer { answer: Resumption::Refused(Code::ALL[usize::from(code - TURNED_AWAY)]) }
            }
            SEND_ANSWER..MESSAGE_ACK => DownFrame::SendAnswer { token: Token(code - SEND_ANSWER) },
            MESSAGE.. => {
                let rest = code - MESSAGE;
                let (token, from) = (rest / ACCOUNTS / ACCOUNTS, rest / ACCOUNTS % ACCOUNTS);
                DownFrame::Message { token: Token(token), from: AccountId(from), to: AccountId(rest % ACCOUNTS) }
            }
            _ => unreachable!("{code} is no frame to the client"),
        }
    }
}

const fn answer_code(answer: Resumption) -> u8 {
    match answer {
        Resumption::Resumed { gap: Gap::None | Gap::Told } => RESUMED,
        Resumption::Resumed { gap: Gap::Lost } => RESUMED_WITH_GAP,
        Resumption::Readmitted => READMITTED,
        Resumption::Ended(reason) => ENDED + reason as u8,
        Resumption::Refused(code) => TURNED_AWAY + code as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_one_frame() {
        let last = MESSAGE + TOKENS * ACCOUNTS * ACCOUNTS;
        let is_up = |code| matches!(code, SYNC..=KICK_ACK | PING | CLIENT_PONG | MESSAGE_ACK..MESSAGE);
        for code in 1..last {
            let again = if is_up(code) { UpFrame::from_code(code).code() } else { DownFrame::from_code(code).code() };
            assert_eq!(again, code);
        }
    }

    #[test]
    fn a_queue_gives_back_what_was_put_in_in_order() {
        let frames = [UpFrame::Sync, UpFrame::Send { token: Token(1), to: AccountId(2) }, UpFrame::Logout { of: Meant::Own }];
        let mut queue = Queue::EMPTY;
        frames.into_iter().for_each(|frame| queue.push(frame));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.iter().collect::<Vec<_>>(), frames);
        assert!(queue.remove(frames[1]));
        assert!(!queue.remove(frames[1]));
        assert_eq!(queue.iter().collect::<Vec<_>>(), [UpFrame::Sync, UpFrame::Logout { of: Meant::Own }]);
    }
}
