"""A manager's team: everybody who reports to them, directly or through others.

It is read whenever rows are selected, and stored nowhere: a change holds from the next statement.
"""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.expressions import RawSQL

# The function is made by migration 0050. It is asked once for a statement, not once for each row.
_TEAM = "SELECT progress_team_v1(%s)"


class _Team(RawSQL):
    """The ids of the people below the account whose id is the only parameter.

    Where learners are on several machines, a machine that is asked for rows of learners may not ask
    for rows of accounts meanwhile; there the ids are read before the statement that needs them.
    """

    def as_sql(self, compiler, connection):
        if not settings.DATABASE_DISTRIBUTED:
            return super().as_sql(compiler, connection)
        ids: list[int] = []
        if self.params != [None]:
            with connection.cursor() as cursor:
                cursor.execute(_TEAM, self.params)
                ids = [pk for (pk,) in cursor.fetchall()]
        return "(SELECT unnest(%s::bigint[]))", [ids]


def team_of(account: Any) -> RawSQL:
    """The ids of the people below an account, for use in a filter: `user__in=team_of(account)`.

    Nobody's for a deactivated account, and while a key with scopes acts for it.
    """
    is_manager = account.is_active and account.sees_team
    return _Team(_TEAM, [account.pk if is_manager else None])


def has_team(account: Any) -> bool:
    """Whether anybody reports to an account. One statement, the first time it is asked."""
    if not (account.is_active and account.sees_team):
        return False
    if "_has_team" not in account.__dict__:
        account.__dict__["_has_team"] = account.reports.exists()
    return account.__dict__["_has_team"]


def looks_after(account: Any, *, course: str = "course", user: str = "user") -> Q:
    """Whether a row is about a course that the account teaches, or about someone in its team; the
    lookups lead to the row's course and learner."""
    taught = Q(**{f"{course}__in": account.courses_taught.values("pk")})
    return taught | Q(**{f"{user}__in": team_of(account)})
