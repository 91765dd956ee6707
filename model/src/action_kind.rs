//! The columns of the coverage report: what an action does, without the whom. It says nothing of what follows from it.

use strum::VariantArray;

use crate::action::{Action, CallKind, LinkKind, PageKind, ServerKind, TimerKind};

/// What an action does, without the whom: the columns of the coverage report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActionKind {
    /// [`Action::Call`]
    Call(CallKind),
    /// [`Action::Page`]
    Page(PageKind),
    /// [`Action::Link`]
    Link(LinkKind),
    /// [`Action::Timer`]
    Timer(TimerKind),
    /// [`Action::Renew`]
    Renew,
    /// [`Action::Server`]
    Server(ServerKind),
}

impl ActionKind {
    /// Every kind, in the order in which they are declared.
    pub fn all() -> Vec<ActionKind> {
        fn each<K: VariantArray + Copy>(kind: fn(K) -> ActionKind) -> Vec<ActionKind> {
            K::VARIANTS.iter().copied().map(kind).collect()
        }
        [
            each(ActionKind::Call),
            each(ActionKind::Page),
            each(ActionKind::Link),
            each(ActionKind::Timer),
            vec![ActionKind::Renew],
            each(ActionKind::Server),
        ]
        .concat()
    }

    /// The column's heading.
    pub fn name(self) -> &'static str {
        match self {
            ActionKind::Call(kind) => kind.into(),
            ActionKind::Page(kind) => kind.into(),
            ActionKind::Link(kind) => kind.into(),
            ActionKind::Timer(kind) => kind.into(),
            ActionKind::Renew => "renew",
            ActionKind::Server(kind) => kind.into(),
        }
    }
}

impl Action {
    /// What it does.
    pub fn kind(self) -> ActionKind {
        match self {
            Action::Call(_, call) => ActionKind::Call(call.into()),
            Action::Page(_, page) => ActionKind::Page(page.into()),
            Action::Link(_, link) => ActionKind::Link(link.into()),
            Action::Timer(_, timer) => ActionKind::Timer(timer.into()),
            Action::Renew(_) => ActionKind::Renew,
            Action::Server(server) => ActionKind::Server(server.into()),
        }
    }
}
