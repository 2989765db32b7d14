"""Addresses of players in the form of a content, and lengths that a preview took over."""

from functools import partial

import pytest

from authoring import drafting, outline
from progress.models import Course
from tests.factories import a_course, a_learner, an_instructor

pytestmark = pytest.mark.django_db
YOUTUBE = "https://youtu.be/M7lc1UVf-VE"
KEY = ("see", "video")


@pytest.fixture
def form(course, author, sign_in):
    """Posts the form of the course's video with an address."""
    window = sign_in(author)

    def form(url, **more):
        values = {"title": "Film", "url": url, "weight": 1, "number": drafting.shown(course).number}
        address = f"/authoring/courses/{course.pk}/content/?module=see&content=video"
        return window.post(address, values | more)

    return form


def video(course):
    return outline.find_content(drafting.shown(course).document, KEY)


def with_address(course, author, url=YOUTUBE):
    edit = partial(outline.change_content, key=KEY, values={"url": url, "duration_seconds": None})
    drafting.change(course, author, drafting.shown(course).number, edit)


def test_an_address_that_is_not_allowed_is_refused_at_its_field(form, course, settings):
    settings.EMBEDDED_PLAYERS = ["vimeo"]
    before = video(course)
    response = form(YOUTUBE)
    assert response.status_code == 400
    page = response.content.decode()
    assert 'id="id_url_error"' in page
    assert "doesn&#x27;t show videos of YouTube" in page
    assert video(course) == before


def test_an_allowed_address_is_saved_as_it_was_typed(form, course, settings):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    assert form(f"{YOUTUBE}?t=90").status_code == 302
    assert video(course)["url"] == f"{YOUTUBE}?t=90"
    assert video(course)["duration_seconds"] is None


@pytest.mark.parametrize(
    ("url", "content_type", "problem", "note"),
    [
        (YOUTUBE, "video", "", "Played by the player of YouTube"),
        (YOUTUBE, "audio", "The player of YouTube shows videos", ""),
        ("https://vimeo.com/1", "video", "doesn't show videos of Vimeo", ""),
        ("https://cdn.example.org/x.mpd", "audio", "doesn't play streams of that site", ""),
        ("/media/x.m3u8", "video", "", "Played by the player of HLS"),
        ("/media/x.mp4", "video", "", ""),
        (YOUTUBE, "embed", "", ""),
    ],
)
def test_what_is_said_while_typing(
    course, author, sign_in, settings, url, content_type, problem, note
):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    query = {"url": url, "content_type": content_type}
    answer = sign_in(author).get(f"/authoring/courses/{course.pk}/address/", query).json()
    assert problem in answer["problem"]
    assert bool(problem) == bool(answer["problem"])
    assert note in answer["note"]
    assert bool(note) == bool(answer["note"])


def test_an_unknown_type_is_named(course, author, sign_in):
    answer = sign_in(author).get(f"/authoring/courses/{course.pk}/address/", {"url": YOUTUBE})
    assert answer.status_code == 400
    assert "content_type" in answer.json()


def test_the_preview_of_what_lacks_only_its_length_shows_the_player(
    course, author, sign_in, settings
):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    with_address(course, author)
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}/preview/?module=see&content=video"
    response = window.get(address)
    page = response.content.decode()
    assert "Give its length: the preview shows what the player says." in page
    assert 'src="https://www.youtube-nocookie.com/embed/M7lc1UVf-VE' in page
    assert "frame-src 'self' https://www.youtube-nocookie.com;" in (
        f"{response['Content-Security-Policy']};"
    )
    settings.EMBEDDED_PLAYERS = []
    response = window.get(address)
    assert "youtube-nocookie" not in response.content.decode()
    assert "doesn&#x27;t show videos of YouTube" in response.content.decode()
    assert "youtube" not in response["Content-Security-Policy"]


def use(window, course, seconds, **more):
    values = {"module": "see", "content": "video", "seconds": seconds}
    values["number"] = drafting.shown(course).number
    return window.post(f"/authoring/courses/{course.pk}/use-length/", values | more)


def test_a_length_is_taken_over_into_the_draft_only(course, author, sign_in, settings):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    with_address(course, author)
    response = use(sign_in(author), course, "212.4567")
    assert response.status_code == 302
    assert "/preview/?module=see&content=video" in response["Location"]
    assert video(course)["duration_seconds"] == 212.457
    stored = Course.objects.get(pk=course.pk).modules.get(code="see").contents.get(code="video")
    assert stored.url != YOUTUBE


@pytest.mark.parametrize("seconds", ["", "0", "-3", "nan", "inf", "604801", "long", "1e9"])
def test_what_is_no_length_is_refused(course, author, sign_in, settings, seconds):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    with_address(course, author)
    window = sign_in(author)
    response = window.get(use(window, course, seconds)["Location"])
    assert "A length is a number of seconds above 0" in response.content.decode()
    assert video(course)["duration_seconds"] is None


def test_only_a_player_has_a_length_to_take_over(course, author, sign_in):
    before = drafting.shown(course)
    assert use(sign_in(author), course, "20").status_code == 302
    assert drafting.shown(course) == before


def test_other_people_change_and_see_nothing(course, author, sign_in, settings):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    with_address(course, author)
    for other in (a_learner(course), an_instructor(a_course())):
        window = sign_in(other)
        assert use(window, course, "20").status_code == 404
        query = {"url": YOUTUBE, "content_type": "video"}
        assert window.get(f"/authoring/courses/{course.pk}/address/", query).status_code == 404
    assert video(course)["duration_seconds"] is None


def test_publishing_names_the_address_and_says_what_to_do(course, author, settings):
    settings.EMBEDDED_PLAYERS = ["youtube"]
    with_address(course, author)
    with pytest.raises(drafting.NotPublishable, match="Give its length"):
        drafting.publish(course, author, drafting.shown(course).number)
    settings.EMBEDDED_PLAYERS = []
    with pytest.raises(drafting.NotPublishable, match="Ask whoever runs it to allow them"):
        drafting.publish(course, author, drafting.shown(course).number)
