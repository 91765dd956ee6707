//! What travels on a link, and the queue it travels in. Frames are plain values; nothing here reacts to them.

use std::fmt;

use strum::{EnumCount, VariantArray};

use crate::action::{AccountId, Credential, Token};
use crate::code::{Code, Reason};
use crate::records::Label;
use crate::variants::every;

/// Which session a logout frame means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meant {
    /// The one of the login that went before it on its link.
    Own,
    /// An earlier one, which the instance still owes a logout (LOGOUT-4).
    Owed {
        /// Whose.
        account: AccountId,
        /// Which.
        session: Label,
        /// Whether the UserSig that it logged in with is rightly signed.
        sig: SigShown,
    },
}

/// Whether the UserSig of a login is rightly signed for its account, expired or revoked or not (LOGOUT-4). `as u8` is its place in
/// `SigShown::ALL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum SigShown {
    /// It is.
    #[default]
    Right,
    /// It is not.
    Wrong,
}

impl SigShown {
    const ALL: [SigShown; SigShown::COUNT] = every();

    /// What a login shows.
    pub const fn of(credential: Credential) -> SigShown {
        match credential {
            Credential::Good | Credential::Expired | Credential::Revoked => SigShown::Right,
            Credential::BadUserId
            | Credential::Empty
            | Credential::Malformed
            | Credential::OtherApp
            | Credential::OtherIdentifier
            | Credential::WrongSignature => SigShown::Wrong,
        }
    }
}

/// Whether messages of a session were lost (MSG-2, LINK-5, LOGIN-9). What an answer says is none or lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gap {
    /// None.
    #[default]
    None,
    /// Some may have been, and its instance was not told.
    Lost,
    /// Some may have been; its instance was told, which the server does not know yet.
    Told,
}

/// What a resume is answered with, a notice aside (LINK-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resumption {
    /// The session goes on.
    Resumed {
        /// Whether messages may be missing.
        gap: Gap,
    },
    /// It was dropped without a kick, and is admitted anew.
    Readmitted,
    /// It was dropped without a kick, and stays so.
    Ended(Reason),
}

/// A message in flight between a client and the server (LINK-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Frame {
    /// To the server: asks for a session.
    Login {
        /// Whose.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// To the server: asks for the first sync.
    Sync,
    /// To the server: asks for the session of a lost link.
    Resume {
        /// Whose.
        account: AccountId,
    },
    /// To the server: ends a session.
    Logout {
        /// Which.
        of: Meant,
    },
    /// To the server: sends a message.
    Send {
        /// Which.
        token: Token,
        /// To whom.
        to: AccountId,
    },
    /// To the server: a message arrived.
    MessageAck {
        /// Which.
        token: Token,
    },
    /// To the server: the notice arrived.
    KickAck,
    /// To the server: the link is alive.
    Ping,
    /// To the server: so it is, as it asked.
    ClientPong,
    /// To the client: the login is admitted, or refused with a code.
    LoginAnswer {
        /// The code, if refused.
        refused: Option<Code>,
        /// Whether messages of the key's earlier session may be missing; none if refused (LOGIN-9).
        gap: Gap,
    },
    /// To the client: what became of the session.
    ResumeAnswer {
        /// Just that.
        answer: Resumption,
    },
    /// To the client: the first sync.
    SyncAnswer,
    /// To the client: the session is ended.
    LogoutAnswer,
    /// To the client: the message is accepted.
    SendAnswer {
        /// Which.
        token: Token,
    },
    /// To the client: a message.
    Message {
        /// Which.
        token: Token,
        /// Who sent it.
        from: AccountId,
        /// To whom.
        to: AccountId,
    },
    /// To the client: the session was kicked.
    Notice {
        /// Why.
        reason: Reason,
    },
    /// To the client: so it is.
    Pong,
    /// To the client: whether the link is alive.
    ServerPing,
}

/// The frames in flight in one direction of a link, oldest first; at most [`Queue::CAPACITY`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Queue(u64);

impl Queue {
    /// The longest queue that can be held; a scope that needs a longer one is an error of the scope.
    pub const CAPACITY: usize = 8;

    /// Nothing in flight.
    pub const EMPTY: Queue = Queue(0);

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
    /// If [`Queue::CAPACITY`] frames are in flight already.
    pub fn push(&mut self, frame: Frame) {
        assert!(self.len() < Queue::CAPACITY, "no scope keeps more than {} frames in one queue", Queue::CAPACITY);
        self.0 |= u64::from(frame.code()) << (8 * self.len());
    }

    /// Takes the oldest frame.
    pub fn pop(&mut self) -> Option<Frame> {
        let oldest = self.first()?;
        self.0 >>= 8;
        Some(oldest)
    }

    /// The oldest frame.
    pub fn first(self) -> Option<Frame> {
        if self.is_empty() { None } else { Some(Frame::from_code((self.0 & 0xff) as u8)) }
    }

    /// The frames, oldest first.
    pub fn iter(mut self) -> impl Iterator<Item = Frame> {
        std::iter::from_fn(move || self.pop())
    }

    /// The same frames, each changed by `change`.
    pub fn map(self, change: impl FnMut(Frame) -> Frame) -> Queue {
        let mut changed = Queue::EMPTY;
        self.iter().map(change).for_each(|frame| changed.push(frame));
        changed
    }

    /// Takes out the first frame that is equal; whether there was one.
    pub fn remove(&mut self, frame: Frame) -> bool {
        let Some(place) = self.iter().position(|queued| queued == frame) else { return false };
        let kept = self.iter().enumerate().filter(|(index, _)| *index != place).map(|(_, frame)| frame);
        let mut rest = Queue::EMPTY;
        kept.for_each(|frame| rest.push(frame));
        *self = rest;
        true
    }
}

impl fmt::Debug for Queue {
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
const SEND_ANSWER: u8 = ENDED + Reason::ALL.len() as u8;
const MESSAGE_ACK: u8 = SEND_ANSWER + TOKENS;
const SEND: u8 = MESSAGE_ACK + TOKENS;
const RESUME: u8 = SEND + TOKENS * ACCOUNTS;
const OWED: u8 = RESUME + ACCOUNTS;
const LOGIN: u8 = OWED + ACCOUNTS * LABELS * SigShown::ALL.len() as u8;
const MESSAGE: u8 = LOGIN + ACCOUNTS * Credential::ALL.len() as u8;

impl Frame {
    /// The frame as one byte, never 0, so that a queue is one word.
    fn code(self) -> u8 {
        match self {
            Frame::Sync => SYNC,
            Frame::Logout { of: Meant::Own } => LOGOUT,
            Frame::KickAck => KICK_ACK,
            Frame::SyncAnswer => SYNC_ANSWER,
            Frame::LogoutAnswer => LOGOUT_ANSWER,
            Frame::Ping => PING,
            Frame::Pong => PONG,
            Frame::ResumeAnswer { answer } => answer_code(answer),
            Frame::ServerPing => SERVER_PING,
            Frame::ClientPong => CLIENT_PONG,
            Frame::LoginAnswer { refused: None, gap: Gap::None | Gap::Told } => ADMITTED,
            Frame::LoginAnswer { refused: None, gap: Gap::Lost } => ADMITTED_WITH_GAP,
            Frame::LoginAnswer { refused: Some(code), .. } => REFUSED + code as u8,
            Frame::Notice { reason } => NOTICE + reason as u8,
            Frame::SendAnswer { token } => SEND_ANSWER + token.0,
            Frame::MessageAck { token } => MESSAGE_ACK + token.0,
            Frame::Send { token, to } => SEND + token.0 * ACCOUNTS + to.0,
            Frame::Resume { account } => RESUME + account.0,
            Frame::Logout { of: Meant::Owed { account, session, sig } } => {
                OWED + (sig as u8 * LABELS + session.0) * ACCOUNTS + account.0
            }
            Frame::Login { account, credential } => LOGIN + credential as u8 * ACCOUNTS + account.0,
            Frame::Message { token, from, to } => MESSAGE + (token.0 * ACCOUNTS + from.0) * ACCOUNTS + to.0,
        }
    }

    fn from_code(code: u8) -> Frame {
        match code {
            SYNC => Frame::Sync,
            LOGOUT => Frame::Logout { of: Meant::Own },
            KICK_ACK => Frame::KickAck,
            SYNC_ANSWER => Frame::SyncAnswer,
            LOGOUT_ANSWER => Frame::LogoutAnswer,
            ADMITTED => Frame::LoginAnswer { refused: None, gap: Gap::None },
            ADMITTED_WITH_GAP => Frame::LoginAnswer { refused: None, gap: Gap::Lost },
            SERVER_PING => Frame::ServerPing,
            CLIENT_PONG => Frame::ClientPong,
            PING => Frame::Ping,
            PONG => Frame::Pong,
            RESUMED => Frame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::None } },
            RESUMED_WITH_GAP => Frame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::Lost } },
            READMITTED => Frame::ResumeAnswer { answer: Resumption::Readmitted },
            REFUSED..NOTICE => Frame::LoginAnswer { refused: Some(Code::ALL[usize::from(code - REFUSED)]), gap: Gap::None },
            NOTICE..ENDED => Frame::Notice { reason: Reason::ALL[usize::from(code - NOTICE)] },
            ENDED..SEND_ANSWER => Frame::ResumeAnswer { answer: Resumption::Ended(Reason::ALL[usize::from(code - ENDED)]) },
            SEND_ANSWER..MESSAGE_ACK => Frame::SendAnswer { token: Token(code - SEND_ANSWER) },
            MESSAGE_ACK..SEND => Frame::MessageAck { token: Token(code - MESSAGE_ACK) },
            SEND..RESUME => {
                let rest = code - SEND;
                Frame::Send { token: Token(rest / ACCOUNTS), to: AccountId(rest % ACCOUNTS) }
            }
            RESUME..OWED => Frame::Resume { account: AccountId(code - RESUME) },
            OWED..LOGIN => {
                let rest = code - OWED;
                let (account, session) = (AccountId(rest % ACCOUNTS), Label(rest / ACCOUNTS % LABELS));
                let sig = SigShown::ALL[usize::from(rest / ACCOUNTS / LABELS)];
                Frame::Logout { of: Meant::Owed { account, session, sig } }
            }
            LOGIN..MESSAGE => {
                let rest = code - LOGIN;
                let credential = Credential::ALL[usize::from(rest / ACCOUNTS)];
                Frame::Login { account: AccountId(rest % ACCOUNTS), credential }
            }
            MESSAGE.. | 0 => {
                let rest = code - MESSAGE;
                let (token, from) = (rest / ACCOUNTS / ACCOUNTS, rest / ACCOUNTS % ACCOUNTS);
                Frame::Message { token: Token(token), from: AccountId(from), to: AccountId(rest % ACCOUNTS) }
            }
        }
    }
}

const fn answer_code(answer: Resumption) -> u8 {
    match answer {
        Resumption::Resumed { gap: Gap::None | Gap::Told } => RESUMED,
        Resumption::Resumed { gap: Gap::Lost } => RESUMED_WITH_GAP,
        Resumption::Readmitted => READMITTED,
        Resumption::Ended(reason) => ENDED + reason as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_one_frame() {
        let last = MESSAGE + TOKENS * ACCOUNTS * ACCOUNTS;
        for code in 1..last {
            assert_eq!(Frame::from_code(code).code(), code);
        }
    }

    #[test]
    fn a_queue_gives_back_what_was_put_in_in_order() {
        let frames = [Frame::Sync, Frame::Send { token: Token(1), to: AccountId(2) }, Frame::Logout { of: Meant::Own }];
        let mut queue = Queue::EMPTY;
        frames.into_iter().for_each(|frame| queue.push(frame));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.iter().collect::<Vec<_>>(), frames);
        assert!(queue.remove(frames[1]));
        assert!(!queue.remove(frames[1]));
        assert_eq!(queue.iter().collect::<Vec<_>>(), [Frame::Sync, Frame::Logout { of: Meant::Own }]);
    }
}
