//! One page of a crowd: it does what its habit says for as long as the crowd is out, through every end of its server, and notes what
//! happens to it. It judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use sut::client::{Event, NetState, fresh_message_id};
use sut::code::Code;
use sut::protocol::MessageId;
use sut::session::{Fingerprint, KickReason, Platform};
use tokio::sync::watch;
use tokio::time::timeout;

use super::system::{Instance, Way, sig_ahead};
use crate::serving::PATIENCE;

/// What a page does as long as a server lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// It stays online and sends.
    Stays,
    /// It logs in again whenever it was kicked.
    Returns,
    /// It logs in, sends, and logs out; a fresh one takes its place from time to time.
    Leaves,
}

impl Habit {
    /// How many messages and how many logins it makes as long as one server lives.
    const fn allowance(self) -> (u32, u32) {
        match self {
            Habit::Stays => (5, 1),
            Habit::Returns => (1, 3),
            Habit::Leaves => (2, 2),
        }
    }
}

/// Which server lives, from 1 on, and 0 once it is enough: what has begun is brought to its end, and nothing more begun.
pub(crate) type Life = u64;

/// The life in which nothing more is begun.
pub(crate) const ENOUGH: Life = 0;

/// A clock of events, the same for all pages.
#[derive(Clone, Default)]
pub(crate) struct Order(Arc<AtomicU64>);

impl Order {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// A message that was accepted in the end.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: MessageId,
    pub(crate) to: String,
    /// When it was tried first.
    pub(crate) since: u64,
}

/// What happened to a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// When it was logged in first.
    pub(crate) online_since: Option<u64>,
    pub(crate) received: Vec<MessageId>,
    /// When it was told that messages may be lost.
    pub(crate) lost: Vec<u64>,
    pub(crate) sent: Vec<Sent>,
    /// The sessions that were kicked.
    pub(crate) kicked: Vec<(Fingerprint, KickReason)>,
    pub(crate) logins: usize,
    pub(crate) resumes: usize,
    pub(crate) logouts: usize,
}

/// What all pages of a crowd share.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub(crate) way: Way,
    pub(crate) life: watch::Receiver<Life>,
    /// How much was done.
    pub(crate) progress: watch::Sender<u64>,
    pub(crate) order: Order,
}

pub(crate) struct Page {
    crowd: Crowd,
    instance: Instance,
    pub(crate) user_id: String,
    /// Whom it writes to.
    peer: String,
    pub(crate) habit: Habit,
    link_is_up: bool,
    /// The message whose outcome is unknown.
    unsure: Option<Sent>,
    messages: u32,
    logins: u32,
    pub(crate) notes: Notes,
}

impl Page {
    pub(crate) fn new(crowd: &Crowd, user_id: &str, peer: &str, habit: Habit) -> Page {
        Page {
            crowd: crowd.clone(),
            instance: Instance::new(&crowd.way, Platform::Web),
            user_id: user_id.to_owned(),
            peer: peer.to_owned(),
            habit,
            link_is_up: false,
            unsure: None,
            messages: 0,
            logins: 0,
            notes: Notes::default(),
        }
    }

    /// Goes on until it is enough and everything that it began is settled.
    pub(crate) async fn lives(mut self) -> Page {
        let mut life = self.crowd.life.clone();
        life.mark_changed();
        loop {
            if life.has_changed().unwrap_or(false) {
                let enough = *life.borrow_and_update() == ENOUGH;
                (self.messages, self.logins) = if enough { (0, 0) } else { self.habit.allowance() };
            }
            let online = self.instance.client.login_user().is_some();
            let sends = self.instance.client.is_ready() && self.link_is_up;
            match (online, self.habit) {
                (false, _) if self.logins > 0 => self.log_in().await,
                (false, _) if *life.borrow() == ENOUGH => return self,
                (true, _) if sends && (self.unsure.is_some() || self.messages > 0) => self.send().await,
                (true, Habit::Leaves) if sends => self.leave().await,
                (true, Habit::Stays | Habit::Returns) if sends && *life.borrow() == ENOUGH => return self,
                (true | false, _) => self.wait(&mut life).await,
            }
        }
    }

    /// Waits for the message of that name.
    pub(crate) async fn receives(&mut self, id: MessageId) {
        while !self.notes.received.contains(&id) {
            let event = self.instance.next().await;
            self.note(event);
        }
    }

    async fn wait(&mut self, life: &mut watch::Receiver<Life>) {
        tokio::select! {
            event = self.instance.events.next() => self.note(event.expect("it is not destroyed")),
            changed = life.changed() => {
                changed.expect("somebody ends it");
                life.mark_changed();
            }
            () = self.crowd.way.is_too_long() => panic!("{} waits for ever: {:?}", self.user_id, self.notes),
        }
    }

    async fn log_in(&mut self) {
        while let Some(Some(event)) = self.instance.events.next().now_or_never() {
            self.note(event);
        }
        self.crowd.way.leads_somewhere().await;
        let (client, user_id) = (self.instance.client.clone(), self.user_id.clone());
        match self.during(client.login(user_id.as_str(), sig_ahead(&user_id))).await {
            Ok(_) => {
                self.link_is_up = true;
                self.logins -= 1;
                self.notes.logins += 1;
                self.notes.online_since.get_or_insert_with(|| self.crowd.order.next());
                self.progress();
            }
            Err(why) => assert!(matches!(why.code, Code::LinkDown | Code::OutcomeUnknown | Code::SigRevoked), "{why}"),
        }
    }

    /// Sends a message, or again the one of which nobody knows whether it came.
    async fn send(&mut self) {
        let fresh = || Sent { id: fresh_message_id(), to: self.peer.clone(), since: self.crowd.order.next() };
        let (sent, again) = self.unsure.take().map_or_else(|| (fresh(), false), |sent| (sent, true));
        let client = self.instance.client.clone();
        match self.during(client.send_message_as(sent.id, sent.to.as_str(), "hello")).await {
            Ok(()) => {
                self.notes.sent.push(sent);
                self.messages = self.messages.saturating_sub(1);
                self.progress();
            }
            Err(why) if why.code == Code::OutcomeUnknown => self.unsure = Some(sent),
            Err(_) => {
                self.link_is_up = false;
                self.unsure = again.then_some(sent);
            }
        }
    }

    async fn leave(&mut self) {
        let client = self.instance.client.clone();
        if self.notes.logouts % 3 == 2 {
            self.during(client.destroy()).await.expect("destroy is never refused");
            self.instance = Instance::new(&self.crowd.way, Platform::Web);
        } else {
            self.during(client.logout()).await.expect("it is not destroyed");
        }
        (self.link_is_up, self.unsure) = (false, None);
        self.notes.logouts += 1;
    }

    /// Takes events while a call runs, which must settle.
    async fn during<T>(&mut self, call: impl Future<Output = T>) -> T {
        let mut call = std::pin::pin!(timeout(PATIENCE, call));
        loop {
            tokio::select! {
                biased;
                Some(event) = self.instance.events.next() => self.note(event),
                outcome = &mut call => return outcome.expect("every call settles"),
            }
        }
    }

    fn progress(&self) {
        self.crowd.progress.send_modify(|progress| *progress += 1);
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::MessageReceived { id, .. } => self.notes.received.push(id),
            Event::MessagesLost => self.notes.lost.push(self.crowd.order.next()),
            Event::NetStateChange(NetState::Connected) => {
                self.link_is_up = true;
                self.notes.resumes += 1;
            }
            Event::NetStateChange(NetState::Connecting | NetState::Disconnected) | Event::SdkNotReady => self.link_is_up = false,
            Event::KickedOut { reason, .. } => {
                let session = self.instance.client.session().expect("it was logged in");
                self.notes.kicked.push((session, reason));
                self.progress();
            }
            Event::SdkReady => {}
        }
    }
}
