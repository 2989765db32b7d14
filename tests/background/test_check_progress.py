"""check_progress: stored aggregates against a fresh fold."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from progress.models import ContentProgress, CourseProgress, OutboxMessage
from tests.factories import NOON, a_course_of, a_session, content, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    """The progress of a learner who watched a half of the only video."""
    course = a_course_of({"content_type": "video", "duration_seconds": 60})
    session = a_session(course)
    beat = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 30]],
        "duration_seconds": 30,
    }
    report(session, beat, now=NOON + timedelta(seconds=30))
    return CourseProgress.objects.get()


def run(*arguments):
    out = StringIO()
    call_command("check_progress", *arguments, stdout=out)
    return out.getvalue()


def test_an_unchanged_database_agrees(learner):
    assert run() == "Everything agrees.\n"


@pytest.mark.parametrize(
    ("model", "wrong", "said"),
    [
        (CourseProgress, {"completion_bp": 4000}, "course completion_bp is 4000, should be 5000"),
        (CourseProgress, {"module_progress": {}}, "course module_progress is {}"),
        (CourseProgress, {"time_ms": 1}, "course time_ms is 1, should be 30000"),
        (CourseProgress, {"total_sessions": 2}, "course total_sessions is 2, should be 1"),
        (ContentProgress, {"completion_bp": 9000}, "completion_bp is 9000, should be 5000"),
    ],
)
def test_disagreements_are_named_and_repaired(learner, model, wrong, said):
    model.objects.update(**wrong)
    with pytest.raises(CommandError, match="disagreement"):
        run()
    assert said in run("--repair")
    assert run() == "Everything agrees.\n"
    learner.refresh_from_db()
    assert (learner.completion_bp, learner.time_ms, learner.total_sessions) == (5000, 30_000, 1)


def test_a_lost_completion_is_found_and_its_signal_sent(learner):
    ContentProgress.objects.update(coverage=((0, 60_000),))
    said = run("--repair")
    assert "course is_complete is False, should be True" in said
    learner.refresh_from_db()
    assert learner.completion_bp == 10000
    assert OutboxMessage.objects.get().payload == {"enrollment_id": learner.pk}
    assert run() == "Everything agrees.\n"
