//! Callbacks on their way from a registry to a receiver that is a TCP server of its own, and not a reliable one.

mod answers;
mod late;
mod outages;
mod quick;
mod receiver;
mod road;
mod ten_thousand;
