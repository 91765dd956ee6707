//! What a node's machine asks of its registry, and the answer as the machine's next input. It knows no runtime: it is as ready as the
//! registry's futures are.

use std::sync::Arc;

use super::Machine;
use super::machine::{Asker, Effect, Input};
use crate::callback::Callback;
use crate::planted::{self, Unreplayed};
use crate::registry::{Commit, Pace, Passed, Registry, Unreachable, Version, Write};
use crate::session::Record;
use crate::timers::UnixMillis;

/// Hands one input to the machine and asks the registry for it until nothing is asked any more. What is left to the shell is appended to
/// `effects`, in order, without any `Load` or `Commit`.
pub async fn drive<R: Registry>(machine: &mut Machine, registry: &R, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
    machine.handle(now, input, effects);
    while let Some(question) = take_question(effects) {
        let answer = ask(registry, question, Pace::AtOnce).await;
        machine.handle(now, answer, effects);
    }
}

/// What the registry is asked for.
pub enum Question {
    /// The answer to an [`Effect::Load`].
    Load {
        /// What asks.
        asker: Asker,
        /// The account.
        user_id: String,
    },
    /// What an [`Effect::Commit`] stores.
    Commit {
        /// The account.
        user_id: Arc<str>,
        /// On which version of its record it was decided.
        expected: Version,
        /// The record.
        record: Record,
        /// What the app's backend is told (HOOK-1).
        callbacks: Vec<Callback>,
        /// For other nodes' sessions.
        passed: Option<Box<Passed>>,
    },
}

impl Question {
    /// The account whose job it is for; an administrator's question is for none.
    pub fn account(&self) -> Option<&str> {
        match self {
            Question::Load { asker: Asker::Account(user_id), user_id: _ } | Question::Commit { user_id, .. } => Some(user_id),
            Question::Load { asker: Asker::Request(_), user_id: _ } => None,
        }
    }
}

/// Takes the first question out of what the machine asks for.
pub fn take_question(effects: &mut Vec<Effect>) -> Option<Question> {
    let at = effects.iter().position(|effect| matches!(effect, Effect::Load { .. } | Effect::Commit { .. }))?;
    match effects.remove(at) {
        Effect::Load { asker, user_id } => Some(Question::Load { asker, user_id }),
        Effect::Commit { user_id, expected, record, callbacks, passed } => {
            Some(Question::Commit { user_id, expected, record, callbacks, passed })
        }
        Effect::Committed { .. }
        | Effect::Send { .. }
        | Effect::Close { .. }
        | Effect::Reply { .. }
        | Effect::Arm { .. }
        | Effect::Disarm { .. } => None,
    }
}

/// The answer, as it is handed to the machine.
pub async fn ask<R: Registry>(registry: &R, question: Question, pace: Pace) -> Input {
    match question {
        Question::Load { asker, user_id } => match registry.load(&user_id).await {
            Ok((record, version)) => Input::Loaded { asker, record, version },
            Err(why) => Input::Unreachable { asker, why },
        },
        Question::Commit { user_id, expected, record, callbacks, passed } => {
            let write = Write { expected, record, callbacks, passed, pace };
            let overwrites = planted::has(Unreplayed::Node1OldRecordWins);
            let stored =
                if overwrites { overwrite(registry, &user_id, write).await } else { registry.store(&user_id, write).await };
            match stored {
                Ok(commit) => Input::Stored { user_id, commit },
                Err(why) => Input::Unreachable { asker: Asker::Account(user_id), why },
            }
        }
    }
}

/// The planted opposite of deciding again: on a conflict what was decided on the old record is stored over the new one.
async fn overwrite<R: Registry>(registry: &R, user_id: &str, mut write: Write) -> Result<Commit, Unreachable> {
    loop {
        match registry.store(user_id, write.clone()).await? {
            Commit::Conflict => write.expected = registry.load(user_id).await?.1,
            last @ (Commit::Done(_) | Commit::Unknown) => return Ok(last),
        }
    }
}
