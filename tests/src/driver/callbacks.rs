//! The server's callbacks in the model's words: recorded with a commit, or posted from the outbox. It posts nothing.

use model::action::{AccountId, InstanceId, Post};
use model::observation::{Callback as Said, CallbackStage, Item, StateChange};
use model::records::Key;
use sut::callback::{Callback, Device, Happened};
use sut::session::KeyDigest;

use crate::cast;
use crate::observation::Observation;
use crate::wire::Wire;

/// Puts what was recorded and then what was posted into an observation.
pub(super) fn show<U, D>(
    recorded: Vec<(AccountId, Callback)>,
    posted: impl Iterator<Item = (AccountId, Callback, Post)>,
    own: &[KeyDigest],
    wire: &Wire<U, D>,
    observation: &mut Observation,
) {
    let recorded = recorded.into_iter().map(|(account, callback)| (account, callback, CallbackStage::Committed));
    let posted = posted.map(|(account, callback, how)| (account, callback, CallbackStage::Posted(how)));
    for (account, callback, stage) in recorded.chain(posted) {
        match item((account, &callback), stage, own, wire) {
            Ok(item) => observation.callbacks.push(item),
            Err(what) => observation.strange.push(what),
        }
    }
}

/// A callback of an account, in the model's words. `own` is what the server calls each seat's present instance.
///
/// # Errors
/// What is strange about it, if the model has no word for it.
fn item<U, D>(
    (account, callback): (AccountId, &Callback),
    stage: CallbackStage,
    own: &[KeyDigest],
    wire: &Wire<U, D>,
) -> Result<Item, String> {
    let of = |device: &Device| of(account, *device, own, wire);
    let mut kicked = match &callback.happened {
        Happened::Register { kicked } | Happened::Readmitted { kicked } => kicked.iter().map(of).collect::<Result<Vec<_>, _>>()?,
        Happened::Resumed | Happened::Unregister | Happened::LinkClose | Happened::TimeOut => Vec::new(),
    };
    if kicked.len() > 2 {
        return Err(format!("a callback of {} victims", kicked.len()));
    }
    let whose = of(&callback.device)?;
    kicked.reverse();
    let said = Said { of: whose, change: change(&callback.happened), kicked: [kicked.pop(), kicked.pop()] };
    Ok(Item::Callback { instance: whose.0, account, callback: said, stage })
}

fn of<U, D>(account: AccountId, device: Device, own: &[KeyDigest], wire: &Wire<U, D>) -> Result<(InstanceId, Key), String> {
    let known = wire.stage.sessions.called(device.digest).filter(|known| known.account == account);
    let known = known.ok_or_else(|| format!("a callback of {} about a session of nobody's", cast::user_id(account)))?;
    if device.platform != cast::platform(wire.stage.scope.platform(known.seat)) {
        return Err(format!("a callback about a session on {}", device.platform));
    }
    let is_own = own[usize::from(known.seat.0)] == known.instance;
    Ok((known.seat, cast::key(&wire.stage.scope, known.seat, is_own)))
}

const fn change(happened: &Happened) -> StateChange {
    match happened {
        Happened::Register { .. } => StateChange::Register,
        Happened::Resumed | Happened::Readmitted { .. } => StateChange::Resumed,
        Happened::Unregister => StateChange::Unregister,
        Happened::LinkClose => StateChange::LinkClose,
        Happened::TimeOut => StateChange::TimeOut,
    }
}
