"""What the learner sees of a certificate, and everybody who verifies it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.test import APIClient

from certificates import numbers
from certificates.documents import rendering
from certificates.lifecycle import issuing
from certificates.models import Revocation
from certificates.throttling import VerifyThrottle
from tests.factories import NOON, a_course, a_user, an_instructor
from tests.support.certificates import a_certificate, a_short_course, completed

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate():
    return a_certificate(a_short_course(title="Fire safety"), full_name="Lena Fischer")


@pytest.fixture
def own(client, certificate):
    client.force_login(certificate.user)
    return client


def revoke(certificate):
    Revocation.objects.create(certificate=certificate, reason="Issued in error", revoked_at=NOON)


def progress_of(certificate, client):
    user, course = certificate.user_id, certificate.course_id
    return client.get(f"/api/employee/realtime_progress/{user}/{course}").json()


# --- The learner ---------------------------------------------------------------------------------
def test_answers_show_it_from_pending_to_issued(own, certificate):
    assert progress_of(certificate, own)["certificate"] == {
        "number": certificate.number,
        "verify_url": f"/verify/{numbers.show_code(certificate.code)}/",
        "pdf_url": f"/api/certificates/{certificate.number}/pdf/",
        "status": "pending",
    }
    rendering.render(certificate.pk, NOON)
    assert progress_of(certificate, own)["certificate"]["status"] == "issued"
    revoke(certificate)
    assert progress_of(certificate, own)["certificate"]["status"] == "revoked"


def test_the_course_page_leads_to_it(own, certificate):
    page = own.get(f"/courses/{certificate.course_id}/").content.decode()
    assert "Your certificate is being prepared." in page
    rendering.render(certificate.pk, NOON)
    page = own.get(f"/courses/{certificate.course_id}/").content.decode()
    assert f'href="/certificates/{certificate.number}/"' in page


def test_my_learning_shows_it_next_to_the_course_for_any_number_of_them(own, certificate):
    def statements():
        with CaptureQueriesContext(connection) as asked:
            page = own.get("/").content.decode()
        return len(asked), page

    own.get("/")  # the structure is in memory from here on
    few, page = statements()
    assert "Your certificate is being prepared." in page
    for number in range(3):
        enrollment = completed(certificate.user, a_short_course(title=f"Course {number}"))
        rendering.render(issuing.issue(enrollment.pk).pk, NOON)
    own.get("/")
    many, page = statements()
    assert page.count(">Your certificate</a>") == 3
    assert many == few


def test_a_pending_certificate_says_that_it_is_being_prepared(own, certificate):
    page = own.get(f"/certificates/{certificate.number}/").content.decode()
    assert "being prepared" in page
    assert own.get(f"/api/certificates/{certificate.number}/pdf/").status_code == 404
    assert own.get(f"/certificates/{certificate.number}/picture.png").status_code == 404


def test_its_file_is_downloaded_with_the_same_bytes(own, certificate):
    made = rendering.render(certificate.pk, NOON)
    address = progress_of(certificate, own)["certificate"]["pdf_url"]
    for _ in range(2):
        answer = own.get(address)
        assert answer.content == bytes(made.pdf)
        assert answer["Content-Type"] == "application/pdf"
    page = own.get(f"/certificates/{certificate.number}/").content.decode()
    assert f"/certificates/{certificate.number}/picture.png" in page
    assert own.get(f"/certificates/{certificate.number}/picture.png").content[:4] == b"\x89PNG"


@pytest.mark.parametrize("path", ["/certificates/{}/", "/api/certificates/{}/pdf/"])
def test_other_learners_get_404_and_instructors_of_the_course_may_see_it(path, client, certificate):
    rendering.render(certificate.pk, NOON)
    address = path.format(certificate.number)
    for user, status in [
        (a_user(), 404),
        (an_instructor(a_course()), 404),
        (an_instructor(certificate.course), 200),
    ]:
        client.force_login(user)
        assert client.get(address).status_code == status


def test_the_list_is_of_own_ones_and_filtered(certificate):
    other = a_certificate()
    api = APIClient()
    api.force_login(certificate.user)
    answer = api.get("/api/certificates/").json()
    assert [each["number"] for each in answer["results"]] == [certificate.number]
    assert answer["results"][0]["status"] == "pending"
    api.force_login(an_instructor(certificate.course, other.course))
    assert api.get("/api/certificates/").json()["count"] == 2
    found = api.get("/api/certificates/", {"course_id": other.course_id}).json()
    assert [each["number"] for each in found["results"]] == [other.number]


# --- Anybody -------------------------------------------------------------------------------------
def dashed(code):
    return numbers.show_code(code)


@pytest.mark.parametrize("change", [str, str.lower, dashed])
def test_by_its_code_however_typed_it_shows_what_it_certifies(client, certificate, change):
    rendering.render(certificate.pk, NOON)
    page = client.get("/verify/", {"q": change(certificate.code)}, follow=True)
    text = page.content.decode()
    assert "Genuine and valid" in text
    assert "Lena Fischer" in text
    assert "Fire safety" in text
    assert certificate.user.username not in text
    answer = client.get("/api/certificates/verify/", {"q": change(certificate.code)}).json()
    assert (answer["status"], answer["learner_name"]) == ("issued", "Lena Fischer")


def expire(certificate):
    """As if it had been issued long ago; the database forbids changing it afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE certificates_certificate DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE certificates_certificate SET completed_at = '2019-03-17T10:00Z',"
            " issued_at = '2019-03-18T10:00Z', expires_at = '2020-03-19T10:00Z'"
        )
        cursor.execute("ALTER TABLE certificates_certificate ENABLE TRIGGER USER")


STATUSES = {
    "issued": lambda certificate: None,
    "revoked": revoke,
    "expired": expire,
}


@pytest.mark.parametrize("change", [str, lambda text: text.replace("-", "")])
@pytest.mark.parametrize("status", STATUSES)
def test_by_its_number_alone_it_shows_its_status_and_no_more(client, certificate, status, change):
    rendering.render(certificate.pk, NOON)
    STATUSES[status](certificate)
    certificate.refresh_from_db()
    asked = change(certificate.number)
    answers = [
        *client.get("/verify/", {"q": asked}, follow=True).redirect_chain,
        client.get("/verify/", {"q": asked}, follow=True).content.decode(),
        client.get(f"/verify/{asked}/").content.decode(),
        client.get("/api/certificates/verify/", {"q": asked}).content.decode(),
    ]
    secret = {
        "Lena",
        "Fischer",
        "Fire safety",
        "Issued in error",
        certificate.code,
        numbers.show_code(certificate.code),
        certificate.learner_name,
        *(
            moment.strftime(form)
            for moment in (certificate.completed_at, certificate.issued_at, NOON)
            for form in ("%B %-d, %Y", "%Y-%m-%d")
        ),
        "March",
        "2020",
    }
    for answer in answers:
        assert not [text for text in secret if text in str(answer)]
    assert client.get("/api/certificates/verify/", {"q": asked}).json() == {"status": status}
    verdict = {"issued": "Genuine and valid", "revoked": "Revoked", "expired": "expired"}[status]
    assert verdict in answers[-2]
    assert "The number alone shows only this." in answers[-2]


@pytest.mark.parametrize("asked", ["2026-000999-1", "AAAA-BBBB-CCCC-DDDD", "nonsense", "%00"])
def test_unknown_numbers_and_codes_are_called_unknown(client, certificate, asked):
    assert "Unknown certificate" in client.get(f"/verify/{asked}/").content.decode()
    assert client.get("/api/certificates/verify/", {"q": asked}).json() == {"status": "unknown"}


def test_a_revoked_one_says_when_and_why(client, certificate):
    rendering.render(certificate.pk, NOON)
    revoke(certificate)
    page = client.get(f"/verify/{certificate.code}/").content.decode()
    assert "Issued in error" in page
    assert "Genuine and valid" not in page
    answer = client.get("/api/certificates/verify/", {"q": certificate.code}).json()
    assert (answer["status"], answer["revoked_reason"]) == ("revoked", "Issued in error")


def test_a_file_is_checked_byte_for_byte(client, certificate, settings):
    first = bytes(rendering.render(certificate.pk, NOON).pdf)
    settings.CERTIFICATE_ISSUER = "Another house"
    rendering.render(certificate.pk, NOON, anew=True)

    def page(content):
        return client.post("/verify/", {"file": SimpleUploadedFile("c.pdf", content)}).content

    assert b"Genuine and valid" in page(first)
    assert b"it has been changed since" in page(first + b" ")
    assert b"Please choose a file." in client.post("/verify/").content


def test_codes_cannot_be_tried_out(client, certificate):
    answers = [client.get(f"/verify/{number:016}/").status_code for number in range(61)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert client.get("/api/certificates/verify/", {"q": "x"}).status_code == 429


def test_naming_another_address_does_not_help(client, certificate):
    for number in range(61):
        forged = {"X-Forwarded-For": f"192.0.2.{number}"}
        answer = client.get("/api/certificates/verify/", {"q": "x"}, headers=forged)
    assert answer.status_code == 429


def test_without_its_store_the_limit_stops_nobody(client, certificate, monkeypatch):
    def is_away(*args, **kwargs):
        raise RedisConnectionError("no store")

    monkeypatch.setattr(VerifyThrottle.cache, "get", is_away)
    assert client.get(f"/verify/{certificate.code}/").status_code == 200


@pytest.mark.parametrize("asked", ["a/b", "//example.org", "..", "%2F", "a?b#c", "x" * 5000])
def test_whatever_is_typed_gets_an_answer(client, asked):
    answer = client.get("/verify/", {"q": asked}, follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"].startswith("/verify/")
    assert "Unknown certificate" in answer.content.decode()


def test_the_address_of_the_qr_code_can_be_pasted(client, certificate):
    address = f"https://learn.example.org/verify/{certificate.code}/"
    answer = client.get("/verify/", {"q": address}, follow=True)
    assert "Genuine" in answer.content.decode()
