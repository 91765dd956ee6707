//! The elements of a picture, written one after the other. Whatever text comes in is escaped here, and nowhere else.

use std::fmt::Write;

use strum::IntoStaticStr;

/// A place, or a width and a height, in the picture's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Elements, in order of drawing.
#[derive(Clone, Debug, Default)]
pub(super) struct Canvas(String);

impl Canvas {
    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        self.0.write_fmt(element).expect("a string takes all that is written to it");
        self.0.push('\n');
    }

    /// Opens a group that belongs to a step.
    pub(super) fn open(&mut self, class: &str, step: usize) {
        self.push(format_args!(r#"<g class="{class}" data-step="{step}">"#));
    }

    pub(super) fn close(&mut self) {
        self.push(format_args!("</g>"));
    }

    pub(super) fn text(&mut self, at: Point, anchor: Anchor, class: &str, text: &str) {
        let (Point { x, y }, anchor) = (at, <&str>::from(anchor));
        let text = escaped(text);
        self.push(format_args!(r#"<text x="{x}" y="{y}" text-anchor="{anchor}" class="{class}">{text}</text>"#));
    }

    pub(super) fn line(&mut self, from: Point, to: Point, class: &str) {
        let (Point { x: x1, y: y1 }, Point { x: x2, y: y2 }) = (from, to);
        self.push(format_args!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{class}"/>"#));
    }

    pub(super) fn rect(&mut self, at: Point, size: Point, class: &str) {
        let (Point { x, y }, Point { x: width, y: height }) = (at, size);
        self.push(format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" class="{class}"/>"#));
    }

    pub(super) fn dot(&mut self, at: Point, class: &str) {
        let Point { x, y } = at;
        self.push(format_args!(r#"<circle cx="{x}" cy="{y}" r="4" class="{class}"/>"#));
    }

    /// A lifeline's name in its box.
    pub(super) fn head(&mut self, at: Point, width: i32, name: &str) {
        self.rect(Point { x: at.x - width / 2, y: at.y }, Point { x: width, y: 20 }, "head");
        self.text(Point { x: at.x, y: at.y + 14 }, Anchor::Middle, "name", name);
    }

    /// A line with a head at its far end.
    pub(super) fn arrow(&mut self, from: Point, to: Point, class: &str) {
        self.line(from, to, class);
        let (x, y, back) = (to.x, to.y, if to.x > from.x { to.x - 8 } else { to.x + 8 });
        let (above, below) = (y - 4, y + 4);
        self.push(format_args!(r#"<path d="M{back} {above}L{x} {y}L{back} {below}" class="{class} tip"/>"#));
    }

    pub(super) fn cross(&mut self, at: Point, class: &str) {
        let (left, right, above, below) = (at.x - 4, at.x + 4, at.y - 4, at.y + 4);
        self.push(format_args!(r#"<path d="M{left} {above}L{right} {below}M{left} {below}L{right} {above}" class="{class}"/>"#));
    }

    pub(super) fn append(&mut self, other: Canvas) {
        self.0.push_str(&other.0);
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text as it may stand between tags or in an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_becomes_a_tag() {
        assert_eq!(escaped("<b a=\"1\">&\u{1}"), "&lt;b a=&quot;1&quot;&gt;&amp;\u{fffd}");
    }
}
