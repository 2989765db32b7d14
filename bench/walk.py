"""A learner's way through the demo course, as pictures in their order.

    bin/up                                     # in another window
    python bench/walk.py FOLDER [--site http://127.0.0.1:8000] [--width 390] [--dark]

Makes a learner of its own in the database of the running `bin/up`, and writes a PNG for each step
into FOLDER: day one, a film that is interrupted and gone on with, a failed and a passed quiz, some
minutes without a network, the completed course and its certificate. It plays in real time, about
six minutes. Exits with 1 when a step doesn't come.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

import django

from lms_progress import embedded

# As manage.py does: the servers of a running bin/up with the same STATE_DIR.
embedded.prepare(["bench", "shell"])
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright  # noqa: E402

from lms_progress.demo.seeding import REAL  # noqa: E402
from progress.ingest.enrolling import enroll  # noqa: E402
from progress.models import Choice, Content, ContentProgress, Course, User  # noqa: E402

BROWSERS = ("chromium-headless-shell", "/usr/lib/chromium/chromium-headless-shell", "chromium")
HEIGHTS = {390: 844}
PLAY = """(media, [from, seconds, rate]) => new Promise((resolve) => {
    media.muted = true;
    media.playbackRate = rate;
    if (from !== null) media.currentTime = from;
    const end = from === null || seconds === null ? Infinity : from + seconds;
    const stop = () => { media.pause(); resolve(media.currentTime); };
    media.addEventListener("ended", () => resolve(media.currentTime), { once: true });
    media.addEventListener("timeupdate", () => media.currentTime >= end && stop());
    media.play();
})"""


class Walk:
    def __init__(self, folder: Path, site: str, context: BrowserContext):
        self.folder, self.site, self.number = folder, site, 0
        self.context, self.page = context, context.new_page()
        self.course = Course.objects.get(code=REAL)
        name = f"walk-{time.time_ns()}"
        self.learner = User.objects.create_user(name, full_name="Lena Fischer", password=name)
        enroll(self.learner.pk, self.course.pk, now=timezone.now())

    def picture(self, name: str, page: Page | None = None, *, whole: bool = False) -> None:
        self.number += 1
        shown = page or self.page
        shown.wait_for_timeout(600)  # fades have ended
        shown.screenshot(path=self.folder / f"{self.number:02} {name}.png", full_page=whole)
        print(f"{self.number:02} {name}")

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def content(self, code: str) -> Content:
        return Content.objects.get(module__course=self.course, code=code)

    def open(self, code: str) -> None:
        self.go(f"/courses/{self.course.pk}/contents/{self.content(code).pk}/")
        expect(self.page.locator("html[data-tracking=on]")).to_have_count(1)

    def play(self, start: float | None = None, seconds: float | None = None, rate: float = 1.0):
        self.page.locator("#media").evaluate(PLAY, [start, seconds, rate])

    def wait_until_complete(self, code: str) -> None:
        done = ContentProgress.objects.filter(
            enrollment__user=self.learner, content=self.content(code), completed_at__isnull=False
        )
        until = time.monotonic() + 150
        while not done.exists():
            if time.monotonic() > until:
                raise SystemExit(f"{code} isn't complete after 150 s.")
            self.page.wait_for_timeout(500)

    # --- The steps -------------------------------------------------------------------------------
    def day_one(self) -> None:
        self.go("/login/")
        self.picture("sign in")
        client = Client()
        client.force_login(self.learner)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.site}
        self.context.add_cookies([cookie])
        self.go("/")
        self.picture("day one, my learning", whole=True)
        self.go(f"/courses/{self.course.pk}/")
        self.picture("day one, the course", whole=True)

    def interrupted_film(self) -> None:
        self.open("extinguisher")
        self.picture("a film that was not begun", whole=True)
        self.play(0, 5)
        self.picture("the film after five seconds")
        self.page.wait_for_timeout(1500)
        self.go("/")
        self.picture("my learning goes on at its second")
        self.open("extinguisher")
        self.picture("the film again, where it was")
        self.play()
        expect(self.page.locator("#end")).to_be_visible()
        self.wait_until_complete("extinguisher")
        self.picture("the end card")

    def films_and_document(self) -> None:
        self.open("doors")
        self.play(0)
        expect(self.page.locator("#end")).to_be_visible()
        self.wait_until_complete("doors")
        self.picture("the end card opens the quiz")
        self.open("alarm")
        self.play(0)
        self.wait_until_complete("alarm")
        self.open("rules")
        pages = self.page.locator("#pages > *")
        for number in range(pages.count()):
            pages.nth(number).scroll_into_view_if_needed()
            self.page.wait_for_timeout(9000)
            if number == 1:
                self.picture("a document, in its second page")

    def without_a_network(self) -> None:
        self.open("needs")
        self.context.set_offline(True)
        # A quarter of the window at a time, until the end has been in view for as long.
        step = self.page.viewport_size["height"] // 4
        length = self.page.locator("#text").bounding_box()["height"]
        for _ in range(4 + int(length / step)):
            self.page.wait_for_timeout(10_000)
            self.page.mouse.wheel(0, step)
        self.picture("a text without a network")
        self.context.set_offline(False)
        self.page.evaluate("dispatchEvent(new Event('online'))")
        self.wait_until_complete("needs")
        self.picture("the network is back, and it counts")

    def quiz(self, *, passes: bool) -> None:
        self.open("quiz")
        again = self.page.get_by_role("link", name="Try again")
        if again.count():
            again.first.click()
        for group in self.page.locator("fieldset[data-question]").all():
            question = int(group.get_attribute("data-question") or 0)
            for choice in Choice.objects.filter(question=question, is_correct=passes):
                field = group.locator(f"input[value='{choice.pk}']")
                if not field.is_checked():
                    field.check()
                if not passes:
                    break
        self.picture("the quiz, answered", whole=True)
        self.page.locator("#quiz button.submit").click()
        self.page.wait_for_url("**review**")
        self.picture("the quiz, passed" if passes else "the quiz, not passed", whole=True)

    def completion(self) -> None:
        self.wait_until_complete("quiz")
        self.go(f"/courses/{self.course.pk}/")
        self.picture("the course, complete", whole=True)
        until = time.monotonic() + 90
        while not self.learner.certificates.filter(renditions__isnull=False).exists():
            if time.monotonic() > until:
                raise SystemExit("There is no certificate after 90 s.")
            self.page.wait_for_timeout(1000)
        number = self.learner.certificates.get().number
        self.page.reload()
        self.picture("the course with its certificate", whole=True)
        self.go(f"/certificates/{number}/")
        self.picture("the certificate", whole=True)
        self.go("/")
        self.picture("my learning afterwards", whole=True)
        self.go("/account/")
        self.picture("the account", whole=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--language", default="en")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        context = chromium.new_context(
            viewport={"width": asked.width, "height": HEIGHTS.get(asked.width, 900)},
            color_scheme="dark" if asked.dark else "light",
            locale=asked.language,
        )
        context.set_default_timeout(60_000)
        walk = Walk(asked.folder, asked.site.rstrip("/"), context)
        walk.day_one()
        walk.interrupted_film()
        walk.films_and_document()
        walk.without_a_network()
        walk.quiz(passes=False)
        walk.quiz(passes=True)
        walk.completion()
        chromium.close()


if __name__ == "__main__":
    main()
