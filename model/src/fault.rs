//! What may fail in a scope, by name. It says nothing of what follows.

/// Something that fails, or a timer that fires because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A link breaks.
    Cuts,
    /// Either end sees the end of a link that broke.
    EndsSeen,
    /// Either end's heartbeat timer fires on a link that broke.
    Silence,
    /// Either end's heartbeat timer fires on a link that is whole.
    Heartbeats,
    /// A link cannot be opened.
    OpenFails,
    /// A running call's deadline fires.
    Deadlines,
    /// The client pings, and the server asks; one ping each way is under way at most.
    Pings,
    /// The timer for a session's UserSig fires.
    Expiries,
    /// A page is closed.
    PageCloses,
    /// The server is killed and started again.
    Restarts,
    /// The server stops and is started again.
    Stops,
    /// A frozen page wakes.
    Wakes,
    /// A link breaks while the one that its instance lost before is still there.
    LossesAtOnce,
    /// A message whose outcome is not known is sent again, with its id.
    Resends,
    /// A notice between nodes is lost, and a node's poll finds out.
    NoticesLost,
    /// A node is killed, and started again; its lease ends before or after.
    Deaths,
    /// A node is frozen, perhaps past the end of its lease, and wakes.
    Freezes,
}

impl Fault {
    /// What the report calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Cuts => "cuts",
            Fault::EndsSeen => "seen by either end",
            Fault::Silence => "known by heartbeat",
            Fault::Heartbeats => "heartbeats on whole links",
            Fault::OpenFails => "openings that fail",
            Fault::Deadlines => "deadlines",
            Fault::Pings => "pings",
            Fault::Expiries => "expiries",
            Fault::PageCloses => "page closes",
            Fault::Restarts => "restarts",
            Fault::Stops => "stops",
            Fault::Wakes => "wakes",
            Fault::LossesAtOnce => "two losses at once",
            Fault::Resends => "messages sent again",
            Fault::NoticesLost => "lost notices",
            Fault::Deaths => "nodes that die",
            Fault::Freezes => "nodes that freeze",
        }
    }

    /// Whether a link is lost before the server hears of what it told there, other than by a restart or the death of a node, which leave a gap to everybody.
    pub(crate) const fn takes_a_told_gap_along(self) -> bool {
        match self {
            Fault::Cuts
            | Fault::Heartbeats
            | Fault::Deadlines
            | Fault::PageCloses
            | Fault::Stops
            | Fault::Wakes
            | Fault::Freezes => true,
            Fault::EndsSeen
            | Fault::Silence
            | Fault::OpenFails
            | Fault::Pings
            | Fault::Expiries
            | Fault::Restarts
            | Fault::LossesAtOnce
            | Fault::Resends
            | Fault::NoticesLost
            | Fault::Deaths => false,
        }
    }
}
