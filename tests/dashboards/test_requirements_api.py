"""What the admin edits, edited by programs: by the same rights, with the same checks."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import (
    AlertThresholds,
    Escalation,
    EscalationStep,
    Exemption,
    HourlyRate,
    Outreach,
    Requirement,
)
from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO
from tests.support.alerts import an_alert
from tests.support.learners import an_instructor_of, someone

pytestmark = pytest.mark.django_db
API = "/api/analytics/"


def editor(*courses, everything: bool = False) -> APIClient:
    """Staff with every permission on the analytics' tables."""
    person = an_instructor_of(*courses)
    rows = Permission.objects.filter(content_type__app_label="analytics")
    person.user_permissions.add(*rows)
    if everything:
        person.user_permissions.add(Permission.objects.get(codename="view_all_progress"))
    client = APIClient()
    client.force_authenticate(person)
    client.person = person
    return client


def wrong(answer) -> set[str]:
    assert answer.status_code == 400, answer.content
    return {error["attr"] for error in answer.json()["errors"]}


def test_a_requirement_with_its_steps(course):
    own = editor(course)
    steps = [{"days": -14, "to": "learner"}, {"days": 3, "to": "address", "address": "hr@x.org"}]
    fields = {"name": "Fire", "course_id": course.pk, "departments": ["Care"], "due_days": 30}
    made = own.post(f"{API}requirements/", fields | {"steps": steps})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert [(step["days"], step["address"]) for step in made.json()["steps"]] == [
        (-14, ""),
        (3, "hr@x.org"),
    ]
    kept = EscalationStep.objects.get(days=-14)
    # What stays isn't made anew, as letters hang on it; without `steps` they are left alone.
    changed = own.patch(f"{API}requirements/{pk}/", {"steps": steps[:1], "due_days": 20})
    assert changed.status_code == 200 and EscalationStep.objects.get() == kept
    assert own.patch(f"{API}requirements/{pk}/", {"name": "Fires"}).json()["steps"]
    Escalation.objects.create(
        step=kept, user=a_user(), due_on=timezone.localdate(), planned_at=timezone.now()
    )
    assert "steps" in str(wrong(own.patch(f"{API}requirements/{pk}/", {"steps": []})))
    assert EscalationStep.objects.filter(pk=kept.pk).exists()


def enroller(course, *codenames) -> APIClient:
    client = editor(course)
    client.person.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return client


def test_only_who_may_enrol_everybody_has_a_requirement_enrol_people(course):
    own, address = enroller(course, "add_enrollment", "view_enrollment"), f"{API}requirements/"
    fields = {"name": "Fire", "course_id": course.pk, "enrols": True}
    assert wrong(own.post(address, fields)) == {"enrols"}
    all_ = enroller(course, "add_enrollment", "view_enrollment", "view_all_progress")
    made = all_.post(address, fields | {"departments": ["Care"], "starts_on": "2026-05-03"})
    assert made.status_code == 201, made.content
    address += f"{made.json()['id']}/"
    other = a_course_of(VIDEO)
    other.instructors.add(own.person)
    for change in (
        {"departments": []},
        {"departments": ["Care", "Sales"]},
        {"starts_on": "2020-01-01"},
        {"course_id": other.pk},
    ):
        assert wrong(own.patch(address, change)) == set(change)
    # What enrols nobody else can be changed, and it can be stopped.
    same = {"name": "Fires", "departments": ["Care"], "due_days": 9, "enrols": True}
    assert own.patch(address, same).status_code == 200
    assert own.patch(address, {"is_active": False}).status_code == 200
    assert wrong(own.patch(address, {"is_active": True})) == {"is_active"}
    assert own.patch(address, {"enrols": False}).status_code == 200
    assert own.patch(address, {"is_active": True, "departments": []}).status_code == 200
    assert wrong(own.patch(address, {"enrols": True})) == {"enrols"}
    assert all_.patch(address, {"enrols": True}).status_code == 200


def test_nor_in_the_admin(course, client):
    person = enroller(course, "add_enrollment", "view_enrollment").person
    client.force_login(person)
    form = {"name": "Fire", "course": course.pk, "starts_on": "2026-05-03", "is_active": "on"}
    form |= {"steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0, "enrols": "on", "departments": ""}
    assert client.post("/admin/analytics/requirement/add/", form).status_code == 302
    made = Requirement.objects.get()
    assert not made.enrols
    Requirement.objects.update(enrols=True, departments=["Care"])
    address = f"/admin/analytics/requirement/{made.pk}/change/"
    assert client.post(address, form | {"name": "Fires"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.departments, made.enrols) == ("Fires", ["Care"], True)
    del form["enrols"]
    client.post(address, form)
    made.refresh_from_db()
    assert not made.enrols


def test_what_makes_no_sense_of_a_requirement_is_named(course):
    own, theirs = editor(course), a_course_of(VIDEO)
    fields = {"name": "Fire", "course_id": course.pk}
    for more, named in (
        ({"due_on": "2026-05-03", "due_days": 3}, "due_days"),
        ({"due_on": "3 May"}, "due_on"),
        ({"due_days": -1}, "due_days"),
        ({"due_days": 2_147_483_647}, "due_days"),
        ({"due_on": "9999-12-31"}, "due_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"steps": [{"days": 3651}]}, "steps.0.days"),
        ({"course_id": theirs.pk}, "course_id"),
        ({"course_id": 10**20}, "course_id"),
        ({"name": ""}, "name"),
        ({"steps": [{"days": 1, "to": "address"}]}, "steps.0.address"),
        ({"steps": [{"days": "NaN"}]}, "steps.0.days"),
        ({"steps": [{"days": 1}, {"days": 1}]}, "steps"),
    ):
        assert wrong(own.post(f"{API}requirements/", fields | more)) == {named}, more
    assert not Requirement.objects.exists()


def test_requirements_are_found_by_what_they_concern(course):
    own = editor(course)
    for name, departments in (("All", []), ("Care", ["Care", "Law"]), ("Sales", ["Sales"])):
        Requirement.objects.create(name=name, course=course, departments=departments)
    Requirement.objects.filter(name="All").update(is_active=False)

    def names(query: str) -> list[str]:
        answer = own.get(f"{API}requirements/?{query}")
        return [row["name"] for row in answer.json()["results"]]

    assert names("department=Care") == ["All", "Care"]
    assert names("is_active=false") == ["All"]
    assert names(f"course_id={course.pk}&ordering=-name") == ["Sales", "Care", "All"]
    assert wrong(own.get(f"{API}requirements/?course_id=NaN")) == {"course_id"}


def test_an_exemption_is_granted_and_only_its_end_may_change(course):
    own, person = editor(course), someone(course)
    requirement = Requirement.objects.create(name="Fire", course=course)
    theirs = Requirement.objects.create(name="Theirs", course=a_course_of(VIDEO))
    fields = {"requirement_id": requirement.pk, "user_id": person.pk, "reason": "On leave"}
    made = own.post(f"{API}exemptions/", fields | {"since": "2026-05-03"})
    assert made.status_code == 201 and made.json()["granted_by_id"] == own.person.pk
    address = f"{API}exemptions/{made.json()['id']}/"
    for day in ("2026-05-02", "9999-12-31"):
        assert wrong(own.patch(address, {"until": day})) == {"until"}
    assert wrong(own.patch(address, {"until": "2026-05-09", "reason": "Otherwise"})) == {"reason"}
    own.patch(address, {"until": "2026-05-09"})
    exempt = Exemption.objects.get()
    assert (str(exempt.until), exempt.reason) == ("2026-05-09", "On leave")
    assert own.get(f"{API}exemptions/?holds_on=2026-05-09").json()["count"] == 1
    assert own.get(f"{API}exemptions/?holds_on=2026-05-10").json()["count"] == 0
    assert wrong(own.post(f"{API}exemptions/", fields | {"requirement_id": theirs.pk})) == {
        "requirement_id"
    }
    assert wrong(own.post(f"{API}exemptions/", fields | {"user_id": a_user().pk})) == {"user_id"}


def test_escalations_are_read_and_narrowed(course):
    own, person = editor(course), someone(course)
    step = EscalationStep.objects.create(
        requirement=Requirement.objects.create(name="Fire", course=course), days=7
    )
    now = timezone.now()
    Escalation.objects.create(
        step=step, user=person, due_on=now.date(), planned_at=now, sent_at=now
    )
    (row,) = own.get(f"{API}escalations/?is_sent=true&user_id={person.pk}").json()["results"]
    assert (row["days"], row["to"], row["requirement_id"]) == (7, "learner", step.requirement_id)
    assert own.get(f"{API}escalations/?is_sent=false").json()["count"] == 0
    assert own.post(f"{API}escalations/", {}).status_code == 405


def test_rates_are_of_no_course(course):
    assert editor(course).get(f"{API}hourly-rates/").status_code == 403
    all_ = editor(course, everything=True)
    made = all_.post(f"{API}hourly-rates/", {"department": "Care", "amount": 42.5})
    assert made.status_code == 201 and made.json()["amount"] == 42.5
    for amount in (-1, "NaN", "Infinity", "much"):
        sent = {"department": "Law", "amount": amount}
        assert wrong(all_.post(f"{API}hourly-rates/", sent)) == {"amount"}
    again = all_.post(f"{API}hourly-rates/", {"department": "Care", "amount": 1})
    assert wrong(again) == {"department"}
    assert all_.delete(f"{API}hourly-rates/{made.json()['id']}/").status_code == 204
    assert not HourlyRate.objects.exists()


def test_a_letter_is_written_about_own_alerts_only(course, django_capture_on_commit_callbacks):
    own, other = editor(course), a_course_of(VIDEO)
    mine, theirs = an_alert(course, full_name="Lena"), an_alert(other)
    fields = {"subject": "{course}", "body": "Dear {name}"}
    refused = own.post(f"{API}letters/", fields | {"alert_ids": [mine.pk, theirs.pk]})
    assert wrong(refused) == {"alert_ids"} and not Outreach.objects.exists()
    assert wrong(own.post(f"{API}letters/", fields | {"alert_ids": []})) == {"alert_ids"}
    unknown = fields | {"alert_ids": [mine.pk], "body": "{phone}"}
    assert wrong(own.post(f"{API}letters/", unknown)) == {"body"}
    made = own.post(f"{API}letters/", fields | {"alert_ids": [mine.pk]})
    assert made.status_code == 201 and made.json()["letters"] == 1
    (row,) = own.get(f"{API}letters/?user_id={mine.user_id}").json()["results"]
    assert (row["subject"], row["body"]) == ("Fire safety", "Dear Lena")
    assert own.get(f"{API}letters/?is_sent=true").json()["count"] == 0
    mine.refresh_from_db()
    assert mine.state == "acknowledged" and not mail.outbox


def test_templates_and_thresholds_are_checked(course):
    all_ = editor(course, everything=True)
    sent = {"name": "Hello", "subject": "Hi {name}", "body": "{nothing}"}
    assert wrong(all_.post(f"{API}letter-templates/", sent)) == {"body"}
    assert all_.post(f"{API}letter-templates/", sent | {"body": "Dear {name}"}).status_code == 201
    address = f"{API}alert-thresholds/"
    assert all_.get(address).json()["never_started_days"] == 7
    assert all_.patch(address, {"never_started_days": 9}).json()["never_started_days"] == 9
    assert AlertThresholds.current().never_started_days == 9
    assert wrong(all_.patch(address, {"inactive_min_days": 90})) == {"inactive_min_days"}
    assert wrong(all_.patch(address, {"switched_off": ["nonsense"]})) == {"switched_off.0"}
    assert editor(course).get(address).status_code == 403


def test_ones_own_digest(course):
    own = editor(course)
    assert own.get(f"{API}alert-digest/").json() == {"rhythm": "weekly"}
    assert own.put(f"{API}alert-digest/", {"rhythm": "off"}).status_code == 200
    assert own.get(f"{API}alert-digest/").json() == {"rhythm": "off"}
    assert wrong(own.put(f"{API}alert-digest/", {"rhythm": "hourly"})) == {"rhythm"}


@pytest.mark.parametrize("name", ["requirements", "exemptions", "escalations", "letters"])
def test_a_long_list_costs_as_many_statements_as_a_short_one(
    name, course, django_assert_max_num_queries
):
    own = editor(course)

    def more() -> None:
        requirement = Requirement.objects.create(name="Fire", course=course)
        step = EscalationStep.objects.create(requirement=requirement, days=7)
        alert = an_alert(course)
        now = timezone.now()
        Escalation.objects.create(step=step, user=alert.user, due_on=now.date(), planned_at=now)
        Exemption.objects.create(requirement=requirement, user=alert.user, reason="Away")
        Outreach.objects.create(
            alert=alert, subject="S", body="B", written_at=now - timedelta(days=1)
        )

    more()
    with django_assert_max_num_queries(20) as few:
        assert own.get(f"{API}{name}/").json()["count"] == 1
    for _each in range(5):
        more()
    with django_assert_max_num_queries(len(few)):
        assert own.get(f"{API}{name}/").json()["count"] == 6


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("alerts/?cours_id=1", "cours_id"),
        ("alerts/?is_closed=maybe", "is_closed"),
        ("alerts/?ordering=password", "ordering"),
        ("risk/?x=1", "x"),
        ("skills/?ordering=-mastery,user", "ordering"),
        ("letters/?is_sent=NaN", "is_sent"),
        ("letter-templates/?name=x", "name"),
        ("requirements/?is_active=yes", "is_active"),
        ("exemptions/?holds=2026-05-03", "holds"),
        ("escalations/?is_sent=2", "is_sent"),
        ("hourly-rates/?departmnt=Care", "departmnt"),
        ("saved-reports/?x=1", "x"),
    ],
)
def test_a_list_refuses_what_is_no_filter_instead_of_listing_everything(address, named, course):
    assert wrong(editor(course, everything=True).get(f"{API}{address}")) == {named}
    known = address.partition("?")[0]
    assert (
        editor(course, everything=True).get(f"{API}{known}?page=1&page_size=5").status_code == 200
    )
