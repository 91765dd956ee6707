//! UserSig v2, the vendor's TLSSigAPIv2: making and judging (SIG-2, LOGIN-8). A text of Base64 with `+/=` written `*-_`, in it a
//! zlib stream, in it a JSON object with an HMAC-SHA256. It knows no session, and keeps nothing of what it judged.

mod envelope;
mod lifetime;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::code::{Code, Refusal};
use crate::config::SecretKeys;
use crate::timers::UnixMillis;

pub use lifetime::Lifetime;

/// How many seconds ahead of the server's clock a UserSig may be dated, unless it is configured (LOGIN-8).
pub const DEFAULT_AHEAD_S: u64 = 60;

/// What a UserSig says, true or not: [`judge`] tells which.
#[derive(Clone, PartialEq, Eq)]
pub struct UserSig {
    /// The account that it is for.
    pub identifier: String,
    /// The SDKAppID that it is for.
    pub sdk_app_id: u64,
    /// When it was issued, in seconds since the Unix epoch.
    pub time_s: u64,
    /// For how long from then it is good.
    pub expire: Lifetime,
    /// Bytes of the application's own, signed with the rest; `Some` of nothing is not `None`.
    pub userbuf: Option<Vec<u8>>,
    signature: String,
}

impl fmt::Debug for UserSig {
    /// Shows all but the signature: whoever has it can log in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UserSig { identifier, sdk_app_id, time_s, expire, userbuf, signature: _ } = self;
        let mut shown = f.debug_struct("UserSig");
        shown.field("identifier", identifier).field("sdk_app_id", sdk_app_id);
        shown.field("time_s", time_s).field("expire", expire).field("userbuf", userbuf);
        shown.finish_non_exhaustive()
    }
}

/// Makes the UserSig of an account, good for `expire_s` seconds from `time_s` on (SIG-2).
pub fn make(app_id: u64, secret_key: &str, identifier: &str, time_s: u64, expire_s: u64, userbuf: Option<&[u8]>) -> String {
    let mut user_sig = UserSig {
        identifier: identifier.to_owned(),
        sdk_app_id: app_id,
        time_s,
        expire: Lifetime::of_secs(expire_s),
        userbuf: userbuf.map(<[u8]>::to_vec),
        signature: String::new(),
    };
    user_sig.signature = user_sig.signed_with(secret_key);
    envelope::seal(&user_sig)
}

/// What a good UserSig says, or the first refusal of LOGIN-8 that applies, from 70002 to 70001; dated ahead by [`DEFAULT_AHEAD_S`] at
/// most.
///
/// # Errors
/// That refusal.
pub fn judge(app_id: u64, secret_key: &str, identifier: &str, user_sig: &str, now: UnixMillis) -> Result<UserSig, Refusal> {
    let user_sig = read(user_sig, DEFAULT_AHEAD_S, now)?;
    user_sig.verify(app_id, &secret_key.into(), (app_id, identifier), now)?;
    Ok(user_sig)
}

/// What a UserSig says, true or not; refused as empty (70002), malformed, truncated or dated too far ahead (70003).
///
/// # Errors
/// 70002 or 70003.
pub fn read(user_sig: &str, most_ahead_s: u64, now: UnixMillis) -> Result<UserSig, Refusal> {
    let user_sig = open(user_sig)?;
    let ahead_ms = millis(user_sig.time_s).saturating_sub(now.0);
    if ahead_ms > millis(most_ahead_s) {
        let text = format!("the UserSig is dated {} s ahead; {most_ahead_s} s is the most", ahead_ms.div_ceil(1000));
        return refuse(Code::SigMalformed, &text);
    }
    Ok(user_sig)
}

/// What a UserSig says that is rightly signed for that app and account, whatever its time and its age; else why it is not.
///
/// # Errors
/// The first refusal that applies, from 70002 to 70014.
pub fn judge_signature(
    app_id: u64,
    keys: &SecretKeys,
    named: (u64, &str),
    user_sig: &str,
    now: UnixMillis,
) -> Result<UserSig, Refusal> {
    let user_sig = open(user_sig)?;
    user_sig.verify_signature(app_id, keys, named, now)?;
    Ok(user_sig)
}

/// What it says, refused as empty or malformed.
fn open(user_sig: &str) -> Result<UserSig, Refusal> {
    if user_sig.is_empty() {
        return refuse(Code::SigEmpty, "the UserSig is empty; make one for this account");
    }
    envelope::open(user_sig).or_else(|what| refuse(Code::SigMalformed, &format!("the UserSig is malformed: {what}")))
}

impl UserSig {
    /// The moment from which on it is no longer good (SIG-1).
    pub fn expires_at(&self) -> UnixMillis {
        UnixMillis(millis(self.time_s).saturating_add(self.expire.millis()))
    }

    /// Whether it and the SDKAppID that comes with it are this app's (70014), it is for the account that comes with it (70013), truly
    /// signed (70009) and still good (70001), in that order.
    pub(crate) fn verify(&self, app_id: u64, keys: &SecretKeys, named: (u64, &str), now: UnixMillis) -> Result<(), Refusal> {
        self.verify_signature(app_id, keys, named, now)?;
        if now >= self.expires_at() {
            let text = "the UserSig has expired; make a fresh one for this account";
            return refuse(Code::SigExpired, text);
        }
        Ok(())
    }

    /// The same without its age.
    fn verify_signature(
        &self,
        app_id: u64,
        keys: &SecretKeys,
        (sdk_app_id, identifier): (u64, &str),
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let named = [self.sdk_app_id, sdk_app_id];
        if let Some(other) = named.into_iter().find(|named| *named != app_id) {
            let text = format!("SDKAppID {other} is not served here; {app_id} is");
            return refuse(Code::SigOtherApp, &text);
        }
        if self.identifier != identifier {
            let text = format!("the UserSig is for {:?}, not for {identifier:?}", self.identifier);
            return refuse(Code::SigOtherIdentifier, &text);
        }
        if !keys.good_at(now).any(|key| same(&self.signature, &self.signed_with(key))) {
            let text = "the UserSig's signature is wrong; sign with the app's secret key";
            return refuse(Code::SigWrong, text);
        }
        Ok(())
    }

    fn signed_with(&self, secret_key: &str) -> String {
        let key = secret_key.as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(self.signed_text().as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn signed_text(&self) -> String {
        let UserSig { identifier, sdk_app_id, time_s, expire, .. } = self;
        let userbuf = self.userbuf.as_ref().map(|userbuf| STANDARD.encode(userbuf));
        let userbuf = userbuf.map(|userbuf| format!("TLS.userbuf:{userbuf}\n"));
        format!(
            "TLS.identifier:{identifier}\nTLS.sdkappid:{sdk_app_id}\nTLS.time:{time_s}\nTLS.expire:{expire}\n{}",
            userbuf.unwrap_or_default()
        )
    }
}

fn refuse<T>(code: Code, text: &str) -> Result<T, Refusal> {
    Err(Refusal::new(code, text))
}

/// Whether two signatures are the same, in a time that does not tell where they differ.
fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

const fn millis(seconds: u64) -> u64 {
    seconds.saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::Index;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_500);
    const NOW_S: u64 = NOW.0 / 1000;

    /// The code with which alice's login at app 14 under "key" is refused.
    fn code(user_sig: &str) -> Option<Code> {
        let refusal = judge(14, "key", "alice", user_sig, NOW).err();
        refusal.map(|refusal| refusal.code)
    }

    fn alices(time_s: u64, expire_s: u64) -> String {
        make(14, "key", "alice", time_s, expire_s, None)
    }

    #[test]
    fn a_good_user_sig_says_when_it_expires() {
        let user_sig = judge(14, "key", "alice", &alices(NOW_S, 60), NOW).unwrap();
        assert_eq!(user_sig.expires_at(), UnixMillis((NOW_S + 60) * 1000));
    }

    #[test]
    fn the_first_refusal_that_applies_is_given() {
        let (future, past) = (NOW_S + 301, NOW_S - 61);
        let rows = [
            (String::new(), Code::SigEmpty),
            (make(13, "yek", "bob", future, 60, None), Code::SigMalformed),
            (make(13, "yek", "bob", past, 60, None), Code::SigOtherApp),
            (make(14, "yek", "bob", past, 60, None), Code::SigOtherIdentifier),
            (make(14, "yek", "alice", past, 60, None), Code::SigWrong),
            (make(14, "key", "alice", past, 60, None), Code::SigExpired),
        ];
        for (user_sig, expected) in rows {
            assert_eq!(code(&user_sig), Some(expected));
        }
    }

    #[test]
    fn a_user_sig_expires_at_the_second_and_not_before() {
        let rows = [
            (NOW_S, 1, None),
            (NOW_S - 60, 61, None),
            (NOW_S - 60, 60, Some(Code::SigExpired)),
            (NOW_S, 0, Some(Code::SigExpired)),
            (0, u64::MAX, None),
            (NOW_S, u64::MAX, None),
        ];
        for (time_s, expire_s, expected) in rows {
            assert_eq!(code(&alices(time_s, expire_s)), expected, "{time_s} + {expire_s}");
        }
    }

    #[test]
    fn a_user_sig_dated_up_to_a_minute_ahead_is_good() {
        let judged_at = |now_ms| {
            let judged = judge(14, "key", "alice", &alices(1_000, 60), UnixMillis(now_ms));
            judged.map(|_| ()).map_err(|refusal| refusal.to_string())
        };
        let ahead = "70003: the UserSig is dated 61 s ahead; 60 s is the most";
        assert_eq!(judged_at(940_000), Ok(()));
        assert_eq!(judged_at(939_999), Err(ahead.to_owned()));
        assert_eq!(code(&alices(u64::MAX, u64::MAX)), Some(Code::SigMalformed));
    }

    #[test]
    fn without_an_allowance_a_user_sig_is_good_from_its_second_on() {
        let read_at = |now_ms| read(&alices(1_000, 60), 0, UnixMillis(now_ms)).map(drop).map_err(|refusal| refusal.code);
        assert_eq!([read_at(999_999), read_at(1_000_000)], [Err(Code::SigMalformed), Ok(())]);
    }

    /// Alice's, with that text for its lifetime, signed as everything else is.
    fn lasting(expire: &str) -> String {
        let mut user_sig = envelope::open(&alices(NOW_S, 0)).unwrap();
        user_sig.expire = Lifetime::read(expire).unwrap();
        user_sig.signature = user_sig.signed_with("key");
        envelope::seal(&user_sig)
    }

    #[test]
    fn a_fraction_of_a_second_is_signed_as_it_is_written_and_judged_as_it_is() {
        for (expire, expected) in [("0.5", Some(Code::SigExpired)), ("0.501", None), ("5.01e-1", None), ("86400.25", None)] {
            assert_eq!(code(&lasting(expire)), expected, "{expire}");
        }
        let mut other_text = envelope::open(&lasting("1.50")).unwrap();
        other_text.expire = Lifetime::read("1.5").unwrap();
        assert_eq!(code(&envelope::seal(&other_text)), Some(Code::SigWrong));
    }

    #[test]
    fn the_signature_alone_is_judged_whatever_the_time_and_the_age() {
        let judged =
            |user_sig: String| judge_signature(14, &"key".into(), (14, "alice"), &user_sig, NOW).map(drop).map_err(|why| why.code);
        for (time_s, expire_s) in [(NOW_S, 60), (1, 1), (u64::MAX, 1)] {
            assert_eq!(judged(alices(time_s, expire_s)), Ok(()));
        }
        let wrong = [
            (String::new(), Code::SigEmpty),
            ("x".to_owned(), Code::SigMalformed),
            (make(13, "key", "alice", NOW_S, 60, None), Code::SigOtherApp),
            (make(14, "key", "bob", NOW_S, 60, None), Code::SigOtherIdentifier),
            (make(14, "yek", "alice", NOW_S, 60, None), Code::SigWrong),
        ];
        for (user_sig, expected) in wrong {
            assert_eq!(judged(user_sig), Err(expected));
        }
    }

    #[test]
    fn every_truncated_user_sig_is_malformed() {
        let whole = make(14, "key", "alice", NOW_S, 60, Some(b"buf"));
        for length in 1..whole.len() {
            assert_eq!(code(&whole[..length]), Some(Code::SigMalformed), "{length}");
        }
    }

    #[test]
    fn a_wrong_key_is_told_from_everything_else() {
        let refusal = judge(14, "other", "alice", &alices(NOW_S, 60), NOW).unwrap_err();
        assert_eq!(refusal.code, Code::SigWrong);
    }

    #[test]
    fn a_userbuf_is_signed() {
        let mut with = envelope::open(&make(14, "key", "alice", NOW_S, 60, Some(b""))).unwrap();
        assert_eq!(code(&envelope::seal(&with)), None);
        with.userbuf = None;
        assert_eq!(code(&envelope::seal(&with)), Some(Code::SigWrong));
        with.userbuf = Some(b"more".to_vec());
        assert_eq!(code(&envelope::seal(&with)), Some(Code::SigWrong));
    }

    #[test]
    fn debug_shows_no_signature() {
        let user_sig = envelope::open(&alices(NOW_S, 60)).unwrap();
        assert!(!format!("{user_sig:?}").contains(&user_sig.signature));
    }

    proptest! {
        #[test]
        fn what_was_made_is_good_and_says_what_went_in(
            app_id: u64,
            key in ".{0,80}",
            identifier in "[!-~]{1,32}",
            time_s in 0..=NOW_S + DEFAULT_AHEAD_S,
            more_s in 1_u64..u64::MAX / 2,
            userbuf in option::of(any::<Vec<u8>>()),
        ) {
            let expire_s = (NOW_S + more_s).saturating_sub(time_s);
            let made = make(app_id, &key, &identifier, time_s, expire_s, userbuf.as_deref());
            let said = judge(app_id, &key, &identifier, &made, NOW).unwrap();
            prop_assert_eq!((said.sdk_app_id, said.identifier), (app_id, identifier));
            prop_assert_eq!((said.time_s, said.expire), (time_s, Lifetime::of_secs(expire_s)));
            prop_assert_eq!(said.userbuf, userbuf);
        }

        /// zlib can write some bits, the padding behind its last block, and some texts in two ways: such a text is no forgery.
        #[test]
        fn a_corrupted_character_is_refused_or_changes_nothing_that_is_said(
            at: Index,
            to in "[ -~]",
            userbuf in option::of(any::<Vec<u8>>()),
        ) {
            let made = make(14, "key", "alice", NOW_S, 60, userbuf.as_deref());
            let at = at.index(made.len());
            let mut corrupted = made.clone();
            corrupted.replace_range(at..=at, &to);
            match judge(14, "key", "alice", &corrupted, NOW) {
                Ok(said) => prop_assert_eq!(said, envelope::open(&made).unwrap()),
                Err(refusal) => prop_assert!(corrupted != made, "{}", refusal),
            }
        }

        #[test]
        fn any_text_at_all_is_judged_without_a_panic(text in ".{0,300}") {
            prop_assert!(code(&text).is_some());
        }
    }
}
