"""Rows that all tests of a module share, made once for them.

    @pytest.fixture(scope="module")
    def world(django_db_setup, django_db_blocker):
        with worlds.shared(django_db_blocker, make_the_rows) as made:
            yield made

Every test of the module must use the database in the usual way (`django_db`, not
`transaction=True`): what it writes is taken back at its end, and these rows stay.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction

Made = TypeVar("Made")


@contextmanager
def shared(django_db_blocker, make: Callable[[], Made]) -> Iterator[Made]:
    """What `make` returns, in a transaction around the module's tests that is taken back then."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make()
        # Or each test would check the foreign keys of all these rows again.
        connection.check_constraints()
        yield made
        transaction.set_rollback(True)
