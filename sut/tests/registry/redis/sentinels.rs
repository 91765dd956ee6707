//! A registry that finds its primary where the majority of the sentinels says.

use std::time::Instant;

use sut::registry::redis::Redis;
use sut::registry::{Registry, Sentinels, Shared};
use sut::session::Reign;
use tokio::task::yield_now;

use super::APP;
use super::faults::why;
use super::primaries::until;
use super::watched::Watched;
use crate::registry::PATIENCE;

#[tokio::test]
async fn a_primary_is_whom_more_than_half_of_the_sentinels_name_and_stays_so_where_no_such_half_is_left() {
    let mut watched = Watched::start();
    let url = watched.url().parse().unwrap();
    let registry = Redis::open(&url, APP).await.unwrap();
    assert_eq!(registry.engine().sentinels, Sentinels { asked: 3, agree: 3 });
    watched.fail_over();
    let since = Instant::now();
    while registry.load("alice").await.is_err() || registry.engine().reign == Reign(0) {
        assert!(since.elapsed() < PATIENCE, "it stays where it was");
        yield_now().await;
    }
    until(&watched.servers[0], "role:slave").await;
    watched.sentinels.truncate(1);
    while registry.engine().sentinels.agree > 0 {
        assert!(since.elapsed() < PATIENCE, "one of three is enough for it");
        yield_now().await;
    }
    registry.load("alice").await.unwrap();
    assert!(why(Redis::open(&url, APP).await).contains("the majority of its sentinels names no primary"));
}
