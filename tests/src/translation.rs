//! What the real system answers and publishes, in the model's words. What travels on its links is read in [`crate::wire`].

use std::collections::BTreeMap;

use model::action::Token;
use model::observation::{Event, NetState, Outcome, Reason};
use sut::client;
use sut::client::machine::Answer;
use sut::code::Refusal;
use sut::protocol::MessageId;
use sut::session::KickReason;

use crate::cast;

/// The names of the messages that exist.
#[derive(Clone, Debug, Default)]
pub struct Names {
    ids: BTreeMap<Token, MessageId>,
}

impl Names {
    /// The text of the message of that name.
    pub fn text(token: Token) -> String {
        format!("m{}", token.0)
    }

    /// The name that the client gave it.
    pub fn id(&self, token: Token) -> Option<MessageId> {
        self.ids.get(&token).copied()
    }

    pub(crate) fn token(&self, id: MessageId, text: &str) -> Result<Token, String> {
        let token = self.token_of(id)?;
        if text == Names::text(token) { Ok(token) } else { Err(format!("message m{} says '{text}'", token.0)) }
    }

    pub(crate) fn token_of(&self, id: MessageId) -> Result<Token, String> {
        let named = self.ids.iter().find(|(_, known)| **known == id);
        named.map(|(token, _)| *token).ok_or_else(|| "a message that nobody sent".to_owned())
    }

    pub(crate) fn learn(&mut self, id: MessageId, text: &str) -> Result<Token, String> {
        let number = text.strip_prefix('m').and_then(|number| number.parse().ok());
        let token = Token(number.ok_or_else(|| format!("a message that says '{text}'"))?);
        if self.token_of(id).is_ok_and(|known| known != token) {
            return Err("a message id that another message has".to_owned());
        }
        self.ids.insert(token, id);
        Ok(token)
    }
}

/// A refusal's code, in the model's words.
///
/// # Errors
/// That there is none.
pub fn code(refusal: &Refusal) -> Result<model::observation::Code, String> {
    cast::code_seen(refusal.code).ok_or_else(|| format!("a refusal with {refusal}"))
}

/// Why a session was ended, in the model's words.
pub const fn reason(reason: KickReason) -> Reason {
    match reason {
        KickReason::MultipleAccount => Reason::MultipleAccount,
        KickReason::MultipleDevice => Reason::MultipleDevice,
        KickReason::UserSigExpired => Reason::UserSigExpired,
        KickReason::RestApi => Reason::RestApi,
    }
}

/// How a call ended, in the model's words.
///
/// # Errors
/// What is strange about it, if the model has no word for it.
pub fn outcome(outcome: &Result<Answer, Refusal>) -> Result<Outcome, String> {
    match outcome {
        Ok(Answer::LoggedIn) => Ok(Outcome::LoggedIn),
        Ok(Answer::Repeat { error_info }) if error_info.is_empty() => Err("a repeat that says nothing".to_owned()),
        Ok(Answer::Repeat { .. }) => Ok(Outcome::Repeat),
        Ok(Answer::Done) => Ok(Outcome::Done),
        Ok(Answer::Sent) => Ok(Outcome::Sent),
        Err(refusal) => code(refusal).map(Outcome::Refused),
    }
}

/// An event, in the model's words.
///
/// # Errors
/// What is strange about it, if the model has no word for it.
pub fn event(names: &Names, event: &client::Event) -> Result<Event, String> {
    match event {
        client::Event::SdkReady => Ok(Event::Ready),
        client::Event::SdkNotReady => Ok(Event::NotReady),
        client::Event::KickedOut { reason: why, refusal: None } => Ok(Event::KickedOut(reason(*why))),
        client::Event::KickedOut { reason: KickReason::UserSigExpired, refusal: Some(refusal) } => {
            code(refusal).map(Event::TurnedAway)
        }
        client::Event::KickedOut { refusal: Some(refusal), .. } => Err(format!("another reason beside a refusal: {refusal}")),
        client::Event::MessageReceived { from, to, id, text } => {
            let (Some(sender), Some(receiver)) = (cast::account(from), cast::account(to)) else {
                return Err(format!("a message from {from} to {to}"));
            };
            Ok(Event::Message { token: names.token(*id, text)?, from: sender, to: receiver })
        }
        client::Event::NetStateChange(state) => Ok(Event::Net(net(*state))),
        client::Event::MessagesLost => Ok(Event::MessagesLost),
    }
}

const fn net(state: client::NetState) -> NetState {
    match state {
        client::NetState::Connected => NetState::Connected,
        client::NetState::Connecting => NetState::Connecting,
        client::NetState::Disconnected => NetState::Disconnected,
    }
}
