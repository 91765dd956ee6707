//! TLS for a client's links: whom it trusts, and for which name. It checks every certificate, and nothing turns that off.
//!
//! rustls with ring, which is built in seconds, and the authorities that Mozilla trusts, as of the build: the same on every machine.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, OtherError, RootCertStore};

use super::connect_error::ConnectError;
use crate::code::one_line;

/// Why no root certificates are taken, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no root certificates are taken: {0}; in PEM each begins with -----BEGIN CERTIFICATE-----")]
pub struct BadRoots(pub(super) &'static str);

/// What a client needs to know for TLS with one server.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    name: ServerName<'static>,
    roots: RootCertStore,
    config: Arc<ClientConfig>,
}

impl Tls {
    /// With that host, a name or an IP address; or why not.
    pub(super) fn with(host: &str) -> Result<Tls, &'static str> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| "no certificate is for such a host")?;
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Ok(Tls { name, config: config(&roots), roots })
    }

    /// The same, trusting these authorities as well.
    pub(super) fn trusting(mut self, pem: &[u8]) -> Result<Tls, BadRoots> {
        let before = self.roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let added = certificate.ok().and_then(|certificate| self.roots.add(certificate).ok());
            added.ok_or(BadRoots("one cannot be read"))?;
        }
        if self.roots.len() == before {
            return Err(BadRoots("there is none"));
        }
        self.config = config(&self.roots);
        Ok(self)
    }

    /// Speaks TLS on a stream, once the server has shown a certificate for its name by an authority that is trusted.
    pub(super) async fn on(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let secured = TlsConnector::from(Arc::clone(&self.config)).connect(self.name.clone(), stream).await;
        secured.map_err(|error| why(&error).into())
    }
}

fn why(error: &io::Error) -> ConnectError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => ConnectError::UnknownAuthority,
        Some(Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
            ConnectError::OtherName
        }
        Some(Error::InvalidCertificate(CertificateError::Other(OtherError(why)))) => by_name(&why.to_string()),
        Some(other) => ConnectError::Tls(one_line(&other.to_string())),
        None => ConnectError::of(error),
    }
}

/// What the verifier has no word for but the name of its error.
fn by_name(why: &str) -> ConnectError {
    if why == "CaUsedAsEndEntity" { ConnectError::AuthoritysOwn } else { ConnectError::Tls(one_line(why)) }
}

fn config(roots: &RootCertStore) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring speaks them");
    Arc::new(builder.with_root_certificates(roots.clone()).with_no_client_auth())
}
