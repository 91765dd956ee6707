//! The bounds as a file states them. It counts nothing itself.

use super::{Bounds, ConfigError};

/// What one source says of them, by name; `None` is what it leaves to another.
#[derive(Clone, Copy, Debug, Default)]
pub struct BoundsDraft {
    /// [`Bounds::connections`].
    pub connections: Option<u64>,
    /// [`Bounds::connections_of_address`].
    pub connections_of_address: Option<u64>,
    /// [`Bounds::frames_per_s`].
    pub frames_per_s: Option<u64>,
    /// [`Bounds::bytes_per_s`].
    pub bytes_per_s: Option<u64>,
    /// [`Bounds::messages_per_s`].
    pub messages_per_s: Option<u64>,
    /// [`Bounds::message_bytes_per_s`].
    pub message_bytes_per_s: Option<u64>,
}

impl BoundsDraft {
    /// What this draft says, and for what it leaves out what the other one says.
    pub(super) fn or(self, other: BoundsDraft) -> BoundsDraft {
        BoundsDraft {
            connections: self.connections.or(other.connections),
            connections_of_address: self.connections_of_address.or(other.connections_of_address),
            frames_per_s: self.frames_per_s.or(other.frames_per_s),
            bytes_per_s: self.bytes_per_s.or(other.bytes_per_s),
            messages_per_s: self.messages_per_s.or(other.messages_per_s),
            message_bytes_per_s: self.message_bytes_per_s.or(other.message_bytes_per_s),
        }
    }

    /// The bounds that it states, with the defaults for what it leaves out.
    pub(super) fn bounds(self) -> Result<Bounds, ConfigError> {
        let default = Bounds::default();
        Ok(Bounds {
            connections: count("connections", self.connections, default.connections)?,
            connections_of_address: count("connections_of_address", self.connections_of_address, default.connections_of_address)?,
            frames_per_s: count("frames_per_s", self.frames_per_s, default.frames_per_s)?,
            bytes_per_s: count("bytes_per_s", self.bytes_per_s, default.bytes_per_s)?,
            messages_per_s: count("messages_per_s", self.messages_per_s, default.messages_per_s)?,
            message_bytes_per_s: count("message_bytes_per_s", self.message_bytes_per_s, default.message_bytes_per_s)?,
        })
    }
}

fn count<N: TryFrom<u64>>(name: &'static str, stated: Option<u64>, default: N) -> Result<N, ConfigError> {
    match stated {
        Some(0) => Err(ConfigError::Bounds(name)),
        Some(stated) => N::try_from(stated).map_err(|_| ConfigError::BoundTooLarge(name, stated)),
        None => Ok(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number_from_1_on_that_its_field_can_hold() {
        let stated = |frames| BoundsDraft { frames_per_s: Some(frames), ..BoundsDraft::default() }.bounds();
        assert_eq!(stated(7), Ok(Bounds { frames_per_s: 7, ..Bounds::default() }));
        assert_eq!(stated(0).unwrap_err().to_string(), "bounds: frames_per_s is 0; nobody could be served; it would be 1 or more");
        let too_large = "bounds: frames_per_s: 4294967296 is too large; at most 4294967295 is allowed";
        assert_eq!(stated(1 << 32).unwrap_err().to_string(), too_large);
    }
}
