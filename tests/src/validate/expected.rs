//! What an instance or the node does, in the model's words: what a step of the model has it do, what a line says that it did, and where
//! the two first differ. It decides for no rule.

use std::collections::BTreeSet;
use std::fmt;

use model::action::{AccountId, InstanceId, Slot};
use model::frame::{DownFrame, Frame, Gap, Meant, UpFrame};
use model::observation::{Close, Code, End, Event, Item, Outcome, Reason};
use model::scope::Platform;
use model::step::Step;
use serde::Serialize;
use sut::admission::Change;
use sut::client::machine::CallId;
use sut::journal::{ClientEvent, ClientLine, ServerEvent, ServerLine};
use sut::protocol::{ClientFrameKind, ServerFrame};
use sut::session::{KeyDigest, SessionDigest};

use super::book::Calls;
use super::finding::{Law, Place, show};
use super::history::{ClientTurn, ServerTurn};
use super::run::{Run, Stop};
use crate::translation::{self, Names};
use crate::{cast, naming, wire};

/// Something done. Calls, sessions and instances are called as the journal calls them, since the model keeps none of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Settled(CallId, Outcome),
    Published(Event),
    Ended,
    Asked { frame: ClientFrameKind, session: SessionDigest, account: Option<AccountId> },
    Answered { frame: DownFrame, session: SessionDigest, online: Vec<Platform> },
    Closed(Close),
    Committed(Commit),
}

/// A session on record: whose, and which.
pub(super) type Holder = (KeyDigest, SessionDigest);

/// What a commit does to a session, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Admitted,
    Resumed,
    Kicked(Reason),
    Dropped,
}

/// What a commit does to the sessions of its account.
pub(super) type Commit = Vec<(Fate, Holder)>;

/// What a line says was done, or why the model has no word for it.
type Read = Result<Deed, String>;

impl Deed {
    /// Whether it is told to the application, and not written to a link.
    const fn is_told(&self) -> bool {
        matches!(self, Deed::Settled(..) | Deed::Published(_) | Deed::Ended)
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Settled(CallId(id), how) => write!(f, "call {id} answered: {}", naming::outcome(*how)),
            Deed::Published(event) => write!(f, "{} published", naming::event(*event)),
            Deed::Ended => f.write_str("the end of its events"),
            Deed::Asked { frame, session, .. } => write!(f, "{frame:?} written, of session {}", session.fingerprint()),
            Deed::Answered { frame, session, online } => {
                write!(f, "{} written, of session {}", naming::frame(Frame::Down(*frame)), session.fingerprint())?;
                if online.is_empty() { Ok(()) } else { write!(f, ", with {online:?} online") }
            }
            Deed::Closed(close) => write!(f, "the link closed: {close:?}"),
            Deed::Committed(commit) => {
                f.write_str("a commit")?;
                commit.iter().try_for_each(|(fate, (instance, session))| {
                    write!(f, ", {fate:?} session {} of {instance}", session.fingerprint())
                })
            }
        }
    }
}

fn commit(change: &Change) -> Commit {
    let Change { at: _, occasion: _, admitted, resumed, kicked, dropped } = change;
    let kicked = kicked.iter().map(|victim| (Fate::Kicked(translation::reason(victim.reason)), &victim.session));
    let fates = admitted.iter().map(|session| (Fate::Admitted, session));
    let fates = fates.chain(resumed.iter().map(|session| (Fate::Resumed, session))).chain(kicked);
    let fates = fates.chain(dropped.iter().map(|session| (Fate::Dropped, session)));
    fates.map(|(fate, session)| (fate, (session.key, session.digest))).collect()
}

/// The first place where a turn is not as it should be.
pub(super) struct Difference {
    place: Place,
    pub(super) expected: Option<Deed>,
    pub(super) seen: Option<Deed>,
    /// What the line says, if there is one.
    line: Option<String>,
}

impl Difference {
    /// Whether something is missing, and nothing stands in its place.
    pub(super) const fn is_a_gap(&self) -> bool {
        self.line.is_none()
    }

    pub(super) fn allowed(&self) -> String {
        self.expected.as_ref().map_or_else(|| "nothing more of what happened before".to_owned(), Deed::to_string)
    }

    pub(super) fn stops(&self, law: Law) -> Stop {
        let seen = self.line.as_deref().unwrap_or("the next line, without what is missing before it");
        Stop::at(self.place, seen, self.allowed(), law)
    }
}

/// Both answers to a second login have one number, which is all that is told of them.
const fn numbered(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Refused(Code::OtherAccount) => Outcome::Refused(Code::LoginRuns),
        outcome => outcome,
    }
}

impl Run<'_> {
    /// What an instance does in a step, and the calls that run afterwards.
    pub(super) fn demanded(&self, instance: usize, turn: &ClientTurn, made: &Step) -> (Vec<Deed>, Calls) {
        let book = &self.clients[instance];
        let (mut deeds, mut calls, mut debts) = (Vec::new(), book.calls.clone(), book.debts.iter());
        if let ClientEvent::Call { id, call, .. } = &turn.line.event {
            calls.begin(*call, *id);
        }
        let login = turn.deeds.iter().find_map(|(_, deed)| login_session(&deed.event));
        let own = book.seat.map(|seat| made.next.instance(seat).client.leaves);
        let mut wrote = |frame: UpFrame| {
            let is_owed = matches!(frame, UpFrame::Logout { of: Meant::Owed { .. } });
            let session = if is_owed { debts.next().copied() } else { login.or(book.session) };
            session.map(|session| Deed::Asked { frame: kind(frame), session, account: account_named(frame, own) })
        };
        for item in &made.items {
            deeds.extend(match *item {
                Item::Settled { call, asked, outcome, .. } => Some(Deed::Settled(calls.end(call, asked), numbered(outcome))),
                Item::Published { event, .. } => Some(Deed::Published(event)),
                Item::StreamEnded { .. } => Some(Deed::Ended),
                Item::Written { frame: Frame::Up(frame), .. } => wrote(frame),
                // LINK-6: that close is the browser's, and no deed of the instance.
                Item::Closed { end: End::Client, close, .. } if close != Close::PageClosed => Some(Deed::Closed(close)),
                Item::Written { frame: Frame::Down(_), .. } | Item::Closed { .. } | Item::Callback { .. } => None,
            });
        }
        // A page that closes tells nobody anything; its stream ends all the same.
        if matches!(turn.line.event, ClientEvent::PageClosed) && !deeds.iter().any(Deed::is_told) {
            deeds.push(Deed::Ended);
        }
        (deeds, calls)
    }

    /// What an instance did.
    fn client_deed(&self, line: &ClientLine) -> Read {
        match &line.event {
            ClientEvent::Settled { id, outcome } => Ok(Deed::Settled(*id, numbered(translation::outcome(outcome)?))),
            ClientEvent::Published { event } => translation::event(&Names::default(), event).map(Deed::Published),
            ClientEvent::Ended => Ok(Deed::Ended),
            ClientEvent::Wrote { frame, session, account } => {
                let account = account.as_ref().map(|account| self.account(account));
                Ok(Deed::Asked { frame: *frame, session: *session, account })
            }
            ClientEvent::Closed { code } => closed(*code),
            _ => Err("nothing that is done".to_owned()),
        }
    }

    /// Where an instance does not do what it should, its answers and events in one order, its frames and closes in another; a line that is
    /// missing is noticed at the next turn.
    pub(super) fn client_difference(&self, turn: &ClientTurn, demanded: &[Deed]) -> Option<Difference> {
        let is_told = |line: &ClientLine| {
            matches!(line.event, ClientEvent::Settled { .. } | ClientEvent::Published { .. } | ClientEvent::Ended)
        };
        let differs = |told: bool| {
            let demanded: Vec<_> = demanded.iter().filter(|deed| deed.is_told() == told).collect();
            let seen = turn.deeds.iter().filter(|(_, deed)| is_told(deed) == told).map(|(place, deed)| (*place, deed));
            difference(&demanded, seen, |line| self.client_deed(line), turn.next.unwrap_or(turn.place))
        };
        [true, false].into_iter().filter_map(differs).min_by_key(|difference| difference.place)
    }
}

/// Whose session a frame names; a logout of its link's own that which its instance leaves.
fn account_named(frame: UpFrame, own: Option<AccountId>) -> Option<AccountId> {
    match frame {
        UpFrame::Login { account, .. } | UpFrame::Resume { account } | UpFrame::Logout { of: Meant::Owed { account, .. } } => {
            Some(account)
        }
        UpFrame::Logout { of: Meant::Own } => own,
        _ => None,
    }
}

/// The session that a login which is written names.
pub(super) fn login_session(deed: &ClientEvent) -> Option<SessionDigest> {
    if let ClientEvent::Wrote { frame: ClientFrameKind::Login, session, .. } = deed { Some(*session) } else { None }
}

const fn kind(frame: UpFrame) -> ClientFrameKind {
    match frame {
        UpFrame::Login { .. } => ClientFrameKind::Login,
        UpFrame::Sync => ClientFrameKind::Sync,
        UpFrame::Resume { .. } => ClientFrameKind::Resume,
        UpFrame::Logout { .. } => ClientFrameKind::Logout,
        UpFrame::Send { .. } => ClientFrameKind::Send,
        UpFrame::MessageAck { .. } => ClientFrameKind::MessageAck,
        UpFrame::KickAck => ClientFrameKind::KickAck,
        UpFrame::Ping => ClientFrameKind::Ping,
        UpFrame::Pong => ClientFrameKind::Pong,
    }
}

fn closed(code: u16) -> Read {
    wire::close(code).map(Deed::Closed).ok_or_else(|| format!("no close has the code {code}"))
}

/// Where what is seen is not what is expected. `read` says what a line means.
fn difference<'a, L: Serialize + 'a>(
    expected: &[&Deed],
    seen: impl Iterator<Item = (Place, &'a L)>,
    read: impl Fn(&L) -> Read,
    next: Place,
) -> Option<Difference> {
    let mut expected = expected.iter().map(|deed| (*deed).clone());
    for (place, line) in seen {
        let (expected, read) = (expected.next(), read(line));
        if expected.as_ref().map(Ok) != Some(read.as_ref()) {
            let why = read.as_ref().err().map(|why| format!(": {why}")).unwrap_or_default();
            return Some(Difference { place, expected, seen: read.ok(), line: Some(show(line) + &why) });
        }
    }
    expected.next().map(|deed| Difference { place: next, expected: Some(deed), seen: None, line: None })
}

/// On what the node does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Object {
    Link(InstanceId, Slot),
    /// The record of its turn's account.
    Record,
    /// A link that the model does not know.
    Unknown,
}

/// What the node does, on each object in its order.
pub(super) type Done = Vec<(Object, Deed)>;

/// What the node did.
fn server_deed(line: &ServerLine) -> Read {
    match &line.event {
        ServerEvent::Commit(change) => Ok(Deed::Committed(commit(change))),
        ServerEvent::Wrote { frame, session } => {
            let platforms = |online: &Vec<_>| online.iter().map(|platform| cast::platform_seen(*platform)).collect();
            let online = if let ServerFrame::SyncAnswer { online, .. } = frame { platforms(online) } else { Vec::new() };
            Ok(Deed::Answered { frame: answer(frame)?, session: *session, online })
        }
        ServerEvent::Closed { code } => closed(*code),
        _ => Err("nothing that is done".to_owned()),
    }
}

/// A frame of the node.
fn answer(frame: &ServerFrame) -> Result<DownFrame, String> {
    Ok(match frame {
        ServerFrame::LoginAnswer { refused, gap } => {
            let refused = refused.as_ref().map(translation::code).transpose()?;
            DownFrame::LoginAnswer { refused, gap: if *gap { Gap::Lost } else { Gap::None } }
        }
        ServerFrame::ResumeAnswer { outcome } => DownFrame::ResumeAnswer { answer: wire::resumption(outcome)? },
        ServerFrame::LogoutAnswer => DownFrame::LogoutAnswer,
        ServerFrame::SyncAnswer { .. } => DownFrame::SyncAnswer,
        ServerFrame::SendAnswer { .. } | ServerFrame::Message { .. } => return Err("a message that nobody sent".to_owned()),
        ServerFrame::Notice { reason } => DownFrame::Notice { reason: translation::reason(*reason) },
        ServerFrame::Pong => DownFrame::Pong,
        ServerFrame::Ping => DownFrame::Ping,
    })
}

impl Run<'_> {
    /// Where the node does not do what it should.
    pub(super) fn server_difference(&self, turn: &ServerTurn, done: &Done) -> Option<Difference> {
        let object = |line: &ServerLine| match line.event {
            ServerEvent::Commit(_) => Object::Record,
            _ => self.link_on(line).map_or(Object::Unknown, |(instance, slot)| Object::Link(instance, slot)),
        };
        let seen: Vec<_> = turn.deeds.iter().map(|(place, line)| (object(line), (*place, line))).collect();
        let objects: BTreeSet<_> = done.iter().map(|(of, _)| *of).chain(seen.iter().map(|(of, _)| *of)).collect();
        let differs = |object: Object| {
            let expected: Vec<_> = done.iter().filter(|(of, _)| *of == object).map(|(_, deed)| deed).collect();
            let seen = seen.iter().filter(|(of, _)| *of == object).map(|(_, line)| *line);
            difference(&expected, seen, server_deed, turn.next.unwrap_or(turn.place))
        };
        objects.into_iter().filter_map(differs).min_by_key(|difference| (difference.place, difference.is_a_gap()))
    }
}
