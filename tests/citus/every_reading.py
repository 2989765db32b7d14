"""Every address of the site that can be read, with rows of the database in it."""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import NoReverseMatch, reverse

from analytics.reporting import registry
from certificates.models import Certificate
from progress.models import ContentProgress, Course, User
from progress.security.keys import make_key
from tests.permissions.routes import Route, routes

# What streams without an end, or does something.
LEFT_OUT = {"stream", "logout", "knox_login", "knox_logout", "account-sign-out", "api-token"}
# Parameters without which there is no answer.
NEEDED = {"forecast-what-if": "?hours=2"}
MODELS = {
    "alert": "analytics.Alert",
    "escalation": "analytics.Escalation",
    "exemption": "analytics.Exemption",
    "hourly-rate": "analytics.HourlyRate",
    "letter-template": "analytics.OutreachTemplate",
    "letter": "analytics.Outreach",
    "requirement": "analytics.Requirement",
    "saved-report": "analytics.SavedReport",
    "skill": "analytics.LearnerSkill",
    "course": "progress.Course",
    "learner": "progress.User",
    "enrollment": "progress.Enrollment",
    "waiver": "progress.Waiver",
    "outside-completion": "progress.OutsideCompletion",
}


def failures() -> list[str]:
    """What readers can't read, with the error."""
    learner = ContentProgress.objects.order_by("-time_ms").first().user
    everywhere = list(dict.fromkeys(addresses()))
    assert len(everywhere) > 200
    found = []
    for name, client, wanted in readers(learner, everywhere):
        found += _failures(client, name, wanted)
    return found


def readers(learner: User, everywhere: list[str]) -> Iterator[tuple[str, Client, list[str]]]:
    """A superuser, an instructor, a manager, a learner and two keys, with what each reads.

    The learners that a reader may see are a condition of each statement, and differ between these.
    """
    superuser = User.objects.create_superuser("reads-everything")
    lead = User.objects.create_user("leads-a-team")
    User.objects.filter(pk=learner.pk).update(manager=lead)
    own = [address for address in everywhere if not address.startswith("/admin")]
    insight = [address for address in everywhere if address.startswith("/admin/insight")]
    people = {superuser: everywhere, _instructor(learner): everywhere, lead: own + insight}
    for reader, wanted in (people | {learner: own}).items():
        client = Client(raise_request_exception=False)
        client.force_login(reader)
        yield reader.username, client, wanted
    for is_test in (False, True):
        _, key = make_key(superuser, lifetime=timedelta(days=1), is_test=is_test)
        client = Client(raise_request_exception=False, headers={"authorization": f"Token {key}"})
        of_api = [address for address in own if address.startswith("/api/")]
        yield "a test key" if is_test else "a key", client, of_api


def _instructor(learner: User) -> User:
    """Of the courses that the learner takes, and with all rights to view."""
    instructor = User.objects.create_user("teaches", is_staff=True)
    instructor.courses_taught.set(Course.objects.filter(enrollments__user=learner))
    views = Permission.objects.filter(codename__startswith="view_")
    instructor.user_permissions.set(views.exclude(codename="view_all_progress"))
    return instructor


def _failures(client: Client, name: str, wanted: list[str]) -> list[str]:
    errors: list[BaseException | None] = []
    got_request_exception.connect(note := lambda **_: errors.append(sys.exc_info()[1]))
    found = []
    for address in wanted:
        errors.clear()
        try:
            answer = client.get(address)
            if answer.streaming:
                b"".join(answer.streaming_content)
            status = answer.status_code
        except Exception as error:  # a stream that breaks off
            status = 500
            errors.append(error)
        if status >= 500:
            found.append(f"{status} {name} {address}: {errors[:1]}")
    got_request_exception.disconnect(note)
    return found


def addresses() -> Iterator[str]:
    """All but the admin's: a learner's own rows where there are such."""
    for route in routes(""):
        is_read = not route.methods or "get" in route.methods
        is_left_out = route.name.rpartition(":")[2] in LEFT_OUT
        if is_read and not is_left_out and not route.path.startswith("admin"):
            yield from _of(route)
    for report in registry.all_reports():
        for ending in ("csv", "xlsx", "pdf"):
            yield f"/api/analytics/reports/{report.slug}/download/{ending}/"
        yield f"/api/analytics/reports/{report.slug}/"
        yield f"/admin/insight/reports/{report.slug}/"
    yield from admin_addresses()


def _of(route: Route) -> Iterator[str]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", route.path)
    values = {name: _value(name, route) for name in names}
    if None in values.values():
        return
    try:
        yield reverse(route.name, kwargs=values) + NEEDED.get(route.name, "")
    except NoReverseMatch:
        return


def _value(name: str, route: Route):
    progress = ContentProgress.objects.order_by("-time_ms").first()
    certificate = Certificate.objects.order_by("pk").first()
    found = {
        "user_id": progress.user_id,
        "learner_id": progress.user_id,
        "content_id": progress.content_id,
        "course_id": progress.content.module.course_id,
        "enrollment_id": progress.enrollment_id,
        "number": certificate and certificate.number,
        "text": certificate and certificate.number,
        "slug": "learners",
        "ending": "csv",
    }
    if name == "number" and "status" in route.path:
        return 0
    if name == "pk":
        label = MODELS.get(route.name.removesuffix("-detail"))
        row = apps.get_model(label).objects.order_by("pk").first() if label else None
        return row and row.pk
    return found.get(name)


def admin_addresses() -> Iterator[str]:
    """Each list of the admin, searched and filtered, and the first row of it."""
    from django.contrib import admin

    for model, options in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = reverse(f"{base}_changelist")
        yield listed
        if options.search_fields:
            yield f"{listed}?q=a"
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            yield reverse(f"{base}_change", args=[row.pk])
            yield reverse(f"{base}_history", args=[row.pk])
            yield reverse(f"{base}_delete", args=[row.pk])
    for route in routes("admin/"):
        if "insight" in route.path and "slug" not in route.path:
            yield from _of(route)
