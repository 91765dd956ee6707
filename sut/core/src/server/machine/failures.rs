//! How often logins of an account were refused from one address: LOGIN-8's 70050. The memory of one node; it judges no UserSig.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::code::{Code, Refusal};
use crate::timers::UnixMillis;

/// How many refusals within [`WINDOW`] block the pair of an account and an address.
const MOST: usize = 10;

/// Within what time refusals count, and for how long a pair is blocked.
const WINDOW: Duration = Duration::from_secs(60);

/// Below this many pairs none is looked for that can be forgotten.
const FEW: usize = 1024;

/// The refusals of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    pairs: HashMap<(String, IpAddr), Pair>,
    /// With how many pairs those that are stale are forgotten next.
    crowd: usize,
}

#[derive(Clone, Debug)]
enum Pair {
    /// Its refusals, oldest first.
    Counted(Vec<UnixMillis>),
    /// Until then.
    Blocked(UnixMillis),
}

impl Failures {
    /// What a login is told that is refused like this, which counts: 70050 while the pair is blocked, which does not. What is no matter
    /// of the UserSig is told as it is.
    pub(super) fn refuse(&mut self, user_id: &str, address: Option<IpAddr>, why: Refusal, now: UnixMillis) -> Refusal {
        if !counts(why.code) {
            return why;
        }
        match self.judge(user_id, address, now) {
            Ok(()) => {
                self.count(user_id, address, now);
                why
            }
            Err(blocked) => blocked,
        }
    }

    /// 70050 while the pair is blocked.
    pub(super) fn judge(&self, user_id: &str, address: Option<IpAddr>, now: UnixMillis) -> Result<(), Refusal> {
        let pair = address.and_then(|address| self.pairs.get(&(user_id.to_owned(), address)));
        match pair {
            Some(Pair::Blocked(until)) if now < *until => {
                let text = "too many refused logins of this account from this address; wait a minute".to_owned();
                Err(Refusal { code: Code::TooManyFailures, text })
            }
            Some(Pair::Blocked(_) | Pair::Counted(_)) | None => Ok(()),
        }
    }

    fn count(&mut self, user_id: &str, address: Option<IpAddr>, now: UnixMillis) {
        let Some(address) = address else {
            return;
        };
        self.forget_stale(now);
        let pair = self.pairs.entry((user_id.to_owned(), address)).or_insert_with(|| Pair::Counted(Vec::new()));
        *pair = match pair {
            Pair::Counted(refusals) => counted(std::mem::take(refusals), now),
            Pair::Blocked(_) => Pair::Counted(vec![now]),
        };
    }

    fn forget_stale(&mut self, now: UnixMillis) {
        if self.pairs.len() >= self.crowd.max(FEW) {
            self.pairs.retain(|_, pair| match pair {
                Pair::Counted(refusals) => refusals.last().is_some_and(|last| now < last.plus(WINDOW)),
                Pair::Blocked(until) => now < *until,
            });
            self.crowd = self.pairs.len() * 2;
        }
    }
}

/// Whether a refusal is one of a bad UserSig: 70001 to 70014, or 70052.
const fn counts(code: Code) -> bool {
    matches!(code.number(), 70001..=70014 | 70052)
}

fn counted(mut refusals: Vec<UnixMillis>, now: UnixMillis) -> Pair {
    refusals.retain(|at| now < at.plus(WINDOW));
    refusals.push(now);
    if refusals.len() >= MOST { Pair::Blocked(now.plus(WINDOW)) } else { Pair::Counted(refusals) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn address(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, n]))
    }

    fn after(millis: u64) -> UnixMillis {
        UnixMillis(NOW.0 + millis)
    }

    /// Alice was refused from address 1 once every so often, the first time now.
    fn refused(times: u64, every_ms: u64) -> Failures {
        let mut failures = Failures::default();
        for n in 0..times {
            failures.count("alice", address(1), after(n * every_ms));
        }
        failures
    }

    fn blocks(failures: &Failures, user_id: &str, from: Option<IpAddr>, at: UnixMillis) -> Option<Code> {
        failures.judge(user_id, from, at).err().map(|refusal| refusal.code)
    }

    #[test]
    fn ten_refusals_within_a_minute_block_the_pair_for_a_minute() {
        let failures = refused(10, 6_000);
        let blocked = [54_000, 113_999, 114_000].map(|at| blocks(&failures, "alice", address(1), after(at)));
        assert_eq!(blocked, [Some(Code::TooManyFailures), Some(Code::TooManyFailures), None]);
    }

    #[test]
    fn nine_refusals_or_ten_in_a_longer_time_block_nobody() {
        assert_eq!(blocks(&refused(9, 0), "alice", address(1), NOW), None);
        assert_eq!(blocks(&refused(10, 6_667), "alice", address(1), after(60_003)), None);
    }

    #[test]
    fn another_account_or_another_address_or_an_unknown_one_is_not_blocked() {
        let failures = refused(10, 0);
        let others = [("bob", address(1)), ("alice", address(2)), ("alice", None)];
        assert_eq!(others.map(|(user_id, from)| blocks(&failures, user_id, from, NOW)), [None; 3]);
    }

    fn told(failures: &mut Failures, code: Code, at: UnixMillis) -> Code {
        failures.refuse("alice", address(1), Refusal { code, text: String::new() }, at).code
    }

    #[test]
    fn of_a_blocked_pair_every_refusal_of_a_user_sig_is_70050_and_no_other_is() {
        for code in Code::ALL {
            let is_of_a_user_sig = (70001..=70014).contains(&code.number()) || code == Code::SigRevoked;
            let expected = if is_of_a_user_sig { Code::TooManyFailures } else { code };
            assert_eq!(told(&mut refused(10, 0), code, NOW), expected);
            assert_eq!(told(&mut refused(9, 0), code, NOW), code);
        }
    }

    #[test]
    fn only_refusals_of_a_user_sig_count() {
        for code in Code::ALL {
            let mut failures = refused(9, 0);
            told(&mut failures, code, NOW);
            let is_of_a_user_sig = (70001..=70014).contains(&code.number()) || code == Code::SigRevoked;
            assert_eq!(blocks(&failures, "alice", address(1), NOW).is_some(), is_of_a_user_sig, "{code:?}");
        }
    }

    #[test]
    fn a_70050_does_not_make_the_minute_longer() {
        let mut failures = refused(10, 0);
        assert_eq!(told(&mut failures, Code::SigWrong, after(59_999)), Code::TooManyFailures);
        assert_eq!(told(&mut failures, Code::SigWrong, after(60_000)), Code::SigWrong);
    }

    #[test]
    fn a_refusal_of_a_minute_ago_does_not_count() {
        let mut failures = refused(9, 0);
        failures.count("alice", address(1), after(60_000));
        assert_eq!(blocks(&failures, "alice", address(1), after(60_000)), None);
    }

    #[test]
    fn after_the_minute_counting_begins_anew() {
        let mut failures = refused(10, 0);
        failures.count("alice", address(1), after(60_000));
        assert_eq!(blocks(&failures, "alice", address(1), after(60_000)), None);
    }

    /// A crowd of pairs, of which alice's is blocked, the others counted once now; and how many there are after some more refusals.
    fn crowd_after(millis: u64, more: usize) -> usize {
        let mut failures = refused(10, 0);
        (1..FEW).for_each(|n| failures.count(&n.to_string(), address(1), NOW));
        (0..more).for_each(|n| failures.count(&n.to_string(), address(2), after(millis)));
        failures.pairs.len()
    }

    #[test]
    fn a_pair_is_stale_after_a_minute_and_not_before() {
        assert_eq!(crowd_after(59_999, 1), FEW + 1);
        assert_eq!(crowd_after(60_000, 1), 1);
    }

    #[test]
    fn a_crowd_of_fresh_pairs_is_not_looked_through_again_before_it_has_doubled() {
        let mut failures = refused(10, 0);
        (1..=FEW).for_each(|n| failures.count(&n.to_string(), address(1), NOW));
        (0..3).for_each(|n| failures.count(&n.to_string(), address(2), after(60_000)));
        assert_eq!(failures.pairs.len(), FEW + 4);
    }

    #[test]
    fn stale_pairs_are_forgotten_in_a_crowd() {
        let mut failures = Failures::default();
        for n in 0..5000 {
            failures.count(&n.to_string(), address(1), after(n * 100));
        }
        assert!(failures.pairs.len() <= 2 * 1024, "{}", failures.pairs.len());
    }
}
