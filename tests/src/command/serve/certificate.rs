//! The files of a certificate and its key, read. What is wrong with what they hold the system says.

use std::fs;
use std::path::Path;

use sut::config::TlsFiles;
use sut::server::Tls;

use crate::command::Error;

/// The certificate that they hold.
pub(super) fn load(TlsFiles { certificate, key }: &TlsFiles) -> Result<Tls, Error> {
    Tls::new(&read(certificate)?, &read(key)?).map_err(|error| {
        let path = if error.is_of_the_key() { key } else { certificate };
        Error::Pair { path: path.clone(), error }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Unreadable { path: path.to_owned(), error })
}
