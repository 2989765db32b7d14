"""Admin lists as files: all filtered rows that the user may see."""

import csv
import io
import re
import zipfile

import openpyxl
import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import CharField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from certificates.lifecycle.issuing import issue
from certificates.lifecycle.revocations import revoke
from progress.importing import KINDS, run
from progress.models import ContentInteraction, Course, CourseProgress, Enrollment, User
from tests.factories import a_course, a_learner, a_user
from tests.support.admin import (
    OF_A_COURSE,
    an_instructor_who_may_read,
    complete_a_course,
    csv_rows,
    page,
)

DOWNLOADED = [model for model in OF_A_COURSE if admin.site._registry[model].downloads]


LISTS = {model._meta.label: model_admin for model, model_admin in admin.site._registry.items()}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_its_files_also_when_it_is_empty(name, window):
    opts = LISTS[name].opts
    listed = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    assert f"{listed}download/xlsx/" in window.get(listed).content.decode()
    head = b"".join(window.get(f"{listed}download/csv/").streaming_content).decode("utf-8-sig")
    columns = next(csv.reader(io.StringIO(head)))
    keys = ["id"] if LISTS[name].has_key_column else []
    assert columns[: len(keys)] == keys and len(columns) == len(LISTS[name].downloads) + len(keys)


SECRET = re.compile("password|digest|token|hash|session_hash|post_data|get_data|secret")


def test_no_file_has_a_secret():
    for name, listed in LISTS.items():
        lookups = {name for name in listed.downloads if SECRET.search(name)}
        # A seal of evidence is shown so that it can be compared.
        assert lookups <= {"chain_hash", "sha256"}, name
        is_named = isinstance(listed.model._meta.pk, CharField)
        assert not (is_named and listed.has_key_column) or name == "progress.Job", name


def test_a_file_of_keys_names_their_owners_but_no_key(window):
    owner = a_user(username="service")
    token, key = AuthToken.objects.create(owner)
    listed = "/admin/knox/authtoken/"
    whole = b"".join(window.get(f"{listed}download/csv/").streaming_content).decode()
    assert "service" in whole and token.digest not in whole and token.token_key not in whole
    assert key[:8] not in whole
    packed = b"".join(window.get(f"{listed}download/xlsx/").streaming_content)
    (head, row) = openpyxl.load_workbook(io.BytesIO(packed)).active.values
    assert head == ("user_username", "created", "expiry") and row[1].date() == token.created.date()


def test_a_file_of_events_has_the_searched_enrolment_only(window):
    session, other = complete_a_course(), complete_a_course()
    listed, file = page(ContentInteraction), page(ContentInteraction, "download", "csv")
    rows = csv_rows(window.get(f"{file}?q={session.enrollment_id}"))
    events = ContentInteraction.objects.filter(enrollment=session.enrollment_id)
    assert {row["id"] for row in rows} == {str(pk) for pk in events.values_list("pk", flat=True)}
    assert {row["credited_seconds"] for row in rows} >= {"15.0"}
    assert "download/csv/?q=" in window.get(f"{listed}?q={other.pk}").content.decode()
    assert len(csv_rows(window.get(file))) == ContentInteraction.objects.count()


def test_a_file_of_certificates_has_their_status(window, db):
    session = complete_a_course()
    certificate = issue(session.enrollment_id)
    revoke(certificate, reason="By mistake", by=None, now=timezone.now())
    listed = reverse("admin:certificates_certificate_changelist")
    (row,) = csv_rows(window.get(f"{listed}download/csv/"))
    assert (row["number"], row["standing"]) == (certificate.number, "revoked")
    assert row["revocation_reason"] == "By mistake"


def test_a_file_is_filtered_and_searched_like_its_list(window):
    first, second = a_course(), a_course()
    lena = a_learner(first, username="lena")
    a_learner(second, username="omar")
    found = csv_rows(window.get(page(Enrollment, "download", "csv") + f"?course={first.pk}"))
    assert [row["user_username"] for row in found] == ["lena"]
    found = csv_rows(window.get(page(User, "download", "csv") + "?q=lena"))
    assert [row["id"] for row in found] == [str(lena.pk)]
    wrong = window.get(page(User, "download", "csv") + "?is_active__exact=maybe&nonsense=1")
    assert wrong.status_code == 400


def test_a_csv_of_a_list_ends_with_its_number_of_rows_if_asked_to(window):
    for name in ("Lena", "Leo", "Mona"):
        a_user(full_name=name)
    file = page(User, "download", "csv")

    def lines(query: str) -> list[str]:
        answer = window.get(f"{file}?{query}")
        return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert lines("q=Le&end_line=true") == [*lines("q=Le"), "#end,2"]
    assert lines("q=unknown&end_line=true")[1:] == ["#end,0"]
    assert lines("q=Le&end_line=false") == lines("q=Le")
    for wrong in ("end_line=perhaps", "end_line=", "end_line=true&end_line=false"):
        refused = window.get(f"{file}?{wrong}")
        assert refused.status_code == 400 and "end_line" in refused.content.decode()


def test_a_file_has_readable_units_and_escapes_formulas(window):
    session = complete_a_course()
    User.objects.filter(pk=session.user_id).update(full_name="=HYPERLINK(1)")
    (row,) = csv_rows(window.get(page(CourseProgress, "download", "csv")))
    assert row["completion_percent"] == "100.0" and float(row["time_seconds"]) > 0
    assert row["user_full_name"] == "'=HYPERLINK(1)" and "T" in row["completed_at"]
    packed = b"".join(window.get(page(CourseProgress, "download", "xlsx")).streaming_content)
    sheet = zipfile.ZipFile(io.BytesIO(packed)).read("xl/worksheets/sheet1.xml").decode()
    assert '<t xml:space="preserve">=HYPERLINK(1)</t>' in sheet and "<f>" not in sheet


def test_users_who_may_not_view_a_list_cannot_download_it(sign_in, client, db):
    course = a_course()
    window = sign_in(a_user(is_staff=True))
    assert window.get(page(Course, "download", "csv")).status_code == 403
    assert client.get(page(Course, "download", "csv")).status_code == 302
    reader = sign_in(an_instructor_who_may_read(course))
    assert reader.get(page(Course, "download", "exe")).status_code == 404


def test_a_long_list_costs_as_many_statements_as_a_short_one(window):
    course = a_course()

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            csv_rows(window.get(page(Enrollment, "download", "csv")))
        return len(seen)

    a_learner(course)
    few = statements()
    for _each in range(20):
        a_learner(course)
    assert statements() == few


def test_people_who_were_downloaded_can_be_imported(window):

    a_user(username="lena", full_name="Lena", department="Care", external_id="7")
    file = b"".join(window.get(page(User, "download", "csv")).streaming_content)
    assert run(KINDS["people"], file, by=None, now=timezone.now()).is_noop
