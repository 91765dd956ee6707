//! The contracts, in the rulebook's order. Data only: it runs none of the tests that it names.

use model::rule::Rule;

use super::{Contract, Subject};

const LINKS: &str = "sut/core/src/server/machine/tests/links.rs";
const OUTAGES: &str = "sut/tests/webhook/outages.rs";

/// All of them, in the rulebook's order.
pub const CONTRACTS: [Contract; 39] = [
    Contract {
        subject: Subject::Part(Rule::Login1),
        text: "an answer is told once the status shows what it led to, on any thread",
        tests: &[("sut/tests/ends/words.rs", &["an_application_on_another_thread_never_hears_what_the_instance_does_not_show"])],
    },
    Contract {
        subject: Subject::Part(Rule::Login2),
        text: "SDK_READY is told once is_ready says so, on any thread",
        tests: &[("sut/tests/ends/words.rs", &["an_application_on_another_thread_never_hears_what_the_instance_does_not_show"])],
    },
    Contract {
        subject: Subject::Part(Rule::Login5),
        text: "a login whose future was dropped still runs",
        tests: &[("sut/tests/ends/calls.rs", &["a_login_whose_future_was_dropped_goes_on"])],
    },
    Contract {
        subject: Subject::Part(Rule::Login8),
        text: "of several reasons the first that applies is told",
        tests: &[("sut/core/src/admission/tests.rs", &["a_login_is_refused_with_the_first_code_that_applies"])],
    },
    Contract {
        subject: Subject::Part(Rule::Login8),
        text: "a UserSig dated more than 60 s ahead, or what is set, is refused with 70003",
        tests: &[(
            "sut/core/src/usersig.rs",
            &["a_user_sig_dated_up_to_a_minute_ahead_is_good", "without_an_allowance_a_user_sig_is_good_from_its_second_on"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Login8),
        text: "70050 tells a bad UserSig after too many, and locks no right one out",
        tests: &[
            (
                "sut/core/src/server/machine/failures.rs",
                &[
                    "ten_refusals_within_a_minute_block_the_pair_for_a_minute",
                    "nine_refusals_or_ten_in_a_longer_time_block_nobody",
                    "another_account_or_another_address_or_an_unknown_one_is_not_blocked",
                    "only_refusals_of_a_user_sig_count",
                    "after_the_minute_counting_begins_anew",
                ],
            ),
            (
                LINKS,
                &[
                    "after_ten_refusals_from_one_address_a_bad_user_sig_is_told_70050_for_a_minute_and_a_right_one_is_let_in",
                    "a_revoked_user_sig_counts_among_the_refusals",
                ],
            ),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Kick4),
        text: "nothing is said before its record is stored, on a conflict, or out of reach as if it were",
        tests: &[
            (
                "sut/core/src/server/machine/tests/said.rs",
                &[
                    "no_task_says_anything_before_its_record_is_stored_nor_after_a_conflict",
                    "every_task_and_every_cause_has_a_case",
                ],
            ),
            ("tests/suite/harness/contested.rs", &["a_node_whose_every_commit_meets_a_conflict_is_seen_as_a_node_alone"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Kick8),
        text: "of an account the 100 newest kick records are kept",
        tests: &[("sut/core/src/admission/tests.rs", &["an_account_keeps_its_100_newest_kick_records"])],
    },
    Contract {
        subject: Subject::Part(Rule::Link1),
        text: "backoff from 1 s doubling to 30 s, full jitter",
        tests: &[
            (
                "sut/core/src/client/machine/tests/reconnects.rs",
                &["a_failed_attempt_is_published_once_and_the_backoff_doubles_up_to_30_s"],
            ),
            ("sut/core/src/backoff.rs", &["the_bound_doubles_from_one_second_to_thirty_and_stays_there"]),
            ("sut/src/backoff.rs", &["a_wait_is_drawn_evenly_up_to_its_bound"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Link3),
        text: "the first epoch of a login is the Unix time in ms, or one more than the last",
        tests: &[
            (
                "sut/core/src/client/machine/tests/logins.rs",
                &["the_first_link_of_a_login_is_numbered_by_the_clock_and_that_of_a_resume_is_one_more"],
            ),
            ("sut/core/src/session.rs", &["the_first_link_of_a_login_is_numbered_by_the_clock_unless_it_is_late"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Link3),
        text: "an epoch is 1 to 2^53-1, else the link is closed with 1008",
        tests: &[(
            "sut/core/src/server/machine/tests/frames.rs",
            &["a_login_a_resume_or_an_owed_logout_on_a_link_without_a_number_ends_it_and_changes_nothing"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link3),
        text: "of an account 100 epochs without a session are kept, the oldest goes",
        tests: &[(
            "sut/core/src/admission/epochs.rs",
            &["of_more_than_100_keys_without_a_session_the_one_raised_first_is_forgotten"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link3),
        text: "an epoch is forgotten a minute after it was raised, unless there is a session",
        tests: &[(
            LINKS,
            &[
                "an_epoch_is_forgotten_a_minute_after_it_was_raised_unless_there_is_a_session",
                "whatever_raises_an_epoch_starts_its_time_anew",
            ],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link4),
        text: "60 s on Web and 400 s elsewhere from the last frame on",
        tests: &[(LINKS, &["a_session_lapses_60_s_after_its_last_frame_and_400_s_if_it_is_no_page"])],
    },
    Contract {
        subject: Subject::Part(Rule::Link5),
        text: "a resume neither looks at refused logins nor counts as one",
        tests: &[(
            LINKS,
            &["a_resume_does_not_look_at_refused_logins", "a_refused_resume_does_not_count_among_the_refused_logins"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link6),
        text: "1001 leaves a page's session 5 s to come back, and no other platform's",
        tests: &[(
            LINKS,
            &[
                "a_page_that_went_has_5_s_to_come_back_and_nobody_else",
                "a_page_that_comes_back_goes_on_and_one_that_does_not_is_dropped_without_a_kick",
                "the_late_close_of_a_page_that_is_back_changes_nothing",
            ],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link6),
        text: "whatever closes the link of a phone or a desktop is a loss",
        tests: &[(
            "sut/core/src/server/machine/tests/pages.rs",
            &["whatever_closes_the_link_of_a_phone_or_a_desktop_it_keeps_its_place_for_400_s"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link6),
        text: "whatever answers a close of the server is no page that went",
        tests: &[(
            "sut/tests/ends/closes.rs",
            &["whatever_answers_a_close_of_the_server_is_no_page_that_goes_and_gets_no_second_close"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link7),
        text: "pings every 10 s, a link silent for 30 s is lost",
        tests: &[(
            "sut/tests/ends/heartbeats.rs",
            &[
                "an_idle_instance_stays_connected_by_its_pings",
                "a_silent_link_is_lost_after_30_s_at_the_client",
                "a_link_without_a_frame_is_closed_with_4000_after_30_s",
            ],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Link7),
        text: "every frame starts the heartbeat of its receiving end anew",
        tests: &[
            (
                "tests/suite/harness/due.rs",
                &[
                    "a_sync_that_does_not_start_the_servers_heartbeat_anew_is_seen_on_both_drivers",
                    "a_message_that_does_not_start_the_instances_heartbeat_anew_is_seen_on_both_drivers",
                ],
            ),
            (
                "tests/src/wire/heard.rs",
                &["a_timer_is_due_so_long_after_what_was_heard_last_and_not_a_millisecond_sooner_or_later"],
            ),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Link10),
        text: "10 s for a login or a send, 5 s for a logout",
        tests: &[("sut/core/src/client/machine/input.rs", &["a_server_has_10_s_for_a_login_or_a_send_and_5_s_for_a_logout"])],
    },
    Contract {
        subject: Subject::Part(Rule::Msg2),
        text: "a session that receives too little is dropped without a kick",
        tests: &[(
            "sut/core/src/server/machine/tests/messages.rs",
            &["a_session_that_receives_too_little_is_dropped_without_a_kick"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Msg3),
        text: "the last 1,000 ids of an instance are known, for 10 minutes",
        tests: &[(
            "sut/core/src/admission/acceptance.rs",
            &["a_repeat_is_known_among_the_last_1000_of_its_instance", "a_repeat_is_known_for_ten_minutes"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Msg3),
        text: "two calls at once with one message id settle both, alike",
        tests: &[
            (
                "sut/core/src/client/machine/tests/repeats.rs",
                &["two_calls_with_one_message_id_write_it_once_and_settle_both_alike_at_every_end"],
            ),
            ("sut/tests/ends/repeats.rs", &["two_calls_at_once_with_one_message_id_both_settle_and_the_message_comes_once"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Sig1),
        text: "the timer fires however much a node has to do",
        tests: &[("sut/tests/ends/floods.rs", &["a_node_that_always_has_something_to_do_still_looks_at_its_timers"])],
    },
    Contract {
        subject: Subject::Whole { name: "SIG-2", origin: "V" },
        text: "UserSig is the vendor's v2 format, both ways",
        tests: &[(
            "sut/tests/usersig_vectors.rs",
            &[
                "a_user_sig_of_the_vendors_generators_is_good_and_says_what_went_in",
                "a_user_sig_of_the_vendors_generators_is_good_until_the_second_it_expires",
                "a_user_sig_of_the_vendors_generators_is_no_good_under_another_key",
                "ours_from_the_same_inputs_says_the_same",
                "a_lifetime_that_the_npm_generator_writes_as_a_fraction_is_good_as_long_as_it_says",
                "a_lifetime_that_the_npm_generator_writes_as_null_is_refused_by_its_name",
            ],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Rest1),
        text: "a UserSig of the second of the kick or before it is refused, one of the next second is not",
        tests: &[
            (
                "sut/core/src/admission/administrator/tests.rs",
                &["a_user_sig_issued_at_or_before_the_second_of_the_last_kick_is_refused"],
            ),
            ("sut/tests/ends/rest.rs", &["after_a_rest_kick_only_a_user_sig_of_a_later_second_logs_in"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Rest1),
        text: "a field that is not known is refused with 70402, and nobody is kicked",
        tests: &[("sut/tests/ends/rest.rs", &["a_kick_with_a_field_that_is_not_known_kicks_nobody"])],
    },
    Contract {
        subject: Subject::Part(Rule::Rest1),
        text: "the answer names the first second from which UserSigs are let in",
        tests: &[
            (
                "sut/core/src/server/machine/tests/rest.rs",
                &["a_kick_says_from_when_on_user_sigs_are_let_in_also_behind_one_that_was_dated_ahead"],
            ),
            ("sut/tests/ends/rest.rs", &["the_answer_to_a_kick_says_how_the_next_user_sig_may_be_dated_at_once"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Rest1),
        text: "a UserSig dated ahead that an ended session logged in with is revoked with it",
        tests: &[(
            "sut/core/src/admission/administrator/tests.rs",
            &[
                "a_user_sig_dated_ahead_that_an_ended_session_used_is_revoked_with_it",
                "a_user_sig_dated_ahead_that_outlives_a_kick_shows",
            ],
        )],
    },
    Contract {
        subject: Subject::Whole { name: "REST-2", origin: "V" },
        text: "query_online_status tells who is online, and on request on which platforms",
        tests: &[
            ("sut/tests/ends/rest.rs", &["a_status_tells_who_is_online_and_on_request_with_which_platforms"]),
            (
                "sut/core/src/server/machine/tests/rest.rs",
                &[
                    "a_question_is_answered_with_the_platforms_of_each_account_in_its_order",
                    "a_session_whose_link_is_down_is_online",
                ],
            ),
        ],
    },
    Contract {
        subject: Subject::Whole { name: "REST-3", origin: "V, D" },
        text: "administrative calls need an administrator's UserSig, and answer in the vendor's shape",
        tests: &[
            (
                "sut/tests/ends/rest.rs",
                &[
                    "whoever_is_no_administrator_is_answered_70403_and_nothing_is_done",
                    "bad_json_or_a_bad_field_is_answered_70402_and_nothing_is_done",
                    "what_is_no_administrative_call_is_answered_by_http_itself",
                ],
            ),
            ("sut/src/server/rest/reply.rs", &["each_reply_is_the_vendors_json"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Conf1),
        text: "limits and the policy change after 5 minutes, or 0 to 3,000 s",
        tests: &[
            (
                "sut/tests/ends/terms.rs",
                &[
                    "a_changed_limit_decides_after_the_period_and_not_before",
                    "a_changed_policy_decides_after_the_period_and_not_before",
                ],
            ),
            ("sut/src/config.rs", &["a_file_with_everything_is_read_whole", "what_is_wrong_with_a_file_is_said_in_one_line"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Conf1),
        text: "each platform's limit changes after the period, by file and by REST, and no other with it",
        tests: &[(
            "sut/tests/ends/terms/platforms.rs",
            &["the_limit_of_every_platform_changes_after_the_period_by_file_and_by_rest_and_no_other_does"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Conf2),
        text: "a changed policy decides at the next login",
        tests: &[("sut/tests/ends/terms.rs", &["a_changed_policy_decides_after_the_period_and_not_before"])],
    },
    Contract {
        subject: Subject::Whole { name: "CONF-3", origin: "V" },
        text: "a limit out of its range is refused, and the old one stays",
        tests: &[
            ("sut/core/src/config/limits.rs", &["a_limit_is_within_its_range_or_refused"]),
            ("sut/tests/ends/terms.rs", &["what_is_out_of_range_or_from_nobody_is_refused_and_nothing_is_stored"]),
        ],
    },
    Contract {
        subject: Subject::Part(Rule::Hook1),
        text: "a callback is posted in the vendor's form, once if it was taken",
        tests: &[(
            "sut/tests/webhook/answers.rs",
            &["a_callback_is_posted_in_the_vendors_form_with_its_id", "what_was_taken_is_sent_once_and_leaves_the_outbox"],
        )],
    },
    Contract {
        subject: Subject::Part(Rule::Hook2),
        text: "callbacks are kept for more than an hour",
        tests: &[(OUTAGES, &["callbacks_are_kept_for_more_than_an_hour"])],
    },
    Contract {
        subject: Subject::Part(Rule::Hook2),
        text: "what was not surely taken is sent again under its id, before anything else of the account",
        tests: &[
            ("sut/tests/webhook/answers.rs", &["what_was_not_surely_taken_is_sent_again_under_its_id_before_anything_else"]),
            (OUTAGES, &["an_account_whose_callbacks_fail_holds_up_no_other", "callbacks_wait_for_a_receiver_that_is_down"]),
        ],
    },
];
