"""`evaluate_recommendations` ranks by what was known on a day, and measures what came after it."""

import csv
from io import StringIO
from math import log2

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from research.recommending import visits
from research.recommending.visits import CourseVisits, evaluate, ndcg

HEAD = ["learner", "course", "content", "day"]
POPULAR, LATELY, NEXT, LIKELY = visits.RANKINGS


def write(path, rows, head=HEAD):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def show(path, *options) -> str:
    out = StringIO()
    call_command("evaluate_recommendations", "--visits", str(path), *options, stdout=out)
    return out.getvalue()


def a_cohort(learners=40, contents=12, *, seed=1) -> list[list]:
    """Half go through the contents in their order and half in the opposite one, at an own pace, so
    that popularity says nothing."""
    chance = np.random.default_rng(seed)
    rows = []
    for learner in range(learners):
        day = chance.uniform(0, 14)
        order = range(contents) if learner % 2 else range(contents - 1, -1, -1)
        for content in order:
            rows.append([f"l{learner}", "A", f"c{content:02}", round(day, 2)])
            day += chance.uniform(3, 9)
    return rows


def results(rows) -> dict[str, visits.Result]:
    found: dict[tuple[str, str], float] = {(r[0], r[2]): float(r[3]) for r in rows}
    return {each.name: each for each in evaluate({"A": visits._course(found)}, draws=50).results}


def test_gains_are_discounted_by_rank_and_compared_with_the_best_ranking():
    worth = np.array([[3.0, 2.0, 1.0, -np.inf]])
    right = np.array([[False, True, True, True]])
    best = 1 + 1 / log2(3) + 1 / log2(4)
    # What isn't offered can't be right, but counts for the best.
    assert ndcg(worth, right)[0] == pytest.approx((1 / log2(3) + 1 / log2(4)) / best)
    assert ndcg(worth, np.array([[True, False, False, False]]))[0] == 1
    assert ndcg(worth, np.array([[False] * 4]))[0] == 0


def test_only_the_first_ten_count():
    worth, right = -np.arange(12.0)[None, :], np.zeros((1, 12), dtype=bool)
    right[0, 10] = True
    assert ndcg(worth, right)[0] == 0
    right[0, 9] = True
    assert ndcg(worth, right)[0] > 0


def test_where_order_is_what_differs_what_others_visit_next_is_right():
    found = results(a_cohort())
    assert found[POPULAR].above == found[POPULAR].low == found[POPULAR].high == 0
    assert found[NEXT].ndcg > 0.7 > found[POPULAR].ndcg
    assert found[NEXT].low > 0
    assert found[NEXT].ndcg > found[LATELY].ndcg


def test_what_happens_after_a_day_changes_no_ranking():
    rows = a_cohort()
    day = 21.0
    chance = np.random.default_rng(5)
    scrambled = [
        [a, b, c, d if d <= day else round(float(chance.uniform(day + 0.1, 200)), 2)]
        for a, b, c, d in rows
    ]
    tables = [visits._course({(r[0], r[2]): r[3] for r in each}) for each in (rows, scrambled)]
    assert not np.array_equal(tables[0].first, tables[1].first)
    known = [np.where(each.first <= day, each.first, np.nan) for each in tables]
    for ranking in visits.RANKINGS.values():
        before, after = (ranking(each, day) for each in known)
        np.testing.assert_array_equal(before, after)


def test_what_was_visited_already_is_not_offered():
    known = np.array([[1.0, 9.0, np.nan], [2.0, 8.5, 10.0], [1.0, 5.0, np.nan]])
    table = CourseVisits(["a", "b", "c"], ["x", "y", "z"], known)
    chosen, found = visits._on(table, 6.0)
    assert chosen.tolist() == [0, 1]  # the third came to nothing new
    # Both come to y, which is the only content offered to them; b also to z, which nobody knew.
    assert found[POPULAR][0] == 1
    assert found[POPULAR][1] == pytest.approx(1 / (1 + 1 / log2(3)))


def test_the_command_prints_each_ranking_and_is_deterministic(tmp_path):
    rows = a_cohort()
    path = write(tmp_path / "a.csv", rows)
    said = show(path, "--draws", "20")
    assert [name for name in visits.RANKINGS if f"\n{name} " in said] == list(visits.RANKINGS)
    assert "40 learners on" in said
    other = write(tmp_path / "b.csv", rows[::-1])
    assert show(other, "--draws", "20") == said


def test_a_later_visit_is_no_first_visit(tmp_path):
    rows = a_cohort()
    again = [[a, b, c, d + 50] for a, b, c, d in rows]
    one = show(write(tmp_path / "a.csv", rows), "--draws", "5")
    assert show(write(tmp_path / "b.csv", [*again, *rows]), "--draws", "5") == one


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["", "A", "c", 1]], "line 2: learner and content"),
        ([["l", "A", "", 1]], "line 2: learner and content"),
        ([["l", "A", "c", "soon"]], "line 2: day must be a number, not 'soon'"),
        ([["l", "A", "c", "nan"]], "line 2: day is missing"),
        ([], "no visits"),
        ([["l", "A", "c", 1], ["l", "A", "d", 5]], "nobody came to something new"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, rows, words):
    with pytest.raises(CommandError, match=words):
        show(write(tmp_path / "a.csv", rows))


def test_a_missing_column_a_missing_file_and_bad_draws_are_named(tmp_path):
    with pytest.raises(CommandError, match="no column day"):
        show(write(tmp_path / "a.csv", [["l", "A", "c"]], HEAD[:-1]))
    with pytest.raises(CommandError, match="--visits"):
        show(tmp_path / "none.csv")
    with pytest.raises(CommandError, match="--draws"):
        show(write(tmp_path / "b.csv", a_cohort(5)), "--draws", "0")
