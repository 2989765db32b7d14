"""Tests that hold on one database and can't on a distributed one, each with its reason.

Where tests run on a Citus each of these has to fail: one that passes there leaves this list. Those
that would wait for themselves are not run.
"""

import pytest

FOLLOWING = "updated_since is answered 409: what notes changes is left out (decision 0039)"
WAITING = "one who changes an account waits for the end of another transaction that did"
FAILING: dict[str, dict[str, list[str]]] = {
    "tests/api/test_answers.py": {
        FOLLOWING: ["test_an_unchanged_answer_is_not_sent_again[?updated_since=2020-01-01]"],
    },
    "tests/api/test_deactivating.py": {FOLLOWING: ["test_who_follows_the_list_learns_of_it"]},
    "tests/api/test_following.py": {
        FOLLOWING: [
            "test_every_followed_table_notes_its_changes",
            "test_every_list_takes_a_moment_and_a_position",
            "test_only_what_changed_since_a_moment_comes",
            "test_signing_in_is_no_change_of_a_learner",
            "test_progress_is_a_change_of_the_enrolment",
            "test_a_deleted_learner_comes_as_removed",
            "test_a_retired_course_comes_as_removed",
            "test_removals_of_others_are_nobodys_business",
            "test_an_instructor_follows_own_courses_only",
            "test_filters_hold_for_what_changed",
            "test_an_id_may_be_spelt_as_numbers_are_also_among_removed_rows",
            "test_pages_follow_each_other_with_removed_rows_in_between",
            "test_many_rows_cost_as_many_statements_as_one[2020-01-01]",
            "test_what_a_list_cannot_follow_is_refused_by_name[not yet]",
        ],
    },
    "tests/api/test_following_writers.py": {
        FOLLOWING: [
            "test_nothing_comes_twice_when_nobody_writes",
            "test_what_was_written_before_and_committed_after_a_reading_is_not_missed",
            "test_a_row_deleted_while_its_page_is_read_comes_once_and_is_removed_in_the_next_round",
            "test_an_unenrolled_learner_and_a_new_cycle_are_changes",
        ],
        WAITING: [
            "test_a_position_of_a_transaction_covers_what_that_transaction_writes_afterwards",
            "test_a_follower_of_busy_writers_ends_with_what_the_database_has",
        ],
    },
}


def mark(items: list[pytest.Item]) -> None:
    """Expects the failures among the collected tests; a test that passes instead is a failure."""
    reasons = {
        f"{file}::{name}": reason
        for file, of_file in FAILING.items()
        for reason, names in of_file.items()
        for name in names
    }
    for item in items:
        # A name stands for all of its parameters, or is that of one.
        name = item.nodeid if item.nodeid in reasons else item.nodeid.partition("[")[0]
        if reason := reasons.get(name):
            # What the database refuses comes as its own exception, and is no excuse.
            answered = (AssertionError, KeyError)
            # A test whose own transaction another thread waits for would never end.
            ends = reason != WAITING
            expected = pytest.mark.xfail(strict=True, raises=answered, reason=reason, run=ends)
            item.add_marker(expected)
