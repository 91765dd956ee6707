//! That journals of the real system are explained by the model, and that what the system would not do is not: at the right line, and by the
//! right rule.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod corruptions;
mod edit;
mod loaded;
mod owed;
mod planted;
mod reading;
mod recording;
mod several;
mod soaked;
mod story;
mod whole;
