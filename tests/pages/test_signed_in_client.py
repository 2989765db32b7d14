"""Tests sign clients in by a shorter way; it leaves what signing in leaves, and no more."""

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import a_user
from tests.support import signing_in

pytestmark = pytest.mark.django_db

# Keys and moments, which differ each time.
OWN = {"id", "session_key", "session_data", "session_hash", "expire_date", "attempt_time"}
OWN |= {"signed_in_at", "seen_at", "last_login"}


def rows_of_all_tables() -> dict[str, list[dict]]:
    found = {}
    for model in apps.get_models():
        if not model._meta.proxy and model._meta.managed:
            rows = list(model._base_manager.values())
            if rows:
                found[model._meta.label] = rows
    return found


def added_by(sign_in, person) -> dict[str, list[dict]]:
    before = rows_of_all_tables()
    client = Client()
    sign_in(client, person, "django.contrib.auth.backends.ModelBackend")
    key = client.cookies["sessionid"].value
    added = {
        label: [row for row in rows if row not in before.get(label, [])]
        for label, rows in rows_of_all_tables().items()
    }
    session = Session.objects.get(session_key=key).get_decoded()
    assert client.get("/account/").context["user"] == person
    return {
        "session": session,
        "cookie": {**client.cookies["sessionid"]},
        **{
            label: [{name: value for name, value in row.items() if name not in OWN} for row in rows]
            for label, rows in added.items()
            if rows
        },
    }


def test_a_client_that_is_signed_in_leaves_what_signing_in_leaves():
    person = a_user(username="lena", password="wide-open-field")
    theirs = added_by(signing_in.django_login, person)
    assert {"sessions.Session", "axes.AccessLog", "progress.SignIn", "progress.User"} <= set(theirs)
    assert added_by(Client._login, person) == theirs


def test_it_takes_a_statement_for_each_row():
    person = a_user()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Client().force_login(person)
    assert len(asked) == 4, [each["sql"] for each in asked]


def test_whoever_signs_in_again_in_a_browser_gets_a_new_session():
    first, second = a_user(), a_user()
    client = Client()
    client.force_login(first)
    key = client.cookies["sessionid"].value
    client.force_login(second)
    assert client.cookies["sessionid"].value != key
    assert not Session.objects.filter(session_key=key).exists()
