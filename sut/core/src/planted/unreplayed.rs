//! Bugs that no replay on an undisturbed system can show: they part from the rules where two threads, two nodes or two calls meet, where
//! time passes that no trace lets pass, or where the registry is out of reach; or the replay that shows them is too long for its shortest
//! story to be found. Each is killed by a test that plants it; a release build has none of them.

use strum::{Display, EnumCount, IntoStaticStr, VariantArray};

use crate::variants::every;

/// A rule turned round where no replay looks. Its name begins with the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, VariantArray, IntoStaticStr, Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Unreplayed {
    /// LOGOUT-4: a logout is answered before its record is stored.
    Logout4AnswersFirst,
    /// MSG-1: a message is delivered and acknowledged before its record is stored.
    Msg1DeliversFirst,
    /// LOGIN-1: the answer to a call is told before the status shows what it led to.
    Login1StatusLast,
    /// LOGIN-2: an event is told before the status shows what it says.
    Login2StatusLast,
    /// MSG-3: a second call with the name of a message that runs never settles.
    Msg3SecondNeverSettles,
    /// MSG-3: a second call with the name of a message that runs writes it once more.
    Msg3SecondIsSent,
    /// CONF-1: a changed limit of a Mac is in force at once.
    Conf1MacAtOnce,
    /// CONF-1: a change of another limit than Web's is lost.
    Conf1WebOnly,
    /// NODE-1: a commit that met a conflict is taken for done.
    Node1ConflictIsDone,
    /// NODE-1: after a conflict what was decided on the old record is stored over the new one.
    Node1OldRecordWins,
    /// LOGIN-8: 70050 refuses a right UserSig, too.
    Login8BlockedLocksOut,
    /// LINK-3: the first link of a login is numbered without regard to the clock.
    Link3EpochsFromOne,
    /// LINK-5: a readmission that is refused for what is no kick reason's is told without its code.
    Link5CodeNotTold,
    /// REST-1: a UserSig dated ahead that an ended session used is let in again.
    Rest1AheadOutlives,
    /// LINK-11: a resume under whose key another session stands, which takes a clock set back, is closed with 1008.
    Link11AnotherSessionLost,
    /// KICK-6: what a session says while its kick is being stored is decided as if it had come before.
    Kick6Overtaken,
    /// NODE-4: a commit whose answer did not come is taken for one that was not stored.
    Node4UnknownIsUndone,
    /// NODE-3: the lease of a node that is gone never runs out.
    Node3EndlessLease,
    /// NODE-5: what was decided under a primary that was left is as good under the next one.
    Node5NoFence,
    /// LINK-4: a link that ends while its login is being stored ends before it.
    Link4EndOvertakes,
    /// MSG-4: what was kept before ready survives a readmission that is refused.
    Msg4RefusedKeeps,
}

impl Unreplayed {
    /// Every one of them, in the order in which they are declared.
    pub const ALL: [Unreplayed; Unreplayed::COUNT] = every();

    /// What the reports call it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(debug_assertions)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Unreplayed>> = const { std::cell::Cell::new(None) };
}

/// Plants such a bug, or none, in everything that runs on this thread from now on.
#[cfg(debug_assertions)]
pub fn plant_unreplayed(bug: Option<Unreplayed>) {
    PLANTED.set(bug);
}

/// Whether any of them is planted on this thread.
#[cfg(debug_assertions)]
pub(super) fn is_any() -> bool {
    PLANTED.get().is_some()
}

/// Whether that bug is planted on this thread.
#[cfg(debug_assertions)]
pub fn has(bug: Unreplayed) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether that bug is planted: in a release build none is.
#[cfg(not(debug_assertions))]
pub const fn has(_bug: Unreplayed) -> bool {
    false
}
