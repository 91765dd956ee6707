//! How much is kept for a session until its instance has received it. It keeps nothing itself.

/// The most that is kept for one session, sent or not, until it is acknowledged; over it the session is dropped (MSG-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// How many messages.
    pub messages: usize,
    /// How many bytes, counting a message's accounts and its text.
    pub bytes: usize,
}

impl Default for Buffers {
    /// 1,000 messages, 1 MiB.
    fn default() -> Buffers {
        Buffers { messages: 1000, bytes: 1024 * 1024 }
    }
}
