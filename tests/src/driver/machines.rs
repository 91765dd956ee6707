//! The two machines and a registry, with the held wire between them and no runtime: what the tokio shells would do with the machines'
//! effects, done here by hand.

mod administrator;
mod due;
mod faults;
mod fork;
mod node;
mod rig;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{AccountId, Credential, InstanceId, Post, Slot, Token};
use model::observation::{Asked, Call, Item};
use model::scope::{MAX_INSTANCES, Scope};
use smallvec::SmallVec;
use sut::callback::Callback;
use sut::client::machine as client;
use sut::config::{Changing, DEFAULT_PERIOD};
use sut::protocol::{ClientFrame, Envelope, MessageId, ServerFrame};
use sut::server::machine as server;
use sut::session::{Epoch, InstanceKey, Secret};

use super::acts::{self, Acts, Administration};
use super::clock::Moment;
use super::record::{self, Records};
use super::{Driver, kicked_before};
use crate::cast::{self, Cast};
use crate::observation::{Ask, Observation};
use crate::translation::{self, Names};
use crate::wire::Wire;
use node::Node;
use rig::Rig;

/// Where the numbering of keys, secrets, messages, calls and links begins: higher than any other number of a short trace.
const FIRST_NUMBER: u64 = 1 << 40;

/// Where the numbering of links begins: above every moment, so that it alone counts on.
const FIRST_EPOCH: u64 = 1 << 52;

/// How many numbers the links of one seat's instances may have: the epochs of two seats are never the same.
const EPOCHS_A_SEAT: u64 = 1 << 20;

/// What travels between the machines.
#[derive(Clone, Debug)]
enum Moves<F> {
    Frame(Envelope<F>),
    Close(client::PeerClose),
}

/// The machines driver. A copy goes its own way from where it was made.
pub struct Machines {
    scope: Arc<Scope>,
    cast: Arc<Cast>,
    node: Node,
    records: Records,
    /// The limits that change, as the server's shell keeps them.
    changing: Changing,
    /// What the webhook's receiver was posted in this step.
    posted: Vec<(AccountId, Callback, Post)>,
    rigs: Vec<Rig>,
    wire: Wire<Moves<ClientFrame>, Moves<ServerFrame>>,
    calls: BTreeMap<client::CallId, Call>,
    told: Vec<Item>,
    /// Room for what a machine asks for.
    effects: (Vec<client::Effect>, Vec<server::Effect>),
    /// The answer to the last REST call.
    answered: Option<(server::RequestId, server::Reply)>,
    /// The last number given to a key, a secret, a message, a call or a link.
    last: u64,
    moment: Moment,
    /// The first call of the present step.
    now: client::CallId,
}

impl Machines {
    /// A node and one fresh instance a seat.
    pub fn start(scope: &Scope) -> Machines {
        Machines::on(scope, Records::of(scope))
    }

    /// The same on a registry at which another node always comes first.
    pub(super) fn contested(scope: &Scope) -> Machines {
        Machines::on(scope, Records::contested(scope))
    }

    fn on(scope: &Scope, records: Records) -> Machines {
        let cast = Arc::new(Cast::of(scope));
        let mut machines = Machines {
            scope: Arc::new(scope.clone()),
            node: Node::new(cast.app.clone()),
            records,
            changing: Changing::new(cast.app.terms(), DEFAULT_PERIOD),
            posted: Vec::new(),
            rigs: Vec::new(),
            wire: Wire::new(scope, &cast),
            cast,
            calls: BTreeMap::new(),
            told: Vec::new(),
            effects: Default::default(),
            answered: None,
            last: FIRST_NUMBER,
            moment: Moment::of(scope),
            now: client::CallId(0),
        };
        for seat in scope.instances() {
            let rig = machines.fresh(seat);
            machines.rigs.push(rig);
        }
        kicked_before(scope).for_each(|account| machines.rest_kick(account));
        machines
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn fresh(&mut self, seat: InstanceId) -> Rig {
        let key = match cast::shares_with(&self.scope, seat).map(|other| self.rigs[usize::from(other.0)].key) {
            Some(shared) => shared,
            None => InstanceKey(u128::from(self.number())),
        };
        let epoch = self.first_epoch(seat);
        let machine = sut::client::Machine::new(client::Options { epoch, ..cast::options(&self.scope, seat, key) });
        Rig::new(machine, key)
    }

    /// Processes that share a key number their links by the clock, as everybody does who has stored no number.
    fn first_epoch(&self, seat: InstanceId) -> Epoch {
        if cast::shares_a_key(&self.scope) { Epoch(0) } else { Epoch(FIRST_EPOCH + u64::from(seat.0) * EPOCHS_A_SEAT) }
    }

    fn rig(&mut self, seat: InstanceId) -> &mut Rig {
        &mut self.rigs[usize::from(seat.0)]
    }

    fn call(&mut self, seat: InstanceId, kind: Call, call: client::Call) {
        let id = client::CallId(self.number());
        self.calls.insert(id, kind);
        self.input(seat, client::Input::Call { id, call });
    }

    fn input(&mut self, seat: InstanceId, input: client::Input) {
        let mut effects = std::mem::take(&mut self.effects.0);
        let now = self.moment.now();
        self.rig(seat).machine.handle(now, input, &mut effects);
        effects.drain(..).for_each(|effect| self.perform(seat, effect));
        self.effects.0 = effects;
    }

    fn perform(&mut self, seat: InstanceId, effect: client::Effect) {
        match effect {
            client::Effect::Open { epoch } => self.rig(seat).opening = Some(epoch),
            client::Effect::Send { epoch, frame } => match self.rig(seat).link(epoch) {
                Some(link) => self.wire.client_wrote(link, frame, Moves::Frame),
                None => self.wire.is_strange("a frame on no link".to_owned()),
            },
            client::Effect::Close { epoch, code } => self.close(seat, epoch, code),
            client::Effect::Settle { call, outcome } => self.settle(seat, call, &translation::outcome(&outcome)),
            client::Effect::Publish(event) => match translation::event(&self.wire.stage.names, &event) {
                Ok(event) => self.told.push(Item::Published { instance: seat, event }),
                Err(what) => self.wire.is_strange(what),
            },
            client::Effect::Arm { timer, after: wait } | client::Effect::ArmWithin { timer, bound: wait } => {
                self.compare_length(timer, wait);
                let due = self.moment.now().plus(wait);
                self.rig(seat).arm(timer, due);
            }
            client::Effect::Disarm { timer } => self.rig(seat).disarm(timer),
            client::Effect::End => {
                self.rig(seat).alive = false;
                self.told.push(Item::StreamEnded { instance: seat });
            }
        }
    }

    fn settle(&mut self, seat: InstanceId, id: client::CallId, outcome: &Result<model::observation::Outcome, String>) {
        let asked = if id > self.now { Asked::Now } else { Asked::Earlier };
        let Some(call) = self.calls.remove(&id) else {
            return self.wire.is_strange("a call that settled twice".to_owned());
        };
        let call = if let (Call::Send(_), Asked::Now) = (call, asked) { Call::Send(None) } else { call };
        match outcome {
            Ok(outcome) => self.told.push(Item::Settled { instance: seat, call, asked, outcome: *outcome }),
            Err(what) => self.wire.is_strange(what.clone()),
        }
    }

    fn close(&mut self, seat: InstanceId, epoch: Epoch, code: u16) {
        let rig = self.rig(seat);
        let link = rig.link(epoch);
        rig.opening.take_if(|opening| *opening == epoch);
        rig.links.retain(|(known, _)| *known != epoch);
        if let Some(link) = link {
            self.wire.client_closed(link, Some(code), Some(close(code, String::new())));
        }
    }

    fn at_server(&mut self, input: server::Input) {
        let mut effects = std::mem::take(&mut self.effects.1);
        self.node.take(&self.records, self.moment.now(), input, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                server::Effect::Send { link, frame } => match self.node.reveal(link, frame) {
                    Some(frame) => self.wire.server_wrote(link.0, frame, Moves::Frame),
                    None => self.wire.is_strange("an answer to a session that the link has not named".to_owned()),
                },
                server::Effect::Close { link, code, reason } => {
                    self.node.forget(link);
                    self.wire.server_closed(link.0, Some(code), Some(close(code, reason)));
                }
                server::Effect::Arm { timer, after } => self.node.arm(timer, self.moment.now().plus(after)),
                server::Effect::Disarm { timer } => self.node.disarm(&timer),
                server::Effect::Committed { .. } => {}
                server::Effect::Reply { request, reply } => self.answered = Some((request, reply)),
                server::Effect::Load { .. } | server::Effect::Commit { .. } => {
                    self.wire.is_strange("a question to the registry that nobody answered".to_owned());
                }
            }
        }
        self.effects.1 = effects;
    }

    fn observe(&mut self, observation: &mut Observation) {
        observation.begin(&self.scope);
        self.compare_due();
        observation.strange.extend(self.records.complaints());
        observation.told.append(&mut self.told);
        observation.server = self.node.view();
        for (seat, rig) in self.scope.instances().zip(&self.rigs) {
            self.wire.compare_first_sync(seat, rig.key, rig.machine.first_sync());
        }
        let own: SmallVec<[_; MAX_INSTANCES]> = self.rigs.iter().map(|rig| rig.instance).collect();
        record::show(self.records.read(), &self.scope, &own, &mut self.wire, observation);
        self.take_callbacks(&own, observation);
        observation.server.changes = usize::from(self.changing.pending().is_some());
        for (rig, view) in self.rigs.iter().zip(observation.seats.iter_mut()) {
            match rig.machine.login_user().map(|user| (user, cast::account(user))) {
                Some((user, None)) => observation.strange.push(format!("logged in as '{user}'")),
                Some((_, account)) => view.login_user = account,
                None => view.login_user = None,
            }
            view.ready = rig.machine.is_ready();
            view.holds = rig.holds();
        }
        observation.sort();
    }
}

impl Acts for Machines {
    fn login(&mut self, seat: InstanceId, account: AccountId, credential: Credential) {
        if cast::shares_a_key(&self.scope) {
            self.moment.pass_a_second();
            self.wire.stage.now = self.moment.now();
        }
        let (user_id, user_sig) = self.cast.shown(account, credential, self.wire.stage.issued_at);
        let secret = Secret(u128::from(self.number()));
        self.call(seat, Call::Login, client::Call::Login { user_id, user_sig, secret });
    }

    fn logout(&mut self, seat: InstanceId) {
        self.call(seat, Call::Logout, client::Call::Logout);
    }

    fn destroy(&mut self, seat: InstanceId) {
        self.call(seat, Call::Destroy, client::Call::Destroy);
    }

    fn send(&mut self, seat: InstanceId, to: AccountId, message: Option<(Token, AccountId)>) {
        let id = MessageId(u128::from(self.number()));
        let token = message.map(|(token, _)| token);
        let text = token.map_or_else(String::new, Names::text);
        self.call(seat, Call::Send(token), client::Call::Send { id, to: cast::user_id(to).to_owned(), text });
    }

    fn resend(&mut self, seat: InstanceId, message: Option<(Token, AccountId)>) {
        let known = message.and_then(|(token, to)| Some((token, to, self.wire.stage.names.id(token)?)));
        let Some((token, to, id)) = known else { return self.wire.is_strange("no message to send again".to_owned()) };
        let (to, text) = (cast::user_id(to).to_owned(), Names::text(token));
        self.call(seat, Call::Send(Some(token)), client::Call::Send { id, to, text });
    }

    fn open(&mut self, seat: InstanceId) {
        let link = self.number();
        let rig = self.rig(seat);
        let Some(epoch) = rig.opening.take() else {
            return self.wire.is_strange("no link is waited for".to_owned());
        };
        rig.links.push((epoch, link));
        let key = rig.key;
        self.wire.open(seat, key, link);
        self.at_server(server::Input::LinkUp { link: server::LinkId(link), address: None });
        self.input(seat, client::Input::LinkUp { epoch });
    }

    fn deliver_up(&mut self, seat: InstanceId, slot: Slot) {
        let Some((id, delivery)) = self.wire.take_up(seat, slot) else {
            return self.wire.is_strange("nothing is under way to the server".to_owned());
        };
        let link = server::LinkId(id);
        for moved in [Some(delivery.held.raw), delivery.close].into_iter().flatten() {
            let input = match moved {
                Moves::Frame(said) => server::Input::Frame { link, frame: self.node.conceal(link, said) },
                Moves::Close(close) => server::Input::LinkDown { link, close: Some(close.code) },
            };
            self.at_server(input);
        }
    }

    fn deliver_down(&mut self, seat: InstanceId) {
        let Some((id, delivery)) = self.wire.take_down(seat) else {
            return self.wire.is_strange("nothing is under way to the client".to_owned());
        };
        let Some(epoch) = self.rig(seat).epoch(id) else {
            return self.wire.is_strange("a frame for a link that the client has closed".to_owned());
        };
        for moved in [Some(delivery.held.raw), delivery.close].into_iter().flatten() {
            let open = self.rig(seat).link(epoch).is_some();
            match moved {
                Moves::Frame(frame) => self.input(seat, client::Input::Frame { epoch, frame }),
                Moves::Close(close) if open => self.input(seat, client::Input::LinkDown { epoch, close: Some(close) }),
                Moves::Close(_) => {}
            }
        }
    }

    fn renew(&mut self, seat: InstanceId) {
        let fresh = self.fresh(seat);
        *self.rig(seat) = fresh;
    }
}

/// What an end says as it closes a link.
fn close<F>(code: u16, reason: String) -> Moves<F> {
    Moves::Close(client::PeerClose { code, reason })
}

impl Driver for Machines {
    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        self.now = client::CallId(self.last);
        self.moment.tick();
        self.wire.stage.now = self.moment.now();
        acts::act(self, ask);
        self.observe(seen);
    }
}
