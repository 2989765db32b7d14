"""What pages may load, and from where: nothing inline, of other sites only media and frames."""

import re

from django.core.exceptions import ImproperlyConfigured

POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "worker-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:", "https:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'", "https:"],
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
