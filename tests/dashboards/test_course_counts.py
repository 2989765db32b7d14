"""What the database adds up for a course's page is what adding up its rows one by one gives."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from analytics.query.filters import filters_from
from analytics.query.scope import seen_by
from analytics.site.course_contents import by_content, funnel
from analytics.site.course_enrollments import enrollment_groups
from progress.ingest import enrolling
from progress.models import Content, ContentProgress, Course, CourseProgress, Enrollment
from progress.state.structure import structure_of
from tests.factories import a_course_of, a_session, content, report
from tests.support.admin import VIDEO
from tests.support.dashboards import of_course
from tests.support.learners import (
    A_QUIZ,
    DAY,
    an_instructor_of,
    complete,
    fail,
    learn,
    pass_quiz,
    someone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(course):
    """Of two departments and two months: who completed, sooner or later, began, or left."""
    now = timezone.now()
    found = {}
    for name, department, ago in (
        ("soon", "Care", 70), ("late", "Care", 70), ("never", "Care", 20), ("begun", "", 20),
        ("overdue", "", 70), ("left", "Care", 70), ("failing", "", 40),
    ):  # fmt: skip
        found[name] = someone(course, department=department, enrolled_ago=ago * DAY)
    complete(course, found["soon"], now - 50 * DAY)
    complete(course, found["late"], now - 10 * DAY)
    learn(course, found["begun"], ago=DAY)
    learn(course, found["overdue"], ago=30 * DAY)
    fail(course, found["failing"], "c2", times=1, ago=DAY)
    Enrollment.objects.filter(user=found["overdue"]).update(due_at=now - DAY)
    enrolling.unenroll(Enrollment.objects.get(user=found["left"]), now=now)
    CourseProgress.objects.filter(user=found["soon"]).update(time_ms=5_000)
    return found


def filters(course, address: str = ""):
    return filters_from(QueryDict(address), {course.pk: course.title})


def test_groups_are_made_of_each_enrolment_once(course, people):
    now = timezone.now()
    rows = CourseProgress.objects.exclude(user=people["left"]).select_related("enrollment", "user")
    groups = enrollment_groups(filters(course), now)
    assert sum(each.learners for each in groups) == len(rows) == 6
    keys = {(row.user.department, row.enrollment.enrolled_at.date().replace(day=1)) for row in rows}
    assert {(each.department, each.cohort) for each in groups} == keys
    assert sum(each.bp_sum for each in groups) == sum(row.completion_bp for row in rows)
    assert sum(each.overdue for each in groups) == 1
    assert (sum(each.ripe for each in groups), sum(each.soon for each in groups)) == (4, 1)
    took = [row.completed_at - row.enrollment.enrolled_at for row in rows if row.completed_at]
    found = sorted(each for group in groups for each in group.took)
    assert found == sorted(each // timedelta(microseconds=1) for each in took)
    times = sorted(row.time_ms for row in rows if row.time_ms)
    assert sorted(each for group in groups for each in group.times_ms) == times
    assert [each for group in groups for each in group.done_times_ms] == [5_000]
    latest = max(row.enrollment.enrolled_at for row in rows)
    assert max(each.latest_enrolled_at for each in groups) == latest


def test_a_department_and_a_module_are_counted(course, people):
    structure = structure_of(course)
    modules = [each.id for each in structure.modules]
    now = timezone.now()
    key = str(modules[0])
    for name, is_complete in (("soon", True), ("late", True), ("begun", False), ("left", True)):
        own = CourseProgress.objects.filter(user=people[name])
        own.update(module_progress={key: {"is_complete": is_complete}})
    groups = enrollment_groups(filters(course), now, modules)
    step = funnel(structure, {}, groups)[0]
    assert (step.is_module, step.done, step.done_percent) == (True, 2, 33)
    # One of five learners and more has to be offered; the filter itself takes any.
    chosen = replace(filters(course), department="Care")
    assert sum(each.learners for each in enrollment_groups(chosen, now)) == 3


def test_contents_are_counted_as_their_rows_are(course, people):
    now = timezone.now()
    structure = structure_of(course)
    counted = by_content(structure, filters(course), now)
    for code in ("c1", "c2"):
        rows = list(
            ContentProgress.objects.filter(content=content(course, code)).exclude(
                user=people["left"]
            )
        )
        reached = counted[content(course, code).pk]
        assert reached.begun == len(rows)
        assert reached.done == sum(row.completed_at is not None for row in rows)
        gone = [row for row in rows if not row.completed_at and row.last_event_at < now - 14 * DAY]
        assert reached.left == len(gone)
    assert counted[content(course, "c1").pk].left == 1  # the overdue one's


@pytest.mark.parametrize("is_retired", [False, True])
def test_who_submitted_a_pre_test_is_counted(is_retired):
    course = a_course_of(A_QUIZ | {"required": False, "waives": ["c2"], "max_attempts": 3}, VIDEO)
    failed, passed, opened = (someone(course) for _ in range(3))
    fail(course, failed, "c1", times=2, ago=2 * DAY)
    pass_quiz(course, passed, "c1", ago=DAY)
    test = content(course, "c1")
    question = test.questions.get()
    answered = {
        "content_id": test.pk,
        "interaction_type": "answer",
        "question_id": question.pk,
        "answer": [question.choices.first().pk],
    }
    now = timezone.now()
    report(a_session(course, opened, now=now), answered, now=now)
    if is_retired:
        Content.objects.filter(pk=content(course, "c2").pk).update(retired_at=timezone.now())
        Course.objects.filter(pk=course.pk).update(structure_version=course.structure_version + 1)
        course.refresh_from_db()
    reached = by_content(structure_of(course), filters(course), timezone.now())[test.pk]
    assert (reached.begun, reached.handed_in, reached.done) == (3, 2, 1)


def test_learners_who_are_not_seen_are_not_counted(course, people):
    of_none = seen_by(an_instructor_of(course)).only(course.pk)
    chosen = filters_from(QueryDict(), of_none)
    assert sum(each.learners for each in enrollment_groups(chosen, timezone.now())) == 6
    empty = filters_from(QueryDict(), {})
    assert enrollment_groups(empty, timezone.now()) == []
    assert by_content(structure_of(course), empty, timezone.now()) == {}


def test_the_list_of_learners_comes_by_name_a_page_at_a_time(sign_in, course):
    for number in range(52, 0, -1):
        someone(course, full_name=f"Learner {number:02}")
    window = sign_in(an_instructor_of(course))
    pages = [
        window.get(f"{of_course(course)}?page={page}").context["reading"].roster for page in (1, 2)
    ]
    names = [row.name for page in pages for row in page.rows]
    assert names == [f"Learner {number:02}" for number in range(1, 53)]
    assert [page.page.paginator.count for page in pages] == [52, 52]
    some = window.get(f"{of_course(course)}?q=learner+1").context["reading"].roster
    assert (some.page.paginator.count, len(some.rows)) == (10, 10)
