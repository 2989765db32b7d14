"""Replaces a course by a course document: the document becomes rows."""

import random
from collections.abc import Callable, Iterable, Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from progress import signals
from progress.models import Choice, Content, Course, Module, Question, User
from progress.models.marks import makes_tests

from .document import CourseDocument
from .matching import Matches, errors_at, match_choices, match_questions, refuse_other_ids
from .reading_time import reading_seconds

# The course's own fields whose change raises `structure_version`, as does a change of its items.
VERSIONED = {"title", "plausibility"}
# Fields that may be corrected without changing what counts.
WORDING: dict[type, set[str]] = {
    Question: {
        "text",
        "code",
        "image",
        "image_alt",
        "explanation",
        "taught_in_id",
        "taught_at",
    },
    Choice: {"text", "code", "image", "image_alt", "explanation"},
}


def replace_course(
    document: dict,
    *,
    course: Course | None = None,
    by: User | None = None,
    is_test: bool = False,
) -> Course:
    """Replace a course by `document`. Returns it with `was_created` and `was_changed`.

    Items are matched by code (questions and choices also by id); those left out are retired, never
    deleted. The same document again changes nothing. `course` is the one to replace; without it,
    the course is found by its code, or created. `by` limits who may be chosen as instructors.
    A new course is a test with `is_test`, or if `by` makes tests.
    Raises rest_framework's ValidationError, naming paths, or PermissionDenied, and then writes
    nothing.
    """
    serializer = CourseDocument(data=document, context={"by": by, "course": course})
    serializer.is_valid(raise_exception=True)
    values = serializer.validated_data
    with transaction.atomic():
        row, was_created = _course_row(values, course, is_test=is_test or makes_tests(by))
        writer = _CourseWriter(row, is_new=was_created)
        counts = writer.run(values["modules"])
        was_changed = _set_course(row, values, counts and not was_created) or writer.has_changed
        if counts or was_created:
            send_restructured(row.pk)
    row.was_created, row.was_changed = was_created, was_created or was_changed
    return row


def send_restructured(course_id: int) -> None:
    """Send `course_restructured` once the transaction that raised the version is committed."""
    transaction.on_commit(
        lambda: signals.course_restructured.send_robust(sender=Course, course_id=course_id),
        robust=True,
    )


def _course_row(values: dict, course: Course | None, *, is_test: bool) -> tuple[Course, bool]:
    """The course's row, locked, so that two documents are written one after the other."""
    locked = Course.objects.select_for_update(no_key=True)
    if course is not None:
        return locked.get(pk=course.pk), False
    Course.objects.bulk_create(
        [Course(code=values["code"], title=values["title"], structure_version=0, is_test=is_test)],
        ignore_conflicts=True,
    )
    row = locked.get(code=values["code"])
    return row, row.structure_version == 0


def _set_course(row: Course, values: dict, counts: bool) -> bool:
    """Write the course's own fields; `structure_version` rises if what counts has changed."""
    given = {
        name: values[name] for name in ("code", "title", "description", "plausibility", "path")
    }
    given["retired_at"] = None
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if counts or row.structure_version == 0 or VERSIONED & set(changed):
        given["structure_version"] = row.structure_version + 1
        changed.append("structure_version")
    for name in changed:
        setattr(row, name, given[name])
    if changed:
        row.save(update_fields=changed)
    if "instructors" in values:
        people = {user.pk for user in values["instructors"]}
        if people != set(row.instructors.values_list("pk", flat=True)):
            row.instructors.set(people)
            return True
    return bool(changed)


class _CourseWriter:
    """Writes the modules, contents, questions and choices of a document.

    It writes level by level: one statement reads the stored rows, one inserts the new ones, and
    one updates the changed ones. Of a new course there is nothing to read.
    """

    def __init__(self, course: Course, *, is_new: bool):
        self._course = course
        self._is_new = is_new
        self._now = timezone.now()
        self.has_changed = False
        self._counts = False

    def run(self, modules: list[dict]) -> bool:
        """Returns whether what counts has changed. `has_changed` includes mere wording."""
        # Each row with its parent, which is compared with the document's.
        modules_here = Module.objects.filter(course=self._course).select_related("course")
        stored = {row.code: row for row in self._read(modules_here)}
        with errors_at(("modules",)):
            refuse_other_ids({row.pk: code for code, row in stored.items()}, modules, "module")
        rows = self._write_level(
            Module,
            stored,
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
        contents = self._write_contents(modules, rows)
        self._write_links(modules, contents, "prerequisites")
        self._write_links(modules, contents, "waives")
        self._write_questions(modules, contents)
        return self._counts

    def _read(self, rows: QuerySet) -> Iterable:
        return () if self._is_new else rows

    def _write_contents(self, modules, module_rows) -> dict[tuple, Content]:
        given = {
            (module["code"], content["code"]): content_values(content)
            | {"module": module_rows[module["code"]], "position": position}
            for module in modules
            for position, content in enumerate(module["contents"])
        }
        stored = {
            (row.module.code, row.code): row
            for row in self._read(
                Content.objects.filter(module__course=self._course).select_related("module")
            )
        }
        codes = {row.pk: row.code for row in stored.values()}
        for index, module in enumerate(modules):
            with errors_at(("modules", index, "contents")):
                refuse_other_ids(codes, module["contents"], "content")
        return self._write_level(Content, _with_moved_contents(stored, given), given)

    def _write_links(self, modules, rows, name: str) -> None:
        """Write the links between contents: `prerequisites` or `waives`."""
        through = getattr(Content, name).through
        given = {
            (rows[module["code"], content["code"]].pk, rows[key].pk)
            for module in modules
            for content in module["contents"]
            for key in content[name]
        }
        stored = {
            (link.from_content_id, link.to_content_id): link.pk
            for link in self._read(
                through.objects.filter(from_content__module__course=self._course)
            )
        }
        gone = [pk for pair, pk in stored.items() if pair not in given]
        new = sorted(given - stored.keys())
        if gone:
            through.objects.filter(pk__in=gone).delete()
        through.objects.bulk_create(
            through(from_content_id=source, to_content_id=target) for source, target in new
        )
        self.has_changed = self.has_changed or bool(gone or new)
        self._counts = self._counts or bool(gone or new)

    def _write_questions(self, modules, contents) -> None:
        """Write questions and their choices, each matched with its stored row (see `matching`)."""
        here = Question.objects.filter(content__module__course=self._course)
        stored = _by_parent(self._read(here.select_related("content")), "content_id")
        questions = StoredAndGiven()
        for (m, c), content in _quizzes(modules):
            row = contents[modules[m]["code"], content["code"]]
            path = ("modules", m, "contents", c, "questions")
            with errors_at(path):
                found = match_questions(stored.pop(row.pk, ()), content["questions"])
            questions.add((row.pk,), path, found, _question_values(row, contents))
        rows = self._write_level(Question, *questions.stored_and_given(stored))
        here = Choice.objects.filter(question__content__module__course=self._course)
        stored = _by_parent(self._read(here.select_related("question")), "question_id")
        choices = StoredAndGiven()
        for key, path, question in questions.items:
            row = rows[key]
            with errors_at((*path, "choices")):
                found = match_choices(stored.pop(row.pk, ()), question["choices"])
            choices.add((row.pk,), (*path, "choices"), found, _choice_values(row))
        self._write_level(Choice, *choices.stored_and_given(stored))

    def _write_level(self, model, stored: dict, given: dict) -> dict:
        """Create, change and retire rows of one kind. Returns the given rows by key."""
        changed, fields, counts = [], {"retired_at"}, False
        for key, row in stored.items():
            values = given.get(key)
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
        new = {key: model(**values) for key, values in given.items() if key not in stored}
        rows = list(new.values())
        if model is Choice:
            rows = _in_creation_order(rows)
        model.objects.bulk_create(rows)
        if changed:
            model.objects.bulk_update(changed, sorted(fields), batch_size=500)
        self.has_changed = self.has_changed or bool(changed or new)
        self._counts = self._counts or counts or bool(new)
        return {key: stored.get(key) or new[key] for key in given}


def _in_creation_order(choices: list[Choice]) -> list[Choice]:
    """Where ascending ids would give away an order or what belongs together, they are mixed."""
    plain = [each for each in choices if each.question.question_type not in Question.ARRANGED]
    others = [each for each in choices if each.question.question_type in Question.ARRANGED]
    random.shuffle(others)
    return plain + others


class StoredAndGiven:
    """Stored rows and a document's values under common keys, for `_CourseWriter._write_level`."""

    def __init__(self):
        self._stored: dict[tuple, Question | Choice] = {}
        self._given: dict[tuple, dict] = {}
        # Each item of the document: its key, its path and itself.
        self.items: list[tuple[tuple, tuple, dict]] = []

    def add(self, parent: tuple, path: tuple, matches: Matches, values: Callable) -> None:
        """Add the items of one parent. `values(item, position)` are an item's columns."""
        for index, item in enumerate(matches.items):
            key, row = (*parent, index), matches.row(index)
            self._given[key] = values(item, index)
            self.items.append((key, (*path, index), item))
            if row is not None:
                self._stored[key] = row
        self._mark_left_out(matches.unmatched_rows)

    def stored_and_given(self, others: dict[int, list]) -> tuple[dict, dict]:
        """The stored rows and the given values. `others` are rows whose parents are left out."""
        for rows in others.values():
            self._mark_left_out(rows)
        return self._stored, self._given

    def _mark_left_out(self, rows: Iterable) -> None:
        self._stored |= {("left out", row.pk): row for row in rows}


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


def _question_values(content: Content, contents: dict[tuple, Content]) -> Callable:
    return lambda item, position: {
        "content": content,
        "code": item["code"],
        "question_type": item["question_type"],
        "text": item["text"],
        "image": item["image"],
        "image_alt": item["image_alt"],
        "tolerance": item["tolerance"],
        "pool": item["pool"],
        "explanation": item["explanation"],
        "taught_in_id": contents[item["taught_in"]].pk if item["taught_in"] else None,
        "taught_at": item["taught_at"],
        "position": position,
    }


def _choice_values(question: Question) -> Callable:
    return lambda item, position: {
        "question": question,
        "text": item["text"],
        "is_correct": item["correct"],
        "image": item["image"],
        "image_alt": item["image_alt"],
        "match_code": item["match"],
        "explanation": item["explanation"],
        "position": position,
        # Without a code in the document, the stored one stays.
        **({"code": item["code"]} if "code" in item else {}),
    }


def _with_moved_contents(
    stored: dict[tuple, Content], given: dict[tuple, dict]
) -> dict[tuple, Content]:
    """`stored`, with contents that moved to another module under their new keys.

    Only where it is unambiguous: the code has one stored key that the document no longer has, and
    one new key.
    """
    old_keys: dict[str, list[tuple]] = {}
    for key in stored.keys() - given.keys():
        old_keys.setdefault(key[1], []).append(key)
    new_keys: dict[str, list[tuple]] = {}
    for key in given.keys() - stored.keys():
        new_keys.setdefault(key[1], []).append(key)
    moved = dict(stored)
    for code, keys in new_keys.items():
        if len(keys) == 1 and len(old_keys.get(code, [])) == 1:
            moved[keys[0]] = moved.pop(old_keys[code][0])
    return moved


def content_values(content: dict) -> dict:
    """A content's columns: seconds become milliseconds, percentages basis points."""
    seconds = content["duration_seconds"]
    return {
        "code": content["code"],
        "title": content["title"],
        "content_type": content["content_type"],
        "url": content["url"],
        "required": content["required"],
        "weight": content["weight"],
        "complete_at_bp": _basis_points(content["complete_at"]),
        "skills": list(content["skills"]),
        "hidden": content["hidden"],
        "release_at": content["release_at"],
        "is_reported": content["completion_source"] == "reported",
        "media_version": content["media_version"],
        "duration_ms": None if seconds is None else round(seconds * 1000),
        "page_count": content["page_count"],
        "reading_seconds": content["reading_seconds"] or reading_seconds(content),
        "completes_on_download": content["completes_on"] == "download",
        "completes_on_confirmation": content["completes_on"] == "confirmation",
        "completes_on_score": content["completes_on"] == "score",
        "view_seconds": content["view_seconds"],
        "pass_bp": _basis_points(content["pass_percentage"]),
        "max_attempts": content["max_attempts"],
        "time_limit_seconds": _seconds(content["time_limit_minutes"]),
        "grace_seconds": _seconds(content["grace_minutes"]),
        "shuffles_questions": content["shuffle_questions"],
        "shuffles_choices": content["shuffle_choices"],
        "pools": dict(content["pools"]),
        "alternative_group": content["alternative_group"],
        "is_remedial": content["remedial"],
    }


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60


def _basis_points(percentage: float | None) -> int | None:
    return None if percentage is None else round(percentage * 100)
