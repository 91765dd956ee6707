//! The codes with which either end closes a WebSocket: those of RFC 6455, section 7.4.1, and two of the protocol's own.

/// The link has done its work (LINK-9).
pub const NORMAL: u16 = 1000;

/// The page is closed (LINK-6), or the server stops.
pub const GOING_AWAY: u16 = 1001;

/// A frame of another version of the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;

/// A message of bytes, or a frame that this end does not know.
pub const UNSUPPORTED_DATA: u16 = 1003;

/// What was sent is no JSON, or no UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;

/// A frame with a bad field, or one that may not come there and then.
pub const POLICY_VIOLATION: u16 = 1008;

/// A frame over [`super::MAX_FRAME_BYTES`].
pub const TOO_BIG: u16 = 1009;

/// A request could not be served for a fault of the server.
pub const INTERNAL_ERROR: u16 = 1011;

/// The link is given up: nothing was heard for the heartbeat time (LINK-7), a client does not want it any more (LINK-6), or more was
/// sent to it than it received (MSG-2).
pub const GIVEN_UP: u16 = 4000;

/// A later link of the same instance has replaced this one (LINK-3, LOGIN-9).
pub const SUPERSEDED: u16 = 4001;
