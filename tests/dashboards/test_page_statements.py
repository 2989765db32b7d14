"""The pages of many learners cost as many statements for many as for few."""

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.facts.rollups import folding
from progress.jobs import Run
from tests.support.dashboards import queries
from tests.support.learners import DAY, an_instructor_of, fail, learn, someone

MAX_STATEMENTS = 15


@pytest.mark.parametrize("name", ["index", "insight-habits", "insight-course"])
def test_many_learners_cost_as_many_statements_as_few(name, sign_in, course):
    window = sign_in(an_instructor_of(course))
    address = reverse(f"admin:{name}", args=[course.pk] if name == "insight-course" else [])

    def more(count: int) -> None:
        for _ in range(count):
            person = someone(course, enrolled_ago=60 * DAY, department="Care")
            learn(course, person, ago=40 * DAY)
            fail(course, person, "c2", times=2, ago=20 * DAY)
        folding.fold_new(Run("fold", timezone.now()))

    more(6)
    window.get(address)
    few = len(queries(window, address))
    more(14)
    assert len(queries(window, address)) == few <= MAX_STATEMENTS
