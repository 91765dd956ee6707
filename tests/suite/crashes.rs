//! A server that is killed without a word and started again on its data folder, while real clients use it: LINK-8, HOOK-2, MSG-2 and
//! what a kick leaves behind. Nothing here waits for a while; what does not come in time has failed.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod audit;
mod full_disk;
mod kills;
mod page;
mod restarts;
mod system;
