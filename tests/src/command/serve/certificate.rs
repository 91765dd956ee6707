//! The files of a certificate and its key, read. What is wrong with what they hold the system says.

use std::fs;
use std::path::Path;

use sut::config::TlsFiles;
use sut::server::{BadPair, Tls};

use crate::command::Error;

/// The certificate that they hold.
pub(super) fn load(files: &TlsFiles) -> Result<Tls, Error> {
    with(files, Tls::new)
}

/// Shows the certificate that they hold from now on, or goes on with the old one.
pub(super) fn renew(tls: &Tls, files: &TlsFiles) -> Result<(), Error> {
    with(files, |chain, key| tls.renew(chain, key))
}

fn with<T>(files: &TlsFiles, take: impl FnOnce(&[u8], &[u8]) -> Result<T, BadPair>) -> Result<T, Error> {
    let (chain, key) = (read(&files.certificate)?, read(&files.key)?);
    take(&chain, &key).map_err(|error| {
        let path = if error.is_of_the_key() { &files.key } else { &files.certificate };
        Error::Pair { path: path.clone(), error }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Unreadable { path: path.to_owned(), error })
}
