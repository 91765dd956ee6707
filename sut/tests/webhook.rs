//! Callbacks on their way from a registry to a receiver that is a TCP server of its own, and not a reliable one.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod late;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod quick;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod ten_thousand;
