//! Which rule forbids a line: the one without which the model would do what was seen, and where there is none, the one that the kind of
//! the difference belongs to. It finds no difference itself.

use model::action::{Action, LinkMove, ServerMove, Timer};
use model::rule::Rule;
use sut::code::Code;
use sut::journal::{CallKind, ClientEvent, ClientSaid, Published, ServerEvent, ServerSaid, Settlement};
use sut::session::KickReason;

use super::expected::Difference;
use super::finding::Law;
use super::history::ClientTurn;

/// The rule that forbids what an instance did.
pub(super) fn client(difference: &Difference<ClientEvent>, turn: &ClientTurn, without: Option<Rule>) -> Law {
    let event = difference.expected.as_ref().or(difference.seen.as_ref());
    let by_kind = || match event {
        Some(ClientEvent::Settled { outcome, .. }) => settled(*outcome, &turn.event),
        Some(ClientEvent::Published { event }) => published(*event, &turn.event),
        Some(ClientEvent::Wrote { frame, .. }) => wrote(*frame, &turn.event),
        Some(ClientEvent::Closed { code: 1001 }) => Rule::Link6,
        Some(ClientEvent::Closed { code: 4000 }) => Rule::Link7,
        Some(ClientEvent::Closed { .. }) => Rule::Link9,
        Some(ClientEvent::Ended) => Rule::Destroy2,
        Some(
            ClientEvent::Start { .. }
            | ClientEvent::Call { .. }
            | ClientEvent::Up
            | ClientEvent::Failed
            | ClientEvent::Lost { .. }
            | ClientEvent::Took { .. }
            | ClientEvent::Bad
            | ClientEvent::Timer { .. },
        )
        | None => Rule::Link10,
    };
    Law::Rule(without.unwrap_or_else(by_kind))
}

const fn settled(outcome: Settlement, after: &ClientEvent) -> Rule {
    match (outcome, after) {
        (Settlement::LoggedIn, _) => Rule::Login1,
        (Settlement::Repeat, _) => Rule::Login4,
        (Settlement::Sent, _) => Rule::Msg3,
        (Settlement::Done, ClientEvent::Call { call: CallKind::Destroy, .. }) => Rule::Destroy1,
        (Settlement::Done, ClientEvent::Call { .. }) => Rule::Logout2,
        (Settlement::Done, _) => Rule::Logout4,
        (Settlement::Refused(code), _) => refused(code),
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
        Code::LogoutRunning => Rule::Logout6,
        Code::SigExpired
        | Code::SigEmpty
        | Code::SigMalformed
        | Code::SigWrong
        | Code::SigOtherIdentifier
        | Code::SigOtherApp
        | Code::TooManyFailures
        | Code::TooFast
        | Code::RegistryUnreachable
        | Code::BadField
        | Code::Forbidden => Rule::Login8,
        Code::SigRevoked => Rule::Rest1,
    }
}

const fn published(event: Published, after: &ClientEvent) -> Rule {
    match (event, after) {
        (Published::SdkReady, _) => Rule::Login2,
        (Published::SdkNotReady, ClientEvent::Call { .. }) => Rule::Logout1,
        (Published::SdkNotReady | Published::KickedOut(_), _) => Rule::Kick4,
        (Published::Connected | Published::Connecting | Published::Disconnected, _) => Rule::Link1,
        (Published::MessageReceived, _) => Rule::Msg4,
        (Published::MessagesLost, _) => Rule::Msg2,
    }
}

const fn wrote(frame: ClientSaid, after: &ClientEvent) -> Rule {
    match (frame, after) {
        (ClientSaid::Login, _) => Rule::Login1,
        (ClientSaid::Sync, _) => Rule::Link10,
        (ClientSaid::Resume, _) => Rule::Link5,
        (ClientSaid::Logout, ClientEvent::Call { .. }) => Rule::Logout3,
        (ClientSaid::Logout, _) => Rule::Logout4,
        (ClientSaid::Send | ClientSaid::MessageAck, _) => Rule::Login3,
        (ClientSaid::KickAck, _) => Rule::Kick8,
        (ClientSaid::Ping | ClientSaid::Pong, _) => Rule::Link7,
    }
}

/// The rule that forbids what the node did in a turn, which is of a rule itself.
pub(super) fn server(difference: &Difference<ServerEvent>, turns: Rule, without: Option<Rule>) -> Law {
    let by_kind = || match (&difference.expected, &difference.seen) {
        (Some(ServerEvent::Commit { .. }), Some(ServerEvent::Commit { .. })) => committed(difference, turns),
        (Some(ServerEvent::Commit { .. }), _) | (None, Some(ServerEvent::Commit { .. })) => turns,
        (Some(ServerEvent::Wrote { frame, .. }), _) | (None, Some(ServerEvent::Wrote { frame, .. })) => said(frame),
        (Some(ServerEvent::Closed { code }), _) | (None, Some(ServerEvent::Closed { code })) => closed(*code),
        _ => Rule::Link10,
    };
    Law::Rule(without.unwrap_or_else(by_kind))
}

fn committed(difference: &Difference<ServerEvent>, turns: Rule) -> Rule {
    let (
        Some(ServerEvent::Commit { admitted: right, kicked, dropped }),
        Some(ServerEvent::Commit { admitted, kicked: seen, dropped: gone }),
    ) = (&difference.expected, &difference.seen)
    else {
        return turns;
    };
    if right != admitted {
        return Rule::Login7;
    }
    if kicked == seen && dropped != gone {
        return turns;
    }
    let victims = kicked.iter().chain(seen);
    let reasons: Vec<_> = victims.map(|victim| victim.reason).collect();
    match reasons.first() {
        Some(KickReason::MultipleAccount) => Rule::Kick2,
        Some(KickReason::MultipleDevice) => Rule::Kick1,
        Some(KickReason::UserSigExpired) => Rule::Sig1,
        Some(KickReason::RestApi) => Rule::Rest1,
        None => turns,
    }
}

/// The rule that an action of the node is of.
pub(super) const fn by_action(action: Action) -> Rule {
    match action {
        Action::Timer(_, Timer::Lapse(_)) => Rule::Link4,
        Action::Timer(_, Timer::Expire(_)) => Rule::Sig1,
        Action::Server(ServerMove::RestKick(_)) => Rule::Rest1,
        Action::Link(_, LinkMove::ServerLoses(..)) => Rule::Link6,
        Action::Link(_, LinkMove::ToServer(_)) => Rule::Logout1,
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
            Rule::Link3
        }
    }
}

const fn said(frame: &ServerSaid) -> Rule {
    match frame {
        ServerSaid::LoginAnswer { refused: None, .. } => Rule::Login7,
        ServerSaid::LoginAnswer { refused: Some(_), .. } => Rule::Login8,
        ServerSaid::ResumeAnswer { .. } => Rule::Link5,
        ServerSaid::LogoutAnswer => Rule::Logout4,
        ServerSaid::SyncAnswer { .. } | ServerSaid::Pong => Rule::Link10,
        ServerSaid::SendAnswer => Rule::Msg3,
        ServerSaid::Message => Rule::Msg1,
        ServerSaid::Notice { .. } => Rule::Kick4,
        ServerSaid::Ping => Rule::Link7,
    }
}

const fn closed(code: u16) -> Rule {
    match code {
        4000 => Rule::Link7,
        4001 => Rule::Link3,
        _ => Rule::Link9,
    }
}
