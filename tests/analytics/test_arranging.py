"""The order that suits a learner: what it must keep, whatever the course and the learner."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.paths.arranging import EXTRAS, Item
from analytics.paths.arranging import arrange as way
from analytics.paths.arranging import in_order as in_order_way
from analytics.paths.estimates import Quiz, SkillEstimate


def estimates(known):
    return {skill: SkillEstimate(share, 8) for skill, share in known.items()}


def arrange(items, known):
    return way(items, estimates(known)).steps


def in_order(items):
    return in_order_way(items).steps


SKILLS = ["a", "b", "c"]


@st.composite
def courses(draw) -> list[Item]:
    """Ten contents; prerequisites lead back, and alternatives agree with one another."""
    count = draw(st.integers(1, 10))
    group = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=3))
    items = []
    for pk in range(count):
        required = draw(st.booleans())
        done = draw(st.booleans())
        items.append(
            Item(
                id=pk,
                skills=tuple(draw(st.lists(st.sampled_from(SKILLS), unique=True, max_size=2))),
                prerequisites=tuple(draw(st.lists(st.integers(0, pk - 1), max_size=2)))
                if pk
                else (),
                waives=()
                if required
                else tuple(draw(st.lists(st.integers(0, count - 1), unique=True, max_size=2))),
                alternatives=tuple(each for each in group if each != pk) if pk in group else (),
                minutes=draw(st.integers(0, 60)),
                quiz=Quiz() if draw(st.booleans()) else None,
                is_required=required,
                is_remedial=not required and draw(st.booleans()),
                is_done=done,
                is_waived=done and draw(st.booleans()),
                was_tried=draw(st.booleans()),
                is_wanted=draw(st.booleans()),
                progress_bp=draw(st.integers(0, 9999)),
            )
        )
    return items


mastery = st.dictionaries(st.sampled_from(SKILLS), st.floats(0, 1))


@given(courses(), mastery)
def test_every_open_item_is_a_step_once_and_no_completed_one(items, known):
    steps = arrange(items, known)
    placed = [step.id for step in steps]
    assert len(set(placed)) == len(placed)
    instead = {pk for step in steps for pk in step.instead}
    left = {item.id for item in items if item.is_required and not item.is_done}
    assert left <= set(placed) | instead
    done = {item.id for item in items if item.is_done}
    assert not done & {step.id for step in steps if step.reason != "skipped"}
    assert not done & instead


@given(courses(), mastery)
def test_only_what_was_skipped_comes_back_and_only_for_a_weak_skill(items, known):
    by_id = {item.id: item for item in items}
    for step in arrange(items, known):
        if step.reason == "skipped":
            assert by_id[step.id].is_waived
            assert known[step.skill] < 0.7


@given(courses(), mastery)
def test_every_pre_test_that_is_a_step_saves_more_than_it_takes(items, known):
    for step in arrange(items, known):
        if step.reason == "pre_test":
            assert step.chance * step.saves > step.minutes


@given(courses(), mastery)
def test_offers_may_help_and_are_not_steps(items, known):
    by_id = {item.id: item for item in items}
    found = way(items, estimates(known))
    assert not {step.id for step in found.steps} & {step.id for step in found.offers}
    for step in found.offers:
        item = by_id[step.id]
        assert item.is_wanted
        assert item.waives or ((item.is_remedial or item.is_waived) and known[step.skill] < 0.7)


@given(courses(), mastery)
def test_nothing_comes_before_its_prerequisites(items, known):
    by_id = {item.id: item for item in items}
    main = [step.id for step in arrange(items, known) if step.reason not in EXTRAS]
    for index, pk in enumerate(main):
        assert not set(by_id[pk].prerequisites) & set(main[index + 1 :])


@given(courses())
def test_a_learner_without_answers_gets_the_courses_order(items):
    main = [step.id for step in arrange(items, {}) if step.reason != "pre_test"]
    assert main == sorted(main)
    assert main == [step.id for step in in_order(items) if step.reason != "pre_test"]


@given(courses(), mastery)
def test_dismissed_items_are_neither_steps_nor_offers(items, known):
    by_id = {item.id: item for item in items}
    extras = [step for step in arrange(items, known) if step.reason in EXTRAS]
    assert all(by_id[step.id].is_wanted for step in extras)


@given(courses(), mastery)
def test_what_builds_on_a_weak_skill_is_never_called_ready(items, known):
    passed = [item for item in items if item.quiz and item.is_done and not item.is_waived]
    believed = {skill for item in passed for skill in item.skills}
    for step in arrange(items, known):
        if step.reason == "ready":
            assert step.readiness >= 0.7 or believed
        if step.reason == "later":
            assert known[step.skill] < 0.7


LESSON, NEEDS_IT, OTHER = (
    Item(1, skills=("a",), is_done=True),
    Item(2, prerequisites=(1,), minutes=12),
    Item(3, skills=("b",), minutes=12),
)
PRACTICE = Item(4, skills=("a",), minutes=1, is_required=False, is_remedial=True)


def order(*items, **known):
    return [(step.id, step.reason) for step in arrange(items, known)]


def test_a_weak_learner_practises_first_and_continues_elsewhere():
    assert order(LESSON, NEEDS_IT, OTHER, PRACTICE, a=0.4) == [
        (3, "next"),
        (4, "remedial"),
        (2, "later"),
    ]


def a_test_of_it(**changes):
    fields = {"skills": ("a",), "prerequisites": (1,), "quiz": Quiz(), "minutes": 3}
    return Item(5, **fields | changes)


def test_a_quiz_on_what_was_just_learned_waits_for_no_practice_until_it_was_failed():
    assert order(LESSON, PRACTICE, a_test_of_it(), a=0.4)[0] == (5, "next")
    failed = a_test_of_it(was_tried=True)
    assert order(LESSON, PRACTICE, failed, a=0.4) == [(4, "remedial"), (5, "later")]


def test_a_passed_quiz_counts_until_another_one_was_failed():
    passed = a_test_of_it(was_tried=True, is_done=True)
    assert order(LESSON, NEEDS_IT, PRACTICE, passed, a=0.4) == [(2, "ready")]
    failed = Item(6, skills=("a",), quiz=Quiz(), minutes=3, was_tried=True)
    assert (4, "remedial") in order(LESSON, NEEDS_IT, PRACTICE, passed, failed, a=0.4)


def test_a_passed_quiz_counts_after_a_failed_pre_test():
    failed = Item(9, skills=("a",), waives=(1,), quiz=Quiz(), is_required=False, was_tried=True)
    passed = a_test_of_it(was_tried=True, is_done=True)
    assert order(failed, LESSON, NEEDS_IT, PRACTICE, passed, a=0.4) == [(2, "ready")]


def test_what_was_skipped_comes_back_once_a_quiz_says_that_it_was_needed():
    skipped = Item(1, skills=("a",), is_done=True, is_waived=True)
    test = Item(9, skills=("a",), waives=(1,), quiz=Quiz(), is_required=False, is_done=True)
    assert order(test, skipped, a_test_of_it(), a=0.4) == [(5, "next")]
    failed = a_test_of_it(was_tried=True)
    assert order(test, skipped, failed, a=0.4) == [(1, "skipped"), (5, "later")]
    unwanted = Item(1, skills=("a",), is_done=True, is_waived=True, is_wanted=False)
    assert order(test, unwanted, failed, a=0.4) == [(5, "later")]


def test_no_pre_test_of_what_builds_on_a_very_weak_skill():
    lesson = Item(2, skills=("b",), prerequisites=(1,), minutes=12)
    test = Item(9, skills=("b",), waives=(2,), quiz=Quiz(), is_required=False, minutes=3)
    assert (9, "pre_test") in order(LESSON, lesson, test, a=0.8)
    assert order(LESSON, lesson, test, a=0.4) == [(2, "later")]
    assert order(LESSON, lesson, test, b=0.4) == [(2, "next")]


def test_a_learner_who_knows_it_is_ready():
    assert order(LESSON, NEEDS_IT, OTHER, PRACTICE, a=0.9) == [(2, "ready"), (3, "next")]


def test_a_pre_test_comes_before_what_it_waives_while_it_may_be_taken():
    test = Item(9, waives=(3,), quiz=Quiz(), is_required=False, minutes=3)
    assert order(LESSON, NEEDS_IT, OTHER, test) == [(2, "next"), (9, "pre_test"), (3, "next")]
    used = Item(9, waives=(3,), quiz=Quiz(), is_required=False)
    used = replace(used, quiz=Quiz(tries_left=0))
    assert order(LESSON, NEEDS_IT, OTHER, used) == [(2, "next"), (3, "next")]


def test_of_alternatives_the_one_that_is_begun_is_the_step():
    film, book = Item(1, alternatives=(2,)), Item(2, alternatives=(1,), progress_bp=5)
    [step] = arrange([film, book], {})
    assert (step.id, step.reason, step.instead) == (2, "begun", (1,))
