"""Thresholds, templates and letters in the admin: who edits them, and who sees them."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import AlertThresholds, Outreach, OutreachTemplate
from tests.factories import a_course_of
from tests.support.admin import VIDEO, text_of
from tests.support.alerts import an_alert
from tests.support.learners import an_instructor_of

pytestmark = pytest.mark.django_db
THRESHOLDS = "/admin/analytics/alertthresholds/"
TEMPLATES = "/admin/analytics/outreachtemplate/"
LETTERS = "/admin/analytics/outreach/"


def thresholds(**changes) -> dict:
    fields = [field.name for field in AlertThresholds._meta.fields if field.name != "id"]
    usual = {name: getattr(AlertThresholds(), name) for name in fields}
    return usual | changes


def who_may(course, *codenames):
    person = an_instructor_of(course)
    person.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return person


def test_thresholds_are_edited_by_users_who_see_everything(administrator, sign_in, course):
    AlertThresholds.objects.get_or_create(pk=1)
    window = sign_in(administrator)
    asked = thresholds(inactive_min_days=9, switched_off=["risk", "skipping"])
    assert window.post(f"{THRESHOLDS}1/change/", asked).status_code == 302
    row = AlertThresholds.current()
    assert (row.inactive_min_days, row.switched_off) == (9, ["risk", "skipping"])
    assert window.get(f"{THRESHOLDS}add/").status_code == 403
    teacher = who_may(course, "view_alertthresholds", "change_alertthresholds")
    assert sign_in(teacher).post(f"{THRESHOLDS}1/change/", thresholds()).status_code == 302
    assert AlertThresholds.current().inactive_min_days == 9


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"inactive_min_days": 30},
            "The minimum number of days without activity is greater than the maximum.",
        ),
        ({"pace_behind_points": 101}, "less than or equal to 100"),
        ({"failing_attempts": 0}, "greater than or equal to 1"),
        ({"switched_off": ["sleep"]}, "sleep is not one of the available choices"),
    ],
)
def test_thresholds_that_make_no_sense_are_named(changes, said, administrator, sign_in):
    AlertThresholds.objects.get_or_create(pk=1)
    answer = sign_in(administrator).post(f"{THRESHOLDS}1/change/", thresholds(**changes))
    assert answer.status_code == 200 and said in text_of(answer)


def test_templates_are_shared_by_all_with_the_permission(sign_in, course):
    window = sign_in(who_may(course, "view_outreachtemplate", "add_outreachtemplate"))
    asked = {"name": "Hello", "kind": "pace", "subject": "Hi {name}", "body": "{nobody}"}
    assert "There is no value to fill in for {nobody}." in text_of(
        window.post(f"{TEMPLATES}add/", asked)
    )
    assert window.post(f"{TEMPLATES}add/", asked | {"body": "{name}"}).status_code == 302
    assert "Hi {name}" in text_of(window.get(TEMPLATES))
    pk = OutreachTemplate.objects.get(name="Hello").pk
    assert window.post(f"{TEMPLATES}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_instructors_see_letters_of_their_courses_at_a_bounded_cost(sign_in, course):
    other = a_course_of(VIDEO)

    def write(where, count: int) -> None:
        for _ in range(count):
            alert = an_alert(where)
            fields = {"subject": f"Of {where.pk}", "body": "", "written_at": timezone.now()}
            Outreach.objects.create(alert=alert, **fields)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert window.get(LETTERS).status_code == 200
        return len(captured)

    window = sign_in(who_may(course, "view_outreach"))
    write(course, 1)
    write(other, 1)
    text = text_of(window.get(LETTERS))
    assert f"Of {course.pk}" in text and f"Of {other.pk}" not in text
    theirs = Outreach.objects.get(alert__course=other)
    assert window.get(f"{LETTERS}{theirs.pk}/change/").status_code == 302
    one = queries()
    write(course, 9)
    assert queries() == one
