from itertools import groupby

from django.core.management.base import BaseCommand
from django.db.models import Count, Max
from django.db.models.functions import Upper

from progress.models import User
from progress.validation.usernames import normalized


class Command(BaseCommand):
    help = (
        "List accounts that seem to be one person's: the same user name in another case or width, "
        "or the same email address. Nothing is changed; exits with 1 when there are any."
    )

    def handle(self, **options):
        give_missing_keys()
        count = self._list("User name", by_name(), lambda user: normalized(user.username))
        count += self._list("Email address", by_address(), lambda user: user.email.casefold())
        if count:
            self.stderr.write(f"{count} names or addresses have more than one account.")
            raise SystemExit(1)
        self.stdout.write("Each user name and address has one account.")

    def _list(self, title: str, users, shared) -> int:
        count = 0
        for value, alike in groupby(users, shared):
            count += 1
            self.stdout.write(f"{title} {value}:")
            for user in alike:
                state = "active" if user.is_active else "not active"
                seen = f"{user.last_login:%Y-%m-%d}" if user.last_login else "never"
                enrolled = f"{user.enrolled} enrolments"
                self.stdout.write(
                    f"  {user.pk}  {user.username}  {state}, signed in {seen}, {enrolled}"
                )
        return count


def give_missing_keys() -> None:
    """To accounts that a process of the version before made while this one was rolled out."""
    for user in User.objects.filter(username_key=None).order_by("pk"):
        alike = User.objects.filter(username_key=normalized(user.username))
        largest = alike.aggregate(largest=Max("duplicate_number"))["largest"]
        user.duplicate_number = 0 if largest is None else largest + 1
        user.save(update_fields=["username_key", "duplicate_number"])


def _rows():
    return User.objects.annotate(enrolled=Count("enrollments"))


def by_name():
    """Accounts whose names are one name, together, the oldest first."""
    shared = User.objects.order_by().values("username_key").annotate(n=Count("pk")).filter(n__gt=1)
    return (
        _rows()
        .filter(username_key__in=shared.values("username_key"))
        .order_by("username_key", "pk")
    )


def by_address():
    users = User.objects.exclude(email="").annotate(address=Upper("email"))
    shared = users.order_by().values("address").annotate(n=Count("pk")).filter(n__gt=1)
    rows = _rows().annotate(address=Upper("email"))
    return rows.filter(address__in=shared.values("address")).order_by("address", "pk")
