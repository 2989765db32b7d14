"""Where learners are distributed, statements about a learner's rows name the learner.

This needs no distributed database: what is read here is the SQL.
"""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import LearnerDay
from certificates.models import Rendition
from progress.models import CourseProgress, Enrollment, LearningSession
from progress.models.learner_keys import (
    LearnerForeignKey,
    LearnerOneToOneField,
    LearnerRow,
    LearnerRows,
    key_columns,
    unique_fields,
)
from progress.operations.distribution import Placement, tables
from progress.operations.locking import lock_rows
from tests.factories import a_course, a_learner, a_session

pytestmark = pytest.mark.django_db
SPREAD = set(tables(Placement.DISTRIBUTED))
MODELS = [model for model in apps.get_models() if model._meta.db_table in SPREAD]


@pytest.fixture
def _distributed(settings):
    settings.DATABASE_DISTRIBUTED = True


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_distributed_model_is_written_and_joined_by_its_learner(model):
    assert issubclass(model, LearnerRow)
    assert isinstance(model._default_manager.get_queryset(), LearnerRows)
    relations = [field for field in model._meta.concrete_fields if field.is_relation]
    inner = [each for each in relations if each.related_model._meta.db_table in SPREAD]
    for field in inner:
        assert isinstance(field, (LearnerForeignKey, LearnerOneToOneField)), field.name


JOINS = {
    "to the enrolment": lambda: LearningSession.objects.select_related("enrollment"),
    "from the enrolment": lambda: Enrollment.objects.filter(sessions__end_time=None),
    "over two": lambda: LearnerDay.objects.filter(enrollment__course_progress__completion_bp=0),
    "in a subquery": lambda: Enrollment.objects.filter(
        pk__in=CourseProgress.objects.filter(enrollment__is_current=True).values("pk")
    ),
}


@pytest.mark.parametrize("name", JOINS)
def test_joins_compare_the_learner(name, _distributed):
    sql = str(JOINS[name]().query)
    joins = re.findall(r"JOIN .*? ON \((.*?)\)\)", sql)
    assert joins
    assert all(joined.count('"user_id"') == 2 for joined in joins)


def test_joins_of_a_single_database_compare_the_key_alone():
    for rows in JOINS.values():
        for joined in re.findall(r"JOIN .*? ON \((.*?)\)", str(rows().query)):
            assert "user_id" not in joined


def test_a_related_row_is_read_by_its_learner(_distributed):
    session = LearningSession.objects.get(pk=a_session(a_course()).pk)
    with CaptureQueriesContext(connection) as captured:
        assert session.enrollment.course_progress.user_id == session.user_id
    assert len(captured) == 2
    assert all(f'"user_id" = {session.user_id}' in query["sql"] for query in captured)


def test_an_update_names_the_learner_and_leaves_it_alone(_distributed):
    enrollment = a_session(a_course()).enrollment
    enrollment.cycle = 3
    with CaptureQueriesContext(connection) as captured:
        enrollment.save()
    [update] = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    changed, _, condition = update.partition(" WHERE ")
    assert '"user_id"' not in changed
    assert f'"user_id" = {enrollment.user_id}' in condition
    assert Enrollment.objects.get(pk=enrollment.pk).cycle == 3


def test_rows_get_their_ids_before_they_are_inserted(_distributed):
    """The order in which rows come back from several machines says nothing."""
    course = a_course()
    learners = [a_learner(a_course(code=f"other-{number}")) for number in range(3)]
    with CaptureQueriesContext(connection) as captured:
        made = Enrollment.objects.bulk_create(
            Enrollment(user=learner, course=course) for learner in learners
        )
    [insert] = [query["sql"] for query in captured if query["sql"].startswith("INSERT")]
    assert '("id", ' in insert
    found = dict(Enrollment.objects.filter(course=course).values_list("pk", "user_id"))
    assert found == {each.pk: each.user_id for each in made}


def test_rows_that_replace_others_are_inserted_learner_by_learner(_distributed, monkeypatch):
    """Only the database knows whether a row gets its own id or keeps that of an earlier one."""
    written = []
    monkeypatch.setattr(
        "django.db.models.QuerySet.bulk_create",
        lambda rows, objs, *args, **options: written.append([obj.user_id for obj in objs]),
    )
    rows = [LearnerDay(user_id=user) for user in (7, 8, 7)]
    LearnerDay.objects.bulk_create(rows, update_conflicts=True)
    assert written == [[7, 7], [8]]


def test_rows_are_locked_one_learner_at_a_time_in_order(_distributed):
    course = a_course()
    sessions = [a_session(course, user=a_learner(course)) for _ in range(3)]
    ids = [each.enrollment_id for each in sessions]
    with CaptureQueriesContext(connection) as captured:
        held = lock_rows(CourseProgress.objects.filter(pk__in=reversed(ids)))
    assert [progress.pk for progress in held] == ids
    locks = [query["sql"] for query in captured if "FOR UPDATE" in query["sql"]]
    assert len(locks) == 3
    assert all('"user_id" = ' in sql for sql in locks)


def test_unique_keys_have_the_learner(settings):
    assert unique_fields(Rendition, ["certificate", "ordinal"]) == ["certificate", "ordinal"]
    assert key_columns(CourseProgress) == ["enrollment_id"]
    settings.DATABASE_DISTRIBUTED = True
    assert unique_fields(Rendition, ["certificate", "ordinal"])[0] == "user"
    assert key_columns(CourseProgress) == ["user_id", "enrollment_id"]
