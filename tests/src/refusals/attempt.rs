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
use super::catalogue::{Hostile, Where};
use super::demand::{Mark, Named};
use super::payload::{FORGED, OWED_EPOCH, OWN_KEY, PayloadBuilder, STRANGER, logout, said};
use super::target::{OnRecord, Target};
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
pub(super) fn attempt(scope: &Scope, labels: &[u16], act: &Hostile, seat: InstanceId) -> Result<(), Difference> {
    let (mut attacker, mut replay) = reached(scope, labels)?;
    let attack = Attack { scope, state: *replay.state(), act, seat };
    attack.make(&mut attacker).map_err(|what| (When::Act, what))?;
    let afterwards = match act.place {
        Where::Own if attack.raises(Named::Itself) => afterwards::is_still_told(&attack, &mut attacker),
        Where::Own => afterwards::go_on(scope, &mut attacker, &mut replay),
        Where::Serving => afterwards::resume(&attack, &mut attacker),
        Where::Kicked => afterwards::acknowledge(&attack, &mut attacker),
        Where::Waiting => Ok(()),
    };
    afterwards.map_err(|what| (When::Afterwards, what))
}

/// Does one [quiet](Hostile::is_quiet) act after the other, and then what shows whether anything changed.
///
/// # Errors
/// At which act something differed first, and what.
pub(super) fn attempts(scope: &Scope, labels: &[u16], acts: &[(&Hostile, InstanceId)]) -> Result<(), (usize, Difference)> {
    let (mut attacker, mut replay) = reached(scope, labels).map_err(|difference| (0, difference))?;
    for (place, (act, seat)) in acts.iter().enumerate() {
        let attack = Attack { scope, state: *replay.state(), act, seat: *seat };
        attack.make(&mut attacker).map_err(|what| (place, (When::Act, what)))?;
    }
    afterwards::go_on(scope, &mut attacker, &mut replay).map_err(|what| (acts.len() - 1, (When::Afterwards, what)))
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

/// One act against one instance, in a state of the model.
pub(super) struct Attack<'a> {
    pub(super) scope: &'a Scope,
    pub(super) state: State,
    act: &'a Hostile,
    pub(super) seat: InstanceId,
}

impl Attack<'_> {
    /// Whom it is aimed at.
    pub(super) fn target(&self, attacker: &AttackHarness) -> Result<Target, String> {
        let standing = OnRecord::of(self.scope, &self.state, self.seat);
        Target::of(attacker, standing, self.seat).ok_or_else(|| "the system does not know what the model does".to_owned())
    }

    /// What its frames are made of.
    pub(super) fn payload<'a>(&'a self, attacker: &'a AttackHarness) -> Result<PayloadBuilder<'a>, String> {
        Ok(PayloadBuilder { attacker, scope: self.scope, seat: self.seat, target: self.target(attacker)? })
    }

    /// Whether its resume is told, under that account and key.
    fn raises(&self, named: Named) -> bool {
        self.act.demand.mark == Mark::EpochOfTold(named)
    }

    /// The stranger comes, and goes but for what was written on a link of an instance's. Where the stranger's one place must be taken,
    /// the stranger is logged in meanwhile.
    fn make(&self, attacker: &mut AttackHarness) -> Result<(), String> {
        let payload = self.payload(attacker)?;
        let (parts, login) = ((self.act.parts)(&payload), payload.own_login());
        if parts.is_empty() {
            return Err("something is not known that must be".to_owned());
        }
        let stranger_is_in = self.raises(Named::OwnAccount).then(|| attacker.open());
        stranger_is_in.into_iter().for_each(|link| drop(attacker.write(link, &login)));
        self.write(attacker, &parts)?;
        let logout = said(FORGED, Epoch(1), logout(STRANGER, OWN_KEY));
        stranger_is_in.into_iter().for_each(|link| drop(attacker.write(link, &logout)));
        attacker.leave();
        Ok(())
    }

    fn write(&self, attacker: &mut AttackHarness, parts: &[Vec<u8>]) -> Result<(), String> {
        let link = match self.act.place {
            Where::Own => attacker.open(),
            Where::Waiting | Where::Serving | Where::Kicked => attacker.link_of(self.seat).ok_or("there is no link to write to")?,
        };
        let accounts: Vec<_> = self.scope.accounts().chain([STRANGER]).collect();
        let before = attacker.holdings(&accounts, link);
        let demanded = self.consequence(before, attacker, link)?;
        let mut heard = Heard::default();
        parts.iter().for_each(|part| heard.join(attacker.write(link, part)));
        let demand = self.act.demand;
        if !demand.is_met_by(&heard) {
            return Err(format!("demanded is: {demand}\nheard was {heard:?}"));
        }
        let after = attacker.holdings(&accounts, link);
        if after == demanded { Ok(()) } else { Err(format!("demanded is\n{}\nand held is\n{}", shown(&demanded), shown(&after))) }
    }

    /// What must be held behind the act: what was held before it, but for what the rules name.
    fn consequence(&self, mut held: Holdings, attacker: &AttackHarness, link: AttackLink) -> Result<Holdings, String> {
        let target = self.target(attacker)?;
        match self.act.demand.mark {
            Mark::None => {}
            Mark::EpochInOwnAccount => mark(&mut held, STRANGER, target.key, (Epoch(OWED_EPOCH.0 - 1), attacker.now())),
            Mark::EpochOfTold(named) => {
                let (account, key) = match named {
                    Named::Itself => (target.account, target.key),
                    Named::OwnKey => (target.account, OWN_KEY),
                    Named::OwnAccount => (STRANGER, target.key),
                };
                mark(&mut held, account, key, (target.later(), attacker.now()));
            }
        }
        for superseded in self.superseded(attacker) {
            held.close(attacker, superseded, 4001)?;
        }
        if self.act.place != Where::Own && self.act.ends_the_link() {
            held.without_timers_of(attacker, link)?;
            if self.act.place == Where::Serving {
                let session = target.secret.digest().0;
                held.timers.push(format!("lapse {} {session:032x}", cast::user_id(target.account)));
            }
        }
        held.timers.sort();
        Ok(held)
    }

    /// LINK-3, LINK-11: the links of the kicked session whose key's epoch rises, which are closed with 4001.
    fn superseded(&self, attacker: &AttackHarness) -> Vec<AttackLink> {
        let links = &self.state.instance(self.seat).links;
        let is_kicked = |slot: &Slot| {
            let link = links.at(*slot);
            self.raises(Named::Itself) && link.owner != Owner::Replaced && matches!(link.server, ServerEnd::Kicked { .. })
        };
        Slot::ALL.into_iter().filter(is_kicked).filter_map(|slot| attacker.link_at(self.seat, slot)).collect()
    }
}

/// LINK-3: the epoch of a key rises, in a commit, and is forgotten in a while.
fn mark(held: &mut Holdings, account: AccountId, key: InstanceKey, (epoch, raised_at): (Epoch, UnixMillis)) {
    let instance = key.digest();
    let forgotten = format!("epoch {} {:032x}", cast::user_id(account), instance.0);
    if !held.timers.contains(&forgotten) {
        held.timers.push(forgotten);
    }
    if let Some(stored) = held.stored.iter_mut().find(|stored| stored.account == account) {
        Arc::make_mut(&mut stored.record).epochs.insert(instance, EpochEntry { epoch, raised_at });
        stored.version.0 += 1;
        held.commits += 1;
    }
}

fn shown(held: &Holdings) -> String {
    let mut rest = held.clone();
    let record = |Stored { account, version, record }| {
        let text = serde_json::to_string(&record).expect("a record is made of names, numbers and texts only");
        format!("{} at {}: {text}\n", cast::user_id(account), version.0)
    };
    let records: String = rest.stored.drain(..).map(record).collect();
    format!("{records}{rest:?}")
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
