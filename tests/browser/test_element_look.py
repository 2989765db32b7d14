"""<learning-progress> for its readers: languages, looks, accessibility."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner
from tests.support.accessibility import settled, violations_in_every_look

from .elsewhere import LINK, bar, session_of
from .learning import CLIP, RULES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(transactional_db):
    return a_course_of(CLIP, RULES, LINK)


@pytest.mark.parametrize(
    ("language", "direction", "name"),
    [
        ("de-AT", "ltr", "Fortschritt im Kurs"),
        ("es", "ltr", "Progreso del curso"),
        ("ar", "rtl", "التقدم في الدورة"),
        ("fr", "ltr", "Course progress"),
    ],
)
def test_it_speaks_the_language_of_the_page(
    elsewhere, course, allowing_site, language, direction, name
):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session, 'session-from="#session"', language)
    expect(element.get_by_role("progressbar", name=name)).to_be_visible()
    expect(element.get_by_role("group", name=name)).to_have_attribute("dir", direction)


def test_every_language_has_every_text_with_its_values(elsewhere, course, allowing_site):
    elsewhere.open(session_of(allowing_site, course, a_learner(course)))
    found = elsewhere.page.evaluate(
        """async (site) => {
            const { LANGUAGES, WORDS } = await import(`${site}/static/progress/progress_words.js`);
            const values = (text) => (text.match(/\\{\\w+\\}/g) ?? []).sort();
            return LANGUAGES.map((language) =>
                Object.entries(WORDS[language]).map(([name, text]) => [name, ...values(text)]));
        }""",
        allowing_site.url,
    )
    assert len(found) == 4
    assert all(each == found[0] for each in found)


def test_sites_change_its_look(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    seen = elsewhere.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`
                learning-progress { --learning-progress-color: rgb(1, 2, 3); }
                learning-progress::part(title) { color: rgb(4, 5, 6); }`);
            document.adoptedStyleSheets = [sheet];
            const find = (part) => document.querySelector("learning-progress")
                .shadowRoot.querySelector(`[part=${part}]`);
            const colour = (part, name) => getComputedStyle(find(part))[name];
            return [colour("fill", "backgroundColor"), colour("title", "color")];
        }"""
    )
    assert seen == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]


def test_it_is_accessible(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(element.get_by_role("listitem")).to_have_count(3)
    elsewhere.page.evaluate(
        """() => {
            document.documentElement.style.colorScheme = "light dark";
            Object.assign(document.body.style, { background: "Canvas", color: "CanvasText" });
        }"""
    )
    settled(elsewhere.page)
    assert violations_in_every_look(elsewhere.page) == []
