//! Whole clients and a whole server, in one thread with a paused clock over streams in memory, and once over TCP.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod heartbeats;
#[cfg(test)]
mod http;
#[cfg(test)]
mod oversized;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod resumes;
#[cfg(test)]
mod road;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod system;
#[cfg(test)]
mod tcp;
#[cfg(test)]
mod terms;
