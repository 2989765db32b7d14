"""Files of completions elsewhere: checked by cell, recorded once, within one's rights."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from progress.models import OutsideCompletion
from progress.security.keys import make_key
from tests.factories import a_course, a_learner, a_user, an_instructor, an_integrator, grant
from tests.support.importing import counts, imported, places

pytestmark = pytest.mark.django_db
SLUG = "outside-completions"
HEADER = "username,course,completed_on,basis,authority,details,reference,score,valid_until\n"
GOOD = HEADER + (
    "lena,first-aid,2023-03-14,In person,Red Cross,,RC-1,92.5,2026-12-31\n"
    "omar,first-aid,2022-11-02,previous_system,Old LMS,,,,\n"
)


@pytest.fixture
def course():
    return a_course(code="first-aid")


@pytest.fixture(autouse=True)
def _people(course):
    for name in ("lena", "omar"):
        a_learner(course, username=name, external_id=f"hr-{name}")


def teacher(course):
    return grant(an_instructor(course), "view_outsidecompletion", "add_outsidecompletion")


def test_a_file_is_recorded_once(course):
    by = teacher(course)
    assert counts(imported(SLUG, GOOD, by=by, is_dry=True)) == (2, 0, 0)
    assert not OutsideCompletion.objects.exists()
    assert counts(imported(SLUG, GOOD, by=by)) == (2, 0, 0)
    made = OutsideCompletion.objects.get(user__username="lena")
    assert (made.basis, made.score_bp, made.reference) == ("in_person", 9250, "RC-1")
    assert (made.completed_on, made.valid_until) == (date(2023, 3, 14), date(2026, 12, 31))
    assert made.recorded_by == by
    again = imported(SLUG, GOOD, by=by)
    assert counts(again) == (0, 0, 2) and again.is_noop
    other = imported(SLUG, GOOD.replace("92.5", "80"), by=by)
    assert places(other) == [(2, "completed_on", "2023-03-14")] and not other.is_written


@pytest.mark.parametrize(
    ("cell", "wrong", "column"),
    [
        ("lena", "nobody", "username"),
        ("first-aid", "no-such", "course"),
        ("2023-03-14", "14.3.2023", "completed_on"),
        ("2023-03-14", "2026-05-05", "completed_on"),
        ("2023-03-14", "", "completed_on"),
        ("In person", "hearsay", "basis"),
        ("In person", "other", "details"),
        ("Red Cross", "", "authority"),
        ("Red Cross", "x" * 201, "authority"),
        ("RC-1", "x" * 121, "reference"),
        ("92.5", "100.01", "score"),
        ("92.5", "33.333", "score"),
        ("92.5", "good", "score"),
        ("92.5", "NaN", "score"),
        ("2026-12-31", "2023-03-13", "valid_until"),
    ],
)
def test_a_wrong_cell_is_named(cell, wrong, column, course):
    outcome = imported(SLUG, GOOD.replace(cell, wrong, 1), by=teacher(course), is_partial=True)
    found = {(row, name) for row, name, _value in places(outcome)}
    assert found == {(2, column)}
    assert counts(outcome) == (1, 0, 0)


def test_a_row_that_is_repeated_names_the_first(course):
    text = GOOD + "lena,first-aid,2023-03-14,other,Me,By letter,,,\n"
    assert places(imported(SLUG, text)) == [(4, "completed_on", "2023-03-14")]


def test_only_own_courses_and_others_than_oneself(course):
    by = teacher(course)
    other = a_course(code="other")
    a_learner(other, username="stranger")
    text = HEADER + "stranger,first-aid,2023-03-14,in_person,X,,,,\n"
    text += "lena,other,2023-03-14,in_person,X,,,,\n"
    text += f"{by.username},first-aid,2023-03-14,in_person,X,,,,\n"
    names = [(row, column) for row, column, _value in places(imported(SLUG, text, by=by))]
    assert names == [(2, "username"), (3, "course"), (4, "username")]
    boss = a_user(username="boss", is_staff=True, is_superuser=True)
    text = HEADER + "boss,first-aid,2023-03-14,in_person,X,,,,\n"
    assert places(imported(SLUG, text, by=boss)) == [(2, "username", "boss")]


def test_the_page_shows_it_before_it_is_written(sign_in, course):
    by = teacher(course)
    window, address = sign_in(by), f"/admin/import/{SLUG}/"
    file = SimpleUploadedFile("old.csv", GOOD.encode())
    shown = window.post(address, {"step": "look", "file": file}).content.decode()
    assert "Nothing has been imported yet" in shown and not OutsideCompletion.objects.exists()
    done = window.post(address, {"step": "write", "content": GOOD}).content.decode()
    assert "The whole file was imported." in done and OutsideCompletion.objects.count() == 2
    nobody = grant(an_instructor(course), "view_outsidecompletion")
    assert sign_in(nobody).get(address).status_code == 403


def test_a_key_is_named_in_each_record(course):
    rights = ("view_user", "view_enrollment", "add_outsidecompletion")
    account = an_integrator(*rights)
    client = APIClient()
    for scope, status in (("courses:manage", 403), ("people:manage", 200)):
        _token, key = make_key(account, name="HR", scopes=[scope], lifetime=timedelta(days=1))
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        answer = client.post(f"/api/imports/{SLUG}/", GOOD, content_type="text/csv")
        assert answer.status_code == status, answer.content
    keys = set(OutsideCompletion.objects.values_list("recorded_key", flat=True))
    assert len(keys) == 1 and keys.pop().startswith("HR (lp_")


def test_a_thousand_rows_cost_few_statements(course, django_assert_max_num_queries):
    people = [a_learner(course, username=f"p{number}") for number in range(60)]
    lines = [f"{each.username},first-aid,2023-03-14,in_person,X,,,," for each in people]
    with django_assert_max_num_queries(12):
        assert counts(imported(SLUG, HEADER + "\n".join(lines))) == (60, 0, 0)
