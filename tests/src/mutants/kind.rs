//! The kinds of mistakes that mutants make. A closed list; it knows no mutant.

use model::variants::every;
use strum::{EnumCount, VariantArray};

/// What kind of mistake a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Kind {
    /// A bound is one too high or too low.
    OffByOne,
    /// The right things in the wrong order.
    WrongOrder,
    /// The right thing with the wrong reason or code.
    WrongReason,
    /// What comes late or from the wrong side is not turned away.
    MissingFence,
    /// What is over leaves something behind.
    MissingCleanup,
    /// What was true once is taken for true.
    StaleState,
    /// What should go on waits for ever.
    LostWakeUp,
    /// Something is told, settled or done twice.
    DoubleSettle,
    /// The right thing at the wrong account or instance.
    WrongAccount,
    /// The right thing at the wrong platform.
    WrongPlatform,
    /// A rule is not there.
    RuleDropped,
    /// The opposite of a rule.
    RuleTurnedRound,
    /// An effect of a rule is not there.
    EffectLeftOut,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; Kind::COUNT] = every();

    /// What the report calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::OffByOne => "off by one",
            Kind::WrongOrder => "wrong order",
            Kind::WrongReason => "wrong reason",
            Kind::MissingFence => "missing fence",
            Kind::MissingCleanup => "missing cleanup",
            Kind::StaleState => "stale state",
            Kind::LostWakeUp => "lost wake-up",
            Kind::DoubleSettle => "double settle",
            Kind::WrongAccount => "wrong account",
            Kind::WrongPlatform => "wrong platform",
            Kind::RuleDropped => "rule dropped",
            Kind::RuleTurnedRound => "rule turned round",
            Kind::EffectLeftOut => "effect left out",
        }
    }
}
