"""PDFs of other sites are copied; what can't be had is said at the address, and nothing is kept."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from authoring import drafting, outline
from authoring.models import StoredFile
from progress.catalogue import replace_course
from progress.operations import fetching, public_addresses
from progress.operations.advisory_lock import advisory_lock
from tests.factories import a_course, a_document, a_learner, an_instructor

from .conftest import files_in
from .test_api import as_caller
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
HOST = "files.example.org"


class Site:
    """Another site: `answers` has for each path a status, headers and a body."""

    def __init__(self):
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                status, headers, body = site.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the other side has read enough

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "/rules.pdf") -> str:
        return f"http://{HOST}:{self.server.server_port}{path}"

    def gives(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, body)
        return self.url(path)


@pytest.fixture
def other_site(monkeypatch, settings):
    """A site that only its name leads to; the name counts as public."""
    site = Site()
    real = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        name = "127.0.0.1" if host in {HOST, "second.example.org"} else host
        return real(name, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(public_addresses, "is_public", lambda text: text == "127.0.0.1")
    settings.REMOTE_PDF_ALLOW_PRIVATE = False
    settings.REMOTE_PDF_SECONDS = 5
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def key(course, author):
    """A new document of the course's draft."""
    keys = []

    def edit(document):
        code = document["modules"][0]["code"]
        values = {"title": "Rules", "content_type": "document"}
        changed, key = outline.add_content(document, code, values)
        keys.append(key)
        return changed

    drafting.change(course, author, 0, edit)
    return keys[0]


@pytest.fixture
def save(folder, course, author, key, sign_in):
    """Saves the document's form with this address; returns the answer's page."""
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}/content/?module={key[0]}&content={key[1]}"

    def sent(url: str, **values) -> str:
        number = drafting.shown(course).number
        fields = {"number": number, "title": "Rules", "weight": 1, "url": url, "required": "on"}
        return window.post(address, fields | values, follow=True).content.decode()

    sent.window, sent.address = window, address
    return sent


def the_item(course, key) -> dict:
    return outline.find_content(drafting.shown(course).document, key)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/rules.pdf", "rules.pdf"),
        ("/Rules.PDF", "Rules.PDF"),
        ("/x.pdf?token=a%2Fb", "x.pdf"),
        ("/get?id=7", "get.pdf"),
        ("/a/..%2F..%2Fetc.pdf", "etc.pdf"),
    ],
)
def test_a_pdf_of_another_site_becomes_a_file_of_the_course(
    save, course, author, key, other_site, path, name
):
    url = other_site.gives(path, a_pdf(4))
    page = save(url)
    stored = StoredFile.objects.get()
    assert (stored.name, stored.page_count, stored.copied_from) == (name, 4, url)
    assert the_item(course, key)["url"] == stored.address
    drafting.publish(course, author, drafting.shown(course).number)
    document = course.modules.first().contents.get(title="Rules")
    assert (document.url, document.page_count) == (stored.address, 4)
    page = save.window.get(save.address).content.decode()
    assert "A copy of a PDF of another site" in page


def test_its_learners_read_it_from_here(save, course, author, key, other_site, sign_in):
    save(other_site.gives("/rules.pdf", a_pdf(4)))
    stored = StoredFile.objects.get()
    other_site.answers.clear()
    window = sign_in(a_learner(course))
    led = window.get(stored.address)["Location"]
    part = window.get(led, headers={"Range": "bytes=0-3"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"%PDF")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 401}, "wants a sign-in"),
        ({"status": 403}, "wants a sign-in"),
        ({"status": 404}, "nothing at this address"),
        ({"status": 410}, "nothing at this address"),
        ({"status": 503}, "answered 503"),
        ({"body": b"<!doctype html><p>Please sign in"}, "t be shown as a PDF"),
        ({"body": b"%PDF-1.7 and nothing else"}, "damaged"),
        ({"body": a_pdf(2, password="secret")}, "has a password"),
        ({"body": b"%PDF" + b"x" * 1_100_000}, "too large"),
        ({"body": b"%PDF" + b"x" * 1_100_000, "Content_Length": ""}, "too large"),
        ({"body": a_pdf(2), "Content_Length": "99999"}, "didn&#x27;t arrive"),
        ({"body": b"x" * 20, "Content_Encoding": "gzip"}, "t be shown as a PDF"),
        ({"status": 302, "Location": "/rules.pdf"}, "leads nowhere"),
        ({"status": 302, "Location": "http://10.0.0.1/x.pdf"}, "private network"),
        ({"status": 302, "Location": "http://169.254.169.254/latest"}, "private network"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "leads nowhere"),
        ({"status": 302, "Location": "http://me:secret@files.example.org/"}, "leads nowhere"),
        ({"status": 302}, "leads nowhere"),
    ],
)
def test_what_cannot_be_had_is_said_and_leaves_nothing(
    save, course, key, other_site, settings, folder, answer, why
):
    settings.REMOTE_PDF_MAX_MB = 1
    page = save(other_site.gives("/rules.pdf", **answer))
    assert why in page
    assert not StoredFile.objects.exists()
    assert files_in(folder) == []
    assert "url" not in the_item(course, key)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x.pdf",
        "http://localhost/x.pdf",
        "http://[::1]/x.pdf",
        "http://192.168.0.1/x.pdf",
        "https://169.254.169.254/latest/meta-data.pdf",
        "http://2130706433/x.pdf",
    ],
)
def test_private_addresses_are_not_asked(save, folder, settings, url):
    settings.REMOTE_PDF_ALLOW_PRIVATE = False
    assert "private network" in save(url)
    assert files_in(folder) == []


def test_an_operator_may_allow_them(save, other_site, settings, monkeypatch):
    monkeypatch.setattr(public_addresses, "is_public", lambda text: False)
    url = other_site.gives("/rules.pdf", a_pdf(2))
    assert "private network" in save(url)
    assert other_site.asked == []
    settings.REMOTE_PDF_ALLOW_PRIVATE = True
    save(url)
    assert StoredFile.objects.get().page_count == 2


def test_redirects_are_followed_each_checked(save, other_site):
    port = other_site.server.server_port
    other_site.gives("/last", a_pdf(2))
    away = f"http://second.example.org:{port}/last"
    other_site.gives("/next", status=307, Location=away)
    save(other_site.gives("/rules.pdf", status=302, Location="next"))
    assert other_site.asked == ["/rules.pdf", "/next", "/last"]
    assert StoredFile.objects.get().page_count == 2


@pytest.mark.parametrize("location", ["http://files.example.org/x.pdf", "//[", "ftp://a/x"])
def test_no_redirect_leads_from_an_encrypted_address_to_an_open_one(location):
    with pytest.raises(fetching.NotFetched) as refused:
        fetching._next("https://files.example.org/rules.pdf", location)
    assert refused.value.reason == fetching.Reason.ADDRESS


def test_a_site_that_never_ends_is_left_in_time(save, other_site, settings, monkeypatch, folder):
    settings.REMOTE_PDF_SECONDS = 0.5
    other_site.gives("/rules.pdf", b"%PDF", Content_Length="5000000")
    waiting = threading.Event()
    real = other_site.server.finish_request

    def never_ends(request, address):
        real(request, address)
        waiting.wait(5)

    monkeypatch.setattr(other_site.server, "finish_request", never_ends)
    page = save(other_site.url("/rules.pdf"))
    waiting.set()
    assert "took too long" in page
    assert files_in(folder) == []


def test_one_at_a_time_for_each_author(save, author, other_site):
    url = other_site.gives("/rules.pdf", a_pdf(2))
    with advisory_lock("copy_pdf", author.pk):
        assert "Another PDF is being copied" in save(url)
    assert other_site.asked == []


def test_what_changes_there_changes_nothing_here_until_it_is_looked_for(
    save, course, author, key, other_site
):
    url = other_site.gives("/rules.pdf", a_pdf(4))
    save(url)
    drafting.publish(course, author, drafting.shown(course).number)
    first = StoredFile.objects.get()
    document = course.modules.first().contents.get(title="Rules")

    def look_again() -> str:
        values = {"number": drafting.shown(course).number, "module": key[0], "content": key[1]}
        address = f"/authoring/courses/{course.pk}/copy-again/"
        return save.window.post(address, values, follow=True).content.decode()

    assert "It is the same PDF as before." in look_again()
    assert StoredFile.objects.count() == 1
    other_site.gives("/rules.pdf", status=410)
    assert "nothing at this address" in look_again()
    assert the_item(course, key)["url"] == first.address
    other_site.gives("/rules.pdf", a_pdf(6))
    assert "There was another PDF" in look_again()
    drafting.publish(course, author, drafting.shown(course).number)
    document.refresh_from_db()
    assert (document.page_count, document.media_version) == (6, 2)
    first.refresh_from_db()
    assert first.removed_at is None


def test_a_document_that_is_only_downloaded_keeps_its_address(course, author, other_site):
    item = {
        "code": "c",
        "content_type": "document",
        "url": other_site.url("/rules.pdf"),
        "completes_on": "download",
    }
    replace_course(a_document(modules=[{"code": "m", "contents": [item]}]))
    assert other_site.asked == []


# --- The API -------------------------------------------------------------------------------------
def test_the_api_copies_too(folder, course, author, other_site):
    api, url = as_caller(author), other_site.gives("/rules.pdf", a_pdf(3))
    answer = api.post("/api/files/", {"course_id": course.pk, "url": url})
    assert answer.status_code == 201
    row = answer.json()
    assert (row["kind"], row["page_count"], row["copied_from"]) == ("pdf", 3, url)
    assert api.post("/api/files/", {"course_id": course.pk, "url": url}).json() == row


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"url": "http://files.example.org:1/x.pdf"}, "url"),
        ({"url": "ftp://files.example.org/x.pdf"}, "url"),
        ({"url": "/static/x.pdf"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://x.example.org/" + "x" * 1000}, "url"),
        ({"course_id": 10**12}, "course_id"),
        ({"name": "rules.pdf"}, "name"),
    ],
)
def test_the_api_names_the_field(folder, course, author, other_site, values, attr):
    body = {"course_id": course.pk, "url": other_site.url()} | values
    answer = as_caller(author).post("/api/files/", body)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["attr"]) == (400, attr)
    assert files_in(folder) == []


def test_nobody_else_copies_into_a_course(folder, course, author, other_site):
    url = other_site.gives("/rules.pdf", a_pdf(3))
    for other in (an_instructor(a_course()), a_learner(course)):
        answer = as_caller(other).post("/api/files/", {"course_id": course.pk, "url": url})
        assert answer.status_code in {400, 403}
    assert other_site.asked == []
