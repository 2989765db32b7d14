"""Which player an address needs, and which film it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.players import PlayerAddress, Service, player_address

ID = "M7lc1UVf-VE"


def youtube(film_id=ID, start=0):
    return PlayerAddress(Service.YOUTUBE, film_id, "", start)


def vimeo(film_id="76979871", key="", start=0):
    return PlayerAddress(Service.VIMEO, film_id, key, start)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"https://www.youtube.com/watch?v={ID}", youtube()),
        (f"http://youtube.com/watch?v={ID}&feature=share", youtube()),
        (f"https://m.youtube.com/watch?feature=x&v={ID}", youtube()),
        (f"https://music.youtube.com/watch?v={ID}", youtube()),
        (f"https://WWW.YouTube.com/watch?v={ID}&t=90", youtube(start=90)),
        (f"https://www.youtube.com/watch?v={ID}&t=1m30s", youtube(start=90)),
        (f"https://www.youtube.com/watch?v={ID}&t=1h2m3s", youtube(start=3723)),
        (f"https://www.youtube.com/watch?v={ID}&t=soon", youtube()),
        (f"https://www.youtube.com/watch?v={ID}&list=PL123&index=2", youtube()),
        (f"https://www.youtube.com/watch?v={ID}#t=15", youtube(start=15)),
        (f"https://youtu.be/{ID}", youtube()),
        (f"https://youtu.be/{ID}?si=abc&t=45s", youtube(start=45)),
        (f"https://www.youtube.com/embed/{ID}?start=30&rel=0", youtube(start=30)),
        (f"https://www.youtube-nocookie.com/embed/{ID}", youtube()),
        (f"https://www.youtube.com/shorts/{ID}", youtube()),
        (f"https://www.youtube.com/live/{ID}?feature=share", youtube()),
        (f"https://www.youtube.com/v/{ID}", youtube()),
        # YouTube's, but no single film.
        ("https://www.youtube.com/", youtube("")),
        ("https://www.youtube.com/@channel", youtube("")),
        ("https://www.youtube.com/playlist?list=PL123", youtube("")),
        ("https://www.youtube.com/embed/videoseries?list=PL123", youtube("")),
        ("https://www.youtube.com/watch?v=short", youtube("")),
        (f'https://www.youtube.com/watch?v={ID}"><script>', youtube("")),
        ("https://youtu.be/", youtube("")),
        ("https://vimeo.com/76979871", vimeo()),
        ("https://www.vimeo.com/76979871#t=1m5s", vimeo(start=65)),
        ("https://vimeo.com/76979871/8272103f6e", vimeo(key="8272103f6e")),
        ("https://vimeo.com/76979871?h=8272103f6e", vimeo(key="8272103f6e")),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e&dnt=1", vimeo(key="8272103f6e")),
        ("https://player.vimeo.com/video/76979871", vimeo()),
        ("https://vimeo.com/channels/staffpicks/76979871", vimeo()),
        ("https://vimeo.com/groups/motion/videos/76979871", vimeo()),
        ("https://vimeo.com/showcase/1234/video/76979871", vimeo()),
        ("https://vimeo.com/manage/videos/76979871", vimeo()),
        ("https://vimeo.com/76979871/no-key!", vimeo()),
        ("https://vimeo.com/watch", vimeo("")),
        ("https://vimeo.com/showcase/1234", vimeo("")),
        ("https://player.vimeo.com/76979871", vimeo("")),
        # Streams, wherever they are.
        ("https://cdn.example.com/film/index.m3u8?token=x", PlayerAddress(Service.HLS)),
        ("/media/film.M3U8", PlayerAddress(Service.HLS)),
        ("https://cdn.example.com/film.mpd#t=3", PlayerAddress(Service.DASH)),
        # Files, and sites that only look like a service's.
        ("/static/demo/extinguisher.mp4", None),
        ("https://cdn.example.com/film.mp4?x=.m3u8", None),
        (f"https://youtube.com.example.com/watch?v={ID}", None),
        (f"https://example.com/https://youtu.be/{ID}", None),
        (f"https://notyoutu.be/{ID}", None),
        ("https://example.vimeo.com.evil.example/1", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_an_address_names_its_player(url, found):
    assert player_address(url) == found


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_what_it_finds_is_safe_in_an_address(text):
    for url in (text, f"https://youtu.be/{text}", f"https://vimeo.com/{text}"):
        found = player_address(url)
        if found is not None:
            assert all(
                each.isascii() and (each.isalnum() or each in "-_") for each in found.film_id
            )
            assert found.key.isalnum() or found.key == ""
            assert found.start_seconds >= 0
