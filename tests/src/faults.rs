//! Which faults were replayed in which phase of an instance's protocol. It counts; whether both sides agreed is known elsewhere.

use model::action::{Action, ActionKind, InstanceId, LinkKind, PageKind, ServerKind, Timer, TimerKind};
use model::frame::{DownFrame, Frame, UpFrame};
use model::scope::Scope;
use model::state::{Instance, Phase, Reach, State};
use model::variants::every;
use strum::{EnumCount, VariantArray};

/// What goes wrong: each kind of action that is neither a call nor what has to follow from one.
pub fn kinds() -> Vec<ActionKind> {
    ActionKind::all().into_iter().filter(|kind| is_fault(*kind)).collect()
}

/// Whether such an action makes something go wrong.
pub const fn is_fault(kind: ActionKind) -> bool {
    match kind {
        ActionKind::Call(_) | ActionKind::Renew => false,
        ActionKind::Page(_) => true,
        ActionKind::Link(kind) => !matches!(kind, LinkKind::Open | LinkKind::ToServer | LinkKind::ToClient),
        ActionKind::Timer(kind) => matches!(kind, TimerKind::Deadline | TimerKind::Lapse | TimerKind::Expire),
        ActionKind::Server(ServerKind::RestKick | ServerKind::Restart | ServerKind::Stop | ServerKind::TakeEffect) => true,
        // What nodes miss of one another, and what becomes of a node, strikes no instance as such.
        ActionKind::Server(
            ServerKind::Configure
            | ServerKind::Webhook
            | ServerKind::Hear
            | ServerKind::Miss
            | ServerKind::Poll
            | ServerKind::Die
            | ServerKind::Start
            | ServerKind::Freeze
            | ServerKind::Wake
            | ServerKind::LeaseEnds
            | ServerKind::Store,
        ) => false,
    }
}

/// Where an instance stands when something goes wrong. It can be in several at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum ProtocolPhase {
    /// Logged out, without a link.
    BeforeLogin,
    /// A login runs.
    LoginInFlight,
    /// Admitted, and not ready.
    AdmittedNotReady,
    /// Ready, its link up or down.
    Ready,
    /// A message, its answer or its acknowledgement is under way on its link, or kept for its resume.
    MessageInFlight,
    /// Its session was kicked, and it does not know.
    KickInFlight,
    /// A logout or destroy runs, or is owed.
    LogoutInFlight,
    /// It asks for a link to resume on, or waits for the answer.
    Resuming,
}

impl ProtocolPhase {
    /// Every phase, in the order of the report.
    pub const ALL: [ProtocolPhase; ProtocolPhase::COUNT] = every();

    /// The column's name.
    pub const fn name(self) -> &'static str {
        match self {
            ProtocolPhase::BeforeLogin => "before login",
            ProtocolPhase::LoginInFlight => "login in flight",
            ProtocolPhase::AdmittedNotReady => "admitted not ready",
            ProtocolPhase::Ready => "ready",
            ProtocolPhase::MessageInFlight => "message in flight",
            ProtocolPhase::KickInFlight => "kick in flight",
            ProtocolPhase::LogoutInFlight => "logout in flight",
            ProtocolPhase::Resuming => "resuming",
        }
    }

    /// Whether an instance is in it.
    pub fn holds(self, scope: &Scope, state: &State, instance: InstanceId) -> bool {
        let seat = state.instance(instance);
        let admitted = || scope.accounts().any(|account| state.roster(account).contains(instance));
        match self {
            ProtocolPhase::BeforeLogin => seat.client.phase == Phase::Out && !seat.links.current.exists(),
            ProtocolPhase::LoginInFlight => matches!(seat.client.phase, Phase::Opening { .. } | Phase::Waiting { .. }),
            ProtocolPhase::AdmittedNotReady => {
                matches!(seat.client.phase, Phase::Waiting { .. } | Phase::Online { .. }) && admitted()
            }
            ProtocolPhase::Ready => seat.client.is_ready(),
            ProtocolPhase::MessageInFlight => {
                seat.record.ledgers.iter().any(|ledger| !ledger.messages.is_empty()) || speaks_of_messages(seat)
            }
            ProtocolPhase::KickInFlight => was_kicked(scope, state, instance),
            ProtocolPhase::LogoutInFlight => {
                matches!(seat.client.phase, Phase::Leaving | Phase::Destroying) || !seat.client.debts.is_empty()
            }
            ProtocolPhase::Resuming => matches!(seat.client.reach, Reach::Asking | Reach::Resuming),
        }
    }
}

fn speaks_of_messages(seat: &Instance) -> bool {
    let mut under_way = seat.links.current.frames().chain(seat.links.abandoned.up.iter().map(Frame::Up));
    under_way.any(|frame| match frame {
        Frame::Up(frame) => matches!(frame, UpFrame::Send { .. } | UpFrame::MessageAck { .. }),
        Frame::Down(frame) => matches!(frame, DownFrame::SendAnswer { .. } | DownFrame::Message { .. }),
    })
}

fn was_kicked(scope: &Scope, state: &State, instance: InstanceId) -> bool {
    let kicked = |account| state.kick_records(account).iter().any(|kick| kick.session.seat == instance);
    state.instance(instance).client.login_user().is_some() && scope.accounts().any(kicked)
}

/// The cells that a transition falls into: its own instance's, or those of all where it strikes them all; none if it is no fault.
pub fn cells(scope: &Scope, state: &State, action: Action) -> Vec<(ActionKind, ProtocolPhase)> {
    let kind = action.kind();
    if !is_fault(kind) {
        return Vec::new();
    }
    let struck: Vec<_> = scope.instances().filter(|seat| strikes(action, *seat)).collect();
    let holds = |phase: &ProtocolPhase| struck.iter().any(|instance| phase.holds(scope, state, *instance));
    ProtocolPhase::ALL.into_iter().filter(holds).map(|phase| (kind, phase)).collect()
}

/// Whether a fault strikes an instance. Time moves for all when a UserSig expires: each that was made until then is expired.
fn strikes(action: Action, seat: InstanceId) -> bool {
    matches!(action, Action::Timer(_, Timer::Expire(_))) || action.instance().is_none_or(|whose| whose == seat)
}

/// A cell that no state of any scope can be in.
pub struct Unreachable {
    /// What would go wrong.
    pub kind: ActionKind,
    /// In which phase.
    pub phase: ProtocolPhase,
    /// Why it cannot.
    pub why: &'static str,
    /// What would have to hold of a state and one of its instances.
    pub needs: fn(&Instance) -> bool,
}

/// Why a cell cannot be reached, if it cannot.
pub fn unreachable(kind: ActionKind, phase: ProtocolPhase) -> Option<&'static Unreachable> {
    UNREACHABLE.iter().find(|cell| (cell.kind, cell.phase) == (kind, phase))
}

/// The cells that cannot be reached.
pub static UNREACHABLE: [Unreachable; 6] = [
    Unreachable {
        kind: ActionKind::Link(LinkKind::Cut),
        phase: ProtocolPhase::BeforeLogin,
        why: "a logged-out instance has no link that could break",
        needs: |seat| seat.client.phase == Phase::Out && seat.links.current.is_held(),
    },
    Unreachable {
        kind: ActionKind::Link(LinkKind::ClientLoses),
        phase: ProtocolPhase::BeforeLogin,
        why: "a logged-out instance holds no link",
        needs: |seat| seat.client.phase == Phase::Out && seat.links.current.is_held(),
    },
    Unreachable {
        kind: ActionKind::Page(PageKind::Wake),
        phase: ProtocolPhase::BeforeLogin,
        why: "a logged-out page has no link that its browser could close",
        needs: |seat| seat.client.phase == Phase::Out && seat.links.current.is_held(),
    },
    Unreachable {
        kind: ActionKind::Link(LinkKind::OpenFails),
        phase: ProtocolPhase::BeforeLogin,
        why: "a logged-out instance asks for no link",
        needs: |seat| seat.client.phase == Phase::Out && seat.client.reach == Reach::Asking,
    },
    Unreachable {
        kind: ActionKind::Timer(TimerKind::Deadline),
        phase: ProtocolPhase::BeforeLogin,
        why: "no call runs",
        needs: |seat| {
            seat.client.phase == Phase::Out
                && (seat.client.logouts > 0 || seat.client.destroys > 0 || !seat.client.sends.is_empty())
        },
    },
    Unreachable {
        kind: ActionKind::Timer(TimerKind::Deadline),
        phase: ProtocolPhase::Resuming,
        why: "what ran was settled when the link was lost",
        needs: |seat| seat.client.is_cut_off() && !seat.client.sends.is_empty(),
    },
];
