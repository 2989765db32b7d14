"""<learning-progress> on a page of another site, under a strict policy, and on our own."""

import json
import re
from html import escape

import pytest
from playwright.sync_api import expect

from progress.models import Enrollment
from tests.factories import a_course_of, a_learner, content

from .elsewhere import LINK, Elsewhere, bar, complete, report, session_of
from .learning import CLIP, RULES, eventually, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(transactional_db):
    return a_course_of(CLIP, RULES, LINK)


# --- What it shows -------------------------------------------------------------------------------
def test_it_shows_what_is_missing_and_moves_with_each_report(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    titles = element.get_by_role("list").get_by_role("listitem")
    expect(titles).to_have_count(3)
    expect(element.get_by_role("link", name="The extinguisher")).to_have_attribute(
        "href",
        f"{allowing_site.url}/courses/{course.pk}/contents/{content(course, 'clip').pk}/",
    )
    complete(allowing_site, session, course, "link")
    expect(bar(element)).not_to_have_attribute("aria-valuenow", "0")
    expect(titles).to_have_count(2)
    expect(element.get_by_text("The intranet")).to_have_count(0)


def test_what_is_covered_is_in_the_strip_and_each_gap_is_a_link(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    elsewhere.page.wait_for_timeout(1_500)  # time that can be credited
    played = {"segments": [[4, 5]], "position": 5, "duration_seconds": 1}
    report(allowing_site, session, course, "clip", interaction_type="progress", **played)
    gap = element.get_by_role("link", name="0:05–0:12")
    item = content(course, "clip").pk
    expect(gap).to_have_attribute(
        "href", f"{allowing_site.url}/courses/{course.pk}/contents/{item}/#at=5"
    )
    covered = element.locator("[part=covered]")
    expect(covered).to_have_count(1)
    # A push may draw the strip anew: it is looked at until it is there, all at one moment.
    elsewhere.page.wait_for_function(
        """() => {
            const { shadowRoot } = document.querySelector("learning-progress");
            const [cell, covered] = ["cell", "covered"].map((part) =>
                shadowRoot.querySelector(`[part=${part}]`)?.getBoundingClientRect());
            const isNear = (length, share) => Math.abs(length / cell.width - share) < 0.02;
            return covered && isNear(covered.x - cell.x, 4 / 12) && isNear(covered.width, 1 / 12);
        }"""
    )
    gap.click()
    opened = elsewhere.page.evaluate("opened")
    assert opened == [
        {
            "contentId": item,
            "moduleId": content(course, "clip").module_id,
            "title": "The extinguisher",
            "at": 5,
        }
    ]
    assert elsewhere.page.url.rstrip("/") == elsewhere.address


def test_the_session_comes_from_an_address_of_the_page(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    elsewhere.pages["/learning-session"] = json.dumps(session)
    element = elsewhere.open({}, 'course="safety" session-url="/learning-session"')
    expect(element.get_by_role("listitem")).to_have_count(3)


def test_a_complete_course_says_so(elsewhere, allowing_site):
    course = a_course_of(LINK)
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    complete(allowing_site, session, course, "link")
    expect(element.get_by_role("status")).to_have_text(re.compile("^Complete"))
    expect(bar(element)).to_have_attribute("aria-valuenow", "100")
    expect(element.get_by_role("list")).to_have_count(0)
    assert elsewhere.page.evaluate("states.at(-1)") == "done"


def test_links_lead_where_the_page_says_and_never_to_a_script(elsewhere, course, allowing_site):
    session = session_of(allowing_site, course, a_learner(course))
    own = 'session-from="#session" href="/learn/{course_id}/{module_id}/{content_id}?from={at}"'
    element = elsewhere.open(session, own)
    item = content(course, "clip")
    link = element.get_by_role("link", name="The extinguisher")
    path = f"/learn/{course.pk}/{item.module_id}/{item.pk}?from="
    expect(link).to_have_attribute("href", path)
    page = elsewhere.page
    page.evaluate("document.querySelector('learning-progress').setAttribute('href', '/x')")
    page.evaluate("document.querySelector('learning-progress').setAttribute('lang', 'es')")
    expect(link).to_have_attribute("href", "/x")
    for script in [" JavaScript:alert(1)", "java\\nscript:alert(1)", "data:text/html,x"]:
        page.evaluate(
            f"document.querySelector('learning-progress').setAttribute('href', '{script}')"
        )
        expect(element.get_by_role("listitem")).to_have_count(3)
        expect(element.get_by_role("link")).to_have_count(0)
        page.evaluate("document.querySelector('learning-progress').setAttribute('href', '/x')")
        expect(link).to_have_attribute("href", "/x")


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ('session-from="#nothing"', "session-from"),
        ('session-from="#session"', "start_session"),
        ('course="safety"', "learner"),
    ],
)
def test_what_is_missing_is_named_on_the_console(elsewhere, attributes, named, complaints):
    element = elsewhere.open({"session_id": "x"}, attributes)
    expect(element.get_by_role("status")).to_have_text(re.compile("can't be shown"))
    assert any("<learning-progress>" in said and named in said for said in complaints)
    complaints.clear()


# --- Why it can't --------------------------------------------------------------------------------
def test_a_learner_who_is_not_enrolled_reads_so(elsewhere, course, complaints):
    elsewhere.pages["/missing"] = ""  # 404
    element = elsewhere.open({}, 'course="safety" session-url="/missing"')
    expect(element.get_by_role("status")).to_have_text(re.compile("sign-in has ended"))
    elsewhere.page.evaluate(
        """() => Object.assign(document.querySelector("learning-progress"), {
            fetchSession: async () => {
                throw Object.assign(new Error(), { code: "not_enrolled", isFinal: true });
            },
        })"""
    )
    expect(element.get_by_role("status")).to_have_text("Not enrolled in this course.")
    complaints.clear()  # the browser's own about the 404


def test_the_end_of_an_enrolment_shows(elsewhere, course, allowing_site, complaints):
    learner = a_learner(course)
    session = session_of(allowing_site, course, learner)
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    Enrollment.objects.filter(user=learner).update(unenrolled_at="2026-01-01T00:00Z")
    elsewhere.page.evaluate("document.querySelector('learning-progress').refresh()")
    expect(element.get_by_role("status")).to_have_text("Not enrolled in this course.")
    complaints.clear()


def test_an_origin_that_is_not_allowed_is_named_as_such(
    page, site_with, other_site, course, complaints
):
    elsewhere = Elsewhere(page, site_with(CORS_ALLOWED_ORIGINS=""), other_site)
    element = elsewhere.open(session_of(elsewhere.site, course, a_learner(course)))
    expect(element.get_by_role("status")).to_have_text(re.compile("not allowed to show"))
    assert element.evaluate("element => element.state") == "origin_not_allowed"
    assert "offline" not in elsewhere.page.evaluate("states")
    assert any("CORS_ALLOWED_ORIGINS" in said for said in complaints)
    complaints.clear()


def test_without_a_network_the_last_progress_stays_and_is_named_so(
    elsewhere, course, allowing_site
):
    session = session_of(allowing_site, course, a_learner(course))
    element = elsewhere.open(session)
    expect(bar(element)).to_have_attribute("aria-valuenow", "0")
    context = elsewhere.page.context
    context.set_offline(True)
    expect(element.get_by_role("status")).to_have_text(re.compile("^No connection"))
    expect(element.get_by_role("listitem")).to_have_count(3)
    context.set_offline(False)
    complete(allowing_site, session, course, "link")
    expect(element.get_by_role("listitem")).to_have_count(2)
    expect(element.get_by_role("status")).to_have_count(0)


def test_a_tracker_that_gets_no_session_is_explained(elsewhere, course, complaints):
    element = elsewhere.open({}, "")
    elsewhere.page.evaluate(
        """async (site) => {
            const { createTracker } = await import("@learning-progress/tracker");
            const refuse = async () => {
                throw Object.assign(new Error(), { code: "not_enrolled", isFinal: true });
            };
            const tracker = createTracker({ baseUrl: site, fetchSession: refuse });
            document.querySelector("learning-progress").tracker = tracker;
            await tracker.startSession("me", "course").catch(() => {});
        }""",
        elsewhere.site.url,
    )
    expect(element.get_by_role("status")).to_have_text("Not enrolled in this course.")
    complaints.clear()


# --- On our own site ------------------------------------------------------------------------------
def test_on_the_own_site_the_login_is_enough(page, context, site, course):
    learner = a_learner(course)
    sign_in(context, site, learner)
    page.route(
        f"{site}/a-page/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<!doctype html><html lang="en"><title>x</title>
                <script type="module" src="/static/progress/learning_progress.js"></script>
                <learning-progress course="{escape(course.code)}" learner="{learner.pk}">
                </learning-progress>""",
        ),
    )
    page.goto(f"{site}/a-page/")
    element = page.locator("learning-progress")
    expect(element.get_by_role("listitem")).to_have_count(3)
    expect(element.get_by_role("link", name="The extinguisher")).to_have_attribute(
        "href", f"/courses/{course.pk}/contents/{content(course, 'clip').pk}/"
    )


def test_another_learner_is_not_shown(page, context, site, course, complaints):
    sign_in(context, site, a_learner(course))
    other = a_learner(course)
    page.route(
        f"{site}/a-page/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<!doctype html><html lang="en"><title>x</title>
                <script type="module" src="/static/progress/learning_progress.js"></script>
                <learning-progress course="{course.pk}" learner="{other.pk}">
                </learning-progress>""",
        ),
    )
    page.goto(f"{site}/a-page/")
    element = page.locator("learning-progress")
    expect(element.get_by_role("status")).to_have_text("Not enrolled in this course.")
    expect(element.get_by_role("listitem")).to_have_count(0)
    complaints.clear()


# --- Hashes --------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_checked", [True, False])
def test_a_module_that_was_changed_on_its_way_is_not_run(
    elsewhere, course, allowing_site, complaints, is_checked
):
    page = elsewhere.page
    session = session_of(allowing_site, course, a_learner(course))

    def change(route):
        found = route.fetch()
        route.fulfill(response=found, body=f"{found.text()}\nwindow.isChanged = true;")

    page.route("**/static/progress-*/feed.js", change)
    elsewhere.is_checked = is_checked
    elsewhere.open(session)
    element = page.locator("learning-progress")
    if is_checked:
        eventually(page, lambda: any("integrity" in said for said in complaints))
        assert page.evaluate("window.isChanged ?? null") is None
        assert not page.evaluate("Boolean(customElements.get('learning-progress'))")
    else:
        expect(bar(element)).to_have_attribute("aria-valuenow", "0")
        assert page.evaluate("window.isChanged")
    complaints.clear()
