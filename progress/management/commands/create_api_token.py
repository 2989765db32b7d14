from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from progress.models import User
from progress.models.keys import Scope
from progress.security.keys import make_key


class Command(BaseCommand):
    help = "Make an API key for an active account and print it, once, alone on the last line."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument(
            "--days", type=int, default=365, help="Days for which the key is valid (365)."
        )

        parser.add_argument("--name", default="", help="What the key is used for.")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            dest="scopes",
            choices=Scope.values,
            help="What it may do (again for several); without any, all that the account may do.",
        )

        parser.add_argument(
            "--test",
            action="store_true",
            dest="is_test",
            help="A test key: for test learners and test courses only.",
        )

    def handle(self, *, username, days, name, scopes, is_test, **options):
        if days < 1:
            raise CommandError("--days must be 1 or more.")
        found = User.objects.called([username])[username]
        if len(found) > 1:
            names = ", ".join(repr(user.username) for user in found)
            raise CommandError(f"Several accounts have this name: {names}. Name one exactly.")
        if not found:
            raise CommandError(f"There is no account {username!r}.")
        user = found[0]
        if not user.is_active:
            raise CommandError(f"The account {username!r} is not active.")
        lifetime = timedelta(days=days)
        token, key = make_key(user, name=name, scopes=scopes, lifetime=lifetime, is_test=is_test)
        self.stdout.write(f"A key for {user.username}, valid until {token.expiry:%Y-%m-%d}:")
        self.stdout.write(key)
