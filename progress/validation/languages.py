"""Language tags of other systems, as the languages of this site."""

from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def closest(tags: str) -> str:
    """The site's language that is closest to `de-CH` or to `fr, de;q=0.5`; "" where none is."""
    for tag, _quality in parse_accept_lang_header(tags.strip().lower().replace("_", "-")):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return ""
