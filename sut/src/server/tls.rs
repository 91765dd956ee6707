//! TLS on a port of the server: which certificate it shows, by rustls with ring, TLS 1.3 or 1.2. It asks no client for a certificate, and
//! knows no file.

use std::io;
use std::sync::{Arc, RwLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::bad_pair::BadPair;
use crate::code::one_line;

/// The one protocol that is spoken behind TLS.
const HTTP: &[u8] = b"http/1.1";

/// Whoever holds the lock only copies.
const UNPOISONED: &str = "nothing panics while it holds the lock";

/// The certificate that a port shows; its clones are the same.
#[derive(Clone, Debug)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// Shows this chain, the server's own certificate first, which this key is of; both in PEM.
    ///
    /// # Errors
    /// Why the two are no pair that can be shown.
    pub fn new(chain: &[u8], key: &[u8]) -> Result<Tls, BadPair> {
        Ok(Tls(Arc::new(RwLock::new(config(chain, key)?))))
    }

    /// Shows from now on what the other one shows. Connections that are open stay as they are.
    pub fn renew(&self, other: &Tls) {
        *self.0.write().expect(UNPOISONED) = other.shown();
    }

    fn shown(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().expect(UNPOISONED))
    }

    /// Speaks TLS on a stream, once the handshake is done.
    pub(super) async fn on<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        TlsAcceptor::from(self.shown()).accept(stream).await
    }
}

fn config(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, BadPair> {
    let (chain, key) = (certificates(chain)?, private_key(key)?);
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring speaks them");
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|error| why(&error))?;
    config.alpn_protocols = vec![HTTP.to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadPair> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| BadPair::Certificate)?;
    if chain.is_empty() { Err(BadPair::NoCertificate) } else { Ok(chain) }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, BadPair> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        PemError::NoItemsFound => BadPair::NoKey,
        _ => BadPair::Key("its PEM cannot be read".to_owned()),
    })
}

fn why(error: &Error) -> BadPair {
    match error {
        Error::InconsistentKeys(_) => BadPair::Apart,
        Error::InvalidCertificate(_) => BadPair::Certificate,
        other => BadPair::Key(one_line(&other.to_string())),
    }
}
