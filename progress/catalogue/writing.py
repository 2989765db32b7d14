"""The one writer of the catalogue: a course document becomes rows."""

from collections.abc import Callable, Iterable, Iterator

from django.db import transaction
from django.utils import timezone

from progress import signals
from progress.models import Choice, Content, Course, Module, Question, User

from .document import CourseDocument
from .matching import Matched, match_choices, match_questions, named, refuse_other_ids
from .words import reading_seconds

# The course's own fields that a version of its structure stands for, beside all of its items.
VERSIONED = {"title", "plausibility"}
# What may be corrected without anything counting differently.
WORDING: dict[type, set[str]] = {Question: {"text", "code"}, Choice: {"text", "code"}}


def replace_course(
    document: dict, *, course: Course | None = None, by: User | None = None
) -> Course:
    """Make the course what `document` says; answers it with `was_created` and `was_changed`.

    Items are matched by code (questions and choices also by id), those left out are retired, never
    deleted. The same document again
    changes nothing. `course` names the one to replace; else it is found, or made, by its code.
    `by` names as instructors whom they see, where they may choose them at all.
    Raises rest_framework's ValidationError, naming paths, or PermissionDenied; then nothing was
    written.
    """
    shape = CourseDocument(data=document, context={"by": by, "course": course})
    shape.is_valid(raise_exception=True)
    told = shape.validated_data
    with transaction.atomic():
        row, was_created = _course_row(told, course)
        sync = _Sync(row)
        counts = sync.run(told["modules"])
        was_changed = _set_course(row, told, counts and not was_created) or sync.has_changed
        if counts or was_created:
            tell_restructured(row.pk)
    row.was_created, row.was_changed = was_created, was_created or was_changed
    return row


def tell_restructured(course_id: int) -> None:
    """Send `course_restructured` once the transaction that raised the version is committed."""
    transaction.on_commit(
        lambda: signals.course_restructured.send_robust(sender=Course, course_id=course_id),
        robust=True,
    )


def _course_row(told: dict, course: Course | None) -> tuple[Course, bool]:
    """The course's row, locked: two documents at once are taken one after the other."""
    locked = Course.objects.select_for_update(no_key=True)
    if course is not None:
        return locked.get(pk=course.pk), False
    Course.objects.bulk_create(
        [Course(code=told["code"], title=told["title"], structure_version=0)],
        ignore_conflicts=True,
    )
    row = locked.get(code=told["code"])
    return row, row.structure_version == 0


def _set_course(row: Course, told: dict, counts: bool) -> bool:
    """Write the course's own fields; `structure_version` rises when what counts changed."""
    wanted = {name: told[name] for name in ("code", "title", "description", "plausibility", "path")}
    wanted["retired_at"] = None
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if counts or row.structure_version == 0 or VERSIONED & set(changed):
        wanted["structure_version"] = row.structure_version + 1
        changed.append("structure_version")
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(update_fields=changed)
    if "instructors" in told:
        people = {user.pk for user in told["instructors"]}
        if people != set(row.instructors.values_list("pk", flat=True)):
            row.instructors.set(people)
            return True
    return bool(changed)


class _Sync:
    """Brings a course's modules, contents, questions and choices to what a document wants.

    A level at a time: known rows in one statement, new ones in one, changed ones in one.
    """

    def __init__(self, course: Course):
        self._course = course
        self._now = timezone.now()
        self.has_changed = False
        self._counts = False

    def run(self, modules: list[dict]) -> bool:
        """Whether anything changed that counts; `has_changed`: anything, wording included."""
        known = {row.code: row for row in Module.objects.filter(course=self._course)}
        with named(("modules",)):
            refuse_other_ids({row.pk: code for code, row in known.items()}, modules, "module")
        rows = self._level(
            Module,
            known,
            {
                module["code"]: {
                    "course": self._course,
                    "code": module["code"],
                    "title": module["title"],
                    "position": position,
                }
                for position, module in enumerate(modules)
            },
        )
        contents = self._contents(modules, rows)
        self._between(modules, contents, "prerequisites")
        self._between(modules, contents, "waives")
        self._questions(modules, contents)
        return self._counts

    def _contents(self, modules, module_rows) -> dict[tuple, Content]:
        wanted = {
            (module["code"], content["code"]): content_values(content)
            | {"module": module_rows[module["code"]], "position": position}
            for module in modules
            for position, content in enumerate(module["contents"])
        }
        known = {
            (row.module.code, row.code): row
            for row in Content.objects.filter(module__course=self._course).select_related("module")
        }
        codes = {row.pk: row.code for row in known.values()}
        for place, module in enumerate(modules):
            with named(("modules", place, "contents")):
                refuse_other_ids(codes, module["contents"], "content")
        return self._level(Content, _moved(known, wanted), wanted)

    def _between(self, modules, rows, name: str) -> None:
        """What contents say of one another: `prerequisites`, or what they waive."""
        through = getattr(Content, name).through
        wanted = {
            (rows[module["code"], content["code"]].pk, rows[place].pk)
            for module in modules
            for content in module["contents"]
            for place in content[name]
        }
        known = {
            (link.from_content_id, link.to_content_id): link.pk
            for link in through.objects.filter(from_content__module__course=self._course)
        }
        gone = [pk for pair, pk in known.items() if pair not in wanted]
        new = sorted(wanted - known.keys())
        if gone:
            through.objects.filter(pk__in=gone).delete()
        through.objects.bulk_create(
            through(from_content_id=source, to_content_id=target) for source, target in new
        )
        self.has_changed = self.has_changed or bool(gone or new)
        self._counts = self._counts or bool(gone or new)

    def _questions(self, modules, contents) -> None:
        """Questions and their choices, each matched to its stored row (see `matching`)."""
        known = _by_parent(
            Question.objects.filter(content__module__course=self._course), "content_id"
        )
        asked = Pairs()
        for place, content in _quizzes(modules):
            row = contents[modules[place[0]]["code"], content["code"]]
            path = ("modules", place[0], "contents", place[1], "questions")
            with named(path):
                found = match_questions(known.pop(row.pk, ()), content["questions"])
            asked.add((row.pk,), path, found, _question_values(row))
        rows = self._level(Question, *asked.both(known))
        known = _by_parent(
            Choice.objects.filter(question__content__module__course=self._course), "question_id"
        )
        offered = Pairs()
        for key, path, question in asked.items():
            row = rows[key]
            with named((*path, "choices")):
                found = match_choices(known.pop(row.pk, ()), question["choices"])
            offered.add((row.pk,), (*path, "choices"), found, _choice_values(row))
        self._level(Choice, *offered.both(known))

    def _level(self, model, known: dict, wanted: dict) -> dict:
        """Create, change and retire one kind of row; answers the wanted rows by key."""
        changed, fields, counts = [], {"retired_at"}, False
        for key, row in known.items():
            values = wanted.get(key)
            if values is None:
                if row.retired_at is None:
                    row.retired_at = self._now
                    changed.append(row)
                    counts = True
                continue
            values = values | {"retired_at": None}
            differing = [name for name, value in values.items() if getattr(row, name) != value]
            counts = counts or bool(set(differing) - WORDING.get(model, set()))
            if model is Content and Content.EDITION.intersection(differing):
                row.edition_since = self._now
                fields.add("edition_since")
            for name in differing:
                setattr(row, name, values[name])
            if differing:
                fields.update(differing)
                changed.append(row)
        new = {key: model(**values) for key, values in wanted.items() if key not in known}
        model.objects.bulk_create(new.values())
        if changed:
            model.objects.bulk_update(changed, sorted(fields), batch_size=500)
        self.has_changed = self.has_changed or bool(changed or new)
        self._counts = self._counts or counts or bool(new)
        return {key: known.get(key) or new[key] for key in wanted}


class Pairs:
    """What is stored and what a document wants, under common keys, as `_Sync._level` takes it."""

    def __init__(self):
        self._known: dict[tuple, Question | Choice] = {}
        self._wanted: dict[tuple, dict] = {}
        self._items: list[tuple[tuple, tuple, dict]] = []

    def add(self, parent: tuple, path: tuple, matched: Matched, values: Callable) -> None:
        """The items of one parent. `values(item, position)` are an item's columns."""
        for place, item in enumerate(matched.items):
            key, row = (*parent, place), matched.row(place)
            self._wanted[key] = values(item, place)
            self._items.append((key, (*path, place), item))
            if row is not None:
                self._known[key] = row
        self._leave_out(matched.left)

    def both(self, others: dict[int, list]) -> tuple[dict, dict]:
        """Known and wanted; the document says nothing of the `others`' parents."""
        for rows in others.values():
            self._leave_out(rows)
        return self._known, self._wanted

    def items(self) -> list[tuple[tuple, tuple, dict]]:
        """Each item of the document: its key, its path and itself."""
        return self._items

    def _leave_out(self, rows: Iterable) -> None:
        self._known |= {("left out", row.pk): row for row in rows}


def _by_parent(rows: Iterable, name: str) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _quizzes(modules) -> Iterator[tuple[tuple[int, int], dict]]:
    for m, module in enumerate(modules):
        for c, content in enumerate(module["contents"]):
            if content.get("questions"):
                yield (m, c), content


def _question_values(content: Content) -> Callable:
    return lambda item, position: {
        "content": content,
        "code": item["code"],
        "text": item["text"],
        "position": position,
    }


def _choice_values(question: Question) -> Callable:
    return lambda item, position: {
        "question": question,
        "text": item["text"],
        "is_correct": item["correct"],
        "position": position,
        # What isn't said of it stays.
        **({"code": item["code"]} if "code" in item else {}),
    }


def _moved(known: dict[tuple, Content], wanted: dict[tuple, dict]) -> dict[tuple, Content]:
    """`known`, with contents that went to another module under their new place.

    Only where it is beyond doubt: the code stands in one known place that the document no longer
    names, and in one new place.
    """
    free: dict[str, list[tuple]] = {}
    for key in known.keys() - wanted.keys():
        free.setdefault(key[1], []).append(key)
    asked: dict[str, list[tuple]] = {}
    for key in wanted.keys() - known.keys():
        asked.setdefault(key[1], []).append(key)
    placed = dict(known)
    for code, places in asked.items():
        if len(places) == 1 and len(free.get(code, [])) == 1:
            placed[places[0]] = placed.pop(free[code][0])
    return placed


def content_values(told: dict) -> dict:
    """A content's columns: seconds become milliseconds, percentages basis points."""
    seconds = told["duration_seconds"]
    return {
        "code": told["code"],
        "title": told["title"],
        "content_type": told["content_type"],
        "url": told["url"],
        "required": told["required"],
        "weight": told["weight"],
        "complete_at_bp": _basis_points(told["complete_at"]),
        "skills": list(told["skills"]),
        "hidden": told["hidden"],
        "release_at": told["release_at"],
        "is_reported": told["completion_source"] == "reported",
        "media_version": told["media_version"],
        "duration_ms": None if seconds is None else round(seconds * 1000),
        "page_count": told["page_count"],
        "reading_seconds": told["reading_seconds"] or reading_seconds(told),
        "completes_on_download": told["completes_on"] == "download",
        "completes_on_confirmation": told["completes_on"] == "confirmation",
        "view_seconds": told["view_seconds"],
        "pass_bp": _basis_points(told["pass_percentage"]),
        "max_attempts": told["max_attempts"],
        "alternative_group": told["alternative_group"],
        "is_remedial": told["remedial"],
    }


def _basis_points(percentage: float | None) -> int | None:
    return None if percentage is None else round(percentage * 100)
