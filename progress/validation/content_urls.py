"""Which addresses a content may have: pages of the web, or of this site.

Browsers strip control characters and read a backslash as a slash, so an address is refused for
anything that a browser might read differently from this module.
"""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

_SCHEME = re.compile(r"[^/?#]*?:")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def check_content_url(url: str) -> None:
    """Raise ValidationError unless `url` is empty, http(s), or a path of this site."""
    if url and (refused := _refusal(url)):
        raise ValidationError(refused, "invalid_url")


def safe_url(url: str) -> str:
    """`url` where a browser may follow it, "" otherwise: rows may be older than the check."""
    return "" if _refusal(url) else url


def is_own_address(url: str, host: str) -> bool:
    """Whether a safe address leads to this site: a path, or its own host, whatever the port."""
    named = urlsplit(url).hostname
    own = {urlsplit(f"//{host}").hostname, urlsplit(settings.PUBLIC_URL).hostname}
    return named is None or named in own


def _refusal(url: str):
    """Why a browser must not be sent there; None where it may."""
    if url != url.strip() or any(unicodedata.category(c) in _UNPRINTABLE for c in url):
        return gettext_lazy("An address has no control characters, and no space around it.")
    if "\\" in url or _ENCODED_CONTROL.search(url):
        return gettext_lazy("An address has no backslashes and no encoded control characters.")
    if url.startswith("//"):
        return gettext_lazy("Put http: or https: before //.")
    if _SCHEME.match(url):
        return _web_refusal(url)
    try:
        urlsplit(url)
    except ValueError:
        return gettext_lazy("This isn't a valid address.")
    return None


def _web_refusal(url: str):
    if not url.lower().startswith(("http://", "https://")):
        return gettext_lazy("Only http, https and paths of this site are allowed.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # reading a port checks it
    except ValueError:
        host = None
    else:
        if "@" in parts.netloc:
            return gettext_lazy("An address must not contain a user name or password.")
        if re.search(r"[\s<>\"'`{}|^]", unquote(parts.netloc)):
            host = None
    return None if host else gettext_lazy("This isn't a valid address.")
