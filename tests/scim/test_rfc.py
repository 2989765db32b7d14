"""The examples of RFC 7643 and RFC 7644, and their rules for errors and discovery."""

import pytest

from progress.models import User

from .conftest import ENTERPRISE, GROUP, PATCH_OP, ROOT, USER

pytestmark = pytest.mark.django_db

# RFC 7643, section 8.3, with the attributes that aren't kept here, too.
ENTERPRISE_USER = {
    "schemas": [USER, ENTERPRISE],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "externalId": "701984",
    "userName": "bjensen@example.com",
    "name": {
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
        "middleName": "Jane",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    },
    "displayName": "Babs Jensen",
    "nickName": "Babs",
    "profileUrl": "https://login.example.com/bjensen",
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "addresses": [
        {
            "streetAddress": "100 Universal City Plaza",
            "locality": "Hollywood",
            "region": "CA",
            "postalCode": "91608",
            "country": "USA",
            "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA",
            "type": "work",
            "primary": True,
        }
    ],
    "phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
    "ims": [{"value": "someaimhandle", "type": "aim"}],
    "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F"}],
    "userType": "Employee",
    "title": "Tour Guide",
    "preferredLanguage": "en-US",
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
    "active": True,
    "password": "t1meMa$heen",
    "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides"}],
    "x509Certificates": [],
    ENTERPRISE: {
        "employeeNumber": "701984",
        "costCenter": "4130",
        "organization": "Universal Studios",
        "division": "Theme Park",
        "department": "Tour Operations",
    },
    "meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z"},
}


def test_the_users_of_rfc_7643(scim):
    made = scim.send("POST", "/Users", ENTERPRISE_USER)
    assert made.status_code == 201, made.body
    assert made["Location"] == made.body["meta"]["location"]
    barbara = User.objects.get(external_id="701984")
    assert (barbara.username, barbara.full_name) == ("bjensen@example.com", "Babs Jensen")
    assert (barbara.department, barbara.time_zone) == ("Tour Operations", "America/Los_Angeles")
    assert barbara.check_password("t1meMa$heen")
    assert made.body["id"] == str(barbara.pk)  # what the client calls its id is not ours
    assert made.body["name"] == {
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
    }
    assert "groups" not in made.body and "phoneNumbers" not in made.body


def test_the_group_of_rfc_7643(scim):
    people = [scim.create_user(name) for name in ("babs", "mandy")]
    group = scim.send(
        "POST",
        "/Groups",
        {
            "schemas": [GROUP],
            "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
            "displayName": "Tour Guides",
            "members": [
                {
                    "value": each["id"],
                    "$ref": f"https://example.com/v2/Users/{each['id']}",
                    "display": each["userName"],
                }
                for each in people
            ],
        },
    )
    assert group.status_code == 201, group.body
    assert User.objects.filter(department="Tour Guides").count() == 2


def test_the_life_of_a_user_in_rfc_7644(scim):
    """Sections 3.3 to 3.6."""
    made = scim.send(
        "POST",
        "/Users",
        {
            "schemas": [USER],
            "userName": "bjensen",
            "externalId": "bjensen",
            "name": {
                "formatted": "Ms. Barbara J Jensen III",
                "familyName": "Jensen",
                "givenName": "Barbara",
            },
        },
    )
    assert (made.status_code, made.body["meta"]["resourceType"]) == (201, "User")
    path = f"/Users/{made.body['id']}"
    some = scim.get(f"{path}?attributes=userName").body
    assert {*some} == {"schemas", "id", "userName"}
    replaced = scim.send(
        "PUT",
        path,
        {
            "schemas": [USER],
            "id": made.body["id"],
            "userName": "bjensen",
            "externalId": "bjensen",
            "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen"},
            "roles": [],
            "emails": [{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}],
        },
    )
    assert replaced.status_code == 200
    assert replaced.body["emails"][0]["value"] == "bjensen@example.com"
    patched = scim.patch(
        path,
        {
            "op": "add",
            "value": {
                "emails": [{"value": "babs@jensen.org", "type": "home"}],
                "nickName": "Babs",
            },
        },
    )
    assert patched.status_code == 204
    renamed = scim.send(
        "PATCH",
        f"{path}?attributes=userName",
        {
            "schemas": [PATCH_OP],
            "Operations": [{"op": "replace", "path": "userName", "value": "babs"}],
        },
    )
    assert (renamed.status_code, renamed.body["userName"]) == (200, "babs")
    assert scim.send("DELETE", path).status_code == 204
    assert scim.get(path).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "bjensen"',
        'name.familyName co "O\'Malley"',
        'userName sw "J"',
        f'{USER}:userName sw "J"',
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
        'meta.lastModified ge "2011-05-13T04:42:34Z"',
        'meta.lastModified lt "2011-05-13T04:42:34Z"',
        'emails[type eq "work" and value co "@example.com"]',
        'active eq true and (emails co "example.com" or emails.value co "example.org")',
        'active eq true and not (emails co "example.com" or emails.value co "example.org")',
    ],
)
def test_the_filters_of_rfc_7644(scim, text):
    scim.found("Users", text)


# --- PATCH ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "id", "value": "7"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "jump", "path": "userName", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "emails[type eq", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "userName", "value": ["x"]}, "invalidValue"),
        ({"op": "replace", "path": "timezone", "value": "Nowhere"}, "invalidValue"),
    ],
)
def test_an_operation_that_cant_be_done_says_why_and_changes_nothing(scim, operation, kind):
    lena = scim.create_user("lena")
    rename = {"op": "replace", "path": "displayName", "value": "Changed"}
    answer = scim.patch(f"/Users/{lena['id']}", rename, operation)
    assert answer.status_code == 400, answer.body
    assert answer.body["scimType"] == kind, answer.body
    assert User.objects.get(pk=lena["id"]).full_name == ""


# --- Errors --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/Users/999999", None, 404),
        ("GET", "/Users/007", None, 404),
        ("GET", f"/Users/{'9' * 400}", None, 404),
        ("GET", "/Users/lena", None, 404),
        ("GET", "/Groups/1", None, 404),
        ("GET", "/Nothing", None, 404),
        ("GET", "/Users/1/2/3", None, 404),
        ("POST", "/Users/1", {}, 405),
        ("PUT", "/Users", {}, 405),
        ("DELETE", "/Schemas", None, 405),
        ("GET", "/Me", None, 501),
        ("POST", "/Bulk", {}, 501),
        ("GET", "/", None, 501),
        ("GET", "", None, 501),
        ("POST", "", {}, 405),
        ("GET", "/Schemas?filter=x", None, 403),
        ("GET", "/Users?shoes=2", None, 400),
        ("GET", "/Users?startIndex=x", None, 400),
        ("GET", "/Users?sortBy=shoeSize", None, 400),
        ("GET", "/Users?filter=userName%20eq%20%22%00%22", None, 400),
        ("GET", "/Users?%00=1", None, 400),
        ("GET", f"/Users?count={'9' * 401}", None, 400),
        ("POST", "/Users", "{", 400),
        ("POST", "/Users", "[]", 400),
        ("POST", "/Users", '{"userName": "\\ud800"}', 400),
        ("POST", "/Users", "[" * 100_000, 400),
        ("POST", "/Users", '{"schemas": [], "userName": NaN}', 400),
        ("POST", "/Users", '{"schemas": ["urn:x"], "userName": "x"}', 400),
        ("POST", "/Users", '{"x": "' + "x" * 6_000_000 + '"}', 413),
    ],
)
def test_errors_are_those_of_the_standard(scim, method, path, body, status):
    answer = scim.send(method, path, body)
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/scim+json"
    assert answer.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.body["status"] == str(status)
    assert answer.body.get("detail") or answer.body.get("scimType")


def test_a_body_that_is_no_json_is_refused(scim):
    answer = scim.send("POST", "/Users", "userName=lena", **{"Content-Type": "text/plain"})
    assert answer.status_code == 415


# --- Discovery -----------------------------------------------------------------------------------
def test_the_service_says_what_it_can(scim):
    config = scim.get("/ServiceProviderConfig").body
    can = {
        name for name, each in config.items() if isinstance(each, dict) and each.get("supported")
    }
    assert can == {"patch", "filter", "changePassword", "sort", "etag"}
    assert config["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    types = scim.get("/ResourceTypes").body["Resources"]
    assert {each["endpoint"] for each in types} == {"/Users", "/Groups"}
    schemas = {each["id"]: each for each in scim.get("/Schemas").body["Resources"]}
    assert {*schemas} == {USER, ENTERPRISE, GROUP}
    names = {each["name"] for each in schemas[USER]["attributes"]}
    assert "userName" in names and "phoneNumbers" not in names
    assert all(each["description"] for each in schemas[USER]["attributes"])
    assert scim.get(f"/Schemas/{USER}").body["id"] == USER
    assert scim.get("/Users/").status_code == 200, "a slash at the end is as good"


def test_head_is_answered_without_a_body(scim):
    answer = scim.send("HEAD", "/Users")
    assert (answer.status_code, answer.content) == (200, b"")
    assert ROOT not in answer.headers
