//! What must happen: the rules, as decisions, a file a subject. Each function answers one question, asks the [`RuleSwitch`] at the very
//! point where a rule decides, and answers otherwise there when that rule is taken out. Nobody else can ask. They change no state:
//! [`crate::client`] and [`crate::server`] act on the answers.

mod calls;
mod kick;
mod link;
mod login;
mod logout;
mod message;
mod node;
mod server;
mod switch;

pub(crate) use link::Lost;
pub(crate) use login::judged_as;
pub(crate) use switch::RuleSwitch;
pub use switch::Site;
