//! Who is online of an account after each of its commits. Which sessions a login ends is said by the model's classes and limits.

use model::rule::Rule;
use model::scope::{AtLimit, Scope};
use model::scopes::base;
use sut::admission::{Change, Occasion};
use sut::config::Terms;
use sut::session::{KickReason, Session, SessionDigest};

use super::chain::Commit;
use crate::cast;
use crate::validate::finding::Law;

/// What a commit should have done instead, and what says so.
pub(super) struct Wrong {
    pub(super) allowed: String,
    pub(super) law: Law,
}

fn wrong<T>(allowed: impl Into<String>, law: Rule) -> Result<T, Wrong> {
    Err(Wrong { allowed: allowed.into(), law: law.into() })
}

/// The sessions on record, oldest login first.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(pub(super) Vec<Session>);

/// A session that is ended, and why.
type Victims = Vec<(SessionDigest, KickReason)>;

impl Roster {
    pub(super) fn has(&self, digest: SessionDigest) -> bool {
        self.0.iter().any(|session| session.digest == digest)
    }

    /// The sessions behind a commit, if it does what it was for.
    pub(super) fn after(&self, commit: &Commit<'_>) -> Result<Roster, Wrong> {
        let change = commit.change;
        self.is_asked(commit)?;
        let mut left = self.clone();
        left.end(change.dropped.as_ref(), law_of(change.occasion))?;
        left.makes_room_for_its_own(commit);
        left.is_its_own(change)?;
        left.has_room(commit)?;
        let victims = left.victims(commit);
        let kicked: Victims = change.kicked.iter().map(|kicked| (kicked.session.digest, kicked.reason)).collect();
        if kicked != victims {
            let names: Vec<_> =
                victims.iter().map(|(digest, reason)| format!("{} by {}", digest.fingerprint(), reason.name())).collect();
            return wrong(format!("the kicks of [{}]", names.join(", ")), law_of_kicks(change.occasion, &victims, &kicked));
        }
        for kicked in &change.kicked {
            left.end(Some(&kicked.session), Rule::Kick6)?;
        }
        left.go_on_with(change.resumed.as_ref())?;
        left.0.extend(change.admitted.clone());
        Ok(left)
    }

    /// KICK-6: nothing is accepted from a session that is not on record.
    fn is_asked(&self, commit: &Commit<'_>) -> Result<(), Wrong> {
        match (commit.change.occasion, commit.sender) {
            (Occasion::Message, Some(sender)) if !self.has(sender) => {
                wrong(format!("nothing of session {}, which is not on record", sender.fingerprint()), Rule::Kick6)
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, session: Option<&Session>, law: Rule) -> Result<(), Wrong> {
        let Some(session) = session else { return Ok(()) };
        match self.0.iter().position(|known| (known.key, known.digest) == (session.key, session.digest)) {
            Some(at) => {
                self.0.remove(at);
                Ok(())
            }
            None => wrong("the end of a session that is on record", law),
        }
    }

    /// LINK-2: a session that goes on keeps its place.
    fn go_on_with(&mut self, resumed: Option<&Session>) -> Result<(), Wrong> {
        let Some(resumed) = resumed else { return Ok(()) };
        match self.0.iter_mut().find(|known| (known.key, known.digest) == (resumed.key, resumed.digest)) {
            Some(known) => {
                known.clone_from(resumed);
                Ok(())
            }
            None => wrong("that a session goes on which is on record", Rule::Link2),
        }
    }

    /// NODE-5: an older session of the instance, which a new primary still has, goes with what is decided anew.
    fn makes_room_for_its_own(&mut self, commit: &Commit<'_>) {
        if let (true, Occasion::Readmission, Some(newcomer)) = (commit.reconciles, commit.change.occasion, &commit.change.admitted)
        {
            self.0.retain(|session| session.key != newcomer.key);
        }
    }

    /// LOGIN-9: nobody is let in beside a session of the same instance; and each occasion lets in, and lets go on, whom it is for.
    fn is_its_own(&self, Change { occasion, admitted, resumed, .. }: &Change) -> Result<(), Wrong> {
        let lets_in = matches!(occasion, Occasion::Login | Occasion::Readmission);
        if admitted.is_some() != lets_in || resumed.is_some() != (*occasion == Occasion::Resume) {
            return wrong(format!("what a commit for a {} does", occasion.name()), law_of(*occasion));
        }
        match admitted.as_ref().is_some_and(|newcomer| self.0.iter().any(|session| session.key == newcomer.key)) {
            true => wrong("that the session of the same instance is dropped first", Rule::Login9),
            false => Ok(()),
        }
    }

    /// KICK-12: nobody is let in at another one's cost where the policy refuses that, but where a new primary reconciles (NODE-5).
    fn has_room(&self, Commit { change, terms, reconciles, .. }: &Commit<'_>) -> Result<(), Wrong> {
        let (scope, own) = (scope(*terms), change.dropped.as_ref().map(|own| own.platform));
        let needs_room = |newcomer: &&Session| own != Some(newcomer.platform) && !self.victims_of(newcomer, &scope).is_empty();
        match change.admitted.as_ref().filter(needs_room) {
            Some(_) if scope.policy.at_limit == AtLimit::Refuse && !reconciles => {
                wrong("that a newcomer without a place is refused", Rule::Kick12)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whom a commit kicks.
    fn victims(&self, Commit { change, terms, reconciles, .. }: &Commit<'_>) -> Victims {
        let all = |reason| self.0.iter().map(|session| (session.digest, reason)).collect();
        match (change.occasion, &change.admitted) {
            (Occasion::Readmission, Some(newcomer)) if *reconciles => self.make_way(newcomer, change, &scope(*terms)),
            (Occasion::Login | Occasion::Readmission, Some(_)) if scope(*terms).policy.at_limit == AtLimit::Refuse => {
                Victims::new()
            }
            (Occasion::Login | Occasion::Readmission, Some(newcomer)) => self.victims_of(newcomer, &scope(*terms)),
            (Occasion::RestKick, _) => all(KickReason::RestApi),
            (Occasion::Expiry, _) => {
                let expired = change.kicked.first().map(|kicked| (kicked.session.digest, KickReason::UserSigExpired));
                expired.into_iter().collect()
            }
            _ => Victims::new(),
        }
    }

    /// NODE-5: as many as a login would kick, of its own platform whichever were let in earlier or have no link.
    fn make_way(&self, newcomer: &Session, change: &Change, scope: &Scope) -> Victims {
        let victims = self.victims_of(newcomer, scope);
        let of_its_platform = |reason: &KickReason| *reason == KickReason::MultipleAccount;
        let chosen = |session: &Session| {
            let kicked = change.kicked.iter().find(|kicked| kicked.session.digest == session.digest)?;
            (of_its_platform(&kicked.reason) && session.platform == newcomer.platform).then_some(kicked.reason)
        };
        let count = victims.iter().filter(|(_, reason)| of_its_platform(reason)).count();
        let of_others = |session: &Session| victims.iter().find(|victim| victim.0 == session.digest && !of_its_platform(&victim.1));
        let reasons = self.0.iter().map(|session| (session, of_others(session).map(|victim| victim.1).or_else(|| chosen(session))));
        let made: Victims = reasons.filter_map(|(session, reason)| Some((session.digest, reason?))).collect();
        let is_enough = made.iter().filter(|(_, reason)| of_its_platform(reason)).count() == count;
        if is_enough { made } else { victims }
    }

    /// KICK-1 and KICK-2. A readmission may have none.
    fn victims_of(&self, newcomer: &Session, scope: &Scope) -> Victims {
        let kind = cast::platform_seen(newcomer.platform);
        let same = self.0.iter().filter(|session| session.platform == newcomer.platform).count();
        let mut excess = (same + 1).saturating_sub(scope.limit(kind));
        let reason = |session: &Session| {
            let other = cast::platform_seen(session.platform);
            if other == kind {
                excess = excess.checked_sub(1)?;
                return Some(KickReason::MultipleAccount);
            }
            scope.policy.classes.are_one(other, kind).then_some(KickReason::MultipleDevice)
        };
        let reasons: Vec<_> = self.0.iter().map(reason).collect();
        self.0.iter().zip(reasons).filter_map(|(session, reason)| Some((session.digest, reason?))).collect()
    }
}

fn scope(terms: Terms) -> Scope {
    let mut scope = base("journals", "what several nodes' journals are judged by", Vec::new());
    cast::adopt_terms(&mut scope, terms);
    scope
}

fn law_of_kicks(occasion: Occasion, victims: &Victims, kicked: &Victims) -> Rule {
    let missed = victims.iter().find(|victim| !kicked.contains(victim));
    let differs = missed.or_else(|| kicked.iter().find(|kicked| !victims.contains(kicked)));
    match (occasion, differs) {
        (Occasion::Login, Some((_, KickReason::MultipleDevice))) => Rule::Kick1,
        (Occasion::Login, _) => Rule::Kick2,
        (Occasion::Readmission, _) => Rule::Kick10,
        _ => law_of(occasion),
    }
}

const fn law_of(occasion: Occasion) -> Rule {
    match occasion {
        Occasion::Login => Rule::Login7,
        Occasion::Resume => Rule::Link2,
        Occasion::Readmission | Occasion::Telling => Rule::Link5,
        Occasion::Logout => Rule::Logout1,
        Occasion::OwedLogout => Rule::Logout4,
        Occasion::Lapse => Rule::Link4,
        Occasion::Overflow => Rule::Msg2,
        Occasion::Expiry => Rule::Sig1,
        Occasion::RestKick => Rule::Rest1,
        Occasion::KickAck => Rule::Kick8,
        Occasion::Message => Rule::Msg3,
        Occasion::Pruning => Rule::Link3,
    }
}
