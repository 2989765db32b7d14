"""Who replays a passage and who misses a question: said when it is more than chance."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.facts.rollups import folding
from analytics.site.missed_questions import Miss, beyond_chance, misses
from progress.catalogue import replace_course
from progress.jobs import Run
from tests.factories import a_session, content, report
from tests.support.admin import VIDEO, text_of
from tests.support.dashboards import MAX_QUERIES, of_content, queries
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, fail, pass_quiz, someone
from tests.support.reports import in_api


def attempts(*groups):
    """Groups of (how many, replayed, questions answered, questions right)."""
    replays, shown = {}, []
    for count, replayed, answered, right in groups:
        for _ in range(count):
            pk = len(replays) + 1
            replays[pk] = replayed
            shown.append((pk, set(answered), set(right)))
    return replays, shown


def test_misses_are_counted_by_question_and_side():
    found = misses(*attempts((6, True, [1, 2], [2]), (9, False, [1, 2], [1, 2])))
    assert found == [Miss(1, (6, 6), (0, 9)), Miss(2, (0, 6), (0, 9))]


def test_fewer_than_five_on_a_side_are_not_shown():
    assert misses(*attempts((4, True, [1], []), (50, False, [1], [1]))) == []


def test_who_never_met_the_content_counts_nowhere():
    replays, shown = attempts((6, True, [1], []), (6, False, [1], [1]))
    assert misses(replays, [*shown, (999, {1}, set())]) == misses(replays, shown)


def test_chance_is_not_reported_and_a_clear_difference_is():
    assert beyond_chance([Miss(1, (26, 50), (25, 50))]) == []
    assert beyond_chance([Miss(1, (5, 50), (40, 50))]) == []  # who replays knows better: no warning
    clear, clearer = Miss(1, (40, 50), (20, 50)), Miss(2, (45, 50), (10, 50))
    assert beyond_chance([clear, clearer, Miss(3, (9, 50), (9, 50))]) == [clearer, clear]


# --- On the page ---------------------------------------------------------------------------------
def replay(course, person, *stretches) -> None:
    """Play these stretches, one after another, in one visit."""
    then = timezone.now() - 2 * DAY
    session = a_session(course, person, now=then)
    for number, (start, end) in enumerate(stretches, 1):
        played = {
            "content_id": content(course, "c1").pk,
            "interaction_type": "progress",
            "segments": [[start, end]],
            "duration_seconds": end - start,
        }
        report(session, played, now=then + number * timedelta(minutes=2))


def learners(course, count: int, *stretches, is_right: bool, **changes) -> None:
    for _ in range(count):
        person = someone(course, **changes)
        replay(course, person, *stretches)
        if is_right:
            pass_quiz(course, person, "c2", ago=DAY)
        else:
            fail(course, person, "c2", times=1, ago=DAY)


def fold() -> None:
    folding.fold_new(Run("fold", timezone.now()))


@pytest.mark.django_db
def test_who_replays_a_passage_and_misses_a_question_is_said_in_a_sentence(sign_in, course):
    learners(course, 7, (0, 60), (30, 36), is_right=False)
    learners(course, 1, (0, 60), (30, 36), is_right=True)
    learners(course, 8, (0, 60), is_right=True)
    fold()
    window = sign_in(an_instructor_of(course))
    statements = queries(window, of_content(course, "c1"))
    assert len(statements) <= MAX_QUERIES, statements
    assert (
        "50 % of those who watched 0:30–0:36 replayed it, and most of them (87 %) missed "
        "question 1 of ‘What to do’ on the first try (“First?”); of the others 0 %."
    ) in text_of(window.get(of_content(course, "c1")))


@pytest.mark.django_db
@pytest.mark.parametrize(("shape", "is_said"), [("later", True), ("earlier", False)])
def test_the_next_quiz_may_stand_in_a_later_module(shape, is_said, sign_in):
    film = [{"code": "m1", "title": "See", "contents": [VIDEO | {"code": "c1"}]}]
    test = [{"code": "m2", "title": "Test", "contents": [A_QUIZ | {"code": "c2"}]}]
    modules = film + test if shape == "later" else test + film
    course = replace_course({"code": "shape", "title": "Shape", "modules": modules})
    learners(course, 8, (0, 60), (30, 36), is_right=False)
    learners(course, 8, (0, 60), is_right=True)
    fold()
    shown = text_of(sign_in(an_instructor_of(course)).get(of_content(course, "c1")))
    assert "50 % of those who watched 0:30–0:36 replayed it" in shown
    assert ("and most of them (100 %) missed question 1" in shown) == is_said


@pytest.mark.django_db
def test_where_it_may_be_chance_only_the_replays_are_said(sign_in, course):
    learners(course, 2, (0, 60), (30, 36), is_right=False)
    learners(course, 4, (0, 60), (30, 36), is_right=True)
    learners(course, 6, (0, 60), is_right=True)
    fold()
    shown = text_of(sign_in(an_instructor_of(course)).get(of_content(course, "c1")))
    assert "50 % of those who watched 0:30–0:36 replayed it." in shown
    assert "missed" not in shown


@pytest.mark.django_db
def test_the_curve_and_its_words_follow_the_filters_of_the_page(sign_in, course):
    learners(course, 6, (0, 60), (30, 36), is_right=True, department="Care")
    learners(course, 5, (0, 24), is_right=True, department="Sales")
    learners(course, 4, (0, 24), is_right=True, department="Legal")
    fold()
    window, address = sign_in(an_instructor_of(course)), of_content(course, "c1")

    def reading(**asked):
        return window.get(address, asked).context["reading"]

    care = reading(department="Care")
    assert [values for _, values in care.drawing.table][29:31] == [[6, 0, 0], [6, 6, 0]]
    assert care.drawing.heads == ["First views", "Learners who replayed", "Left for good"]
    assert care.hotspots[0].text == "100 % of those who watched 0:30–0:36 replayed it."
    sales = reading(department="Sales")
    assert [values for _, values in sales.drawing.table][23:25] == [[5, 0, 0], [0, 0, 5]]
    assert "5 of the 5 who left it unfinished left at" in sales.hotspots[0].text
    month = timezone.localdate() - 30 * DAY
    drawing = reading(cohort=f"{month:%Y-%m}").drawing
    assert max(values[0] for _place, values in drawing.table) == 15 <= drawing.axis.top
    names = {figure.name for figure in care.figures}
    assert names == {"begun", "finished", "time"}  # views and replays are counted of everybody
    nobody = reading(cohort="2020-01")
    assert nobody.drawing is None and nobody.is_hidden_group
    everybody = reading()
    assert {figure.name for figure in everybody.figures} == names | {"views", "replayed"}
    assert everybody.drawing.heads[2] == "Replays"
    assert everybody.drawing.table[30][1][:3] == [6, 6, 6]
    statements = queries(window, f"{address}?department=Care")
    assert len(statements) <= MAX_QUERIES, statements


@pytest.mark.django_db
def test_the_api_shows_the_same_of_a_group(course):
    learners(course, 6, (0, 60), (30, 36), is_right=True, department="Care")
    learners(course, 5, (0, 24), is_right=True, department="Sales")
    fold()
    teacher = in_api(an_instructor_of(course))
    address = f"/api/analytics/contents/{content(course, 'c1').pk}/curve/"
    care = teacher.get(address, {"department": "Care"}).json()
    assert (care["learners"], care["viewers"]) == (6, [6] * 60)
    assert care["replayers"] == [0] * 30 + [6] * 6 + [0] * 24
    assert care["words"] == ["100 % of those who watched 0:30–0:36 replayed it."]
    assert care["replays"] is None and care["pauses"] is None
    assert teacher.get(address).json()["learners"] == 11
    refused = teacher.get(address, {"department": "Legal"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == "department"
