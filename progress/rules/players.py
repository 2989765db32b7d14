"""By which player a medium is played, as its address says: YouTube's, Vimeo's, or one for streams.

Any other address is a file, which the browser plays itself.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlsplit


class Service(StrEnum):
    YOUTUBE = "youtube"
    VIMEO = "vimeo"
    HLS = "hls"
    DASH = "dash"


NAMES = {
    Service.YOUTUBE: "YouTube",
    Service.VIMEO: "Vimeo",
    Service.HLS: "HLS",
    Service.DASH: "DASH",
}
# Players in a frame of another site; the others play in a page's own <video>.
FRAMED = frozenset({Service.YOUTUBE, Service.VIMEO})

_STREAMS = {".m3u8": Service.HLS, ".mpd": Service.DASH}
_YOUTUBE = {"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"}
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_VIMEO_ID = re.compile(r"[0-9]{1,20}")
_VIMEO_KEY = re.compile(r"[A-Za-z0-9]{4,64}")
_TIME = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlayerAddress:
    """`film_id` is "" for streams, and where a service's address names no single film."""

    service: Service
    film_id: str = ""
    key: str = ""  # of an unlisted film at Vimeo
    start_seconds: int = 0

    @property
    def is_framed(self) -> bool:
        return self.service in FRAMED

    @property
    def name(self) -> str:
        return NAMES[self.service]


def player_address(url: str) -> PlayerAddress | None:
    """None for an address that needs no player of its own."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host in _YOUTUBE or host == "youtu.be":
        return _youtube(parts, host)
    if host in {"vimeo.com", "player.vimeo.com"}:
        return _vimeo(parts, host)
    for ending, service in _STREAMS.items():
        if parts.path.lower().endswith(ending):
            return PlayerAddress(service)
    return None


def _youtube(parts: SplitResult, host: str) -> PlayerAddress:
    steps, query = _steps(parts), parse_qs(parts.query)
    if host == "youtu.be":
        found = steps[0] if steps else ""
    elif steps[:1] == ["watch"] and "v" in query:
        found = query["v"][0]
    elif len(steps) >= 2 and steps[0] in {"embed", "shorts", "live", "watch", "v", "e"}:
        found = steps[1]
    else:
        found = ""
    is_film = _YOUTUBE_ID.fullmatch(found) and found != "videoseries"
    return PlayerAddress(Service.YOUTUBE, found if is_film else "", "", _start(parts, query))


def _vimeo(parts: SplitResult, host: str) -> PlayerAddress:
    steps, query = _steps(parts), parse_qs(parts.query)
    if "video" in steps[:-1]:  # player.vimeo.com/video/1, showcase/2/video/1
        steps = steps[steps.index("video") + 1 :]
    elif "videos" in steps[:-1]:  # groups/name/videos/1, manage/videos/1
        steps = steps[steps.index("videos") + 1 :]
    elif steps[:1] in (["channels"], ["ondemand"]):
        steps = steps[2:]
    elif host == "player.vimeo.com":
        steps = []
    found = steps[0] if steps and _VIMEO_ID.fullmatch(steps[0]) else ""
    key = steps[1] if len(steps) > 1 else query.get("h", [""])[0]
    key = key if _VIMEO_KEY.fullmatch(key) else ""
    return PlayerAddress(Service.VIMEO, found, key if found else "", _start(parts, query))


def _steps(parts: SplitResult) -> list[str]:
    return [step for step in parts.path.split("/") if step]


def _start(parts: SplitResult, query: dict[str, list[str]]) -> int:
    """The second at which the address begins: `t=90`, `start=90`, `#t=1m30s`."""
    given = query | parse_qs(parts.fragment)
    for name in ("t", "start", "time_continue"):
        time = _TIME.fullmatch(given.get(name, [""])[0])
        if time and any(time.groups()):
            hours, minutes, seconds = (int(part or 0) for part in time.groups())
            return hours * 3600 + minutes * 60 + seconds
    return 0
