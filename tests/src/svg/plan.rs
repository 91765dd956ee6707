//! Where things stand: two halves of equal width, a lifeline for each seat and the server's on the right, and each line's words beside its
//! lifeline where there is more room, wrapped so that they never leave their half. It does not know what the words mean.

use model::action::InstanceId;
use model::observation::End;
use model::scope::Scope;

use super::canvas::{Anchor, Canvas, Point};
use crate::lines::{Line, Shape, Tone};
use crate::wrapped::wrapped;

/// Between the halves.
const HALF_GAP: i32 = 12;

/// Of a letter; the font has one width for all.
const LETTER_WIDTH: i32 = 7;
const LINE_HEIGHT: i32 = 17;
/// From a half's edge to its first and last lifeline.
const MARGIN: i32 = 34;
/// From a lifeline to the words beside it.
const BESIDE: i32 = 12;
/// Of the arrow that only sets out.
const STUB: i32 = 30;
/// From a half's edge to words.
const EDGE: i32 = 6;

/// The places of a scope's lifelines.
pub(super) struct Plan {
    seats: i32,
    half: i32,
}

/// Words beside a lifeline.
struct Beside {
    x: i32,
    anchor: Anchor,
    room: i32,
}

impl Plan {
    pub(super) fn of(scope: &Scope) -> Plan {
        let seats = scope.seats.len() as i32;
        Plan { seats, half: 344 + 70 * (seats - 4).max(0) }
    }

    pub(super) const fn width(&self) -> i32 {
        2 * self.half + HALF_GAP
    }

    /// Where the halves begin.
    pub(super) const fn halves(&self) -> [i32; 2] {
        [0, self.half + HALF_GAP]
    }

    /// Names and places of the lifelines, from the half's beginning.
    pub(super) fn lifelines<'a>(&self, scope: &'a Scope) -> impl Iterator<Item = (&'a str, i32)> + use<'a> {
        let seats: Vec<_> = scope.instances().map(|seat| (scope.name_of(seat), self.seat(seat))).collect();
        seats.into_iter().chain([("server", self.server())])
    }

    pub(super) fn head_width(&self) -> i32 {
        (self.spacing() - 6).min(62)
    }

    fn spacing(&self) -> i32 {
        (self.half - 2 * MARGIN) / self.seats.max(1)
    }

    fn seat(&self, seat: InstanceId) -> i32 {
        MARGIN + self.spacing() * i32::from(seat.0)
    }

    fn server(&self) -> i32 {
        MARGIN + self.spacing() * self.seats
    }

    fn end(&self, seat: InstanceId, end: End) -> i32 {
        match end {
            End::Client => self.seat(seat),
            End::Server => self.server(),
        }
    }

    /// Draws a line from that place on downwards; where the next one begins.
    pub(super) fn draw(&self, canvas: &mut Canvas, at: Point, line: &Line) -> i32 {
        match line.shape {
            Shape::Called(seat) => self.point(canvas, at, seat, "called", line),
            Shape::Told(seat) | Shape::Noticed(seat) => self.point(canvas, at, seat, "told", line),
            Shape::Opened(seat) => self.across(canvas, at, [self.seat(seat), self.server()], "opened", line),
            Shape::Delivered(seat, End::Client) => self.across(canvas, at, [self.seat(seat), self.server()], "delivered", line),
            Shape::Delivered(seat, End::Server) => self.across(canvas, at, [self.server(), self.seat(seat)], "delivered", line),
            Shape::Written(seat, end) => self.stub(canvas, at, self.end(seat, end), end, line),
            Shape::Closed(seat, end) => {
                let x = self.end(seat, end);
                canvas.cross(Point { x: at.x + x, y: at.y + 8 }, &class("closed", line.tone));
                self.words(canvas, at, self.beside(x), line)
            }
            Shape::Remark => {
                let whole = Beside { x: MARGIN - 10, anchor: Anchor::Start, room: self.half - MARGIN };
                self.words(canvas, at, whole, line)
            }
        }
    }

    fn point(&self, canvas: &mut Canvas, at: Point, seat: InstanceId, name: &str, line: &Line) -> i32 {
        let x = self.seat(seat);
        canvas.dot(Point { x: at.x + x, y: at.y + 8 }, &class(name, line.tone));
        self.words(canvas, at, self.beside(x), line)
    }

    /// An arrow from end to end under its words.
    fn across(&self, canvas: &mut Canvas, at: Point, [from, to]: [i32; 2], name: &str, line: &Line) -> i32 {
        let room = self.half - 2 * EDGE;
        let widest = lines(&line.text, room).iter().map(|words| width(words)).max().unwrap_or(0);
        let middle = i32::midpoint(from, to).clamp(EDGE + widest / 2, (self.half - EDGE - widest / 2).max(EDGE + widest / 2));
        let y = self.words(canvas, at, Beside { x: middle, anchor: Anchor::Middle, room }, line) + 4;
        let [from, to] = [from, to].map(|x| Point { x: at.x + x, y });
        canvas.arrow(from, to, &class(name, line.tone));
        y + 8
    }

    /// An arrow that sets out from an end: its words before or behind it where they fit, else above it.
    fn stub(&self, canvas: &mut Canvas, at: Point, x: i32, end: End, line: &Line) -> i32 {
        let (tip, before, behind) = match end {
            End::Client => (x + STUB, self.beside_right(x + STUB - 6), self.beside_left(x)),
            End::Server => (x - STUB, self.beside_left(x - STUB + 6), self.beside_right(x)),
        };
        let Some(words) = [before, behind].into_iter().find(|words| width(&line.text) <= words.room) else {
            return self.across(canvas, at, [x, tip], "written", line);
        };
        let y = at.y + 8;
        canvas.arrow(Point { x: at.x + x, y }, Point { x: at.x + tip, y }, &class("written", line.tone));
        self.words(canvas, at, words, line)
    }

    /// On the side that has more room.
    fn beside(&self, x: i32) -> Beside {
        if x <= self.half / 2 { self.beside_right(x) } else { self.beside_left(x) }
    }

    fn beside_right(&self, x: i32) -> Beside {
        Beside { x: x + BESIDE, anchor: Anchor::Start, room: self.half - EDGE - x - BESIDE }
    }

    fn beside_left(&self, x: i32) -> Beside {
        Beside { x: x - BESIDE, anchor: Anchor::End, room: x - BESIDE - EDGE }
    }

    fn words(&self, canvas: &mut Canvas, at: Point, beside: Beside, line: &Line) -> i32 {
        let class = class("words", line.tone);
        let mut y = at.y;
        for words in lines(&line.text, beside.room) {
            canvas.text(Point { x: at.x + beside.x, y: y + 12 }, beside.anchor, &class, &words);
            y += LINE_HEIGHT;
        }
        y
    }
}

fn class(name: &str, tone: Tone) -> String {
    match tone {
        Tone::Plain => name.to_owned(),
        Tone::Quiet => format!("{name} quiet"),
        Tone::Differs => format!("{name} differs"),
    }
}

fn width(words: &str) -> i32 {
    words.chars().count() as i32 * LETTER_WIDTH
}

/// A text in lines that fit.
fn lines(text: &str, room: i32) -> Vec<String> {
    wrapped(text, usize::try_from(room / LETTER_WIDTH).unwrap_or(1))
}
