"""The one rule about small groups: from five people on, whatever the others are."""

import pytest

from analytics.query.minimum_sample import MIN_SAMPLE, is_enough


@pytest.mark.parametrize(("people", "shown"), [(0, False), (1, False), (4, False), (5, True)])
def test_it_is_shown_from_five_people_on(people, shown):
    assert is_enough(people) is shown


def test_statements_count_by_the_same_number():
    assert is_enough(MIN_SAMPLE) and not is_enough(MIN_SAMPLE - 1)
