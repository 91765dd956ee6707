//! What has to be true once a fault is over: the limits hold, whoever takes itself for online is on record, whoever is on record is held by a
//! node, and a message reaches everybody. Each is waited for, and has to come to pass in time.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::scope::Scope;
use model::scopes::base;
use sut::config::{Limits, Policy, Terms};
use sut::registry::Registry;
use sut::registry::redis::Redis;
use sut::session::{Platform, Session};

use super::super::page::pause;
use super::super::{SDK_APP_ID, WEB_LIMIT};
use super::crowd::{Crowd, Person};
use super::rig::Rig;
use crate::cast;

/// Within which time everybody has to know the truth (NODE-2, NODE-4, NODE-5).
const IN_TIME: Duration = Duration::from_secs(10);

/// How long nothing is asked again.
const PERIOD: Duration = Duration::from_millis(50);

/// Waits until it is so, or why it is not, once the time is over.
pub(super) async fn by_a_deadline(mut is_so: impl AsyncFnMut() -> Result<(), String>) -> Result<Duration, String> {
    let since = Instant::now();
    loop {
        match is_so().await {
            Ok(()) => return Ok(since.elapsed()),
            Err(why) if since.elapsed() > IN_TIME => return Err(format!("{why}, {} s later", IN_TIME.as_secs())),
            Err(_) => pause(PERIOD).await,
        }
    }
}

/// What stands on record, and what everybody takes for true.
pub(super) struct Truth<'a> {
    rig: &'a Rig,
    crowd: &'a Crowd,
    registry: Redis,
    terms: Scope,
}

impl<'a> Truth<'a> {
    pub(super) async fn of(rig: &'a Rig, crowd: &'a Crowd) -> io::Result<Truth<'a>> {
        let url = rig.engine.url().parse().map_err(io::Error::other)?;
        let mut opened = None;
        by_a_deadline(async || {
            opened = Some(Redis::open(&url, SDK_APP_ID).await.map_err(|why| why.to_string())?);
            Ok(())
        })
        .await
        .map_err(io::Error::other)?;
        let registry = opened.ok_or_else(|| io::Error::other("no registry"))?;
        let limits = Limits::default().with(Platform::Web, WEB_LIMIT).map_err(io::Error::other)?;
        let mut terms = base("soak", "what the nodes are started with", Vec::new());
        cast::adopt_terms(&mut terms, Terms { policy: Policy::DUAL, limits });
        Ok(Truth { rig, crowd, registry, terms })
    }

    /// Waits until it is known to everybody whose link is up, and stays known for as long as a node may take to ask. How long it took.
    pub(super) async fn is_known(&self) -> Result<Duration, String> {
        let since = Instant::now();
        let mut known_since = since;
        by_a_deadline(async || {
            let known = self.is_known_now().await;
            let now = Instant::now();
            match known {
                Err(why) => {
                    known_since = now;
                    Err(why)
                }
                Ok(()) if now - known_since < self.rig.asks_within() => Err(format!("{}: what is known changes", self.rig.law)),
                Ok(()) => Ok(()),
            }
        })
        .await?;
        Ok(known_since - since)
    }

    async fn is_known_now(&self) -> Result<(), String> {
        let mut on_record = 0;
        for (account, people) in by_account(&self.crowd.people) {
            let (record, _) = self.registry.load(account).await.map_err(|why| why.to_string())?;
            on_record += record.sessions.len();
            self.limits_hold(account, &record.sessions)?;
            let is_wrong =
                |person: &&Arc<Person>| person.is_online() && !record.sessions.iter().any(|session| session.key == person.key);
            if let Some(person) = people.into_iter().find(is_wrong) {
                let law = self.rig.law;
                return Err(format!("{law}: instance {} of {account} takes itself for online and is not on record", person.key));
            }
        }
        match self.rig.sessions().map_err(|error| error.to_string())? {
            held if held < on_record => Err(format!("NODE-3: {on_record} sessions are on record and {held} are held by a node")),
            _ => Ok(()),
        }
    }

    /// KICK-1 and KICK-2, by the model's classes and limits.
    fn limits_hold(&self, account: &str, sessions: &[Session]) -> Result<(), String> {
        let kinds: Vec<_> = sessions.iter().map(|session| cast::platform_seen(session.platform)).collect();
        let classes = self.terms.policy.classes;
        let crowded = kinds.iter().find(|kind| kinds.iter().filter(|other| other == kind).count() > self.terms.limit(**kind));
        let mixed = kinds.iter().find(|kind| kinds.iter().any(|other| other != *kind && classes.are_one(*other, **kind)));
        match (crowded, mixed) {
            (Some(kind), _) => Err(format!("KICK-2: {account} has more instances of {kind:?} online than its limit")),
            (None, Some(kind)) => Err(format!("KICK-1: {account} has {kind:?} online beside another kind of its class")),
            (None, None) => Ok(()),
        }
    }
}

fn by_account(people: &[Arc<Person>]) -> BTreeMap<&str, Vec<&Arc<Person>>> {
    let mut accounts = BTreeMap::<_, Vec<_>>::new();
    people.iter().for_each(|person| accounts.entry(&*person.account).or_default().push(person));
    accounts
}

/// MSG-1: whoever is online sends each account a message, and it reaches everybody who is online, or they are told that it may be lost.
pub(super) async fn everybody_is_reached(crowd: &Crowd) -> Result<(), String> {
    let Some(sender) = crowd.people.iter().find(|person| person.is_online()) else { return Ok(()) };
    for (account, people) in by_account(&crowd.people) {
        let there: Vec<_> = people.into_iter().filter(|person| person.is_online() && person.key != sender.key).collect();
        let gaps: Vec<_> = there.iter().map(|person| person.gaps()).collect();
        let Some(message) = sender.sends(account).await else {
            return Err(format!("MSG-3: a message to {account} is not acknowledged though nothing fails"));
        };
        let missed = async || {
            let got = |person: &Person, before: usize| person.has(message) || person.gaps() > before || !person.is_online();
            match there.iter().zip(&gaps).find(|(person, before)| !got(person, **before)) {
                Some((person, _)) => Err(format!("MSG-1: a message did not reach instance {} of {account}", person.key)),
                None => Ok(()),
            }
        };
        by_a_deadline(missed).await?;
    }
    Ok(())
}
