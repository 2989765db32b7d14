"""What a test key creates is a test; it reaches nothing else, and other keys reach no tests."""

import pytest
from django.core.management import call_command
from django.test import Client

from progress.models import Course, Enrollment, KeyDetails, LearningSession, User
from progress.security.keys import make_key
from tests.factories import a_document, a_session, a_user, content, enrolled
from tests.marks.conftest import DAY, with_key

pytestmark = pytest.mark.django_db


def code(answer) -> str:
    return answer.json()["errors"][0]["code"]


def ids(client, address: str) -> set[int]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


# --- The key -------------------------------------------------------------------------------------
def test_a_test_key_shows_by_its_beginning_what_it_is(owner, tess):
    assert make_key(owner, lifetime=DAY, is_test=True)[1].startswith("lp_test_")
    assert make_key(owner, lifetime=DAY)[1].startswith("lp_live_")
    token, key = make_key(tess, lifetime=DAY)
    assert key.startswith("lp_test_") and KeyDetails.objects.get(token=token).is_test


def test_the_command_and_the_admin_make_test_keys(owner, capsys, sign_in):
    call_command("create_api_token", "owner", "--test")
    assert capsys.readouterr().out.splitlines()[-1].startswith("lp_test_")
    data = {"user": owner.pk, "name": "Trial", "is_test": "on"}
    page = sign_in(owner).post("/admin/knox/authtoken/add/", data, follow=True)
    assert "lp_test_" in page.content.decode()
    assert set(KeyDetails.objects.values_list("is_test", flat=True)) == {True}
    assert set(KeyDetails.objects.values_list("token__token_key", flat=True)) and all(
        each.startswith("lp_test_")
        for each in KeyDetails.objects.values_list("token__token_key", flat=True)
    )


# --- What it creates -----------------------------------------------------------------------------
CREATES = [
    ("/api/learners/", {"username": "new"}),
    ("/api/learners/upsert/", {"username": "new"}),
    ("/api/learners/bulk/", {"rows": [{"username": "new"}]}),
    ("/scim/v2/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                        "userName": "new"}),
]  # fmt: skip


@pytest.mark.parametrize(("address", "data"), CREATES)
def test_people_are_marked_as_the_key_is(live, test_key, address, data):
    assert test_key.post(address, data).status_code in (200, 201)
    assert User.objects.get(username="new").is_test
    User.objects.filter(username="new").delete()
    assert live.post(address, data).status_code in (200, 201)
    assert not User.objects.get(username="new").is_test


def test_courses_and_imports_are_marked_as_the_key_is(live, test_key):
    for client, is_test in ((test_key, True), (live, False)):
        answer = client.post("/api/courses/", a_document(code=f"c{is_test}"))
        assert (answer.status_code, answer.json()["is_test"]) == (201, is_test)
        people = f"username\nimported-{is_test}\n".lower()
        courses = f"course,course_title,module,content,content_type\ni{is_test},T,m,c,text\n"
        for kind, text in (("people", people), ("courses", courses)):
            made = client.post(f"/api/imports/{kind}/", text, content_type="text/csv")
            assert made.status_code == 200, made.content
        assert User.objects.get(username=f"imported-{is_test}".lower()).is_test is is_test
        assert Course.objects.get(code=f"i{is_test}").is_test is is_test


def test_no_caller_chooses_the_mark(live, test_key):
    for client in (live, test_key):
        answer = client.post("/api/learners/", {"username": "x", "is_test": True})
        assert (answer.status_code, code(answer)) == (400, "read_only")


# --- What it reaches -----------------------------------------------------------------------------
def test_lists_have_the_rows_of_their_own_kind_only(
    live, test_key, owner, anna, tess, real_course, test_course
):
    real, tried = enrolled(anna, real_course), enrolled(tess, real_course)
    assert ids(test_key, "/api/learners/") == {tess.pk}
    assert ids(live, "/api/learners/") == {anna.pk, owner.pk}
    assert ids(test_key, "/api/enrollments/") == {tried.pk}
    assert ids(live, "/api/enrollments/") == {real.pk}
    assert ids(live, "/api/courses/") == {real_course.pk}
    assert ids(test_key, "/api/courses/") == {real_course.pk, test_course.pk}
    for address in ("/api/waivers/", "/api/certificates/"):
        assert ids(test_key, address) == set()


def test_following_a_list_never_shows_rows_of_the_other_kind(live, test_key, anna, tess):
    since = {
        client: client.get("/api/learners/?cursor=").json()["next_updated_since"]
        for client in (live, test_key)
    }
    User.objects.filter(pk__in=[anna.pk, tess.pk]).update(full_name="Renamed")
    gone = {each.pk: each for each in (a_user(is_test=True), a_user())}
    removed_test, removed_real = gone
    for each in gone.values():
        each.delete()
    for client, own, other, removed in (
        (live, anna, tess, removed_real), (test_key, tess, anna, removed_test),
    ):  # fmt: skip
        rows = client.get(f"/api/learners/?updated_since={since[client]}").json()["results"]
        assert own.pk in {row["id"] for row in rows} and rows[-1] == {
            "id": removed,
            "deleted": True,
        }
        assert {row["id"] for row in rows}.isdisjoint({other.pk, *set(gone) - {removed}})


def test_single_rows_of_the_other_kind_are_not_found(live, test_key, anna, tess, test_course):
    enrolled(tess, test_course)
    for client, other in ((live, tess), (test_key, anna)):
        assert client.get(f"/api/learners/{other.pk}/").status_code == 404
        assert client.patch(f"/api/learners/{other.pk}/", {"full_name": "X"}).status_code == 404
        assert client.post(f"/api/learners/{other.pk}/deactivate/").status_code == 404
        assert client.get(f"/scim/v2/Users/{other.pk}").status_code == 404
        assert client.delete(f"/scim/v2/Users/{other.pk}").status_code == 404
        row = {"username": other.username, "full_name": "Other"}
        assert client.post("/api/learners/upsert/", row).status_code == 400
        made = client.post(
            "/api/imports/people/", f"username,full_name\n{other.username},X\n",
            content_type="text/csv",
        )  # fmt: skip
        assert made.status_code == 400
    assert live.get(f"/api/courses/{test_course.pk}/").status_code == 404
    assert not User.objects.exclude(full_name="").exists()


def test_a_test_key_reads_real_courses_and_writes_none(test_key, real_course):
    document = test_key.get(f"/api/courses/{real_course.pk}/").json()
    assert "instructors" not in document
    assert (
        test_key.put(f"/api/courses/{real_course.pk}/", a_document(code="real")).status_code == 403
    )
    assert test_key.post("/api/courses/", a_document(code="real")).status_code == 403


def test_a_live_key_writes_no_test_course(live, test_course):
    assert live.post("/api/courses/", a_document(code="trial")).status_code == 403


def test_sessions_and_progress_are_those_of_learners_of_the_same_kind(
    live, test_key, anna, tess, real_course
):
    for person in (anna, tess):
        enrolled(person, real_course)
    for client, own, other in ((live, anna, tess), (test_key, tess, anna)):
        started = client.post(
            "/api/employee/start_session", {"user_id": own.pk, "course_id": real_course.pk}
        )
        assert started.status_code == 201
        for name in ({"user_id": other.pk}, {"username": other.username}):
            refused = client.post(
                "/api/employee/start_session", name | {"course_id": real_course.pk}
            )
            assert refused.status_code == 404
        address = f"/api/employee/realtime_progress/{{}}/{real_course.pk}"
        assert client.get(address.format(own.pk)).status_code == 200
        assert client.get(address.format(other.pk)).status_code == 404
        video = content(real_course, "video").pk
        theirs = a_session(real_course, other)
        event = {"session_id": str(theirs.pk), "content_id": video, "interaction_type": "play"}
        assert client.post("/api/employee/update_progress", event).status_code == 404
    assert LearningSession.objects.count() == 4


def test_a_person_who_is_signed_in_sees_both_with_their_mark(owner, anna, tess, sign_in):
    rows = sign_in(owner).get("/api/learners/").json()["results"]
    assert {row["username"]: row["is_test"] for row in rows} == {
        "owner": False, "anna": False, "tess": True,
    }  # fmt: skip


def test_a_test_learner_works_with_their_own_rows(tess, test_course):
    enrolled(tess, test_course)
    window = Client()
    window.force_login(tess)
    page = window.get(f"/courses/{test_course.pk}/").content.decode()
    assert "Test learner" in page and "Test course" in page
    assert window.get("/api/enrollments/").json()["count"] == 1


FIGURES = (
    "/api/analytics/overview/", "/api/analytics/reports/learners/", "/api/analytics/alerts/",
    "/api/analytics/compliance/", "/api/analytics/saved-reports/", "/scim/v2/Groups",
)  # fmt: skip


@pytest.mark.parametrize("address", FIGURES)
def test_a_test_key_reaches_no_figure(live, test_key, address):
    assert live.get(address).status_code == 200
    answer = test_key.get(address)
    assert answer.status_code == 403
    assert "A test key reaches test learners" in answer.content.decode()


def test_scopes_hold_for_test_keys(owner):
    client = with_key(owner, "people:read", is_test=True)
    assert client.get("/api/learners/").status_code == 200
    assert code(client.get("/api/courses/")) == "scope_missing"


def test_a_test_key_enrols_test_learners_in_real_and_in_test_courses(
    test_key, anna, tess, real_course, test_course
):
    for course in (real_course, test_course):
        body = {"user_id": tess.pk, "course_id": course.pk}
        assert test_key.post("/api/enrollments/", body).status_code == 201
        body = {"user_id": anna.pk, "course_id": course.pk}
        assert test_key.post("/api/enrollments/", body).status_code == 400
    assert set(Enrollment.objects.values_list("user", flat=True)) == {tess.pk}
