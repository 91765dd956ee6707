//! What each link and each session has said before, so that a frame that names the wrong session, epoch, message or place in the
//! sequence is not taken for the right one. It holds no frame.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{InstanceId, Token};
use model::frame::{DownFrame, Gap, Meant, Resumption, SigShown, UpFrame};
use model::records::Label;
use model::scope::{Platform, Scope};
use sut::client::machine::FirstSync;
use sut::code::Refusal;
use sut::protocol::{ClientFrame, Envelope, MessageId, ResumeOutcome, ServerFrame};
use sut::session::{self, Epoch, InstanceKey, KeyDigest, Secret};
use sut::timers::UnixMillis;

use super::sessions::{SessionBook, Sessions};
use crate::cast::{self, Cast};
use crate::translation::{Names, code, reason};

/// Where a replay takes place.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its scope.
    pub scope: Arc<Scope>,
    /// Who is who.
    pub cast: Arc<Cast>,
    /// The names of the messages under way.
    pub names: Names,
    /// The moment at which frames are written.
    pub now: UnixMillis,
    /// When good UserSigs are issued: since the last expiry or REST kick, so that what is good at one moment expires at one moment.
    pub issued_at: UnixMillis,
    /// The sessions that logins have named.
    pub sessions: Sessions,
}

/// What one link has said.
#[derive(Clone, Debug)]
pub(super) struct LinkBook {
    /// Whose link it is.
    pub(super) seat: InstanceId,
    /// The key of the instance that opened it.
    pub(super) key: InstanceKey,
    /// What the server calls that instance.
    pub(super) instance: KeyDigest,
    /// Its number at its instance, once a frame named it.
    pub(super) epoch: Option<Epoch>,
    /// The session of its login or resume, once that was written.
    pub(super) secret: Option<Secret>,
    /// The sessions whose logouts were owed and written before, and not answered yet.
    owed: Vec<Secret>,
    /// The place of the next message on it.
    next_seq: u64,
    /// Whether its login or resume was let in.
    let_in: bool,
}

/// A frame that a client wrote, in the model's words, and the session that an owed logout means.
pub(super) type Said = (UpFrame, Option<Secret>);

impl LinkBook {
    /// The book of a link that an instance has just opened.
    pub(super) fn new(seat: InstanceId, (key, instance): (InstanceKey, KeyDigest)) -> LinkBook {
        LinkBook { seat, key, instance, epoch: None, secret: None, owed: Vec::new(), next_seq: 1, let_in: false }
    }

    /// A frame that the client wrote.
    ///
    /// # Errors
    /// What is strange about it, if the model has no word for it.
    pub(super) fn client_frame(&mut self, stage: &mut Stage, said: &Envelope<ClientFrame>) -> Result<Said, String> {
        if *self.epoch.get_or_insert(said.epoch) != said.epoch {
            return Err(format!("a frame of another epoch, {:?}", said.epoch));
        }
        if let ClientFrame::Logout { user_id, key, user_sig } = &said.frame {
            return self.logout(stage, said.session, (user_id, *key), user_sig.as_deref());
        }
        let frame = match &said.frame {
            ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } => {
                self.login(stage, said.session, (*sdk_app_id, *platform, *key), (user_id, user_sig))?
            }
            ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq } => {
                self.next_seq = last_seq + 1;
                self.resume(stage, said.session, (*sdk_app_id, *platform, *key), (user_id, user_sig))?
            }
            ClientFrame::Logout { .. } => return Err("a logout".to_owned()),
            ClientFrame::Sync => UpFrame::Sync,
            ClientFrame::Send { id, to, text } => {
                let to = cast::account(to).ok_or_else(|| format!("a message to '{to}'"))?;
                UpFrame::Send { token: stage.names.learn(*id, text)?, to }
            }
            ClientFrame::MessageAck { seq } => UpFrame::MessageAck { token: self.message_of(stage, *seq)? },
            ClientFrame::KickAck => UpFrame::KickAck,
            ClientFrame::Ping => UpFrame::Ping,
            ClientFrame::Pong => UpFrame::Pong,
        };
        self.belongs(said.session)?;
        Ok((frame, None))
    }

    fn login(
        &mut self,
        stage: &mut Stage,
        secret: Secret,
        client: (u64, session::Platform, InstanceKey),
        (user_id, user_sig): (&str, &str),
    ) -> Result<UpFrame, String> {
        self.greets(stage, client)?;
        let shown = stage.cast.recognise(user_id, user_sig);
        let (account, credential) = shown.ok_or_else(|| "a login with a UserSig that nobody was given".to_owned())?;
        if stage.sessions.get(secret).is_some() {
            return Err("a login under the secret of an earlier one".to_owned());
        }
        self.secret = Some(secret);
        stage.sessions.add(SessionBook {
            secret,
            digest: secret.digest(),
            seat: self.seat,
            key: self.key,
            instance: self.instance,
            account,
            user_id: user_id.to_owned(),
            user_sig: user_sig.to_owned(),
            sig: SigShown::of(credential),
            synced: None,
            received: 0,
            messages: BTreeMap::new(),
            number: 0,
        });
        Ok(UpFrame::Login { account, credential })
    }

    fn resume(
        &mut self,
        stage: &Stage,
        secret: Secret,
        client: (u64, session::Platform, InstanceKey),
        (user_id, user_sig): (&str, &str),
    ) -> Result<UpFrame, String> {
        self.greets(stage, client)?;
        let last = stage.sessions.last_of(self.seat, self.key).filter(|session| session.secret == secret);
        let session = last.ok_or_else(|| "a resume of a session that is not that of the last login".to_owned())?;
        if cast::account(user_id) != Some(session.account) || session.user_sig != user_sig {
            return Err("a resume with another userID or UserSig than the login's".to_owned());
        }
        if self.next_seq != session.received + 1 {
            return Err(format!("a resume from message {} on, where {} were received", self.next_seq, session.received));
        }
        self.secret = Some(secret);
        Ok(UpFrame::Resume { account: session.account })
    }

    /// A link carries one login or one resume (LINK-9), in its own instance's name.
    fn greets(&self, stage: &Stage, (app, platform, key): (u64, session::Platform, InstanceKey)) -> Result<(), String> {
        let as_it_is = (app, key) == (stage.cast.app.sdk_app_id, self.key);
        if !as_it_is || cast::platform_seen(platform) != stage.scope.platform(self.seat) {
            return Err("a login or resume in another instance's name".to_owned());
        }
        if self.secret.is_some() { Err("a second login or resume on one link".to_owned()) } else { Ok(()) }
    }

    /// Before the login it is an owed one, which shows what the session's login did, after it that of the link's own session (LOGOUT-4).
    fn logout(
        &mut self,
        stage: &Stage,
        secret: Secret,
        (user_id, key): (&str, InstanceKey),
        user_sig: Option<&str>,
    ) -> Result<Said, String> {
        let session = stage.sessions.get(secret).filter(|session| session.key == self.key && key == self.key);
        let session = session.ok_or_else(|| "a logout of a session that no login named".to_owned())?;
        if user_id != session.user_id {
            return Err(format!("a logout of '{user_id}', whom no login of the session named"));
        }
        match (self.secret, user_sig) {
            (Some(own), None) if own == secret => Ok((UpFrame::Logout { of: Meant::Own }, None)),
            (Some(_), _) => Err("a logout of another session behind the login, or with a UserSig".to_owned()),
            (None, Some(shown)) if shown == session.user_sig => {
                self.owed.push(secret);
                let of = Meant::Owed { account: session.account, session: Label::NONE, sig: session.sig };
                Ok((UpFrame::Logout { of }, Some(secret)))
            }
            (None, _) => Err("an owed logout without the UserSig of its login".to_owned()),
        }
    }

    fn message_of(&self, stage: &Stage, seq: u64) -> Result<Token, String> {
        let session = self.secret.and_then(|secret| stage.sessions.get(secret));
        let token = session.and_then(|session| session.messages.get(&seq));
        token.copied().ok_or_else(|| format!("an acknowledgement of {seq}"))
    }

    /// A frame that the server wrote, and who is online if it says so.
    ///
    /// # Errors
    /// What is strange about it, if the model has no word for it.
    pub(super) fn server_frame(
        &mut self,
        stage: &mut Stage,
        said: &Envelope<ServerFrame>,
    ) -> Result<(DownFrame, Option<Vec<Platform>>), String> {
        if self.epoch != Some(said.epoch) {
            return Err(format!("a frame of another epoch, {:?}", said.epoch));
        }
        if said.frame == ServerFrame::LogoutAnswer && !self.owed.is_empty() {
            let means_it = self.owed.remove(0) == said.session;
            return if means_it { Ok((DownFrame::LogoutAnswer, None)) } else { Err("an answer to another logout".to_owned()) };
        }
        self.belongs(said.session)?;
        self.let_in |= lets_in(&said.frame);
        let frame = match &said.frame {
            ServerFrame::LoginAnswer { refused, gap } => self.login_answer(refused.as_ref(), *gap)?,
            ServerFrame::ResumeAnswer { outcome } => self.resume_answer(outcome)?,
            ServerFrame::LogoutAnswer => DownFrame::LogoutAnswer,
            ServerFrame::SyncAnswer { online, server_time_ms } => return self.sync(stage, online, *server_time_ms),
            ServerFrame::SendAnswer { id, refused: None } => DownFrame::SendAnswer { token: stage.names.token_of(*id)? },
            ServerFrame::SendAnswer { refused: Some(refusal), .. } => return Err(format!("a send refused: {refusal}")),
            ServerFrame::Message { seq, id, from, to, text } => self.message(stage, (*seq, *id), [from, to], text)?,
            ServerFrame::Notice { reason: why } => DownFrame::Notice { reason: reason(*why) },
            ServerFrame::Pong => DownFrame::Pong,
            ServerFrame::Ping => DownFrame::Ping,
        };
        Ok((frame, None))
    }

    fn sync(
        &self,
        stage: &mut Stage,
        online: &[session::Platform],
        server_time_ms: u64,
    ) -> Result<(DownFrame, Option<Vec<Platform>>), String> {
        if server_time_ms != stage.now.0 {
            return Err(format!("a sync answer at {server_time_ms} ms, not {}", stage.now.0));
        }
        if let Some(session) = self.secret.and_then(|secret| stage.sessions.get_mut(secret)) {
            session.synced = Some(FirstSync { online: online.to_vec(), server_time_ms });
        }
        let seen = online.iter().map(|platform| cast::platform_seen(*platform)).collect();
        Ok((DownFrame::SyncAnswer, Some(seen)))
    }

    fn login_answer(&mut self, refused: Option<&Refusal>, gap: bool) -> Result<DownFrame, String> {
        let refused = refused.map(code).transpose()?;
        let answer = DownFrame::LoginAnswer { refused, gap: if gap { Gap::Lost } else { Gap::None } };
        if gap && refused.is_some() {
            return Err("a refusal that tells of a gap".to_owned());
        }
        self.next_seq += u64::from(tells_of_a_gap(answer));
        Ok(answer)
    }

    /// A gap takes a place as a message does.
    fn resume_answer(&mut self, outcome: &ResumeOutcome) -> Result<DownFrame, String> {
        let answer = DownFrame::ResumeAnswer { answer: resumption(outcome)? };
        self.next_seq += u64::from(tells_of_a_gap(answer));
        Ok(answer)
    }

    fn message(
        &mut self,
        stage: &mut Stage,
        (seq, id): (u64, MessageId),
        users: [&str; 2],
        text: &str,
    ) -> Result<DownFrame, String> {
        let token = stage.names.token(id, text)?;
        let [from, to] = users.map(cast::account);
        let (Some(from), Some(to)) = (from, to) else { return Err(format!("a message from and to {users:?}")) };
        if seq != self.next_seq {
            return Err(format!("message m{} as number {seq}, not {}", token.0, self.next_seq));
        }
        self.next_seq += 1;
        if let Some(session) = self.secret.and_then(|secret| stage.sessions.get_mut(secret)) {
            session.messages.insert(seq, token);
        }
        Ok(DownFrame::Message { token, from, to })
    }

    /// What arrived at the client: its session's next resume goes on from there.
    pub(super) fn client_received(&self, stage: &mut Stage, frame: DownFrame) {
        let Some(session) = self.secret.and_then(|secret| stage.sessions.get_mut(secret)) else { return };
        match frame {
            DownFrame::Message { .. } => session.received += 1,
            DownFrame::ResumeAnswer { .. } | DownFrame::LoginAnswer { .. } => session.received += u64::from(tells_of_a_gap(frame)),
            DownFrame::SyncAnswer
            | DownFrame::LogoutAnswer
            | DownFrame::SendAnswer { .. }
            | DownFrame::Notice { .. }
            | DownFrame::Pong
            | DownFrame::Ping => {}
        }
    }

    /// The session that was let in on it.
    pub(super) fn serves(&self) -> Option<Secret> {
        self.secret.filter(|_| self.let_in)
    }

    fn belongs(&self, session: Secret) -> Result<(), String> {
        if self.secret == Some(session) { Ok(()) } else { Err("a frame of another session".to_owned()) }
    }
}

/// Whether the instance that takes this answer hears of messages that may be missing.
fn tells_of_a_gap(answer: DownFrame) -> bool {
    let lost = Resumption::Resumed { gap: Gap::Lost };
    match answer {
        DownFrame::LoginAnswer { refused: None, gap } => gap == Gap::Lost,
        DownFrame::ResumeAnswer { answer } => answer == lost || answer == Resumption::Readmitted,
        _ => false,
    }
}

pub(crate) fn resumption(outcome: &ResumeOutcome) -> Result<Resumption, String> {
    match outcome {
        ResumeOutcome::Resumed { gap: false } => Ok(Resumption::Resumed { gap: Gap::None }),
        ResumeOutcome::Resumed { gap: true } => Ok(Resumption::Resumed { gap: Gap::Lost }),
        ResumeOutcome::Readmitted => Ok(Resumption::Readmitted),
        ResumeOutcome::Told { reason: why } => Ok(Resumption::Ended(reason(*why))),
        ResumeOutcome::Refused { refusal } => code(refusal).map(Resumption::Refused),
    }
}

fn lets_in(frame: &ServerFrame) -> bool {
    match frame {
        ServerFrame::LoginAnswer { refused, .. } => refused.is_none(),
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { .. } | ResumeOutcome::Readmitted } => true,
        ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Told { .. } | ResumeOutcome::Refused { .. } }
        | ServerFrame::LogoutAnswer
        | ServerFrame::SyncAnswer { .. }
        | ServerFrame::SendAnswer { .. }
        | ServerFrame::Message { .. }
        | ServerFrame::Notice { .. }
        | ServerFrame::Ping
        | ServerFrame::Pong => false,
    }
}
