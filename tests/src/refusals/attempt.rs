//! One hostile act against one fresh system: the state is reached, the act is done, and all that is held is compared with what the rules
//! demand. What cannot be looked at is asked for afterwards.

use std::sync::Arc;

use model::action::{AccountId, InstanceId, Slot};
use model::link::{Owner, ServerEnd};
use model::scope::Scope;
use model::state::State;
use sut::session::{Epoch, EpochEntry, InstanceKey};
use sut::timers::UnixMillis;

use super::afterwards;
use super::class::{Claim, Class, Where};
use super::craft::{Craft, OWED_EPOCH, OWN_KEY, STRANGER};
use super::demand::{Mark, Named};
use super::prey::{Prey, Standing};
use crate::cast;
use crate::divergence::{diff, lines};
use crate::driver::{Breach, Heard, Holdings, Siege, Stored};
use crate::naming;
use crate::observation::expected;
use crate::replay::Replay;

/// When a difference showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Before the act: the state was not reached.
    OnTheWay,
    /// At the act.
    Act,
    /// At what came behind it.
    Afterwards,
}

/// When something differed, and what, in lines.
pub(super) type Difference = (When, String);

/// A fresh system, and the model, brought to the same state.
fn reached<'a>(scope: &'a Scope, labels: &[u16]) -> Result<(Siege, Replay<'a>), Difference> {
    let (mut siege, mut replay) = (Siege::start(scope), Replay::new(scope));
    let mut way = labels.iter();
    way.try_for_each(|label| honest_step(scope, &mut siege, &mut replay, *label)).map_err(|what| (When::OnTheWay, what))?;
    Ok((siege, replay))
}

/// Does one act and all that shows what it changed; what was wrong, if something was.
///
/// # Errors
/// The first difference.
pub(super) fn attempt(scope: &Scope, labels: &[u16], class: Class, seat: InstanceId) -> Result<(), Difference> {
    let (mut siege, mut replay) = reached(scope, labels)?;
    act(scope, &mut siege, replay.state(), class, seat).map_err(|what| (When::Act, what))?;
    let afterwards = match class.place() {
        Where::Own if class == Class::Claim(Claim::ResumeForgedKicked) => {
            afterwards::is_still_told(scope, &mut siege, replay.state(), seat)
        }
        Where::Own => afterwards::go_on(scope, &mut siege, &mut replay),
        Where::Serving => afterwards::resume(scope, &mut siege, replay.state(), seat),
        Where::Kicked => afterwards::acknowledge(scope, &mut siege, replay.state(), seat),
        Where::Waiting => Ok(()),
    };
    afterwards.map_err(|what| (When::Afterwards, what))
}

/// Does one [quiet](Class::is_quiet) act after the other, and then what shows whether anything changed.
///
/// # Errors
/// At which act something differed first, and what.
pub(super) fn attempts(scope: &Scope, labels: &[u16], acts: &[(Class, InstanceId)]) -> Result<(), (usize, Difference)> {
    let (mut siege, mut replay) = reached(scope, labels).map_err(|difference| (0, difference))?;
    for (place, (class, seat)) in acts.iter().enumerate() {
        act(scope, &mut siege, replay.state(), *class, *seat).map_err(|what| (place, (When::Act, what)))?;
    }
    afterwards::go_on(scope, &mut siege, &mut replay).map_err(|what| (acts.len() - 1, (When::Afterwards, what)))
}

/// The stranger comes, and goes but for what was written on a link of an instance's.
fn act(scope: &Scope, siege: &mut Siege, state: &State, class: Class, seat: InstanceId) -> Result<(), String> {
    let (parts, goodbye) = made(scope, siege, state, class, seat)?;
    let stranger_is_in = matches!(class, Class::Claim(Claim::ResumeAsOneself)).then(|| let_in(siege, &goodbye));
    strike(scope, siege, state, (class, seat), &parts)?;
    if let Some(link) = stranger_is_in {
        siege.write(link, &goodbye[1]);
    }
    siege.leave();
    Ok(())
}

/// One honest step, compared with the model.
pub(super) fn honest_step(scope: &Scope, siege: &mut Siege, replay: &mut Replay, label: u16) -> Result<(), String> {
    let before = *replay.state();
    let ask = replay.go(label).ok_or("no such step")?;
    let seen = siege.step(ask);
    let demanded = expected(scope, replay.last());
    if seen == demanded {
        return Ok(());
    }
    let step = naming::action(scope, &before, ask.action);
    let diff = diff(&lines(scope, &demanded), &lines(scope, &seen));
    Err(format!("{step}: - expected by the model, + seen\n{diff}"))
}

/// The parts of the act, and a login of the stranger's with its logout.
type Made = (Vec<Vec<u8>>, [Vec<u8>; 2]);

fn made(scope: &Scope, siege: &Siege, state: &State, class: Class, seat: InstanceId) -> Result<Made, String> {
    let prey = Prey::of(siege, Standing::of(scope, state, seat), seat).ok_or("the system does not know what the model does")?;
    let craft = Craft { siege, scope, seat, prey };
    let parts = craft.parts(class).ok_or("something is not known that must be")?;
    Ok((parts, [craft.own_login(), craft.own_logout()]))
}

/// The stranger logs in as the stranger, and takes the one place that there is.
fn let_in(siege: &mut Siege, [login, _]: &[Vec<u8>; 2]) -> Breach {
    let link = siege.open();
    siege.write(link, login);
    link
}

fn strike(
    scope: &Scope,
    siege: &mut Siege,
    state: &State,
    (class, seat): (Class, InstanceId),
    parts: &[Vec<u8>],
) -> Result<(), String> {
    let link = match class.place() {
        Where::Own => siege.open(),
        Where::Waiting | Where::Serving | Where::Kicked => siege.link_of(seat).ok_or("there is no link to write to")?,
    };
    let accounts: Vec<_> = scope.accounts().chain([STRANGER]).collect();
    let standing = Standing::of(scope, state, seat);
    let before = siege.holdings(&accounts, link);
    let demanded =
        consequence(before, siege, (class, seat), standing, link).ok_or("the system does not know what the model does")?;
    let superseded = superseded(siege, state, class, seat);
    let demanded = without_timers_of(demanded, siege, &superseded).ok_or("a link that is served has no heartbeat")?;
    let mut heard = Heard::default();
    parts.iter().for_each(|part| heard.join(siege.write(link, part)));
    let demand = class.demand();
    if !demand.is_met_by(&heard) {
        return Err(format!("demanded is: {demand}\nheard was {heard:?}"));
    }
    let mut after = siege.holdings(&accounts, link);
    for _ in &superseded {
        let closed =
            after.written.iter().position(|line| line.starts_with("the Server on ") && line.ends_with(": Close(Some(4001))"));
        after.written.remove(closed.ok_or("a superseded link is not closed with 4001")?);
    }
    if after == demanded { Ok(()) } else { Err(format!("demanded is\n{}\nand held is\n{}", shown(&demanded), shown(&after))) }
}

/// What must be held behind the act: what was held before it, but for what the rules name.
fn consequence(
    mut held: Holdings,
    siege: &Siege,
    (class, seat): (Class, InstanceId),
    standing: Standing,
    link: Breach,
) -> Option<Holdings> {
    match class.demand().mark {
        Mark::None => {}
        Mark::EpochInOwnAccount => mark(&mut held, STRANGER, siege.key_of(seat), (Epoch(OWED_EPOCH.0 - 1), siege.now())),
        Mark::EpochOfTold(named) => {
            let prey = Prey::of(siege, standing, seat)?;
            let (account, key) = match named {
                Named::Itself => (prey.account, prey.key),
                Named::OwnKey => (prey.account, OWN_KEY),
                Named::OwnAccount => (STRANGER, prey.key),
            };
            mark(&mut held, account, key, (prey.later(), siege.now()));
        }
    }
    if class.place() != Where::Own && class.ends_the_link() {
        let heartbeat = siege.heartbeat_of(link)?.clone();
        let ask = heartbeat.replacen("heartbeat", "ask", 1);
        held.timers.retain(|name| *name != heartbeat && *name != ask);
        if class.place() == Where::Serving {
            let Prey { account, secret, .. } = Prey::of(siege, standing, seat)?;
            held.timers.push(format!("lapse {} {:032x}", cast::user_id(account), secret.digest().0));
        }
        held.timers.sort();
    }
    Some(held)
}

/// LINK-3, LINK-11: the links of the kicked session whose key's epoch rises, which are closed with 4001.
fn superseded(siege: &Siege, state: &State, class: Class, seat: InstanceId) -> Vec<Breach> {
    let rises = class.demand().mark == Mark::EpochOfTold(Named::Itself);
    let is_kicked = |slot: &Slot| {
        let link = state.instance(seat).links.at(*slot);
        link.owner != Owner::Replaced && matches!(link.server, ServerEnd::Kicked { .. })
    };
    let kicked = Slot::ALL.into_iter().filter(is_kicked).filter(|_| rises);
    kicked.filter_map(|slot| siege.link_at(seat, slot)).collect()
}

/// What is held once the server has closed those links.
fn without_timers_of(mut held: Holdings, siege: &Siege, links: &[Breach]) -> Option<Holdings> {
    for link in links {
        let heartbeat = siege.heartbeat_of(*link)?;
        let ask = heartbeat.replacen("heartbeat", "ask", 1);
        held.timers.retain(|name| name != heartbeat && *name != ask);
    }
    Some(held)
}

/// LINK-3: the epoch of a key rises, in a commit, and is forgotten in a while.
fn mark(held: &mut Holdings, account: AccountId, key: InstanceKey, (epoch, raised_at): (Epoch, UnixMillis)) {
    let instance = key.digest();
    let forgotten = format!("epoch {} {:032x}", cast::user_id(account), instance.0);
    if !held.timers.contains(&forgotten) {
        held.timers.push(forgotten);
        held.timers.sort();
    }
    if let Some(stored) = held.stored.iter_mut().find(|stored| stored.account == account) {
        Arc::make_mut(&mut stored.record).epochs.insert(instance, EpochEntry { epoch, raised_at });
        stored.version.0 += 1;
        held.commits += 1;
    }
}

fn shown(held: &Holdings) -> String {
    let record = |stored: &Stored| {
        let text = serde_json::to_string(&stored.record).expect("a record is made of names, numbers and texts only");
        format!("{} at {}: {text}", cast::user_id(stored.account), stored.version.0)
    };
    let records: Vec<_> = held.stored.iter().map(record).collect();
    let Holdings { stored: _, commits, timers, seats, told, written } = held;
    format!("{}\n{commits} commits, {timers:?}, {told} told, {written:?}\n{seats:?}", records.join("\n"))
}

/// A call that the model refuses is an honest step: it is done, and compared.
///
/// # Errors
/// The difference, in lines.
pub(super) fn call(scope: &Scope, labels: &[u16]) -> Result<(), Difference> {
    let mut siege = Siege::start(scope);
    let mut replay = Replay::new(scope);
    let last = labels.len();
    (1..).zip(labels).try_for_each(|(step, label)| {
        let when = if step == last { When::Act } else { When::OnTheWay };
        honest_step(scope, &mut siege, &mut replay, *label).map_err(|what| (when, what))
    })
}
