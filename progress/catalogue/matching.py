"""Matches the questions and choices of a course document with stored ones.

By `id`, else by `code`. A choice without either is matched by its text: exactly, or ignoring how it
is typed (spaces, quotation marks, a full stop at the end) if only one stored choice and one of the
document remain that read the same. Anything else is a new choice: answers never move to a
choice merely because it has the same position.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rest_framework.exceptions import ValidationError

from progress.models import Choice, Question

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛ʼ`´", "'") | dict.fromkeys("“”„‟«»", '"'))
# Of the scripts that courses are written in: also full-width, Ethiopic, Burmese, Khmer, Tibetan.
_FULL_STOPS = ".…。．｡۔।॥።။។།"


@contextmanager
def errors_at(path: tuple) -> Iterator[None]:
    """Put validation errors that are raised inside at this path of the document."""
    try:
        yield
    except ValidationError as error:
        detail = error.detail
        for step in reversed(path):
            detail = {step: detail}
        raise ValidationError(detail) from None


class Matches:
    """Items of a document, by index, with the stored row that each was matched with."""

    def __init__(self, rows: Iterable, items: Sequence[dict]):
        self.items = items
        self._free = {row.pk: row for row in rows}
        self._rows: dict[int, Question | Choice] = {}

    def row(self, index: int):
        """The stored row of the item at `index`; None for a new item."""
        return self._rows.get(index)

    @property
    def unmatched_rows(self) -> list:
        """The rows that no item was matched with: active ones first."""
        return sorted(self._free.values(), key=lambda row: (row.retired_at is not None, row.pk))

    def take(self, index: int, row) -> None:
        self._rows[index] = self._free.pop(row.pk)

    def unmatched(self) -> list[int]:
        return [index for index in range(len(self.items)) if index not in self._rows]

    def by_id(self, kind: str, parent: str) -> None:
        """Raises ValidationError, at the item's index, for an id that none of the rows has."""
        for index, item in enumerate(self.items):
            if item.get("id") is None:
                continue
            row = self._free.get(item["id"])
            if row is None:
                raise ValidationError(
                    {index: {"id": f"This {parent} has no {kind} with the id {item['id']}."}}
                )
            self.take(index, row)

    def by_code(self) -> None:
        codes = {row.code: row for row in self.unmatched_rows if row.code}
        for index in self.unmatched():
            if row := codes.get(self.items[index].get("code")):
                self.take(index, row)

    def refuse_former_codes(self, kind: str) -> None:
        """Refuses a code that another row has or, if retired, had: codes are never reused."""
        codes = {row.code for row in self.unmatched_rows if row.code}
        for index, item in enumerate(self.items):
            if item.get("code") in codes:
                raise ValidationError(
                    {index: {"code": f"Another {kind} had the code {item['code']!r} before."}}
                )


def refuse_other_ids(rows: Mapping[int, str], items: Sequence[dict], kind: str) -> None:
    """Check the ids of modules and contents, which are matched by code, against that code.

    `rows` are the codes by id. Raises ValidationError, at the index in `items`.
    """
    for index, item in enumerate(items):
        identity = item.get("id")
        if identity is None or rows.get(identity) == item["code"]:
            continue
        if identity in rows:
            detail = f"The {kind} with this id has the code {rows[identity]!r}."
        else:
            detail = f"This course has no {kind} with the id {identity}."
        raise ValidationError({index: {"id": detail}})


def match_questions(rows: Iterable[Question], items: Sequence[dict]) -> Matches:
    """Raises ValidationError, at the index in `items`."""
    matches = Matches(rows, items)
    matches.by_id("question", "quiz")
    matches.by_code()
    matches.refuse_former_codes("question")
    return matches


def match_choices(rows: Iterable[Choice], items: Sequence[dict]) -> Matches:
    """Raises ValidationError, at the index in `items`."""
    matches = Matches(rows, items)
    matches.by_id("choice", "question")
    matches.by_code()
    matches.refuse_former_codes("choice")
    _by_text(matches)
    _by_typing(matches)
    return matches


def _by_text(matches: Matches) -> None:
    for index in matches.unmatched():
        item = matches.items[index]
        # A new code may be given to a choice without one, but can't replace another code.
        may_take = (row for row in matches.unmatched_rows if not (item.get("code") and row.code))
        row = next((row for row in may_take if row.text == item["text"]), None)
        if row is not None:
            matches.take(index, row)


def _by_typing(matches: Matches) -> None:
    indexes: dict[str, list[int]] = {}
    for index in matches.unmatched():
        if not matches.items[index].get("code"):
            indexes.setdefault(normalized_typing(matches.items[index]["text"]), []).append(index)
    rows: dict[str, list[Choice]] = {}
    for row in matches.unmatched_rows:
        if row.retired_at is None:
            rows.setdefault(normalized_typing(row.text), []).append(row)
    for text, found in indexes.items():
        if len(found) == 1 and len(rows.get(text, ())) == 1:
            matches.take(found[0], rows[text][0])


def normalized_typing(text: str) -> str:
    """A text without differences in typing. Digits, signs and words are all kept."""
    plain = unicodedata.normalize("NFC", text).translate(_QUOTES)
    plain = re.sub(r"\s+", " ", plain).strip()
    return plain.rstrip(_FULL_STOPS).rstrip() or plain
