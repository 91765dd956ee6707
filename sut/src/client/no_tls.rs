//! In place of TLS where the feature `tls` is off: an address that asks for it is refused.

use std::io;

use tokio::net::TcpStream;

/// There is none.
#[derive(Clone, Debug)]
pub(super) enum Tls {}

impl Tls {
    pub(super) const fn with(_host: &str) -> Result<Tls, &'static str> {
        Err("TLS is not built in; the feature tls of the crate sut brings it")
    }

    pub(super) async fn on(&self, _stream: TcpStream) -> io::Result<TcpStream> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use crate::client::TcpConnector;

    #[test]
    fn an_address_that_asks_for_tls_is_refused_where_none_is_built_in() {
        let error = TcpConnector::new("wss://server.example").unwrap_err().to_string();
        assert!(error.contains("TLS is not built in; the feature tls of the crate sut brings it"), "{error}");
        assert!(TcpConnector::new("ws://server.example").is_ok());
    }
}
