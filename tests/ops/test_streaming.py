"""Long reads come from a cursor of the server, a part at a time."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from progress.models import User
from progress.operations.streaming import streamed
from tests.factories import a_user


@pytest.mark.django_db
def test_rows_come_a_part_at_a_time_in_order():
    made = [a_user().pk for _ in range(7)]
    rows = streamed(User.objects.order_by("pk").values_list("pk", flat=True), chunk_size=3)
    assert next(rows) == made[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE statement LIKE '%progress_user%'")
        assert cursor.fetchone() == (1,)
    assert list(rows) == made[1:]
    assert [user.pk for user in streamed(User.objects.order_by("pk"))] == made


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused():
    with pytest.raises(TransactionManagementError):
        next(streamed(User.objects.all()))
    with transaction.atomic():
        assert list(streamed(User.objects.all())) == []
