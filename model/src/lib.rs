//! The rules of multi-instance login, logout and kick, as a model that can be searched.
//!
//! A [`scope`] says who is there and what may be asked; [`step`] says which actions a state offers and what each leads to, by the
//! `rules`; [`graph`] holds all of it. The judges, [`observers`] and [`properties`], look at what is seen and never call the rules;
//! [`liveness`] decides on the graph what must come at last. This crate knows no socket, no runtime, and nothing of the system that
//! it judges.
//!
//! # Glossary
//!
//! Each word means one thing in the model and in the harness that replays it.
//!
//! | word | means |
//! |---|---|
//! | scope | what is checked: accounts, seats, policy, limits, which actions, how many of each |
//! | seat | a place of a scope, taken by one instance after the other |
//! | instance | a running client: a page, a tab, an app |
//! | key | what names an instance over all of its links |
//! | session | the server's record that an instance is logged in |
//! | node | a process of the server: all share the records, each has its own links |
//! | lease | what says that a node is there: once it ended, others take over what the node had |
//! | notice | what tells a node of a commit that another one made |
//! | roster | the sessions of an account, in login order |
//! | link | one WebSocket of an instance: the current one, or the abandoned one |
//! | epoch | the number of a link among those of its key |
//! | frame | what one end writes on a link and the other takes, one action later |
//! | action | what may happen: a call, a move of a page or of a link, a timer, a move of the server |
//! | possible | an action that the state allows |
//! | offered | a possible action within the bounds of the scope |
//! | step | what an offered action leads to: the next state, and what is seen |
//! | item | one thing seen in a step: an answer, an event, a frame written, a close, a callback |
//! | observation | all that is seen of one step, in one shape for the model and for the system |
//! | rule | a decision of the specification, which can be taken out |
//! | to act | a rule acts on a transition that would be another one without it |
//! | property | the judge of a rule: it looks at states and steps, and calls no rule |
//! | mutant | the model without one rule |
//! | planted bug | a system with one thing wrong on purpose |
//! | graph | every state and every transition of a scope |
//! | trace | actions from the first state on |
//! | tour | a trace that takes many transitions, so that all tours take each of them |
//! | divergence | the first step on which model and system are seen to differ |
//! | fairness | what is assumed to happen at last when liveness is judged |

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
mod fault;
pub mod frame;
pub mod graph;
pub mod held;
pub mod interned;
mod labels;
pub mod ledger;
pub mod link;
pub mod liveness;
pub mod lives;
pub mod nodes;
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
mod share;
pub mod state;
pub mod step;
#[cfg(test)]
mod tests;
mod timers;
pub mod variants;
pub mod verdict;
mod webhook;
mod word;
