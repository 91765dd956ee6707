//! The two machines and a registry, with no runtime: what the tokio shells would do with the machines' effects, done here by hand.

mod effects;
mod fork;
mod leases;
mod node;
mod rig;
mod serving;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{AccountId, InstanceId, NodeId, Post, Setting};
use model::lives::Lease;
use model::nodes::Notices;
use model::observation::End;
use model::scope::{MAX_ACCOUNTS, Scope};
use sut::callback::Callback;
use sut::client::machine as client;
use sut::config::{Changing, DEFAULT_PERIOD, TermsChange};
use sut::protocol::{ClientFrame, Envelope, MessageId, ServerFrame};
use sut::registry::{Registry, Shared as _};
use sut::server::machine as server;
use sut::session::{Epoch, InstanceKey, NodeLife, Record, Secret};
use sut::timers::UnixMillis;

use super::Driver;
use super::clock::Kind;
use super::cx;
use super::harness::Harness;
use super::record::{Records, noted_of, ready};
use super::side::{Called, Done, Ending, ServerTimer, Shown, Side, take_seat};
use crate::cast;
use crate::observation::{Ask, Observation};
use effects::perform;
use node::Node;
use rig::Rig;

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
pub struct Machines(Harness<Pair>);

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
        let mut harness = Harness::start(scope, |cx| Pair {
            nodes: scope.nodes().map(|_| Node::new(cx.cast.app.clone())).collect(),
            homes: BTreeMap::new(),
            changing: Changing::new(cx.cast.app.terms(), DEFAULT_PERIOD),
            records,
            rigs: Vec::new(),
            effects: Default::default(),
            answered: None,
        });
        if scope.has_several_nodes() {
            scope.nodes().for_each(|node| harness.side.join(&mut harness.cx, node));
        }
        Machines(harness)
    }
}

impl Driver for Machines {
    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        self.0.step_into(ask, seen);
    }
}

type Cx = cx::Cx<Pair>;

/// The machines, each with what its shell would hold.
struct Pair {
    nodes: Vec<Node>,
    /// The nodes of links, where there are several.
    homes: BTreeMap<u64, NodeId>,
    records: Records,
    /// The limits that change, as the server's shell keeps them.
    changing: Changing,
    rigs: Vec<Rig>,
    /// Room for what a machine asks for.
    effects: (Vec<client::Effect>, Vec<server::Effect>),
    /// The answer to the last REST call.
    answered: Option<(server::RequestId, server::Reply)>,
}

impl Pair {
    /// Takes a timer of the first node that has it armed, or of that one, and when it is due.
    fn take_timer(&mut self, meant: ServerTimer, at: Option<NodeId>) -> Option<(NodeId, server::Timer, UnixMillis)> {
        let mut nodes = (0..).map(NodeId).zip(&mut self.nodes).filter(|(node, _)| at.is_none_or(|at| *node == at));
        nodes.find_map(|(at, node)| node.take_timer(meant).map(|(timer, due)| (at, timer, due)))
    }

    fn rig(&mut self, seat: InstanceId) -> &mut Rig {
        &mut self.rigs[usize::from(seat.0)]
    }

    fn input(&mut self, cx: &mut Cx, seat: InstanceId, input: client::Input) {
        let mut effects = std::mem::take(&mut self.effects.0);
        let rig = self.rig(seat);
        rig.machine.handle(cx.moment.now(), input, &mut effects);
        effects.drain(..).for_each(|effect| perform(cx, rig, seat, effect));
        self.effects.0 = effects;
    }

    /// The node of a link; what belongs to none comes to the first.
    fn home(&self, link: u64) -> NodeId {
        self.homes.get(&link).copied().unwrap_or_default()
    }

    fn node(&mut self, node: NodeId) -> &mut Node {
        &mut self.nodes[usize::from(node.0)]
    }
}

/// What an end says as it closes a link.
fn close<F>(code: u16, reason: String) -> Moves<F> {
    Moves::Close(client::PeerClose { code, reason })
}

/// Where the links of an instance begin to count. Processes that share a key number their links by the clock, as everybody does who has
/// stored no number; so does everybody where a node may find out later than others that a greater number is on record.
fn first_epoch(scope: &Scope, seat: InstanceId) -> Epoch {
    if cast::shares_a_key(scope) || scope.nodes_fail() { Epoch(0) } else { Epoch(FIRST_EPOCH + u64::from(seat.0) * EPOCHS_A_SEAT) }
}

impl Side for Pair {
    type Up = Moves<ClientFrame>;
    type Down = Moves<ServerFrame>;

    fn renew(&mut self, cx: &mut Cx, seat: InstanceId, key: InstanceKey) {
        let options = client::Options { epoch: first_epoch(&cx.scope, seat), ..cast::options(&cx.scope, seat, key) };
        take_seat(&mut self.rigs, seat, Rig::new(sut::client::Machine::new(options)));
    }

    fn call(&mut self, cx: &mut Cx, seat: InstanceId, id: u64, called: Called) {
        let call = match called {
            Called::Login { user_id, user_sig } => {
                client::Call::Login { user_id, user_sig, secret: Secret(u128::from(cx.number())) }
            }
            Called::Logout => client::Call::Logout,
            Called::Destroy => client::Call::Destroy,
            Called::Send { id, to, text } => {
                let id = id.unwrap_or_else(|| MessageId(u128::from(cx.number())));
                client::Call::Send { id, to: to.to_owned(), text }
            }
        };
        self.input(cx, seat, client::Input::Call { id: client::CallId(id), call });
    }

    fn open(&mut self, cx: &mut Cx, seat: InstanceId, link: u64) -> Done {
        let rig = self.rig(seat);
        let epoch = rig.opening.take().ok_or("no link is waited for")?;
        rig.links.push((epoch, link));
        let home = cx.leads_to(seat);
        cx.opened(seat, link, home);
        if cx.scope.has_several_nodes() {
            self.homes.insert(link, home);
        }
        self.at_server(cx, home, server::Input::LinkUp { link: server::LinkId(link), address: None });
        self.input(cx, seat, client::Input::LinkUp { epoch });
        Ok(())
    }

    fn fail_to_open(&mut self, cx: &mut Cx, seat: InstanceId) -> Done {
        let epoch = self.rig(seat).opening.take().ok_or("no link is waited for")?;
        self.input(cx, seat, client::Input::LinkDown { epoch, close: None });
        Ok(())
    }

    fn to_server(&mut self, cx: &mut Cx, link: u64, moved: Moves<ClientFrame>) -> Done {
        let (home, link) = (self.home(link), server::LinkId(link));
        let input = match moved {
            Moves::Frame(said) => server::Input::Frame { link, frame: self.node(home).conceal(link, said) },
            Moves::Close(close) => server::Input::LinkDown { link, close: Some(close.code) },
        };
        self.at_server(cx, home, input);
        Ok(())
    }

    fn to_client(&mut self, cx: &mut Cx, (seat, link): (InstanceId, u64), moved: Moves<ServerFrame>) -> Done {
        let rig = self.rig(seat);
        let input = match (moved, rig.epoch(link)) {
            (Moves::Frame(frame), Some(epoch)) => client::Input::Frame { epoch, frame },
            (Moves::Close(close), Some(epoch)) => {
                rig.lose(epoch);
                client::Input::LinkDown { epoch, close: Some(close) }
            }
            (Moves::Frame(_), None) => return Err("a frame for a link that the client has closed".to_owned()),
            (Moves::Close(_), None) => return Ok(()),
        };
        self.input(cx, seat, input);
        Ok(())
    }

    fn end(&mut self, cx: &mut Cx, (seat, link): (InstanceId, u64), end: End) -> Done {
        match end {
            End::Server => {
                let input = server::Input::LinkDown { link: server::LinkId(link), close: None };
                self.at_server(cx, self.home(link), input);
            }
            End::Client => {
                let rig = self.rig(seat);
                let epoch = rig.epoch(link).ok_or("the client has no link to lose")?;
                rig.lose(epoch);
                self.input(cx, seat, client::Input::LinkDown { epoch, close: None });
            }
        }
        Ok(())
    }

    fn close(code: u16) -> Moves<ClientFrame> {
        close(code, String::new())
    }

    fn close_page(&mut self, cx: &mut Cx, seat: InstanceId) {
        let rig = self.rig(seat);
        rig.opening = None;
        rig.links.clear();
        self.input(cx, seat, client::Input::PageClosed);
        self.rig(seat).alive = false;
    }

    fn fire(&mut self, cx: &mut Cx, seat: InstanceId, timer: Kind) -> Done {
        let (timer, due) = self.rig(seat).take_timer(timer).ok_or_else(|| format!("a {timer} timer that is not armed"))?;
        cx.pass_to(due);
        self.input(cx, seat, client::Input::Timer(timer));
        Ok(())
    }

    fn fire_at_server(&mut self, cx: &mut Cx, meant: &[ServerTimer], at: Option<NodeId>) -> Done {
        let pending = self.changing.pending().filter(|_| meant.contains(&ServerTimer::Terms));
        let taken = meant.iter().find_map(|timer| self.take_timer(*timer, at));
        let (at, input) = match (pending, taken) {
            (Some(pending), _) => {
                cx.pass_to(pending.due);
                (NodeId::default(), server::Input::TermsInForce(self.changing.fire(cx.moment.now().max(pending.due))))
            }
            (None, Some((at, timer, due))) => {
                cx.pass_to(due);
                (at, server::Input::Timer(timer))
            }
            (None, None) => return Err(format!("the server has armed none of {meant:?}")),
        };
        self.at_server(cx, at, input);
        Ok(())
    }

    fn each_timer(&self, tell: &mut dyn FnMut(NodeId, ServerTimer, Option<UnixMillis>)) {
        for (at, node) in (0..).map(NodeId).zip(&self.nodes) {
            node.timers().for_each(|(timer, due)| tell(at, timer, Some(due)));
        }
        self.changing.pending().into_iter().for_each(|pending| tell(NodeId::default(), ServerTimer::Terms, Some(pending.due)));
    }

    fn links(&self) -> Option<usize> {
        Some(self.nodes.iter().map(Node::links).sum())
    }

    fn is_ticking(&self) -> bool {
        true
    }

    fn rest_kick(&mut self, cx: &mut Cx, account: AccountId) -> Done {
        let request = server::RequestId(cx.number());
        let user_sig_from_s = cx.moment.now().0 / 1000 + 1;
        self.at_server(cx, NodeId::default(), server::Input::RestKick { request, user_id: cast::user_id(account).to_owned() });
        let is_kicked = self.answered.take() == Some((request, server::Reply::Kicked { user_sig_from_s }));
        is_kicked.then_some(()).ok_or_else(|| "a REST kick that was not answered with OK".to_owned())
    }

    fn configure(&mut self, cx: &mut Cx, setting: Setting) -> Done {
        let limits = vec![cx.cast.limits_of(&cx.scope, setting)];
        let terms = TermsChange { policy: None, limits }.of(self.changing.newest());
        self.changing.change(cx.moment.now(), terms);
        Ok(())
    }

    fn restart(&mut self, cx: &mut Cx, how: Ending) -> Done {
        if how == Ending::Stopped {
            let owed_nothing = self.nodes.iter().flat_map(Node::owed_nothing).collect();
            ready(self.records.registry().note_stop(owed_nothing));
        }
        let mut app = cx.cast.app.clone();
        app.adopt(self.changing.newest());
        self.changing = Changing::new(app.terms(), DEFAULT_PERIOD);
        self.nodes.iter_mut().for_each(|node| *node = Node::new(app.clone()));
        let note = self.records.take_stop();
        for (account, record) in self.records.read().to_vec() {
            let (user_id, record) = (cast::user_id(account).to_owned(), Record::clone(&record));
            let owed_nothing = noted_of(&note, &user_id);
            self.at_server(cx, NodeId::default(), server::Input::Restored { user_id, record, owed_nothing });
        }
        Ok(())
    }

    fn hear(&mut self, cx: &mut Cx, node: NodeId, account: AccountId) -> Done {
        let notices = self.records.between().take(node, account);
        notices.into_iter().for_each(|notice| self.at_server(cx, node, server::Input::Changed(notice)));
        Ok(())
    }

    fn miss(&mut self, node: NodeId, account: AccountId) -> Done {
        self.records.between().take(node, account);
        Ok(())
    }

    fn poll(&mut self, cx: &mut Cx, node: NodeId) -> Done {
        self.renew_lease(cx, node);
        let held = self.node(node).held();
        let stale = ready(self.records.registry_of(node).stale(&held));
        stale.into_iter().for_each(|notice| self.at_server(cx, node, server::Input::Changed(notice)));
        Ok(())
    }

    fn die(&mut self, node: NodeId) -> Done {
        self.records.between().dies(node);
        let app = self.node(node).app();
        *self.node(node) = Node::new(app);
        Ok(())
    }

    fn start(&mut self, cx: &mut Cx, node: NodeId) -> Done {
        self.records.between().starts(node);
        self.join(cx, node);
        Ok(())
    }

    fn lease_ends(&mut self, node: NodeId) -> Done {
        self.records.lease_ends(node)
    }

    fn node_of(&self, life: NodeLife) -> Option<(NodeId, Lease)> {
        self.records.between().node_of(life)
    }

    fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        self.records.between().notices()
    }

    fn store(&mut self, cx: &mut Cx, seat: InstanceId) -> Done {
        let node = cx.scope.node(seat);
        let sent = self.records.between().take_commit(node).ok_or("no commit is under way")?;
        let commit = ready(self.records.registry_of(node).store_now(&sent.user_id, sent.write));
        self.at_server(cx, node, server::Input::Stored { user_id: sent.user_id.into(), commit });
        Ok(())
    }

    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback> {
        self.records.post(account, how)
    }

    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        self.records.recorded()
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        self.records.read()
    }

    fn complaints(&self) -> Vec<String> {
        self.records.complaints()
    }

    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>)) {
        let rig = &self.rigs[usize::from(seat.0)];
        tell(Shown {
            login_user: rig.machine.login_user(),
            ready: rig.machine.is_ready(),
            first_sync: rig.machine.first_sync(),
            holds: rig.holds(),
            heartbeat: rig.heartbeat(),
        });
    }
}
