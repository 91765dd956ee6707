//! The catalogue: every kind of call and frame that a hostile client can make and that the rules do not allow, and what the rules demand
//! for it. It makes no bytes and tries nothing.

mod claim;
mod garbage;
mod speech;

use std::fmt;

use model::rule::Rule;

use super::demand::{Demand, End, Mark};

pub use claim::Claim;
pub(crate) use garbage::GIVEN_UP;
pub use garbage::Garbage;
pub use speech::{AfterKick, OutOfPlace, Replayed, Speech};

/// A kind of hostile act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Bytes that are no frame.
    Garbage(Garbage, Where),
    /// A frame that needs a session, before any login or resume.
    TooEarly(Speech, Where),
    /// A login, resume or owed logout in the name of somebody else's session, on a link of the stranger's own.
    Claim(Claim),
    /// A frame that an instance wrote in an earlier session, once more.
    Replay(Replayed, Where),
    /// A frame on the link of a session that cannot come there.
    OutOfPlace(OutOfPlace),
    /// A frame on the link of a kicked session that is not the acknowledgement of the notice.
    AfterKick(AfterKick),
}

/// On which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Where {
    /// A fresh one of the stranger's own.
    Own,
    /// That of an instance whose login or resume has not arrived.
    Waiting,
    /// That of a session.
    Serving,
    /// That of a session that was kicked, the notice written.
    Kicked,
}

impl Where {
    /// The words of the report.
    pub const fn name(self) -> &'static str {
        match self {
            Where::Own => "a fresh link",
            Where::Waiting => "a link before its login",
            Where::Serving => "a session's link",
            Where::Kicked => "a kicked session's link",
        }
    }
}

impl Class {
    /// Every class, in the order of the report.
    pub fn all() -> Vec<Class> {
        let garbage = [Where::Own, Where::Serving].into_iter().flat_map(|at| Garbage::ALL.map(|what| Class::Garbage(what, at)));
        let early = [Where::Own, Where::Waiting].into_iter().flat_map(|at| Speech::ALL.map(|what| Class::TooEarly(what, at)));
        let replays = [Where::Own, Where::Serving].into_iter().flat_map(|at| Replayed::ALL.map(|what| Class::Replay(what, at)));
        let claims = Claim::ALL.map(Class::Claim);
        let sessions = OutOfPlace::ALL.map(Class::OutOfPlace).into_iter().chain(AfterKick::ALL.map(Class::AfterKick));
        garbage.chain(early).chain(claims).chain(replays).chain(sessions).collect()
    }

    /// On which link it comes.
    pub const fn place(self) -> Where {
        match self {
            Class::Garbage(_, place) | Class::TooEarly(_, place) | Class::Replay(_, place) => place,
            Class::Claim(_) => Where::Own,
            Class::OutOfPlace(_) => Where::Serving,
            Class::AfterKick(_) => Where::Kicked,
        }
    }

    /// The rule that forbids it.
    pub const fn rule(self) -> Rule {
        match self {
            Class::Garbage(..) => Rule::Link10,
            Class::TooEarly(..) => Rule::Link9,
            Class::Claim(claim) => claim.rule(),
            Class::Replay(_, Where::Serving) => Rule::Link3,
            Class::Replay(what, Where::Own | Where::Waiting | Where::Kicked) => what.rule(),
            Class::OutOfPlace(what) => what.rule(),
            Class::AfterKick(_) => Rule::Kick6,
        }
    }

    /// What the rules demand.
    pub const fn demand(self) -> Demand {
        match self {
            Class::Garbage(what, _) => what.demand(),
            Class::TooEarly(..) => Demand::close(1008),
            Class::Claim(claim) => claim.demand(),
            Class::Replay(_, Where::Serving) => Demand::close(1008),
            Class::Replay(what, Where::Own | Where::Waiting | Where::Kicked) => what.demand(),
            Class::OutOfPlace(what) => what.demand(),
            Class::AfterKick(_) => Demand::SILENCE,
        }
    }

    /// Whether it leaves everything as it is, the stranger's own link aside.
    pub fn is_quiet(self) -> bool {
        self.place() == Where::Own && self.demand().mark == Mark::None && self != Class::Claim(Claim::ResumeAsOneself)
    }

    /// Whether the link that it comes on ends.
    pub fn ends_the_link(self) -> bool {
        self.demand().end != End::Open
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Class::Garbage(what, _) => f.pad(what.name()),
            Class::TooEarly(what, _) => f.pad(&format!("{} before any login", what.name())),
            Class::Claim(claim) => f.pad(claim.name()),
            Class::Replay(what, _) => f.pad(&format!("an old {}, replayed", what.name())),
            Class::OutOfPlace(what) => f.pad(what.name()),
            Class::AfterKick(what) => f.pad(&format!("{} after the notice", what.name())),
        }
    }
}
