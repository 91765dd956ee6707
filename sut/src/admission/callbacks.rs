//! Which callbacks a change causes (HOOK-1). Pure, as the rest of the rules; it neither stores nor sends one.

use super::Kicked;
use crate::callback::{Callback, Device, Happened};
use crate::planted::{self, Planted};
use crate::session::{Platform, Session};
use crate::timers::UnixMillis;

/// What a commit did to an account's sessions. What is not here, a session replaced by LOGIN-9 for one, causes no callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A login was let in; its victims have no callback of their own.
    Admitted {
        /// The session that is online since.
        newcomer: &'a Session,
        /// Whom it kicked, in login order.
        kicked: &'a [Kicked],
    },
    /// A session that had been dropped without a kick was let in again (LINK-5).
    Readmitted(&'a Session),
    /// A session has a new link (LINK-2).
    Resumed(&'a Session),
    /// A session on record was logged out (LOGOUT-1, LOGOUT-4).
    LoggedOut(&'a Session),
    /// The administrator or an expired UserSig ended these, in login order (REST-1, SIG-1).
    Kicked(&'a [Kicked]),
    /// A session lapsed (LINK-4, LINK-6).
    Lapsed(&'a Session),
    /// More was kept for a session than is allowed (MSG-2).
    Overflowed(&'a Session),
}

/// The callbacks of one commit, in the order in which they are sent.
pub fn callbacks(at: UnixMillis, change: Change<'_>) -> Vec<Callback> {
    let of = |session: &Session, happened| Callback { at, device: session.into(), happened };
    match change {
        Change::Admitted { newcomer, kicked } => {
            let mut kicked: Vec<_> = kicked.iter().map(|victim| device_of(newcomer, &victim.session)).collect();
            if planted::is(Planted::Hook1VictimsReversed) {
                kicked.reverse();
            }
            vec![of(newcomer, Happened::Register { kicked })]
        }
        Change::Readmitted(session) | Change::Resumed(session) if planted::is(Planted::Hook1ResumeIsLogin) => {
            vec![of(session, Happened::Register { kicked: Vec::new() })]
        }
        Change::Readmitted(session) | Change::Resumed(session) => vec![of(session, Happened::Resumed)],
        Change::LoggedOut(session) => vec![of(session, Happened::Unregister)],
        Change::Kicked(kicked) => kicked.iter().map(|victim| of(&victim.session, Happened::Unregister)).collect(),
        Change::Overflowed(session) => vec![of(session, Happened::LinkClose)],
        Change::Lapsed(session) => vec![of(session, lapse(session.platform))],
    }
}

/// A victim, as the callback about its newcomer names it.
fn device_of(newcomer: &Session, victim: &Session) -> Device {
    let device = Device::from(victim);
    if planted::is(Planted::Hook1WrongPlatform) { Device { platform: newcomer.platform, ..device } } else { device }
}

/// The vendor tells a Web lapse as a closed link, any other as a heartbeat that stayed away.
const fn lapse(platform: Platform) -> Happened {
    match platform {
        Platform::Web => Happened::LinkClose,
        Platform::Android | Platform::IPhone | Platform::IPad | Platform::Windows | Platform::Mac | Platform::Linux => {
            Happened::TimeOut
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Epoch, KeyDigest, KickReason, SessionDigest};

    const AT: UnixMillis = UnixMillis(7);

    fn session(n: u8, platform: Platform) -> Session {
        Session {
            key: KeyDigest(n.into()),
            digest: SessionDigest(n.into()),
            epoch: Epoch(1),
            platform,
            expires_at: UnixMillis(0),
            issued_s: 0,
        }
    }

    fn kicked(n: u8) -> Kicked {
        Kicked { session: session(n, Platform::Web), reason: KickReason::RestApi }
    }

    fn device(n: u8) -> Device {
        Device { digest: SessionDigest(n.into()), platform: Platform::Web }
    }

    fn check(change: Change, expected: impl IntoIterator<Item = (u8, Happened)>) {
        let told: Vec<_> = callbacks(AT, change).into_iter().map(|told| (told.at, told.device.digest, told.happened)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(n, happened)| (AT, SessionDigest(n.into()), happened)).collect();
        assert_eq!(told, expected, "{change:?}");
    }

    #[test]
    fn an_admission_is_one_callback_that_names_its_victims_in_login_order() {
        let newcomer = &session(3, Platform::Web);
        let kicked = &[kicked(1), kicked(2)];
        let happened = Happened::Register { kicked: vec![device(1), device(2)] };
        check(Change::Admitted { newcomer, kicked }, [(3, happened)]);
    }

    #[cfg(debug_assertions)]
    #[test]
    fn the_planted_bug_of_a_callback_names_the_newcomers_platform() {
        planted::plant(Some(Planted::Hook1WrongPlatform));
        let victim = Device { digest: SessionDigest(1), platform: Platform::IPad };
        let newcomer = &session(3, Platform::IPad);
        check(Change::Admitted { newcomer, kicked: &[kicked(1)] }, [(3, Happened::Register { kicked: vec![victim] })]);
        planted::plant(None);
    }

    #[test]
    fn a_readmission_and_a_resume_are_told_as_no_second_login() {
        let session = &session(3, Platform::IPad);
        for change in [Change::Readmitted(session), Change::Resumed(session)] {
            check(change, [(3, Happened::Resumed)]);
        }
    }

    #[test]
    fn a_kick_by_the_administrator_or_an_expiry_is_a_logout_for_each_session() {
        check(Change::Kicked(&[kicked(1), kicked(2)]), [(1, Happened::Unregister), (2, Happened::Unregister)]);
        check(Change::Kicked(&[]), []);
    }

    #[test]
    fn what_ends_one_session_tells_how() {
        let (web, phone) = (&session(1, Platform::Web), &session(2, Platform::IPhone));
        check(Change::LoggedOut(phone), [(2, Happened::Unregister)]);
        check(Change::Overflowed(phone), [(2, Happened::LinkClose)]);
        check(Change::Overflowed(web), [(1, Happened::LinkClose)]);
    }

    #[test]
    fn a_lapse_is_a_closed_link_for_web_and_a_time_out_for_every_other_platform() {
        for platform in Platform::ALL {
            let expected = if platform == Platform::Web { Happened::LinkClose } else { Happened::TimeOut };
            check(Change::Lapsed(&session(1, platform)), [(1, expected)]);
        }
    }
}
