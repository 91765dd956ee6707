//! What is wrong with a certificate and its key. It names no file: whoever read them knows which.

/// Why a certificate and a key are not taken, in one line that says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPair {
    /// The first text has no certificate.
    #[error("there is no certificate in it; in PEM one begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// A certificate is broken.
    #[error("a certificate cannot be read; it would be X.509 in PEM, whole, the server's own first")]
    Certificate,
    /// The second text has no key.
    #[error("there is no private key in it; in PEM it begins with -----BEGIN PRIVATE KEY-----, and is not encrypted")]
    NoKey,
    /// The key is broken, or of a kind that is not spoken.
    #[error("the private key cannot be used: {0}; RSA, ECDSA and Ed25519 are, in PEM and not encrypted")]
    Key(String),
    /// The key belongs to another certificate.
    #[error("the key is not that of the first certificate; the two would be made together")]
    Apart,
    /// The crate was built without TLS.
    #[error("TLS is not built in; the feature tls of the crate sut brings it")]
    NotBuiltIn,
}

impl BadPair {
    /// Whether it is the text of the key that is wrong.
    pub const fn is_of_the_key(&self) -> bool {
        match self {
            BadPair::NoKey | BadPair::Key(_) | BadPair::Apart => true,
            BadPair::NoCertificate | BadPair::Certificate | BadPair::NotBuiltIn => false,
        }
    }
}
