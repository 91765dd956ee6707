//! What stands before stateright's Explorer: everything is handed on to it, but for a line that is put under its page and what that line
//! asks: which trace an address shows, and which address shows a trace. What either leads to is not known here.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use model::scope::Scope;
use model::scopes;

use crate::replay::Replay;
use crate::token::Trace;
use crate::tour::Labels;

/// The line's script, and where the page finds it.
const SCRIPT: (&str, &str) = ("/kickproof.js", include_str!("page.js"));

/// How much a request may have before its body; the Explorer's have no body.
const MOST_HEAD: u64 = 65_536;

/// Serves the page on `listener`, with the Explorer of that scope at `behind`, as long as the process lives.
pub(super) fn serve(listener: &TcpListener, behind: SocketAddr, scope: &'static str) -> ! {
    loop {
        if let Ok((stream, _)) = listener.accept() {
            // A browser that goes away in the middle of an answer is no trouble.
            thread::spawn(move || answer(stream, behind, scope).ok());
        }
    }
}

fn answer(mut browser: TcpStream, behind: SocketAddr, scope: &str) -> io::Result<()> {
    let request = first_line(&browser)?;
    let path = request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    if path == SCRIPT.0 {
        write(&mut browser, "200 OK", "text/javascript", SCRIPT.1)
    } else if let Some(way) = path.strip_prefix("/.trace") {
        say(&mut browser, trace(scope, way))
    } else if let Some(word) = path.strip_prefix("/.address/") {
        say(&mut browser, address(scope, &decoded(word)))
    } else if path == "/" {
        let page = handed_on(behind, "GET / HTTP/1.1")?;
        let body = page.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        write(
            &mut browser,
            "200 OK",
            "text/html",
            &body.replace("</body>", &format!("<script src=\"{}\"></script></body>", SCRIPT.0)),
        )
    } else {
        browser.write_all(handed_on(behind, &request)?.as_bytes())
    }
}

/// The first line of a request, of which the rest is read as well.
fn first_line(browser: &TcpStream) -> io::Result<String> {
    let mut lines = BufReader::new(browser.take(MOST_HEAD)).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    lines.find(|line| line.as_ref().map_or(true, String::is_empty));
    Ok(first)
}

/// What the Explorer answers.
fn handed_on(behind: SocketAddr, request: &str) -> io::Result<String> {
    let mut explorer = TcpStream::connect(behind)?;
    write!(explorer, "{request}\r\nHost: {behind}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    explorer.read_to_string(&mut answer)?;
    Ok(answer)
}

fn say(browser: &mut TcpStream, said: Result<String, String>) -> io::Result<()> {
    match said {
        Ok(said) => write(browser, "200 OK", "text/plain", &said),
        Err(why) => write(browser, "404 Not Found", "text/plain", &why),
    }
}

fn write(browser: &mut TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(
        browser,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// The trace that an address shows, by what stands behind `#/steps`: the initial state's place, which is 0, and a label a step. Nothing if
/// it has no step.
///
/// # Errors
/// Which step leads nowhere, and what is offered there.
pub fn trace(scope: &str, way: &str) -> Result<String, String> {
    let mut places = way.split('/').filter(|place| !place.is_empty());
    match places.next() {
        None | Some("0") => {}
        Some(start) => return Err(format!("this address begins with {start}, and there is one initial state, 0")),
    }
    let scope = scopes::named(scope).map_err(|unknown| unknown.to_string())?;
    let mut replay = Replay::new(&scope);
    let labels = (1..).zip(places).map(|(step, place)| go(&mut replay, step, place)).collect::<Result<Labels, _>>()?;
    Ok(if labels.is_empty() { String::new() } else { Trace { scope, labels }.to_string() })
}

fn go(replay: &mut Replay<'_>, step: usize, place: &str) -> Result<u16, String> {
    let label = place.parse().ok().filter(|label| replay.go(*label).is_some());
    let offered = replay.offered().len();
    label.ok_or_else(|| {
        format!("this address leads nowhere: step {step} is {place}, and {offered} actions are offered there, from 0")
    })
}

/// The address that shows a trace.
///
/// # Errors
/// Why it is none, or which scope's Explorer shows it.
pub fn address(scope: &str, word: &str) -> Result<String, String> {
    let Trace { scope: Scope { name, .. }, labels } = word.parse().map_err(|why: crate::token::BadTrace| why.to_string())?;
    if name != scope {
        return Err(format!("this is {scope}; `kickproof explore --scope {name}` shows that trace"));
    }
    Ok(labels.iter().fold("#/steps/0".to_owned(), |address, label| format!("{address}/{label}")))
}

/// A trace as it was before `encodeURIComponent`.
fn decoded(word: &str) -> String {
    word.replace("%3A", ":").replace("%3a", ":").replace("%20", " ")
}
