//! Work that threads share. What comes of it does not depend on how many there are.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each item, in the order of the items, on that many threads, at least one; the first items are begun first.
///
/// # Panics
/// If `work` does.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let one = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        items.get(at).map(|item| (at, work(item)))
    };
    let mut made: Vec<_> = thread::scope(|scope| {
        let share = || iter::from_fn(one).collect::<Vec<_>>();
        let threads: Vec<_> = (0..threads.clamp(1, items.len().max(1))).map(|_| scope.spawn(share)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("the work does not panic")).collect()
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn each_item_is_worked_on_once_in_order_whatever_the_threads() {
        let items: Vec<_> = (0..100).collect();
        for threads in [0, 1, 3, 1_000] {
            assert_eq!(in_parallel(&items, threads, |item| item * 2), (0..200).step_by(2).collect::<Vec<_>>());
        }
        assert!(in_parallel(&[], 2, |item: &u8| *item).is_empty());
    }

    #[test]
    fn as_many_work_at_once_as_there_are_threads() {
        let barrier = Barrier::new(3);
        assert_eq!(in_parallel(&[0; 3], 3, |_| barrier.wait().is_leader()).len(), 3);
    }
}
