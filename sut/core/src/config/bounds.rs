//! What one stranger, one link and one sender may ask of a node. It counts nothing itself.

/// How many descriptors a node keeps for what is no connection: its registry, its logs, its webhook, the listener.
const KEPT_DESCRIPTORS: u64 = 64;

/// The most of each that is served. Rates are by the second; of each, ten seconds' worth may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections in all; more are closed as they come.
    pub connections: usize,
    /// Connections of one address; more are closed as they come.
    pub connections_of_address: usize,
    /// Frames of one link, a WebSocket's own pings and pongs included. What is faster is read later.
    pub frames_per_s: u32,
    /// Bytes of one link's frames. What is faster is read later.
    pub bytes_per_s: u32,
    /// Messages of one session. What is faster is refused with 70429 (MSG-2).
    pub messages_per_s: u32,
    /// Bytes of one session's messages, counted as [`Buffers::bytes`](super::Buffers::bytes) are. What is faster is refused with 70429
    /// (MSG-2): a sender alone cannot fill the default buffer of a session that receives.
    pub message_bytes_per_s: u32,
}

impl Default for Bounds {
    /// 100,000 connections, 20,000 of one address; 100 frames and 256 KiB a second of a link; 20 messages and 64 KiB of them a second
    /// of a session.
    fn default() -> Bounds {
        Bounds {
            connections: 100_000,
            connections_of_address: 20_000,
            frames_per_s: 100,
            bytes_per_s: 256 * 1024,
            messages_per_s: 20,
            message_bytes_per_s: 64 * 1024,
        }
    }
}

impl Bounds {
    /// None at all, for a bench of what a node can do.
    pub const NONE: Bounds = Bounds {
        connections: usize::MAX,
        connections_of_address: usize::MAX,
        frames_per_s: u32::MAX,
        bytes_per_s: u32::MAX,
        messages_per_s: u32::MAX,
        message_bytes_per_s: u32::MAX,
    };

    /// The same for a process that may have so many descriptors: no address can take more than half of them.
    #[must_use]
    pub fn within_descriptors(self, most: u64) -> Bounds {
        let room = usize::try_from(most.saturating_sub(KEPT_DESCRIPTORS).max(2)).unwrap_or(usize::MAX);
        let connections = self.connections.min(room);
        Bounds { connections, connections_of_address: self.connections_of_address.min(room / 2), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_takes_more_than_half_of_the_descriptors() {
        let of = |most| {
            let bounds = Bounds::default().within_descriptors(most);
            (bounds.connections, bounds.connections_of_address)
        };
        assert_eq!(of(300), (236, 118));
        assert_eq!(of(1_000_000), (100_000, 20_000));
        assert_eq!(of(0), (2, 1));
    }
}
