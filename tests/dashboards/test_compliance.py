"""Requirements: who they apply to, the record of a day, and the page."""

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from analytics.compliance import page, queries
from analytics.compliance.obligation_state import ObligationState
from analytics.models import EscalationStep, Exemption
from certificates.lifecycle import issuing, revocations
from certificates.models import Certificate, Validity
from certificates.signing import identity
from progress.models import CourseProgress, Enrollment, SetAside
from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.compliance import look_after, required, states
from tests.support.learners import A_QUIZ, DAY, complete, someone
from tests.support.reports import in_api, rows_of

PAGE, API = "/admin/insight/compliance/", "/api/analytics/compliance/"
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def test_days_beyond_every_calendar_stop_nobody(sign_in, course, teacher):
    someone(course, full_name="Lena")
    required(course, name="Never", due_on=None, due_days=2**31 - 1)
    EscalationStep.objects.create(requirement=required(course), days=2**31 - 1)
    assert "1 of 1 people is late" in text_of(sign_in(teacher).get(PAGE))
    look_after()
    assert not SetAside.objects.exists()


# --- From the rows -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_concerns_its_departments_people_and_nobody_else(course):
    done = someone(course, full_name="Lena", department="Care")
    complete(course, done, timezone.now())
    someone(course, full_name="Omar", department="Care")
    a_user(full_name="Ida", department="Care")
    a_user(full_name="Gone", department="Care", is_active=False)
    a_user(full_name="Other", department="Law")
    requirement = required(course, departments=["Care"])
    assert states(requirement) == {
        "Lena": ObligationState.COMPLETE,
        "Omar": ObligationState.OVERDUE,
        "Ida": ObligationState.OVERDUE,
    }
    everybody = required(course, name="All")
    assert set(states(everybody)) == {"Lena", "Omar", "Ida", "Other"}


@pytest.mark.django_db
def test_an_exemption_holds_for_its_days(course):
    person = someone(course, full_name="Lena")
    requirement, today = required(course), timezone.localdate()
    exempt = Exemption.objects.create(
        requirement=requirement, user=person, reason="On leave", since=today - DAY, until=today
    )
    assert states(requirement) == {"Lena": ObligationState.EXEMPT}
    exempt.until = today - DAY
    exempt.save()
    assert states(requirement) == {"Lena": ObligationState.OVERDUE}


@pytest.mark.django_db
def test_a_form_says_what_each_day_means_and_which_one_is_wrong(client, course):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    shown = text_of(client.get("/admin/analytics/requirement/add/"))
    for said in ("For departments", "In force from", "Days after the due day", "Who to notify"):
        assert said in shown
    person, requirement = someone(course), required(course)
    form = {"user": person.pk, "requirement": requirement.pk, "reason": "On leave"}
    form |= {"since": "2026-05-02", "until": "2026-05-01"}
    answer = client.post("/admin/analytics/exemption/add/", form)
    errors = answer.context["adminform"].form.errors
    assert errors == {"until": ["It ends before it begins."]}
    assert client.post("/admin/analytics/exemption/add/", form | {"until": ""}).status_code == 302
    exempt = Exemption.objects.get()
    assert exempt.granted_by is not None
    # Only when it ends may change, and it may not end before it began either.
    address = f"/admin/analytics/exemption/{exempt.pk}/change/"
    answer = client.post(address, {"until": "2026-05-01"})
    assert answer.context["adminform"].form.errors == {"until": ["It ends before it begins."]}


def certify(course, person, *, now=None):
    enrollment = Enrollment.objects.get(user=person, course=course)
    return issuing.issue(enrollment.pk, now or timezone.now())


def for_a_month(course) -> None:
    Validity.objects.create(
        course=course, counted_from=Validity.CountedFrom.COMPLETION, months=1, renewal="learner"
    )


@pytest.mark.django_db
def test_the_record_shows_completions_on_a_day(sign_in, course, teacher):
    now = timezone.now()
    lena = someone(course, full_name="Lena", enrolled_ago=90 * DAY)
    complete(course, lena, now - 60 * DAY)
    for_a_month(course)
    certify(course, lena, now=now - 60 * DAY)
    omar = someone(course, full_name="Omar", enrolled_ago=90 * DAY)
    complete(course, omar, now - 10 * DAY)
    window = sign_in(teacher)

    def held(days_ago):
        day = (now - days_ago * DAY).date()
        address = "/admin/insight/reports/record/csv/"
        rows = rows_of(window.get(f"{address}?until={day}"))
        return {row["person"]: row["held"] for row in rows}

    page = text_of(window.get("/admin/insight/reports/record/?until=2026-05-03"))
    assert "At the end of 3 May 2026" in page and "From" not in page
    api = in_api(teacher)
    for query, status in (
        ("until=2026-05-03", 200),
        ("since=2026-05-01", 400),
        ("until=3 May", 400),
    ):
        assert api.get(f"/api/analytics/reports/record/?{query}").status_code == status
    assert held(70) == {}
    assert held(40) == {"Lena": "True"}
    assert held(15) == {"Lena": "False"}
    assert held(5) == {"Lena": "False", "Omar": "True"}


@pytest.mark.django_db
def test_what_was_revoked_later_was_held_before(course):
    lena = someone(course, full_name="Lena")
    complete(course, lena, timezone.now())
    certificate = certify(course, lena)
    requirement, now = required(course), timezone.now()
    revocations.revoke(certificate, reason="Someone else", by=None, now=now + DAY)
    assert states(requirement, now) == {"Lena": ObligationState.COMPLETE}
    assert states(requirement, now + 2 * DAY) == {"Lena": ObligationState.EXPIRED}


@pytest.mark.django_db
def test_the_record_on_paper_is_signed(sign_in, course, teacher, tmp_path):
    complete(course, someone(course, full_name="Lena"), timezone.now())
    answer = sign_in(teacher).get("/admin/insight/reports/record/pdf/")
    paper = b"".join(answer.streaming_content)
    reader = PdfReader(io.BytesIO(paper))
    assert "Lena" in reader.pages[0].extract_text()
    (tmp_path / "record.pdf").write_bytes(paper)
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig is missing: apt-get install poppler-utils")
    checked = ["pdfsig", "-nocert", str(tmp_path / "record.pdf")]
    said = subprocess.run(checked, capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said and "Total document signed" in said


@pytest.mark.django_db
def test_the_record_is_an_archive_whose_signature_anybody_can_check(
    sign_in, course, teacher, tmp_path
):
    complete(course, someone(course, full_name="=Lena"), timezone.now())
    window = sign_in(teacher)
    whole = b"".join(window.get("/admin/insight/reports/record/zip/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        packed.extractall(tmp_path)
        file, signature, readme = packed.namelist()
    assert (signature, readme) == (f"{file}.p7s", "README.txt")
    assert "'=Lena" in (tmp_path / file).read_text() and file in (tmp_path / readme).read_text()
    authority = identity.signing_identity().chain[-1]
    (tmp_path / "authority.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    command = (tmp_path / readme).read_text().partition("\n\n")[2]
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing: apt-get install openssl")

    def check() -> str:
        ran = subprocess.run(
            command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return ran.stderr

    assert "Verification successful" in check()
    with (tmp_path / file).open("a") as changed:
        changed.write("1,Omar\n")
    assert "Verification failure" in check()
    # Where nothing is signed there is no archive.
    assert window.get("/admin/insight/reports/learners/zip/").status_code == 404
    address = "/api/analytics/reports/{}/download/zip/"
    assert in_api(teacher).get(address.format("record")).status_code == 200
    assert in_api(teacher).get(address.format("learners")).status_code == 404


# --- The page ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_page_shows_late_people(sign_in, course, teacher):
    someone(course, full_name="Lena", department="Care")
    complete(course, someone(course, full_name="Omar"), timezone.now())
    required(course)
    text = text_of(sign_in(teacher).get(PAGE))
    assert "1 of 2 people is late" in text and "Lena" in text and "Omar" not in text
    assert "Lena Care Overdue" in text
    (line,) = in_api(teacher).get(API).json()["requirements"]
    assert (line["people"], line["complete"], line["complete_percent"]) == (2, 1, 50)
    rows = rows_of(sign_in(teacher).get("/admin/insight/reports/obligations/csv/"))
    assert [(row["person"], row["state"]) for row in rows] == [
        ("Lena", "Overdue"),
        ("Omar", "Complete"),
    ]


@pytest.mark.django_db
def test_expiring_certificates_are_listed_with_the_work_they_mean(course, teacher):
    for_a_month(course)
    now, people = timezone.now(), [someone(course) for _ in range(5)]
    for person in people:
        complete(course, person, now)
        certify(course, person)
    CourseProgress.objects.update(time_ms=7_200_000)
    (row,) = in_api(teacher).get(API).json()["expiries"]
    assert (row["course"], row["people"], row["hours"]) == ("Fire safety", 5, 10.0)


@pytest.mark.django_db
def test_others_requirements_are_not_in_it(sign_in, course, teacher):
    other = a_course_of(VIDEO, A_QUIZ, title="Not yours")
    someone(other, full_name="Omar")
    required(other, name="Theirs")
    text = text_of(sign_in(teacher).get(PAGE))
    assert "There are no requirements yet." in text and "Omar" not in text
    assert in_api(teacher).get(API).json()["requirements"] == []
    assert rows_of(sign_in(teacher).get("/admin/insight/reports/obligations/csv/")) == []
    nobody = a_staff_member("view_course", teaches=[course])
    assert sign_in(nobody).get(PAGE).status_code == 403
    assert in_api(nobody).get(API).status_code == 403


@pytest.mark.django_db
def test_many_people_and_requirements_cost_as_many_statements_as_few(sign_in, course, teacher):
    window = sign_in(teacher)

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            window.get(PAGE)
        return len(seen)

    someone(course)
    required(course)
    few = statements()
    for number in range(20):
        someone(course)
        required(course, name=f"Requirement {number}")
    assert statements() == few <= 15


@pytest.mark.django_db
def test_people_are_read_some_at_a_time_and_each_once(sign_in, course, teacher, monkeypatch):
    other = a_course_of(VIDEO, A_QUIZ, title="Heights")
    other.instructors.add(teacher)
    today = timezone.localdate()
    required(course, due_on=today - 9 * DAY)
    required(other, name="Heights", departments=["Care"], due_on=today - 2 * DAY)
    for number in range(5):
        person = someone(
            course, full_name=f"Lena {number}", department="Care" if number % 2 else ""
        )
        if number == 4:
            complete(course, person, timezone.now())
    window, address = sign_in(teacher), "/admin/insight/reports/obligations/"
    assert "Page 1" not in text_of(window.get(address))
    whole = rows_of(window.get(f"{address}csv/"))
    monkeypatch.setattr(queries, "PEOPLE_AT_ONCE", 2)
    parts = rows_of(window.get(f"{address}csv/"))
    assert parts == whole and len(parts) == 7  # five people, two of them in Care
    assert [row["user_id"] for row in parts] == sorted(row["user_id"] for row in parts)
    # To be read: who is late for the longest first, then by name; and a page of it.
    shown = in_api(teacher).get("/api/analytics/reports/obligations/?page_size=3&page=2").json()
    assert shown["count"] == 7
    assert [(row["person"], row["requirement"]) for row in shown["results"]] == [
        ("Lena 3", "Fire safety for all"),
        ("Lena 1", "Heights"),
        ("Lena 3", "Heights"),
    ]


@pytest.mark.django_db
def test_the_board_names_the_latest_and_counts_the_others(sign_in, course, teacher, monkeypatch):
    monkeypatch.setattr(page, "LATE_SHOWN", 2)
    for number in range(4):
        someone(course, full_name=f"Lena {number}")
    required(course)
    text = text_of(sign_in(teacher).get(PAGE))
    assert "4 of 4 people are late" in text and "2 more" in text
    assert "Lena 0" in text and "Lena 1" in text and "Lena 2" not in text


@pytest.mark.django_db
def test_what_ends_is_counted_in_the_month_of_its_last_day(course, teacher):
    now = timezone.now()
    last_day = (now + 62 * DAY).date().replace(day=1) - DAY  # it ends as the next month begins
    Validity.objects.create(
        course=course,
        counted_from=Validity.CountedFrom.FIXED,
        fixed_on=last_day,
        months=12,
        renewal="learner",
    )
    for _ in range(2):
        person = someone(course)
        complete(course, person, now)
        certify(course, person)
    (row,) = in_api(teacher).get(API).json()["expiries"]
    assert (row["month"], row["people"]) == (last_day.replace(day=1).isoformat(), 2)
    certificate = Certificate.objects.first()
    revocations.revoke(certificate, reason="Someone else", by=None, now=now)
    (row,) = in_api(teacher).get(API).json()["expiries"]
    assert row["people"] == 1
