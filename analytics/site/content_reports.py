"""Learners × contents: each current enrolment with each content of its course, as a long table."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from analytics.query.filters import AS_OF_NOW, LEARNER
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Long, Report, ReportQuery
from progress.models import Content, ContentProgress, Waiver

from .progress_reports import GROUP, current

CHUNK = 200  # enrolments read at once
NEVER_BEGUN = (0, None, 0, None, None)


class _LearnerContents(Long):
    """Course by course, in each the learners by name, of each the contents in the course's order.

    A course's enrolments have as many rows as the course has contents; so the place of a row says
    which enrolment and which content it is.
    """

    def __init__(self, query: ReportQuery):
        rows = query.filters.of_learner(query.filters.apply(current()))
        counted = dict(rows.order_by().values_list("course_id").annotate(learners=Count("pk")))
        self._rows = rows
        self._titles = {pk: t for pk, t in query.filters.courses.items() if pk in counted}
        self._contents = _contents(list(self._titles))
        self._sizes = {pk: counted[pk] * len(self._contents[pk]) for pk in self._titles}

    def __len__(self) -> int:
        return sum(self._sizes.values())

    def __getitem__(self, part: slice) -> list[tuple]:
        start, stop, _step = part.indices(len(self))
        found: list[tuple] = []
        for course, size in self._sizes.items():
            if start < size and stop > 0:
                found += self._part(course, max(start, 0), min(stop, size))
            start, stop = start - size, stop - size
        return found

    def _part(self, course: int, start: int, stop: int) -> Iterator[tuple]:
        """The rows of a course from `start` to before `stop`."""
        width = len(self._contents[course])
        first = start // width
        people = self._people(course)[first : -(-stop // width)]
        return islice(self._expanded(course, people), start - first * width, stop - first * width)

    def each(self) -> Iterator[tuple]:
        for course in self._sizes:
            people, last = self._people(course).order_by("pk"), 0
            while part := list(people.filter(pk__gt=last)[:CHUNK]):
                last = part[-1][0]
                yield from self._expanded(course, part)

    def _people(self, course: int):
        return (
            self._rows.filter(course_id=course)
            .order_by("user__full_name", "user__username", "pk")
            .values_list(
                "pk",
                "enrollment_id",
                "user_id",
                "user__full_name",
                "user__username",
                "user__department",
            )
        )

    def _expanded(self, course: int, people: Iterable[tuple]) -> Iterator[tuple]:
        """Each person with each content of the course."""
        people = list(people)
        enrollments = [row[1] for row in people]
        state = _state(enrollments)
        waived = set(
            Waiver.objects.in_force()
            .filter(enrollment__in=enrollments)
            .values_list("enrollment_id", "content_id")
        )
        for _pk, enrollment, user, name, username, department in people:
            for content, names in self._contents[course]:
                bp, completed_at, time_ms, score_bp, last_at = state.get(
                    (enrollment, content), NEVER_BEGUN
                )
                yield (
                    enrollment,
                    content,
                    name or username,
                    username,
                    department,
                    self._titles[course],
                    *names,
                    bp // 100,
                    completed_at,
                    completed_at is None and (enrollment, content) in waived,
                    time_ms // 1000,
                    None if score_bp is None else score_bp / 100,
                    last_at,
                    user,
                    course,
                )


def _contents(courses: list[int]) -> dict[int, list[tuple[int, tuple[str, str, str]]]]:
    """For each course its contents in order: the key, and module, title and type."""
    found: dict[int, list] = {pk: [] for pk in courses}
    rows = (
        Content.objects.active()
        .filter(module__course__in=courses)
        .order_by("module__position", "module_id", "position", "pk")
        .values_list("module__course", "pk", "module__title", "title", "content_type")
    )
    for course, content, *names in rows:
        found[course].append((content, tuple(names)))
    return found


def _state(enrollments: list[int]) -> dict[tuple[int, int], tuple]:
    rows = ContentProgress.objects.filter(enrollment__in=enrollments).values_list(
        "enrollment_id",
        "content_id",
        "completion_bp",
        "completed_at",
        "time_ms",
        "best_score_bp",
        "last_event_at",
    )
    return {(enrollment, content): tuple(state) for enrollment, content, *state in rows}


LEARNER_CONTENTS = Report(
    slug="learner-contents",
    for_managers=True,
    title=_("Learners and contents"),
    group=GROUP,
    description=_("Every current enrolment with every content of its course, begun or not."),
    columns=[
        columns.ENROLMENT,
        Column("content_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.LEARNER,
        columns.USERNAME,
        columns.DEPARTMENT,
        columns.COURSE,
        columns.MODULE,
        Column("content", _("Content")),
        Column("content_type", _("Type"), off_page=True),
        Column("percent", _("Done"), Kind.PERCENT, _("Rounded down.")),
        columns.COMPLETED,
        Column("waived", _("Skipped"), Kind.FLAG, _("Counts as done without being completed.")),
        columns.ACTIVE_TIME,
        Column("best_score_percent", _("Best score"), Kind.PERCENT),
        Column("last_seen", _("Last seen"), Kind.MOMENT),
    ],
    rows=_LearnerContents,
    filters=AS_OF_NOW,
    extra_filters=LEARNER,
    to_row=lambda row: row[:-2],
    link=lambda row: learner_url(row[-2], row[-1]),
)
