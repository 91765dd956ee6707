//! Reading frames: the frame, or the one thing that is wrong with it. A good frame is parsed once; only a bad one is looked at
//! again to say why. It judges how a frame is written, never whether it may come now.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use super::{ClientFrame, Envelope, MAX_FRAME_BYTES, ServerFrame, VERSION, close_code};
use crate::code::one_line;

/// Why a text is no frame: what is wrong, where, and what would be right, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME_BYTES`].
    #[error("a frame of {bytes} bytes is too long; {MAX_FRAME_BYTES} bytes is the most")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// A WebSocket message of another type.
    #[error("a binary message; a frame is a text message")]
    Binary,
    /// What carries frames is broken itself.
    #[error("an error of the WebSocket protocol: {0}")]
    Protocol(String),
    /// Not text.
    #[error("byte {at} is not UTF-8; a frame is a text message")]
    NotUtf8 {
        /// The first byte that is wrong, from 0.
        at: usize,
    },
    /// Not JSON, or nested too deeply.
    #[error("not JSON: {0}")]
    Malformed(String),
    /// A version that is not spoken, or none. It is judged before anything else in the frame.
    #[error("version {found} is not spoken here; \"v\" must be {VERSION}")]
    WrongVersion {
        /// What the frame says.
        found: String,
    },
    /// A kind of frame that this end does not know.
    #[error("no frame is named \"{found}\"; these are: {}", known.join(", "))]
    UnknownFrame {
        /// What the frame says.
        found: String,
        /// What it could say.
        known: &'static [&'static str],
    },
    /// A field missing, unknown, twice, or of the wrong kind.
    #[error("bad frame: {0}")]
    BadField(String),
}

impl FrameError {
    /// The code with which the WebSocket is closed for it.
    pub const fn close_code(&self) -> u16 {
        match self {
            FrameError::WrongVersion { .. } | FrameError::Protocol(_) => close_code::PROTOCOL_ERROR,
            FrameError::Binary | FrameError::UnknownFrame { .. } => close_code::UNSUPPORTED_DATA,
            FrameError::NotUtf8 { .. } | FrameError::Malformed(_) => close_code::INVALID_PAYLOAD,
            FrameError::BadField(_) => close_code::POLICY_VIOLATION,
            FrameError::TooLong { .. } => close_code::TOO_BIG,
        }
    }
}

/// Reads what a client says.
///
/// # Errors
/// What is wrong with the frame, and with which code its link is closed for it (LINK-11).
pub fn decode_client(frame: impl AsRef<[u8]>) -> Result<Envelope<ClientFrame>, FrameError> {
    decode(frame.as_ref(), ClientFrame::NAMES)
}

/// Reads what the server says.
///
/// # Errors
/// As [`decode_client`].
pub fn decode_server(frame: impl AsRef<[u8]>) -> Result<Envelope<ServerFrame>, FrameError> {
    decode(frame.as_ref(), ServerFrame::NAMES)
}

fn decode<F: DeserializeOwned>(bytes: &[u8], known: &'static [&'static str]) -> Result<Envelope<F>, FrameError> {
    let text = text(bytes)?;
    match serde_json::from_str::<Envelope<F>>(text) {
        Ok(envelope) if envelope.v == VERSION => Ok(envelope),
        Ok(envelope) => Err(FrameError::WrongVersion { found: envelope.v.to_string() }),
        Err(error) => Err(diagnose(text, &error, known)),
    }
}

fn text(bytes: &[u8]) -> Result<&str, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLong { bytes: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|error| FrameError::NotUtf8 { at: error.valid_up_to() })
}

/// The parts of a frame that say what it is, whatever else is in it.
#[derive(Deserialize)]
#[serde(expecting = "an object with v, session, epoch and frame")]
struct Head {
    v: Option<Value>,
    frame: Option<Value>,
}

fn diagnose(text: &str, error: &serde_json::Error, known: &'static [&'static str]) -> FrameError {
    let head = match serde_json::from_str::<Head>(text) {
        Ok(head) => head,
        Err(error) => return unreadable(&error),
    };
    if head.v != Some(Value::from(VERSION)) {
        let found = head.v.map_or("none".to_owned(), |v| one_line(&v.to_string()));
        return FrameError::WrongVersion { found };
    }
    match head.frame.as_ref().and_then(name).filter(|name| !known.contains(name)) {
        Some(name) => FrameError::UnknownFrame { found: one_line(name), known },
        None => unreadable(error),
    }
}

fn unreadable(error: &serde_json::Error) -> FrameError {
    let what = one_line(&error.to_string());
    match error.classify() {
        Category::Data => FrameError::BadField(in_words(&what)),
        Category::Syntax | Category::Eof | Category::Io => FrameError::Malformed(what),
    }
}

/// What is wrong with JSON, where Rust's name of a kind of number would mean nothing to whoever wrote it.
pub fn in_words(what: &str) -> String {
    let kinds = ["expected u8", "expected u32", "expected u64"];
    kinds.iter().fold(what.to_owned(), |told, kind| told.replace(kind, "expected a whole number from 0"))
}

fn name(frame: &Value) -> Option<&str> {
    match frame {
        Value::String(name) => Some(name),
        Value::Object(body) if body.len() == 1 => body.keys().next().map(String::as_str),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}
