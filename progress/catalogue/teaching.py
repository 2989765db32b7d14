"""Where a question is taught: a content of the same course, and a place in it."""

from .content_codes import Key, contents_of, error_at, key_of

MEDIA = {"video", "audio"}


def resolve_taught_in(modules: list[dict], modules_of_code: dict[str, list[str]]) -> None:
    """Replace the code in `taught_in` of each question by the content's key.

    Raises ValidationError, at the question's field.
    """
    contents = {key: content for _, content, key in contents_of(modules)}
    for index, quiz, key in contents_of(modules):
        for number, question in enumerate(quiz.get("questions") or ()):
            if question["taught_in"] is None:
                continue
            path = ("questions", number)
            try:
                question["taught_in"] = key_of(question["taught_in"], key[0], modules_of_code)
            except ValueError as error:
                raise error_at(index, *path, "taught_in", detail=str(error)) from None
            field, detail = _problem(contents[_key(question)], question["taught_at"])
            if detail:
                raise error_at(index, *path, field, detail=detail)


def _key(question: dict) -> Key:
    return question["taught_in"]


def _problem(content: dict, place: int | None) -> tuple[str, str]:
    """The field at fault and what is wrong with it; empty where nothing is."""
    kind, pages, seconds = (
        content[name] for name in ("content_type", "page_count", "duration_seconds")
    )
    if kind == "quiz":
        return "taught_in", "A quiz teaches nothing: name what is watched or read."
    if place is None:
        return "", ""
    if kind in MEDIA:
        is_beyond = seconds is not None and place > seconds
        return "taught_at", f"This content is only {seconds:g} s long." if is_beyond else ""
    if kind == "embed":
        return "taught_at", "An embed has no places: leave it out."
    if place < 1:
        return "taught_at", "Pages and paragraphs are counted from 1."
    if pages is not None and place > pages:
        return "taught_at", f"This document has {pages} pages."
    return "", ""
