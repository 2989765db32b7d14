"""Players of other sites on a content's page: allowed by a setting, with a policy of their own."""

import re

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import ImproperlyConfigured

from lms_progress.content_security import players as checked_players
from progress.catalogue import document_problems, replace_course
from progress.models import Content
from tests.factories import a_course_of, content, enrolled

pytestmark = pytest.mark.django_db
ADDRESSES = {
    "youtube": "https://youtu.be/M7lc1UVf-VE?t=90",
    "vimeo": "https://vimeo.com/76979871/8272103f6e",
    "hls": "https://cdn.example.com/film/index.m3u8",
    "dash": "https://cdn.example.com/film.mpd",
}
ALL = ["youtube", "vimeo", "https://cdn.example.com"]


def film(url, content_type="video", **more):
    item = {"code": "film", "content_type": content_type, "url": url, "duration_seconds": 20}
    return item | more


@pytest.fixture
def see(client, learner, settings):
    """The page of a film, and its policy by directive."""

    def see(url, allowed, **more):
        settings.EMBEDDED_PLAYERS = ALL
        course = a_course_of(film(url, **more))
        enrolled(learner, course)
        settings.EMBEDDED_PLAYERS = allowed
        answer = client.get(f"/courses/{course.pk}/contents/{content(course, 'film').pk}/")
        assert answer.status_code == 200
        parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
        return answer.content.decode(), {part[0]: part[1:] for part in parts}

    return see


def test_youtube_plays_in_its_own_frame_and_nothing_else_is_opened(see):
    page, policy = see(ADDRESSES["youtube"], ["youtube"])
    address = re.search(r'<iframe id="media"[^>]* src="([^"]+)"', page)[1].replace("&amp;", "&")
    assert address.startswith("https://www.youtube-nocookie.com/embed/M7lc1UVf-VE?enablejsapi=1")
    assert "origin=http%3A%2F%2Ftestserver" in address
    assert 'data-start="90"' in page
    # YouTube refuses to play without a referrer, which this site's pages don't send.
    assert 'referrerpolicy="strict-origin-when-cross-origin"' in page
    assert policy["frame-src"] == ["'self'", "https://www.youtube-nocookie.com"]
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == ["'self'"]


def test_vimeo_plays_an_unlisted_film_by_its_key(see):
    page, policy = see(ADDRESSES["vimeo"], ["vimeo"])
    assert (
        "https://player.vimeo.com/video/76979871?dnt=1&amp;playsinline=1&amp;h=8272103f6e" in page
    )
    assert policy["frame-src"] == ["'self'", "https://player.vimeo.com"]
    assert policy["connect-src"] == ["'self'"]


@pytest.mark.parametrize("service", ["hls", "dash"])
def test_a_stream_opens_its_sites_and_no_frame(see, service):
    page, policy = see(ADDRESSES[service], ALL)
    assert f'data-service="{service}" data-address="{ADDRESSES[service]}"' in page
    assert policy["connect-src"] == ["'self'", "https://cdn.example.com"]
    assert "https://cdn.example.com" in policy["media-src"]
    assert policy["frame-src"] == policy["script-src"] == policy["worker-src"] == ["'self'"]


def test_a_stream_of_this_site_needs_no_setting(see):
    page, policy = see("/media/film.m3u8", [])
    assert 'data-address="/media/film.m3u8"' in page
    assert policy["connect-src"] == ["'self'"]


def test_a_file_opens_nothing(see):
    _page, policy = see("/static/demo/extinguisher.mp4", ALL, duration_seconds=12)
    assert policy["frame-src"] == policy["connect-src"] == ["'self'"]


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        ("youtube", []),
        ("youtube", ["vimeo"]),
        ("vimeo", ["youtube"]),
        ("hls", ["youtube", "https://other.example.com"]),
        ("dash", ["https://*.cdn.example.com", "http://cdn.example.com"]),
    ],
)
def test_what_is_not_allowed_is_said_instead_of_a_dead_frame(see, service, allowed):
    page, policy = see(ADDRESSES[service], allowed)
    assert "<iframe" not in page
    assert 'id="media"' not in page
    assert re.search(r"this site doesn&#x27;t show videos of|a stream of another site", page)
    assert policy["frame-src"] == policy["connect-src"] == ["'self'"]


def test_an_embed_may_be_of_any_site_and_only_on_its_own_page(client, learner):
    link = {
        "code": "link",
        "content_type": "embed",
        "url": "https://example.org/",
        "view_seconds": 5,
    }
    course = a_course_of(link)
    enrolled(learner, course)
    page = client.get(f"/courses/{course.pk}/contents/{content(course, 'link').pk}/")
    assert "frame-src 'self' https:;" in f"{page['Content-Security-Policy']};"
    assert "frame-src 'self';" in f"{client.get('/')['Content-Security-Policy']};"


def test_a_framed_page_keeps_what_its_player_needs(see, settings):
    settings.PLAYER_FRAME_ANCESTORS = ["https://lms.example.com"]
    _page, policy = see(ADDRESSES["youtube"], ["youtube"])
    assert policy["frame-ancestors"] == ["'self'", "https://lms.example.com"]
    assert policy["frame-src"] == ["'self'", "https://www.youtube-nocookie.com"]


# --- Courses -------------------------------------------------------------------------------------
def problems(item):
    document = {"code": "films", "title": "Films", "modules": [{"code": "m", "contents": [item]}]}
    return {(each.field, each.detail) for each in document_problems(document)}


@pytest.mark.parametrize(
    ("url", "content_type", "allowed", "said"),
    [
        (ADDRESSES["youtube"], "video", [], "EMBEDDED_PLAYERS=youtube"),
        (ADDRESSES["vimeo"], "video", ["youtube"], "EMBEDDED_PLAYERS=vimeo"),
        (ADDRESSES["hls"], "audio", ["youtube"], "no streams of that site"),
        (ADDRESSES["youtube"], "audio", ALL, "let content_type be video"),
        ("https://www.youtube.com/@channel", "video", ALL, "names no single video"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"completion_source": "reported", "duration_seconds": None}])
def test_a_course_with_what_no_page_plays_is_refused_at_its_url(
    settings, url, content_type, allowed, said, more
):
    settings.EMBEDDED_PLAYERS = allowed
    [(field, detail)] = problems(film(url, content_type, **more))
    assert field == "url"
    assert said in detail


@pytest.mark.parametrize("service", ADDRESSES)
def test_what_is_allowed_is_stored_as_it_was_typed(settings, service):
    settings.EMBEDDED_PLAYERS = ["youtube", "vimeo", "https://*.example.com"]
    a_course_of(film(ADDRESSES[service]))
    assert Content.objects.get().url == ADDRESSES[service]
    [(field, _detail)] = problems(film(ADDRESSES[service], duration_seconds=None))
    assert field == "duration_seconds"


def test_hidden_contents_may_wait_for_the_setting(settings):
    settings.EMBEDDED_PLAYERS = []
    assert problems(film(ADDRESSES["youtube"], hidden=True)) == set()


def test_a_document_sent_again_changes_nothing(settings):
    settings.EMBEDDED_PLAYERS = ALL
    item = film(ADDRESSES["vimeo"])
    document = {"code": "films", "title": "Films", "modules": [{"code": "m", "contents": [item]}]}
    assert replace_course(document).was_created
    assert not replace_course(document).was_changed


# --- The setting ---------------------------------------------------------------------------------
def test_nothing_is_allowed_unless_it_is_set():
    assert site_settings.EMBEDDED_PLAYERS == []


def test_services_and_sites_are_named():
    given = ["YouTube", "vimeo", "https://*.example.com", "http://127.0.0.1:8123"]
    assert checked_players("EMBEDDED_PLAYERS", given) == ["youtube", *given[1:]]


@pytest.mark.parametrize(
    "value", ["dailymotion", "*", "https:", "https://a.example/x; script-src *"]
)
def test_what_it_cannot_be_is_refused(value):
    with pytest.raises(ImproperlyConfigured, match="EMBEDDED_PLAYERS"):
        checked_players("EMBEDDED_PLAYERS", [value])
