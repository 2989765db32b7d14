"""When each row of the API's lists was last written, and which rows are gone."""

from django.db import models


class RowChange(models.Model):
    """The last change of one row; the triggers of `progress.operations.change_triggers` write it.

    `transaction_id` is the database's full transaction id (xid8) of that change. A moment can't
    say what a reader has seen: a transaction that began earlier may commit later. `course_id` and
    `user_id` are set for deleted rows only, and say who may know of them; so does `is_test`
    (a row of test learners or courses).
    """

    pk = models.CompositePrimaryKey("table_name", "row_id")
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    transaction_id = models.BigIntegerField()
    changed_at = models.DateTimeField()
    is_deleted = models.BooleanField(default=False, db_default=False)
    course_id = models.BigIntegerField(null=True, blank=True)
    user_id = models.BigIntegerField(null=True, blank=True)
    is_test = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # What isn't visible in a snapshot, and what changed since a moment.
            models.Index(fields=["table_name", "transaction_id"], name="change_by_transaction"),
            models.Index(fields=["table_name", "changed_at"], name="change_by_moment"),
        ]

    def __str__(self):
        return f"{self.table_name} {self.row_id}"
