"""The admin shows every table, in words, and refuses what it doesn't know."""

import pytest
from django.contrib import admin

from progress.models import (
    ContentInteraction,
    ContentProgress,
    Course,
    CourseProgress,
    LearningSession,
)
from tests.factories import NOON, a_course_of
from tests.support.admin import (
    MODELS,
    a_staff_member,
    complete_a_course,
    label,
    page,
    sources,
    text_of,
)


def test_every_model_is_in_the_admin():
    assert [model for model in MODELS if not admin.site.is_registered(model)] == []


def test_the_policy_is_relaxed_in_the_admin_only(window, client):
    for address in ("/admin/", "/admin/login/", "/admin/password_change/"):
        answer = (client if "login" in address else window).get(address)
        assert sources(answer, "script-src") == {"'self'", "'unsafe-eval'"}
        assert sources(answer, "style-src") == {"'self'", "'unsafe-inline'"}
    for address in ("/", "/login/", "/api/courses/", "/admin-is-elsewhere/"):
        answer = window.get(address)
        assert sources(answer, "script-src") == sources(answer, "style-src") == {"'self'"}


def test_staff_without_permissions_see_nothing(sign_in):
    complete_a_course()
    window = sign_in(a_staff_member())
    assert {window.get(page(model)).status_code for model in MODELS} == {403}


# --- Units ---------------------------------------------------------------------------------------
def test_percentages_and_times_are_shown_in_words(window):
    complete_a_course()
    ContentProgress.objects.update(completion_bp=8999, time_ms=11_100_000, withheld_ms=400)
    for address in (page(ContentProgress), page(ContentProgress, "change", first(ContentProgress))):
        text = text_of(window.get(address))
        assert "89 %" in text
        assert "3 h 05 min" in text
        assert "0.4 s" in text
        assert "8999" not in text


def test_a_course_without_events_shows_its_zeros(window):
    complete_a_course()
    CourseProgress.objects.update(completion_bp=0, completed_at=None, time_ms=0, active_spans=())
    text = text_of(window.get(page(CourseProgress, "change", first(CourseProgress))))
    assert "0 %" in text
    assert "0 s" in text


def test_evidence_says_what_was_credited_and_withheld_and_why(window):
    complete_a_course()
    ContentInteraction.objects.update(
        credited_ms=15_000, covered_ms=2500, withheld_ms=90_000, withheld_reason="rate"
    )
    for address in (
        page(ContentInteraction),
        page(ContentInteraction, "change", first(ContentInteraction)),
    ):
        text = text_of(window.get(address))
        assert all(words in text for words in ("15 s", "2.5 s", "1 min", "rate"))


def first(model):
    return model.objects.order_by("pk").first().pk


# --- Filters -------------------------------------------------------------------------------------
def test_lists_are_filtered_by_course_state_and_completion(window):
    done = complete_a_course()
    complete_a_course()
    sessions = window.get(page(LearningSession), {"course": done.course_id, "state": "open"})
    assert list(sessions.context["cl"].result_list) == [done]
    assert len(window.get(page(LearningSession), {"state": "ended"}).context["cl"].result_list) == 0
    progress = window.get(page(CourseProgress), {"course": done.course_id, "complete": "yes"})
    assert [row.pk for row in progress.context["cl"].result_list] == [done.enrollment_id]
    assert len(window.get(page(CourseProgress), {"complete": "no"}).context["cl"].result_list) == 0


ODD = {
    "course": ["x", "1.5", "-1", "9" * 19, "9" * 30, "٣"],
    "complete": ["maybe"],
    "departmnt": ["Care"],
    "user__departmnt": ["Care"],
    "completed_at__yeer": ["2026"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ODD.items() for value in values]
)
def test_a_filter_that_a_list_does_not_have_is_refused_by_name(name, value, window):
    """Also in its files, which would not show that it was ignored."""
    done = complete_a_course()
    for address in (page(CourseProgress), f"{page(CourseProgress)}download/csv/"):
        answer = window.get(address, {name: value})
        assert answer.status_code == 400
        text = answer.content.decode()
        assert name in text and done.user.username not in text


LIBRARIES = [model for model in admin.site._registry if model not in MODELS]


@pytest.mark.parametrize("model", LIBRARIES, ids=label)
def test_and_in_the_lists_of_libraries(model, window):
    assert window.get(page(model)).status_code == 200
    assert window.get(page(model), {"no_such": "1"}).status_code == 400


def test_a_page_that_is_not_there_begins_the_list_as_it_was_asked_for(window, monkeypatch):
    monkeypatch.setattr(admin.site._registry[CourseProgress], "list_per_page", 1)
    complete_a_course(), complete_a_course()
    answer = window.get(page(CourseProgress), {"complete": "yes", "p": "99"})
    assert answer["Location"] == f"{page(CourseProgress)}?complete=yes"
    refused = window.get(page(CourseProgress), {"no_such": "1", "p": "99"}, follow=True)
    assert refused.status_code == 400


def test_a_course_without_rows_has_none_and_a_retired_one_keeps_its_own(window):
    done, empty = complete_a_course(), a_course_of()
    assert len(window.get(page(CourseProgress), {"course": empty.pk}).context["cl"].queryset) == 0
    Course.objects.filter(pk=done.course_id).update(retired_at=NOON)
    found = window.get(page(CourseProgress), {"course": done.course_id}).context["cl"].queryset
    assert [row.pk for row in found] == [done.enrollment_id]
