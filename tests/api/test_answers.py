"""What every answer of the API has: a version, an ETag, compression; and whole files."""

import csv
import gzip
import io

import pytest
from rest_framework.test import APIClient

from progress.models import User
from tests.factories import a_course, a_learner, a_user, an_instructor
from tests.support import description

pytestmark = pytest.mark.django_db
LEARNERS = "/api/learners/"


@pytest.fixture
def boss() -> APIClient:
    client = APIClient()
    client.force_login(a_user(username="boss", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    "address", [LEARNERS, "/api/courses/", "/api/analytics/reports/", "/api/no/such/", "/api/"]
)
def test_every_answer_names_the_version(address, boss):
    assert boss.get(address)["API-Version"] == "2026-11-30"


def test_the_root_names_every_family_and_each_can_be_read(boss):
    root = boss.get("/api/").json()
    paths = description.paths()
    readable = {
        path.removeprefix("/api/").rstrip("/")
        for path, item in paths.items()
        if "get" in item and "{" not in path
    }
    assert readable <= set(root) <= readable | {"schema", "docs"}
    for name in ("courses", "analytics/alerts", "certificates", "webhooks"):
        assert root[name] == f"http://testserver/api/{name}/"
        assert boss.get(root[name]).status_code == 200
    assert boss.get("/api/?no_such=1").status_code == 400
    assert APIClient().get("/api/").status_code == 401


@pytest.mark.parametrize("more", ["", "{}/", "?updated_since=2020-01-01"])
def test_an_unchanged_answer_is_not_sent_again(more, boss):
    address = LEARNERS + more.format(a_user().pk)
    first = boss.get(address)
    again = boss.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["API-Version"]) == (first["ETag"], first["API-Version"])


def test_a_changed_answer_has_another_tag(boss):
    lena = a_user()
    before = [boss.get(address)["ETag"] for address in (LEARNERS, f"{LEARNERS}{lena.pk}/")]
    User.objects.filter(pk=lena.pk).update(department="IT")
    after = [boss.get(address)["ETag"] for address in (LEARNERS, f"{LEARNERS}{lena.pk}/")]
    assert not set(before) & set(after)


def test_a_caller_may_ask_for_gzip(boss):
    for number in range(20):
        a_user(department=f"Department {number}")
    plain = boss.get(LEARNERS)
    packed = boss.get(LEARNERS, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    asked = {"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]}
    assert boss.get(LEARNERS, headers=asked).status_code == 304


def test_an_allowed_origin_may_read_a_304(boss, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://hr.example.org"]
    origin = {"Origin": "https://hr.example.org"}
    tag = boss.get(LEARNERS, headers=origin)["ETag"]
    again = boss.get(LEARNERS, headers={"If-None-Match": tag} | origin)
    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "https://hr.example.org"


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_csv_says_that_it_is_whole(encoding):
    course = a_course()
    for _ in range(3):
        a_learner(course)
    client = APIClient()
    client.force_login(an_instructor(course, is_superuser=True))
    address = "/api/analytics/reports/learners/download/csv/"
    plain = b"".join(client.get(address).streaming_content)
    answer = client.get(f"{address}?end_line=true", headers={"Accept-Encoding": encoding})
    whole = b"".join(answer.streaming_content)
    if encoding:
        assert answer["Content-Encoding"] == "gzip"
        whole = gzip.decompress(whole)
    *rows, end = csv.reader(io.StringIO(whole.decode("utf-8-sig")))
    assert end == ["#end", str(len(rows) - 1)]
    assert rows == [*csv.reader(io.StringIO(plain.decode("utf-8-sig")))]
    assert len(rows) > 3
    for wrong in ("csv/?end_line=perhaps", "xlsx/?end_line=true"):
        refused = client.get(address.replace("csv/", wrong))
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["attr"] == "end_line"
