//! The one contract suite, mounted on every registry there is; and what only a durable one does.

#![allow(clippy::duplicate_mod, reason = "the same files are the contract of each registry")]

#[cfg(test)]
mod durable;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod reopened;
#[cfg(test)]
mod unopenable;
