"""Who replays a passage and who misses a question: said when it is more than chance."""

import pytest
from django.utils import timezone

from analytics.dashboards.missing import Miss, misses, telling
from analytics.rollups import folding
from progress.jobs import Run
from progress.models import ContentProgress
from tests.admin.test_reading import text_of
from tests.dashboards.test_pages import MOST_QUERIES, of_content, queries
from tests.dashboards.world import DAY, an_instructor_of, fail, learn, pass_quiz, someone


def attempts(*groups):
    """Groups of (how many, replayed, questions answered, questions right)."""
    replays, told = {}, []
    for count, replayed, answered, right in groups:
        for _ in range(count):
            pk = len(replays) + 1
            replays[pk] = replayed
            told.append((pk, set(answered), set(right)))
    return replays, told


def test_misses_are_counted_by_question_and_side():
    found = misses(*attempts((6, True, [1, 2], [2]), (9, False, [1, 2], [1, 2])))
    assert found == [Miss(1, (6, 6), (0, 9)), Miss(2, (0, 6), (0, 9))]


def test_fewer_than_five_on_a_side_are_not_told():
    assert misses(*attempts((4, True, [1], []), (50, False, [1], [1]))) == []


def test_who_never_met_the_content_counts_nowhere():
    replays, told = attempts((6, True, [1], []), (6, False, [1], [1]))
    assert misses(replays, [*told, (999, {1}, set())]) == misses(replays, told)


def test_chance_is_not_told_and_a_clear_difference_is():
    assert telling([Miss(1, (26, 50), (25, 50))]) == []
    assert telling([Miss(1, (5, 50), (40, 50))]) == []  # who replays knows better: no warning
    clear, clearer = Miss(1, (40, 50), (20, 50)), Miss(2, (45, 50), (10, 50))
    assert telling([clear, clearer, Miss(3, (9, 50), (9, 50))]) == [clearer, clear]


@pytest.mark.django_db
def test_it_is_said_on_the_contents_page(sign_in, course):
    for number in range(12):
        person = someone(course)
        learn(course, person, ago=2 * DAY)
        if number < 6:
            fail(course, person, "c2", times=1, ago=DAY)
    window = sign_in(an_instructor_of(course))
    assert "replayed parts of it" not in text_of(window.get(of_content(course, "c1")))
    # The others answer, too, and rightly; those who failed had replayed it.
    missed = set(ContentProgress.objects.filter(content__code="c2").values_list("user", flat=True))
    for row in ContentProgress.objects.filter(content__code="c1"):
        if row.user_id in missed:
            ContentProgress.objects.filter(pk=row.pk).update(replayed_ms=20_000)
        else:
            pass_quiz(course, row.user, "c2", ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    statements = queries(window, of_content(course, "c1"))
    assert len(statements) <= MOST_QUERIES, statements
    told = text_of(window.get(of_content(course, "c1")))
    assert "Of the 6 who replayed parts of it, 100 % missed “First?”" in told
    assert "of the 6 others 0 %" in told
