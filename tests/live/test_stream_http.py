"""The stream as HTTP: its headers, methods and errors, how it lasts and how it ends."""

import asyncio

import pytest

from progress.live import stream

from .listening import assert_refused, listening, percent_of, push

pytestmark = pytest.mark.django_db(transaction=True)


def test_its_headers_keep_caches_and_proxies_away(visit, url):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
        assert client.status == 200
        assert client.answer_headers["content-type"].startswith("text/event-stream")
        assert client.answer_headers["cache-control"] == "no-store"
        assert client.answer_headers["x-accel-buffering"] == "no"
        assert "access-control-allow-origin" not in client.answer_headers

    visit(scenario)


def test_a_trailing_slash_works_too(visit, url):
    async def scenario(app):
        assert app.serves({"type": "http", "path": url.split("?")[0] + "/"})
        async with listening(app, url.replace("?", "/?")) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


def test_head_answers_without_a_body_and_ends(visit, url):
    async def scenario(app):
        async with listening(app, url, method="HEAD") as client:
            await client.end()
        assert (client.status, client.text, client.is_complete) == (200, "", True)
        assert client.answer_headers["content-type"].startswith("text/event-stream")

    visit(scenario)


def test_other_methods_are_405_and_named(visit, url):
    async def scenario(app):
        async with listening(app, url, method="POST") as client:
            await client.end()
        assert_refused(client, 405, "method_not_allowed")
        assert client.answer_headers["allow"] == "GET, HEAD, OPTIONS"

    visit(scenario)


def test_a_tracker_on_a_named_origin_may_read_it_and_no_other(visit, url, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://courses.example"]

    async def scenario(app):
        for origin, allowed in (("https://courses.example", True), ("https://evil.example", False)):
            for method in ("GET", "OPTIONS"):
                headers = {"Origin": origin}
                async with listening(app, url, method=method, headers=headers) as client:
                    await client.until(lambda client: client.status)
                allows = client.answer_headers.get("access-control-allow-origin")
                assert allows == (origin if allowed else None)
                assert client.answer_headers["vary"] == "origin"

    visit(scenario)


def test_a_refusal_can_be_read_across_origins(visit, url, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://courses.example"]

    async def scenario(app):
        headers = {"Origin": "https://courses.example"}
        async with listening(app, url.split("?")[0], headers=headers) as client:
            await client.end()
        assert client.status == 401
        assert client.answer_headers["access-control-allow-origin"] == "https://courses.example"

    visit(scenario)


# --- Lasting --------------------------------------------------------------------------------------
def test_a_silent_stream_is_kept_open_by_comments(visit, url, monkeypatch):
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.02)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await client.until(lambda client: client.text.count("\n: ") >= 3)

    visit(scenario)


def test_a_stream_ends_by_itself(visit, url, monkeypatch):
    monkeypatch.setattr(stream, "STREAM_SECONDS", 0.3)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await client.end()
        assert client.is_complete

    visit(scenario)


def test_a_client_that_leaves_leaves_nothing_behind(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
        assert not app._hub._topics
        before = len(asyncio.all_tasks())
        for _ in range(20):
            async with listening(app, url) as client:
                await client.event()
        assert len(asyncio.all_tasks()) == before

    visit(scenario)


def test_a_client_that_does_not_read_gets_the_newest_when_it_does(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client, listening(app, url) as witness:
            await client.event()
            await witness.event()
            client.get_stuck()
            for number in range(1, 51):
                push(learner, course, number, events=number)
            while percent_of(await witness.event()) < 50:
                pass
            client.get_going()
            percents = []
            while not percents or percents[-1] < 50:
                percents.append(percent_of(await client.event()))
        assert len(percents) <= 2  # the one that it was being sent, and the rest as one

    visit(scenario)


def test_a_client_that_takes_nothing_is_let_go(visit, url, learner, course, monkeypatch):
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.05)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            client.get_stuck()
            push(learner, course, 10, events=1)
            await client.end()
        assert not app._hub._topics

    visit(scenario)


def test_a_database_that_is_away_is_503_and_not_a_broken_stream(visit, url, monkeypatch):
    from django.db import OperationalError

    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(stream, "snapshots", fail)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.end()
        assert client.status == 503
        assert client.body["type"] == "server_error"

    visit(scenario)
