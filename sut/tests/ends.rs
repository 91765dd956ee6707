//! Whole clients and a whole server, in one thread with a paused clock over streams in memory, and over TCP, with TLS too.

mod at_rest;
mod attacks;
mod calls;
mod closes;
mod doors;
mod faults;
mod floods;
mod heartbeats;
pub(crate) mod http;
mod kick_log;
mod late;
mod links;
mod operator;
mod outages;
mod oversized;
mod repeats;
pub(crate) mod rest;
mod resumes;
mod road;
mod side_by_side;
mod starts;
mod stops;
mod stories;
pub(crate) mod system;
mod tcp;
mod terms;
mod unopened;
mod words;
#[cfg(feature = "tls")]
mod wss;
