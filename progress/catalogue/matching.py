"""Which stored questions and choices a course document means.

By `id`, else by `code`. A choice whose document gives neither is matched by its text: exactly, or
apart from how it is typed (spaces, quotation marks, a full stop at the end), where only one stored
choice and only one of the document are left that read the same. Anything else is another choice:
answers never move to one that merely stands in the same place.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rest_framework.exceptions import ValidationError

from progress.models import Choice, Question

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛ʼ`´", "'") | dict.fromkeys("“”„‟«»", '"'))
_FULL_STOPS = ".…。۔।"


@contextmanager
def named(path: tuple) -> Iterator[None]:
    """Errors that are raised inside are those of this place in the document."""
    try:
        yield
    except ValidationError as error:
        detail = error.detail
        for step in reversed(path):
            detail = {step: detail}
        raise ValidationError(detail) from None


class Matched:
    """Items of a document, by place, with the stored row that each of them means."""

    def __init__(self, rows: Iterable, items: Sequence[dict]):
        self.items = items
        self._free = {row.pk: row for row in rows}
        self._found: dict[int, Question | Choice] = {}

    def row(self, place: int):
        """The stored row of the item at `place`; None when it is a new one."""
        return self._found.get(place)

    @property
    def left(self) -> list:
        """The rows that the document doesn't name: active ones first."""
        return sorted(self._free.values(), key=lambda row: (row.retired_at is not None, row.pk))

    def take(self, place: int, row) -> None:
        self._found[place] = self._free.pop(row.pk)

    def open_places(self) -> list[int]:
        return [place for place in range(len(self.items)) if place not in self._found]

    def by_id(self, kind: str, parent: str) -> None:
        """Raises ValidationError, naming the place, for an id that isn't one of the rows."""
        for place, item in enumerate(self.items):
            if item.get("id") is None:
                continue
            row = self._free.get(item["id"])
            if row is None:
                raise ValidationError(
                    {place: {"id": f"This {parent} has no {kind} with the id {item['id']}."}}
                )
            self.take(place, row)

    def by_code(self) -> None:
        codes = {row.code: row for row in self.left if row.code}
        for place in self.open_places():
            if row := codes.get(self.items[place].get("code")):
                self.take(place, row)

    def refuse_former_codes(self, kind: str) -> None:
        """A code stays with the row that had it, also when that one is retired."""
        codes = {row.code for row in self.left if row.code}
        for place, item in enumerate(self.items):
            if item.get("code") in codes:
                raise ValidationError(
                    {place: {"code": f"Another {kind} had the code {item['code']!r} before."}}
                )


def refuse_other_ids(rows: Mapping[int, str], items: Sequence[dict], kind: str) -> None:
    """Modules and contents are matched by code: an `id` may only say the same.

    `rows` are the codes by id. Raises ValidationError, naming the place in `items`.
    """
    for place, item in enumerate(items):
        identity = item.get("id")
        if identity is None or rows.get(identity) == item["code"]:
            continue
        if identity in rows:
            detail = f"The {kind} with this id has the code {rows[identity]!r}."
        else:
            detail = f"This course has no {kind} with the id {identity}."
        raise ValidationError({place: {"id": detail}})


def match_questions(rows: Iterable[Question], items: Sequence[dict]) -> Matched:
    """Raises ValidationError, naming the place in `items`."""
    matched = Matched(rows, items)
    matched.by_id("question", "quiz")
    matched.by_code()
    matched.refuse_former_codes("question")
    return matched


def match_choices(rows: Iterable[Choice], items: Sequence[dict]) -> Matched:
    """Raises ValidationError, naming the place in `items`."""
    matched = Matched(rows, items)
    matched.by_id("choice", "question")
    matched.by_code()
    matched.refuse_former_codes("choice")
    _by_text(matched)
    _by_typing(matched)
    return matched


def _by_text(matched: Matched) -> None:
    for place in matched.open_places():
        item = matched.items[place]
        # A code that is new may be given to a choice that had none, not to one that had another.
        may_take = (row for row in matched.left if not (item.get("code") and row.code))
        row = next((row for row in may_take if row.text == item["text"]), None)
        if row is not None:
            matched.take(place, row)


def _by_typing(matched: Matched) -> None:
    places: dict[str, list[int]] = {}
    for place in matched.open_places():
        if not matched.items[place].get("code"):
            places.setdefault(typed(matched.items[place]["text"]), []).append(place)
    rows: dict[str, list[Choice]] = {}
    for row in matched.left:
        if row.retired_at is None:
            rows.setdefault(typed(row.text), []).append(row)
    for text, found in places.items():
        if len(found) == 1 and len(rows.get(text, ())) == 1:
            matched.take(found[0], rows[text][0])


def typed(text: str) -> str:
    """A text apart from how it is typed. Digits, signs and words are all kept."""
    plain = unicodedata.normalize("NFC", text).translate(_QUOTES)
    plain = re.sub(r"\s+", " ", plain).strip()
    return plain.rstrip(_FULL_STOPS).rstrip() or plain
