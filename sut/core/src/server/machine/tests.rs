//! What a node does, as tables: an input, and all that it leads to once the registry has been asked.

mod callbacks;
mod frames;
mod gaps;
mod kicks;
mod links;
mod messages;
mod nodes;
mod occasions;
mod pages;
#[cfg(debug_assertions)]
mod planted;
mod registry;
mod reigns;
mod rest;
mod resumes;
mod said;

use futures_util::FutureExt;

use super::*;
use crate::code::{Code, Refusal};
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::protocol::close_code::{SUPERSEDED, superseded_reason};
use crate::protocol::{self, FrameError, MessageId, ResumeOutcome};
use crate::registry::memory::Memory;
use crate::registry::{Commit, Notice, Registry, Unreachable, Version};
use crate::server::Machine;
use crate::server::drive::drive;
use crate::session::{Epoch, KeyDigest, KickReason, Platform, Record, SessionDigest};
use crate::usersig;

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
const KEY: &str = "secret key";

type ClientFrame = protocol::ClientFrame<KeyDigest>;

/// A node with its registry.
struct Node {
    machine: Machine,
    registry: Arc<Memory>,
}

impl Node {
    /// Web may have two instances online, every other platform one.
    fn new() -> Node {
        Node::on(Arc::default())
    }

    /// The same, beside whoever else is on that registry.
    fn on(registry: Arc<Memory>) -> Node {
        let limits = Limits::default().with(Platform::Web, 2).unwrap();
        let secret_key = KEY.into();
        let app = App {
            sdk_app_id: 1400,
            secret_key,
            policy: Policy::default(),
            limits,
            administrators: Vec::new(),
            buffers: Buffers::default(),
            bounds: Bounds::default(),
            usersig_ahead_s: 60,
        };
        Node { machine: Machine::new(app), registry }
    }

    /// These Web instances have logged in as alice, each on the link of its number.
    fn with(instances: impl IntoIterator<Item = u64>) -> Node {
        let mut node = Node::new();
        for n in instances {
            node.takes(up(n));
            node.takes(says(n, login(n, "alice")));
        }
        node
    }

    /// All that an input leads to, but for the timers.
    fn takes(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = self.takes_at(NOW, input);
        effects.retain(is_told);
        effects
    }

    fn takes_at(&mut self, now: UnixMillis, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        drive(&mut self.machine, &self.registry, now, input, &mut effects)
            .now_or_never()
            .expect("a registry in memory answers at once");
        effects
    }

    /// Takes the node through the steps; each input must lead to exactly these effects, timers aside.
    fn check(&mut self, steps: impl IntoIterator<Item = (Input, Vec<Effect>)>) {
        for (input, expected) in steps {
            assert_eq!(self.takes(input.clone()), expected, "after {input:?}");
        }
    }

    /// The keys online, oldest login first.
    fn online(&self, user_id: &str) -> Vec<u128> {
        self.record(user_id).sessions.iter().map(|session| session.key.0).collect()
    }

    fn record(&self, user_id: &str) -> Record {
        let loaded = self.registry.load(user_id).now_or_never().unwrap();
        loaded.unwrap().0
    }
}

/// Neither a timer nor a line of a log.
fn is_told(effect: &Effect) -> bool {
    !matches!(effect, Effect::Arm { .. } | Effect::Disarm { .. } | Effect::Committed { .. })
}

/// Of instance `n`, whose key's digest is `n`, and which speaks on link `n` as its epoch 1.
fn digest(n: u64) -> SessionDigest {
    SessionDigest(u128::from(n) + 100)
}

fn login(n: u64, user_id: &str) -> ClientFrame {
    login_from(n, user_id, Platform::Web)
}

fn login_from(n: u64, user_id: &str, platform: Platform) -> ClientFrame {
    login_issued(n, user_id, platform, NOW.0 / 1000)
}

fn login_issued(n: u64, user_id: &str, platform: Platform, time_s: u64) -> ClientFrame {
    let user_sig = usersig::make(1400, KEY, user_id, time_s, 3600, None);
    let (user_id, key) = (user_id.to_owned(), KeyDigest(n.into()));
    ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform, key }
}

fn resume(n: u64, last_seq: u64) -> ClientFrame {
    resume_from(n, Platform::Web, last_seq)
}

fn resume_from(n: u64, platform: Platform, last_seq: u64) -> ClientFrame {
    let ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } = login_from(n, "alice", platform) else {
        unreachable!("it is a login")
    };
    ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq }
}

fn logout(n: u64) -> ClientFrame {
    logout_showing(n, None)
}

/// Owed, with the good UserSig of that account.
fn owed_logout(n: u64) -> ClientFrame {
    logout_showing(n, Some(usersig::make(1400, KEY, "alice", NOW.0 / 1000, 3600, None)))
}

fn logout_showing(n: u64, user_sig: Option<String>) -> ClientFrame {
    ClientFrame::Logout { user_id: "alice".to_owned(), key: KeyDigest(n.into()), user_sig }
}

fn up(link: u64) -> Input {
    Input::LinkUp { link: LinkId(link), address: None }
}

fn down(link: u64, close: Option<u16>) -> Input {
    Input::LinkDown { link: LinkId(link), close }
}

fn says(n: u64, frame: ClientFrame) -> Input {
    says_on(n, digest(n), 1, frame)
}

fn says_on(link: u64, session: SessionDigest, epoch: u64, frame: ClientFrame) -> Input {
    let frame = Envelope { v: VERSION, session, epoch: Epoch(epoch), frame };
    Input::Frame { link: LinkId(link), frame }
}

fn hears(n: u64, frame: ServerFrame) -> Effect {
    hears_on(n, digest(n), 1, frame)
}

fn hears_on(link: u64, session: SessionDigest, epoch: u64, frame: ServerFrame) -> Effect {
    let frame = Envelope { v: VERSION, session, epoch: Epoch(epoch), frame };
    Effect::Send { link: LinkId(link), frame }
}

fn admitted() -> ServerFrame {
    ServerFrame::LoginAnswer { refused: None, gap: false }
}

fn answers(outcome: ResumeOutcome) -> ServerFrame {
    ServerFrame::ResumeAnswer { outcome }
}

fn resumed() -> ServerFrame {
    answers(ResumeOutcome::Resumed { gap: false })
}

fn notice(reason: KickReason) -> ServerFrame {
    ServerFrame::Notice { reason }
}

fn close(link: u64, code: u16, reason: &str) -> Effect {
    Effect::Close { link: LinkId(link), code, reason: reason.to_owned() }
}

/// A later link of the instance has replaced this one.
fn superseded(link: u64, highest: u64) -> Effect {
    close(link, SUPERSEDED, &superseded_reason(Epoch(highest)))
}

/// The node starts anew, behind a crash or a stop that noted these sessions.
fn restored(record: Record, owed_nothing: Vec<SessionDigest>) -> Input {
    Input::Restored { user_id: "alice".to_owned(), record, owed_nothing }
}

fn send(to: &str) -> ClientFrame {
    ClientFrame::Send { id: MessageId(5), to: to.to_owned(), text: "hello".to_owned() }
}

fn message(seq: u64, from: &str, to: &str) -> ServerFrame {
    let (from, to, text) = (from.to_owned(), to.to_owned(), "hello".to_owned());
    ServerFrame::Message { seq, id: MessageId(5), from, to, text }
}

fn accepted() -> ServerFrame {
    ServerFrame::SendAnswer { id: MessageId(5), refused: None }
}
