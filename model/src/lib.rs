//! The rules of multi-instance login, logout and kick, as a model that can be searched.
//!
//! A [`scope`] says who is there and what may be asked; [`step`] says which actions a state offers and what each leads to, by the
//! `rules`; [`graph`] holds all of it. The judges, [`observers`] and [`properties`], look at what is seen and never call the rules;
//! [`liveness`] decides on the graph what must come at last. This crate knows no socket, no runtime, and nothing of the system that
//! it judges.

pub mod action;
mod action_kind;
pub mod balance;
mod broadcast;
mod client;
pub mod code;
mod crowd;
mod cx;
mod debts;
mod epochs;
pub mod frame;
pub mod graph;
pub mod held;
pub mod interned;
mod labels;
pub mod ledger;
pub mod link;
pub mod liveness;
pub mod observation;
pub mod observers;
mod offers;
pub mod outbox;
pub mod possible;
pub mod properties;
mod queue;
mod reconnect;
pub mod records;
pub mod rule;
mod rules;
pub mod scope;
pub mod scopes;
pub mod seats;
pub mod second;
mod server;
pub mod state;
pub mod step;
#[cfg(test)]
mod tests;
mod timers;
pub mod variants;
pub mod verdict;
mod webhook;
