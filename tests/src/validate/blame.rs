//! Which rule forbids a line: the one without which the model would do what was seen, and where there is none, the one that the kind of
//! the difference belongs to. It finds no difference itself.

use model::action::{Action, LinkMove, ServerMove, Timer};
use model::frame::DownFrame;
use model::observation::{Close, Code, Event, Outcome, Reason};
use model::rule::Rule;
use sut::client::machine::CallKind;
use sut::protocol::ClientFrameKind;

use super::expected::{Commit, Deed, Difference, Fate};
use super::finding::Law;

/// The rule that forbids what was done because of that call, if of one, and of something that is of that rule.
pub(super) fn law(difference: &Difference, call: Option<CallKind>, rule: Rule, without: Option<Rule>) -> Law {
    let by_kind = || match (&difference.expected, &difference.seen) {
        (Some(Deed::Committed(right)), Some(Deed::Committed(seen))) => committed(right, seen, rule),
        (Some(deed), _) | (None, Some(deed)) => done(deed, call, rule),
        (None, None) => Rule::Link10,
    };
    Law::Rule(without.unwrap_or_else(by_kind))
}

fn done(deed: &Deed, call: Option<CallKind>, rule: Rule) -> Rule {
    match deed {
        Deed::Settled(_, outcome) => settled(*outcome, call),
        Deed::Published(event) => published(*event, call.is_some()),
        Deed::Ended => Rule::Destroy2,
        Deed::Asked { frame, .. } => asked(*frame, call.is_some()),
        Deed::Answered { frame, .. } => answered(*frame),
        Deed::Closed(Close::PageClosed) => Rule::Link6,
        Deed::Closed(Close::GivenUp) => Rule::Link7,
        Deed::Closed(Close::Superseded) => Rule::Link3,
        Deed::Closed(Close::Done | Close::OutOfPlace) => Rule::Link9,
        Deed::Committed(_) => rule,
    }
}

/// The rule of a call that ends so; of an earlier step if of no kind.
pub(crate) const fn settled(outcome: Outcome, call: Option<CallKind>) -> Rule {
    match (outcome, call) {
        (Outcome::LoggedIn, _) => Rule::Login1,
        (Outcome::Repeat, _) => Rule::Login4,
        (Outcome::Sent, _) => Rule::Msg3,
        (Outcome::Done, Some(CallKind::Destroy)) => Rule::Destroy1,
        (Outcome::Done, Some(_)) => Rule::Logout2,
        (Outcome::Done, None) => Rule::Logout4,
        (Outcome::Refused(code), _) => refused(code),
    }
}

const fn refused(code: Code) -> Rule {
    match code {
        Code::NotLoggedIn | Code::NotReady => Rule::Login3,
        Code::LoginRuns => Rule::Login5,
        Code::OtherAccount => Rule::Login6,
        Code::LinkDown | Code::OutcomeUnknown => Rule::Login1,
        Code::Destroyed => Rule::Destroy2,
        Code::LoginAbandoned => Rule::Logout3,
        Code::LogoutRuns => Rule::Logout6,
        Code::SigRevoked => Rule::Rest1,
        Code::NoPlace => Rule::Kick12,
        _ => Rule::Login8,
    }
}

/// The rule of an event, in the step of a call or not.
pub(crate) const fn published(event: Event, is_called: bool) -> Rule {
    match event {
        Event::Ready => Rule::Login2,
        Event::NotReady if is_called => Rule::Logout1,
        Event::NotReady | Event::KickedOut(_) | Event::TurnedAway(_) => Rule::Kick4,
        Event::Net(_) => Rule::Link1,
        Event::Message { .. } => Rule::Msg4,
        Event::MessagesLost => Rule::Msg2,
    }
}

const fn asked(frame: ClientFrameKind, is_called: bool) -> Rule {
    match frame {
        ClientFrameKind::Login => Rule::Login1,
        ClientFrameKind::Sync => Rule::Link10,
        ClientFrameKind::Resume => Rule::Link5,
        ClientFrameKind::Logout if is_called => Rule::Logout3,
        ClientFrameKind::Logout => Rule::Logout4,
        ClientFrameKind::Send | ClientFrameKind::MessageAck => Rule::Login3,
        ClientFrameKind::KickAck => Rule::Kick8,
        ClientFrameKind::Ping | ClientFrameKind::Pong => Rule::Link7,
    }
}

/// The rule of a frame to a client.
pub(crate) const fn answered(frame: DownFrame) -> Rule {
    match frame {
        DownFrame::LoginAnswer { refused: None, .. } => Rule::Login7,
        DownFrame::LoginAnswer { refused: Some(_), .. } => Rule::Login8,
        DownFrame::ResumeAnswer { .. } => Rule::Link5,
        DownFrame::LogoutAnswer => Rule::Logout4,
        DownFrame::SyncAnswer | DownFrame::Pong => Rule::Link10,
        DownFrame::SendAnswer { .. } => Rule::Msg3,
        DownFrame::Message { .. } => Rule::Msg1,
        DownFrame::Notice { .. } => Rule::Kick4,
        DownFrame::Ping => Rule::Link7,
    }
}

fn committed(right: &Commit, seen: &Commit, rule: Rule) -> Rule {
    let at = (0..right.len().max(seen.len())).find(|at| right.get(*at) != seen.get(*at)).unwrap_or(0);
    match right.get(at).or_else(|| seen.get(at)).map(|(fate, _)| *fate) {
        Some(Fate::Admitted) => Rule::Login7,
        Some(Fate::Kicked(Reason::MultipleAccount)) => Rule::Kick2,
        Some(Fate::Kicked(Reason::MultipleDevice)) => Rule::Kick1,
        Some(Fate::Kicked(Reason::UserSigExpired)) => Rule::Sig1,
        Some(Fate::Kicked(Reason::RestApi)) => Rule::Rest1,
        Some(Fate::Resumed) => Rule::Link2,
        Some(Fate::Dropped) | None => rule,
    }
}

/// The rule that an action of the node is of.
pub(crate) const fn by_action(action: Action) -> Rule {
    match action {
        Action::Timer(_, Timer::Lapse(_)) => Rule::Link4,
        Action::Timer(_, Timer::Expire(_)) => Rule::Sig1,
        Action::Server(ServerMove::RestKick(_)) => Rule::Rest1,
        Action::Link(_, LinkMove::ServerLoses(..)) => Rule::Link6,
        Action::Link(_, LinkMove::ToServer(_)) => Rule::Logout1,
        _ => Rule::Link3,
    }
}
