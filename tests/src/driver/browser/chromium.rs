//! Chromium as a child process, driven over its DevTools protocol through a pair of pipes: JSON, each message ended by a zero byte. Chromium
//! ends when the pipes do, however this process ends. It knows no page of the harness's.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::driver::sockets::PATIENCE;

/// Says where Chromium is, if it is not where Debian puts it.
const VARIABLE: &str = "CHROMIUM";
const DEBIAN: &str = "/usr/bin/chromium";

/// Hands the shell's standard input and output on as the descriptors 3 and 4, which Chromium reads and writes.
const THROUGH_PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// The events that are waited for: a page has loaded, or was brought back from the cache.
const LOADED: &str = "Page.loadEventFired";
const NAVIGATED: &str = "Page.frameNavigated";

const SWITCHES: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "about:blank",
];

/// A Chromium that runs.
pub(super) struct Chromium {
    child: Child,
    requests: Option<ChildStdin>,
    messages: Receiver<Value>,
    last: u64,
    /// The sessions whose pages have loaded since somebody waited for that.
    loaded: Vec<Value>,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it.
    ///
    /// # Errors
    /// One line that says why there is none, and what to do.
    pub(super) fn start() -> Result<Chromium, String> {
        let binary = env::var(VARIABLE).unwrap_or_else(|_| DEBIAN.to_owned());
        let missing = |why: &str| format!("Chromium: {binary}: {why}; install Debian's chromium, or say where it is in {VARIABLE}");
        if !std::path::Path::new(&binary).is_file() {
            return Err(missing("no such file"));
        }
        let profile = TempDir::new().map_err(|error| format!("there is no folder for Chromium: {error}"))?;
        let mut command = Command::new("sh");
        command.args(["-c", THROUGH_PIPES, &binary]).args(SWITCHES);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| missing(&error.to_string()))?;
        let (requests, messages) = (child.stdin.take(), read(BufReader::new(child.stdout.take().ok_or("Chromium has no pipe")?)));
        let mut chromium = Chromium { child, requests, messages, last: 0, loaded: Vec::new(), _profile: profile };
        chromium.ask("Browser.getVersion", json!({})).map_err(|why| missing(&why))?;
        Ok(chromium)
    }

    /// Asks the browser as a whole.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.request(json!({ "method": method, "params": params }))
    }

    /// Asks what is attached to in a session.
    pub(super) fn ask_in(&mut self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        self.request(json!({ "method": method, "params": params, "sessionId": session }))
    }

    /// Leads what is attached to in a session to an address, and waits until it has loaded.
    pub(super) fn navigate(&mut self, session: &str, address: &str) -> Result<(), String> {
        self.turn(session, "Page.navigate", json!({ "url": address }))
    }

    /// Has what is attached to in a session show another page, or the same anew, and waits until that is there.
    pub(super) fn turn(&mut self, session: &str, method: &str, params: Value) -> Result<(), String> {
        self.loaded.retain(|loaded| loaded != session);
        self.ask_in(session, method, params)?;
        while !self.loaded.iter().any(|loaded| loaded == session) {
            self.next(|| "that a page has loaded".to_owned())?;
        }
        self.loaded.retain(|loaded| loaded != session);
        Ok(())
    }

    /// The next answer; `None` if it is an event, which is noted.
    fn next(&mut self, asked: impl Fn() -> String) -> Result<Option<Value>, String> {
        let message = self.messages.recv_timeout(PATIENCE).map_err(|error| silent(error, &asked()))?;
        if is_there(&message) {
            self.loaded.push(message["sessionId"].clone());
        }
        Ok(Some(message).filter(|message| message.get("id").is_some()))
    }

    /// The value of an expression on a page, once it is settled.
    pub(super) fn evaluate(&mut self, session: &str, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.ask_in(session, "Runtime.evaluate", params)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(format!("the page throws: {}", thrown["exception"]["description"].as_str().unwrap_or("something"))),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    fn request(&mut self, mut request: Value) -> Result<Value, String> {
        self.last += 1;
        request["id"] = self.last.into();
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        let pipe = self.requests.as_mut().ok_or("Chromium has ended")?;
        pipe.write_all(&bytes).map_err(|error| format!("Chromium takes no request: {error}"))?;
        loop {
            if let Some(mut answer) = self.next(|| shown(&request))?
                && answer["id"] == self.last
            {
                let error =
                    answer.get("error").map(|error| format!("Chromium refuses {}: {}", request["method"], error["message"]));
                return error.map_or_else(|| Ok(answer["result"].take()), Err);
            }
        }
    }
}

/// Whether it says that a page is there.
fn is_there(message: &Value) -> bool {
    message["method"] == LOADED || (message["method"] == NAVIGATED && message["params"]["type"] == "BackForwardCacheRestore")
}

fn silent(error: RecvTimeoutError, asked: &str) -> String {
    match error {
        RecvTimeoutError::Timeout => format!("Chromium does not say {asked} in {} s", PATIENCE.as_secs()),
        RecvTimeoutError::Disconnected => "Chromium has ended".to_owned(),
    }
}

/// What is asked, as far as it fits in a line.
fn shown(request: &Value) -> String {
    const LONGEST: usize = 80;
    let expression: String = request["params"]["expression"].as_str().unwrap_or_default().chars().take(LONGEST).collect();
    format!("what {} {expression} comes to", request["method"])
}

/// All that it says, as it comes; what is no answer to a request is nothing to anybody.
fn read(mut pipe: impl BufRead + Send + 'static) -> Receiver<Value> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        while pipe.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
            let message: Option<Value> = serde_json::from_slice(bytes.strip_suffix(&[0]).unwrap_or(&bytes)).ok();
            bytes.clear();
            if let Some(message) = message.filter(|message| message.get("id").is_some() || is_there(message))
                && tell.send(message).is_err()
            {
                return;
            }
        }
    });
    told
}

impl Drop for Chromium {
    /// It ends with its pipe, and takes its processes with it; its folder goes behind it.
    fn drop(&mut self) {
        self.requests = None;
        let _ = self.child.wait();
    }
}
