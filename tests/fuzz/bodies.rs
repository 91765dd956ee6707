//! What must hold of any word at all: it is a trace that can be walked and is written as it was read, or it is refused in one line.

use conformance::token::Trace;

/// A trace token is read back as it is written, or refused in one line.
pub(crate) fn trace(bytes: &[u8]) {
    match String::from_utf8_lossy(bytes).parse::<Trace>() {
        Ok(trace) => assert_eq!(trace.to_string().parse(), Ok(trace)),
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
}
