//! The bytes of every hostile act, made of what an eavesdropper knows. It writes none.

use model::action::{AccountId, Credential, InstanceId};
use model::scope::Scope;
use sut::protocol::{ClientFrame, Envelope, MAX_FRAME_BYTES, MAX_TEXT_BYTES, MessageId, VERSION, encode};
use sut::session::{Epoch, InstanceKey, Secret};

use super::class::{AfterKick, Claim, Class, GIVEN_UP, Garbage, OutOfPlace, Replayed, Speech};
use super::target::{Target, first_written};
use super::websocket as ws;
use crate::cast::{self, SDK_APP_ID};
use crate::driver::AttackHarness;

/// The stranger's own account, which no refusal scope uses.
pub(super) const STRANGER: AccountId = AccountId(2);
/// The stranger's own key.
pub(super) const OWN_KEY: InstanceKey = InstanceKey(0xdead_beef << 64);
/// A secret that no session has.
const FORGED: Secret = Secret(0xf0f0 << 96);
/// The epoch of an owed logout that nothing known speaks against.
pub(super) const OWED_EPOCH: Epoch = Epoch(7);
/// A place that no message has.
const BEYOND: u64 = u64::MAX;

/// Makes bytes against one instance.
pub(super) struct PayloadBuilder<'a> {
    pub(super) attacker: &'a AttackHarness,
    pub(super) scope: &'a Scope,
    pub(super) seat: InstanceId,
    pub(super) target: Target,
}

impl PayloadBuilder<'_> {
    /// What is written, in parts between which the server may answer; `None` if something is not known that must be.
    pub(super) fn parts(&self, class: Class) -> Option<Vec<Vec<u8>>> {
        let texts = match class {
            Class::Garbage(what, _) => return Some(vec![self.garbage(what)]),
            Class::TooEarly(what, _) => vec![self.say(self.speech(what))],
            Class::Claim(claim) => self.claim(claim)?,
            Class::Replay(what, _) => vec![encode(first_written(self.attacker, self.seat, what)?)],
            Class::OutOfPlace(what) => vec![self.out_of_place(what)?],
            Class::AfterKick(what) => vec![self.after_kick(what)],
        };
        Some(texts.iter().map(|text| ws::text(text)).collect())
    }

    /// A login of the stranger's as the stranger, which is let in.
    pub(super) fn own_login(&self) -> Vec<u8> {
        ws::text(&said(FORGED, Epoch(1), self.login(STRANGER, Credential::Good, OWN_KEY)))
    }

    /// The logout behind it.
    pub(super) fn own_logout(&self) -> Vec<u8> {
        ws::text(&said(FORGED, Epoch(1), logout(STRANGER, OWN_KEY)))
    }

    /// The resume that the instance itself could write.
    pub(super) fn true_resume(&self, last_seq: u64) -> Vec<u8> {
        ws::text(&said(self.target.secret, self.later(), self.resume(self.target.account, self.target.key, last_seq)))
    }

    /// The acknowledgement that the instance itself could write.
    pub(super) fn true_kick_ack(&self) -> Vec<u8> {
        ws::text(&self.say(ClientFrame::KickAck))
    }

    /// A frame in the target's name.
    fn say(&self, frame: ClientFrame) -> String {
        said(self.target.secret, self.target.epoch, frame)
    }

    fn later(&self) -> Epoch {
        self.target.later()
    }

    fn lower(&self) -> Epoch {
        Epoch(self.target.highest.0.saturating_sub(1))
    }

    fn login(&self, account: AccountId, credential: Credential, key: InstanceKey) -> ClientFrame {
        let (user_id, user_sig) = self.attacker.pass(account, credential);
        let platform = cast::platform(self.scope.platform(self.seat));
        ClientFrame::Login { sdk_app_id: SDK_APP_ID, user_id, user_sig, platform, key }
    }

    fn resume(&self, account: AccountId, key: InstanceKey, last_seq: u64) -> ClientFrame {
        let (user_id, user_sig) = self.attacker.pass(account, Credential::Good);
        let platform = cast::platform(self.scope.platform(self.seat));
        ClientFrame::Resume { sdk_app_id: SDK_APP_ID, user_id, user_sig, platform, key, last_seq }
    }

    fn send(&self) -> ClientFrame {
        send(cast::user_id(self.target.account), "gotcha".to_owned())
    }

    fn speech(&self, what: Speech) -> ClientFrame {
        match what {
            Speech::Sync => ClientFrame::Sync,
            Speech::Send => self.send(),
            Speech::MessageAck => ClientFrame::MessageAck { seq: 1 },
            Speech::KickAck => ClientFrame::KickAck,
            Speech::Ping => ClientFrame::Ping,
        }
    }

    fn claim(&self, claim: Claim) -> Option<Vec<String>> {
        let Target { account, key, secret, highest, .. } = self.target;
        let resume = |secret, epoch| vec![said(secret, epoch, self.resume(account, key, 0))];
        let login = |epoch, credential| said(FORGED, epoch, self.login(account, credential, key));
        let owed = |epoch| said(FORGED, epoch, logout(account, key));
        Some(match claim {
            Claim::ResumeForgedSecret | Claim::ResumeForgedKicked => resume(FORGED, self.later()),
            Claim::ResumeOldSecret => resume(self.old_secret()?, self.later()),
            Claim::ResumeLowerEpoch => resume(secret, self.lower()),
            Claim::ResumeEqualEpoch => resume(secret, highest),
            Claim::ResumeOthersUserSig => vec![self.resume_with_own_user_sig()],
            Claim::ResumeUnderOwnKey => vec![said(secret, self.later(), self.resume(account, OWN_KEY, 0))],
            Claim::ResumeAsOneself => vec![said(secret, self.later(), self.resume(STRANGER, key, 0))],
            Claim::ResumeBeyondCounting => vec![said(secret, self.later(), self.resume(account, key, BEYOND))],
            Claim::ResumeNoUserId => vec![self.resume_of_nobody()],
            Claim::LoginLowerEpoch => vec![login(self.lower(), Credential::Good)],
            Claim::LoginEqualEpoch => vec![login(highest, Credential::Good)],
            Claim::LoginForgedUserSig => vec![login(self.later(), Credential::WrongSignature)],
            Claim::LoginOthersUserSig => vec![self.login_with_own_user_sig()],
            Claim::OwedForgedSecret => vec![owed(self.later())],
            Claim::OwedUnderOwnKey => vec![said(FORGED, OWED_EPOCH, logout(account, OWN_KEY))],
            Claim::OwedWithOthersUserSig => vec![said(FORGED, OWED_EPOCH, self.logout_of(account, OWN_KEY))],
            Claim::OwedAsOneself => vec![said(secret, OWED_EPOCH, self.logout_of(STRANGER, key))],
            Claim::LoginBehindOwed => vec![owed(highest), login(highest, Credential::Good)],
            Claim::LoginOfAnotherEpochBehindOwed => vec![owed(highest), login(self.later(), Credential::Good)],
            Claim::SyncBehindOwed => vec![owed(highest), said(FORGED, highest, ClientFrame::Sync)],
        })
    }

    /// With the stranger's own UserSig.
    fn logout_of(&self, account: AccountId, key: InstanceKey) -> ClientFrame {
        let user_sig = Some(self.attacker.pass(STRANGER, Credential::Good).1);
        ClientFrame::Logout { user_id: cast::user_id(account).to_owned(), key, user_sig }
    }

    fn old_secret(&self) -> Option<Secret> {
        let old = first_written(self.attacker, self.seat, Replayed::Login)?.session;
        (old != self.target.secret).then_some(old)
    }

    fn resume_with_own_user_sig(&self) -> String {
        let mut frame = self.resume(self.target.account, OWN_KEY, 0);
        if let ClientFrame::Resume { user_sig, .. } = &mut frame {
            *user_sig = self.attacker.pass(STRANGER, Credential::Good).1;
        }
        said(self.target.secret, self.later(), frame)
    }

    fn resume_of_nobody(&self) -> String {
        let mut frame = self.resume(self.target.account, self.target.key, 0);
        if let ClientFrame::Resume { user_id, .. } = &mut frame {
            "no userID".clone_into(user_id);
        }
        said(self.target.secret, self.later(), frame)
    }

    fn login_with_own_user_sig(&self) -> String {
        let mut frame = self.login(self.target.account, Credential::Good, OWN_KEY);
        if let ClientFrame::Login { user_sig, .. } = &mut frame {
            *user_sig = self.attacker.pass(STRANGER, Credential::Good).1;
        }
        said(FORGED, Epoch(1), frame)
    }

    fn out_of_place(&self, what: OutOfPlace) -> Option<String> {
        let Target { account, key, secret, epoch, .. } = self.target;
        Some(match what {
            OutOfPlace::SecondLogin => self.say(self.login(account, Credential::Good, key)),
            OutOfPlace::SecondResume => self.say(self.resume(account, key, 0)),
            OutOfPlace::ForgedSecret => said(FORGED, epoch, self.send()),
            OutOfPlace::OthersSecret => self.logout_of_another(epoch)?,
            OutOfPlace::LaterEpoch => said(secret, Epoch(epoch.0 + 1), ClientFrame::Ping),
            OutOfPlace::EarlierEpoch => said(secret, Epoch(epoch.0.saturating_sub(1)), self.send()),
            OutOfPlace::KickAck => self.say(ClientFrame::KickAck),
            OutOfPlace::AckOfNothing => self.say(ClientFrame::MessageAck { seq: 1000 }),
            OutOfPlace::LogoutOfAnotherKey => self.say(logout(account, OWN_KEY)),
            OutOfPlace::LogoutOfAnotherAccount => self.say(logout(STRANGER, key)),
            OutOfPlace::SendToNobody => self.say(send("no userID", "gotcha".to_owned())),
            OutOfPlace::SendTooLong => self.say(send(cast::user_id(account), "x".repeat(MAX_TEXT_BYTES))),
        })
    }

    /// A logout of any other session on record, under its own secret.
    fn logout_of_another(&self, epoch: Epoch) -> Option<String> {
        let another = |account| {
            let record = self.attacker.stored(account).record;
            let own = self.target.secret.digest();
            let session = record.sessions.iter().find(|session| session.digest != own)?;
            let known = self.attacker.called(session.digest)?;
            Some(said(known.secret, epoch, logout(account, known.key)))
        };
        self.scope.accounts().find_map(another)
    }

    fn after_kick(&self, what: AfterKick) -> String {
        let Target { account, key, secret, epoch, .. } = self.target;
        match what {
            AfterKick::Login => self.say(self.login(account, Credential::Good, key)),
            AfterKick::Resume => self.say(self.resume(account, key, 0)),
            AfterKick::Logout => self.say(logout(account, key)),
            AfterKick::Sync => self.say(ClientFrame::Sync),
            AfterKick::Send => self.say(self.send()),
            AfterKick::MessageAck => self.say(ClientFrame::MessageAck { seq: 1 }),
            AfterKick::Ping => self.say(ClientFrame::Ping),
            AfterKick::ForgedKickAck => said(FORGED, epoch, ClientFrame::KickAck),
            AfterKick::KickAckOfAnotherEpoch => said(secret, Epoch(epoch.0 + 1), ClientFrame::KickAck),
        }
    }

    fn garbage(&self, what: Garbage) -> Vec<u8> {
        let good = self.say(ClientFrame::Sync);
        let other = |from: &str, to: &str| ws::text(&good.replacen(from, to, 1));
        let long = vec![b'x'; MAX_FRAME_BYTES + 1];
        match what {
            Garbage::Truncated => ws::text(&good[..good.len() / 2]),
            Garbage::Empty => ws::text(""),
            Garbage::DeeplyNested => other("\"sync\"", &"[".repeat(1000)),
            Garbage::NotUtf8 => ws::frame(ws::TEXT, &[0xc3, 0x28]),
            Garbage::Binary => ws::frame(ws::BINARY, good.as_bytes()),
            Garbage::UnknownFrame => other("\"sync\"", "\"obey\""),
            Garbage::UnknownField => other("{", "{\"more\":1,"),
            Garbage::MissingField => other("\"session\"", "\"more\""),
            Garbage::WrongType => other("\"epoch\":", "\"epoch\":-"),
            Garbage::WrongVersion => other(&format!("\"v\":{VERSION}"), "\"v\":2"),
            Garbage::Oversized => ws::frame(ws::TEXT, &long),
            Garbage::OversizedInParts => {
                let (first, rest) = long.split_at(long.len() / 2);
                [ws::frame(ws::TEXT_BEGINS, first), ws::frame(ws::GOES_ON, rest)].concat()
            }
            Garbage::Unmasked => ws::unmasked(&good),
            Garbage::ReservedBit => ws::frame(ws::RESERVED_BIT, good.as_bytes()),
            Garbage::ReservedOpcode => ws::frame(ws::RESERVED_OPCODE, good.as_bytes()),
            Garbage::StrayContinuation => ws::frame(ws::GOES_ON, good.as_bytes()),
            Garbage::LongPing => ws::frame(ws::PING, &[b'x'; 126]),
            Garbage::BehindClose => [ws::close(GIVEN_UP), self.good_behind_close()].concat(),
        }
    }

    /// What would be let in if nothing went before it: on the stranger's link a login, on a session's link its logout.
    fn good_behind_close(&self) -> Vec<u8> {
        [ws::text(&self.say(logout(self.target.account, self.target.key))), self.own_login()].concat()
    }
}

fn said(session: Secret, epoch: Epoch, frame: ClientFrame) -> String {
    encode(&Envelope { v: VERSION, session, epoch, frame })
}

fn send(to: &str, text: String) -> ClientFrame {
    ClientFrame::Send { id: MessageId(u128::MAX), to: to.to_owned(), text }
}

fn logout(account: AccountId, key: InstanceKey) -> ClientFrame {
    ClientFrame::Logout { user_id: cast::user_id(account).to_owned(), key, user_sig: None }
}
