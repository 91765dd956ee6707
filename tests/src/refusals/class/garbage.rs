//! Bytes that are no frame, and how the link ends for each. It makes none.

use model::variants::every;
use strum::{EnumCount, VariantArray};

use crate::refusals::demand::{Demand, End};

/// The code with which a client gives up a link, and which the server's close repeats.
pub(crate) const GIVEN_UP: u16 = 4000;

/// What is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Garbage {
    /// JSON that ends too early.
    Truncated,
    /// A text message without text.
    Empty,
    /// JSON nested a thousand deep.
    DeeplyNested,
    /// A text message that is not UTF-8.
    NotUtf8,
    /// A binary message.
    Binary,
    /// A frame of a kind that does not exist.
    UnknownFrame,
    /// A frame with a field that does not exist.
    UnknownField,
    /// A frame without its session.
    MissingField,
    /// A frame with a number below zero for its epoch.
    WrongType,
    /// A frame of another version.
    WrongVersion,
    /// A message one byte too long.
    Oversized,
    /// A message that is too long only in the sum of its parts.
    OversizedInParts,
    /// A WebSocket frame that is not masked.
    Unmasked,
    /// A WebSocket frame with a reserved bit.
    ReservedBit,
    /// A WebSocket frame of an opcode that does not exist.
    ReservedOpcode,
    /// A continuation of nothing.
    StrayContinuation,
    /// A WebSocket ping that is too long for one.
    LongPing,
    /// A good frame behind a close.
    BehindClose,
}

impl Garbage {
    pub(crate) const ALL: [Garbage; Garbage::COUNT] = every();

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Garbage::Truncated => "truncated JSON",
            Garbage::Empty => "an empty text",
            Garbage::DeeplyNested => "JSON nested too deeply",
            Garbage::NotUtf8 => "a text that is not UTF-8",
            Garbage::Binary => "a binary message",
            Garbage::UnknownFrame => "an unknown frame",
            Garbage::UnknownField => "an unknown field",
            Garbage::MissingField => "a missing field",
            Garbage::WrongType => "a field of the wrong type",
            Garbage::WrongVersion => "another version",
            Garbage::Oversized => "a message too long",
            Garbage::OversizedInParts => "parts that are too long together",
            Garbage::Unmasked => "a frame not masked",
            Garbage::ReservedBit => "a reserved bit",
            Garbage::ReservedOpcode => "a reserved opcode",
            Garbage::StrayContinuation => "a continuation of nothing",
            Garbage::LongPing => "a WebSocket ping too long",
            Garbage::BehindClose => "a good frame behind a close",
        }
    }

    pub(crate) const fn demand(self) -> Demand {
        Demand::end(self.end())
    }

    const fn end(self) -> End {
        match self {
            Garbage::Truncated | Garbage::Empty | Garbage::DeeplyNested | Garbage::NotUtf8 => End::Closed(1007),
            Garbage::Binary | Garbage::UnknownFrame => End::Closed(1003),
            Garbage::UnknownField | Garbage::MissingField | Garbage::WrongType => End::Closed(1008),
            Garbage::WrongVersion
            | Garbage::Unmasked
            | Garbage::ReservedBit
            | Garbage::ReservedOpcode
            | Garbage::StrayContinuation
            | Garbage::LongPing => End::Closed(1002),
            Garbage::Oversized | Garbage::OversizedInParts => End::Closed(1009),
            Garbage::BehindClose => End::Closed(GIVEN_UP),
        }
    }
}
