//! Which actions a state makes possible at all, whatever a scope's bounds hold back: more than [`crate::step::actions`] offers. It says
//! nothing of what follows from an action.

use crate::action::{Action, AppCall, LinkMove, Loss, PageMove, ServerMove, Timed, Timer};
use crate::crowd::Bounds;
use crate::frame::{CAPACITY, TOKENS};
use crate::link::{Link, Owner, ServerEnd, Wire};
use crate::lives::{Health, Lease};
use crate::offers::Place;
use crate::records::{Key, Session};
use crate::scope::Scope;
use crate::state::{Client, Instance, Phase, Reach, Server, State};

/// Whether the action can happen in the state, were nothing held back. Only such an action may be given to [`crate::step::step`].
pub fn is_possible(scope: &Scope, state: &State, action: Action) -> bool {
    // A send that is accepted takes a message that is found nowhere.
    let has_a_message = |seat: &Instance| !seat.client.accepts_sends() || state.free_token(TOKENS).is_some();
    let allows = |instance| Place::new(scope, state, instance, Bounds::NONE).allows(action);
    match action {
        Action::Call(instance, AppCall::Send(_)) => allows(instance) && has_a_message(state.instance(instance)),
        Action::Call(instance, _)
        | Action::Page(instance, _)
        | Action::Link(instance, _)
        | Action::Timer(instance, _)
        | Action::Renew(instance)
        | Action::Server(ServerMove::Store(instance)) => allows(instance),
        Action::Server(at) => at_server(&state.server, at),
    }
}

pub(crate) fn at_server(server: &Server, at: ServerMove) -> bool {
    match at {
        ServerMove::TakeEffect => server.pending.is_some(),
        ServerMove::Webhook(account, _) => !server.outbox(account).is_empty(),
        ServerMove::Hear(node, account) | ServerMove::Miss(node, account) => {
            server.is_awake(node) && server.notices(account).is_under_way_to(node)
        }
        ServerMove::Poll(node) => server.is_awake(node),
        ServerMove::Die(_) | ServerMove::Freeze(_) => server.ailing.is_none(),
        ServerMove::Start(node) => server.is_dead(node),
        ServerMove::Wake(node) => server.is_frozen(node),
        ServerMove::LeaseEnds(node) => {
            matches!(server.health(node), Some(Health::Dead(Lease::Holds) | Health::Frozen(Lease::Holds) | Health::Anew))
        }
        ServerMove::Store(_) => false,
        ServerMove::RestKick(_) | ServerMove::Configure(_) | ServerMove::Restart | ServerMove::Stop => true,
    }
}

impl Place<'_> {
    /// Whether the action can happen in the seat, if there is a message where it takes one.
    pub(crate) fn allows(&self, action: Action) -> bool {
        let Place { scope, instance, seat, .. } = *self;
        match action {
            Action::Call(_, call) => may_call(seat, call),
            Action::Page(_, page) => scope.platform(instance).is_page() && may_move(seat, page),
            Action::Link(_, link) => self.is_at_an_awake_node(action) && may_happen(seat, link),
            Action::Timer(_, timer) => self.is_armed(timer),
            Action::Renew(_) => seat.client.is_over() && !(self.leaves_something(Key::Own) && self.leaves_something(Key::Former)),
            Action::Server(ServerMove::Store(_)) => seat.links.current.is_storing(),
            Action::Server(_) => false,
        }
    }

    /// Whether the node does something to which a frame or the end of a link comes.
    fn is_at_an_awake_node(&self, action: Action) -> bool {
        match action {
            Action::Link(_, LinkMove::ToServer(slot) | LinkMove::ServerLoses(slot, _)) => {
                self.server.is_awake(self.seat.links.at(slot).node)
            }
            _ => true,
        }
    }

    fn is_armed(&self, timer: Timer) -> bool {
        let Place { instance, seat, server, .. } = *self;
        match timer {
            Timer::Backoff => seat.client.reach == Reach::Down,
            Timer::Deadline(call) => has_deadline(&seat.client, call),
            Timer::Ping => may_ping(seat),
            Timer::Ask(slot) => server.is_awake(seat.links.at(slot).node) && may_ask(seat.links.at(slot)),
            Timer::Lapse(account) => seat.lapses(self.scope, server, instance, account).is_some(),
            Timer::Expire(account) => server.roster(account).contains(instance),
        }
    }

    /// Whether an instance of the seat has a link or is on record. No more than two may, the present one and the one before it.
    fn leaves_something(&self, key: Key) -> bool {
        let Place { scope, instance, seat, server, .. } = *self;
        let theirs = |session: Session| session.seat == instance && session.key == key;
        let links = seat.links.each().iter().any(|link| link.exists() && link.key(scope.key(instance)) == key);
        let on_record = |account| {
            let recorded = server.kick_records(account).iter().any(|record| theirs(record.session));
            recorded || server.roster(account).sessions().any(theirs)
        };
        links || scope.accounts().any(on_record)
    }
}

fn may_call(seat: &Instance, call: AppCall) -> bool {
    match call {
        AppCall::Login { .. } | AppCall::Send(_) => seat.client.phase != Phase::Closed,
        AppCall::Logout | AppCall::Destroy => may_leave(&seat.client),
        AppCall::Resend => !seat.client.unknown.is_empty(),
    }
}

/// A page wakes without its link if it had one; where that is broken already, it learns of that like any other.
fn may_move(seat: &Instance, page: PageMove) -> bool {
    match page {
        PageMove::Close => !seat.client.is_over(),
        PageMove::Wake => is_whole(seat),
    }
}

fn may_happen(seat: &Instance, link: LinkMove) -> bool {
    match link {
        LinkMove::Open => seat.client.asks_for_a_link() && !seat.links.current.exists(),
        LinkMove::OpenFails => seat.client.asks_for_a_link(),
        LinkMove::ToServer(slot) => !seat.links.at(slot).up.is_empty() && !seat.links.at(slot).is_storing(),
        LinkMove::ToClient => !seat.links.current.down.is_empty(),
        LinkMove::Cut => is_whole(seat),
        LinkMove::ClientLoses(how) => client_may_lose(seat, how),
        LinkMove::ServerLoses(slot, how) => server_may_lose(seat.links.at(slot), how),
    }
}

/// An instance can owe no more than its list of debts has room for.
fn may_leave(client: &Client) -> bool {
    client.phase != Phase::Closed && client.debts.len() < 4
}

fn client_may_lose(seat: &Instance, how: Loss) -> bool {
    let link = &seat.links.current;
    match (how, link.wire) {
        (Loss::Ended, Wire::Whole) => link.is_held() && link.is_closed() && link.down.is_empty(),
        (Loss::Ended, Wire::Cut) => link.is_held(),
        (Loss::Heartbeat, Wire::Whole | Wire::Cut) => {
            seat.client.login_user().is_some() && (link.is_held() || seat.client.reach == Reach::Asking)
        }
    }
}

fn server_may_lose(link: &Link, how: Loss) -> bool {
    link.is_heard()
        && match (how, link.wire) {
            (Loss::Ended, Wire::Whole) => link.owner != Owner::User && link.up.is_empty(),
            (Loss::Ended, Wire::Cut) | (Loss::Heartbeat, Wire::Whole | Wire::Cut) => true,
        }
}

fn has_deadline(client: &Client, call: Timed) -> bool {
    match call {
        Timed::Login => matches!(client.phase, Phase::Opening { .. } | Phase::Waiting { .. }),
        Timed::Logout => matches!(client.phase, Phase::Leaving | Phase::Destroying),
        Timed::Send => !client.sends.is_empty(),
    }
}

/// As long as the queue has room.
fn may_ping(seat: &Instance) -> bool {
    let room = seat.links.current.up.len() < CAPACITY;
    seat.client.login_user().is_some() && !seat.client.is_cut_off() && seat.links.current.is_held() && room
}

fn is_whole(seat: &Instance) -> bool {
    seat.links.current.is_held() && seat.links.current.wire == Wire::Whole
}

/// As long as the queue has room, on a link that a session is online on.
fn may_ask(link: &Link) -> bool {
    matches!(link.server, ServerEnd::Serving { .. }) && link.down.len() < CAPACITY
}
