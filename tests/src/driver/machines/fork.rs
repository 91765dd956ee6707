//! A system that is copied in the middle of a trace, and what tells two of them apart. It does no step.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use sut::timers::UnixMillis;

use super::{EPOCHS_A_SEAT, Machines, Pair};
use crate::driver::cx::FIRST_NUMBER;

/// Numbers between these are moments in milliseconds: names are lower, and what is drawn at random is higher.
const FIRST_MOMENT: u64 = 1_500_000_000_000;
const LAST_MOMENT: u64 = 9_999_999_999_999;

/// What is past for longer is forgotten by whoever forgets anything (MSG-3).
const LONG_MS: u64 = 600_000;

/// What stands before an epoch.
const EPOCH: &str = "Epoch(";

/// What stands before a node's life.
const LIFE: &str = "NodeLife(";

impl Clone for Machines {
    fn clone(&self) -> Machines {
        let pair = &self.0.side;
        Machines(self.0.fork(Pair {
            nodes: pair.nodes.clone(),
            homes: pair.homes.clone(),
            records: pair.records.fork(),
            changing: pair.changing.clone(),
            rigs: pair.rigs.clone(),
            effects: Default::default(),
            answered: pair.answered.clone(),
        }))
    }
}

impl Machines {
    /// A number for all that the system knows after a step. Keys, secrets and the names of messages, calls and links are told apart by the
    /// order in which they appear, the epochs of a seat by which is greater, moments by whether they are past, and long past. Two systems
    /// of one number behave alike, but for one chance in 2^64.
    pub fn fingerprint(&self) -> u64 {
        let mut text = String::with_capacity(8192);
        let (cx, pair) = (&self.0.cx, &self.0.side);
        let known = (
            &cx.keys,
            &cx.own,
            &pair.rigs,
            (&pair.nodes, pair.records.between().notices()),
            cx.wire.known(),
            pair.records.known(),
            &pair.changing,
        );
        write!(text, "{known:?}").expect("a string takes every text");
        fingerprint(&text, cx.moment.now())
    }
}

fn fingerprint(text: &str, now: UnixMillis) -> u64 {
    let numbers: Vec<_> = numbers(text).collect();
    let of_epochs = numbers.iter().filter(|(before, _)| before.ends_with(EPOCH));
    let mut epochs: Vec<u64> = of_epochs.filter_map(|(_, digits)| digits.parse().ok()).collect();
    epochs.sort_unstable();
    epochs.dedup();
    let mut names = Vec::new();
    let mut hasher = DefaultHasher::new();
    for (before, digits) in numbers {
        hasher.write(before.as_bytes());
        match digits.parse::<u64>() {
            Ok(epoch) if before.ends_with(EPOCH) => rank(&epochs, epoch).hash(&mut hasher),
            Ok(moment @ FIRST_MOMENT..=LAST_MOMENT) => (moment > now.0, now.0.saturating_sub(moment) > LONG_MS).hash(&mut hasher),
            Ok(_) if before.ends_with(LIFE) => place(&mut names, digits).hash(&mut hasher),
            Ok(small) if small < FIRST_NUMBER => small.hash(&mut hasher),
            Ok(_) | Err(_) => place(&mut names, digits).hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// Every number in a text with what stands before it, and in the end what stands behind the last one, with no number.
fn numbers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.bytes().position(|letter| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (before, behind) = rest.split_at(start);
        let end = behind.bytes().position(|letter| !letter.is_ascii_digit()).unwrap_or(behind.len());
        let (digits, left) = behind.split_at(end);
        rest = left;
        (!before.is_empty() || !digits.is_empty()).then_some((before, digits))
    })
}

/// The seat that an epoch belongs to, and how many of the seat's are lower.
fn rank(epochs: &[u64], epoch: u64) -> (u64, usize) {
    let seat = epoch / EPOCHS_A_SEAT;
    (seat, epochs.iter().filter(|other| *other / EPOCHS_A_SEAT == seat && **other < epoch).count())
}

/// The place of a name among those that have appeared.
fn place<'t>(names: &mut Vec<&'t str>, name: &'t str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn alike(one: &str, other: &str) -> bool {
        fingerprint(one, NOW) == fingerprint(other, NOW)
    }

    #[test]
    fn names_count_by_their_first_appearance() {
        assert!(alike(
            "key 1099511627777, key 1099511627778, 1099511627777",
            "key 1099511627790, key 1099511627779, 1099511627790"
        ));
        assert!(!alike("1099511627777 1099511627778", "1099511627777 1099511627777"));
        assert!(!alike("seq 1", "seq 2"));
    }

    #[test]
    fn the_epochs_of_a_seat_count_by_which_is_greater() {
        assert!(alike("Epoch(3) Epoch(1) Epoch(1048579)", "Epoch(9) Epoch(2) Epoch(1048578)"));
        assert!(!alike("Epoch(3) Epoch(1)", "Epoch(1) Epoch(3)"));
        assert!(!alike("Epoch(3)", "Epoch(1048579)"));
    }

    #[test]
    fn moments_count_by_whether_they_are_past() {
        assert!(alike("at 1800000000001", "at 1800000000099"));
        assert!(!alike("at 1800000000001", "at 1799999999999"));
        assert!(!alike("at 1799999999999", "at 1799990000000"));
    }
}
