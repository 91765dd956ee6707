use std::future::{pending, poll_fn, ready};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, advance};

use super::*;
use crate::timers::{SystemTime, Time, Wait};

fn at(seconds: u64) -> Due {
    SystemTime.arm(&"", Duration::from_secs(seconds))
}

/// Told by a wait of its own at the same moment.
fn told(seconds: u64) -> Due {
    Due::Told(at(seconds).wait())
}

fn told_by(wait: impl Future<Output = ()> + Send + 'static) -> Due {
    let wait: Wait = Box::pin(wait);
    Due::Told(wait)
}

async fn fired<const N: usize>(set: &mut TimerSet<&'static str>) -> [&'static str; N] {
    let mut fired = [""; N];
    for name in &mut fired {
        *name = poll_fn(|cx| set.poll_next(cx)).await;
    }
    fired
}

fn fires_now(set: &mut TimerSet<&'static str>) -> bool {
    set.poll_next(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[tokio::test(start_paused = true)]
async fn timers_fire_in_their_order_and_once() {
    for due in [at, told] {
        let mut set = TimerSet::new();
        set.arm("late", due(2));
        set.arm("early", due(1));
        assert_eq!((fired(&mut set).await, set.len()), (["early", "late"], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn timers_that_are_due_together_fire_in_the_order_in_which_they_were_armed() {
    let mut set = TimerSet::new();
    let names = ["a", "e", "c", "d", "b"];
    names.into_iter().for_each(|name| set.arm(name, at(1)));
    set.arm("a", at(1));
    assert_eq!(fired(&mut set).await, ["e", "c", "d", "b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_armed_again_starts_anew_and_one_that_is_disarmed_never_fires() {
    for due in [at, told] {
        let mut set = TimerSet::new();
        for (name, seconds) in [("again", 1), ("never", 2), ("between", 3), ("again", 4)] {
            set.arm(name, due(seconds));
        }
        set.disarm(&"never");
        assert_eq!((fired(&mut set).await, set.len()), (["between", "again"], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_armed_again_in_the_other_way_fires_once() {
    for (first, second) in [(told_by(ready(())), at(1)), (at(1), told_by(ready(())))] {
        let mut set = TimerSet::new();
        set.arm("again", first);
        set.arm("again", second);
        assert_eq!((set.len(), fired(&mut set).await), (1, ["again"]));
        advance(Duration::from_secs(2)).await;
        assert!(!fires_now(&mut set));
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_fires_when_it_is_due_though_another_was_first_when_it_was_armed() {
    let mut set = TimerSet::new();
    let begun = Instant::now();
    set.arm("first", at(1));
    assert!(!fires_now(&mut set));
    set.disarm(&"first");
    set.arm("later", at(9));
    assert!(!fires_now(&mut set));
    set.arm("sooner", at(3));
    assert_eq!((fired(&mut set).await, begun.elapsed().as_secs()), (["sooner"], 3));
    assert_eq!((fired(&mut set).await, begun.elapsed().as_secs()), (["later"], 9));
}

#[tokio::test(start_paused = true)]
async fn what_is_told_fires_while_others_wait_for_the_clock() {
    let (mut set, (tell, is_told)) = (TimerSet::new(), oneshot::channel::<()>());
    set.arm("clock", at(60));
    set.arm("never", told_by(pending()));
    set.arm("told", told_by(async move { drop(is_told.await) }));
    assert!(!fires_now(&mut set));
    drop(tell);
    assert_eq!((fired(&mut set).await, set.len()), (["told"], 2));
}
