"""Odd texts, moments and URLs: the answer is never a server error."""

import itertools
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lms_progress.administration import navigation
from lms_progress.administration.site import Site
from progress.models import Content, Course
from tests.factories import a_course, a_document, a_learner, a_session, a_user

pytestmark = pytest.mark.django_db

LISTS = [
    "/api/courses/",
    "/api/learners/",
    "/api/enrollments/",
    "/api/certificates/",
    "/api/certificates/verify/",
    "/api/analytics/engagement/",
    "/api/analytics/alerts/",
]
FAR_AWAY = [
    "2026-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00-16:00",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59-05:00",
]


@pytest.fixture
def api():
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(a_user(is_superuser=True))
    return client


@pytest.fixture
def staff():
    client = Client(raise_request_exception=False)
    client.force_login(a_user(is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def short_lists(monkeypatch):
    """Lists of one row, without the menu beside them: neither depends on what is asked for."""
    monkeypatch.setattr(Site, "enable_nav_sidebar", False)
    monkeypatch.setattr(navigation, "sidebar", lambda request: [])
    monkeypatch.setattr(Site, "get_app_list", lambda site, request, app_label=None: [])
    for shown in admin.site._registry.values():
        monkeypatch.setattr(shown, "list_per_page", 1)


def error_of(answer) -> dict:
    (error,) = answer.json()["errors"]
    return error


@pytest.mark.parametrize(
    "key", ["Token \xff\xfe", "Token \u00fc\u00df", "Session \xff", "\xff \xfe"]
)
def test_a_key_that_is_no_text_is_no_key(key):
    client = APIClient(raise_request_exception=False)
    answer = client.get("/api/courses/", HTTP_AUTHORIZATION=key)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("value", ["\0", "a\0b", "9" * 5000])
def test_what_no_row_can_hold_is_refused_by_name(api, path, value):
    answer = api.get(path, {"q": value})
    assert answer.status_code == 400
    assert error_of(answer)["attr"] == "q"


@pytest.mark.parametrize("moment", FAR_AWAY)
@pytest.mark.parametrize("name", ["issued_after", "expires_before"])
def test_a_moment_beyond_the_databases_is_refused_by_name(api, name, moment):
    answer = api.get("/api/certificates/", {name: moment})
    assert answer.status_code == 400
    assert error_of(answer)["attr"] == name


def test_an_odd_offset_within_range_is_a_moment(api):
    for moment in ("2026-01-01T00:00:00+14:00", "2026-01-01T00:00:00-12:00", "2026-01-01"):
        answer = api.get("/api/certificates/", {"issued_after": moment})
        assert answer.status_code == 200, moment


@pytest.mark.parametrize("path", ["/verify/", "/login/", "/", "/courses/1/"])
def test_pages_refuse_them_too(client, path):
    assert client.get(path, {"q": "\0"}).status_code == 400


def test_a_cookie_that_cannot_be_one_is_none(client):
    client.cookies["sessionid"] = "a" * 20 + "\0"
    assert client.get("/login/").status_code == 200


# --- Written -------------------------------------------------------------------------------------
@pytest.mark.parametrize("field", ["title", "code", "url", "skills"])
def test_a_null_character_in_a_course_is_named(api, field):
    document = a_document()
    document["modules"][0]["contents"][0][field] = ["a\0b"] if field == "skills" else "a\0b"
    answer = api.post("/api/courses/", document)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].startswith(f"modules.0.contents.0.{field}")
    assert not Content.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://[", "http://[::1", "//", "/static/../../etc/passwd", "/static/" + "a" * 900]
)
def test_an_odd_address_in_a_course_is_taken_or_named(api, url):
    document = a_document()
    document["modules"][1]["contents"][1]["url"] = url
    answer = api.post("/api/courses/", document)
    assert answer.status_code in {201, 400}
    if answer.status_code == 400:
        assert answer.json()["errors"][0]["attr"] == "modules.1.contents.1.url"


def test_another_courses_code_is_refused_by_name(api):
    first, second = a_course(), a_course()
    answer = api.put(f"/api/courses/{first.pk}/", a_document(code=second.code))
    assert answer.status_code == 400
    assert error_of(answer)["attr"] == "code"
    assert Course.objects.filter(code=first.code).exists()


def test_a_second_rate_for_every_other_department_is_refused_by_name(api):
    rate = {"department": "", "amount": "20.00"}
    answers = [api.post("/api/analytics/hourly-rates/", rate) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 400], answers[0].content
    assert error_of(answers[1])["attr"] == "department"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
def test_a_file_is_previewed_however_a_spreadsheet_saved_it(staff, encoding):
    text = "username,email,full_name\nlena,lena@example.org,Léna Weiß\n"
    file = SimpleUploadedFile("people.csv", text.encode(encoding))
    answer = staff.post("/admin/import/people/", {"step": "look", "file": file}, follow=True)
    assert answer.status_code == 200, answer.request
    assert "Léna Weiß" in answer.content.decode()


# --- The admin -----------------------------------------------------------------------------------
ODD_IDS = ["0", "9" * 30, "x", "a\0b", "_00", "½"]
ODD_VALUES = ["", "x", "a\0b", "9" * 30, "2026-02-30", FAR_AWAY[0]]
ODD_DAYS = [(0, 1, 1), (10_000, 1, 1), (2026, 13, 1), (2026, 2, 31), (1, 1, 1), (9999, 12, 31)]
CHANGELIST = ["e", "p", "o", "q", "all", "_popup", "_to_field", "_changelist_filters", "ot"]


def models():
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def parameters_of(model) -> set[str]:
    """What a list's own links hold: its filters, its days, and their lookups."""
    shown = admin.site._registry[model]
    names = set(CHANGELIST)
    fields = [part[0] if isinstance(part, tuple) else part for part in shown.list_filter]
    fields = [field for field in fields if isinstance(field, str)]
    for field in fields:
        names |= {field, f"{field}__exact", f"{field}__id__exact", f"{field}__isnull"}
        names |= {f"{field}__gte", f"{field}__lt", f"{field}_from", f"{field}_to", f"{field}__in"}
    for part in shown.list_filter:
        names.add(getattr(part, "parameter_name", None) or "x")
    if shown.date_hierarchy:
        parts = ("year", "month", "day", "gte", "lt")
        names |= {f"{shown.date_hierarchy}__{part}" for part in parts}
    return names


@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_no_parameter_of_a_list_in_the_admin_breaks_it(staff, short_lists, model):
    a_learner(a_course())
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for name, value in itertools.product(sorted(parameters_of(model)), ODD_VALUES):
        answer = staff.get(f"{address}?{urlencode({name: value})}")
        assert answer.status_code < 500, (name, value)
    day = admin.site._registry[model].date_hierarchy
    for parts in [
        (0, 1, 1),
        (10_000, 1, 1),
        (2026, 13, 1),
        (2026, 2, 31),
        (1, 1, 1),
        (9999, 12, 31),
    ]:
        asked = dict(zip(("year", "month", "day"), parts, strict=True))
        query = urlencode({f"{day}__{part}": value for part, value in asked.items()})
        assert staff.get(f"{address}?{query}").status_code < 500, query


@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_no_id_of_a_row_in_the_admin_breaks_it(staff, short_lists, model):
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    address = reverse(f"admin:{name}_changelist")
    for pk, page in itertools.product(ODD_IDS, ("change/", "delete/", "history/", "")):
        answer = staff.get(f"{address}{quote(pk)}/{page}")
        assert answer.status_code < 500, (pk, page)
    for value in ODD_VALUES:
        query = urlencode({"_changelist_filters": value, "_popup": value, "_to_field": value})
        assert staff.get(f"{address}add/?{query}").status_code < 500, value


def test_no_parameter_of_a_rows_page_in_the_admin_breaks_it(staff, short_lists):
    a_session(a_course(), now=timezone.now())
    found = {model: model._default_manager.first() for model in models()}
    rows = {model: row for model, row in found.items() if row is not None}
    assert len(rows) > 8
    for model, row in rows.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for parameter, value in itertools.product(("_to_field", "_popup"), ("", "x", "9" * 30)):
            address = f"{reverse(name, args=[row.pk])}?{urlencode({parameter: value})}"
            assert staff.get(address).status_code < 500, address
            assert staff.post(address, {}).status_code < 500, address


@pytest.mark.parametrize("path", ["/api/learners/", "/api/enrollments/", "/api/analytics/letters/"])
@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart"])
def test_a_form_of_too_many_fields_is_too_large(api, path, form):
    sent = {f"field{number}": "1" for number in range(1100)}
    if form == "multipart":
        answer = api.post(path, sent, format="multipart")
    else:
        answer = api.post(path, urlencode(sent), content_type=form)
    assert answer.status_code == 413
    assert error_of(answer)["code"] == "payload_too_large"


@pytest.mark.parametrize("path", LISTS)
def test_an_address_of_too_many_parameters_is_refused(api, path):
    answer = api.get(path, {f"field{number}": "1" for number in range(1100)})
    assert answer.status_code == 400
