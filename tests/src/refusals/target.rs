//! Whom a hostile act is aimed at: what the model says of the instance there and then, and what an eavesdropper would know of it. The
//! model alone decides whether an act applies; the system only lends the names.

use model::action::{AccountId, InstanceId};
use model::link::{Link, Owner, ServerEnd, Wire};
use model::records::{Key, Session};
use model::scope::Scope;
use model::state::State;
use sut::protocol::{ClientFrame, Envelope};
use sut::session::{Epoch, InstanceKey, Secret};

use super::history::Earlier;
use crate::driver::AttackHarness;

/// How the server knows an instance, by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnRecord {
    /// It has a session on record.
    Online(AccountId),
    /// It was kicked, and the record of that stands.
    Kicked(AccountId),
    /// Neither; the account is the first that it logs in with.
    Unknown(AccountId),
}

impl OnRecord {
    pub(super) fn of(scope: &Scope, state: &State, seat: InstanceId) -> OnRecord {
        let its_own = |session: Session| session.seat == seat && session.key == Key::Own;
        let online = |account: &AccountId| state.roster(*account).sessions().any(its_own);
        let kicked = |account: &AccountId| state.kick_records(*account).iter().any(|kick| its_own(kick.session));
        let first = scope.seats[usize::from(seat.0)].accounts[0];
        let online = scope.accounts().find(online).map(OnRecord::Online);
        online.or_else(|| scope.accounts().find(kicked).map(OnRecord::Kicked)).unwrap_or(OnRecord::Unknown(first))
    }

    pub(super) const fn account(self) -> AccountId {
        match self {
            OnRecord::Online(account) | OnRecord::Kicked(account) | OnRecord::Unknown(account) => account,
        }
    }
}

/// Against anybody.
pub(super) fn anybody(_: &Scope, _: &State, _: InstanceId) -> bool {
    true
}

/// Against an instance that has a session on record.
pub(super) fn is_online(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    matches!(OnRecord::of(scope, state, seat), OnRecord::Online(_))
}

/// Against one that has a session or a kick on record.
pub(super) fn is_known(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    !matches!(OnRecord::of(scope, state, seat), OnRecord::Unknown(_))
}

/// Against one that is online, where the account has no place for another.
pub(super) fn is_online_and_full(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    is_online(scope, state, seat) && is_full(scope, state, seat)
}

/// Against one that is online, where every account has one place.
pub(super) fn is_online_where_one_place_is(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    is_online(scope, state, seat) && scope.limit_under(state.server.in_force, scope.platform(seat)) == 1
}

/// Against one that was kicked, where the account has no place for it.
pub(super) fn is_kicked_and_full(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    matches!(OnRecord::of(scope, state, seat), OnRecord::Kicked(_)) && is_full(scope, state, seat)
}

/// Against one whose link is open and has brought no login or resume.
pub(super) fn is_waiting(_: &Scope, state: &State, seat: InstanceId) -> bool {
    let link = &state.instance(seat).links.current;
    is_held(link) && link.server == ServerEnd::Listening
}

/// Against one whose link carries its session.
pub(super) fn serves(_: &Scope, state: &State, seat: InstanceId) -> bool {
    let link = &state.instance(seat).links.current;
    is_held(link) && matches!(link.server, ServerEnd::Serving { .. })
}

/// Against such a one, where others have a session, too.
pub(super) fn serves_one_of_several(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let sessions: usize = scope.accounts().map(|account| state.roster(account).len()).sum();
    serves(scope, state, seat) && sessions > 1
}

/// Against one whose session was kicked, on whose link the notice was written.
pub(super) fn is_kicked_on(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let link = &state.instance(seat).links.current;
    let is_its_own = |session: Session| (session.seat, session.key, session.label) == (seat, Key::Own, link.session);
    let on_record = |account| state.kick_records(account).iter().any(|kick| is_its_own(kick.session));
    is_held(link) && matches!(link.server, ServerEnd::Kicked { .. }) && scope.accounts().any(on_record)
}

/// Whether the instance itself still uses a link that is whole.
fn is_held(link: &Link) -> bool {
    link.is_held() && link.owner == Owner::User && link.wire == Wire::Whole
}

/// Whether another session of the seat's platform would be one too many.
fn is_full(scope: &Scope, state: &State, seat: InstanceId) -> bool {
    let (account, platform) = (OnRecord::of(scope, state, seat).account(), scope.platform(seat));
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
    pub(super) fn of(attacker: &AttackHarness, standing: OnRecord, seat: InstanceId) -> Option<Target> {
        let (account, key) = (standing.account(), attacker.key_of(seat));
        let (record, instance) = (attacker.stored(account).record, key.digest());
        let secret_of = |digest| attacker.called(digest).map(|known| known.secret);
        let secret = match standing {
            OnRecord::Online(_) => secret_of(record.sessions.iter().find(|session| session.key == instance)?.digest)?,
            OnRecord::Kicked(_) => secret_of(record.kicks.iter().find(|kick| kick.key == instance)?.digest)?,
            OnRecord::Unknown(_) => greetings(attacker, seat).last().map_or(Secret(u128::MAX), |said| said.session),
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
pub(super) fn first_written(attacker: &AttackHarness, seat: InstanceId, what: Earlier) -> Option<&Envelope<ClientFrame>> {
    attacker.overheard().iter().find(|said| Earlier::of(&said.frame) == Some(what) && attacker.seat_of(said.session) == Some(seat))
}
