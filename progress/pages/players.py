"""The players of other sites and of streams on a content's page, and what each has to load."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from progress.catalogue.players import Refusal, refusal, stream_sites
from progress.rules.players import PlayerAddress, Service, player_address

FRAME_SITES = {
    Service.YOUTUBE: "https://www.youtube-nocookie.com",
    Service.VIMEO: "https://player.vimeo.com",
}


def film_of(url: str, content_type: str, request: HttpRequest) -> dict | None:
    """The player of a medium that the browser doesn't simply play; None for any other.

    `refused` says why it isn't shown, or is "".
    """
    address = player_address(url) if content_type in {"video", "audio"} else None
    if address is None:
        return None
    refused = refusal(url, content_type)
    return {
        "service": str(address.service),
        "name": address.name,
        "url": url,
        "is_framed": address.is_framed,
        "frame_url": frame_url(address, request) if address.is_framed and not refused else "",
        "start": address.start_seconds,
        "refused": refused_sentence(refused, address.name) if refused else "",
        "words": words(address.name),
    }


def frame_url(address: PlayerAddress, request: HttpRequest) -> str:
    """The frame's address. No cookies until something is played, nothing recommended of others."""
    if address.service == Service.YOUTUBE:
        query = {
            "enablejsapi": 1,
            "origin": f"{request.scheme}://{request.get_host()}",
            "playsinline": 1,
            "rel": 0,
            "hl": get_language() or "en",
        }
        path = f"/embed/{address.film_id}"
    else:
        query = {"dnt": 1, "playsinline": 1}
        if address.key:
            query["h"] = address.key
        path = f"/video/{address.film_id}"
    return f"{FRAME_SITES[address.service]}{path}?{urlencode(query)}"


def opens(response: HttpResponse, film: dict | None) -> HttpResponse:
    """Adds to the policy of a page what its player loads, and nothing else."""
    if film is None or film["refused"]:
        return response
    if film["is_framed"]:
        return allow(response, {"frame-src": [FRAME_SITES[Service(film["service"])]]})
    sites = stream_sites()
    return allow(response, {"connect-src": sites, "media-src": sites}) if sites else response


def opens_pages(response: HttpResponse) -> HttpResponse:
    """Lets a page frame those of any other site, over HTTPS: what an embed shows."""
    return allow(response, {"frame-src": ["https:"]})


def allow(response: HttpResponse, sources: dict[str, list[str]]) -> HttpResponse:
    """Adds to the policy of one page."""
    added = getattr(response, "_csp_update", None) or {}
    response._csp_update = added | sources
    return response


def refused_sentence(why: Refusal, name: str) -> str:
    """What a learner reads in place of the player."""
    match why:
        case Refusal.NOT_ALLOWED:
            text = _(
                "This video is at {name}, and this site doesn't show videos of {name}. It can't be "
                "watched or counted here. Please tell whoever teaches this course."
            )
        case Refusal.SITE_NOT_ALLOWED:
            text = _(
                "This is a stream of another site, which isn't allowed here. It can't be played "
                "or counted. Please tell whoever teaches this course."
            )
        case _:
            text = _(
                "The address of this content leads to no single video at {name}. Please tell "
                "whoever teaches this course."
            )
    return text.format(name=name)


def words(name: str) -> dict[str, str]:
    """The texts of the script of a service's player."""
    texts = {
        "no_answer": _(
            "The player of {name} doesn't answer, so nothing is counted. Please check the "
            "connection."
        ),
        "unavailable": _("{name} says that this video doesn't exist any more."),
        "not_embeddable": _("{name} says that this video may not be shown on other sites."),
        "no_referrer": _(
            "{name} refuses to play, because this page's address is hidden from it. Please check "
            "your browser's privacy settings."
        ),
        "media": _("{name} can't play this video in this browser."),
        "captions": _("Captions are switched in the player of {name}."),
    }
    return {key: text.format(name=name) for key, text in texts.items()}
