//! The bytes of a stream, cut into what travels: first the HTTP upgrade, which passes freely, then WebSocket frames, which are held. It
//! looks at bytes only; what a frame means is not known here.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// One piece of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The head of the HTTP upgrade, in either direction.
    Http,
    /// A text message, unmasked.
    Text(Vec<u8>),
    /// A close with its code.
    Close(Option<u16>),
    /// Anything else.
    Other(u8),
}

/// Cuts one direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    bytes: Vec<u8>,
    upgraded: bool,
}

impl Cutter {
    /// One for a stream whose upgrade is over.
    pub(super) fn of_upgraded() -> Cutter {
        Cutter { upgraded: true, ..Cutter::default() }
    }

    /// What was not cut yet: what is read is put behind it.
    pub(super) fn unread(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The next whole piece, with its bytes as they travel.
    pub(super) fn next(&mut self) -> Option<(Piece, Vec<u8>)> {
        if self.bytes.is_empty() {
            None
        } else if self.upgraded {
            self.next_frame()
        } else {
            self.next_head()
        }
    }

    fn next_head(&mut self) -> Option<(Piece, Vec<u8>)> {
        let end = self.bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        self.upgraded = true;
        Some((Piece::Http, self.cut_at(end)))
    }

    fn cut_at(&mut self, end: usize) -> Vec<u8> {
        let behind = self.bytes.split_off(end);
        std::mem::replace(&mut self.bytes, behind)
    }

    fn next_frame(&mut self) -> Option<(Piece, Vec<u8>)> {
        let mut cursor = Cursor::new(self.bytes.as_slice());
        let (header, length) = FrameHeader::parse(&mut cursor).ok()??;
        let start = usize::try_from(cursor.position()).ok()?;
        let end = start + usize::try_from(length).ok()?;
        let mut payload = self.bytes.get(start..end)?.to_vec();
        if let Some(mask) = header.mask {
            payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        }
        Some((piece(header.opcode, payload), self.cut_at(end)))
    }
}

fn piece(opcode: OpCode, payload: Vec<u8>) -> Piece {
    match opcode {
        OpCode::Data(Data::Text) => Piece::Text(payload),
        OpCode::Control(Control::Close) => {
            let code = payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
            Piece::Close(code)
        }
        OpCode::Data(Data::Continue | Data::Binary | Data::Reserved(_))
        | OpCode::Control(Control::Ping | Control::Pong | Control::Reserved(_)) => Piece::Other(opcode.into()),
    }
}
