//! What is known, by who knows it: each client's own, the links between, and what the server has of each seat and each account. Plain
//! `Copy` data in fixed arrays; the moves are in [`crate::step`].

pub use crate::debts::{Debt, Debts};

use crate::action::{AccountId, Credential, InstanceId, Setting, Slot, Token};
use crate::frame::{DownFrame, Frame, Gap, Queue, SigShown, UpFrame};
use crate::ledger::Ledger;
use crate::link::{Link, Links};
use crate::lives::{Ailing, Waiting};
use crate::nodes::Notices;
use crate::observation::NetState;
use crate::outbox::Outbox;
use crate::records::{KickRecords, Label, Roster, Session};
use crate::scope::{MAX_ACCOUNTS, Scope};
use crate::seats::Seats;

/// Where an instance stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Logged out.
    #[default]
    Out,
    /// A login runs; its frame is not written yet.
    Opening {
        /// Whose login.
        account: AccountId,
        /// With what UserSig.
        credential: Credential,
    },
    /// A login runs; its frame is written.
    Waiting {
        /// Whose login.
        account: AccountId,
    },
    /// The login resolved; the first sync runs.
    Online {
        /// As whom.
        account: AccountId,
    },
    /// The first sync is done.
    Ready {
        /// As whom.
        account: AccountId,
    },
    /// A logout runs.
    Leaving,
    /// A destroy runs.
    Destroying,
    /// Destroyed; a fresh instance may take its place.
    Destroyed,
    /// Its page is closed; a fresh instance may take its place.
    Closed,
}

/// How a logged-in instance stands to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Its link is up; so it is taken to be of every instance that is not logged in.
    #[default]
    Up,
    /// It has none and waits for its backoff timer.
    Down,
    /// It has asked for one.
    Asking,
    /// It has one, and waits for the answer to its resume.
    Resuming,
}

/// What only an instance with a rule taken out remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Residue {
    /// Nothing: every rule holds.
    #[default]
    Nothing,
    /// That it belonged to an account (without LOGIN-10).
    Account(AccountId),
    /// That its listeners are gone (without LOGOUT-7).
    Deaf,
}

/// One seat: its client, its links, and what the server knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instance {
    /// What the client knows.
    pub client: Client,
    /// What is between both.
    pub links: Links,
    /// What the server knows.
    pub record: SeatRecord,
}

/// What the client of a seat knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Client {
    /// Where it stands.
    pub phase: Phase,
    /// Calls of `logout` that run.
    pub logouts: u8,
    /// Calls of `destroy` that run.
    pub destroys: u8,
    /// Sends that run, in the order of their calls, as the frames they wrote.
    pub sends: Queue<UpFrame>,
    /// Messages that came before ready, oldest first.
    pub kept: Queue<DownFrame>,
    /// The session of the login or logout that runs, or the one that it is logged in with.
    pub session: Label,
    /// Whose session a logout that runs would owe.
    pub leaves: AccountId,
    /// How it stands to the server while logged in.
    pub reach: Reach,
    /// The state of the link that it published last, or took silently at its login.
    pub net: NetState,
    /// The logouts that it owes.
    pub debts: Debts,
    /// The age of the good UserSig of a login that is not written yet or of the present one.
    pub sig: SigAge,
    /// The application's: a message whose outcome it does not know, to be sent again (MSG-3).
    pub unknown: Queue<UpFrame>,
    /// What the answer to its login said of messages that were lost, until it is published behind `SDK_READY` (LOGIN-9).
    pub tells: Gap,
    /// What the login showed that runs, or whose logout runs.
    pub shown: SigShown,
    /// Where two instances share a key: the number of its last link, a rank as [`Link::rank`](crate::link::Link::rank); else 0.
    pub last: u8,
    /// Left over where a rule is out.
    pub residue: Residue,
}

/// What the server knows of a seat besides who is online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatRecord {
    /// Messages of the instance that it accepted from each account and that may come again, one bit a token.
    pub accepted: [u8; MAX_ACCOUNTS],
    /// What it owes to the sessions of the seat's key, one list an account.
    pub ledgers: [Ledger; MAX_ACCOUNTS],
    /// Which of the sessions on record have their link down because their page went (LINK-6), one bit a session.
    pub going: u8,
    /// Which nodes have those whose links are down, where nodes fail (NODE-3).
    pub waiting: Waiting,
}

/// When a good UserSig was issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigAge {
    /// After the account's last REST kick.
    #[default]
    Fresh,
    /// At its second or before (REST-1).
    Revoked,
    /// So long ago that it is expired.
    Expired,
}

impl Instance {
    /// The messages that it or one of its links holds, one bit a token.
    pub(crate) fn tokens(&self) -> u8 {
        let on_links = self.links.each().into_iter().flat_map(Link::frames);
        let written = [self.client.sends, self.client.unknown].into_iter().flat_map(Queue::iter).map(Frame::Up);
        let owed = self.record.ledgers.iter().map(|ledger| ledger.messages);
        let received = owed.chain([self.client.kept]).flat_map(Queue::iter).map(Frame::Down);
        on_links.chain(written).chain(received).filter_map(token_of).fold(0, |used, token| used | 1 << token.0)
    }

    /// Whether it has a frame or a call in flight.
    pub fn is_busy(&self) -> bool {
        let calls = match self.client.phase {
            Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Leaving | Phase::Destroying => true,
            Phase::Out | Phase::Online { .. } | Phase::Ready { .. } | Phase::Destroyed | Phase::Closed => false,
        };
        calls || self.links.each().iter().any(|link| !link.up.is_empty() || !link.down.is_empty())
    }
}

impl Client {
    /// As whom it is logged in: from the resolved login to logout, kick or destroy.
    pub fn login_user(&self) -> Option<AccountId> {
        if let Phase::Online { account } | Phase::Ready { account } = self.phase { Some(account) } else { None }
    }

    /// Whether it is over, destroyed or its page closed: only a fresh instance comes after it.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Destroyed | Phase::Closed)
    }

    /// Whether it asks for a link, for a login or a resume.
    pub fn asks_for_a_link(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. }) || self.reach == Reach::Asking
    }

    /// Whether it accepts messages: ready, and its link usable (LOGIN-3).
    pub fn accepts_sends(&self) -> bool {
        self.is_ready() && !self.is_cut_off()
    }

    /// Whether it is ready, its link up or not (LOGIN-2).
    pub fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready { .. })
    }

    /// Whether its link cannot be used: not resumed yet, or none.
    pub fn is_cut_off(&self) -> bool {
        self.reach != Reach::Up
    }
}

impl SeatRecord {
    /// Whether a message of the instance, as that account, is known as one that was accepted (MSG-3).
    pub fn has_sent(&self, account: AccountId, token: Token) -> bool {
        self.accepted[usize::from(account.0)] & 1 << token.0 != 0
    }
}

/// What the server has on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    /// Who is online, by account.
    pub rosters: [Roster; MAX_ACCOUNTS],
    /// Which kicks are on record, by account.
    pub records: [KickRecords; MAX_ACCOUNTS],
    /// Callbacks that wait, by account.
    pub outboxes: [Outbox; MAX_ACCOUNTS],
    /// Where two instances share a key: the highest epoch on record for it, a rank as [`Link::rank`]; else 0.
    pub highest: u8,
    /// The limits in force.
    pub in_force: Setting,
    /// The limits that will be, if they were changed (CONF-1).
    pub pending: Option<Setting>,
    /// The notices under way between nodes, by account.
    pub notices: [Notices; MAX_ACCOUNTS],
    /// The node that does not fare well (NODE-3).
    pub ailing: Option<Ailing>,
}

impl Server {
    /// The account's roster.
    pub fn roster(&self, account: AccountId) -> Roster {
        self.rosters[usize::from(account.0)]
    }

    /// The account's kick records.
    pub fn kick_records(&self, account: AccountId) -> KickRecords {
        self.records[usize::from(account.0)]
    }

    /// The account's callbacks that wait.
    pub fn outbox(&self, account: AccountId) -> Outbox {
        self.outboxes[usize::from(account.0)]
    }

    /// The notices under way of commits to the account's record.
    pub fn notices(&self, account: AccountId) -> Notices {
        self.notices[usize::from(account.0)]
    }

    /// Whether every callback was taken.
    pub fn is_posted(&self) -> bool {
        self.outboxes.iter().all(|outbox| outbox.is_empty())
    }
}

/// All that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The seats.
    pub instances: Seats<Instance>,
    /// The server's records.
    pub server: Server,
}

impl State {
    /// Where everything begins: nobody is there, nothing is on record.
    pub fn initial(scope: &Scope) -> State {
        State { instances: Seats::of(scope), server: Server::default() }
    }

    /// The seat's instance.
    pub fn instance(&self, instance: InstanceId) -> &Instance {
        &self.instances[usize::from(instance.0)]
    }

    /// The account's roster.
    pub fn roster(&self, account: AccountId) -> Roster {
        self.server.roster(account)
    }

    /// The account's kick records.
    pub fn kick_records(&self, account: AccountId) -> KickRecords {
        self.server.kick_records(account)
    }

    /// The account's callbacks that wait.
    pub fn outbox(&self, account: AccountId) -> Outbox {
        self.server.outbox(account)
    }

    /// How many sessions on record have their link down because their page went (LINK-6).
    pub fn going(&self) -> usize {
        self.instances.iter().map(|seat| seat.record.going.count_ones() as usize).sum()
    }

    /// Whether every callback was taken.
    pub fn is_posted(&self) -> bool {
        self.server.is_posted()
    }

    /// Which link of its seat a session is online on; `None` if its link is down.
    pub fn slot_of(&self, account: AccountId, session: Session) -> Option<Slot> {
        self.instance(session.seat).links.slot_of(account, session)
    }

    /// The lowest of `tokens` messages that is found nowhere.
    pub fn free_token(&self, tokens: u8) -> Option<Token> {
        free_token(&self.instances, tokens)
    }
}

/// The lowest of `tokens` messages that none of the seats holds.
pub(crate) fn free_token(seats: &[Instance], tokens: u8) -> Option<Token> {
    let used = seats.iter().fold(0, |used, instance| used | instance.tokens());
    (0..tokens).map(Token).find(|token| used & 1 << token.0 == 0)
}

/// The message that a frame carries or speaks of.
fn token_of(frame: Frame) -> Option<Token> {
    match frame {
        Frame::Up(UpFrame::Send { token, .. } | UpFrame::MessageAck { token })
        | Frame::Down(DownFrame::SendAnswer { token } | DownFrame::Message { token, .. }) => Some(token),
        Frame::Up(_) | Frame::Down(_) => None,
    }
}
