//! The harness: it walks every transition of the model on the real client and server and stops at the first difference.
//!
//! Only this crate knows both sides. Its modules stand in four layers, and each uses those above it:
//!
//! * the seam: [`cast`] and [`translation`] map one side to the other with exhaustive matches, [`labels`] numbers sessions alike, and an
//!   [`observation`] is what is compared.
//! * the drivers: a [`driver`] does the model's actions to the real system behind a held [`wire`], with a bug if [`planting`] says so;
//!   [`foreign`] has somebody else's system in its place.
//! * the readers: a [`tour`] takes every transition, [`replay_share`] says how many, [`replay`] compares after every step, [`coverage`] and
//!   [`faults`] count, [`shortest`] shortens; [`check`] does all of it. [`refusals`] attacks, [`validate`] reads the journals that [`soak`]
//!   makes, [`mutants`], [`known_bugs`], [`ledger`] and [`contracts`] show that the checks can fail.
//! * the faces: [`naming`] and [`token`] have the words, [`diagram`] and [`svg`] draw the same lines, a [`divergence`], a [`conversation`] and
//!   a [`report`] tell, [`vendor`] says what the packages do and [`policies`] where two policies part, [`explore`] serves the browser, and a
//!   [`command`] is what a user types.

pub mod cast;
mod changes;
pub mod check;
pub mod command;
pub mod contracts;
pub mod conversation;
pub mod coverage;
pub mod diagram;
pub mod divergence;
pub mod driver;
pub mod explore;
pub mod faults;
pub mod foreign;
pub mod known_bugs;
pub mod labels;
mod lasso;
pub mod ledger;
mod lines;
pub mod mutants;
pub mod naming;
pub mod nearest;
pub mod observation;
pub mod parallel;
pub mod pasted;
pub mod planting;
pub mod policies;
pub mod refusals;
pub mod replay;
pub mod replay_share;
pub mod report;
pub mod reviewed;
pub mod shortest;
pub mod soak;
pub mod svg;
pub mod token;
pub mod tour;
pub mod translation;
pub mod validate;
pub mod vendor;
pub mod wire;
pub mod wrapped;

/// Every step of a replay allocates on both sides; with this allocator a replay is a seventh faster. It takes no huge pages: a server with
/// them takes up to half as much again for an idle session, and a replay is no slower without.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
