//! What fails in a round, and what shows that it did: a fault of which nothing is seen is an error.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::crowd::{Crowd, Mood};
use super::engine::{ask, order};
use super::rig::Rig;
use super::truth::{Truth, by_a_deadline};
use super::way::{Flow, Way};
use super::{Bad, pause};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// `kill -9` of a node; another process takes its name later.
    KillNode,
    /// A node stands still and wakes once its lease has run out.
    FreezeNode,
    /// What a node says to Redis, and what Redis says to it, arrives once its lease has run out.
    CutOffNode,
    /// Of what is published every third message is lost on the way to each node.
    LostNotices,
    /// Redis has no memory left.
    OutOfMemory,
    /// Redis is no primary.
    ReadOnly,
    /// Redis loads what it has saved.
    Loading,
    /// `kill -9` of the primary, in whose place sentinels promote a replica.
    KillPrimary,
    /// A replica is promoted beside the primary, which lives on without its replicas while clients reach both.
    TwoPrimaries,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Fault; 9] = [
        Fault::KillNode,
        Fault::FreezeNode,
        Fault::CutOffNode,
        Fault::LostNotices,
        Fault::OutOfMemory,
        Fault::ReadOnly,
        Fault::Loading,
        Fault::KillPrimary,
        Fault::TwoPrimaries,
    ];

    /// Whether sentinels watch over the primary.
    pub(super) const fn is_watched(self) -> bool {
        matches!(self, Fault::KillPrimary | Fault::TwoPrimaries)
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::KillNode => "kill-node",
            Fault::FreezeNode => "freeze-node",
            Fault::CutOffNode => "cut-off-node",
            Fault::LostNotices => "lost-notices",
            Fault::OutOfMemory => "out-of-memory",
            Fault::ReadOnly => "read-only",
            Fault::Loading => "loading",
            Fault::KillPrimary => "kill-primary",
            Fault::TwoPrimaries => "two-primaries",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fault is named {0:?}; {all} are", all = Fault::ALL.map(Fault::name).join(", "))]
pub struct UnknownFault(pub String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Fault, UnknownFault> {
        Fault::ALL.into_iter().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// How long Redis fails in a round.
const OUTAGE: Duration = Duration::from_secs(3);

/// How long Redis takes to load a key, in microseconds.
const LOAD_US: u32 = 150_000;

impl Fault {
    /// Lets it happen while the crowd is busy, and ends it. How long it then took until everybody knew the truth.
    pub(super) async fn strikes(self, rig: &mut Rig, crowd: &Crowd) -> Result<Duration, Bad> {
        let before = crowd.tally.outages.load(Ordering::Relaxed);
        match self {
            Fault::KillNode => return kill_node(rig, crowd).await,
            Fault::FreezeNode => {
                let frozen = rig.a_node();
                rig.close(frozen);
                rig.signal(frozen, Signal::STOP)?;
                pause(rig.lease()).await;
                rig.signal(frozen, Signal::CONT)?;
                rig.open_once_ready(frozen).await.map_err(Bad::Wrong)?;
            }
            Fault::CutOffNode => {
                let alone = rig.a_node();
                rig.close(alone);
                rig.ways[alone].turn(Flow::Held);
                pause(rig.lease()).await;
                rig.ways[alone].turn(Flow::Whole);
                rig.open_once_ready(alone).await.map_err(Bad::Wrong)?;
            }
            Fault::LostNotices => return lost_notices(rig, crowd).await,
            Fault::OutOfMemory => outage(rig, "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0").await?,
            Fault::ReadOnly => outage(rig, "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE").await?,
            Fault::Loading => loading(rig).await?,
            Fault::KillPrimary => {
                rig.engine.kill();
                another_primary(rig).await?;
            }
            Fault::TwoPrimaries => {
                rig.engine.promote()?;
                another_primary(rig).await?;
            }
        }
        crowd.be(Mood::Calm);
        let settled = Truth::of(rig, crowd).await?.is_known().await.map_err(Bad::Wrong)?;
        let bites = match self {
            Fault::FreezeNode | Fault::CutOffNode => rig.a_lease_ran_out()?,
            Fault::OutOfMemory | Fault::ReadOnly | Fault::Loading => crowd.tally.outages.load(Ordering::Relaxed) > before,
            Fault::KillNode | Fault::LostNotices | Fault::KillPrimary | Fault::TwoPrimaries => true,
        };
        if bites { Ok(settled) } else { Err(Bad::Wrong("nothing was seen of the fault".to_owned())) }
    }
}

/// Every second of its instances stays away until the others have its sessions; everybody else goes on over other nodes.
async fn kill_node(rig: &mut Rig, crowd: &Crowd) -> Result<Duration, Bad> {
    let killed = rig.a_node();
    let there: Vec<_> = crowd.people.iter().filter(|person| person.is_online() && person.door.leads_to(killed)).collect();
    there.iter().step_by(2).for_each(|person| person.door.shut(true));
    rig.kill(killed);
    crowd.calms_down().await;
    let settled = Truth::of(rig, crowd).await?.is_known().await.map_err(Bad::Wrong)?;
    there.iter().for_each(|person| person.door.shut(false));
    crowd.be(Mood::Busy);
    pause(rig.lease()).await;
    rig.start_again(killed).await?;
    if there.is_empty() { Err(Bad::Wrong("nobody was on the node that was killed".to_owned())) } else { Ok(settled) }
}

/// How often an account's last kick is that of one login, so that no notice comes behind a lost one.
const LAST_KICKS: u32 = 3;

async fn lost_notices(rig: &Rig, crowd: &Crowd) -> Result<Duration, Bad> {
    rig.ways.iter().for_each(|way| way.turn(Flow::Lossy));
    pause(OUTAGE).await;
    crowd.calms_down().await;
    let mut latest = Duration::ZERO;
    for _ in 0..LAST_KICKS {
        crowd.log_in_one_each().await;
        latest = latest.max(Truth::of(rig, crowd).await?.is_known().await.map_err(Bad::Wrong)?);
    }
    rig.ways.iter().for_each(|way| way.turn(Flow::Whole));
    let lost: u64 = rig.ways.iter().map(Way::lost).sum();
    if lost > 0 { Ok(latest) } else { Err(Bad::Wrong("no notice was lost".to_owned())) }
}

/// A replica is the primary for most sentinels.
async fn another_primary(rig: &Rig) -> Result<(), Bad> {
    let is_there = async || match rig.engine.has_another_primary() {
        Ok(true) => Ok(()),
        Ok(false) => Err("no replica is promoted".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    by_a_deadline(is_there).await.map(drop).map_err(Bad::Wrong)
}

async fn outage(rig: &Rig, begins: &str, ends: &str) -> Result<(), Bad> {
    order(rig.engine.address(), begins)?;
    pause(OUTAGE).await;
    order(rig.engine.address(), ends)?;
    Ok(())
}

/// Redis saves and loads all that it has, slowly, and says so meanwhile.
async fn loading(rig: &Rig) -> Result<(), Bad> {
    let engine = rig.engine.address().to_owned();
    order(&engine, "CONFIG SET loading-process-events-interval-bytes 1024")?;
    order(&engine, &format!("CONFIG SET key-load-delay {LOAD_US}"))?;
    let reloaded = engine.clone();
    let reload = tokio::task::spawn_blocking(move || ask(&reloaded, "DEBUG RELOAD"));
    reload.await.map_err(std::io::Error::other)??;
    Ok(order(&engine, "CONFIG SET key-load-delay 0")?)
}
