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
use super::demand::{Mark, Named};
use super::payload::{OWED_EPOCH, OWN_KEY, PayloadBuilder, STRANGER};
use super::target::{Standing, Target};
use crate::cast;
use crate::divergence::{diff, lines};
use crate::driver::{AttackHarness, AttackLink, Heard, Holdings, Stored};
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
fn reached<'a>(scope: &'a Scope, labels: &[u16]) -> Result<(AttackHarness, Replay<'a>), Difference> {
    let (mut attacker, mut replay) = (AttackHarness::start(scope), Replay::new(scope));
    let mut way = labels.iter();
    way.try_for_each(|label| honest_step(scope, &mut attacker, &mut replay, *label)).map_err(|what| (When::OnTheWay, what))?;
    Ok((attacker, replay))
}

/// Does one act and all that shows what it changed; what was wrong, if something was.
///
/// # Errors
/// The first difference.
pub(super) fn attempt(scope: &Scope, labels: &[u16], class: Class, seat: InstanceId) -> Result<(), Difference> {
    let (mut attacker, mut replay) = reached(scope, labels)?;
    act(scope, &mut attacker, replay.state(), class, seat).map_err(|what| (When::Act, what))?;
    let afterwards = match class.place() {
        Where::Own if class == Class::Claim(Claim::ResumeForgedKicked) => {
            afterwards::is_still_told(scope, &mut attacker, replay.state(), seat)
        }
        Where::Own => afterwards::go_on(scope, &mut attacker, &mut replay),
        Where::Serving => afterwards::resume(scope, &mut attacker, replay.state(), seat),
        Where::Kicked => afterwards::acknowledge(scope, &mut attacker, replay.state(), seat),
        Where::Waiting => Ok(()),
    };
    afterwards.map_err(|what| (When::Afterwards, what))
}

/// Does one [quiet](Class::is_quiet) act after the other, and then what shows whether anything changed.
///
/// # Errors
/// At which act something differed first, and what.
pub(super) fn attempts(scope: &Scope, labels: &[u16], acts: &[(Class, InstanceId)]) -> Result<(), (usize, Difference)> {
    let (mut attacker, mut replay) = reached(scope, labels).map_err(|difference| (0, difference))?;
    for (place, (class, seat)) in acts.iter().enumerate() {
        act(scope, &mut attacker, replay.state(), *class, *seat).map_err(|what| (place, (When::Act, what)))?;
    }
    afterwards::go_on(scope, &mut attacker, &mut replay).map_err(|what| (acts.len() - 1, (When::Afterwards, what)))
}

/// The stranger comes, and goes but for what was written on a link of an instance's.
fn act(scope: &Scope, attacker: &mut AttackHarness, state: &State, class: Class, seat: InstanceId) -> Result<(), String> {
    let (parts, goodbye) = made(scope, attacker, state, class, seat)?;
    let stranger_is_in = matches!(class, Class::Claim(Claim::ResumeAsOneself)).then(|| let_in(attacker, &goodbye));
    attack(scope, attacker, state, (class, seat), &parts)?;
    if let Some(link) = stranger_is_in {
        attacker.write(link, &goodbye[1]);
    }
    attacker.leave();
    Ok(())
}

/// One honest step, compared with the model.
pub(super) fn honest_step(scope: &Scope, attacker: &mut AttackHarness, replay: &mut Replay, label: u16) -> Result<(), String> {
    let before = *replay.state();
    let ask = replay.go(label).ok_or("no such step")?;
    let seen = attacker.step(ask);
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

fn made(scope: &Scope, attacker: &AttackHarness, state: &State, class: Class, seat: InstanceId) -> Result<Made, String> {
    let target =
        Target::of(attacker, Standing::of(scope, state, seat), seat).ok_or("the system does not know what the model does")?;
    let payload = PayloadBuilder { attacker, scope, seat, target };
    let parts = payload.parts(class).ok_or("something is not known that must be")?;
    Ok((parts, [payload.own_login(), payload.own_logout()]))
}

/// The stranger logs in as the stranger, and takes the one place that there is.
fn let_in(attacker: &mut AttackHarness, [login, _]: &[Vec<u8>; 2]) -> AttackLink {
    let link = attacker.open();
    attacker.write(link, login);
    link
}

fn attack(
    scope: &Scope,
    attacker: &mut AttackHarness,
    state: &State,
    (class, seat): (Class, InstanceId),
    parts: &[Vec<u8>],
) -> Result<(), String> {
    let link = match class.place() {
        Where::Own => attacker.open(),
        Where::Waiting | Where::Serving | Where::Kicked => attacker.link_of(seat).ok_or("there is no link to write to")?,
    };
    let accounts: Vec<_> = scope.accounts().chain([STRANGER]).collect();
    let standing = Standing::of(scope, state, seat);
    let before = attacker.holdings(&accounts, link);
    let demanded =
        consequence(before, attacker, (class, seat), standing, link).ok_or("the system does not know what the model does")?;
    let superseded = superseded(attacker, state, class, seat);
    let demanded = without_timers_of(demanded, attacker, &superseded).ok_or("a link that is served has no heartbeat")?;
    let mut heard = Heard::default();
    parts.iter().for_each(|part| heard.join(attacker.write(link, part)));
    let demand = class.demand();
    if !demand.is_met_by(&heard) {
        return Err(format!("demanded is: {demand}\nheard was {heard:?}"));
    }
    let mut after = attacker.holdings(&accounts, link);
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
    attacker: &AttackHarness,
    (class, seat): (Class, InstanceId),
    standing: Standing,
    link: AttackLink,
) -> Option<Holdings> {
    match class.demand().mark {
        Mark::None => {}
        Mark::EpochInOwnAccount => mark(&mut held, STRANGER, attacker.key_of(seat), (Epoch(OWED_EPOCH.0 - 1), attacker.now())),
        Mark::EpochOfTold(named) => {
            let target = Target::of(attacker, standing, seat)?;
            let (account, key) = match named {
                Named::Itself => (target.account, target.key),
                Named::OwnKey => (target.account, OWN_KEY),
                Named::OwnAccount => (STRANGER, target.key),
            };
            mark(&mut held, account, key, (target.later(), attacker.now()));
        }
    }
    if class.place() != Where::Own && class.ends_the_link() {
        let heartbeat = attacker.heartbeat_of(link)?.clone();
        let ask = heartbeat.replacen("heartbeat", "ask", 1);
        held.timers.retain(|name| *name != heartbeat && *name != ask);
        if class.place() == Where::Serving {
            let Target { account, secret, .. } = Target::of(attacker, standing, seat)?;
            held.timers.push(format!("lapse {} {:032x}", cast::user_id(account), secret.digest().0));
        }
        held.timers.sort();
    }
    Some(held)
}

/// LINK-3, LINK-11: the links of the kicked session whose key's epoch rises, which are closed with 4001.
fn superseded(attacker: &AttackHarness, state: &State, class: Class, seat: InstanceId) -> Vec<AttackLink> {
    let rises = class.demand().mark == Mark::EpochOfTold(Named::Itself);
    let is_kicked = |slot: &Slot| {
        let link = state.instance(seat).links.at(*slot);
        link.owner != Owner::Replaced && matches!(link.server, ServerEnd::Kicked { .. })
    };
    let kicked = Slot::ALL.into_iter().filter(is_kicked).filter(|_| rises);
    kicked.filter_map(|slot| attacker.link_at(seat, slot)).collect()
}

/// What is held once the server has closed those links.
fn without_timers_of(mut held: Holdings, attacker: &AttackHarness, links: &[AttackLink]) -> Option<Holdings> {
    for link in links {
        let heartbeat = attacker.heartbeat_of(*link)?;
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
    let mut attacker = AttackHarness::start(scope);
    let mut replay = Replay::new(scope);
    let last = labels.len();
    (1..).zip(labels).try_for_each(|(step, label)| {
        let when = if step == last { When::Act } else { When::OnTheWay };
        honest_step(scope, &mut attacker, &mut replay, *label).map_err(|what| (when, what))
    })
}
