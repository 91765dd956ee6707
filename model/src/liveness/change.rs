//! What is left out of the model to see a claim break: a timer that does nothing, a frame that is not written, a rule taken out. It
//! wraps the step function and knows no rule.

use strum::{EnumCount, VariantArray};

use crate::action::{Action, InstanceId, Post, ServerMove, Slot, Timer};
use crate::frame::{DownFrame, Frame};
use crate::observation::Item;
use crate::rule::{Rule, Rules};
use crate::scope::Scope;
use crate::state::State;
use crate::step::{Step, step};
use crate::variants::every;

/// Something that is owed and left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, VariantArray)]
pub enum Omission {
    /// The backoff timer fires and nothing is asked for.
    Reconnect,
    /// The lapse timer fires and the session stays.
    Lapse,
    /// Changed limits never take effect.
    Effect,
    /// A callback that was taken is posted again and again.
    Posting,
    /// A node polls and passes nothing on.
    Polling,
    /// The answer to a login is not written.
    LoginAnswer,
    /// The answer to a sync is not written.
    SyncAnswer,
    /// The answer to a resume is not written.
    ResumeAnswer,
    /// The answer to a logout is not written.
    LogoutAnswer,
    /// The answer to a send is not written.
    SendAnswer,
    /// The notice of a kick is not written.
    Notice,
}

impl Omission {
    /// Every omission.
    pub const ALL: [Omission; Omission::COUNT] = every();

    /// What the report calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Omission::Reconnect => "the backoff timer does nothing",
            Omission::Lapse => "the lapse timer does nothing",
            Omission::Effect => "changed limits never take effect",
            Omission::Posting => "a callback that was taken stays",
            Omission::Polling => "a node never polls",
            Omission::LoginAnswer => "the answer to a login is not written",
            Omission::SyncAnswer => "the answer to a sync is not written",
            Omission::ResumeAnswer => "the answer to a resume is not written",
            Omission::LogoutAnswer => "the answer to a logout is not written",
            Omission::SendAnswer => "the answer to a send is not written",
            Omission::Notice => "the notice of a kick is not written",
        }
    }

    /// Whether the action is done without any effect.
    fn stills(self, action: Action) -> bool {
        match self {
            Omission::Reconnect => matches!(action, Action::Timer(_, Timer::Backoff)),
            Omission::Lapse => matches!(action, Action::Timer(_, Timer::Lapse(_))),
            Omission::Effect => action == Action::Server(ServerMove::TakeEffect),
            Omission::Posting => matches!(action, Action::Server(ServerMove::Webhook(_, Post::Taken))),
            Omission::Polling => matches!(action, Action::Server(ServerMove::Poll(_))),
            Omission::LoginAnswer
            | Omission::SyncAnswer
            | Omission::ResumeAnswer
            | Omission::LogoutAnswer
            | Omission::SendAnswer
            | Omission::Notice => false,
        }
    }

    /// Whether the frame is not written.
    fn swallows(self, frame: DownFrame) -> bool {
        match self {
            Omission::LoginAnswer => matches!(frame, DownFrame::LoginAnswer { .. }),
            Omission::SyncAnswer => frame == DownFrame::SyncAnswer,
            Omission::ResumeAnswer => matches!(frame, DownFrame::ResumeAnswer { .. }),
            Omission::LogoutAnswer => frame == DownFrame::LogoutAnswer,
            Omission::SendAnswer => matches!(frame, DownFrame::SendAnswer { .. }),
            Omission::Notice => matches!(frame, DownFrame::Notice { .. }),
            Omission::Reconnect | Omission::Lapse | Omission::Effect | Omission::Posting | Omission::Polling => false,
        }
    }

    fn apply(self, made: &mut Step) {
        let swallowed: Vec<_> = made.items.iter().filter_map(|item| self.swallowed(*item)).collect();
        for (instance, slot, frame) in swallowed {
            let seat = &mut made.next.instances[usize::from(instance.0)];
            match slot {
                Slot::Current => seat.links.current.down.remove(frame),
                Slot::Abandoned => seat.links.abandoned.down.remove(frame),
            };
        }
        made.items.retain(|item| self.swallowed(*item).is_none());
    }

    fn swallowed(self, item: Item) -> Option<(InstanceId, Slot, DownFrame)> {
        match item {
            Item::Written { instance, slot, frame: Frame::Down(frame), .. } if self.swallows(frame) => {
                Some((instance, slot, frame))
            }
            Item::Written { .. }
            | Item::Settled { .. }
            | Item::Published { .. }
            | Item::StreamEnded { .. }
            | Item::Closed { .. }
            | Item::Callback { .. } => None,
        }
    }
}

/// The model as it is, or with something left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// As it is.
    Nothing,
    /// Something owed is left out.
    Omits(Omission),
    /// A rule is turned round.
    Without(Rule),
}

impl Change {
    /// What the report calls it.
    pub fn name(self) -> String {
        match self {
            Change::Nothing => "nothing".to_owned(),
            Change::Omits(omission) => omission.name().to_owned(),
            Change::Without(rule) => format!("without {rule}"),
        }
    }

    /// Does one action in the model so changed.
    pub fn step(self, scope: &Scope, state: &State, action: Action) -> Step {
        match self {
            Change::Nothing => step(scope, Rules::ALL, state, action),
            Change::Without(rule) => step(scope, Rules::without(rule), state, action),
            Change::Omits(omission) => {
                let mut made = step(scope, Rules::ALL, state, action);
                if omission.stills(action) {
                    (made.next, made.items) = (*state, Vec::new());
                }
                omission.apply(&mut made);
                made
            }
        }
    }
}
