//! Bugs planted on purpose, so that the harness can be seen to catch them. They exist only in builds with debug assertions; a
//! release build has none of them, and this module never changes what a build without them does.

/// A rule turned round. Its name begins with the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// KICK-1: an admitted login leaves the other kinds of its class online.
    Kick1NoClassKick,
    /// KICK-2: the limit is not enforced.
    Kick2NoLimit,
    /// KICK-2: the newest session of the platform is kicked instead of the oldest.
    Kick2NewestKicked,
    /// KICK-3: the newcomer counts among the oldest and is its own victim.
    Kick3NewcomerKicked,
    /// KICK-4: the victim publishes `KICKED_OUT` before `SDK_NOT_READY`.
    Kick4LearnsFirst,
    /// KICK-5: a login that kicks ends every other session of the account.
    Kick5BystandersKicked,
    /// KICK-6: the server answers the sync of a session that it kicked.
    Kick6AnswersTheKicked,
    /// KICK-7: a victim logs in again by itself.
    Kick7LogsInAgain,
    /// KICK-9: an instance that is logging out publishes `KICKED_OUT`.
    Kick9KickedDuringLogout,
    /// KICK-11: a login counts the sessions of every platform against its own limit.
    Kick11CountsEveryPlatform,
    /// LOGOUT-1: logout publishes no `SDK_NOT_READY`.
    Logout1StaysSilent,
    /// LOGOUT-2: logout is refused with 2024 when not logged in.
    Logout2Refused,
    /// LOGOUT-3: a login that runs is not failed by the logout.
    Logout3LoginGoesOn,
    /// LOGOUT-5: messages kept before ready survive a logout into the next login.
    Logout5KeepsMessages,
    /// LOGOUT-6: a second logout resolves at once.
    Logout6SecondResolves,
    /// LOGOUT-7: after a logout or kick nothing is published any more.
    Logout7ListenersGone,
    /// DESTROY-1: destroy of an online instance resolves at once and sends no logout.
    Destroy1SkipsLogout,
    /// DESTROY-2: calls after destroy answer as if logged out.
    Destroy2AnswersOn,
}

impl Planted {
    /// Every planted bug, in rule order.
    pub const ALL: [Planted; 18] = [
        Planted::Kick1NoClassKick,
        Planted::Kick2NoLimit,
        Planted::Kick2NewestKicked,
        Planted::Kick3NewcomerKicked,
        Planted::Kick4LearnsFirst,
        Planted::Kick5BystandersKicked,
        Planted::Kick6AnswersTheKicked,
        Planted::Kick7LogsInAgain,
        Planted::Kick9KickedDuringLogout,
        Planted::Kick11CountsEveryPlatform,
        Planted::Logout1StaysSilent,
        Planted::Logout2Refused,
        Planted::Logout3LoginGoesOn,
        Planted::Logout5KeepsMessages,
        Planted::Logout6SecondResolves,
        Planted::Logout7ListenersGone,
        Planted::Destroy1SkipsLogout,
        Planted::Destroy2AnswersOn,
    ];
}

#[cfg(debug_assertions)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Planted>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug, or none, in everything that runs on this thread from now on.
#[cfg(debug_assertions)]
pub fn plant(bug: Option<Planted>) {
    PLANTED.set(bug);
}

/// Whether that bug is planted on this thread.
#[cfg(debug_assertions)]
pub(crate) fn is(bug: Planted) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether that bug is planted: in a release build none is.
#[cfg(not(debug_assertions))]
pub(crate) const fn is(_bug: Planted) -> bool {
    false
}
