//! The claims: who waits for what, and what ends the waiting. A claim looks at states and actions only; it calls no rule and does not
//! know how it is decided.

use strum::{EnumCount, VariantArray};

use super::change::{Change, Omission};
use super::fairness::Fairness;
use crate::action::{AccountId, Action, AppCall, InstanceId, ServerMove, Token};
use crate::frame::{Queue, TOKENS, UpFrame};
use crate::link::{Link, ServerEnd, Wire};
use crate::records::{Key, Session};
use crate::rule::Rule;
use crate::scope::{Reconnects, Scope, Webhooks};
use crate::state::{Phase, Reach, State};
use crate::variants::every;

/// Something that must come at last, in the rulebook's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Claim {
    /// A login settles.
    LoginSettles,
    /// An instance that is logged in becomes ready, or is told why not.
    BecomesReady,
    /// A victim learns of its kick.
    VictimLearns,
    /// A logout or destroy resolves.
    LogoutSettles,
    /// A lost link is replaced, or its instance is told why not.
    LinkComesBack,
    /// A session whose link is down goes on or goes.
    SessionLapses,
    /// A client notices that its link is cut.
    LossIsNoticed,
    /// A send settles.
    SendSettles,
    /// Changed limits take effect.
    ChangeTakesEffect,
    /// A callback is taken.
    CallbackIsTaken,
    /// Kicks without end need logins without end.
    KicksNeedLogins,
    /// A node learns that a session is over whose link it has.
    NodeLearns,
}

/// A claim of one instance, session, message or account. A run breaks it if it waits from some point on and its end never comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// Of one instance.
    Of(Claim, InstanceId),
    /// Of the sessions of one seat in one account.
    Sessions(InstanceId, AccountId),
    /// Of a message that an instance sends.
    Send(InstanceId, Token),
    /// Of the app's limits.
    Limits,
    /// Of an account's callbacks.
    Callbacks(AccountId),
    /// Of everybody's kicks.
    Kicks,
}

impl Claim {
    /// Every claim, in the rulebook's order.
    pub const ALL: [Claim; Claim::COUNT] = every();

    /// The rule that it serves, and what it says.
    const fn row(self) -> (Rule, &'static str) {
        match self {
            Claim::LoginSettles => (Rule::Login1, "every login settles"),
            Claim::BecomesReady => (Rule::Login2, "an admitted instance becomes ready, is told why not, or leaves by its own call"),
            Claim::VictimLearns => (Rule::Kick8, "a victim learns of its kick, or leaves by its own call"),
            Claim::LogoutSettles => (Rule::Logout4, "every logout and destroy resolves"),
            Claim::LinkComesBack => {
                (Rule::Link1, "a lost link is replaced by one that is resumed or refused, or its instance leaves")
            }
            Claim::SessionLapses => (Rule::Link4, "a session whose link is down is resumed or goes"),
            Claim::LossIsNoticed => (Rule::Link7, "a logged-in instance notices that its link is cut"),
            Claim::SendSettles => (Rule::Msg3, "every send settles"),
            Claim::ChangeTakesEffect => (Rule::Conf1, "changed limits take effect, or are changed again"),
            Claim::CallbackIsTaken => (Rule::Hook2, "every callback is taken"),
            Claim::KicksNeedLogins => (Rule::Kick7, "kicks go on for ever only if applications log in for ever"),
            Claim::NodeLearns => (Rule::Node2, "a node learns of a kick decided on another one"),
        }
    }

    /// The rule that it serves.
    pub const fn rule(self) -> Rule {
        self.row().0
    }

    /// What it says, in a line.
    pub const fn text(self) -> &'static str {
        self.row().1
    }

    /// The fairness that it needs: the stated one, or none at all.
    pub const fn fairness(self) -> Fairness {
        match self {
            Claim::KicksNeedLogins => Fairness::None,
            Claim::LoginSettles
            | Claim::BecomesReady
            | Claim::VictimLearns
            | Claim::LogoutSettles
            | Claim::LinkComesBack
            | Claim::SessionLapses
            | Claim::LossIsNoticed
            | Claim::SendSettles
            | Claim::ChangeTakesEffect
            | Claim::CallbackIsTaken
            | Claim::NodeLearns => Fairness::Stated,
        }
    }

    /// What breaks it when left out, and the scope in which that is seen.
    pub const fn broken_by(self) -> (Change, &'static str) {
        match self {
            Claim::LoginSettles => (Change::Omits(Omission::LoginAnswer), "limit-change"),
            Claim::BecomesReady => (Change::Omits(Omission::SyncAnswer), "limit-change"),
            Claim::VictimLearns => (Change::Omits(Omission::Notice), "limit-change"),
            Claim::LogoutSettles => (Change::Omits(Omission::LogoutAnswer), "limit-change"),
            Claim::LinkComesBack => (Change::Omits(Omission::Reconnect), "late-frames"),
            Claim::SessionLapses => (Change::Omits(Omission::Lapse), "late-frames"),
            Claim::LossIsNoticed => (Change::Without(Rule::Link7), "half-open"),
            Claim::SendSettles => (Change::Omits(Omission::SendAnswer), "order"),
            Claim::ChangeTakesEffect => (Change::Omits(Omission::Effect), "limit-change"),
            Claim::CallbackIsTaken => (Change::Omits(Omission::Posting), "callbacks-expiry"),
            Claim::KicksNeedLogins => (Change::Without(Rule::Kick7), "limit-change"),
            Claim::NodeLearns => (Change::Omits(Omission::Polling), "nodes-lost-notice"),
        }
    }

    /// Its cases in a scope; none where the scope has nothing to wait for. Sessions are left to scopes without callbacks, in which no
    /// bound holds the lapse timer back, and what needs a reconnect to scopes in which none holds the backoff timer back.
    pub fn cases(self, scope: &Scope) -> Vec<Case> {
        let instances: Vec<_> = scope.instances().collect();
        match self {
            Claim::BecomesReady | Claim::VictimLearns | Claim::LinkComesBack if scope.reconnects == Reconnects::OneByOne => {
                Vec::new()
            }
            Claim::LoginSettles | Claim::BecomesReady | Claim::VictimLearns | Claim::LogoutSettles => {
                instances.into_iter().map(|instance| Case::Of(self, instance)).collect()
            }
            Claim::LinkComesBack | Claim::LossIsNoticed if scope.links_fail() => {
                instances.into_iter().map(|instance| Case::Of(self, instance)).collect()
            }
            Claim::SessionLapses if scope.links_fail() && scope.webhooks == Webhooks::Never => {
                let of = |instance| scope.accounts().map(move |account| Case::Sessions(instance, account));
                instances.into_iter().flat_map(of).collect()
            }
            Claim::SendSettles => {
                let of = |instance| (0..TOKENS).map(move |token| Case::Send(instance, Token(token)));
                instances.into_iter().flat_map(of).collect()
            }
            Claim::NodeLearns if scope.has_several_nodes() => {
                instances.into_iter().map(|instance| Case::Of(self, instance)).collect()
            }
            Claim::ChangeTakesEffect if scope.limit_change.is_some() => vec![Case::Limits],
            Claim::CallbackIsTaken if scope.webhooks == Webhooks::Posted => scope.accounts().map(Case::Callbacks).collect(),
            Claim::KicksNeedLogins => vec![Case::Kicks],
            Claim::LinkComesBack
            | Claim::LossIsNoticed
            | Claim::SessionLapses
            | Claim::ChangeTakesEffect
            | Claim::CallbackIsTaken
            | Claim::NodeLearns => Vec::new(),
        }
    }
}

impl Case {
    /// Whether somebody waits in that state.
    pub fn waits(self, state: &State) -> bool {
        match self {
            Case::Of(claim, instance) => waits_for(claim, state, instance),
            Case::Sessions(instance, account) => sessions_down(state, instance, account) > 0,
            Case::Send(instance, token) => runs(state.instance(instance).client.sends, token),
            Case::Limits => state.server.pending.is_some(),
            Case::Callbacks(account) => !state.outbox(account).is_empty(),
            Case::Kicks => true,
        }
    }

    /// Whether the waiting ends with that step although somebody may wait behind it: another one, or for another thing.
    pub fn ends(self, before: &State, action: Action, after: &State) -> bool {
        match self {
            Case::Of(..) | Case::Send(..) => false,
            Case::Sessions(instance, account) => sessions_down(after, instance, account) < sessions_down(before, instance, account),
            Case::Limits => matches!(action, Action::Server(ServerMove::Configure(_))),
            Case::Callbacks(account) => after.outbox(account).iter().count() < before.outbox(account).iter().count(),
            Case::Kicks => matches!(action, Action::Call(_, AppCall::Login { .. })),
        }
    }
}

fn waits_for(claim: Claim, state: &State, instance: InstanceId) -> bool {
    let seat = state.instance(instance);
    match claim {
        Claim::LoginSettles => matches!(seat.client.phase, Phase::Opening { .. } | Phase::Waiting { .. }),
        Claim::BecomesReady => matches!(seat.client.phase, Phase::Online { .. }),
        Claim::VictimLearns => seat.client.login_user().is_some_and(|account| is_kicked(state, instance, account)),
        Claim::LogoutSettles => matches!(seat.client.phase, Phase::Leaving | Phase::Destroying),
        Claim::LinkComesBack => seat.client.login_user().is_some() && seat.client.reach != Reach::Up,
        Claim::LossIsNoticed => {
            seat.client.login_user().is_some() && seat.links.current.is_held() && seat.links.current.wire == Wire::Cut
        }
        Claim::NodeLearns => seat.links.each().into_iter().any(|link| is_over(state, instance, link)),
        Claim::SessionLapses | Claim::SendSettles | Claim::ChangeTakesEffect | Claim::CallbackIsTaken | Claim::KicksNeedLogins => {
            unreachable!("it is no claim of an instance")
        }
    }
}

fn is_kicked(state: &State, instance: InstanceId, account: AccountId) -> bool {
    let session = Session { seat: instance, key: Key::Own, label: state.instance(instance).client.session };
    state.kick_records(account).iter().any(|record| record.session == session)
}

/// Whether a session is off the record of which the node at the link's end thinks that it is online.
fn is_over(state: &State, instance: InstanceId, link: &Link) -> bool {
    let ServerEnd::Serving { account } = link.server else { return false };
    let theirs = state.roster(account).sessions().filter(|session| session.seat == instance);
    theirs.into_iter().all(|session| session.label != link.session)
}

fn sessions_down(state: &State, instance: InstanceId, account: AccountId) -> usize {
    let theirs = state.roster(account).sessions().filter(|session| session.seat == instance);
    theirs.filter(|session| state.slot_of(account, *session).is_none()).count()
}

fn runs(sends: Queue<UpFrame>, token: Token) -> bool {
    sends.iter().any(|frame| matches!(frame, UpFrame::Send { token: sent, .. } if sent == token))
}
