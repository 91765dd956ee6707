//! The bugs whose story no replay on an undisturbed system tells, and the test that kills each: it plants the bug and wants to see it. Data
//! only: it plants and judges nothing.

use sut::planted::Unreplayed;

/// A bug, and the file and the name of the test that kills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Killer {
    /// What is planted.
    pub bug: Unreplayed,
    /// From the top of the workspace.
    pub file: &'static str,
    /// The test.
    pub test: &'static str,
}

const SAID: &str = "sut/core/src/server/machine/tests/said.rs";
const WORDS: &str = "sut/tests/ends/words.rs";
const REPEATS: &str = "sut/core/src/client/machine/tests/repeats.rs";
const PLATFORMS: &str = "sut/tests/ends/terms/platforms.rs";
const PLANTED: &str = "sut/core/src/server/machine/tests/planted.rs";
const LINKS: &str = "sut/core/src/server/machine/tests/links.rs";
const INSTANCE: &str = "sut/core/src/client/machine/tests/planted.rs";
const ADMINISTRATOR: &str = "sut/core/src/admission/administrator/tests.rs";
const SIDE_BY_SIDE: &str = "sut/tests/ends/side_by_side.rs";
const REPLAYED: &str = "tests/suite/planted.rs";
const NODES: &str = "tests/suite/soaked_nodes.rs";
const CONTESTED: &str = "tests/suite/harness/contested.rs";

const fn kills(file: &'static str, test: &'static str, bug: Unreplayed) -> Killer {
    Killer { bug, file, test }
}

/// One for each of them.
pub const UNREPLAYED: [Killer; 21] = [
    kills(SAID, "a_logout_that_is_answered_before_its_record_is_stored_is_seen", Unreplayed::Logout4AnswersFirst),
    kills(SAID, "a_message_that_is_delivered_before_its_record_is_stored_is_seen", Unreplayed::Msg1DeliversFirst),
    kills(WORDS, "an_answer_that_is_told_before_the_status_is_seen", Unreplayed::Login1StatusLast),
    kills(WORDS, "an_event_that_is_told_before_the_status_is_seen", Unreplayed::Login2StatusLast),
    kills(REPEATS, "a_second_call_that_never_settles_is_seen", Unreplayed::Msg3SecondNeverSettles),
    kills(REPEATS, "a_second_call_that_is_written_once_more_is_seen", Unreplayed::Msg3SecondIsSent),
    kills(PLATFORMS, "a_limit_of_one_platform_that_is_in_force_at_once_is_seen", Unreplayed::Conf1MacAtOnce),
    kills(PLATFORMS, "a_change_of_another_platform_than_web_that_is_lost_is_seen", Unreplayed::Conf1WebOnly),
    kills(CONTESTED, "a_conflict_that_is_taken_for_done_is_seen", Unreplayed::Node1ConflictIsDone),
    kills(CONTESTED, "what_was_decided_on_the_old_record_and_is_stored_over_the_new_one_is_seen", Unreplayed::Node1OldRecordWins),
    kills(LINKS, "a_blocked_pair_that_locks_its_owner_out_shows", Unreplayed::Login8BlockedLocksOut),
    kills(INSTANCE, "a_login_that_is_numbered_without_the_clock_shows", Unreplayed::Link3EpochsFromOne),
    kills(INSTANCE, "a_refused_readmission_without_its_code_shows", Unreplayed::Link5CodeNotTold),
    kills(ADMINISTRATOR, "a_user_sig_dated_ahead_that_outlives_a_kick_shows", Unreplayed::Rest1AheadOutlives),
    kills(PLANTED, "another_session_under_the_key_that_is_no_reason_to_go_shows", Unreplayed::Link11AnotherSessionLost),
    kills(SIDE_BY_SIDE, "a_message_that_overtakes_the_kick_of_its_session_is_seen", Unreplayed::Kick6Overtaken),
    kills(SAID, "a_commit_without_an_answer_that_is_taken_for_undone_is_seen", Unreplayed::Node4UnknownIsUndone),
    kills(NODES, "a_lease_that_never_runs_out_is_seen", Unreplayed::Node3EndlessLease),
    kills(NODES, "a_primary_that_is_taken_for_the_one_before_it_is_seen", Unreplayed::Node5NoFence),
    kills(SIDE_BY_SIDE, "a_link_whose_end_overtakes_its_login_is_seen", Unreplayed::Link4EndOvertakes),
    kills(REPLAYED, "what_survives_a_refused_readmission_is_seen", Unreplayed::Msg4RefusedKeeps),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::tests::has_test;

    #[test]
    fn every_bug_that_no_replay_shows_has_a_test_that_kills_it() {
        assert_eq!(UNREPLAYED.map(|killer| killer.bug), Unreplayed::ALL);
        let missing: Vec<_> = UNREPLAYED.into_iter().filter(|killer| !has_test(killer.file, killer.test)).collect();
        assert_eq!(missing, []);
    }
}
