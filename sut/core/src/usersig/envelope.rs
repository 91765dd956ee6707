//! How a UserSig is packed: JSON, zlib, Base64. It checks the packing only, and unpacks no more than [`MAX_UNPACKED_BYTES`].

use std::io::Read;

use base64::Engine;
use base64::alphabet::{Alphabet, Symbol};
use base64::engine::general_purpose::{GeneralPurpose, PAD, STANDARD};
use flate2::read::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Lifetime, UserSig};

/// The most that a UserSig may unpack to.
const MAX_UNPACKED_BYTES: usize = 16 * 1024;

/// The version that every UserSig names.
const VERSION: &str = "2.0";

/// Standard Base64, but `*-_` for `+/=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet(), PAD);

const fn alphabet() -> Alphabet {
    const SYMBOLS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
    let padding = Symbol::new(b'_').expect("it is printable");
    match Alphabet::new_with_padding(SYMBOLS, padding) {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 printable symbols, none twice"),
    }
}

/// The object inside, as the vendor's generators write it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    #[serde(rename = "TLS.ver")]
    ver: String,
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid")]
    sdkappid: u64,
    /// As it is written: a number, if all is well.
    #[serde(rename = "TLS.expire")]
    expire: Box<RawValue>,
    #[serde(rename = "TLS.time")]
    time: u64,
    #[serde(rename = "TLS.userbuf", default, skip_serializing_if = "Option::is_none")]
    userbuf: Option<String>,
    #[serde(rename = "TLS.sig")]
    sig: String,
}

/// Packs a UserSig.
pub(super) fn seal(user_sig: &UserSig) -> String {
    let payload = Payload {
        ver: VERSION.to_owned(),
        identifier: user_sig.identifier.clone(),
        sdkappid: user_sig.sdk_app_id,
        expire: RawValue::from_string(user_sig.expire.to_string()).expect("it was read as JSON"),
        time: user_sig.time_s,
        userbuf: user_sig.userbuf.as_ref().map(|userbuf| STANDARD.encode(userbuf)),
        sig: user_sig.signature.clone(),
    };
    let json = serde_json::to_vec(&payload).expect("a payload is made of texts and numbers");
    BASE64.encode(deflate(&json))
}

/// Unpacks a UserSig; otherwise says which layer is bad.
pub(super) fn open(sealed: &str) -> Result<UserSig, String> {
    let packed = BASE64.decode(sealed).map_err(|error| format!("not its Base64: {error}"))?;
    let json = inflate(&packed)?;
    let payload: Payload = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    if payload.ver != VERSION {
        return Err(format!("version {:?}; {VERSION:?} is read", payload.ver));
    }
    let userbuf = payload.userbuf.map(|userbuf| STANDARD.decode(userbuf)).transpose();
    Ok(UserSig {
        identifier: payload.identifier,
        sdk_app_id: payload.sdkappid,
        time_s: payload.time,
        expire: Lifetime::read(payload.expire.get())?,
        userbuf: userbuf.map_err(|error| format!("its userbuf is not Base64: {error}"))?,
        signature: payload.sig,
    })
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut stream = ZlibEncoder::new(bytes, Compression::fast());
    stream.read_to_end(&mut packed).expect("reading from memory does not fail");
    packed
}

/// The bytes of a whole zlib stream with nothing behind it. The buffer never grows, however much the stream would unpack to.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(MAX_UNPACKED_BYTES);
    let mut stream = Decompress::new(true);
    let status = stream.decompress_vec(packed, &mut bytes, FlushDecompress::Finish);
    match status.map_err(|error| format!("not zlib: {error}"))? {
        Status::StreamEnd if stream.total_in() == packed.len() as u64 => Ok(bytes),
        Status::StreamEnd => Err("bytes behind the end of its zlib stream".to_owned()),
        Status::Ok | Status::BufError if bytes.len() == bytes.capacity() => {
            Err(format!("it unpacks to more than {MAX_UNPACKED_BYTES} bytes"))
        }
        Status::Ok | Status::BufError => Err("its zlib stream is cut off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str = r#"{"TLS.ver":"2.0","TLS.identifier":"a","TLS.sdkappid":1,"TLS.expire":2,"TLS.time":3,"TLS.sig":"c2ln"}"#;

    fn sealed(json: &str) -> String {
        BASE64.encode(deflate(json.as_bytes()))
    }

    fn why(sealed: &str) -> String {
        open(sealed).unwrap_err()
    }

    #[test]
    fn a_user_sig_is_packed_as_the_vendor_packs_it() {
        let user_sig = open(&sealed(PAYLOAD)).unwrap();
        let unpacked = inflate(&BASE64.decode(seal(&user_sig)).unwrap()).unwrap();
        assert_eq!(String::from_utf8(unpacked).unwrap(), PAYLOAD);
    }

    #[test]
    fn base64_has_star_minus_underscore_for_plus_slash_equals() {
        assert_eq!(BASE64.encode([0xfb, 0xff, 0xfe, 0xff]), "*--*-w__");
        let unreplaced = STANDARD.encode([deflate(PAYLOAD.as_bytes()).as_slice(), b"x"].concat());
        assert!(unreplaced.ends_with('='));
        assert!(why(&unreplaced).starts_with("not its Base64: "));
    }

    #[test]
    fn a_zip_bomb_is_refused_and_not_unpacked() {
        let bomb = deflate(&vec![b' '; 64 * 1024 * 1024]);
        assert!(bomb.len() < 1_000_000);
        assert_eq!(inflate(&bomb), Err("it unpacks to more than 16384 bytes".to_owned()));
    }

    #[test]
    fn the_most_is_unpacked_and_one_byte_more_is_not() {
        let most = vec![b'x'; MAX_UNPACKED_BYTES];
        assert_eq!(inflate(&deflate(&most)), Ok(most.clone()));
        let more = [most, vec![b'x']].concat();
        assert_eq!(inflate(&deflate(&more)), Err("it unpacks to more than 16384 bytes".to_owned()));
    }

    #[test]
    fn each_layer_says_what_is_wrong_with_it() {
        let packed = deflate(PAYLOAD.as_bytes());
        let cut = BASE64.encode(&packed[..packed.len() - 1]);
        let longer = BASE64.encode([packed.as_slice(), b"x"].concat());
        let of = |from: &str, to: &str| why(&sealed(&PAYLOAD.replace(from, to)));
        assert_eq!(why("?"), "not its Base64: Invalid symbol 63, offset 0.");
        assert_eq!(why("YWJj"), "not zlib: deflate decompression error: incorrect header check");
        assert_eq!(why(&cut), "its zlib stream is cut off");
        assert_eq!(why(&longer), "bytes behind the end of its zlib stream");
        assert_eq!(of("}", ""), "EOF while parsing an object at line 1 column 99");
        assert_eq!(of("2.0", "1.0"), "version \"1.0\"; \"2.0\" is read");
        assert_eq!(of("\"TLS.expire\":2", "\"TLS.expire\":null"), "TLS.expire is null; a number of seconds is expected");
        assert_eq!(of("\"TLS.expire\":2", "\"TLS.expire\":-2"), "TLS.expire is negative; a number of seconds is expected");
        assert_eq!(of("\"TLS.expire\":2,", ""), "missing field `TLS.expire` at line 1 column 85");
        assert_eq!(of("\"TLS.time\":3,", ""), "missing field `TLS.time` at line 1 column 87");
        assert_eq!(of("}", ",\"TLS.userbuf\":\"?\"}"), "its userbuf is not Base64: Invalid symbol 63, offset 0.");
        assert!(of("}", ",\"TLS.more\":1}").starts_with("unknown field `TLS.more`"));
    }
}
