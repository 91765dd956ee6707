//! The model's words in those of the journal, and back. Every match is exhaustive on the side that it reads. It compares nothing.

use model::action::Credential;
use model::frame::{DownFrame, Gap, Resumption as Answer, UpFrame};
use model::observation::{Close, Code, Event, NetState, Outcome, Reason};
use model::scope;
use sut::code;
use sut::config;
use sut::journal::{ClientSaid, Published, Resumption, ServerSaid, Settlement};
use sut::session::{KickReason, Platform};

pub(super) const fn code(code: Code) -> code::Code {
    match code {
        Code::NotLoggedIn => code::Code::NotLoggedIn,
        // A journal has the number of either.
        Code::LoginRuns | Code::OtherAccount => code::Code::LoginRuns,
        Code::LinkDown => code::Code::LinkDown,
        Code::OutcomeUnknown => code::Code::OutcomeUnknown,
        Code::NotReady => code::Code::NotReady,
        Code::Destroyed => code::Code::Destroyed,
        Code::LoginAbandoned => code::Code::LoginAbandoned,
        Code::LogoutRuns => code::Code::LogoutRunning,
        Code::SigExpired => code::Code::SigExpired,
        Code::SigEmpty => code::Code::SigEmpty,
        Code::SigMalformed => code::Code::SigMalformed,
        Code::SigWrong => code::Code::SigWrong,
        Code::SigOtherIdentifier => code::Code::SigOtherIdentifier,
        Code::SigOtherApp => code::Code::SigOtherApp,
        Code::SigRevoked => code::Code::SigRevoked,
        Code::BadUserId => code::Code::BadField,
    }
}

/// What a login shows, by what is wrong with it; what no login can be refused with, is taken for nothing wrong.
pub(super) const fn credential(wrong: Option<code::Code>) -> Credential {
    match wrong {
        Some(code::Code::SigExpired) => Credential::Expired,
        Some(code::Code::SigEmpty) => Credential::Empty,
        Some(code::Code::SigMalformed) => Credential::Malformed,
        Some(code::Code::SigWrong) => Credential::WrongSignature,
        Some(code::Code::SigOtherIdentifier) => Credential::OtherIdentifier,
        Some(code::Code::SigOtherApp) => Credential::OtherApp,
        Some(code::Code::BadField) => Credential::BadUserId,
        Some(
            code::Code::NotLoggedIn
            | code::Code::LoginRuns
            | code::Code::OtherAccount
            | code::Code::LinkDown
            | code::Code::OutcomeUnknown
            | code::Code::NotReady
            | code::Code::Destroyed
            | code::Code::LoginAbandoned
            | code::Code::LogoutRunning
            | code::Code::TooManyFailures
            | code::Code::TooFast
            | code::Code::SigRevoked
            | code::Code::RegistryUnreachable
            | code::Code::Forbidden,
        )
        | None => Credential::Good,
    }
}

pub(super) const fn reason(reason: Reason) -> KickReason {
    match reason {
        Reason::MultipleAccount => KickReason::MultipleAccount,
        Reason::MultipleDevice => KickReason::MultipleDevice,
        Reason::UserSigExpired => KickReason::UserSigExpired,
        Reason::RestApi => KickReason::RestApi,
    }
}

pub(super) const fn policy(policy: config::Policy) -> scope::Policy {
    match policy {
        config::Policy::Single => scope::Policy::Single,
        config::Policy::Dual => scope::Policy::Dual,
        config::Policy::Triple => scope::Policy::Triple,
        config::Policy::Multi => scope::Policy::Multi,
    }
}

pub(super) const fn close(close: Close) -> u16 {
    match close {
        Close::Done => 1000,
        Close::PageClosed => 1001,
        Close::OutOfPlace => 1008,
        Close::GivenUp => 4000,
        Close::Superseded => 4001,
    }
}

pub(super) const fn settlement(outcome: Outcome) -> Settlement {
    match outcome {
        Outcome::LoggedIn => Settlement::LoggedIn,
        Outcome::Repeat => Settlement::Repeat,
        Outcome::Done => Settlement::Done,
        Outcome::Sent => Settlement::Sent,
        Outcome::Refused(refusal) => Settlement::Refused(code(refusal)),
    }
}

pub(super) const fn published(event: Event) -> Published {
    match event {
        Event::Ready => Published::SdkReady,
        Event::NotReady => Published::SdkNotReady,
        Event::KickedOut(why) => Published::KickedOut(reason(why)),
        Event::Message { .. } => Published::MessageReceived,
        Event::Net(NetState::Connected) => Published::Connected,
        Event::Net(NetState::Connecting) => Published::Connecting,
        Event::Net(NetState::Disconnected) => Published::Disconnected,
        Event::MessagesLost => Published::MessagesLost,
    }
}

/// A client's frame.
pub(super) const fn saying(frame: UpFrame) -> ClientSaid {
    match frame {
        UpFrame::Login { .. } => ClientSaid::Login,
        UpFrame::Sync => ClientSaid::Sync,
        UpFrame::Resume { .. } => ClientSaid::Resume,
        UpFrame::Logout { .. } => ClientSaid::Logout,
        UpFrame::Send { .. } => ClientSaid::Send,
        UpFrame::MessageAck { .. } => ClientSaid::MessageAck,
        UpFrame::KickAck => ClientSaid::KickAck,
        UpFrame::Ping => ClientSaid::Ping,
        UpFrame::Pong => ClientSaid::Pong,
    }
}

/// A server's frame, with whom a sync answer names.
pub(super) fn said(frame: DownFrame, online: impl FnOnce() -> Vec<Platform>) -> ServerSaid {
    match frame {
        DownFrame::LoginAnswer { refused, gap } => ServerSaid::LoginAnswer { refused: refused.map(code), gap: gap == Gap::Lost },
        DownFrame::ResumeAnswer { answer } => ServerSaid::ResumeAnswer { outcome: resumption(answer) },
        DownFrame::SyncAnswer => ServerSaid::SyncAnswer { online: online() },
        DownFrame::LogoutAnswer => ServerSaid::LogoutAnswer,
        DownFrame::SendAnswer { .. } => ServerSaid::SendAnswer,
        DownFrame::Message { .. } => ServerSaid::Message,
        DownFrame::Notice { reason: why } => ServerSaid::Notice { reason: reason(why) },
        DownFrame::Pong => ServerSaid::Pong,
        DownFrame::Ping => ServerSaid::Ping,
    }
}

const fn resumption(answer: Answer) -> Resumption {
    match answer {
        Answer::Resumed { gap: Gap::None | Gap::Told } => Resumption::Resumed { gap: false },
        Answer::Resumed { gap: Gap::Lost } => Resumption::Resumed { gap: true },
        Answer::Readmitted => Resumption::Readmitted,
        Answer::Ended(why) => Resumption::Told { reason: reason(why) },
    }
}
