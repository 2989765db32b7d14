"""Which sites may frame which page: the policy and the older header say the same."""

import pytest
from django.test import Client

from tests.factories import a_course_of, a_learner, content

pytestmark = pytest.mark.django_db
LMS = "https://lms.example.com"
OWN = "frame-ancestors 'self'"


@pytest.fixture
def window(sign_in):
    course = a_course_of({"content_type": "text", "code": "text"})
    return sign_in(a_learner(course)), course


def player(course) -> str:
    return f"/courses/{course.pk}/contents/{content(course, 'text').pk}/"


def ancestors(answer) -> str:
    policy = answer["Content-Security-Policy"].split("; ")
    return next(part for part in policy if part.startswith("frame-ancestors"))


def test_without_the_setting_no_other_site_frames_the_player(window):
    client, course = window
    answer = client.get(player(course))
    assert (ancestors(answer), answer["X-Frame-Options"]) == (OWN, "SAMEORIGIN")


def test_named_sites_frame_the_player_and_no_other_page(window, settings):
    settings.PLAYER_FRAME_ANCESTORS = [LMS, "https://*.example.org"]
    client, course = window
    answer = client.get(player(course))
    assert ancestors(answer) == f"{OWN} {LMS} https://*.example.org"
    assert "X-Frame-Options" not in answer
    for path in ["/", f"/courses/{course.pk}/", "/account/", "/login/", "/admin/", "/api/"]:
        other = client.get(path)
        assert (ancestors(other), other["X-Frame-Options"]) == (OWN, "SAMEORIGIN"), path
    # What one page allowed isn't left in the settings.
    settings.PLAYER_FRAME_ANCESTORS = []
    assert ancestors(client.get(player(course))) == OWN


def test_in_a_frame_the_form_to_sign_in_opens_in_a_tab_of_its_own(window, settings):
    settings.PLAYER_FRAME_ANCESTORS = [LMS]
    _, course = window
    stranger = Client()
    framed = stranger.get(player(course), headers={"Sec-Fetch-Dest": "iframe"})
    assert framed.status_code == 403
    assert LMS in ancestors(framed)
    assert f'href="/login/?next={player(course)}" target="_blank"' in framed.text
    assert 'name="password"' not in framed.text
    whole = stranger.get(player(course), headers={"Sec-Fetch-Dest": "document"})
    assert whole.status_code == 302
    hidden = stranger.get(player(course), headers={"Sec-Fetch-Dest": "iframe"})
    assert course.title not in hidden.text


def test_only_in_a_frame_other_pages_open_in_tabs(window, settings):
    settings.PLAYER_FRAME_ANCESTORS = [LMS]
    client, course = window
    framed = client.get(player(course), headers={"Sec-Fetch-Dest": "iframe"}).text
    assert "pages/framed_page.js" in framed
    assert "pages/framed_page.js" not in client.get(player(course)).text
