"""A position within a content, in words."""

from django.utils.translation import gettext as _

from progress.state.structure import ContentSpec

from . import words


def place(content: ContentSpec, position: float) -> str:
    """`2:05`, `page 4` or `40 %`; `position` in seconds, pages or as a share of a text."""
    if content.is_timed:
        return words.clock(round(position * 1000))
    if content.is_paged:
        return _("page %(page)s") % {"page": max(int(position), 1)}
    return words.left_to_right(f"{int(position * 100)} %")
