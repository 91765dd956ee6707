//! `kickproof serve --page`: beside the server a page on which one sees who is kicked. It makes UserSigs for whoever asks, so that it is for
//! this machine only.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, thread};

use clap::Args;
use sut::config::Settings;
use sut::session::{Platform, USER_ID_FORM, is_user_id};
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tiny_http::{Header, Request, Response, Server};

use crate::command::{Error, output, values};

/// Where the page is unless it is told.
const PAGE: &str = "127.0.0.1:8081";

/// Where `sut/web/build` puts the package unless it is told.
const PACKAGE: &str = "target/web";

/// Who asks who is online, if the server has no administrator.
const ADMINISTRATOR: &str = "admin";

/// For how long a UserSig of the page's is good, in seconds.
const EXPIRE_S: u64 = 86_400;

/// What files of a package a browser is given, and as what.
const KINDS: [(&str, &str); 4] =
    [("html", "text/html; charset=utf-8"), ("css", "text/css"), ("js", "text/javascript"), ("wasm", "application/wasm")];

/// Where the page is, and where its files come from.
#[derive(Args)]
pub(super) struct PageFlags {
    /// A page for this machine's browsers on which one sees who is kicked, at 127.0.0.1:8081 unless told
    ///
    /// It logs in as anybody, for it makes UserSigs for whoever asks; so server and page are on loopback only. If the server has no administrator, `admin` is one.
    #[arg(long, value_name = "ADDR", value_parser = values::address, num_args = 0..=1, default_missing_value = PAGE, conflicts_with = "manual_time")]
    page: Option<SocketAddr>,
    /// Where sut/web/build has put the package that the page loads
    #[arg(long, value_name = "DIR", default_value = PACKAGE, requires = "page")]
    package: PathBuf,
}

/// A page that is asked for: its files were read, and its address is its own.
pub(super) struct Page {
    server: Server,
    address: SocketAddr,
    files: BTreeMap<String, File>,
}

struct File {
    kind: &'static str,
    bytes: Vec<u8>,
}

/// What the page knows of the server.
struct Known {
    settings: Settings,
    bound: SocketAddr,
}

impl PageFlags {
    /// The page, if one is asked for, and the settings with which it works: its own administrator, and that it may call.
    pub(super) fn open(&self, settings: Settings, listens: SocketAddr) -> Result<(Option<Arc<Page>>, Settings), Error> {
        let Some(address) = self.page else { return Ok((None, settings)) };
        if let Some(public) = [address, listens].into_iter().find(|address| !address.ip().is_loopback()) {
            return Err(Error::PageInPublic(public));
        }
        if settings.front.tls.is_some() {
            return Err(Error::PageWithTls);
        }
        let page = Page::open(address, &self.package)?;
        let settings = page.allowed(settings);
        Ok((Some(Arc::new(page)), settings))
    }
}

impl Page {
    fn open(address: SocketAddr, package: &Path) -> Result<Page, Error> {
        let files = files(package).map_err(|error| Error::NoPackage { package: package.to_owned(), error })?;
        let cannot = |error: Box<dyn std::error::Error + Send + Sync>| Error::CannotShow { address, error: error.to_string() };
        let server = Server::http(address).map_err(cannot)?;
        let address = server.server_addr().to_ip().unwrap_or(address);
        Ok(Page { server, address, files })
    }

    /// Its administrator may ask from it.
    fn allowed(&self, mut settings: Settings) -> Settings {
        if settings.app.administrators.is_empty() {
            settings.app.administrators.push(ADMINISTRATOR.to_owned());
        }
        settings.front.allowed_origins.push(format!("http://{}", self.address));
        settings
    }

    /// Says where it is, and answers until the process ends.
    pub(super) fn show(self: &Arc<Page>, settings: Settings, bound: SocketAddr) -> Result<(), Error> {
        output::print(&format!("the page is at http://{}/\n", self.address))?;
        let (page, known) = (Arc::clone(self), Known { settings, bound });
        thread::spawn(move || {
            for request in page.server.incoming_requests() {
                // A browser that goes away in the middle of an answer is no trouble.
                let _ = page.answer(&known, request);
            }
        });
        Ok(())
    }

    /// A page of another name that was led here is told nothing.
    fn answer(&self, known: &Known, request: Request) -> io::Result<()> {
        let host = request.headers().iter().find(|header| header.field.equiv("Host"));
        if host.is_none_or(|host| host.value.as_str() != self.address.to_string()) {
            return request.respond(said(421, "text/plain", format!("ask at http://{}/\n", self.address)));
        }
        let (path, words) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let response = match path {
            "/settings" => said(200, "application/json", known.told()),
            "/usersig" => known.user_sig(words).map_or_else(|why| said(400, "text/plain", why), |sig| said(200, "text/plain", sig)),
            path => match self.files.get(path) {
                Some(File { kind, bytes }) => said(200, kind, bytes.clone()),
                None => said(404, "text/plain", "nothing here; the page is at /\n".to_owned()),
            },
        };
        request.respond(response)
    }
}

impl Known {
    fn told(&self) -> String {
        let app = &self.settings.app;
        serde_json::json!({
            "SDKAppID": app.sdk_app_id,
            "server": format!("ws://{}", self.bound),
            "administrator": app.administrators.first(),
            "limit": app.limits.of(Platform::Web),
        })
        .to_string()
    }

    fn user_sig(&self, words: &str) -> Result<String, String> {
        let named = form_urlencoded::parse(words.as_bytes()).find(|(name, _)| name == "userID");
        let user_id = named.map(|(_, user_id)| user_id).filter(|user_id| is_user_id(user_id));
        let user_id = user_id.ok_or_else(|| format!("userID is {USER_ID_FORM}\n"))?;
        let app = &self.settings.app;
        let now_s = SystemTime.now().0 / 1000;
        Ok(usersig::make(app.sdk_app_id, app.secret_key.current(), &user_id, now_s, EXPIRE_S, None))
    }
}

/// The files of the package, and those of the page within it, by the path at which a browser asks.
fn files(package: &Path) -> io::Result<BTreeMap<String, File>> {
    let mut files = BTreeMap::new();
    for folder in [package.to_owned(), package.join("page")] {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let kind = KINDS.iter().find(|(ending, _)| path.extension().is_some_and(|found| found == *ending));
            if let (Some((_, kind)), Some(name)) = (kind, path.file_name()) {
                let name = name.to_string_lossy();
                let at = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
                files.insert(at, File { kind, bytes: fs::read(&path)? });
            }
        }
    }
    Ok(files)
}

fn said(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Response<io::Cursor<Vec<u8>>> {
    let header = Header::from_bytes("Content-Type", kind).expect("a kind is plain text");
    Response::from_data(body).with_status_code(status).with_header(header)
}
