"""What keeps a draft from being published, in the words of the page on which it is mended."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from authoring.addresses import files_in, urls_of
from authoring.models import State, StoredFile
from authoring.outline import Document, Key
from progress.catalogue import CourseProblem, document_problems
from progress.catalogue.completable import is_elsewhere
from progress.catalogue.players import Refusal, refusal
from progress.models import Course
from progress.rules.players import player_address

_SHOWS_A_FILE = {"video", "audio", "document", "text", "embed"}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What to do, and where: the titles on the way there, and the content's key if it has one."""

    advice: str
    titles: tuple[str, ...] = ()
    key: Key | None = None

    @property
    def sentence(self) -> str:
        place = " › ".join(self.titles)
        return f"{place}: {self.advice}" if place else self.advice


def obstacles(document: Document, published: Document, course: Course) -> list[Obstacle]:
    """`published` is the course as learners see it: what it lacks already may go on lacking."""
    return [
        *_without_repeats(document, course),
        *_nothing_to_show(document, published),
    ]


def _of_problem(document: Document, problem: CourseProblem) -> Obstacle:
    match problem.path:
        case ("modules", module_index, "contents", content_index, *fields) if fields:
            module = document["modules"][int(module_index)]
            content = module["contents"][int(content_index)]
            return _at(module, content, advice_on(content, fields) or problem.detail)
    return Obstacle(problem.sentence)


def _at(module: dict, content: dict, advice: str) -> Obstacle:
    return Obstacle(advice, (module["title"], content["title"]), (module["code"], content["code"]))


def advice_on(content: dict, fields: list[str]) -> str:
    """What to do on the content's page; "" where the rule's own words have to do."""
    field, *inner = fields
    is_missing = content.get(field) is None
    match field:
        case "duration_seconds" if is_missing:
            return _length_advice(content)
        case "duration_seconds":
            return _("The file is shorter: leave the length empty, and it is measured.")
        case "page_count" if is_missing:
            return _("Choose an uploaded PDF, or give the number of its pages.")
        case "page_count":
            return _("The PDF has fewer pages: leave their number empty, and they are counted.")
        case "completes_on" if is_missing:
            return _("Choose what completes it.")
        case "url" if content.get("content_type") == "document" and is_elsewhere(content["url"]):
            return _("Open it and save it: the PDF of another site is copied to this one.")
        case "url":
            other = _("Choose another file: our pages can't show this one here.")
            return player_advice(content.get("url") or "", content["content_type"]) or other
        case "pools":
            return _("Draw from each pool no more questions than it has.")
        case "questions":
            return _question_advice(content, inner)
    return ""


def _length_advice(content: dict) -> str:
    if player_address(content.get("url") or ""):
        return _("Give its length: the preview shows what the player says.")
    return _("Choose an uploaded file, or give its length.")


def player_advice(url: str, content_type: str) -> str:
    """What to do where this site doesn't play what is at an address; "" where it does."""
    address, refused = player_address(url), refusal(url, content_type)
    if address is None or refused is None:
        return ""
    match refused:
        case Refusal.NOT_ALLOWED:
            text = _(
                "This site doesn't show videos of {name}. Ask whoever runs it to allow them "
                "(EMBEDDED_PLAYERS), or upload the video."
            )
        case Refusal.SITE_NOT_ALLOWED:
            text = _(
                "This site doesn't play streams of that site. Ask whoever runs it to allow them "
                "(EMBEDDED_PLAYERS)."
            )
        case Refusal.ONLY_FILMS:
            text = _("The player of {name} shows videos: add it as a video.")
        case _:
            text = _("This address leads to no single video at {name}: copy the address of one.")
    return text.format(name=address.name)


_CHOICES_ADVICE = _lazy(
    "Question %(number)d needs a text, two different choices or more, and a correct one."
)
_ADVICE = {
    "true_false": _lazy("Question %(number)d needs two different choices, one of them correct."),
    "ordering": _lazy("Question %(number)d needs two different choices or more."),
    "matching": _lazy("Question %(number)d needs different choices, and two different matches."),
    "numeric": _lazy("Question %(number)d needs an accepted number, and a tolerance from 0."),
    "short_text": _lazy("Question %(number)d needs an accepted answer of at most 200 characters."),
}


def _question_advice(content: dict, path: list[str]) -> str:
    if not path or not path[0].isdecimal():
        return _("A quiz needs at least one question.")
    number = int(path[0])
    if path[-1] in {"image", "image_alt"}:
        advice = _("Question %(number)d: choose each picture again, and say what it shows.")
        return advice % {"number": number + 1}
    if path[1:2] in (["taught_in"], ["taught_at"]):
        advice = _("Question %(number)d: choose again where it is taught. There is no such place.")
        return advice % {"number": number + 1}
    kind = content["questions"][number].get("question_type")
    return _ADVICE.get(kind, _CHOICES_ADVICE) % {"number": number + 1}


def _without_repeats(document: Document, course: Course) -> list[Obstacle]:
    """What the rules of courses object to; of a file that isn't measured only that."""
    files = files_in(document)
    unmeasured = list(_unmeasured(document, files))
    keys = {each.key for each in unmeasured}
    found = [_of_problem(document, each) for each in document_problems(document)]
    found = [each for each in found if each.key is None or each.key not in keys]
    return [*unmeasured, *found, *_files_of_other_courses(document, files, course)]


def _unmeasured(document: Document, files: dict[str, StoredFile]) -> Iterator[Obstacle]:
    for module, content in _contents(document):
        stored = files.get(content.get("url") or "")
        if stored is not None and stored.is_expected:
            yield _at(module, content, _("Its file is still being measured: publish it then."))
        elif stored is not None and stored.state == State.FAILED:
            yield _at(module, content, _("Its file was refused: choose another."))


def _files_of_other_courses(
    document: Document, files: dict[str, StoredFile], course: Course
) -> Iterator[Obstacle]:
    """Contents whose files this course's learners couldn't open."""
    for module, content in _contents(document):
        stored = [files[url] for url in urls_of(content) if url in files]
        if any(each.course_id != course.pk for each in stored):
            advice = _("This file belongs to another course: upload it to this one.")
            yield _at(module, content, advice)


def _nothing_to_show(document: Document, published: Document) -> Iterator[Obstacle]:
    """New contents without a file or an address: learners would find an empty page.

    A course document may have such contents, which another site's pages show.
    """
    known = {each.get("id") for _module, each in _contents(published) if not each.get("url")}
    for module, content in _contents(document):
        missing = what_is_missing(content)
        if missing and content.get("id") not in known:
            yield _at(module, content, missing)


def what_is_missing(content: dict) -> str:
    """What to add to a content that has nothing to show; "" for any other."""
    kind, is_reported = content["content_type"], content.get("completion_source") == "reported"
    if content.get("url") or is_reported or kind not in _SHOWS_A_FILE:
        return ""
    if kind == "text":
        return _("There is nothing to read yet: write a text, or choose a file.")
    if kind == "embed":
        return _("Give the address of the page.")
    return _("There is nothing to show yet: choose a file, or give an address.")


def _contents(document: Document) -> Iterator[tuple[dict, dict]]:
    for module in document["modules"]:
        for content in module["contents"]:
            yield module, content
