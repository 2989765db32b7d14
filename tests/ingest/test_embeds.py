"""A page in a frame: measured where it cooperates, otherwise by the author's rule."""

from datetime import timedelta

import pytest

from progress.catalogue import course_document, replace_course
from progress.catalogue.document import CourseDocument
from progress.models import ContentProgress, Enrollment
from progress.state.payloads import content_detail_payload
from tests.factories import NOON, a_course_of, a_document, a_session, content, report

pytestmark = pytest.mark.django_db


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def beat(target, duration=0, kind="progress", **more):
    return {
        "content_id": target.pk,
        "interaction_type": kind,
        "duration_seconds": duration,
        **more,
    }


def an_embed(**rule):
    course = a_course_of({"content_type": "embed", **rule})
    return content(course, "c1"), a_session(course)


def row(target) -> ContentProgress:
    return ContentProgress.objects.get(content=target)


def detail(session, target, now):
    enrollment = Enrollment.objects.select_related("course", "course_progress").get(
        pk=session.enrollment_id
    )
    return content_detail_payload(enrollment, target.pk, now)


def test_time_in_view_completes_by_the_authors_rule():
    target, session = an_embed(view_seconds=60)
    report(session, beat(target, 45), now=at(45))
    assert row(target).completion_bp == 7_500
    assert row(target).completed_at is None
    report(session, beat(target, 14), now=at(59))
    assert row(target).completed_at is None
    report(session, beat(target, 1), now=at(60))
    assert row(target).completed_at is not None
    assert detail(session, target, at(60))["completion_source"] == "reported"
    assert detail(session, target, at(60))["completion_percentage"] == 100


@pytest.mark.parametrize("claim", [{"completion_percentage": 100}, {"kind": "complete"}])
def test_no_claim_stands_in_for_time_in_view(claim):
    target, session = an_embed(view_seconds=60)
    report(session, beat(target, 5, **claim), now=at(5))
    assert row(target).completed_at is None
    assert row(target).completion_bp == 833


def test_time_that_no_clock_allows_completes_nothing():
    target, session = an_embed(view_seconds=60)
    report(session, beat(target, 60), now=at(10))
    assert row(target).completed_at is None


def test_idle_time_in_view_does_not_count():
    target, session = an_embed(view_seconds=10)
    report(session, beat(target, 30, is_active=False), now=at(30))
    report(session, beat(target, 0, idle_seconds=30), now=at(60))
    assert row(target).completion_bp == 0


def test_the_learners_confirmation_completes():
    target, session = an_embed(completes_on="confirmation")
    report(session, beat(target, 30), now=at(30))
    assert row(target).completion_bp == 0
    report(session, beat(target, 1, "complete"), now=at(31))
    assert row(target).completed_at is not None
    assert detail(session, target, at(31))["completion_source"] == "reported"


def test_nearly_done_is_no_confirmation():
    target, session = an_embed(completes_on="confirmation")
    report(session, beat(target, 30, completion_percentage=95), now=at(30))
    assert row(target).completed_at is None


@pytest.mark.parametrize("extent", [{}, {"duration_seconds": 60}, {"page_count": 3}])
def test_the_score_of_the_embedded_page_completes_from_what_its_author_asks(extent):
    target, session = an_embed(completes_on="score", complete_at=80, **extent)
    report(session, beat(target, 5, completion_percentage=79.5), now=at(5))
    assert row(target).completion_bp == 7_950
    assert row(target).completed_at is None
    report(session, beat(target, 1, completion_percentage=40), now=at(6))
    assert row(target).completion_bp == 7_950
    report(session, beat(target, 1, "complete"), now=at(7))
    assert row(target).completed_at is None
    report(session, beat(target, 1, completion_percentage=80), now=at(8))
    assert row(target).completed_at is not None
    assert detail(session, target, at(8))["completion_source"] == "reported"


@pytest.mark.parametrize(
    ("extent", "evidence", "covered"),
    [
        ({"duration_seconds": 60}, {"segments": [[0, 30]]}, [[0, 30]]),
        ({"page_count": 4}, {"page": 2}, [[1, 2]]),
        ({"reading_seconds": 40}, {"span": [0, 0.5]}, [[0, 0.5]]),
    ],
)
def test_a_cooperating_page_is_measured(extent, evidence, covered):
    target, session = an_embed(**extent)
    report(session, beat(target, 30, **evidence, completion_percentage=100), now=at(30))
    payload = detail(session, target, at(30))
    assert payload["completion_source"] == "measured"
    assert payload["covered"] == covered
    assert payload["completion_percentage"] < 100


RULES = [
    {"completes_on": "view", "view_seconds": 90},
    {"completes_on": "confirmation", "view_seconds": None},
    {"completes_on": "score", "complete_at": 80.0, "view_seconds": None},
    {"completes_on": None, "view_seconds": None, "duration_seconds": 60.0},
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_comes_back_as_it_was_written(rule):
    course = a_course_of({"content_type": "embed", **rule})
    document = course_document(course, is_author=True)
    entry = document["modules"][0]["contents"][0]
    assert {name: entry[name] for name in rule} == rule
    before = course.structure_version
    assert replace_course(document).structure_version == before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"content_type": "embed", "completes_on": "view"}, "view_seconds"),
        ({"content_type": "embed", "view_seconds": 0}, "view_seconds"),
        (
            {"content_type": "embed", "completes_on": "confirmation", "view_seconds": 5},
            "view_seconds",
        ),
        ({"content_type": "embed", "completes_on": "download"}, "completes_on"),
        ({"content_type": "text", "completes_on": "score"}, "completes_on"),
        ({"content_type": "embed", "completes_on": "score", "view_seconds": 5}, "view_seconds"),
        ({"content_type": "text", "completes_on": "view", "view_seconds": 5}, "completes_on"),
        ({"content_type": "video", "duration_seconds": 5, "view_seconds": 5}, "view_seconds"),
        ({"content_type": "embed", "view_seconds": 60, "complete_at": 50}, "complete_at"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(fields, named):
    document = a_document(modules=[{"code": "m", "contents": [{"code": "c", **fields}]}])
    checked = CourseDocument(data=document)
    assert not checked.is_valid()
    assert named in checked.errors["modules"][0]["contents"][0]


def test_another_rule_counts_what_was_done_before():
    target, session = an_embed(view_seconds=600)
    report(session, beat(target, 60), now=at(60))
    assert row(target).completed_at is None
    document = course_document(session.course, is_author=True)
    document["modules"][0]["contents"][0]["view_seconds"] = 60
    replace_course(document)
    assert detail(session, target, at(61))["completion_percentage"] == 100
    report(session, beat(target), now=at(62))
    assert row(target).completed_at is not None
