//! What travels on a real link, in the model's words. Each link has a book of what it has said before, so that a frame that names the
//! wrong session, epoch, message or place in the sequence is not taken for the right one.

use std::collections::BTreeMap;

use model::action::{InstanceId, Token};
use model::frame::Frame;
use model::observation::{Event, Outcome};
use model::scope::{Platform, Scope};
use sut::client;
use sut::client::machine::{Answer, FirstSync};
use sut::code::Refusal;
use sut::protocol::{ClientFrame, Envelope, MessageId, ServerFrame};
use sut::session::{Epoch, InstanceKey, Secret};
use sut::timers::UnixMillis;

use crate::cast::{self, Cast};

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

    fn token(&self, id: MessageId, text: &str) -> Result<Token, String> {
        let token = self.token_of(id)?;
        if text == Names::text(token) { Ok(token) } else { Err(format!("message m{} says '{text}'", token.0)) }
    }

    fn token_of(&self, id: MessageId) -> Result<Token, String> {
        let named = self.ids.iter().find(|(_, known)| **known == id);
        named.map(|(token, _)| *token).ok_or_else(|| "a message that nobody sent".to_owned())
    }

    fn learn(&mut self, id: MessageId, text: &str) -> Result<Token, String> {
        if self.token_of(id).is_ok() {
            return Err("a message id that was used before".to_owned());
        }
        let number = text.strip_prefix('m').and_then(|number| number.parse().ok());
        let token = Token(number.ok_or_else(|| format!("a message that says '{text}'"))?);
        self.ids.insert(token, id);
        Ok(token)
    }
}

/// What one link has said.
#[derive(Clone, Debug)]
pub struct LinkBook {
    /// Whose link it is.
    pub seat: InstanceId,
    /// The key of the instance that opened it.
    pub key: InstanceKey,
    /// Its number at its instance, once a login named it.
    pub epoch: Option<Epoch>,
    /// The session's secret, once a login named it.
    pub secret: Option<Secret>,
    /// What the last sync answer on it said: who is online, and the server's time in milliseconds.
    pub synced: Option<FirstSync>,
    delivered: Vec<Token>,
}

impl LinkBook {
    /// The book of a link that an instance has just opened.
    pub fn new(seat: InstanceId, key: InstanceKey) -> LinkBook {
        LinkBook { seat, key, epoch: None, secret: None, synced: None, delivered: Vec::new() }
    }

    /// A frame that the client wrote.
    ///
    /// # Errors
    /// What is strange about it, if the model has no word for it.
    pub fn client_frame(
        &mut self,
        scope: &Scope,
        cast: &Cast,
        names: &mut Names,
        said: &Envelope<ClientFrame>,
    ) -> Result<Frame, String> {
        if let ClientFrame::Login { .. } = said.frame
            && self.secret.is_none()
        {
            (self.epoch, self.secret) = (Some(said.epoch), Some(said.session));
        }
        self.belongs(said)?;
        match &said.frame {
            ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } => {
                let as_it_is = (*sdk_app_id, *key) == (cast.app.sdk_app_id, self.key);
                if !as_it_is || cast::platform_seen(*platform) != scope.platform(self.seat) {
                    return Err("a login in another instance's name".to_owned());
                }
                let shown = cast.recognise(user_id, user_sig);
                let (account, credential) = shown.ok_or_else(|| "a login with a UserSig that nobody was given".to_owned())?;
                Ok(Frame::Login { account, credential })
            }
            ClientFrame::Logout => Ok(Frame::Logout),
            ClientFrame::Sync => Ok(Frame::Sync),
            ClientFrame::Send { id, to, text } => {
                let to = cast::account(to).ok_or_else(|| format!("a message to '{to}'"))?;
                Ok(Frame::Send { token: names.learn(*id, text)?, to })
            }
            ClientFrame::MessageAck { seq } => {
                let place = usize::try_from(*seq).ok().and_then(|seq| seq.checked_sub(1));
                let token = place.and_then(|place| self.delivered.get(place));
                token.map(|token| Frame::MessageAck { token: *token }).ok_or_else(|| format!("an acknowledgement of {seq}"))
            }
            ClientFrame::KickAck => Ok(Frame::KickAck),
            ClientFrame::Resume { .. } => Err("a resume, where links hold".to_owned()),
            ClientFrame::Ping => Err("a ping, where no timer fired".to_owned()),
        }
    }

    /// A frame that the server wrote, and who is online if it says so.
    ///
    /// # Errors
    /// What is strange about it, if the model has no word for it.
    pub fn server_frame(
        &mut self,
        names: &Names,
        now: UnixMillis,
        said: &Envelope<ServerFrame>,
    ) -> Result<(Frame, Option<Vec<Platform>>), String> {
        self.belongs(said)?;
        let frame = match &said.frame {
            ServerFrame::LoginAnswer { refused } => Frame::LoginAnswer { refused: refused.as_ref().map(code).transpose()? },
            ServerFrame::LogoutAnswer => Frame::LogoutAnswer,
            ServerFrame::SyncAnswer { online, server_time_ms } => {
                if *server_time_ms != now.0 {
                    return Err(format!("a sync answer at {server_time_ms} ms"));
                }
                self.synced = Some(FirstSync { online: online.clone(), server_time_ms: *server_time_ms });
                let online = online.iter().map(|platform| cast::platform_seen(*platform)).collect();
                return Ok((Frame::SyncAnswer, Some(online)));
            }
            ServerFrame::SendAnswer { id, refused: None } => Frame::SendAnswer { token: names.token_of(*id)? },
            ServerFrame::SendAnswer { refused: Some(refusal), .. } => return Err(format!("a send refused: {refusal}")),
            ServerFrame::Message { seq, id, from, to, text } => self.message(names, (*seq, *id), [from, to], text)?,
            ServerFrame::Notice { reason } => {
                let reason = cast::reason_seen(*reason).ok_or_else(|| format!("a kick for {reason:?}"))?;
                Frame::Notice { reason }
            }
            ServerFrame::ResumeAnswer { .. } => return Err("a resume answer, where links hold".to_owned()),
            ServerFrame::Pong => return Err("a pong, where nobody pinged".to_owned()),
        };
        Ok((frame, None))
    }

    fn message(&mut self, names: &Names, (seq, id): (u64, MessageId), users: [&str; 2], text: &str) -> Result<Frame, String> {
        let token = names.token(id, text)?;
        let [from, to] = users.map(cast::account);
        let (Some(from), Some(to)) = (from, to) else { return Err(format!("a message from and to {users:?}")) };
        self.delivered.push(token);
        if usize::try_from(seq) != Ok(self.delivered.len()) {
            return Err(format!("message m{} as number {seq}, not {}", token.0, self.delivered.len()));
        }
        Ok(Frame::Message { token, from, to })
    }

    fn belongs<F>(&self, said: &Envelope<F>) -> Result<(), String> {
        let named = (Some(said.epoch), Some(said.session)) == (self.epoch, self.secret);
        if named { Ok(()) } else { Err(format!("a frame of another session or epoch, {:?}", said.epoch)) }
    }
}

fn code(refusal: &Refusal) -> Result<model::observation::Code, String> {
    cast::code_seen(refusal).ok_or_else(|| format!("a refusal with {refusal}"))
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
        client::Event::KickedOut { reason } => {
            cast::reason_seen(*reason).map(Event::KickedOut).ok_or_else(|| format!("kicked out for {reason:?}"))
        }
        client::Event::MessageReceived { from, to, id, text } => {
            let (Some(sender), Some(receiver)) = (cast::account(from), cast::account(to)) else {
                return Err(format!("a message from {from} to {to}"));
            };
            Ok(Event::Message { token: names.token(*id, text)?, from: sender, to: receiver })
        }
        client::Event::NetStateChange(state) => Err(format!("NET_STATE_CHANGE {state}, where links hold")),
        client::Event::MessagesLost => Err("MESSAGES_LOST, where links hold".to_owned()),
    }
}
