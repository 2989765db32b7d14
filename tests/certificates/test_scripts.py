"""Certificates are made for names and titles in any script, and stay on one page."""

import io
import json
import unicodedata
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.urls import reverse
from pypdf import PdfReader

from analytics.reporting import printing
from certificates import tasks
from certificates.documents import rendering, styles
from certificates.models import Rendition
from progress.files import typesetting
from progress.models import User
from tests.factories import NOON
from tests.support.certificates import a_certificate, a_short_course

pytestmark = pytest.mark.django_db
DESIGNS = ["calm", "classic", "bold"]
NAMES = {
    "Bengali": "রহিমা খাতুন",
    "Tamil": "தமிழ்ச்செல்வி ஸ்ரீதர்",
    "Telugu": "శ్రీనివాస్ రావు",
    "Gujarati": "શ્રેયા પટેલ",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Sinhala": "ශ්‍රීමාලි පෙරේරා",
    "Khmer": "សុខា ផល្លី",
    "Burmese": "အောင်ဆန်း မြန်မာ",
    "Ethiopic": "አበበ ቢቂላ",
    "Tibetan": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "Lao": "ສົມພອນ ວົງສາ",
    "Kannada": "ಶ್ರೀನಿವಾಸ ಗೌಡ",
    "Malayalam": "ശ്രീജ കൃഷ്ണൻ",
    "Odia": "ଶ୍ରୀମତୀ ଦାସ",
    "Armenian": "Արամ Խաչատրյան",
    "Georgian": "ნინო ბერიძე",
    "Cherokee": "ᏍᏏᏉᏯ",
    "Mongolian": "ᠴᠢᠩᠭᠢᠰ",
    "Syriac": "ܝܘܚܢܢ",
    "Thaana": "އަޙްމަދު",
    "N'Ko": "ߞߊ߲ߕߍ߫",
    "Tifinagh": "ⵉⴷⵉⵔ",
    "Canadian syllabics": "ᐃᓄᒃᑎᑐᑦ",
    "Adlam": "𞤀𞤣𞤤𞤢𞤥",
    "Ol Chiki": "ᱥᱟᱱᱛᱟᱲᱤ",
    "Meetei Mayek": "ꯃꯅꯤꯄꯨꯔ",
    "Javanese": "ꦗꦮ",
    "Balinese": "ᬩᬮᬶ",
    "Sundanese": "ᮞᮥᮔ᮪ᮓ",
    "Yi": "ꆈꌠꁱꂷ",
    "Lisu": "ꓡꓲꓢꓴ",
    "Vai": "ꕙꔤ",
    "Chakma": "𑄌𑄋𑄴𑄟",
    "Cham": "ꨌꩌ",
    "Tai Tham": "ᨲᩫ᩠ᩅᨾᩮᩬᩥᨦ",
    "Rohingya": "𐴌𐴗",
    "Hmong": "𞄀𞄁",
    "emoji": "Anna 🔥 👩‍🚀",
    "combining marks": "Z\u0351\u0323a\u0328\u0301l\u0323\u0323g\u0300o",
    "mixed": "Anna أحمد 12 שלום Müller 王",
}
UNSETTABLE = {
    "private use": "\ue000",
    "unassigned": "\u0378",
    "the last private one": "\U0010fffd",
    "a script of the past": "\U00012000",
}
WITHOUT_FORM = {
    "variation selectors": "葛\U000e0100\ufe0f",
    "control characters": "a\x01\x7f\x9f b",
    "bidi marks": "\u202eevil\u202c \u2066x\u2069\u200e\u200f",
    "joiners alone": "\u200d\u200c",
    "line ends": "Anna\r\nBerg\u2028X\x0b",
    "marks alone": "\u0301\u093f\u0e31\u17d2\u1039",
    "nothing": "",
    "spaces": "   ",
    "tags": "\U000e0041\U000e007f",
}


def a_page(pdf):
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return reader


def with_names(name, title="Fire safety"):
    """Not saved: its names are as an importer, an API or a form might have let them in."""
    certificate = a_certificate()
    certificate.learner_name, certificate.course_title = name, title
    return certificate


@pytest.mark.parametrize("script", NAMES)
def test_a_name_of_a_living_script_is_shown_letter_for_letter(script):
    pdf = rendering.compile_pdf(with_names(NAMES[script]))
    text = a_page(pdf).pages[0].extract_text()
    assert typesetting.PLACEHOLDER not in text
    letters = [each for each in NAMES[script] if unicodedata.category(each)[0] == "L"]
    assert all(letter in text for letter in letters)
    assert not typesetting.displayable(NAMES[script]).missing


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", UNSETTABLE)
def test_characters_without_a_font_are_squares_and_their_text_stays(kind, design, settings):
    settings.PUBLIC_URL = "https://learn.example.com"
    course = a_short_course(title=f"Safety {UNSETTABLE[kind]} at work")
    certificate = a_certificate(course, full_name=f"Anna {UNSETTABLE[kind]} Berg")
    made = rendering.render(certificate.pk, NOON)
    page = a_page(bytes(made.pdf))
    assert f"Anna {typesetting.PLACEHOLDER} Berg" in page.pages[0].extract_text()
    assert f"Anna {UNSETTABLE[kind]} Berg" in page.metadata.title
    assert f"Safety {UNSETTABLE[kind]} at work" in page.metadata.title
    assert UNSETTABLE[kind] in json.dumps(json.loads(bytes(made.badge)), ensure_ascii=False)
    assert made.missing_characters == UNSETTABLE[kind]
    style = replace(styles.design_style(None), template=design)
    assert bytes(rendering.compile_picture(certificate, style)).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", WITHOUT_FORM)
def test_characters_without_a_form_stop_nothing(kind):
    certificate = with_names(WITHOUT_FORM[kind], WITHOUT_FORM[kind])
    a_page(rendering.compile_pdf(certificate))
    assert not typesetting.displayable(WITHOUT_FORM[kind]).missing


def test_words_after_a_name_are_not_turned_around_by_it():
    text = a_page(rendering.compile_pdf(with_names("\u202eAnna Berg"))).pages[0].extract_text()
    assert "Anna Berg" in text


def test_an_emoji_in_a_course_title_stops_nobody():
    course = a_short_course(title="Fire safety 🔥🧯 2")
    certificates = [a_certificate(course), a_certificate(course)]
    tasks.render_missing()
    assert Rendition.objects.filter(certificate__in=certificates).count() == 2


def test_staff_see_which_characters_have_no_font(client):
    certificate = a_certificate(full_name="Anna \U00012000")
    other = a_certificate(full_name="Anna Berg")
    tasks.render_missing()
    client.force_login(User.objects.create_superuser("root"))
    url = reverse("admin:certificates_certificate_change", args=[certificate.pk])
    assert "U+12000 CUNEIFORM SIGN A" in client.get(url).content.decode()
    found = client.get(reverse("admin:certificates_certificate_changelist"), {"squares": "some"})
    assert certificate.number in found.content.decode()
    assert other.number not in found.content.decode()


# --- On the page ---------------------------------------------------------------------------------
def ends_of_text(page):
    """Where the outermost glyphs begin, in points; each at most as wide as a line is high."""
    ends = []

    def visit(text, cm, tm, font, size):
        if text.strip():
            ends.append(tm[4] * cm[0] + cm[4])

    page.extract_text(visitor_text=visit)
    return min(ends), max(ends)


LONG = {
    "W": "W" * 300,
    "i": "i" * 200,
    "German": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 4,
    "Arabic": "السلامة" * 40,
    "Tamil": "தமிழ்ச்செல்வி" * 22,
    "Chinese": "王" * 300,
    "squares": "\ue000" * 300,
    "words": "Maximiliana Theodora " * 14,
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", LONG)
def test_one_very_long_word_stays_on_the_page(kind, design, settings):
    settings.PUBLIC_URL = f"https://{'learning.' * 20}example.com"
    word = LONG[kind]
    style = replace(
        styles.design_style(None),
        template=design,
        issuer=word[:200],
        signatory=word[:200],
        signatory_title=word[:200],
    )
    page = a_page(rendering.compile_pdf(with_names(word, word), None, style)).pages[0]
    first, last = ends_of_text(page)
    width = float(page.mediabox.width)
    margin = 24 * 72 / 25.4
    assert margin - 1 <= first and last <= width - margin
    shown = "".join(each for each in page.extract_text() if each in word)
    assert len(shown) >= len(word) or kind == "squares"
    # What breaks the word isn't in the text, nor with the same letters elsewhere.
    assert "\u200b" not in page.extract_text() or kind == "Arabic"


# --- Other documents -----------------------------------------------------------------------------
def test_a_report_has_every_script_and_a_square_for_the_rest():
    names = [*NAMES.values(), *WITHOUT_FORM.values(), *LONG.values(), "x \U00012000 y"]
    texts = {
        "title": "Learners 🔥",
        "description": "কে",
        "issuer": "\U0010ffff",
        "language": "en",
        "narrowed": "",
        "as_of": "today",
        "zone": "UTC",
        "columns": [{"title": "Name", "is_numeric": False}] * 4,
        "rows": [[name] * 4 for name in names],
        "left_out": "",
        "meanings": [],
    }
    pdf = typesetting.compile_in_subprocess(
        printing.HERE / "print.typ", texts, pdf_standards=["ua-1"], timestamp=0
    )
    pages = PdfReader(io.BytesIO(pdf)).pages
    text = "".join(page.extract_text() for page in pages).replace("\u200e", "")
    assert f"x {typesetting.PLACEHOLDER} y" in text
    assert "রহিমা" in text or "রহি" in text
    for page in pages:
        assert ends_of_text(page)[1] <= float(page.mediabox.width) - 16 * 72 / 25.4


def test_plain_latin_texts_ask_for_no_probe(monkeypatch):
    monkeypatch.setattr(typesetting, "_can_set", lambda text: pytest.fail("asked"))
    assert typesetting.displayable(["Łucja Żółć", {"a": "x – y…"}]).value[0] == "Łucja Żółć"


def test_certificates_that_failed_for_want_of_a_font_are_tried_again(transactional_db):
    from progress.models import SetAside

    call_command("migrate", "certificates", "0013", verbosity=0)
    job = "certificates.tasks.render_missing"
    SetAside.objects.create(job=job, row=1, error="no font", set_aside_at=NOON)
    SetAside.objects.create(job="another.job", row=1, error="x", set_aside_at=NOON)
    call_command("migrate", verbosity=0)  # also what depends on them
    assert [each.job for each in SetAside.objects.all()] == ["another.job"]
