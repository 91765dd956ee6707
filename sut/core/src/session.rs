//! What the server knows of an account: its sessions in login order, its kick records, its epochs, its last REST kick, without any secret
//! or key. Plain data; it decides nothing.

pub mod bits;
mod digest;
mod fingerprint;
mod platform;
mod version;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use litemap::LiteMap;
use serde::{Deserialize, Serialize, Serializer};
use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::timers::UnixMillis;
use crate::usersig::UserSig;
use crate::variants::every;

pub use digest::{KeyDigest, SessionDigest};
pub use fingerprint::Fingerprint;
pub use platform::{BadPlatform, OWN_NAME_FORM, OwnName, Platform, UnknownPlatform};
pub use version::{Reign, Version};

/// What a userID is, in the words of whoever refuses one.
pub const USER_ID_FORM: &str = "1 to 32 bytes of printable ASCII without spaces";

/// Whether a text can name an account: [`USER_ID_FORM`] (LOGIN-8's 70402).
pub fn is_user_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Why the server ended a session against its instance's wish, by the SDK's values.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumCount, VariantArray, IntoStaticStr,
)]
#[strum(serialize_all = "camelCase")]
pub enum KickReason {
    /// `KICKED_OUT_MULT_ACCOUNT`: too many instances of the platform (KICK-2).
    #[serde(rename = "multipleAccount")]
    MultipleAccount,
    /// `KICKED_OUT_MULT_DEVICE`: another kind of the class logged in (KICK-1).
    #[serde(rename = "multipleDevice")]
    MultipleDevice,
    /// `KICKED_OUT_USERSIG_EXPIRED` (SIG-1).
    #[serde(rename = "userSigExpired")]
    UserSigExpired,
    /// `KICKED_OUT_REST_API` (REST-1).
    #[serde(rename = "REST_API_Kick")]
    #[strum(serialize = "REST_API_Kick")]
    RestApi,
}

impl KickReason {
    /// Every reason, in the order of the rulebook.
    pub const ALL: [KickReason; KickReason::COUNT] = every();

    /// The SDK's value, as it is written everywhere.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// 128 random bits that an instance makes and keeps: its identity. It is known to the instance and is shown to the server, which keeps
/// its [`digest`](InstanceKey::digest) only.
///
/// Written as 32 lower-case hexadecimal digits; its `Debug` hides the bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceKey(#[serde(with = "bits")] pub u128);

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceKey(hidden)")
    }
}

/// 128 random bits that the client makes for each session and sends with its login: they name the session and authorise what is
/// asked of it. The server keeps their [`digest`](Secret::digest) only.
///
/// Written as 32 lower-case hexadecimal digits; its `Debug` hides the bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(#[serde(with = "bits")] pub u128);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// The number that an instance gives a link, from 1 to [`Epoch::LAST`]; it only grows, also over a restart of the instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The last number that a link can have: the highest up to which every reader of JSON reads all exactly.
    pub const LAST: Epoch = Epoch((1 << 53) - 1);

    /// Whether a link can have this number.
    pub const fn is_a_links(self) -> bool {
        1 <= self.0 && self.0 <= Epoch::LAST.0
    }

    /// That of the instance's next link; behind the last number there is no other.
    pub(crate) fn next(self) -> Epoch {
        Epoch(self.0.saturating_add(1)).min(Epoch::LAST)
    }

    /// That of the first link of a login: the next one, but no less than the Unix time in milliseconds, so that an instance which kept
    /// its key alone is not late (LINK-3).
    pub(crate) fn of_login(self, now: UnixMillis) -> Epoch {
        self.next().max(Epoch(now.0)).min(Epoch::LAST)
    }
}

/// The highest epoch that is known of an instance, and since when (LINK-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochEntry {
    /// It.
    pub epoch: Epoch,
    /// When the commit was made that last raised it.
    pub raised_at: UnixMillis,
}

/// The name that a client gives a message: 128 random bits. A repeat under the same name is not a second message (MSG-3).
///
/// Written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(#[serde(with = "bits")] pub u128);

/// A life of a node, from its start or from its waking on until its lease runs out. Each has a higher number than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeLife(pub NonZeroU32);

impl fmt::Display for NodeLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The record that an instance is logged in. It is online as long as it stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose session it is: what the server calls the instance.
    pub key: KeyDigest,
    /// What names it.
    pub digest: SessionDigest,
    /// The link that carries it.
    pub epoch: Epoch,
    /// What its limit and class are looked up by.
    pub platform: Platform,
    /// When the UserSig that it logged in with expires (SIG-1).
    pub expires_at: UnixMillis,
    /// The second in which that UserSig was issued (REST-1).
    pub issued_s: u64,
    /// The life of the node that has the link, or had the last; `None` where one node is alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeLife>,
    /// When it was admitted, by the clock of the node that did; `None` where one node is alone (NODE-5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted_at: Option<UnixMillis>,
}

impl Session {
    /// The same, logged in with that UserSig.
    pub(crate) fn logs_in_with(&mut self, user_sig: &UserSig) {
        (self.expires_at, self.issued_s) = (user_sig.expires_at(), user_sig.time_s);
    }
}

/// That a session was kicked and its instance may not know it yet (KICK-8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KickRecord {
    /// The instance that the session belonged to.
    pub key: KeyDigest,
    /// The session that was kicked.
    pub digest: SessionDigest,
    /// The first reason; it stays.
    pub reason: KickReason,
}

/// That a message was accepted, so that its repeat is known (MSG-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its name.
    pub id: MessageId,
    /// When it was accepted.
    pub at: UnixMillis,
}

/// By instance. Nearly every account has one or two: a list takes a tenth of a tree.
pub type Epochs = LiteMap<KeyDigest, EpochEntry>;

/// All that is stored of one account. The default is the record of an account that never logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The online sessions, oldest login first.
    pub sessions: Vec<Session>,
    /// The kicks that were not acknowledged yet, oldest first; at most 100.
    pub kicks: Vec<KickRecord>,
    /// The highest epoch of each instance key (LINK-3); at most 100 of keys without a session.
    #[serde(serialize_with = "as_map")]
    pub epochs: Epochs,
    /// Up to which Unix second UserSigs are revoked by the account's last REST kick; `None` before the first (REST-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_kick_s: Option<u64>,
    /// The messages that each instance sent of late, oldest first (MSG-3).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accepted: BTreeMap<KeyDigest, Vec<Accepted>>,
}

/// An empty one, too, is written as a map.
fn as_map<S: Serializer>(epochs: &Epochs, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(epochs.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: u128 = 0x0123_4567_89ab_cdef_0000_0000_0000_000f;
    const WRITTEN: &str = "\"0123456789abcdef000000000000000f\"";

    #[test]
    fn bits_are_written_as_32_lower_case_digits_and_read_back() {
        assert_eq!(serde_json::to_string(&Secret(BITS)).unwrap(), WRITTEN);
        assert_eq!(serde_json::from_str::<Secret>(WRITTEN).unwrap(), Secret(BITS));
        assert_eq!(serde_json::from_str::<InstanceKey>(WRITTEN).unwrap(), InstanceKey(BITS));
    }

    #[test]
    fn anything_but_32_lower_case_digits_is_refused() {
        let bad = [
            "\"\"".to_owned(),
            WRITTEN.to_uppercase(),
            WRITTEN.replace("0123", "012"),
            WRITTEN.replace("0123", "01234"),
            WRITTEN.replace("0123", "+123"),
            WRITTEN.replace("0123", "012g"),
            WRITTEN.replace("0123", "0x23"),
            "7".to_owned(),
            "null".to_owned(),
        ];
        for text in bad {
            let error = serde_json::from_str::<Secret>(&text).unwrap_err().to_string();
            assert!(error.contains("32 lower-case hexadecimal digits"), "{text}: {error}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_repeated_in_the_error() {
        let error = serde_json::from_str::<Secret>("\"deadbeef\"").unwrap_err().to_string();
        assert!(!error.contains("dead"), "{error}");
    }

    #[test]
    fn debug_shows_no_secret_and_no_key() {
        assert_eq!(format!("{:?}", Secret(BITS)), "Secret(hidden)");
        assert_eq!(format!("{:?}", InstanceKey(BITS)), "InstanceKey(hidden)");
    }

    fn raised(epoch: u64) -> EpochEntry {
        EpochEntry { epoch: Epoch(epoch), raised_at: UnixMillis(epoch + 10) }
    }

    #[test]
    fn a_links_number_is_one_to_the_last() {
        let numbers = [0, 1, Epoch::LAST.0, Epoch::LAST.0 + 1].map(|number| Epoch(number).is_a_links());
        assert_eq!(numbers, [false, true, true, false]);
        assert_eq!(Epoch::LAST.0, 9_007_199_254_740_991);
    }

    #[test]
    fn the_first_link_of_a_login_is_numbered_by_the_clock_unless_it_is_late() {
        let of_login = |last, now| Epoch(last).of_login(UnixMillis(now)).0;
        assert_eq!([of_login(0, 1_000), of_login(999, 1_000), of_login(1_000, 1_000)], [1_000, 1_000, 1_001]);
        assert_eq!([of_login(Epoch::LAST.0, 1_000), of_login(0, u64::MAX)], [Epoch::LAST.0; 2]);
        assert_eq!([Epoch(7).next(), Epoch::LAST.next(), Epoch(u64::MAX).next()], [Epoch(8), Epoch::LAST, Epoch::LAST]);
    }

    #[test]
    fn a_record_is_stored_and_read_back_with_its_epochs() {
        let record = Record {
            sessions: vec![Session {
                key: KeyDigest(1),
                digest: SessionDigest(2),
                epoch: Epoch(3),
                platform: Platform::IPhone,
                expires_at: UnixMillis(9),
                issued_s: 8,
                node: None,
                admitted_at: None,
            }],
            kicks: vec![KickRecord { key: KeyDigest(4), digest: SessionDigest(5), reason: KickReason::MultipleDevice }],
            epochs: Epochs::from_iter([(KeyDigest(1), raised(3)), (KeyDigest(4), raised(9))]),
            rest_kick_s: Some(1_700_000_000),
            accepted: BTreeMap::from([(KeyDigest(1), vec![Accepted { id: MessageId(6), at: UnixMillis(7) }])]),
        };
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&stored).unwrap(), record);
    }

    #[test]
    fn a_record_without_a_rest_kick_has_no_field_for_it() {
        let stored = r#"{"sessions":[],"kicks":[],"epochs":{}}"#;
        let record: Record = serde_json::from_str(stored).unwrap();
        assert_eq!((&record, serde_json::to_string(&record).unwrap().as_str()), (&Record::default(), stored));
    }

    #[test]
    fn a_user_id_is_1_to_32_bytes_of_printable_ascii_without_spaces() {
        let good = ["a", "user-1", "!~", &"x".repeat(32)];
        let bad = ["", " ", "a b", "a\n", "\u{7f}", "é", &"x".repeat(33)];
        assert!(good.into_iter().all(is_user_id));
        assert!(!bad.into_iter().any(is_user_id));
    }
}
