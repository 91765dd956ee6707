//! What an onlooker knows of an instance who sees only calls, answers, events and frames. 'Exactly once' and 'in this order' are
//! judged by it. It is fed by actions and observations alone, never by the model's own fields.

use crate::action::{AccountId, Action, AppCall, InstanceId, Token};
use crate::frame::{Frame, SigShown, UpFrame};
use crate::observation::{Asked, Call, Event, Item, NetState, Outcome};
use crate::seats::Seats;

/// What has been seen of one seat since its present instance began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watch {
    /// The login that runs.
    pub login: Option<AccountId>,
    /// As whom the last login resolved, until logout, kick or destroy.
    pub user: Option<AccountId>,
    /// Whether `SDK_READY` was published for it.
    pub ready: bool,
    /// What `NET_STATE_CHANGE` said last; a resolved login says it silently.
    pub net: NetState,
    /// What the login showed that runs, or whose logout runs (LOGOUT-4).
    pub shown: SigShown,
    /// Logouts that run.
    pub logouts: u8,
    /// Destroys that run.
    pub destroys: u8,
    /// Whether destroy was called.
    pub destroyed: bool,
    /// Sends that run, oldest first.
    pub sends: Tokens,
    /// Messages that arrived for the present login and were not published yet, oldest first.
    pub arrived: Tokens,
}

/// A short list of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tokens([Option<Token>; 4]);

impl Tokens {
    /// The messages, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Token> {
        self.0.into_iter().flatten()
    }

    /// Adds the newest; a fifth is forgotten.
    pub fn push(&mut self, token: Token) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(token);
        }
    }

    /// Takes out one message; nothing changes if it is not there.
    pub fn remove(&mut self, token: Token) {
        let kept = self.iter().filter(|kept| *kept != token);
        let mut rest = Tokens::default();
        kept.for_each(|kept| rest.push(kept));
        *self = rest;
    }
}

/// One onlooker a seat.
pub type Watches = Seats<Watch>;

/// What the onlookers know after a step.
pub fn observe(before: &Watches, action: Action, items: &[Item]) -> Watches {
    let mut after = *before;
    if let Some(instance) = action.instance() {
        after[seat(instance)].see_action(action);
    }
    for item in items {
        after[seat(item.instance())].see_item(item);
    }
    if let Some(instance) = action.instance() {
        after[seat(instance)].forget_what_was_shown();
    }
    after
}

fn seat(instance: InstanceId) -> usize {
    usize::from(instance.0)
}

impl Watch {
    fn see_action(&mut self, action: Action) {
        match action {
            Action::Call(_, AppCall::Login { account, credential }) => {
                if self.login.is_none() && self.user.is_none() && self.logouts == 0 && !self.destroyed {
                    (self.login, self.shown) = (Some(account), SigShown::of(credential));
                }
            }
            Action::Call(_, AppCall::Logout) if !self.destroyed => {
                self.end_login();
                self.logouts += 1;
            }
            Action::Call(_, AppCall::Destroy) => {
                self.end_login();
                self.destroys += 1;
                self.destroyed = true;
            }
            _ if action.ends_its_instance() => *self = Watch::default(),
            Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {}
        }
    }

    fn forget_what_was_shown(&mut self) {
        if self.login.is_none() && self.logouts == 0 {
            self.shown = SigShown::Right;
        }
    }

    fn end_login(&mut self) {
        self.user = None;
        self.net = NetState::Connected;
        self.arrived = Tokens::default();
    }

    fn see_item(&mut self, item: &Item) {
        match *item {
            Item::Settled { call, asked, outcome, .. } => self.see_answer(call, asked, outcome),
            Item::Published { event, .. } => self.see_event(event),
            Item::Written { frame, .. } => self.see_frame(frame),
            Item::StreamEnded { .. } | Item::Closed { .. } | Item::Callback { .. } => {}
        }
    }

    fn see_answer(&mut self, call: Call, asked: Asked, outcome: Outcome) {
        match (call, asked) {
            (Call::Login, Asked::Earlier) => {
                let running = self.login.take();
                if outcome == Outcome::LoggedIn {
                    self.user = running;
                }
            }
            (Call::Login, Asked::Now) | (Call::Send(None), _) => {}
            (Call::Logout, Asked::Now) if self.destroyed => {}
            (Call::Logout, _) => self.logouts = self.logouts.saturating_sub(1),
            (Call::Destroy, _) => self.destroys = self.destroys.saturating_sub(1),
            (Call::Send(Some(token)), _) => self.sends.remove(token),
        }
    }

    fn see_event(&mut self, event: Event) {
        match event {
            Event::Ready => self.ready = true,
            Event::NotReady => self.ready = false,
            Event::KickedOut(_) | Event::TurnedAway(_) => self.end_login(),
            Event::Message { token, .. } => self.arrived.remove(token),
            Event::Net(net) => self.net = net,
            Event::MessagesLost => {}
        }
    }

    fn see_frame(&mut self, frame: Frame) {
        match frame {
            Frame::Up(UpFrame::Send { token, .. }) => self.sends.push(token),
            Frame::Up(UpFrame::MessageAck { token }) => self.arrived.push(token),
            Frame::Up(_) | Frame::Down(_) => {}
        }
    }
}
