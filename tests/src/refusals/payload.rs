//! The frames that hostile acts are made of, out of what an eavesdropper knows. It writes none.

use model::action::{AccountId, Credential, InstanceId};
use model::scope::Scope;
use sut::protocol::{ClientFrame, Envelope, MessageId, VERSION, encode};
use sut::session::{Epoch, InstanceKey, Secret};

use super::history::Earlier;
use super::target::{Target, first_written};
use super::websocket as ws;
use crate::cast::{self, SDK_APP_ID, user_id};
use crate::driver::AttackHarness;

/// The stranger's own account, which no refusal scope uses.
pub(super) const STRANGER: AccountId = AccountId(2);
/// The stranger's own key.
pub(super) const OWN_KEY: InstanceKey = InstanceKey(0xdead_beef << 64);
/// A secret that no session has.
pub(super) const FORGED: Secret = Secret(0xf0f0 << 96);
/// The epoch of an owed logout that nothing known speaks against.
pub(super) const OWED_EPOCH: Epoch = Epoch(7);

/// A userID and a UserSig.
type Pass = (String, String);

/// Makes frames against one instance.
pub(super) struct PayloadBuilder<'a> {
    pub(super) attacker: &'a AttackHarness,
    pub(super) scope: &'a Scope,
    pub(super) seat: InstanceId,
    pub(super) target: Target,
}

impl PayloadBuilder<'_> {
    /// A login of the stranger's as the stranger, which is let in.
    pub(super) fn own_login(&self) -> Vec<u8> {
        said(FORGED, Epoch(1), self.login(STRANGER, Credential::Good, OWN_KEY))
    }

    /// The resume that the instance itself could write.
    pub(super) fn true_resume(&self, last_seq: u64) -> Vec<u8> {
        said(self.target.secret, self.later(), self.resume(self.target.account, self.target.key, last_seq))
    }

    /// A frame in the target's name.
    pub(super) fn say(&self, frame: ClientFrame) -> Vec<u8> {
        said(self.target.secret, self.target.epoch, frame)
    }

    /// An epoch that is not late.
    pub(super) fn later(&self) -> Epoch {
        self.target.later()
    }

    /// An epoch that is late.
    pub(super) fn lower(&self) -> Epoch {
        Epoch(self.target.highest.0.saturating_sub(1))
    }

    /// What an account shows at the door.
    pub(super) fn pass(&self, account: AccountId, credential: Credential) -> Pass {
        self.attacker.pass(account, credential)
    }

    pub(super) fn login(&self, account: AccountId, credential: Credential, key: InstanceKey) -> ClientFrame {
        self.login_as(self.pass(account, credential), key)
    }

    pub(super) fn login_as(&self, (user_id, user_sig): Pass, key: InstanceKey) -> ClientFrame {
        let platform = cast::platform(self.scope.platform(self.seat));
        ClientFrame::Login { sdk_app_id: SDK_APP_ID, user_id, user_sig, platform, key }
    }

    /// A login in the target's name, as a new session.
    pub(super) fn login_at(&self, epoch: Epoch, credential: Credential) -> Vec<u8> {
        said(FORGED, epoch, self.login(self.target.account, credential, self.target.key))
    }

    pub(super) fn resume(&self, account: AccountId, key: InstanceKey, last_seq: u64) -> ClientFrame {
        self.resume_as(self.pass(account, Credential::Good), key, last_seq)
    }

    pub(super) fn resume_as(&self, (user_id, user_sig): Pass, key: InstanceKey, last_seq: u64) -> ClientFrame {
        let platform = cast::platform(self.scope.platform(self.seat));
        ClientFrame::Resume { sdk_app_id: SDK_APP_ID, user_id, user_sig, platform, key, last_seq }
    }

    /// A resume in the target's name.
    pub(super) fn resume_with(&self, session: Secret, epoch: Epoch) -> Vec<Vec<u8>> {
        vec![said(session, epoch, self.resume(self.target.account, self.target.key, 0))]
    }

    pub(super) fn send(&self) -> ClientFrame {
        send(user_id(self.target.account), "gotcha".to_owned())
    }

    /// A logout in the target's name under a secret that was made up.
    pub(super) fn owed_at(&self, epoch: Epoch) -> Vec<u8> {
        said(FORGED, epoch, logout(self.target.account, self.target.key))
    }

    /// A logout with the stranger's own UserSig.
    pub(super) fn own_logout_of(&self, account: AccountId, key: InstanceKey) -> ClientFrame {
        let user_sig = Some(self.pass(STRANGER, Credential::Good).1);
        ClientFrame::Logout { user_id: user_id(account).to_owned(), key, user_sig }
    }

    /// A logout of any other session on record, under its own secret.
    pub(super) fn logout_of_another(&self) -> Option<Vec<u8>> {
        let another = |account| {
            let record = self.attacker.stored(account).record;
            let own = self.target.secret.digest();
            let session = record.sessions.iter().find(|session| session.digest != own)?;
            let known = self.attacker.called(session.digest)?;
            Some(said(known.secret, self.target.epoch, logout(account, known.key)))
        };
        self.scope.accounts().find_map(another)
    }

    /// The secret of the session before.
    pub(super) fn old_secret(&self) -> Option<Secret> {
        let old = first_written(self.attacker, self.seat, Earlier::Login)?.session;
        (old != self.target.secret).then_some(old)
    }

    /// What the instance has written before, once more.
    pub(super) fn again(&self, what: Earlier) -> Vec<Vec<u8>> {
        first_written(self.attacker, self.seat, what).map(|said| ws::text(&encode(said))).into_iter().collect()
    }

    /// A good frame as its text.
    pub(super) fn good(&self) -> String {
        text(self.target.secret, self.target.epoch, ClientFrame::Sync)
    }

    /// The same with something else in place of a part.
    pub(super) fn garbled(&self, part: &str, other: &str) -> Vec<Vec<u8>> {
        vec![ws::text(&self.good().replacen(part, other, 1))]
    }

    /// The same in a WebSocket frame that begins with another byte.
    pub(super) fn framed(&self, first: u8) -> Vec<Vec<u8>> {
        vec![ws::frame(first, self.good().as_bytes())]
    }
}

/// A frame as a client writes it.
pub(super) fn said(session: Secret, epoch: Epoch, frame: ClientFrame) -> Vec<u8> {
    ws::text(&text(session, epoch, frame))
}

fn text(session: Secret, epoch: Epoch, frame: ClientFrame) -> String {
    encode(&Envelope { v: VERSION, session, epoch, frame })
}

pub(super) fn send(to: &str, text: String) -> ClientFrame {
    ClientFrame::Send { id: MessageId(u128::MAX), to: to.to_owned(), text }
}

pub(super) fn logout(account: AccountId, key: InstanceKey) -> ClientFrame {
    ClientFrame::Logout { user_id: user_id(account).to_owned(), key, user_sig: None }
}
