"""Language tags: which are well-formed, and which of the site's languages they mean."""

import re

from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
MAX_TAG = 16  # characters of a tag that is stored


def closest(tags: str) -> str:
    """The site's language that is closest to `de-CH` or to `fr, de;q=0.5`; "" where none is."""
    for tag, _quality in parse_accept_lang_header(tags.strip().lower().replace("_", "-")):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return ""
