"""Builds the organisation, with the product's own functions and rules.

One transaction: a killed run leaves nothing. Learners are simulated in processes of their own and
written in the order of their numbers, so that the same seed and last day give the same rows.
"""

import os
import secrets
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import Pool
from random import Random

from django.contrib.auth.models import Permission
from django.db import connection, connections, transaction
from django.db.models import Q

from lms_progress.demo.seeding import INSTRUCTOR_PERMISSIONS, PEOPLE, group
from lms_progress.embedded.children import end_with_parent
from progress.catalogue import replace_course
from progress.ingest import bulk
from progress.ingest.enrolling import enroll_many
from progress.models import Course, Enrollment, QuizAttempt, User
from progress.operations import partitions
from progress.state.structure import Structure, structure_of

from .courses import SUBJECTS, Subject, document
from .learning import Attendance
from .obligations import require
from .people import DUE_WEEKS, Learner, simulated_learner, sittings

CHUNK = 25
ATTEMPT_IDS = 100  # more than one learner's attempts in all courses
STAFF = {
    "org-manager": "Mara Lindqvist",
    "org-ines": "Inês Carvalho",
    "org-bruno": "Bruno Keller",
}
MANAGER = "org-manager"


class AlreadyThere(Exception):
    """The database already has such an organisation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate: the last `weeks` weeks before the day `until`."""

    learners: int
    weeks: int
    seed: int
    until: date

    @property
    def first(self) -> date:
        """A Monday."""
        monday = self.until - timedelta(days=self.until.weekday())
        return monday - timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, and the passwords of the people who may look at it."""

    learners: int
    enrollments: int
    events: int
    completed: int
    passwords: dict[str, str]
    also_teach: list[str]  # the demo's instructors, by user name


def make(plan: Plan, *, processes: int, report: Callable[[int, int], None]) -> Made:
    """Make the organisation; `report` is called with the numbers of learners done and of events.

    Raises AlreadyThere, with nothing added.
    """
    if User.objects.filter(username=MANAGER).exists():
        raise AlreadyThere
    months = (plan.until.year - plan.first.year) * 12 + plan.until.month - plan.first.month
    partitions.ensure(plan.first, months + 1)
    if processes == 1:
        return _make(plan, map, report)
    # Before forking: processes mustn't share a connection.
    connections.close_all()
    with process_pool(processes) as pool:
        return _make(plan, pool.imap, report)


def process_pool(processes: int) -> Pool:
    """A pool that doesn't outlive this process, even if it is killed."""
    return get_context("fork").Pool(processes, end_with_parent, (os.getpid(), signal.SIGKILL))


@transaction.atomic
def _make(plan: Plan, spread: Callable, report: Callable[[int, int], None]) -> Made:
    passwords = _staff()
    courses = {subject.code: replace_course(document(subject)) for subject in SUBJECTS}
    also_teach = _let_teach(courses.values())
    people = _people(plan)
    first_attempt = _reserve(len(people) * ATTEMPT_IDS)
    structures = {code: structure_of(course) for code, course in courses.items()}
    simulated = spread(
        partial(_simulate, plan, structures), _chunks(plan, people, courses, first_attempt)
    )
    done = events = completed = 0
    for learners, pack, counts in simulated:
        bulk.write(pack)
        done, events, completed = done + learners, events + counts[0], completed + counts[1]
        report(done, events)
    require(courses, plan.first, plan.until, User.objects.get(username=MANAGER))
    enrollments = Enrollment.objects.filter(course__in=courses.values()).count()
    return Made(done, enrollments, events, completed, passwords, also_teach)


# --- Rows that exist before learning starts ------------------------------------------------------
def _staff() -> dict[str, str]:
    """Make the manager, who sees all courses, and the instructors; returns their passwords."""
    instructors = group("Instructors", INSTRUCTOR_PERMISSIONS)
    passwords = {}
    for username, full_name in STAFF.items():
        passwords[username] = secrets.token_urlsafe(9)
        user = User.objects.create_user(
            username,
            f"{username}@example.org",
            passwords[username],
            full_name=full_name,
            is_staff=True,
        )
        user.groups.add(instructors)
        if username == MANAGER:
            user.user_permissions.set(_managers())
    return passwords


def _let_teach(courses: Iterable[Course]) -> list[str]:
    """The instructors whose logins `bin/up` has printed teach all courses, too, so that they see
    the organisation and not an empty page. Returns their user names."""
    printed = [person.username for person in PEOPLE if person.group == "Instructors"]
    found = list(User.objects.filter(username__in=printed, is_staff=True, is_active=True))
    for course in courses:
        course.instructors.add(*found)
    return [user.username for user in found]


def _managers():
    """Permissions to see everything, to handle alerts, to set requirements, and hourly rates."""
    sees = Q(content_type__app_label__in=["analytics", "certificates"], codename__startswith="view")
    does = Q(codename__in=["view_all_progress", "change_alert"])
    for model in ("hourlyrate", "requirement", "escalationstep", "exemption"):
        does |= Q(codename__endswith=f"_{model}")
    return Permission.objects.filter(sees | does)


def _people(plan: Plan) -> list[tuple[Learner, int]]:
    """All learners with the ids of their users."""
    found = [simulated_learner(plan.seed, number) for number in range(1, plan.learners + 1)]
    joined = datetime.combine(plan.first, time.min, UTC) - timedelta(days=30)
    users = User.objects.bulk_create(
        [
            User(
                username=learner.username,
                full_name=learner.full_name,
                email=f"{learner.username}@example.org",
                department=learner.department,
                time_zone=learner.time_zone,
                password="!",  # no password fits
                date_joined=joined,
            )
            for learner in found
        ],
        batch_size=1000,
    )
    return list(zip(found, (user.pk for user in users), strict=True))


def _reserve(count: int) -> int:
    """Reserve keys for attempts, which answers refer to; returns the first of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [QuizAttempt._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute(
            "SELECT setval(%s, nextval(%s) + %s) - %s", [sequence, sequence, count, count]
        )
        return cursor.fetchone()[0]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Learners with their enrolments, `(subject's code, enrolment, observes)`, to be simulated."""

    learners: Sequence[tuple[Learner, int, list[tuple[str, Enrollment, bool]]]]


def _chunks(plan: Plan, people, courses: dict[str, Course], first_attempt: int) -> list[_Chunk]:
    own: dict[int, list] = {}
    for subject in SUBJECTS:
        course = courses[subject.code]
        for row in _enroll(plan, subject, course, people):
            # Without related objects, which would be sent to the other process, too.
            bare = Enrollment(row.pk, row.user_id, row.course_id, enrolled_at=row.enrolled_at)
            own.setdefault(row.user_id, []).append((subject.code, bare, bulk.observes(course)))
    every = [
        (learner, first_attempt + index * ATTEMPT_IDS, own[user])
        for index, (learner, user) in enumerate(people)
    ]
    return [_Chunk(every[at : at + CHUNK]) for at in range(0, len(every), CHUNK)]


def _enroll(plan: Plan, subject: Subject, course: Course, people) -> list[Enrollment]:
    """Enrol the learners that the course is for, in cohorts, each on a Monday morning."""
    cohorts: dict[int, list[tuple[int, int]]] = {}
    for learner, user in people:
        if subject.departments is None or learner.department in subject.departments:
            week = min(subject.starts_in_week + learner.joins_in_week, max(plan.weeks - 2, 0))
            cohorts.setdefault(week, []).append((user, course.pk))
    rows = []
    for week, wanted in sorted(cohorts.items()):
        begins = datetime.combine(plan.first + timedelta(weeks=week), time(5), UTC)
        rows += enroll_many(wanted, now=begins, due_at=begins + timedelta(weeks=DUE_WEEKS))
    return rows


# --- In another process --------------------------------------------------------------------------
def _simulate(plan: Plan, structures: dict[str, Structure], chunk: _Chunk):
    """(how many learners, their packed rows, (events, completed courses))."""
    passages = []
    for learner, first_attempt, enrollments in chunk.learners:
        for passage in _learn(plan, learner, structures, enrollments):
            passage.finish(first_attempt)
            first_attempt += len(passage.attempts)
            passages.append(passage)
    events = sum(len(passage.evidence) for passage in passages)
    completed = sum(len(passage.messages) for passage in passages)
    return len(chunk.learners), bulk.packed(passages), (events, completed)


def _learn(plan: Plan, learner: Learner, structures, enrollments) -> Iterator[bulk.Passage]:
    """Everything that a learner does in these weeks."""
    dice = Random(f"{plan.seed}:{learner.number}:learns")
    subjects = {subject.code: subject for subject in SUBJECTS}
    attendances = []
    for code, enrollment, observe in enrollments:
        passage = bulk.Passage(enrollment, structures[code], observe=observe)
        begins = int(enrollment.enrolled_at.timestamp() * 1000)
        attendances.append(
            (begins, Attendance(learner, subjects[code], passage, structures[code], dice))
        )
    last = datetime.combine(plan.until, time.min, UTC).timestamp() * 1000 - 3 * 3_600_000
    for sitting in sittings(learner, dice, plan.first, plan.weeks + 1):
        begun = [
            attendance
            for begins, attendance in attendances
            if begins < sitting.starts_ms and not attendance.is_over
        ]
        if begun and sitting.starts_ms < last:
            begun[0].sit(sitting)
    return (attendance.passage for _, attendance in attendances)
