"""Which players of other sites this site allows: EMBEDDED_PLAYERS."""

from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

from progress.rules.players import PlayerAddress, player_address


class Refusal(StrEnum):
    """Why the site's pages don't play a medium."""

    NO_FILM = "no_film"
    NOT_ALLOWED = "not_allowed"
    SITE_NOT_ALLOWED = "site_not_allowed"
    ONLY_FILMS = "only_films"


def refusal(url: str, content_type: str) -> Refusal | None:
    """Why the medium at `url` can't be played here; None where it can, or is a file."""
    address = player_address(url) if content_type in {"video", "audio"} else None
    if address is None:
        return None
    if address.is_framed and content_type == "audio":
        return Refusal.ONLY_FILMS
    if address.is_framed and not address.film_id:
        return Refusal.NO_FILM
    if not is_allowed(address, url):
        return Refusal.NOT_ALLOWED if address.is_framed else Refusal.SITE_NOT_ALLOWED
    return None


def is_allowed(address: PlayerAddress, url: str) -> bool:
    """Whether the service is allowed, or a stream's site: this one always is."""
    if address.is_framed:
        return str(address.service) in settings.EMBEDDED_PLAYERS
    if not urlsplit(url).netloc:
        return True
    sites = [*stream_sites(), *filter(None, [settings.PUBLIC_URL])]
    return any(_is_at(url, site) for site in sites)


def stream_sites() -> list[str]:
    return [each for each in settings.EMBEDDED_PLAYERS if "://" in each]


def _is_at(url: str, site: str) -> bool:
    """Whether an address is at a site such as https://cdn.example.com or https://*.example.com."""
    given, named = urlsplit(url), urlsplit(site)
    if given.scheme.lower() != named.scheme:
        return False
    if named.netloc.startswith("*."):
        return given.netloc.lower().endswith(named.netloc[1:].lower())
    return given.netloc.lower() == named.netloc.lower()
