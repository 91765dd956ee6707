//! Which callbacks a change causes (HOOK-1). Pure, as the rest of the rules; it neither stores nor sends one.

use super::{Change, Kicked, Occasion};
use crate::callback::{Callback, CallbackId, Device, Happened};
use crate::session::{Platform, Session};

/// The callbacks of one commit, in the order in which they are sent. What is not told, a session replaced by LOGIN-9 for one, causes none.
pub fn callbacks(change: &Change) -> Vec<Callback> {
    let of = |session: &Session, happened| Callback { id: CallbackId::default(), at: change.at, device: session.into(), happened };
    let dropped =
        |happened: fn(Platform) -> Happened| change.dropped.iter().map(|session| of(session, happened(session.platform))).collect();
    let goes_on = |session: &Option<Session>| session.iter().map(|session| of(session, goes_on(&change.kicked))).collect();
    match change.occasion {
        Occasion::Login => change.admitted.iter().map(|newcomer| of(newcomer, registers(&change.kicked))).collect(),
        Occasion::Readmission => goes_on(&change.admitted),
        Occasion::Resume => goes_on(&change.resumed),
        Occasion::Logout | Occasion::OwedLogout => dropped(|_| Happened::Unregister),
        Occasion::Expiry | Occasion::RestKick => {
            change.kicked.iter().map(|victim| of(&victim.session, Happened::Unregister)).collect()
        }
        Occasion::Overflow => dropped(|_| Happened::LinkClose),
        Occasion::Lapse => dropped(lapse),
        Occasion::Telling | Occasion::KickAck | Occasion::Message | Occasion::Pruning => Vec::new(),
    }
}

/// Whom a login kicked stands in its callback; they have none of their own.
fn registers(kicked: &[Kicked]) -> Happened {
    Happened::Register { kicked: devices(kicked) }
}

/// It is no second login; whom it kicked, in NODE-5 alone, have no callbacks of their own either.
fn goes_on(kicked: &[Kicked]) -> Happened {
    if kicked.is_empty() { Happened::Resumed } else { Happened::Readmitted { kicked: devices(kicked) } }
}

fn devices(kicked: &[Kicked]) -> Vec<Device> {
    kicked.iter().map(|victim| Device::from(&victim.session)).collect()
}

/// The vendor tells a Web lapse as a closed link, any other as a heartbeat that stayed away.
const fn lapse(platform: Platform) -> Happened {
    if platform.is_page() { Happened::LinkClose } else { Happened::TimeOut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Epoch, KeyDigest, KickReason, SessionDigest};
    use crate::timers::UnixMillis;

    const AT: UnixMillis = UnixMillis(7);

    fn session(n: u8, platform: Platform) -> Session {
        Session {
            key: KeyDigest(n.into()),
            digest: SessionDigest(n.into()),
            epoch: Epoch(1),
            platform,
            expires_at: UnixMillis(0),
            issued_s: 0,
            node: None,
            admitted_at: None,
        }
    }

    fn kicked(n: u8) -> Kicked {
        Kicked { session: session(n, Platform::Web), reason: KickReason::RestApi }
    }

    fn device(n: u8) -> Device {
        Device { digest: SessionDigest(n.into()), platform: Platform::Web }
    }

    fn admitted(occasion: Occasion, session: Session) -> Change {
        Change { admitted: Some(session), ..Change::of(occasion, AT) }
    }

    fn dropped(occasion: Occasion, session: Session) -> Change {
        Change { dropped: Some(session), ..Change::of(occasion, AT) }
    }

    fn check(change: Change, expected: impl IntoIterator<Item = (u8, Happened)>) {
        let told: Vec<_> = callbacks(&change).into_iter().map(|told| (told.at, told.device.digest, told.happened)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(n, happened)| (AT, SessionDigest(n.into()), happened)).collect();
        assert_eq!(told, expected, "{change:?}");
    }

    #[test]
    fn an_admission_is_one_callback_that_names_its_victims_in_login_order() {
        let (newcomer, replaced) = (session(3, Platform::Web), Some(session(4, Platform::Web)));
        let happened = Happened::Register { kicked: vec![device(1), device(2)] };
        let change = admitted(Occasion::Login, newcomer);
        check(Change { kicked: vec![kicked(1), kicked(2)], dropped: replaced, ..change }, [(3, happened)]);
    }

    #[test]
    fn a_readmission_and_a_resume_are_told_as_no_second_login() {
        let phone = session(3, Platform::IPad);
        check(admitted(Occasion::Readmission, phone.clone()), [(3, Happened::Resumed)]);
        check(Change { resumed: Some(phone), ..Change::of(Occasion::Resume, AT) }, [(3, Happened::Resumed)]);
    }

    #[test]
    fn whose_places_a_readmission_took_stand_in_its_callback() {
        let happened = Happened::Readmitted { kicked: vec![device(1), device(2)] };
        let change = admitted(Occasion::Readmission, session(3, Platform::Web));
        check(Change { kicked: vec![kicked(1), kicked(2)], ..change }, [(3, happened)]);
    }

    #[test]
    fn a_kick_by_the_administrator_or_an_expiry_is_a_logout_for_each_session() {
        for occasion in [Occasion::RestKick, Occasion::Expiry] {
            let both = Change { kicked: vec![kicked(1), kicked(2)], ..Change::of(occasion, AT) };
            check(both, [(1, Happened::Unregister), (2, Happened::Unregister)]);
            check(Change::of(occasion, AT), []);
        }
    }

    #[test]
    fn what_ends_one_session_tells_how() {
        let (web, phone) = (|| session(1, Platform::Web), || session(2, Platform::IPhone));
        check(dropped(Occasion::Logout, phone()), [(2, Happened::Unregister)]);
        check(dropped(Occasion::OwedLogout, web()), [(1, Happened::Unregister)]);
        check(dropped(Occasion::Overflow, phone()), [(2, Happened::LinkClose)]);
        check(dropped(Occasion::Overflow, web()), [(1, Happened::LinkClose)]);
    }

    #[test]
    fn a_lapse_is_a_closed_link_for_web_and_a_time_out_for_every_other_platform() {
        for platform in Platform::ALL {
            let expected = if platform == Platform::Web { Happened::LinkClose } else { Happened::TimeOut };
            check(dropped(Occasion::Lapse, session(1, platform)), [(1, expected)]);
        }
    }

    #[test]
    fn what_lets_nobody_in_and_ends_no_session_tells_nothing() {
        for occasion in [Occasion::Telling, Occasion::KickAck, Occasion::Message, Occasion::Pruning, Occasion::Logout] {
            check(Change::of(occasion, AT), []);
        }
    }
}
