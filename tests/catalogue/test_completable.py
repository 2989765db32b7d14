"""Content that no learner could complete is refused at its field, with what to do."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from progress import tasks
from progress.catalogue import course_document, problems_of, replace_course, short_media_mail
from progress.catalogue.media_length import length_ms
from progress.mail import outgoing
from progress.models import Content, ContentProgress, LearningSession, User
from progress.state import short_media
from tests.factories import (
    NOON,
    a_course_of,
    a_learner,
    a_session,
    an_instructor,
    content,
    report,
)
from tests.support.admin import save

pytestmark = pytest.mark.django_db

TEXT = "/static/demo/what-fire-needs.html"
FILM = "/static/demo/extinguisher.mp4"  # twelve seconds
REFUSED = [
    ({"content_type": "video", "url": "/film.mp4"}, "duration_seconds"),
    ({"content_type": "audio"}, "duration_seconds"),
    ({"content_type": "video", "url": FILM, "duration_seconds": 15}, "duration_seconds"),
    ({"content_type": "embed", "url": "https://example.org/"}, "completes_on"),
    ({"content_type": "document", "url": "/files/talk.pptx"}, "url"),
    ({"content_type": "document", "url": "/files/talk.PPTX?v=.pdf", "page_count": 9}, "url"),
    ({"content_type": "document", "url": "/files/pdf", "page_count": 9}, "url"),
    ({"content_type": "document", "url": "https://else.org/x.pdf", "page_count": 9}, "url"),
    ({"content_type": "document", "url": "//else.org/x.pdf", "page_count": 9}, "url"),
    ({"content_type": "document", "url": "/files/rules.pdf"}, "page_count"),
    ({"content_type": "text", "url": "https://else.org/text.html"}, "url"),
    ({"content_type": "text", "url": "/static/demo/nowhere.html"}, "url"),
    ({"content_type": "quiz", "questions": []}, "questions"),
]
ACCEPTED = [
    {"content_type": "video", "url": "/film.mp4", "completion_source": "reported"},
    {"content_type": "video", "url": FILM, "duration_seconds": 12},
    {"content_type": "video", "url": "https://else.org/film.mp4", "duration_seconds": 60},
    {"content_type": "embed", "completes_on": "confirmation"},
    {"content_type": "embed", "view_seconds": 30},
    {"content_type": "embed", "duration_seconds": 30},
    {"content_type": "embed", "completion_source": "reported"},
    {"content_type": "document", "url": "/files/Rules.PDF", "page_count": 9},
    {"content_type": "document", "url": "/files/rules.pdf?token=a.b/c#page=2", "page_count": 9},
    {"content_type": "document", "url": "/files/talk.pptx", "completes_on": "download"},
    {"content_type": "document", "url": "/files/talk.pptx", "completion_source": "reported"},
    {"content_type": "text", "url": TEXT},
    # Shown by another site's pages, which report what is read.
    {"content_type": "text"},
    {"content_type": "document", "page_count": 9},
    # A draft may be incomplete.
    {"content_type": "video", "hidden": True},
]


@pytest.mark.parametrize(("document", "field"), REFUSED, ids=lambda value: str(value)[:70])
def test_content_that_nobody_could_complete_is_refused_at_its_field(document, field):
    with pytest.raises(ValidationError) as refusal:
        a_course_of(document)
    problems = refusal.value.detail["modules"][0]["contents"][0]
    assert list(problems) == [field]


@pytest.mark.parametrize("document", ACCEPTED, ids=lambda value: str(value)[:70])
def test_completable_content_is_accepted_and_comes_back_unchanged(document):
    course = a_course_of(document)
    document = course_document(course, is_author=True)
    assert not replace_course(document, course=course).was_changed
    assert problems_of(course) == []


@pytest.mark.parametrize(
    ("name", "seconds"), [("extinguisher.mp4", 12), ("fire-doors.mp4", 60), ("alarm.m4a", 16)]
)
def test_the_length_of_an_own_file_is_read_from_it(name, seconds, tmp_path):
    path = Path(finders.find(f"demo/{name}"))
    assert abs(length_ms(path) - seconds * 1000) < 1000
    for size in (0, 5, 8, 60, 200):
        broken = tmp_path / name
        broken.write_bytes(path.read_bytes()[:size])
        assert length_ms(broken) is None


# --- The learner's page ---------------------------------------------------------------------------
@pytest.mark.parametrize("url", ["/files/Rules.PDF", "/files/rules.pdf?token=a.b#x"])
def test_a_pdf_is_recognised_in_any_case_of_its_suffix(client, url):
    course = a_course_of({"content_type": "document", "url": url, "page_count": 3})
    client.force_login(a_learner(course))
    page = client.get(f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/")
    assert 'id="pages"' in page.content.decode()


def test_reported_content_needs_no_measure(client):
    data = {"content_type": "document", "url": "/x.pptx", "completion_source": "reported"}
    course = a_course_of(data)
    client.force_login(a_learner(course))
    page = client.get(f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/")
    assert "I have finished this" in page.content.decode()


# --- Content stored before the checks -------------------------------------------------------------
def test_old_invalid_content_is_shown_with_a_warning_and_can_be_corrected(admin_client):
    course = a_course_of(
        {"content_type": "video", "title": "Film", "duration_seconds": 60},
        {"content_type": "text", "title": "Text"},
    )
    Content.objects.filter(code="c1").update(duration_ms=None)
    assert course_document(course, is_author=True)["modules"]
    film, text = content(course, "c1"), content(course, "c2")
    page = admin_client.get(f"/admin/progress/content/{film.pk}/change/").content.decode()
    assert "No learner can complete this. Without a length" in page
    page = admin_client.get(f"/admin/progress/course/{course.pk}/change/").content.decode()
    assert "Film › duration_seconds: Without a length" in page
    # Other fields can be changed meanwhile, and the fault itself can be corrected.
    assert save(admin_client, text, title="Another title").status_code == 302
    assert save(admin_client, film, duration_ms="60").status_code == 302
    assert problems_of(course) == []


def test_the_form_shows_the_error_at_the_field(admin_client):
    course = a_course_of({"content_type": "video", "duration_seconds": 60})
    answer = save(admin_client, content(course, "c1"), duration_ms="")
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    assert "Without a length" in str(form.errors["duration_ms"])
    for name in ("duration_ms", "complete_at_bp", "pass_bp"):
        assert "border" in form.fields[name].widget.attrs["class"], name


# --- Media that are shorter than their stated length ----------------------------------------------
def watched(course, *ends):
    for end in ends:
        session = a_session(course, a_learner(course))
        event = {
            "content_id": content(course, "c1").pk,
            "interaction_type": "play",
            "segments": [[0, end]],
            "duration_seconds": 90,
        }
        report(session, event, now=NOON + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ([80, 80.2, 79.9], (80_200, 3, 3)),
        ([80, 80, 80, 20], (80_000, 3, 3)),
        ([80, 80], None),  # too few to say
        ([80, 80, 80, 90], None),  # one learner went further
        ([99.5] * 3, None),  # the end itself
        ([20, 30, 40, 50], None),  # at different positions
        ([95] * 3, (95_000, 3, 0)),  # complete, and yet short of 100 %
    ],
)
def test_learners_who_stop_at_one_position_show_the_likely_length(ends, found):
    course = a_course_of({"content_type": "video", "duration_seconds": 100})
    watched(course, *ends)
    short = short_media.find(content(course, "c1"))
    assert found == (short and (short.length_ms, short.learners, short.incomplete))


def test_instructors_are_written_to_once_for_each_length(django_capture_on_commit_callbacks):
    course = a_course_of({"content_type": "video", "duration_seconds": 100}, title="Fire")
    teacher = an_instructor(course)
    User.objects.filter(pk=teacher.pk).update(email="ines@example.org")
    watched(course, 80, 80, 80)
    LearningSession.objects.update(end_time=timezone.now(), end_reason="ended")

    def run():
        with django_capture_on_commit_callbacks(execute=True):
            tasks.warn_of_short_media()
            outgoing.send_due(timezone.now())
        return [letter.to for letter in mail.outbox]

    assert run() == [["ines@example.org"]]
    assert "3 learners have reached 80 s" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Is “c1” shorter than its course says?"
    assert run() == [["ines@example.org"]]
    Content.objects.update(duration_ms=95_000)
    assert len(run()) == 2
    Content.objects.update(duration_ms=80_000)
    assert len(run()) == 2


def test_a_length_that_was_corrected_meanwhile_needs_no_mail():
    course = a_course_of({"content_type": "video", "duration_seconds": 100})
    teacher = an_instructor(course)
    User.objects.filter(pk=teacher.pk).update(email="ines@example.org")
    watched(course, 80, 80, 80)
    payload = {"content_id": content(course, "c1").pk, "user_id": teacher.pk}
    assert short_media_mail.compose(payload, NOON).to == ["ines@example.org"]
    Content.objects.update(duration_ms=80_000)
    assert short_media_mail.compose(payload, NOON) == "The length has been corrected."
    course.instructors.clear()
    assert "teaches the course no more" in short_media_mail.compose(payload, NOON)


def test_the_content_page_warns_the_author(admin_client):
    course = a_course_of({"content_type": "video", "duration_seconds": 100})
    watched(course, 80, 80, 80)
    film = content(course, "c1")
    said = "3 learners have reached 80 s, and nobody has gone further"
    for page in (
        f"/admin/progress/content/{film.pk}/change/",
        f"/admin/insight/contents/{film.pk}/",
    ):
        answer = admin_client.get(page)
        assert said in answer.content.decode(), page
    assert save(admin_client, film, duration_ms="80").status_code == 302
    rows = ContentProgress.objects.filter(content=film, completed_at=None)
    assert rows.count() == 3
    assert said not in admin_client.get(page).content.decode()
