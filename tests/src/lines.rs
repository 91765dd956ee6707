//! A step in lines: what is done, what is seen of it, and how things then stand. Text and pictures are drawn from these lines; they know no
//! place on either.

use model::action::{Action, InstanceId, LinkMove, Timer};
use model::frame::Frame;
use model::observation::{End, Item};
use model::scope::Scope;

use crate::naming;
use crate::observation::Observation;

/// Between whom a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// A call of the application, at its instance.
    Called(InstanceId),
    /// A link from end to end.
    Opened(InstanceId),
    /// A frame that arrives, from end to end.
    Delivered(InstanceId, End),
    /// What an instance or its application comes to know, at the instance.
    Told(InstanceId),
    /// What the server comes to know of an instance.
    Noticed(InstanceId),
    /// A frame that one end writes, and that is under way from now on.
    Written(InstanceId, End),
    /// A link that one end closes.
    Closed(InstanceId, End),
    /// Words only.
    Remark,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tone {
    /// As the other side has it, if there is one.
    Plain,
    /// By the way.
    Quiet,
    /// The other side does not have it.
    Differs,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) shape: Shape,
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

impl Shape {
    /// What is done.
    pub(crate) const fn of(action: Action) -> Shape {
        match action {
            Action::Call(instance, _) | Action::Renew(instance) => Shape::Called(instance),
            Action::Link(instance, LinkMove::Open) => Shape::Opened(instance),
            Action::Link(instance, LinkMove::ToServer(_)) => Shape::Delivered(instance, End::Client),
            Action::Link(instance, LinkMove::ToClient) => Shape::Delivered(instance, End::Server),
            Action::Link(instance, LinkMove::ServerLoses(..))
            | Action::Timer(instance, Timer::Ask(_) | Timer::Lapse(_) | Timer::Expire(_)) => Shape::Noticed(instance),
            Action::Page(instance, _) | Action::Link(instance, _) | Action::Timer(instance, _) => Shape::Told(instance),
            Action::Server(_) => Shape::Remark,
        }
    }

    const fn seen(item: Item) -> Shape {
        match item {
            Item::Settled { instance, .. } | Item::Published { instance, .. } | Item::StreamEnded { instance } => {
                Shape::Told(instance)
            }
            Item::Written { instance, end, .. } => Shape::Written(instance, end),
            Item::Closed { instance, end, .. } => Shape::Closed(instance, end),
            Item::Callback { .. } => Shape::Remark,
        }
    }
}

impl Line {
    pub(crate) const fn new(shape: Shape, text: String) -> Line {
        Line { shape, tone: Tone::Plain, text }
    }

    pub(crate) fn remark(tone: Tone, text: impl Into<String>) -> Line {
        Line { shape: Shape::Remark, tone, text: text.into() }
    }
}

/// What is seen of a step.
pub(crate) fn seen(scope: &Scope, observation: &Observation) -> Vec<Line> {
    let items = observation.told.iter().chain(&observation.wire).chain(&observation.callbacks);
    items.map(|item| Line::new(Shape::seen(*item), naming::item(scope, *item))).collect()
}

/// How things stand behind a step. Two different observations never have the same lines, those of what is seen among them.
pub(crate) fn standing(scope: &Scope, observation: &Observation) -> Vec<Line> {
    standing_with(scope, observation, Some(naming::server(&observation.server)), naming::frame)
}

/// The same with that line for the server, and those words for a frame under way.
pub(crate) fn standing_with(
    scope: &Scope,
    observation: &Observation,
    server: Option<String>,
    words: fn(Frame) -> String,
) -> Vec<Line> {
    let synced = observation.synced.iter().map(|(instance, online)| naming::synced(scope, *instance, online));
    let seats = scope.instances().zip(&observation.seats).map(|(instance, view)| naming::stands_with(scope, instance, view, words));
    let kicks = Some(naming::kicks(scope, &observation.kicks)).filter(|kicks| !kicks.is_empty());
    let online = naming::online(scope, &observation.rosters);
    let strange = observation.strange.iter().map(|what| format!("strange: {what}"));
    let notices = naming::notices(scope, &observation.notices);
    let lines = synced.chain([online]).chain(kicks).chain(notices).chain(server).chain(seats).chain(strange);
    lines.map(|text| Line::new(Shape::Remark, text)).collect()
}
