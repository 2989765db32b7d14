"""Unsafe URLs of contents are refused everywhere, and old ones are never shown."""

import json

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from progress.management.commands import import_course
from progress.models import Content, Course
from progress.validation.content_urls import check_content_url
from tests.factories import a_course_of, a_document, a_learner, a_user, content

pytestmark = pytest.mark.django_db

DANGEROUS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "javascript\u202e:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.org/a.pdf",
    "blob:https://example.org/1",
    "about:blank",
    "mailto:lena@example.org",
    "//evil.example/a.mp4",
    "/\\evil.example/a.mp4",
    "\\\\evil.example\\a.mp4",
    "/\t/evil.example",
    "http:evil.example",
    "https:/evil.example",
    "http://",
    "https://[::1",
    "https://example.org:99999/",
    "https://lena:secret@example.org/a.mp4",
    "https://lena@example.org/a.mp4",
    "https://exa mple.org/",
    "/static/a\x00.mp4",
    "/static/a%00.mp4",
    "/static/a%0d%0a.mp4",
]
HARMLESS = [
    "",
    "/static/demo/doors.mp4",
    "/static/a film.mp4?x=1#t=3",
    "films/doors.mp4",
    "a.pdf?at=12:30",
    "/größe/消防.mp4",
    "https://example.org/a.mp4",
    "HTTPS://EXAMPLE.ORG:8443/a%20b.pdf?q=a:b@c",
    "http://[2001:db8::1]/a.mp4",
    "https://例え.jp/a.mp4",
]


@pytest.mark.parametrize("url", DANGEROUS)
def test_only_the_web_and_this_site_are_addresses(url):
    with pytest.raises(ValidationError):
        check_content_url(url)


@pytest.mark.parametrize("url", HARMLESS)
def test_any_address_of_the_web_or_this_site_is_taken(url):
    check_content_url(url)


def a_document_with(url: str) -> dict:
    document = a_document()
    document["modules"][0]["contents"][0]["url"] = url
    return document


@pytest.mark.parametrize("url", DANGEROUS)
def test_the_api_refuses_it_and_names_the_field(url):
    client = APIClient()
    client.force_authenticate(a_user(is_superuser=True))
    answer = client.post("/api/courses/", a_document_with(url))
    assert answer.status_code == 400
    assert {e["attr"] for e in answer.json()["errors"]} == {"modules.0.contents.0.url"}
    assert not Course.objects.exists()


def test_the_command_refuses_it(tmp_path):
    file = tmp_path / "course.json"
    file.write_text(json.dumps(a_document_with("javascript:alert(1)")))
    with pytest.raises(Exception, match="url"):
        import_course.Command().handle(file=str(file))
    assert not Course.objects.exists()


def test_an_import_of_rows_refuses_it():
    client = APIClient()
    client.force_authenticate(a_user(is_superuser=True))
    rows = (
        "course,course_title,module,content,content_type,url\nc,C,m,one,embed,javascript:alert(1)\n"
    )
    answer = client.post("/api/imports/courses/", rows, content_type="text/csv")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == ["rows.2.url"]
    assert not Content.objects.exists()


def test_the_admin_refuses_it(client):
    course = a_course_of(
        {"content_type": "embed", "completion_source": "reported", "url": "/page.html"}
    )
    target = content(course, "c1")
    client.force_login(a_user(is_superuser=True, is_staff=True))
    address = f"/admin/progress/content/{target.pk}/change/"
    form = client.get(address).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    client.post(address, data | {"url": "javascript:alert(1)"})
    target.refresh_from_db()
    assert target.url == "/page.html"


TYPES = {
    "video": {"duration_seconds": 60},
    "audio": {"duration_seconds": 60},
    "document": {"page_count": 3},
    "text": {"reading_seconds": 60},
    "embed": {"completion_source": "reported"},
}


@pytest.mark.parametrize("url", DANGEROUS[:5] + DANGEROUS[9:12] + DANGEROUS[16:18])
def test_an_old_row_with_an_unsafe_url_leads_nowhere(client, url):
    course = a_course_of(*({"content_type": kind} | more for kind, more in TYPES.items()))
    Content.objects.update(url=url)
    Course.objects.update(structure_version=99)
    learner, instructor = a_learner(course), a_user(is_staff=True, is_superuser=True)
    for each in Content.objects.all():
        client.force_login(learner)
        page = client.get(f"/courses/{course.pk}/contents/{each.pk}/")
        assert page.status_code == 200
        assert page.context["player"]["url"] == ""
        assert url not in page.content.decode()
        client.force_login(instructor)
        page = client.get(f"/admin/insight/contents/{each.pk}/", follow=True)
        assert page.status_code == 200, page.request
        assert f'"{url}' not in page.content.decode()


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("/login/", True),
        ("page.html", True),
        ("http://testserver/login/", True),
        ("http://TESTSERVER:8000/x", True),
        ("https://learn.example.com/x", True),
        ("https://elsewhere.example/x", False),
    ],
)
def test_a_page_of_this_site_is_sandboxed_in_its_frame(client, settings, url, is_own):
    settings.PUBLIC_URL = "https://learn.example.com"
    settings.ALLOWED_HOSTS = ["testserver"]
    course = a_course_of({"content_type": "embed", "completion_source": "reported", "url": url})
    client.force_login(a_learner(course))
    page = client.get(f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/")
    frame = page.content.decode().partition("<iframe")[2].partition(">")[0]
    assert "sandbox=" in frame
    assert "allow-scripts" in frame
    assert ("allow-same-origin" in frame) is not is_own
