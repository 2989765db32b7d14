"""Players of other sites for tests: they behave by their services' documented events.

A film without pictures plays by the clock. What it has really played is compared with what was
recorded of it.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
SITES = {"youtube": "https://www.youtube-nocookie.com", "vimeo": "https://player.vimeo.com"}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A film</title>
<body><p>{service}</p><script>window.fakeSettings = {settings};</script>
<script>{film}</script><script>{player}</script></body></html>"""


class FakePlayer:
    """A service's player in a frame of `page`. `settings` are those of its script."""

    def __init__(self, page, service, **settings):
        self.page, self.service, self.settings = page, service, settings
        self.asked = []  # the addresses that the frame had
        self.is_away = False
        page.context.route(f"{SITES[service]}/**", self._serve)

    def _serve(self, route):
        self.asked.append(route.request.url)
        if self.is_away:
            route.abort("internetdisconnected")
            return
        body = _PAGE.format(
            service=self.service,
            settings=json.dumps(self.settings),
            film=(HERE / "film.js").read_text("utf-8"),
            player=(HERE / f"{self.service}.js").read_text("utf-8"),
        )
        route.fulfill(content_type="text/html; charset=utf-8", body=body)

    @property
    def frame(self):
        return next(each for each in self.page.frames if each.url.startswith(SITES[self.service]))

    def run(self, script, argument=None):
        """Run a script in the player; `film` is what plays there."""
        return self.frame.evaluate(script, argument)

    def until(self, condition):
        self.frame.wait_for_function(condition)

    def plays_to(self, seconds):
        """Play until the film has reached a position, and pause."""
        self.run("film.play()")
        self.until(f"() => film.position >= {seconds}")
        self.run("film.pause()")

    def played(self):
        """The stretches really played, as a union."""
        return union(self.run("film.played"))


def union(spans):
    found = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return found


def length(spans):
    return sum(end - start for start, end in union(spans))


def common(spans, others):
    """The length of what is in both."""
    return length(spans) + length(others) - length([*spans, *others])
