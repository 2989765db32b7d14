"""The course, the world and the people of `conftest`, made once for all tests of a module.

from .shared import course, made, people, world
"""

import pytest

from progress.models import Course, User
from tests.support import worlds

from .conftest import a_world, people_of, the_course


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    with worlds.shared(django_db_blocker, _make) as ids:
        yield ids


def _make() -> tuple[int, dict, dict[str, int]]:
    course = the_course()
    world = a_world(course)
    people = people_of(course, world)
    return course.pk, world, {role: person.pk for role, person in people.items()}


@pytest.fixture
def course(made) -> Course:
    return Course.objects.get(pk=made[0])


@pytest.fixture
def world(made) -> dict:
    return dict(made[1])


@pytest.fixture
def people(made) -> dict[str, User]:
    """Read for each test: a person remembers what they were allowed to do."""
    found = User.objects.in_bulk(made[2].values())
    return {role: found[pk] for role, pk in made[2].items()}
