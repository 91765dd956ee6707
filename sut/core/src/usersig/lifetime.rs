//! For how long a UserSig is good: a number of seconds, kept as it was written, since the signature is over its text (SIG-2). It judges
//! no UserSig.

use std::fmt;

/// A number of seconds, which may be a fraction.
#[derive(Clone, PartialEq, Eq)]
pub struct Lifetime {
    text: String,
    millis: u64,
}

impl Lifetime {
    /// So many whole seconds.
    pub fn of_secs(seconds: u64) -> Lifetime {
        Lifetime { text: seconds.to_string(), millis: seconds.saturating_mul(1000) }
    }

    /// Reads a JSON value; says what is wrong with one that is no number of seconds.
    pub(super) fn read(json: &str) -> Result<Lifetime, String> {
        let bad = |what: &str| Err(format!("TLS.expire is {what}; a number of seconds is expected"));
        match json.as_bytes().first() {
            Some(b'0'..=b'9') => {}
            Some(b'-') => return bad("negative"),
            Some(b'n') => return bad("null"),
            Some(_) | None => return bad("no number"),
        }
        if let Ok(seconds) = json.parse::<u64>() {
            return Ok(Lifetime { text: json.to_owned(), millis: seconds.saturating_mul(1000) });
        }
        match json.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() => Ok(Lifetime { text: json.to_owned(), millis: to_millis(seconds) }),
            Ok(_) | Err(_) => bad("no number that can be read"),
        }
    }

    /// It in milliseconds, the longest that there are for anything longer.
    pub const fn millis(&self) -> u64 {
        self.millis
    }
}

/// Rounded to the next millisecond.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is not negative, and what is too large is cut")]
fn to_millis(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

impl fmt::Display for Lifetime {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_seconds_is_kept_as_it_is_written() {
        let most = u64::MAX;
        let rows = [
            ("0", 0),
            ("86400", 86_400_000),
            ("0.5", 500),
            ("604800.25", 604_800_250),
            ("1.5e3", 1_500_000),
            ("2592000.0000000005", 2_592_000_000),
            ("0.3", 300),
            ("18446744073709551616", most),
            ("1e300", most),
        ];
        for (text, millis) in rows {
            let read = Lifetime::read(text).unwrap();
            assert_eq!((read.to_string().as_str(), read.millis()), (text, millis));
        }
        assert_eq!(Lifetime::of_secs(60), Lifetime::read("60").unwrap());
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        let rows = [("null", "null"), ("-1", "negative"), ("-0.5", "negative"), ("\"60\"", "no number"), ("[60]", "no number")];
        for (text, what) in rows {
            assert_eq!(Lifetime::read(text), Err(format!("TLS.expire is {what}; a number of seconds is expected")), "{text}");
        }
        assert!(Lifetime::read("1e999").is_err());
    }
}
