//! The site of the harness's pages: the npm package as `sut/web/build` made it, with the harness's timers in place of the client's, and
//! the page that loads it. A bug is planted in what is served, and in nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::{env, fs, thread};

use tiny_http::{Header, Response, Server};

use super::bug::ShellBug;

static PACKAGE_AT: OnceLock<PathBuf> = OnceLock::new();

/// Says where the package of the pages is, unless the variable `KICKPROOF_WEB` does; if nobody says it, it is where `sut/web/build`, called
/// here, puts it.
pub fn package_at(folder: impl Into<PathBuf>) {
    let _ = PACKAGE_AT.set(folder.into());
}

/// Says where the package is.
const VARIABLE: &str = "KICKPROOF_WEB";
const BUILT: &str = "target/web";

const SCRIPT: &str = "text/javascript";

/// The files of the package that a page loads, but for its timers.
const PACKAGE: [(&str, &str); 7] = [
    ("index.js", SCRIPT),
    ("constants.js", SCRIPT),
    ("identity.js", SCRIPT),
    ("links.js", SCRIPT),
    ("shell.js", SCRIPT),
    ("sut_web.js", SCRIPT),
    ("sut_web_bg.wasm", "application/wasm"),
];

/// The harness's own.
const OWN: [(&str, &str, &str); 3] = [
    ("", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("instruments.js", SCRIPT, include_str!("page/instruments.js")),
    ("timers.js", SCRIPT, include_str!("page/timers.js")),
];

/// A site that answers as long as this is there.
pub(super) struct Site {
    server: Arc<Server>,
    /// Where it is.
    pub(super) address: String,
}

impl Site {
    /// Opens it, with that bug in what it serves.
    ///
    /// # Errors
    /// One line that says what is missing, and what to do.
    pub(super) fn open(bug: Option<ShellBug>) -> Result<Site, String> {
        let files = files(bug)?;
        let server = Server::http("127.0.0.1:0").map_err(|error| format!("there is no port for the site: {error}"))?;
        let (address, server) = (server.server_addr().to_string(), Arc::new(server));
        let answers = Arc::clone(&server);
        thread::spawn(move || {
            for request in answers.incoming_requests() {
                let path = request.url().trim_start_matches('/').split('?').next().unwrap_or_default().to_owned();
                let response = match files.get(path.as_str()) {
                    Some((kind, bytes)) => Response::from_data(bytes.clone()).with_header(of_kind(kind)),
                    None => Response::from_data(*b"nothing here\n").with_status_code(404),
                };
                // A page that goes away in the middle of an answer is no trouble.
                let _ = request.respond(response);
            }
        });
        Ok(Site { server, address: format!("http://{address}/") })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn of_kind(kind: &str) -> Header {
    Header::from_bytes("Content-Type", kind).expect("a kind is plain text")
}

fn files(bug: Option<ShellBug>) -> Result<BTreeMap<&'static str, (&'static str, Vec<u8>)>, String> {
    let built = || PACKAGE_AT.get().cloned().unwrap_or_else(|| BUILT.into());
    let folder = env::var_os(VARIABLE).map_or_else(built, PathBuf::from);
    let missing = |error| {
        format!("{}: no package for the pages: {error}; sut/web/build makes it, and {VARIABLE} says where it is", folder.display())
    };
    let mut files = BTreeMap::from(OWN.map(|(name, kind, text)| (name, (kind, text.as_bytes().to_vec()))));
    for (name, kind) in PACKAGE {
        let bytes = fs::read(folder.join(name)).map_err(missing)?;
        files.insert(name, (kind, bug.map_or(Ok(bytes.clone()), |bug| bug.plant(name, &bytes))?));
    }
    Ok(files)
}
