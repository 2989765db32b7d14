"""Who may be named as whose manager, and that nobody ends up above themselves.

Naming a manager lets them see what the person learns, so it takes the right to change the person
(`rights`), and only people that the caller sees can be named. Reasons:
docs/decisions/0047-managers-see-their-team.md.
"""

from django.db import connection
from django.db.models import Q, QuerySet

from progress.models import User, team_of

from . import rights

CIRCLE = "This person reports to them, directly or through others."
UNKNOWN = "There is no such person."
APART = "Test accounts report to test accounts, and other people to other people."

# As the trigger of migration 0050 does; taken first, so that no row is held by who waits for it.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('progress_user.manager', 0))"
_IS_BELOW = "SELECT %s = %s OR EXISTS (SELECT FROM progress_team_v1(%s) AS below(id) WHERE id = %s)"


def possible_managers(by: User | None) -> QuerySet[User]:
    """The people that `by` may name as a manager: those they see.

    Not themselves, nor anyone below them, unless they see everybody's learning already: otherwise
    the right to correct a person's department would open that person's record of learning.
    """
    if by is None:
        return User.objects.all()
    found = rights.visible_people(by)
    if all(map(by.sees_all, rights.SEEN_BY_TEACHING)):
        return found
    return found.exclude(Q(pk=by.pk) | Q(pk__in=team_of(by)))


def is_apart(is_test: bool, manager_id: int) -> bool:
    """Whether one of both is a test account and the other isn't. Accounts keep their mark."""
    return User.objects.filter(pk=manager_id).exclude(is_test=is_test).exists()


def hold() -> None:
    """Lets no other transaction change a manager until this one ends.

    Taken before the first row is written: the trigger takes it as well, with the row in hand.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def would_be_circle(person_id: int, manager_id: int) -> bool:
    """Whether the manager is the person, or below them. Asked while this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_BELOW, [person_id, manager_id, person_id, manager_id])
        return cursor.fetchone()[0]
