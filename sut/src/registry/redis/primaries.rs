//! The primaries of a registry: one for everything, or in a cluster one for what is of no account and one for each bucket. It decides nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use futures_util::future::try_join_all;
use redis::{Cmd, FromRedisValue};

use super::address::Url;
use super::link::questions;
use super::primary::{Known, Primary};
use super::{APP, BUCKETS};
use crate::registry::{Engine, Unreachable};
use crate::session::Reign;

/// How often a node left a primary of a registry for another one, whichever that was.
#[derive(Default)]
pub(super) struct Reigns(AtomicU16);

impl Reigns {
    /// Another one begins.
    pub(super) fn next(&self) -> Reign {
        let next = |reign: u16| Some(reign.saturating_add(1));
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_else(|reign| reign);
        Reign(before.saturating_add(1))
    }

    fn last(&self) -> Reign {
        Reign(self.0.load(Ordering::Relaxed))
    }
}

/// All of them.
pub(super) struct Primaries {
    /// What is of no account, and unless there are others all else.
    pub(super) app: Arc<Primary>,
    /// By bucket.
    buckets: Vec<Arc<Primary>>,
    reigns: Arc<Reigns>,
}

impl Primaries {
    /// Links to all of them.
    pub(super) async fn open(url: &Url, sdk_app_id: u64) -> Result<Primaries, Unreachable> {
        let (finder, reigns) = (Arc::new(url.finder()), Arc::<Reigns>::default());
        let open = |tag| {
            let known = Known { finder: Arc::clone(&finder), shown: url.shown(), sdk_app_id, reigns: Arc::clone(&reigns) };
            Primary::open(known, tag)
        };
        let app = open(APP.to_owned()).await?;
        let buckets = (0..BUCKETS).filter(|_| url.is_cluster()).map(|bucket| open(bucket.to_string()));
        let buckets = try_join_all(buckets).await?;
        Ok(Primaries { app, buckets, reigns })
    }

    /// The one that has the bucket.
    pub(super) fn of(&self, bucket: u8) -> &Arc<Primary> {
        self.buckets.get(usize::from(bucket)).unwrap_or(&self.app)
    }

    /// One for each server that is one.
    pub(super) fn servers(&self) -> impl Iterator<Item = &Arc<Primary>> {
        let mut ids = BTreeSet::new();
        [&self.app].into_iter().chain(&self.buckets).filter(move |primary| ids.insert(primary.engine().primary))
    }

    /// How they are: the one of what is of no account, and what became of all.
    pub(super) fn engine(&self) -> Engine {
        let lost = [&self.app].into_iter().chain(&self.buckets).map(|primary| primary.engine().lost).sum();
        Engine { reign: self.reigns.last(), lost, ..self.app.engine() }
    }

    /// Asks each bucket's primary what may be asked twice, all that one primary has to answer at once. Each answer is so under a reign.
    pub(super) async fn ask<T: FromRedisValue>(&self, asked: Vec<(u8, Cmd)>) -> Result<Vec<(T, Reign)>, Unreachable> {
        let mut all = Vec::<(&Arc<Primary>, _)>::new();
        for (bucket, question) in asked {
            let primary = self.of(bucket);
            match all.iter_mut().find(|(asked, _)| Arc::ptr_eq(asked, primary)) {
                Some((_, questions)) => drop(redis::Pipeline::add_command(questions, question)),
                None => all.push((primary, questions().add_command(question).to_owned())),
            }
        }
        let answers = try_join_all(all.iter().map(|(primary, questions)| primary.ask::<Vec<T>>(questions))).await?;
        let under = |(answers, primary): (Vec<T>, Arc<super::reigning::Reigning>)| {
            let reign = primary.reign;
            answers.into_iter().map(move |answer| (answer, reign))
        };
        Ok(answers.into_iter().flat_map(under).collect())
    }
}
