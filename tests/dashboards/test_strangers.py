"""An instructor of one course, at every page and endpoint with the names and ids of another's."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from drf_spectacular.generators import SchemaGenerator

from analytics.facts.rollups import folding
from analytics.models import Alert, Outreach, SavedReport
from analytics.reporting import registry
from analytics.reporting.files import FILES
from analytics.site.urls import patterns
from progress.jobs import Run
from progress.models import Course, Enrollment
from tests.factories import a_course_of, content
from tests.support.admin import VIDEO
from tests.support.alerts import watch
from tests.support.dashboards import scored
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, complete, fail, learn, someone
from tests.support.reports import in_api

pytestmark = pytest.mark.django_db
FOREIGN = "Qwertz"  # in every name of the other course
UNKNOWN = 987_654_321


@pytest.fixture
def teacher(course):
    """A user who may do everything that instructors may, in one course."""
    learn(course, someone(course, full_name="Lena"), ago=DAY)
    person = an_instructor_of(course)
    analytics = Permission.objects.filter(content_type__app_label="analytics")
    person.user_permissions.add(*analytics.filter(codename__startswith="view"))
    return person


@pytest.fixture
def other(db) -> Course:
    """Another instructor's course, with something of every kind in it."""
    contents = [each | {"title": f"{FOREIGN} {n}"} for n, each in enumerate((VIDEO, A_QUIZ))]
    other = a_course_of(*contents, title=f"{FOREIGN} course")
    colleague = an_instructor_of(other)
    for number in range(12):
        person = someone(
            other,
            full_name=f"{FOREIGN} {number}",
            username=f"{FOREIGN.lower()}-{number}",
            department=f"{FOREIGN} department",
        )
        if number < 10:
            learn(other, person, ago=20 * DAY)
            fail(other, person, "c2", times=2, ago=19 * DAY)
        if number < 5:
            complete(other, person, timezone.now() - DAY)
        scored(Enrollment.objects.get(user=person), 80)
    folding.fold_new(Run("fold", timezone.now()))
    watch()
    SavedReport.objects.create(
        owner=colleague, name=f"{FOREIGN} saved", slug="learners", query=f"course={other.pk}"
    )
    return other


def body(answer) -> str:
    shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return shown.decode(errors="replace")


def filter_queries(other: Course) -> list[str]:
    """Queries that ask for the other course or its learners."""
    person = other.enrollments.first().user_id
    asked = [{}, {"course": other.pk}, {"course_id": other.pk}, {"user_id": person}]
    asked += [{"department": f"{FOREIGN} department"}, {"q": FOREIGN}]
    return [f"?{urlencode(each)}" for each in asked]


def shows_a_foreign_name(asked: str, shown: str) -> bool:
    """Whether a name appears that wasn't in the request (whose words may come back in a form)."""
    return FOREIGN in shown if FOREIGN not in asked else f"{FOREIGN} 0" in shown


# --- Pages ---------------------------------------------------------------------------------------
def addresses(reader) -> list[str]:
    """Every page that needs no id, reports and their files included."""
    found = []
    for pattern in patterns(lambda view: view):
        needs = set(pattern.pattern.converters)
        if not needs:
            found.append(reverse(f"admin:{pattern.name}"))
        elif needs == {"slug"} and pattern.name == "insight-report":
            found += [
                reverse("admin:insight-report", args=[r.slug]) for r in registry.open_to(reader)
            ]
        elif needs == {"slug", "ending"}:
            found += [
                reverse(f"admin:{pattern.name}", args=[report.slug, ending])
                for report in registry.open_to(reader)
                for ending in FILES
                if ending == "csv"
            ]
    return [reverse("admin:index"), *found]


def test_no_page_shows_anything_of_another_course(sign_in, teacher, other):
    window = sign_in(teacher)
    found = addresses(teacher)
    assert len(found) > 40
    for address in found:
        for asked in filter_queries(other):
            answer = window.get(address + asked)
            assert answer.status_code in {200, 302, 400, 403, 405}, address
            assert not shows_a_foreign_name(asked, body(answer)), address + asked


def test_pages_with_anothers_id_answer_like_those_with_none(sign_in, teacher, other):
    window = sign_in(teacher)
    theirs = {
        "course_id": other.pk,
        "learner_id": other.enrollments.first().user_id,
        "content_id": content(other, "c1").pk,
        "pk": SavedReport.objects.get().pk,
    }
    named = patterns(lambda view: view)
    asked = [each for each in named if set(each.pattern.converters) & theirs.keys()]
    assert len(asked) >= 4
    for pattern in asked:
        bodies = []
        for ids in (theirs, dict.fromkeys(theirs, UNKNOWN)):
            needed = {name: ids[name] for name in pattern.pattern.converters}
            address = reverse(f"admin:{pattern.name}", kwargs=needed)
            send = window.post if pattern.name == "insight-forget" else window.get
            answer = send(address)
            assert answer.status_code == 404, address
            shown = body(answer).replace(address, "")  # the link back
            bodies.append(re.sub(r'value="\w{64}"', "", shown))  # each form's token
        assert bodies[0] == bodies[1], pattern.name


# --- Endpoints -----------------------------------------------------------------------------------
def endpoints() -> list[str]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [path for path, does in paths.items() if "/api/analytics/" in path and "get" in does]


def test_no_endpoint_shows_anything_of_another_course(teacher, other):
    client = in_api(teacher)
    listed = [path for path in endpoints() if "{" not in path]
    listed += [f"/api/analytics/reports/{report.slug}/" for report in registry.open_to(teacher)]
    assert len(listed) > 30
    for path in listed:
        for asked in filter_queries(other):
            answer = client.get(path + asked)
            # A request with an unknown name or id is refused, or finds nothing.
            assert answer.status_code in {200, 400, 403, 404}, path + asked
            assert not shows_a_foreign_name(asked, body(answer)), path + asked


def test_endpoints_with_anothers_id_answer_like_those_with_none(teacher, other):
    client = in_api(teacher)
    learner = other.enrollments.first()
    alert = Alert.objects.filter(course=other).first()
    letter = Outreach.objects.create(alert=alert, written_at=timezone.now(), subject="x", body="x")
    theirs = {
        "alerts/{id}/": [alert.pk],
        "contents/{content_id}/": [content(other, "c1").pk],
        "contents/{content_id}/curve/": [content(other, "c1").pk],
        "courses/{course_id}/": [other.pk],
        "courses/{course_id}/learners/{learner_id}/": [other.pk, learner.user_id],
        "forecasts/{enrollment_id}/": [learner.pk],
        "forecasts/{enrollment_id}/what-if/": [learner.pk],
        "letters/{id}/": [letter.pk],
        "risk/{enrollment_id}/": [learner.pk],
        "saved-reports/{id}/": [SavedReport.objects.get().pk],
    }
    without_owner = {
        "escalations",
        "exemptions",
        "hourly-rates",
        "letter-templates",
        "requirements",
    }
    known = [path.removeprefix("/api/analytics/") for path in endpoints() if "{" in path]
    not_covered = {path.split("/")[0] for path in known if path not in theirs}
    # Reports are found by name, and skills are the reader's own; the rest is the organisation's.
    assert not_covered - without_owner == {"reports", "skills"}
    for path, ids in theirs.items():
        template = re.sub(r"\{\w+\}", "{}", f"/api/analytics/{path}")
        asked = [template.format(*each) for each in (ids, [UNKNOWN] * len(ids))]
        answers = [client.get(address) for address in asked]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].content == answers[1].content, path


def test_the_same_requests_find_it_for_a_user_who_sees_everything(sign_in, other):
    """So the tests above would fail if anything were shown."""
    from tests.support.admin import a_staff_member

    person = a_staff_member("view_courseprogress", "view_all_progress", "view_alert")
    window = sign_in(person)
    revealing = [address for address in addresses(person) if FOREIGN in body(window.get(address))]
    assert len(revealing) > 20
