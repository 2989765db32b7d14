"""The life of certificates as staff, learners and visitors see and change it."""

import io

import pytest
import time_machine
from pypdf import PdfReader

from certificates import tasks
from certificates.documents import rendering
from certificates.lifecycle import issuing, reviews, revocations
from certificates.models import Certificate, Review, Validity
from tests.factories import a_learner, a_user, an_instructor
from tests.support.certificates import (
    LATER,
    a_certificate,
    a_course_with,
    a_short_course,
    completed,
    status,
)

pytestmark = pytest.mark.django_db


# --- Staff ---------------------------------------------------------------------------------------
LIST = "/admin/certificates/certificate/"


@pytest.fixture
def staff(client):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    return client


def act(client, address, action, rows, **data):
    ids = [row.pk for row in rows]
    data = {"action": action, "_selected_action": ids} | data
    return client.post(address, data, follow=True).content.decode()


def test_many_are_revoked_for_one_reason(staff):
    rows = [a_certificate(), a_certificate()]
    revocations.revoke(rows[0], reason="Before", by=None, now=LATER)
    assert "become void permanently" in act(staff, LIST, "revoke", rows)
    assert "This field is required" in act(staff, LIST, "revoke", rows, reason="")
    assert status(rows[1]) == "pending"
    assert "1 revoked. 1 had been revoked already." in act(
        staff, LIST, "revoke", rows, reason="In error"
    )
    assert [status(row) for row in rows] == ["revoked", "revoked"]


def test_one_is_put_under_review_and_settled(staff):
    certificate = a_certificate(full_name="Lena Fischer")
    act(staff, LIST, "review", [certificate], reason="Someone else sat there")
    assert status(certificate) == "under_review"
    assert certificate.number in staff.get(LIST + "?status=under_review").content.decode()
    assert certificate.number not in staff.get(LIST + "?status=issued").content.decode()
    reviews = "/admin/certificates/review/"
    act(staff, reviews, "reissue", Review.objects.all(), reason="New name")
    assert status(certificate) == "superseded"
    assert Review.objects.get().outcome == "reissued"


def test_without_the_permission_there_are_no_actions(client):
    certificate = a_certificate()
    instructor = an_instructor(certificate.course)
    client.force_login(instructor)
    for action in ("revoke", "reissue", "review"):
        act(client, LIST, action, [certificate], reason="Because")
    assert status(certificate) == "pending"
    assert Certificate.objects.count() == 1


def test_terms_are_set_in_the_admin(staff):
    course = a_short_course()
    form = {
        "course": course.pk,
        "counted_from": "fixed",
        "months": 12,
        "fixed_on": "",
        "minimum_months": 3,
        "renewal": "learner",
        "opens_days": 60,
        "remind_days": "30,7",
    }
    address = "/admin/certificates/validity/add/"
    assert "Which day?" in staff.post(address, form).content.decode()
    assert staff.post(address, form | {"fixed_on": "2026-03-31"}).status_code == 302
    assert Validity.objects.get().remind_days == [30, 7]


# --- Pages and API -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("expired", "Genuine, but expired"),
        ("superseded", "Genuine, but replaced"),
        ("under_review", "Genuine, under review"),
        ("revoked", "Revoked"),
    ],
)
def test_each_status_is_shown_on_verification_and_to_the_learner(client, state, word):
    certificate = a_certificate(a_course_with(months=12))
    tasks.render_certificate(certificate.pk)
    if state == "superseded":
        issuing.reissue(certificate.pk, reason="New name", by=None)
    elif state == "under_review":
        reviews.open_review(certificate, reason="A doubt", by=None, now=LATER)
    elif state == "revoked":
        revocations.revoke(certificate, reason="In error", by=None, now=LATER)
    seen_at = certificate.expires_at if state == "expired" else LATER
    with time_machine.travel(seen_at, tick=False):
        assert word in client.get(f"/verify/{certificate.number}/").content.decode()
        answer = client.get("/api/certificates/verify/", {"q": certificate.code.lower()}).json()
        assert answer["status"] == state
        client.force_login(certificate.user)
        assert client.get(f"/certificates/{certificate.number}/").status_code == 200
        page = client.get("/certificates/").content.decode()
        assert certificate.number in page
        filtered = client.get("/api/certificates/", {"status": state}).json()["results"]
        assert [each["number"] for each in filtered] == [certificate.number]


def test_an_unknown_status_is_named_as_the_error(client):
    client.force_login(a_learner(a_short_course()))
    answer = client.get("/api/certificates/", {"status": "lost"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "status"


def test_fifty_certificates_cost_as_many_queries_as_one(client, django_assert_max_num_queries):
    learner = a_learner()
    for _ in range(5):
        a_certificate_of(learner)
    client.force_login(learner)
    with django_assert_max_num_queries(6):
        client.get("/certificates/")


def a_certificate_of(learner):
    return issuing.issue(completed(learner, a_course_with(months=12)).pk, LATER)


def test_its_file_states_the_last_valid_day():
    certificate = a_certificate(a_course_with(months=12))
    pages = PdfReader(io.BytesIO(rendering.compile_pdf(certificate))).pages
    assert "Valid until 4 May 2027" in " ".join(pages[0].extract_text().split())
