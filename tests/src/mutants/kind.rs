//! The kinds of mistakes that mutants make. A closed list; it knows no mutant.

use model::variants::every;
use strum::{EnumCount, IntoStaticStr, VariantArray};

/// What kind of mistake a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
pub enum Kind {
    /// A bound is one too high or too low.
    #[strum(serialize = "off by one")]
    OffByOne,
    /// The right things in the wrong order.
    #[strum(serialize = "wrong order")]
    WrongOrder,
    /// The right thing with the wrong reason or code.
    #[strum(serialize = "wrong reason")]
    WrongReason,
    /// What comes late or from the wrong side is not turned away.
    #[strum(serialize = "missing fence")]
    MissingFence,
    /// What is over leaves something behind.
    #[strum(serialize = "missing cleanup")]
    MissingCleanup,
    /// What was true once is taken for true.
    #[strum(serialize = "stale state")]
    StaleState,
    /// What should go on waits for ever.
    #[strum(serialize = "lost wake-up")]
    LostWakeUp,
    /// Something is told, settled or done twice.
    #[strum(serialize = "double settle")]
    DoubleSettle,
    /// The right thing at the wrong account or instance.
    #[strum(serialize = "wrong account")]
    WrongAccount,
    /// The right thing at the wrong platform.
    #[strum(serialize = "wrong platform")]
    WrongPlatform,
    /// A rule is not there.
    #[strum(serialize = "rule dropped")]
    RuleDropped,
    /// The opposite of a rule.
    #[strum(serialize = "rule turned round")]
    RuleTurnedRound,
    /// An effect of a rule is not there.
    #[strum(serialize = "effect left out")]
    EffectLeftOut,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; Kind::COUNT] = every();

    /// What the report calls it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
