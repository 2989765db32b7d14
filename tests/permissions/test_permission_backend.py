"""An account's permissions are read by one statement, and are those that Django would find."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from progress.models import User
from tests.factories import a_user, an_integrator

pytestmark = pytest.mark.django_db


def in_groups(*names: str) -> User:
    user = a_user()
    for name in names:
        group = Group.objects.create(name=name)
        group.permissions.set(Permission.objects.filter(codename=name))
        user.groups.add(group)
    return user


def with_both() -> User:
    user = in_groups("view_user", "view_course")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "add_user"]))
    return user


def by_themselves() -> User:
    return an_integrator("view_user", "add_learningsession")


@pytest.mark.parametrize(
    "account",
    [
        a_user,
        by_themselves,
        lambda: in_groups("view_user", "view_course"),
        with_both,
        lambda: a_user(is_superuser=True),
        lambda: a_user(is_active=False),
    ],
    ids=["none", "own", "groups", "both", "superuser", "inactive"],
)
def test_they_are_those_that_django_finds(account):
    pk = account().pk
    expected = ModelBackend().get_all_permissions(User.objects.get(pk=pk))
    assert User.objects.get(pk=pk).get_all_permissions() == expected


def test_they_are_read_by_one_statement_for_any_number_of_questions():
    user = User.objects.get(pk=with_both().pk)
    with CaptureQueriesContext(connection) as captured:
        assert user.has_perm("progress.add_user")
        assert user.has_perm("progress.view_course")
        assert not user.has_perm("progress.delete_user")
        assert user.has_module_perms("progress")
    assert len(captured) == 1


def test_permissions_on_a_single_object_are_none():
    user = with_both()
    assert not user.has_perm("progress.view_user", user)


def test_signing_in_is_left_to_django():
    a_user(username="lena", password="correct horse")
    request = RequestFactory().post("/login/")
    found = authenticate(request, username="lena", password="correct horse")
    assert found is not None
    assert found.backend == "django.contrib.auth.backends.ModelBackend"
