"""Enrolments by the names that other systems know learners and courses by, many at a time."""

from collections.abc import Mapping

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from progress.api.bulk import (
    CREATED,
    MAX_ROWS,
    UNCHANGED,
    UPDATED,
    BulkSerializer,
    Result,
)
from progress.api.moments import DayOrMoment
from progress.api.named_rows import NamedRows, NamedRowSerializer, check_named_once
from progress.ingest import enrolling
from progress.models import Course, Enrollment, User
from progress.models.marks import may_be_enrolled
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields

ENROLL, NEW_CYCLE, SET_DUE, UNENROLL = "enroll", "new_cycle", "set_due", "unenroll"
ACTIONS = (ENROLL, NEW_CYCLE, SET_DUE, UNENROLL)
ONLY_TEST_LEARNERS = "This is a test course: only test learners can be enrolled in it."
_OTHER_NAMES = {"username", "external_id", "course_code"}


class EnrollmentRowSerializer(RefusesUnknownFields, NamedRowSerializer):
    """One learner (by one of three names) and one course (by one of two)."""

    action = serializers.ChoiceField(choices=[(each, each) for each in ACTIONS], default=ENROLL)
    due_at = DayOrMoment(
        required=False, allow_null=True, help_text="A day is due at its end, in the learner's zone."
    )

    def validate(self, attrs):
        attrs = super().validate(attrs)
        if attrs["action"] == UNENROLL and "due_at" in attrs:
            raise serializers.ValidationError({"due_at": "Not with the action unenroll."})
        if attrs["action"] == SET_DUE and "due_at" not in attrs:
            raise serializers.ValidationError({"due_at": "Needed, or null for none."}, "required")
        return attrs


class EnrollmentBulkSerializer(BulkSerializer):
    rows = EnrollmentRowSerializer(many=True, min_length=1, max_length=MAX_ROWS)


def with_ids(data: Mapping, by: User) -> dict:
    """A body whose learner and course may be named, with their ids instead. Raises ValidationError.

    Ids stay as they are: the serializer checks them.
    """
    check_named_once(data)
    changed = {name: data[name] for name in data}
    named = Enrolments([changed], by)
    if "username" in data or "external_id" in data:
        changed["user_id"] = named.person(changed).pk
    if "course_code" in data:
        changed["course_id"] = named.course(changed).pk
    return {name: changed[name] for name in changed if name not in _OTHER_NAMES}


class Enrolments:
    """The learners and courses that the rows of one request name, as far as the caller may enrol
    them."""

    def __init__(self, rows: list[dict], by: User):
        self._by, self._now = by, timezone.now()
        people, courses = rights.enrollable_people(by), rights.enrollable_courses(by)
        self._named = NamedRows(rows, people, courses)
        self.person, self.course = self._named.person, self._named.course

    def write(self, row: dict) -> Result:
        """Raises ValidationError and PermissionDenied."""
        serializer = EnrollmentRowSerializer(data=row)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        person, course = self.person(values), self.course(values)
        current = Enrollment.objects.current().filter(user=person, course=course).first()
        due_at = enrolling.due_moment(values.get("due_at"), person.time_zone)
        if values["action"] == SET_DUE:
            return self._set_due(self._changeable(current, "change_enrollment"), due_at)
        if values["action"] == UNENROLL:
            return self._unenroll(self._changeable(current, "delete_enrollment"))
        return self._enroll(person, course, current, due_at, values["action"] == NEW_CYCLE)

    def _enroll(self, person, course, current, due_at, is_new_cycle: bool) -> Result:
        refuse_marks(person, course)
        needed = rights.permission_to_enroll(current, due_at, new_cycle=is_new_cycle)
        if needed and not self._by.has_perm(needed):
            raise PermissionDenied
        is_same = current and current.unenrolled_at is None and due_at in (None, current.due_at)
        if is_same and not is_new_cycle:
            return Result(UNCHANGED, current.pk)
        enroll = enrolling.begin_new_cycle if is_new_cycle else enrolling.enroll
        enrolled = enroll(person.pk, course.pk, now=self._now, due_at=due_at)
        return Result(CREATED if enrolled.is_new else UPDATED, enrolled.enrollment.pk)

    def _changeable(self, current: Enrollment | None, permission: str) -> Enrollment:
        """The current enrolment. Raises ValidationError without one, and PermissionDenied."""
        if current is None:
            raise serializers.ValidationError("This learner is not enrolled.", "not_enrolled")
        is_allowed = self._by.has_perm(f"progress.{permission}")
        own = rights.changeable_enrollments(self._by).filter(pk=current.pk)
        if not is_allowed or not own.exists():
            raise PermissionDenied
        return current

    def _set_due(self, current: Enrollment, due_at) -> Result:
        if current.due_at == due_at:
            return Result(UNCHANGED, current.pk)
        enrolling.set_due(current, due_at)
        return Result(UPDATED, current.pk)

    def _unenroll(self, current: Enrollment) -> Result:
        if current.unenrolled_at is not None:
            return Result(UNCHANGED, current.pk)
        enrolling.unenroll(current, now=self._now)
        return Result(UPDATED, current.pk)


def refuse_marks(person: User, course: Course) -> None:
    """Raises ValidationError for a real learner in a test course."""
    if not may_be_enrolled(person, course):
        raise serializers.ValidationError({"course_id": ONLY_TEST_LEARNERS}, "test_course")
