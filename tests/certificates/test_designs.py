"""How certificates look: by course, in any language and script, with a preview in the admin."""

import io
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from certificates import tasks
from certificates.admin.designs import sample
from certificates.documents import rendering, styles
from certificates.documents.page_text import WORDS
from certificates.documents.pictures import UnusablePicture, check_picture, contrast_on_white
from certificates.documents.styles import Style
from certificates.lifecycle import revocations
from certificates.models import Certificate, CourseDesign, Design
from progress.files import downloads
from progress.models import SetAside
from tests.factories import NOON, a_course, a_user, an_instructor
from tests.support.certificates import LATER, a_certificate, a_short_course

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="9"/></svg>'
NAMES = [
    "Lena Fischer",
    "ليلى عبد الرحمن",
    "שירה כהן",
    "अनन्या शर्मा",
    "สมชาย ใจดี",
    "王小明",
    "山田 太郎",
    "김민수",
]


def text_of(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def letters(text: str) -> str:
    """The text without marks and spaces, which extraction may place differently."""
    return "".join(sorted(char for char in text if char.isalpha()))


@pytest.mark.parametrize("language", Design.Language.values)
@pytest.mark.parametrize("template", Design.Template.values)
def test_every_design_in_every_language_is_archivable(template, language):
    style = Style(template=template, language=language, issuer="ACME", signatory="Ada", logo=SVG)
    text = text_of(rendering.compile_pdf(sample("short"), None, style))
    assert "Lena Fischer" in text
    assert set(WORDS[language]["title"].replace(" ", "")) <= set(text)
    assert "2026-000000-0" in text
    assert "ACME" not in text, "the logo stands for the name"


@pytest.mark.parametrize("template", Design.Template.values)
@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script_extract(template, name):
    certificate = sample("short")
    certificate.learner_name = name
    text = text_of(rendering.compile_pdf(certificate, None, Style(template=template)))
    for letter in letters(name):
        assert letter in text


@pytest.mark.parametrize("template", Design.Template.values)
def test_the_longest_name_and_title_stay_on_one_page(template):
    certificate = sample("long")
    certificate.learner_name = ("Featherstonehaugh-" * 12)[:200]
    certificate.course_title = ("Substances " * 30)[:300]
    style = Style(template=template, logo=SVG, signature=PNG, signatory="Ada", issuer="ACME")
    assert text_of(rendering.compile_pdf(certificate, None, style)).count("Substances") == 27


# --- Which one -----------------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


def text_of_file(certificate) -> str:
    return text_of(bytes(rendering.render(certificate.pk, NOON, anew=True).pdf))


def test_a_course_uses_its_own_design_or_the_default_or_the_settings(settings):
    settings.CERTIFICATE_ISSUER = "The settings"
    course = a_short_course()
    assert styles.design_style(styles.course_design(course.pk)).issuer == "The settings"
    Design.objects.create(name="all", issuer="The default", is_default=True)
    assert styles.design_style(styles.course_design(course.pk)).issuer == "The default"
    own = Design.objects.create(name="own", issuer="Its own", template="bold")
    CourseDesign.objects.create(course=course, design=own)
    assert styles.course_design(course.pk) == own
    assert styles.design_style(styles.course_design(a_course().pk)).issuer == "The default"


def test_names_are_of_the_day_of_issue_and_the_style_is_of_today():
    course = a_short_course()
    design = Design.objects.create(name="own", issuer="ACME", signatory="Ada Stone")
    CourseDesign.objects.create(course=course, design=design)
    certificate = a_certificate(course)
    assert (certificate.issuer, certificate.signatory) == ("ACME", "Ada Stone")
    assert "Certificate of completion" in text_of_file(certificate)
    Design.objects.update(issuer="ACME Ltd", signatory="Ben Fox", language="de", signature=PNG)
    text = text_of_file(certificate)
    assert "Abschlusszertifikat" in text
    assert "Ada Stone" in text
    assert "Ben Fox" not in text
    assert styles.certificate_style(certificate).signature == b"", "it isn't hers"
    assert certificate.renditions.count() == 2


# --- Pictures ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a",
        b"",
        PNG + b"\0" * (513 * 1024),
        SVG.replace(b"<circle", b"<script>alert(1)</script><circle"),
        SVG.replace(b"<circle", b'<image href="file:///etc/passwd"/><circle'),
        SVG.replace(b"<circle", b'<circle onload="x()"'),
        SVG.replace(b'viewBox="0 0 9 9"', b'href="https://elsewhere.example"'),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        SVG[:-3],
    ],
)
def test_what_is_not_an_inert_picture_is_refused(content):
    with pytest.raises(UnusablePicture):
        check_picture(content)


@pytest.mark.parametrize("content", [PNG, SVG, b"\xff\xd8\xff\xe0"])
def test_pictures_are_known_by_their_content(content):
    check_picture(content)


def test_contrast_is_that_of_wcag():
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#ffffff") == pytest.approx(1)
    assert contrast_on_white("#777777") == pytest.approx(4.48, abs=0.01)


# --- In the admin --------------------------------------------------------------------------------
LIST = "/admin/certificates/certificate/"
ADD = "/admin/certificates/design/add/"
PREVIEW = "/admin/certificates/design/preview/"
FORM = {
    "name": "Our own",
    "template": "classic",
    "language": "en",
    "accent": "#0C6F66",
    "courses-TOTAL_FORMS": 0,
    "courses-INITIAL_FORMS": 0,
}


@pytest.fixture
def staff(client):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    return client


def a_file(content=SVG, name="logo.svg"):
    return SimpleUploadedFile(name, content)


def test_a_design_is_made_with_logo_and_courses(staff):
    course = a_short_course()
    form = FORM | {
        "logo_file": a_file(),
        "courses-TOTAL_FORMS": 1,
        "courses-0-course": course.pk,
    }
    assert staff.post(ADD, form).status_code == 302
    design = Design.objects.get()
    assert bytes(design.logo) == SVG
    assert styles.course_design(course.pk) == design
    address = f"/admin/certificates/design/{design.pk}/change/"
    assert staff.post(address, FORM | {"issuer": "ACME"}).status_code == 302
    design.refresh_from_db()
    assert bytes(design.logo) == SVG, "without a new file the logo stays"
    staff.post(address, FORM | {"remove_logo": "on"})
    design.refresh_from_db()
    assert design.logo is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"accent": "#ffee00"}, "be read on white"),
        ({"accent": "green"}, "Write a colour like"),
        ({"template": "loud"}, "Select a valid choice"),
    ],
)
def test_errors_are_shown_at_their_field(staff, wrong, error):
    page = staff.post(ADD, FORM | wrong)
    assert error in page.content.decode()
    assert not Design.objects.exists()
    answer = staff.post(PREVIEW, FORM | wrong)
    assert list(answer.json()["errors"]) == list(wrong)


def test_the_preview_shows_what_is_in_the_form_and_writes_nothing(staff):
    answer = staff.post(PREVIEW, FORM | {"name": "", "logo_file": a_file(), "sample": "arabic"})
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    other = staff.post(PREVIEW, FORM | {"template": "bold"})
    assert other.content != answer.content
    assert not Design.objects.exists()
    broken = staff.post(PREVIEW, FORM | {"logo_file": a_file(PNG[:40], "logo.png")})
    assert "__all__" in broken.json()["errors"]


def test_the_preview_of_a_saved_design_keeps_its_logo(staff):
    design = Design.objects.create(name="own", logo=SVG)
    with_logo = staff.post(f"{PREVIEW}?design={design.pk}", FORM).content
    assert with_logo != staff.post(PREVIEW, FORM).content


def test_designs_need_the_permission(client):
    instructor = an_instructor(a_course())
    instructor.is_staff = True
    instructor.save()
    client.force_login(instructor)
    assert client.post(PREVIEW, FORM).status_code == 403
    assert client.get("/admin/certificates/design/").status_code == 403


def test_there_is_one_default(staff):
    Design.objects.create(name="first", is_default=True)
    page = staff.post(ADD, FORM | {"is_default": "on"}).content.decode()
    assert "Another design is the default already." in page


def test_many_are_rendered_anew_and_failures_are_shown(staff, monkeypatch):
    good, bad = a_certificate(), a_certificate()
    for certificate in (good, bad):
        tasks.render_certificate(certificate.pk)
    Design.objects.create(name="new", template="bold", is_default=True)
    whole = rendering.compile_pdf

    def fails(certificate, *rest):
        if certificate == bad:
            raise ValueError("no such letter")
        return whole(certificate, *rest)

    monkeypatch.setattr(rendering, "compile_pdf", fails)
    tasks.render_anew(good.pk, bad.pk)
    assert (good.renditions.count(), bad.renditions.count()) == (2, 1)
    aside = SetAside.objects.get()
    assert (aside.job, aside.row) == ("certificates.tasks.render_anew", bad.pk)
    assert "no such letter" in staff.get(f"{LIST}{bad.pk}/change/").content.decode()


def test_every_file_that_was_given_out_can_be_downloaded_again(staff, client):
    certificate = a_certificate()
    made = rendering.render(certificate.pk, NOON)
    address = f"{LIST}file/{made.pk}/"
    assert staff.get(address).content == bytes(made.pdf)
    client.force_login(an_instructor())
    assert client.get(address).status_code in (403, 404)


def test_the_list_is_exported_as_filtered(staff):
    kept = a_certificate(full_name="=HYPERLINK(1)")
    revoked = a_certificate()
    revocations.revoke(revoked, reason="In error", by=None, now=LATER)
    form = {"action": "export", "_selected_action": [kept.pk, revoked.pk]}
    answer = staff.post(LIST + "?status=pending", form)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header.startswith("number,status,learner,")
    assert len(rows) == 1
    assert ",'=HYPERLINK(1)," in rows[0]


def test_an_export_says_that_it_is_whole_where_that_is_asked(staff):
    chosen = {"action": "export", "_selected_action": [a_certificate().pk, a_certificate().pk]}

    def lines(query: str = "", **form) -> list[str]:
        answer = staff.post(LIST + query, chosen | form)
        return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    plain = lines()
    assert len(plain) == 3
    marked = [*plain, "#end,2"]
    assert lines(end_line="true") == lines("?end_line=true") == marked
    assert lines("?status=pending&end_line=true") == marked
    assert lines(end_line="false") == plain
    for query, form in (
        ("", {"end_line": "perhaps"}),
        ("?end_line=", {}),
        ("?end_line=true", {"end_line": "true"}),
    ):
        refused = staff.post(LIST + query, chosen | form)
        assert refused.status_code == 400 and "end_line" in refused.content.decode()


def test_a_long_export_keeps_nothing_in_memory():
    # Long by long texts: watching the memory makes each cell a hundred times slower.
    text = "Fire safety at work. " * 13

    def rows():
        for number in range(20_000):
            yield [number, text]

    tracemalloc.start()
    answer = downloads.csv_response("long.csv", ["number", "text"], rows())
    length = sum(len(line) for line in answer.streaming_content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > 5_000_000
    assert peak < 500_000


def test_chunks_go_on_where_the_last_one_ended(django_assert_num_queries):
    made = [a_certificate() for _ in range(5)]
    with django_assert_num_queries(3):
        found = list(downloads.in_chunks(Certificate.objects.all(), chunk=2))
    assert found == sorted(made, key=lambda each: -each.pk)


@pytest.mark.parametrize(
    ("ms", "said"), [(45_000, "45 s"), (90_000, "1 min"), (7_500_000, "2 h 05 min")]
)
def test_short_times_are_shown_too(ms, said):
    certificate = sample("short")
    certificate.time_ms = ms
    assert f"Active time {said}" in text_of(rendering.compile_pdf(certificate))
