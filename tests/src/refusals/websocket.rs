//! WebSocket frames by hand, good ones and broken ones (RFC 6455, section 5.2). It knows nothing of what they carry.

/// The first byte of a whole text message.
pub(super) const TEXT: u8 = 0x81;
/// The first byte of a text message of which more comes.
pub(super) const TEXT_BEGINS: u8 = 0x01;
/// The first byte of the last part of a message.
pub(super) const GOES_ON: u8 = 0x80;
/// The first byte of a binary message.
pub(super) const BINARY: u8 = 0x82;
/// The first byte of an opcode that does not exist.
pub(super) const RESERVED_OPCODE: u8 = 0x83;
/// The first byte of a text message with a bit that nothing uses.
pub(super) const RESERVED_BIT: u8 = 0xc1;
/// The first byte of a ping.
pub(super) const PING: u8 = 0x89;
/// The first byte of a close.
const CLOSE: u8 = 0x88;

const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A frame as a client must write it.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let masked = payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    head(first, MASKED, payload.len()).into_iter().chain(MASK).chain(masked).collect()
}

/// A whole text message as a client must write it.
pub(super) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

/// A text message as only a server may write it.
pub(super) fn unmasked(text: &str) -> Vec<u8> {
    head(TEXT, 0, text.len()).into_iter().chain(text.bytes()).collect()
}

/// A close with a code.
pub(super) fn close(code: u16) -> Vec<u8> {
    frame(CLOSE, &code.to_be_bytes())
}

fn head(first: u8, masked: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short < 126 => vec![first, masked | short],
        _ => {
            let long = u16::try_from(length).expect("nothing longer is written");
            let [high, low] = long.to_be_bytes();
            vec![first, masked | 126, high, low]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_masked_and_says_how_long_it_is() {
        assert_eq!(text("hi"), [0x81, 0x82, 0x12, 0x34, 0x56, 0x78, b'h' ^ 0x12, b'i' ^ 0x34]);
        assert_eq!(unmasked("hi"), [0x81, 0x02, b'h', b'i']);
        assert_eq!(frame(BINARY, &[0; 300])[..4], [0x82, 0xfe, 0x01, 0x2c]);
        assert_eq!(close(4000), [0x88, 0x82, 0x12, 0x34, 0x56, 0x78, 0x0f ^ 0x12, 0xa0 ^ 0x34]);
    }
}
