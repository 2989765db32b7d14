"""Outside completions as they are sent: by names that other systems know, one or many at a time."""

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from progress.api.bulk import CREATED, MAX_ROWS, UNCHANGED, BulkSerializer, Result
from progress.api.named_rows import NamedRows, NamedRowSerializer
from progress.ingest import outside_completions
from progress.ingest.outside_completions import OutsideRecord, Recorder
from progress.models import OutsideCompletion, User
from progress.models.marks import may_be_enrolled
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields

OWN = "Nobody records their own completions."
ONLY_TEST_LEARNERS = "This is a test course: only test learners can have completed it."
RECORDED_OTHERWISE = (
    "A completion on this day is recorded with other facts: withdraw that record first."
)


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 100})
class ScoreField(serializers.DecimalField):
    """A percentage of at most two decimals, stored in hundredths of a percent."""

    def __init__(self, **kwargs):
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **kwargs)

    def run_validation(self, data=serializers.empty):
        if isinstance(data, str):
            self.fail("invalid")
        percent = super().run_validation(data)
        return None if percent is None else int(percent * 100)

    def to_representation(self, value) -> float:
        return value / 100


class OutsideRowSerializer(RefusesUnknownFields, NamedRowSerializer):
    """A completion to record: one learner (by one of three names) and one course (by one of two).

    `completed_on` is a day of the learner's time zone that has come.
    """

    completed_on = serializers.DateField()
    basis = serializers.ChoiceField(choices=OutsideCompletion.Basis.choices)
    authority = serializers.CharField(
        max_length=200, help_text="Who says so outside: an institute, a trainer, a system."
    )
    details = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="Needed for other."
    )
    reference = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="A number."
    )
    score = ScoreField(required=False, allow_null=True, default=None, help_text="Percent.")
    valid_until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The last day; null: for good."
    )


class OutsideBulkSerializer(BulkSerializer):
    rows = OutsideRowSerializer(many=True, min_length=1, max_length=MAX_ROWS)


class OutsideRows:
    """The rows of one request. Learners and courses are read for all of them at once."""

    def __init__(self, rows: list[dict], by: User, *, key: str):
        self._by, self._recorder, self._now = by, Recorder(by, key), timezone.now()
        people, courses = rights.enrollable_people(by), rights.enrollable_courses(by)
        self._named = NamedRows(rows, people, courses)

    def write(self, row: Mapping) -> Result:
        """Raises ValidationError."""
        completion, is_new = self.record(row)
        return Result(CREATED if is_new else UNCHANGED, completion.pk)

    def record(self, row: Mapping) -> tuple[OutsideCompletion, bool]:
        """The record of a row, and whether it is new. Raises ValidationError."""
        serializer = OutsideRowSerializer(data=row)
        serializer.is_valid(raise_exception=True)
        facts = self._facts(serializer.validated_data)
        if problems := facts.problems(self._now):
            raise ValidationError(problems)
        known = outside_completions.recorded([facts]).get(facts.key)
        if known is None:
            try:
                with transaction.atomic():
                    [made] = outside_completions.record([facts], self._recorder, now=self._now)
            except IntegrityError:  # another request has recorded one of that day meanwhile
                known = outside_completions.recorded([facts])[facts.key]
            else:
                return made, True
        if not facts.is_recorded_as(known):
            raise ValidationError(
                {"completed_on": ErrorDetail(RECORDED_OTHERWISE, "already_recorded")}
            )
        return known, False

    def _facts(self, values: dict) -> OutsideRecord:
        person, course = self._named.person(values), self._named.course(values)
        if person.pk == self._by.pk:
            [name] = values.keys() & {"user_id", "external_id", "username"}
            raise ValidationError({name: ErrorDetail(OWN, "own")})
        if not may_be_enrolled(person, course):
            [name] = values.keys() & {"course_id", "course_code"}
            raise ValidationError({name: ErrorDetail(ONLY_TEST_LEARNERS, "test_course")})
        day: date = values["completed_on"]
        return OutsideRecord(
            person,
            course.pk,
            day,
            values["basis"],
            values["authority"],
            values["details"],
            values["reference"],
            values["score"],
            values["valid_until"],
        )
