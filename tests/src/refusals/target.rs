//! Whom a hostile act is aimed at: what the model says of the instance there and then, and what an eavesdropper would know of it. The
//! model alone decides whether an act applies; the system only lends the names.

use model::action::{AccountId, InstanceId};
use model::link::{Link, Owner, ServerEnd, Wire};
use model::records::{Key, Session};
use model::scope::Scope;
use model::state::State;
use sut::protocol::{ClientFrame, Envelope};
use sut::session::{Epoch, InstanceKey, Secret};

use super::class::{Claim, Class, OutOfPlace, Replayed, Where};
use crate::driver::AttackHarness;

/// How the server knows an instance, by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has a session on record.
    Online(AccountId),
    /// It was kicked, and the record of that stands.
    Kicked(AccountId),
    /// Neither; the account is the first that it logs in with.
    Unknown(AccountId),
}

impl Standing {
    pub(super) fn of(scope: &Scope, state: &State, seat: InstanceId) -> Standing {
        let its_own = |session: Session| session.seat == seat && session.key == Key::Own;
        let online = |account: &AccountId| state.roster(*account).sessions().any(its_own);
        let kicked = |account: &AccountId| state.kick_records(*account).iter().any(|kick| its_own(kick.session));
        let first = scope.seats[usize::from(seat.0)].accounts[0];
        let online = scope.accounts().find(online).map(Standing::Online);
        online.or_else(|| scope.accounts().find(kicked).map(Standing::Kicked)).unwrap_or(Standing::Unknown(first))
    }

    pub(super) const fn account(self) -> AccountId {
        match self {
            Standing::Online(account) | Standing::Kicked(account) | Standing::Unknown(account) => account,
        }
    }

    pub(super) const fn is_online(self) -> bool {
        matches!(self, Standing::Online(_))
    }

    const fn is_kicked(self) -> bool {
        matches!(self, Standing::Kicked(_))
    }
}

/// Whether the act is possible in that state against that instance, and nothing that an honest client could do there.
pub(super) fn applies(class: Class, scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let link = &state.instance(seat).links.current;
    match class {
        Class::Claim(claim) => claim_applies(claim, scope, state, seat),
        Class::OutOfPlace(OutOfPlace::OthersSecret) => serves(link) && sessions(scope, state) > 1,
        Class::AfterKick(_) => is_kicked_on(scope, state, seat),
        Class::Garbage(..) | Class::TooEarly(..) | Class::Replay(..) | Class::OutOfPlace(_) => match class.place() {
            Where::Own => true,
            Where::Waiting => is_held(link) && link.server == ServerEnd::Listening,
            Where::Serving => serves(link),
            Where::Kicked => is_kicked_on(scope, state, seat),
        },
    }
}

fn claim_applies(claim: Claim, scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let standing = Standing::of(scope, state, seat);
    let is_known = standing.is_online() || standing.is_kicked();
    match claim {
        Claim::ResumeForgedSecret
        | Claim::ResumeOldSecret
        | Claim::ResumeOthersUserSig
        | Claim::ResumeBeyondCounting
        | Claim::LoginForgedUserSig => standing.is_online(),
        Claim::ResumeAsOneself => standing.is_online() && scope.limit_under(state.server.in_force, scope.platform(seat)) == 1,
        Claim::ResumeUnderOwnKey => standing.is_online() && is_full(scope, state, seat, standing.account()),
        Claim::ResumeForgedKicked => standing.is_kicked() && is_full(scope, state, seat, standing.account()),
        Claim::ResumeLowerEpoch
        | Claim::ResumeEqualEpoch
        | Claim::LoginLowerEpoch
        | Claim::LoginEqualEpoch
        | Claim::OwedForgedSecret
        | Claim::OwedUnderOwnKey
        | Claim::OwedWithOthersUserSig
        | Claim::OwedAsOneself
        | Claim::LoginBehindOwed
        | Claim::LoginOfAnotherEpochBehindOwed
        | Claim::SyncBehindOwed => is_known,
        Claim::ResumeNoUserId | Claim::LoginOthersUserSig => true,
    }
}

/// Whether the instance itself still uses a link that is whole.
fn is_held(link: &Link) -> bool {
    link.is_held() && link.owner == Owner::User && link.wire == Wire::Whole
}

fn serves(link: &Link) -> bool {
    is_held(link) && matches!(link.server, ServerEnd::Serving { .. })
}

fn is_kicked_on(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let link = &state.instance(seat).links.current;
    let on_record = |account| state.kick_records(account).iter().any(|kick| is_of(kick.session, seat, link));
    is_held(link) && matches!(link.server, ServerEnd::Kicked { .. }) && scope.accounts().any(on_record)
}

fn is_of(session: Session, seat: InstanceId, link: &Link) -> bool {
    (session.seat, session.key, session.label) == (seat, Key::Own, link.session)
}

fn sessions(scope: &Scope, state: &State) -> usize {
    scope.accounts().map(|account| state.roster(account).len()).sum()
}

/// Whether another session of the seat's platform would be one too many.
fn is_full(scope: &Scope, state: &State, seat: InstanceId, account: AccountId) -> bool {
    let platform = scope.platform(seat);
    let like_it = state.roster(account).iter().filter(|online| scope.platform(*online) == platform);
    like_it.count() >= scope.limit_under(state.server.in_force, platform)
}

/// What an eavesdropper knows of an instance.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) account: AccountId,
    pub(super) key: InstanceKey,
    /// The secret of its session on record, of the one that was kicked, or of its last.
    pub(super) secret: Secret,
    /// The highest epoch on record of its key.
    pub(super) highest: Epoch,
    /// That of the last link that its session was written on.
    pub(super) epoch: Epoch,
}

impl Target {
    /// `None` if the system does not know what the model does.
    pub(super) fn of(attacker: &AttackHarness, standing: Standing, seat: InstanceId) -> Option<Target> {
        let (account, key) = (standing.account(), attacker.key_of(seat));
        let (record, instance) = (attacker.stored(account).record, key.digest());
        let secret_of = |digest| attacker.called(digest).map(|known| known.secret);
        let secret = match standing {
            Standing::Online(_) => secret_of(record.sessions.iter().find(|session| session.key == instance)?.digest)?,
            Standing::Kicked(_) => secret_of(record.kicks.iter().find(|kick| kick.key == instance)?.digest)?,
            Standing::Unknown(_) => greetings(attacker, seat).last().map_or(Secret(u128::MAX), |said| said.session),
        };
        let highest = record.epochs.get(&instance).map(|entry| entry.epoch).unwrap_or_default();
        let epoch = greetings(attacker, seat).filter(|said| said.session == secret).last().map_or(highest, |said| said.epoch);
        Some(Target { account, key, secret, highest, epoch })
    }

    /// That of a link that is not late.
    pub(super) const fn later(&self) -> Epoch {
        Epoch(self.highest.0 + 1)
    }
}

/// The logins and resumes that the instances of a seat have written.
fn greetings(attacker: &AttackHarness, seat: InstanceId) -> impl Iterator<Item = &Envelope<ClientFrame>> {
    let greets = |frame: &ClientFrame| matches!(frame, ClientFrame::Login { .. } | ClientFrame::Resume { .. });
    attacker.overheard().iter().filter(move |said| greets(&said.frame) && attacker.seat_of(said.session) == Some(seat))
}

/// The first frame of that kind that the seat's instance wrote.
pub(super) fn first_written(attacker: &AttackHarness, seat: InstanceId, what: Replayed) -> Option<&Envelope<ClientFrame>> {
    attacker.overheard().iter().find(|said| kind(&said.frame) == Some(what) && attacker.seat_of(said.session) == Some(seat))
}

const fn kind(frame: &ClientFrame) -> Option<Replayed> {
    match frame {
        ClientFrame::Login { .. } => Some(Replayed::Login),
        ClientFrame::Resume { .. } => Some(Replayed::Resume),
        ClientFrame::Logout { .. } => Some(Replayed::Logout),
        ClientFrame::Sync => Some(Replayed::Sync),
        ClientFrame::Send { .. } => Some(Replayed::Send),
        ClientFrame::KickAck => Some(Replayed::KickAck),
        ClientFrame::MessageAck { .. } | ClientFrame::Ping | ClientFrame::Pong => None,
    }
}
