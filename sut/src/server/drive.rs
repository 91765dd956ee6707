//! One input of the server's machine, with every question to the registry that it raises. It knows no runtime: it is as ready as
//! the registry's futures are.

use super::machine::{Effect, Input, Machine};
use crate::callback::Callback;
use crate::planted::{self, Unreplayed};
use crate::registry::{Commit, Registry, Unreachable, Version};
use crate::session::Record;
use crate::timers::UnixMillis;

/// Hands one input to the machine and asks the registry for it until the input is done. What is left to the shell is appended to
/// `effects`, in order, without any `Load` or `Commit`. The next input may be taken only afterwards.
pub async fn drive<R: Registry>(machine: &mut Machine, registry: &R, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
    machine.handle(now, input, effects);
    loop {
        let answer = match effects.pop() {
            Some(Effect::Load { user_id }) => match registry.load(&user_id).await {
                Ok((record, version)) => Input::Loaded { record, version },
                Err(unreachable) => Input::Unreachable(unreachable),
            },
            Some(Effect::Commit { user_id, expected, record, callbacks }) => {
                let stored = if planted::has(Unreplayed::Node1OldRecordWins) {
                    overwrite(registry, &user_id, expected, (record, callbacks)).await
                } else {
                    registry.commit(&user_id, expected, record, callbacks).await
                };
                stored.map_or_else(Input::Unreachable, Input::Stored)
            }
            Some(
                rest @ (Effect::Send { .. }
                | Effect::Close { .. }
                | Effect::Reply { .. }
                | Effect::Arm { .. }
                | Effect::Disarm { .. }),
            ) => return effects.push(rest),
            None => return,
        };
        machine.handle(now, answer, effects);
    }
}

/// The planted opposite of deciding again: on a conflict what was decided on the old record is stored over the new one.
async fn overwrite<R: Registry>(
    registry: &R,
    user_id: &str,
    mut expected: Version,
    (record, callbacks): (Record, Vec<Callback>),
) -> Result<Commit, Unreachable> {
    loop {
        match registry.commit(user_id, expected, record.clone(), callbacks.clone()).await? {
            Commit::Conflict => expected = registry.load(user_id).await?.1,
            done @ Commit::Done(_) => return Ok(done),
        }
    }
}
