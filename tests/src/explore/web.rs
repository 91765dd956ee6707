//! What the Explorer's page asks over HTTP, and the answers: JSON for its questions, the page's own files, and what is stateright's handed
//! on. What it does not understand is answered with one line that says what would be right. It decides nothing.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use model::action::InstanceId;
use model::rule::Rule;
use model::scopes;
use serde::Serialize;
use sut::planted::Planted;
use tiny_http::{Header, Request, Response, Server};

use super::Beside;
use super::find::find;
use super::index::Index;
use super::place::{Place, compared, otherwise};
use super::query::Query;
use super::sides::{Verdict, beside_a_child, both};
use super::threats::threats;
use super::unavoidable::unavoidable;
use crate::driver::DriverKind;
use crate::replay::{actions_of, replay};
use crate::svg;
use crate::token::Trace;
use crate::{pasted, planting};

/// The page's files: where each is found, of which kind, and what is in it.
const FILES: [(&str, &str, &str); 3] = [
    ("/", "text/html", include_str!("page/index.html")),
    ("/kickproof.css", "text/css", include_str!("page/explorer.css")),
    ("/kickproof.js", "text/javascript", include_str!("page/explorer.js")),
];

/// How many requests are answered at a time.
const WORKERS: usize = 4;

/// What the page is served from.
pub(super) struct Web {
    /// The scopes that were opened, by name.
    open: Mutex<BTreeMap<&'static str, Arc<Index>>>,
    /// The trace to the place that it begins with.
    first: String,
    beside: Beside,
    /// Where stateright's Explorer is.
    behind: SocketAddr,
}

/// An answer, or what is wrong with the question.
type Answer = Result<String, String>;

impl Web {
    pub(super) fn new(first: String, beside: Beside, behind: SocketAddr) -> Web {
        Web { open: Mutex::default(), first, beside, behind }
    }

    /// Answers until the process ends.
    pub(super) fn serve(&self, server: &Server) -> ! {
        std::thread::scope(|scope| {
            let workers = (0..WORKERS).map(|_| scope.spawn(|| self.work(server)));
            workers.collect::<Vec<_>>().into_iter().for_each(|worker| _ = worker.join());
        });
        unreachable!("a server hands out requests as long as the process lives")
    }

    fn work(&self, server: &Server) {
        loop {
            if let Ok(request) = server.recv() {
                // A browser that goes away in the middle of an answer is no trouble.
                let _ = self.answer(request);
            }
        }
    }

    fn answer(&self, request: Request) -> io::Result<()> {
        let (path, words) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let (path, asked) = (path.to_owned(), Asked::of(words));
        if let Some((_, kind, text)) = FILES.iter().find(|(place, ..)| *place == path) {
            return request.respond(said(200, kind, text));
        }
        match self.asked(&path, &asked) {
            Some(Ok(answer)) => request.respond(said(200, "application/json", &answer)),
            Some(Err(why)) => request.respond(said(400, "text/plain", &why)),
            None => self.hand_on(request),
        }
    }

    /// What the page asks for; `None` if the path is not its own.
    fn asked(&self, path: &str, asked: &Asked) -> Option<Answer> {
        match path {
            "/api/scopes" => Some(json(&self.scopes())),
            "/api/open" => Some(self.opened(asked)),
            "/api/place" => Some(self.place(asked)),
            "/api/find" => Some(self.find(asked)),
            "/api/into" => Some(self.ways_here(asked)),
            "/api/rule" => Some(Web::rule(asked)),
            "/api/compare" => Some(Web::compare(asked)),
            "/api/threats" => Some(self.threats(asked)),
            "/api/sides" => Some(self.sides(asked)),
            "/api/test" => Some(self.test(asked)),
            "/api/unavoidable" => Some(self.unavoidable(asked)),
            _ => None,
        }
    }

    fn index(&self, name: &str) -> Result<Arc<Index>, String> {
        let scope = scopes::named(name).map_err(|unknown| crate::nearest::scope(&unknown))?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(open.entry(scope.name).or_insert_with(|| Arc::new(Index::of(&scope)))))
    }

    fn scopes(&self) -> Scopes<'_> {
        let all = scopes::all().into_iter().map(|scope| Known { name: scope.name, about: scope.about });
        Scopes {
            first: &self.first,
            planted: self.beside.planted().map(Planted::name),
            child: self.beside.child().map(ToString::to_string),
            all: all.collect(),
        }
    }

    fn opened(&self, asked: &Asked) -> Answer {
        let index = self.index(asked.word("scope")?)?;
        let (states, transitions) = (index.graph.state_count(), index.graph.transition_count());
        std::thread::spawn({
            let index = Arc::clone(&index);
            move || _ = index.lines()
        });
        let (name, about, bounds) = (index.scope().name, index.scope().about, index.scope().bounds());
        let seats = index.scope().seats.iter().map(|seat| seat.name).collect();
        json(&Opened { name, about, bounds, states, transitions, seats })
    }

    /// The open scope of a trace, and its labels.
    fn at(&self, asked: &Asked) -> Result<(Arc<Index>, Vec<u16>), String> {
        let text = asked.word("at")?;
        let (name, words) = text.split_once(':').unwrap_or((text, ""));
        let index = self.index(name)?;
        if words.trim().is_empty() {
            return Ok((index, Vec::new()));
        }
        let trace: Trace = read(text)?;
        Ok((index, trace.labels))
    }

    fn place(&self, asked: &Asked) -> Answer {
        let (index, labels) = self.at(asked)?;
        json(&Place::of(&index, &labels))
    }

    fn find(&self, asked: &Asked) -> Answer {
        let (index, labels) = self.at(asked)?;
        let query = Query::parse(asked.word("for")?).map_err(|bad| bad.to_string())?;
        json(&find(&index, &query, &labels).map_err(|nowhere| nowhere.to_string())?)
    }

    fn ways_here(&self, asked: &Asked) -> Answer {
        let (index, labels) = self.at(asked)?;
        let state = index.number_of(&labels).ok_or("the search was cut before this state")?;
        let ways = index.ways_into(state).map(|(from, transition)| {
            let labels = [index.graph.path_to(from), vec![index.label(from, transition)]].concat();
            let action = index.graph.actions_of(from)[usize::from(index.label(from, transition))];
            let last = crate::naming::action(index.scope(), &index.graph.state(from), action);
            Way { last, steps: labels.len(), trace: Trace { scope: index.scope().clone(), labels }.to_string() }
        });
        json(&ways.collect::<Vec<_>>())
    }

    fn rule(asked: &Asked) -> Answer {
        let Trace { scope, labels } = trace(asked.word("at")?)?;
        let rule: Rule = read(asked.word("rule")?)?;
        let moves = otherwise(&scope, &labels, rule);
        json(&Ruled { rule: rule.name(), text: rule.text(), origin: rule.origin(), moves })
    }

    fn compare(asked: &Asked) -> Answer {
        let [here, there] = [trace(asked.word("at")?)?, trace(asked.word("with")?)?];
        json(&compared(&here, &there))
    }

    fn threats(&self, asked: &Asked) -> Answer {
        let (index, labels) = self.at(asked)?;
        let name = asked.word("seat")?;
        let seat = index.scope().seats.iter().position(|seat| seat.name == name);
        let names: Vec<_> = index.scope().seats.iter().map(|seat| seat.name).collect();
        let seat =
            seat.ok_or_else(|| format!("no instance of {} is called '{name}'; there are {}", index.scope().name, names.join(" ")))?;
        json(&threats(&index, &labels, InstanceId(seat as u8)))
    }

    fn sides(&self, asked: &Asked) -> Answer {
        let Trace { scope, labels } = trace(asked.word("at")?)?;
        let rows = match &self.beside {
            Beside::Ours(planted) => both(&scope, &actions_of(&scope, &labels), *planted),
            Beside::Child(launch) => beside_a_child(&scope, &labels, launch).map_err(|trouble| trouble.to_string())?,
        };
        let differs = rows.iter().position(|row| row.verdict() == Verdict::Differs).map(|index| index + 1);
        json(&Sides { steps: rows.len(), differs, picture: svg::diagram(&scope, &rows) })
    }

    /// The place as a test in Rust.
    fn test(&self, asked: &Asked) -> Answer {
        let trace = trace(asked.word("at")?)?;
        let walked = planting::with(self.beside.planted(), || replay(&trace.scope, DriverKind::Stack, &trace.labels));
        json(&pasted::test(&trace, DriverKind::Stack, self.beside.planted().zip(walked.divergence.as_ref())))
    }

    fn unavoidable(&self, asked: &Asked) -> Answer {
        let (index, labels) = self.at(asked)?;
        if let Some(child) = self.beside.child() {
            return Err(format!("that is decided for our own machines only: `{child}` cannot be copied in the middle of a trace"));
        }
        json(&planting::with(self.beside.planted(), || unavoidable(&index, &labels)))
    }

    /// What stateright's Explorer answers. It is spoken to as of old, so that it answers in one piece.
    fn hand_on(&self, request: Request) -> io::Result<()> {
        let (method, path) = match request.url() {
            "/stateright" | "/stateright/" => (request.method(), "/"),
            path => (request.method(), path),
        };
        let mut explorer = TcpStream::connect(self.behind)?;
        explorer.write_all(
            format!("{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", self.behind)
                .as_bytes(),
        )?;
        let mut answer = String::new();
        explorer.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(502);
        // It tells of no kind; a browser finds it out by the text.
        request.respond(Response::from_data(body).with_status_code(status))
    }
}

/// Text of that kind.
fn said(status: u16, kind: &str, text: &str) -> Response<io::Cursor<Vec<u8>>> {
    let header = Header::from_bytes("Content-Type", format!("{kind}; charset=utf-8")).expect("a kind is plain text");
    Response::from_data(text).with_status_code(status).with_header(header)
}

fn json(answer: &impl Serialize) -> Answer {
    serde_json::to_string(answer).map_err(|why| why.to_string())
}

fn read<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|why: T::Err| why.to_string())
}

/// A trace; one without steps is a scope's beginning.
fn trace(text: &str) -> Result<Trace, String> {
    match text.split_once(':') {
        Some((name, words)) if words.trim().is_empty() => {
            let scope = scopes::named(name).map_err(|unknown| crate::nearest::scope(&unknown))?;
            Ok(Trace { scope, labels: Vec::new() })
        }
        _ => read(text),
    }
}

/// The words of a request behind its `?`.
struct Asked(BTreeMap<String, String>);

impl Asked {
    fn of(words: &str) -> Asked {
        Asked(form_urlencoded::parse(words.as_bytes()).into_owned().collect())
    }

    fn word(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("the question has no '{name}'"))
    }
}

#[derive(Serialize)]
struct Scopes<'a> {
    first: &'a str,
    planted: Option<&'static str>,
    child: Option<String>,
    all: Vec<Known>,
}

#[derive(Serialize)]
struct Known {
    name: &'static str,
    about: &'static str,
}

#[derive(Serialize)]
struct Opened {
    name: &'static str,
    about: &'static str,
    bounds: String,
    states: usize,
    transitions: usize,
    seats: Vec<&'static str>,
}

#[derive(Serialize)]
struct Way {
    last: String,
    steps: usize,
    trace: String,
}

#[derive(Serialize)]
struct Ruled {
    rule: &'static str,
    text: &'static str,
    origin: &'static str,
    moves: Vec<super::place::Otherwise>,
}

#[derive(Serialize)]
struct Sides {
    steps: usize,
    differs: Option<usize>,
    picture: String,
}
