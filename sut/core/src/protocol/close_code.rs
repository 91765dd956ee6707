//! The codes with which either end closes a WebSocket: those of RFC 6455, section 7.4.1, and two of the protocol's own, of which one
//! comes with a reason that is read.

use crate::session::Epoch;

/// The link has done its work (LINK-9).
pub const NORMAL: u16 = 1000;

/// A browser says that its page goes (LINK-6), or the server that it stops. The client never closes with it.
pub const GOING_AWAY: u16 = 1001;

/// A frame of another version of the protocol, or an error of the WebSocket protocol.
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

/// A later link of the same instance has replaced this one, or its session another one (LINK-3, LINK-11). Its reason names the highest
/// epoch on record: [`superseded_reason`].
pub const SUPERSEDED: u16 = 4001;

/// With which of them a link is closed for what came over it.
pub const OF_A_FRAME: [u16; 5] = [PROTOCOL_ERROR, UNSUPPORTED_DATA, INVALID_PAYLOAD, POLICY_VIOLATION, TOO_BIG];

/// What a reason of [`SUPERSEDED`] begins with.
const SUPERSEDED_BY: &str = "superseded; the highest epoch on record is ";

/// The reason of a close with [`SUPERSEDED`].
pub fn superseded_reason(highest: Epoch) -> String {
    format!("{SUPERSEDED_BY}{}", highest.0)
}

/// The epoch that such a reason names; `None` if it is not written like one.
pub fn superseded_by(reason: &str) -> Option<Epoch> {
    let number = reason.strip_prefix(SUPERSEDED_BY)?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().map(Epoch).filter(|epoch| is_plain && epoch.is_a_links())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_superseded_link_names_an_epoch_and_is_read_back() {
        for epoch in [Epoch(1), Epoch(1_700_000_000_000), Epoch::LAST] {
            let reason = superseded_reason(epoch);
            assert!(reason.len() <= 123, "{reason}");
            assert_eq!(superseded_by(&reason), Some(epoch));
        }
        assert_eq!(superseded_reason(Epoch(7)), "superseded; the highest epoch on record is 7");
    }

    #[test]
    fn any_other_reason_names_none() {
        let of = |number: &str| superseded_by(&format!("{SUPERSEDED_BY}{number}"));
        assert_eq!(["", "0", "+7", " 7", "7.", "9007199254740992"].map(of), [None; 6]);
        assert_eq!([superseded_by(""), superseded_by("7")], [None; 2]);
    }
}
