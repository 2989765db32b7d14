"""People by SCIM: the same accounts, names and endings as by every other door."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from connections.models import ProvisionedPerson
from progress import ingest
from progress.models import LearningSession, User
from tests.factories import a_course, a_learner, a_user, content

from .conftest import ENTERPRISE, USER

pytestmark = pytest.mark.django_db


def test_a_new_person_is_an_account_without_a_password(scim):
    lena = scim.create_user(
        "ＬＥＮＡ@Example.org",
        externalId="hr-17",
        displayName="Lena Zweifel",
        name={"givenName": "Lena", "familyName": "Zweifel"},
        emails=[{"value": "other@example.org"}, {"value": "lena@EXAMPLE.org", "primary": True}],
        timezone="Europe/Paris",
        **{ENTERPRISE: {"department": "Care"}},
    )
    account = User.objects.get(pk=lena["id"])
    assert account.username == lena["userName"] == "lena@example.org"
    assert (account.email, account.full_name) == ("lena@example.org", "Lena Zweifel")
    assert (account.department, account.time_zone) == ("Care", "Europe/Paris")
    assert account.external_id == lena["externalId"] == "hr-17"
    assert account.is_active and not account.has_usable_password()
    assert lena["name"] == {"givenName": "Lena", "familyName": "Zweifel"}
    assert lena["emails"] == [{"value": "lena@example.org", "type": "work", "primary": True}]
    assert lena["meta"]["location"] == f"http://testserver/scim/v2/Users/{account.pk}"
    assert lena["schemas"] == [USER, ENTERPRISE]


def test_an_account_made_elsewhere_is_shown_with_its_one_name(scim):
    omar = a_user(full_name="Omar Said", department="Care", external_id="hr-1")
    shown = scim.get(f"/Users/{omar.pk}").body
    assert (shown["displayName"], shown["name"]) == ("Omar Said", {"formatted": "Omar Said"})
    assert shown[ENTERPRISE] == {"department": "Care"}


def test_parts_of_a_name_that_was_changed_elsewhere_are_not_shown(scim):
    lena = scim.create_user("lena", name={"givenName": "Lena", "familyName": "Zweifel"})
    assert User.objects.get(pk=lena["id"]).full_name == "Lena Zweifel"
    User.objects.filter(pk=lena["id"]).update(full_name="Lena Graf")
    shown = scim.get(f"/Users/{lena['id']}").body
    assert shown["name"] == {"formatted": "Lena Graf"}


@pytest.mark.parametrize(
    ("operation", "full_name"),
    [
        ({"op": "replace", "path": "name.familyName", "value": "Graf"}, "Lena Graf"),
        ({"op": "replace", "path": "displayName", "value": "L. Z."}, "L. Z."),
        ({"op": "replace", "path": "name.formatted", "value": "Dr. Zweifel"}, "Dr. Zweifel"),
        ({"op": "remove", "path": "displayName"}, "Lena Zweifel"),
    ],
)
def test_the_part_of_a_name_that_changes_decides(scim, operation, full_name):
    name = {"givenName": "Lena", "familyName": "Zweifel", "formatted": "Lena Zweifel"}
    lena = scim.create_user("lena", displayName="Lena Zweifel", name=name)
    assert scim.patch(f"/Users/{lena['id']}", operation).status_code == 204
    assert User.objects.get(pk=lena["id"]).full_name == full_name


@pytest.mark.parametrize(
    ("body", "status", "kind", "named"),
    [
        ({"userName": "ＯＭＡＲ"}, 409, "uniqueness", "userName"),
        ({"userName": "new", "externalId": "hr-1"}, 409, "uniqueness", "externalId"),
        ({"userName": "a b"}, 400, "invalidValue", "userName"),
        ({"userName": "x" * 151}, 400, "invalidValue", "userName"),
        ({"userName": "nul\0"}, 400, "invalidValue", "userName"),
        ({"userName": "new", "timezone": "Mars/Base"}, 400, "invalidValue", "timezone"),
        ({"userName": "new", "emails": [{"value": "none"}]}, 400, "invalidValue", "emails"),
        ({"userName": "new", "displayName": "x" * 201}, 400, "invalidValue", "displayName"),
        ({"userName": "new", "password": "1234"}, 400, "invalidValue", "password"),
        ({"userName": "new", ENTERPRISE: {"department": "x" * 121}}, 400, "invalidValue", "depart"),
        ({"userName": "new", "active": "perhaps"}, 400, "invalidValue", "active"),
        ({"displayName": "Nobody"}, 400, "invalidValue", "userName"),
    ],
)
def test_what_is_refused_names_the_attribute(scim, body, status, kind, named):
    a_user(username="omar", external_id="hr-1")
    before = User.objects.count()
    answer = scim.send("POST", "/Users", {"schemas": [USER]} | body)
    assert (answer.status_code, answer.body["scimType"]) == (status, kind), answer.body
    assert named.lower() in answer.body["detail"].lower()
    assert answer.body["status"] == str(status)
    assert answer["Content-Type"] == "application/scim+json"
    assert User.objects.count() == before


@pytest.mark.parametrize("way", ["patch", "put", "delete"])
def test_who_is_deactivated_loses_keys_sign_ins_and_sessions_at_once(scim, way):
    course = a_course()
    person = a_learner(course)
    AuthToken.objects.create(person)
    window = Client()
    window.force_login(person)
    session = ingest.start(
        user_id=person.pk,
        course_id=course.pk,
        now=timezone.now() - timedelta(minutes=1),
        content_id=content(course, "video").pk,
    ).session
    path = f"/Users/{person.pk}"
    if way == "patch":
        answer = scim.patch(path, {"op": "replace", "path": "active", "value": False})
    elif way == "put":
        body = {"schemas": [USER], "userName": person.username, "active": False}
        answer = scim.send("PUT", path, body)
    else:
        answer = scim.send("DELETE", path)
    assert answer.status_code in {200, 204}, answer.body
    person.refresh_from_db()
    assert not person.is_active
    assert not AuthToken.objects.filter(user=person).exists()
    assert window.get("/").status_code == 302
    assert LearningSession.objects.get(pk=session.pk).end_time is not None


def test_a_deleted_person_is_gone_by_scim_and_kept_otherwise(scim):
    lena = scim.create_user("lena", externalId="hr-17", **{ENTERPRISE: {"department": "Care"}})
    group = scim.create_group("Care", lena)
    assert scim.send("DELETE", f"/Users/{lena['id']}").status_code == 204
    assert scim.get(f"/Users/{lena['id']}").status_code == 404
    assert scim.found("Users", 'userName eq "lena"') == []
    assert scim.send("DELETE", f"/Users/{lena['id']}").status_code == 404
    assert "members" not in scim.get(f"/Groups/{group['id']}").body
    account = User.objects.get(pk=lena["id"])
    assert (account.is_active, account.department) == (False, "Care")


def test_a_deleted_person_who_comes_back_has_the_same_account(scim):
    lena = scim.create_user("lena", externalId="hr-17")
    scim.send("DELETE", f"/Users/{lena['id']}")
    back = scim.create_user("LENA", externalId="hr-18", displayName="Lena Graf")
    assert (back["id"], back["active"], back["externalId"]) == (lena["id"], True, "hr-18")
    assert User.objects.get(pk=lena["id"]).full_name == "Lena Graf"
    scim.send("DELETE", f"/Users/{lena['id']}")
    User.objects.filter(pk=lena["id"]).update(is_active=True)  # by an administrator
    assert scim.get(f"/Users/{lena['id']}").status_code == 200


def test_a_replacement_clears_what_it_leaves_out_but_not_what_it_may_not_know(scim):
    lena = scim.create_user(
        "lena",
        externalId="hr-17",
        displayName="Lena",
        timezone="Europe/Paris",
        emails=[{"value": "lena@example.org"}],
        **{ENTERPRISE: {"department": "Care"}},
    )
    answer = scim.send("PUT", f"/Users/{lena['id']}", {"schemas": [USER], "userName": "lena.z"})
    assert answer.status_code == 200, answer.body
    account = User.objects.get(pk=lena["id"])
    assert (account.username, account.external_id) == ("lena.z", None)
    assert (account.email, account.full_name) == ("", "")
    assert (account.time_zone, account.department, account.is_active) == (
        "Europe/Paris",
        "Care",
        True,
    )


def test_a_password_is_set_and_never_shown(scim):
    lena = scim.create_user("lena", password="a long enough sentence")
    assert "password" not in lena
    account = User.objects.get(pk=lena["id"])
    assert account.check_password("a long enough sentence")
    scim.patch(f"/Users/{lena['id']}", {"op": "replace", "path": "displayName", "value": "L"})
    account.refresh_from_db()
    assert account.check_password("a long enough sentence")


# --- Versions ------------------------------------------------------------------------------------
def test_an_etag_spares_an_answer_and_guards_a_change(scim):
    lena = scim.create_user("lena")
    path = f"/Users/{lena['id']}"
    etag = scim.get(path)["ETag"]
    assert etag == lena["meta"]["version"]
    assert scim.get(path, **{"If-None-Match": etag}).status_code == 304
    rename = {"op": "replace", "path": "displayName", "value": "Lena"}
    changed = scim.patch(path, rename, **{"If-Match": etag})
    assert changed.status_code == 204 and changed["ETag"] != etag
    late = scim.patch(path, {**rename, "value": "Late"}, **{"If-Match": etag})
    assert late.status_code == 412
    assert scim.send("DELETE", path, **{"If-Match": etag}).status_code == 412
    assert User.objects.get(pk=lena["id"]).full_name == "Lena"


def test_the_moment_of_the_last_change_is_that_of_any_door(scim):
    lena = scim.create_user("lena")
    assert lena["meta"]["lastModified"] == lena["meta"]["created"]
    User.objects.filter(pk=lena["id"]).update(date_joined="2026-01-01T00:00Z")
    shown = scim.get(f"/Users/{lena['id']}").body["meta"]
    assert shown["lastModified"] > shown["created"]


# --- Lists ---------------------------------------------------------------------------------------
def test_pages_are_whole_and_ordered(scim, provider_account):
    made = [scim.create_user(f"person{number:02}")["id"] for number in range(7)]
    ids = []
    for first in (1, 4, 7):
        page = scim.get(f"/Users?startIndex={first}&count=3&sortBy=id").body
        assert (page["totalResults"], page["startIndex"]) == (8, first)
        ids += [each["id"] for each in page.get("Resources", [])]
    assert ids == [str(provider_account.pk), *made]
    by_name = scim.get("/Users?sortBy=userName&sortOrder=descending&count=2").body["Resources"]
    assert [each["userName"] for each in by_name] == ["person06", "person05"]
    assert scim.get("/Users?count=0").body["totalResults"] == 8
    beyond = scim.get(f"/Users?startIndex={10**12}").body
    assert beyond["totalResults"] == 8 and not beyond.get("Resources")


def test_fifty_people_cost_as_many_queries_as_one(scim, django_assert_num_queries):
    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert scim.get("/Users").status_code == 200
        return len(caught)

    scim.create_group("Care", scim.create_user("first"))
    scim.get("/Users")
    before = queries()
    scim.create_group("Sales", *(scim.create_user(f"person{number}") for number in range(20)))
    assert queries() == before


FILTERS = [
    ('userName eq "LENA"', {"lena"}),
    ('userName eq "ｌｅｎａ"', {"lena"}),
    ('username Eq "lena"', {"lena"}),
    (f'{USER}:userName eq "lena"', {"lena"}),
    ('userName ne "lena"', {"omar_%"}),
    ('userName sw "omar_"', {"omar_%"}),
    ('userName co "_%"', {"omar_%"}),
    ('userName ew "A"', {"lena"}),
    ('userName gt "m"', {"omar_%"}),
    ('externalId eq "hr-17"', {"lena"}),
    ('externalId eq "HR-17"', set()),
    ("externalId pr", {"lena"}),
    ("not (externalId pr)", {"omar_%"}),
    ("externalId eq null", {"omar_%"}),
    ('externalId ne "hr-17"', {"omar_%"}),
    ('displayName eq "lena zweifel"', {"lena"}),
    ('name.familyName eq "zweifel"', {"lena"}),
    ("active eq true", {"lena"}),
    ("active eq false", {"omar_%"}),
    ('emails eq "LENA@example.org"', {"lena"}),
    ('emails.value co "example"', {"lena"}),
    ('emails[type eq "work" and value co "lena"]', {"lena"}),
    ('emails[type eq "home"]', set()),
    ('emails[not (type eq "home")]', {"lena"}),
    ("emails pr", {"lena"}),
    (f'{ENTERPRISE}:department eq "care"', {"lena"}),
    ('meta.created gt "2020-01-01T00:00:00Z"', {"lena", "omar_%"}),
    ('meta.lastModified lt "2020-01-01T00:00:00Z"', set()),
    ('meta.resourceType eq "User"', {"lena", "omar_%"}),
    ('userName eq "lena" or active eq false', {"lena", "omar_%"}),
    ('userName eq "lena" and active eq false', set()),
    (r'userName eq "nul\u0000"', set()),
    ('id eq "seven"', set()),
]


@pytest.fixture
def two_people(scim):
    scim.create_user(
        "lena",
        externalId="hr-17",
        name={"givenName": "Lena", "familyName": "Zweifel"},
        emails=[{"value": "lena@example.org", "type": "work"}],
        **{ENTERPRISE: {"department": "Care"}},
    )
    omar = a_user(username="omar_%", is_active=False)
    assert not ProvisionedPerson.objects.filter(user=omar).exists()


@pytest.mark.parametrize(("text", "names"), FILTERS)
def test_a_filter_finds_whom_it_describes(scim, two_people, provider_account, text, names):
    found = User.objects.filter(pk__in=scim.found("Users", text)).exclude(pk=provider_account.pk)
    assert {each.username for each in found} == names


@pytest.mark.parametrize(
    "text",
    [
        "userName",
        'userName eq "lena',
        'shoeSize eq "44"',
        "active gt true",
        'id sw "1"',
        'meta.created gt "yesterday"',
        "(" * 500 + "userName pr" + ")" * 500,
        'userName eq "' + "x" * 3000 + '"',
        'groups[display eq "Care"]',
    ],
)
def test_a_filter_that_means_nothing_is_refused(scim, text):
    from urllib.parse import quote

    answer = scim.get(f"/Users?filter={quote(text)}")
    assert (answer.status_code, answer.body["scimType"]) == (400, "invalidFilter"), answer.body


def test_attributes_are_chosen_and_left_out(scim, two_people):
    [found] = scim.get("/Users?filter=externalId%20eq%20%22hr-17%22&attributes=userName").body[
        "Resources"
    ]
    assert {*found} == {"schemas", "id", "userName"}
    searched = scim.send(
        "POST",
        "/Users/.search",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": 'userName eq "lena"',
            "excludedAttributes": ["emails", "meta"],
        },
    )
    [found] = searched.body["Resources"]
    assert "emails" not in found and found["active"] is True


# --- Languages -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ({"preferredLanguage": "de-CH"}, "de"),
        ({"preferredLanguage": "fr, es;q=0.8"}, "es"),
        ({"preferredLanguage": "fr-FR"}, ""),
        ({"locale": "ar_JO"}, "ar"),
        ({"preferredLanguage": "es", "locale": "de-DE"}, "es"),
        ({}, ""),
    ],
)
def test_the_language_is_the_closest_one_of_the_site(scim, sent, language):
    lena = scim.create_user("lena", **sent)
    assert User.objects.get(pk=lena["id"]).language == language
    assert lena.get("preferredLanguage") == (language or None)
    assert "locale" not in lena


def test_a_language_is_changed_found_and_kept_by_a_replacement_that_does_not_name_it(scim):
    lena = scim.create_user("lena", preferredLanguage="de")
    path = f"/Users/{lena['id']}"
    scim.patch(path, {"op": "replace", "path": "displayName", "value": "Lena"})
    scim.send("PUT", path, {"schemas": [USER], "userName": "lena"})
    assert User.objects.get(pk=lena["id"]).language == "de"
    found = scim.get('/Users?filter=preferredLanguage eq "de"').body
    assert found["totalResults"] == 1
    scim.patch(path, {"op": "replace", "path": "preferredLanguage", "value": "es-MX"})
    assert User.objects.get(pk=lena["id"]).language == "es"
    scim.patch(path, {"op": "replace", "path": "locale", "value": "ar-JO"})
    assert User.objects.get(pk=lena["id"]).language in {"es", "ar"}
