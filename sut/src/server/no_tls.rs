//! In place of TLS where the feature `tls` is off: a certificate is refused.

use std::io;

use tokio::net::TcpStream;

use super::bad_pair::BadPair;

/// There is none.
#[derive(Clone, Debug)]
pub enum Tls {}

impl Tls {
    /// None is taken.
    pub const fn new(_chain: &[u8], _key: &[u8]) -> Result<Tls, BadPair> {
        Err(BadPair::NotBuiltIn)
    }

    /// There is none to renew.
    pub const fn renew(&self, _other: &Tls) {
        match *self {}
    }

    pub(super) async fn on<S>(&self, _stream: S) -> io::Result<TcpStream> {
        match *self {}
    }
}
