"""A deactivated account: what it had open ends at once, whichever door was used."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress import ingest
from progress.ingest import deactivating
from progress.models import LearningSession, User
from tests.factories import a_course, a_learner, a_user, an_instructor, an_integrator, content
from tests.support.callers import api as as_

pytestmark = pytest.mark.django_db


class Doors:
    """The ways to deactivate a person; each is tried by a superuser."""

    def __init__(self):
        boss = a_user(is_staff=True, is_superuser=True)
        self.api, self.window = as_(boss), Client()
        self.window.force_login(boss)

    def address(self, person) -> None:
        answer = self.api.post(f"/api/learners/{person.pk}/deactivate/")
        assert (answer.status_code, answer.json()["is_active"]) == (200, False)

    def bulk(self, person) -> None:
        row = {"username": person.username, "action": "deactivate"}
        assert self.api.post("/api/learners/bulk/", {"rows": [row]}).status_code == 200

    def file(self, person) -> None:
        text = f"username,is_active\n{person.username},no\n"
        file = SimpleUploadedFile("people.csv", text.encode())
        answer = self.api.post("/api/imports/people/", {"file": file}, format="multipart")
        assert answer.json()["changed"] == 1

    def admin(self, person) -> None:
        address = f"/admin/progress/user/{person.pk}/change/"
        form = self.window.get(address).context["adminform"].form
        data = {name: form.get_initial_for_field(f, name) for name, f in form.fields.items()}
        data = {name: value for name, value in data.items() if value not in (None, [], False)}
        data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
        data.pop("is_active")
        inlines = self.window.get(address).context["inline_admin_formsets"]
        for each in inlines:
            data |= {f"{each.formset.prefix}-TOTAL_FORMS": 0}
            data |= {f"{each.formset.prefix}-INITIAL_FORMS": 0}
        answer = self.window.post(address, data)
        assert answer.status_code == 302, answer.context["adminform"].form.errors


@pytest.mark.parametrize("door", ["address", "bulk", "file", "admin"])
def test_keys_sign_ins_and_sessions_end_at_once(door):
    course = a_course()
    lena = a_learner(course)
    key = AuthToken.objects.create(lena)[1]
    browser = Client()
    browser.force_login(lena)
    began = timezone.now()
    started = ingest.start(user_id=lena.pk, course_id=course.pk, now=began)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert api.get("/api/learners/").status_code == 200
    getattr(Doors(), door)(lena)
    lena.refresh_from_db()
    assert lena.is_active is False
    assert api.get("/api/learners/").status_code == 401
    assert browser.get("/api/learners/").status_code in {401, 403}
    session = LearningSession.objects.get(pk=started.session.pk)
    assert session.end_time is not None
    deactivating.reactivate([lena.pk])
    assert api.get("/api/learners/").status_code == 401, "an old key came back to life"
    assert browser.get("/api/learners/").status_code in {401, 403}


def test_a_session_token_reports_nothing_more_even_after_a_return():
    course = a_course()
    lena = a_learner(course)
    own = as_(lena).post("/api/employee/start_session", {"course_id": course.pk}).json()
    boss = as_(a_user(is_superuser=True))
    event = {
        "session_id": own["session_id"],
        "session_token": own["session_token"],
        "content_id": content(course, "video").pk,
        "interaction_type": "play",
        "position": 0,
    }
    send = APIClient()
    assert send.post("/api/employee/update_progress", event).status_code == 200
    boss.post(f"/api/learners/{lena.pk}/deactivate/")
    assert send.post("/api/employee/update_progress", event).status_code in {401, 403}
    assert boss.post(f"/api/learners/{lena.pk}/reactivate/").json()["is_active"] is True
    assert send.post("/api/employee/update_progress", event).status_code == 409


def test_it_says_who_may_not():
    own = an_integrator("change_user")
    boss = a_user(is_superuser=True)
    assert as_(own).post(f"/api/learners/{boss.pk}/deactivate/").status_code == 403
    assert as_(own).post(f"/api/learners/{own.pk}/deactivate/").json()["errors"][0]["code"] == (
        "own_account"
    )
    course = a_course()
    lena = a_learner(course)
    assert (
        as_(an_instructor(course)).post(f"/api/learners/{lena.pk}/deactivate/").status_code == 403
    )
    assert as_(own).post("/api/learners/99999999/deactivate/").status_code == 404
    answer = as_(own).post(f"/api/learners/{lena.pk}/deactivate/", {"reason": "x"})
    assert answer.json()["errors"][0]["code"] == "unknown_field"
    assert User.objects.filter(is_active=False).count() == 0


def test_doing_it_twice_is_no_error_and_progress_stays():
    course = a_course()
    lena = a_learner(course)
    boss = as_(a_user(is_superuser=True))
    for _ in range(2):
        assert boss.post(f"/api/learners/{lena.pk}/deactivate/").status_code == 200
    row = lena.enrollments.get()
    assert (row.is_current, row.unenrolled_at) == (True, None)
    listed = boss.get("/api/learners/", {"is_active": "false"}).json()["results"]
    assert [each["id"] for each in listed] == [lena.pk]


def test_who_follows_the_list_learns_of_it():
    lena, boss = a_user(), as_(a_user(is_superuser=True))
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    assert boss.post(f"/api/learners/{lena.pk}/deactivate/").status_code == 200
    changed = boss.get("/api/learners/", {"updated_since": since}).json()["results"]
    assert [each["is_active"] for each in changed if each["id"] == lena.pk] == [False]
