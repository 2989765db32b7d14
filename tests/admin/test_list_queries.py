"""No list grows its queries with its rows."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import a_user
from tests.support.admin import MODELS, complete_a_course, label, page


def opened(window: Client) -> dict:
    """By model, how many rows its list shows and with which queries."""
    found = {}
    for model in MODELS:
        with CaptureQueriesContext(connection) as captured:
            rows = len(window.get(page(model)).context["cl"].result_list)
        found[model] = rows, [query["sql"] for query in captured]
    return found


@pytest.fixture(scope="module")
def lists(django_db_setup, django_db_blocker):
    """Every list with a row or more in each table, and with fifty or more."""
    # Fifty completed courses take seconds: made once for all lists, and rolled back.
    with django_db_blocker.unblock(), transaction.atomic():
        window = Client()
        window.force_login(a_user(is_staff=True, is_superuser=True))
        complete_a_course()
        opened(window)
        one = opened(window)
        for _ in range(49):
            complete_a_course()
        fifty = opened(window)
        transaction.set_rollback(True)
    return one, fifty


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_list_costs_as_many_queries_with_fifty_rows_as_with_one(model, lists):
    (few_rows, one), (many_rows, fifty) = (each[model] for each in lists)
    assert few_rows
    assert many_rows >= 50
    assert len(fifty) == len(one) <= 8, fifty
