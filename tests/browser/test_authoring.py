"""An instructor builds a course from an empty page; a learner completes it to the certificate."""

import wave
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from authoring.models import StoredFile
from progress.models import Course, LearningSession
from tests.factories import a_learner, a_user, enrolled, grant
from tests.support.accessibility import violations

from .learning import answer, being_watched, play, sign_in, submit

pytestmark = pytest.mark.django_db(transaction=True)
DEMO = Path(settings.BASE_DIR) / "static" / "demo"
VTT = "WEBVTT\n\n00:00.000 --> 00:05.000\n{}\n"


@pytest.fixture
def author(context, site):
    author = grant(a_user(is_staff=True, full_name="Inês Carvalho"), "add_course")
    sign_in(context, site, author)
    return author


def upload(form, file):
    form.locator("[data-file]").set_input_files(file)
    with form.page.expect_navigation():
        form.get_by_role("button", name="Upload", exact=True).click()


def create_course(page, site, title):
    page.goto(f"{site}/authoring/")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Create").click()
    page.locator("#add-module").locator("..").get_by_label("Title").fill("See")
    page.locator("#add-module").locator("..").get_by_role("button", name="Add").click()
    return Course.objects.get(title=title)


def add_content(page, title, kind):
    page.get_by_text("Add a content").click()
    form = page.locator("details[open] form")
    form.get_by_label("Title").fill(title)
    form.get_by_label("Type").select_option(kind)
    form.get_by_role("button", name="Add").click()


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_file_can_be_sent_only_once_the_page_can_send_it(page, context, site, author):
    create_course(page, site, "Extinguishers")
    context.route("**/uploads*.js", lambda route: None)  # it never comes
    page.get_by_role("link", name="Files", exact=True).click()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
    context.unroute_all()
    page.reload()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_enabled()


def test_from_an_empty_page_to_the_certificate(
    page, context, browser, site, author, worker, tmp_path
):
    course = create_course(page, site, "Extinguishers")
    build = page.url

    # The film with captions in two languages.
    page.get_by_role("link", name="Files", exact=True).click()
    upload(page.locator("[data-role=content]"), DEMO / "extinguisher.mp4")
    for language in ("en", "ar"):
        captions = tmp_path / f"{language}.vtt"
        captions.write_text(VTT.format(language))
        page.get_by_text("Add captions, chapters or a poster").click()
        form = page.locator("[data-media]")
        form.get_by_label("Language").fill(language)
        upload(form, captions)
    assert violations(page) == []
    expect(page.locator(".belongings li")).to_have_count(2)

    # A content that shows it, and a quiz.
    page.goto(build)
    add_content(page, "The extinguisher", "video")
    page.get_by_label("Uploaded file").select_option(label="extinguisher.mp4")
    save(page)
    add_content(page, "What would you do?", "quiz")
    page.get_by_role("textbox", name="New question").fill("Oil burns. What puts it out?")
    page.get_by_label("Choice 1", exact=True).fill("Water")
    page.get_by_label("Choice 2", exact=True).fill("A lid")
    page.get_by_label("correct").nth(1).check()
    page.get_by_role("button", name="Save the question").click()
    expect(page.get_by_label("Question 1")).to_have_value("Oil burns. What puts it out?")
    assert violations(page) == []

    # Preview, which records nothing; then publish.
    page.goto(build)
    assert violations(page) == []
    page.get_by_role("link", name="Preview").click()
    expect(page.locator("#media track")).to_have_count(2)
    assert not LearningSession.objects.exists()
    page.goto(build)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("Published")

    learner = a_learner(full_name="Lena Fischer")
    enrolled(learner, course)
    other = browser.new_context()
    sign_in(other, site, learner)
    learning = other.new_page()
    learning.goto(f"{site}/courses/{course.pk}/")
    learning.get_by_role("link", name="Start").first.click()
    being_watched(learning)
    play(learning, rate=2)
    expect(learning.locator(".below [data-state]")).to_have_text("Complete")
    # At the end of the film this link takes the place of the one below the player.
    learning.locator("#end").get_by_role("link", name="Next: What would you do?").click()
    being_watched(learning)
    answer(learning, "A lid")
    submit(learning)
    expect(learning.locator("#review")).to_contain_text("Attempt 1: 100 %")
    learning.goto(f"{site}/courses/{course.pk}/")
    expect(learning.get_by_role("link", name="Your certificate", exact=True)).to_be_visible()
    other.close()


def test_contents_are_moved_by_keyboard_without_losing_the_place(page, site, author):
    outline = f"{site}/authoring/courses/{create_course(page, site, 'Extinguishers').pk}/"
    for title in ("One", "Two", "Three"):
        add_content(page, title, "text")
        page.wait_for_url("**/content/?*")
        page.goto(outline)
    titles = page.locator("[data-content] a")
    last = page.locator("[data-content]", has_text="Three")
    last.get_by_role("button", name="Move up").focus()
    for order in (["One", "Three", "Two"], ["Three", "One", "Two"]):
        page.keyboard.press("Enter")
        expect(titles).to_have_text(order)
    # It can't go further up: the way back is next.
    expect(last.get_by_role("button", name="Move down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["One", "Three", "Two"])
    expect(last.get_by_role("button", name="Move down")).to_be_focused()


def test_what_is_wrong_with_a_file_is_said_at_its_field(page, site, author, tmp_path, complaints):
    create_course(page, site, "Extinguishers")
    page.get_by_role("link", name="Files", exact=True).click()
    wrong = tmp_path / "film.mp4"
    wrong.write_text("<html><script>alert(1)</script></html>")
    form = page.locator("[data-role=content]")
    form.locator("[data-file]").set_input_files(wrong)
    form.get_by_role("button", name="Upload", exact=True).click()
    expect(form.locator("[data-error]")).to_contain_text("scripts")
    expect(form.locator("[data-file]")).to_be_focused()
    assert not StoredFile.objects.exists()
    # The browser itself notes that a request was answered by 400.
    complaints[:] = [each for each in complaints if "status of 400" not in each]


def test_an_upload_goes_on_after_the_connection_was_lost(page, site, author, tmp_path):
    create_course(page, site, "Extinguishers")
    page.get_by_role("link", name="Files", exact=True).click()
    text = tmp_path / "rules.txt"
    text.write_text("Keep the fire doors shut.")
    failed = []

    def fail_once(route):
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.abort("internetdisconnected")

    page.route("**/authoring/uploads/*/", fail_once)
    upload(page.locator("[data-role=content]"), text)
    expect(page.get_by_role("heading", name="rules.txt")).to_be_visible()
    assert failed


def test_a_large_file_is_measured_while_the_page_is_open(page, site, author, worker, tmp_path):
    create_course(page, site, "Extinguishers")
    page.get_by_role("link", name="Files", exact=True).click()
    recording = tmp_path / "talk.wav"
    with wave.open(str(recording), "wb") as sound:
        sound.setparams((1, 2, 48_000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 48_000 * 400))  # 38 MB: more than is measured at once
    upload(page.locator("[data-role=content]"), recording)
    # It says how far it is, and then what was measured, without being loaded anew.
    row = page.locator(".files > li")
    expect(row).to_contain_text("6:40")
    expect(row.locator("progress:visible")).to_have_count(0)
    expect(row.get_by_text("Add chapters")).to_be_visible()
    assert violations(page) == []
