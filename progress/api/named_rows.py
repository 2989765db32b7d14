"""Learners and courses by the names that other systems know, as far as the caller may use them."""

from collections.abc import Hashable, Mapping

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from progress.api.bulk import not_found
from progress.api.filtering import MAX_ID
from progress.models import Course, User
from progress.validation.storable import is_storable
from progress.validation.usernames import normalized

PERSON = ("user_id", "external_id", "username")
COURSE = ("course_id", "course_code")


class NamedRows:
    """The learners and courses that the rows of one request name: two statements for all."""

    def __init__(self, rows: list[dict], people: QuerySet[User], courses: QuerySet[Course]):
        self._people: dict[tuple, User] = {}
        names = _texts(rows, "username")
        named = people.filter(
            Q(pk__in=_numbers(rows, "user_id"))
            | Q(external_id__in=_texts(rows, "external_id"))
            | Q(username_key__in={normalized(name) for name in names})
        )
        for person in named.order_by("-pk"):
            self._people["user_id", person.pk] = person
            self._people["external_id", person.external_id] = person
            self._people["username", normalized(person.username)] = person
        self._courses: dict[tuple, Course] = {}
        chosen = courses.filter(
            Q(pk__in=_numbers(rows, "course_id")) | Q(code__in=_texts(rows, "course_code"))
        )
        for course in chosen:
            self._courses["course_id", course.pk] = course
            self._courses["course_code", course.code] = course

    def person(self, values: Mapping) -> User:
        """Raises ValidationError."""
        [name] = values.keys() & set(PERSON)
        value = values[name]
        if name == "username" and isinstance(value, str):
            value = normalized(value)
        person = self._people.get((name, value)) if isinstance(value, Hashable) else None
        if person is None:
            raise not_found(name, "learner")
        return person

    def course(self, values: Mapping) -> Course:
        """Raises ValidationError."""
        [name] = values.keys() & set(COURSE)
        value = values[name]
        course = self._courses.get((name, value)) if isinstance(value, Hashable) else None
        if course is None:
            raise not_found(name, "course")
        return course


def check_named_once(values: Mapping) -> None:
    """Raises ValidationError unless a learner and a course are each named in one way."""
    wrong = {}
    for names in (PERSON, COURSE):
        given = [name for name in names if name in values]
        if not given:
            wrong[names[0]] = ErrorDetail("This field is required.", "required")
        if len(given) > 1:
            wrong[given[1]] = ErrorDetail(f"Exactly one of {', '.join(names)}.", "invalid")
    if wrong:
        raise serializers.ValidationError(wrong)


class NamedRowSerializer(serializers.Serializer):
    """One learner (by one of three names) and one course (by one of two)."""

    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    external_id = serializers.CharField(required=False, max_length=120)
    username = serializers.CharField(required=False, max_length=150)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_code = serializers.CharField(required=False, max_length=100)

    def validate(self, attrs):
        check_named_once(attrs)
        return attrs


def _texts(rows: list[dict], name: str) -> set[str]:
    found = {row[name] for row in rows if isinstance(row.get(name), str)}
    return set(filter(is_storable, found))


def _numbers(rows: list[dict], name: str) -> set[int]:
    found = {row[name] for row in rows if type(row.get(name)) is int}
    return {number for number in found if 0 < number <= MAX_ID}
