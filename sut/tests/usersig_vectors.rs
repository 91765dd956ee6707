//! UserSigs made by the vendor's two published generators, with what they were made from: each is good here (SIG-2).

use serde::Deserialize;
use sut::code::{Code, Refusal};
use sut::timers::UnixMillis;
use sut::usersig::{self, Lifetime, UserSig};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    made_by: String,
    sdk_app_id: u64,
    secret_key: String,
    identifier: String,
    time_s: u64,
    expire_s: u64,
    userbuf: Option<Vec<u8>>,
    user_sig: String,
}

impl Vector {
    /// The judgement that many milliseconds after its issue.
    fn judge_after(&self, ms: u64) -> Result<UserSig, Code> {
        let now = UnixMillis(self.time_s * 1000 + ms);
        let judged = usersig::judge(self.sdk_app_id, &self.secret_key, &self.identifier, &self.user_sig, now);
        judged.map_err(|refusal| refusal.code)
    }

    /// The UserSig that ours makes of the same.
    fn made_here(&self) -> String {
        let (app_id, key, name) = (self.sdk_app_id, &self.secret_key, &self.identifier);
        let userbuf = self.userbuf.as_deref();
        usersig::make(app_id, key, name, self.time_s, self.expire_s, userbuf)
    }
}

fn vectors() -> Vec<Vector> {
    let vectors = include_str!("data/usersig-vectors.json");
    serde_json::from_str(vectors).expect("the data are as described")
}

#[test]
fn a_user_sig_of_the_vendors_generators_is_good_and_says_what_went_in() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 18);
    for vector in vectors {
        let user_sig = vector.judge_after(0).unwrap();
        assert_eq!(user_sig.identifier, vector.identifier, "{}", vector.made_by);
        assert_eq!(user_sig.sdk_app_id, vector.sdk_app_id, "{}", vector.made_by);
        assert_eq!(user_sig.time_s, vector.time_s, "{}", vector.made_by);
        assert_eq!(user_sig.expire, Lifetime::of_secs(vector.expire_s), "{}", vector.made_by);
        assert_eq!(user_sig.userbuf, vector.userbuf, "{}", vector.made_by);
    }
}

#[test]
fn a_user_sig_of_the_vendors_generators_is_good_until_the_second_it_expires() {
    for vector in vectors() {
        let good_ms = vector.expire_s * 1000;
        assert!(vector.judge_after(good_ms - 1).is_ok(), "{}", vector.made_by);
        assert_eq!(vector.judge_after(good_ms), Err(Code::SigExpired), "{}", vector.made_by);
    }
}

#[test]
fn a_user_sig_of_the_vendors_generators_is_no_good_under_another_key() {
    for mut vector in vectors() {
        vector.secret_key.push('x');
        assert_eq!(vector.judge_after(0), Err(Code::SigWrong), "{}", vector.made_by);
    }
}

/// UserSigs of the npm generator whose lifetime is no whole number, or none at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fractions {
    made_by: String,
    sdk_app_id: u64,
    secret_key: String,
    identifier: String,
    rows: Vec<Fraction>,
    null_expire: String,
    missing_expire: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fraction {
    expire: String,
    /// `None` if that is longer than can be said.
    lives_ms: Option<u64>,
    time_s: u64,
    user_sig: String,
}

impl Fractions {
    fn read() -> Fractions {
        serde_json::from_str(include_str!("data/usersig-fractions.json")).expect("the data are as described")
    }

    fn judge(&self, user_sig: &str, now: UnixMillis) -> Result<UserSig, Refusal> {
        usersig::judge(self.sdk_app_id, &self.secret_key, &self.identifier, user_sig, now)
    }
}

#[test]
fn a_lifetime_that_the_npm_generator_writes_as_a_fraction_is_good_as_long_as_it_says() {
    let fractions = Fractions::read();
    assert_eq!((fractions.rows.len(), fractions.made_by.as_str()), (5, "npm tls-sig-api-v2 1.0.2"));
    for Fraction { expire, lives_ms, time_s, user_sig } in &fractions.rows {
        let judged = |after_ms| fractions.judge(user_sig, UnixMillis(time_s * 1000 + after_ms)).map_err(|why| why.code);
        match lives_ms {
            Some(0) => assert_eq!(judged(0), Err(Code::SigExpired), "{expire}"),
            Some(lives_ms) => {
                assert_eq!(judged(lives_ms - 1).unwrap().expire.to_string(), *expire);
                assert_eq!(judged(*lives_ms), Err(Code::SigExpired), "{expire}");
            }
            None => assert!(judged(u64::MAX / 2).is_ok(), "{expire}"),
        }
    }
}

#[test]
fn a_lifetime_that_the_npm_generator_writes_as_null_is_refused_by_its_name() {
    let fractions = Fractions::read();
    for user_sig in [&fractions.null_expire, &fractions.missing_expire] {
        let refusal = fractions.judge(user_sig, UnixMillis(fractions.rows[0].time_s * 1000)).unwrap_err();
        assert_eq!(refusal.code, Code::SigMalformed);
        assert!(refusal.text.contains("TLS.expire"), "{refusal}");
    }
}

#[test]
fn ours_from_the_same_inputs_says_the_same() {
    for vector in vectors() {
        let theirs = vector.judge_after(0);
        let ours = Vector { user_sig: vector.made_here(), ..vector };
        assert_eq!(ours.judge_after(0), theirs, "{}", ours.made_by);
    }
}
