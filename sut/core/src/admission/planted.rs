//! The planted bugs of who is kicked: other victims than the rules choose.

use super::{Kicked, is_another_kind, reason};
use crate::config::App;
use crate::planted::{Planted, planted};
use crate::session::{KickReason, Session};

/// Whom the last of these sessions kicks with the bug that is planted on the thread, in login order.
pub(super) fn victims(app: &App, sessions: &[Session], mut right: Vec<Kicked>) -> Vec<Kicked> {
    let Some((newcomer, others)) = sessions.split_last() else { return right };
    let excess = right.iter().filter(|victim| victim.reason == KickReason::MultipleAccount).count();
    let same = || sessions.iter().filter(|session| session.platform == newcomer.platform);
    let kicked = |session: &Session| Kicked { reason: reason(newcomer, session), session: session.clone() };
    let instead = |chosen: Vec<&Session>| {
        let goes = |session: &&Session| is_another_kind(app, newcomer, session) || chosen.contains(session);
        sessions.iter().filter(goes).map(kicked).collect()
    };
    match planted() {
        Some(Planted::Kick1NoClassKick) => right.retain(|victim| victim.reason == KickReason::MultipleAccount),
        Some(Planted::Kick1WrongReason) => right.iter_mut().for_each(|victim| victim.reason = KickReason::MultipleAccount),
        Some(Planted::Kick2NoLimit) => right.retain(|victim| victim.reason == KickReason::MultipleDevice),
        Some(Planted::Kick2OneTooMany) => {
            let is_last = |victim: &Kicked| same().take(excess).last() == Some(&victim.session);
            right.retain(|victim| !is_last(victim));
        }
        Some(Planted::Kick2NewestKicked) => return instead(same().rev().skip(1).take(excess).collect()),
        Some(Planted::Kick3NewcomerKicked) if excess > 0 => {
            return instead(same().take(excess - 1).chain([newcomer]).collect());
        }
        Some(Planted::Kick3BothOffline) if !right.is_empty() => right.push(kicked(newcomer)),
        Some(Planted::Kick5BystandersKicked) if !right.is_empty() => return others.iter().map(kicked).collect(),
        Some(Planted::Kick11CountsEveryPlatform) => {
            let limit = usize::from(app.limit(newcomer.platform));
            return instead(sessions.iter().take(sessions.len().saturating_sub(limit)).collect());
        }
        _ => {}
    }
    right
}
