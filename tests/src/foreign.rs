//! Somebody else's system, in any language, held against the rules: a child process that answers JSON Lines on its standard input and
//! output. `tests/foreign/README.md` documents the protocol. Only what the rules speak of as visible is compared; nothing here knows
//! or asks how the other system is made.

mod answers;
mod around;
mod asking;
mod broken;
mod child;
mod conform;
mod crew;
mod deed;
mod driver;
mod moment;
mod names;
mod protocol;
mod reading;
mod shorten;
mod shown;
mod story;
mod talk;
mod tells;
mod trial;
mod trouble;
mod walker;

pub use asking::requests;
pub use child::{Errors, Launch, exit_with_children};
pub use conform::{Conformed, Course, Extent, Plan, can_play};
pub use deed::{OF_EVERY_SCOPE, asked};
pub(crate) use driver::Foreign;
pub use protocol::PROTOCOL;
pub use shown::Shown;
pub use story::{Least, Story};
pub use tells::Extra;
pub use trial::{Replayed, replay};
pub use trouble::Trouble;
