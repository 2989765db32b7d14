"""What pages may load, and from where: nothing inline, of other sites only media.

Pages that show an embed, or a player of another site, add to it what they need (`progress.pages`).
"""

import re

from django.core.exceptions import ImproperlyConfigured

from progress.rules.players import FRAMED

POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "worker-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:", "https:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}
_SITE = re.compile(r"https?://(\*\.)?[\w-]+(\.[\w-]+)*(:\d{1,5})?", re.ASCII)


def sites(name: str, values: list[str]) -> list[str]:
    """The origins of a setting, as a policy names them. Raises ImproperlyConfigured."""
    for value in values:
        if not _SITE.fullmatch(value):
            message = f"{name} takes origins such as https://lms.example.com, not {value!r}"
            raise ImproperlyConfigured(message)
    return values


def players(name: str, values: list[str]) -> list[str]:
    """The services and the sites of streams in a setting. Raises ImproperlyConfigured."""
    named = [value.lower() if "://" not in value else value for value in values]
    for value in named:
        if value not in FRAMED and not _SITE.fullmatch(value):
            message = (
                f"{name} takes {', '.join(sorted(FRAMED))} and origins of streams such as "
                f"https://cdn.example.com, not {value!r}"
            )
            raise ImproperlyConfigured(message)
    return named
