//! What must happen: the rules, as decisions. Each function answers one question, asks the [`Book`] at the very point where a rule
//! decides, and does something else there when that rule is taken out. It changes no state: [`crate::client`] and
//! [`crate::server`] act on the answers.

use crate::action::{AccountId, Credential, Setting};
use crate::book::Book;
use crate::link::Epoch;
use crate::observation::{Code, Outcome, Reason};
use crate::records::{Roster, Session};
use crate::rule::Rule;
use crate::scope::{Platform, Scope};
use crate::state::{Client, Phase, Residue, SigAge};

/// What a call of `login` is told at once; `None`: it goes its way.
pub(crate) fn answer_to_login(book: &mut Book, client: &Client, account: AccountId, credential: Credential) -> Option<Outcome> {
    let is_mine = |user: AccountId| user == account && credential != Credential::BadUserId;
    match client.phase {
        Phase::Out => strangeness(client, account),
        Phase::Opening { .. } | Phase::Waiting { .. } => {
            Some(book.choose(Rule::Login5, Outcome::Refused(Code::LoginRuns), Outcome::Repeat))
        }
        Phase::Online { account: user } | Phase::Ready { account: user } if is_mine(user) => {
            Some(book.choose(Rule::Login4, Outcome::Repeat, Outcome::Refused(Code::LoginRuns)))
        }
        Phase::Online { .. } | Phase::Ready { .. } => {
            Some(book.choose(Rule::Login6, Outcome::Refused(Code::OtherAccount), Outcome::Repeat))
        }
        Phase::Leaving => Some(book.choose(Rule::Logout6, Outcome::Refused(Code::LogoutRuns), Outcome::Repeat)),
        Phase::Destroying | Phase::Destroyed | Phase::Closed => Some(after_destroy(book)),
    }
}

/// LOGIN-10: a logged-out instance is nobody's; without the rule it stays that of its first account.
fn strangeness(client: &Client, account: AccountId) -> Option<Outcome> {
    match client.residue {
        Residue::Account(first) if first != account => Some(Outcome::Refused(Code::OtherAccount)),
        Residue::Account(_) | Residue::Deaf | Residue::Nothing => None,
    }
}

/// What a call of `logout` is told at once; `None`: it goes its way, or joins the one that runs.
pub(crate) fn answer_to_logout(book: &mut Book, phase: Phase) -> Option<Outcome> {
    match phase {
        Phase::Out => Some(book.choose(Rule::Logout2, Outcome::Done, Outcome::Refused(Code::NotLoggedIn))),
        Phase::Opening { .. } | Phase::Waiting { .. } => book.choose(Rule::Logout3, None, Some(Outcome::Done)),
        Phase::Online { .. } | Phase::Ready { .. } => None,
        Phase::Leaving => book.choose(Rule::Logout6, None, Some(Outcome::Done)),
        Phase::Destroying | Phase::Destroyed | Phase::Closed => Some(after_destroy(book)),
    }
}

/// LOGIN-3: what a call of `sendMessage` is told at once; `None`: it is accepted.
pub(crate) fn answer_to_send(book: &mut Book, client: &Client) -> Option<Outcome> {
    let refused = match client.phase {
        Phase::Ready { .. } if client.is_cut_off() => book.choose(Rule::Login3, Code::LinkDown, Code::NotReady),
        Phase::Ready { .. } => return None,
        Phase::Online { .. } => book.choose(Rule::Login3, Code::NotReady, Code::NotLoggedIn),
        Phase::Out | Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Leaving => {
            book.choose(Rule::Login3, Code::NotLoggedIn, Code::NotReady)
        }
        Phase::Destroying | Phase::Destroyed | Phase::Closed => return Some(after_destroy(book)),
    };
    Some(Outcome::Refused(refused))
}

/// DESTROY-2: what every call but destroy is told from destroy on.
fn after_destroy(book: &mut Book) -> Outcome {
    Outcome::Refused(book.choose(Rule::Destroy2, Code::Destroyed, Code::NotLoggedIn))
}

/// REST-1, SIG-1: a good UserSig is judged by its age; what was bad anyway stays so.
pub(crate) fn judged_as(credential: Credential, sig: SigAge) -> Credential {
    match (credential, sig) {
        (Credential::Good, SigAge::Revoked) => Credential::Revoked,
        (Credential::Good, SigAge::Expired) => Credential::Expired,
        (credential, SigAge::Fresh | SigAge::Revoked | SigAge::Expired) => credential,
    }
}

/// LOGIN-8: the code that a login is refused with; `None`: it is let in.
pub(crate) fn refusal(book: &mut Book, credential: Credential) -> Option<Code> {
    let code = match credential {
        Credential::Good => return None,
        Credential::BadUserId => Code::BadUserId,
        Credential::Empty => Code::SigEmpty,
        Credential::Malformed => Code::SigMalformed,
        Credential::OtherApp => Code::SigOtherApp,
        Credential::OtherIdentifier => Code::SigOtherIdentifier,
        Credential::WrongSignature => Code::SigWrong,
        Credential::Expired => Code::SigExpired,
        Credential::Revoked => Code::SigRevoked,
    };
    book.choose(Rule::Login8, Some(code), None)
}

/// LINK-3: whether a login or resume comes too late, because a newer link of its key was accepted.
pub(crate) fn is_void(book: &mut Book, epoch: Epoch) -> bool {
    epoch == Epoch::Superseded && book.holds(Rule::Link3)
}

/// LINK-5: why a session that was dropped without a kick is not admitted anew; `None`: its place is free.
pub(crate) fn bar_to_readmission(
    book: &mut Book,
    scope: &Scope,
    setting: Setting,
    roster: Roster,
    session: Session,
    sig: SigAge,
) -> Option<Reason> {
    let platform = scope.platform(session.seat);
    let clash = roster.iter().any(|online| of_another_kind(scope, platform, scope.platform(online)));
    let full = roster.iter().filter(|online| scope.platform(*online) == platform).count() >= scope.limit_under(setting, platform);
    let bar = match sig {
        SigAge::Expired => Some(Reason::UserSigExpired),
        SigAge::Revoked => Some(Reason::RestApi),
        SigAge::Fresh if clash => Some(Reason::MultipleDevice),
        SigAge::Fresh => full.then_some(Reason::MultipleAccount),
    };
    book.choose(Rule::Link5, bar, None)
}

/// KICK-1, -2, -3, -5, -11: who is kicked when `newcomer`, the last of `roster`, has been admitted, in login order.
pub(crate) fn victims(
    book: &mut Book,
    scope: &Scope,
    setting: Setting,
    roster: Roster,
    newcomer: Session,
) -> Vec<(Session, Reason)> {
    let platform = scope.platform(newcomer.seat);
    let excess = over_the_limit(book, scope, setting, roster, newcomer);
    let reason_for = |book: &mut Book, online: Session| {
        if excess.contains(&online) {
            Some(Reason::MultipleAccount)
        } else if of_another_kind(scope, platform, scope.platform(online.seat)) {
            book.choose(Rule::Kick1, Some(Reason::MultipleDevice), None)
        } else {
            None
        }
    };
    let kicked: Vec<_> = roster.sessions().filter_map(|online| reason_for(book, online).map(|reason| (online, reason))).collect();
    if kicked.is_empty() || book.holds(Rule::Kick5) {
        return kicked;
    }
    roster.sessions().filter(|online| *online != newcomer).map(|online| (online, Reason::MultipleAccount)).collect()
}

/// KICK-2, -3, -11: the sessions of the newcomer's platform beyond its limit, the oldest of them.
fn over_the_limit(book: &mut Book, scope: &Scope, setting: Setting, roster: Roster, newcomer: Session) -> Vec<Session> {
    let platform = scope.platform(newcomer.seat);
    let own_platform_only = book.holds(Rule::Kick11);
    let counted = roster.sessions().filter(|online| !own_platform_only || scope.platform(online.seat) == platform);
    let counted: Vec<_> = counted.collect();
    let excess = counted.len().saturating_sub(scope.limit_under(setting, platform));
    if excess == 0 || !book.holds(Rule::Kick2) {
        return Vec::new();
    }
    if !book.holds(Rule::Kick3) {
        return vec![newcomer];
    }
    counted.into_iter().take(excess).collect()
}

/// KICK-1: whether the two may not be online together, by the classes of the policy.
fn of_another_kind(scope: &Scope, one: Platform, other: Platform) -> bool {
    one != other && scope.policy.class(one) == scope.policy.class(other)
}
