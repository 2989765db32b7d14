from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

from progress.models import User


class Command(BaseCommand):
    help = "Make an API key for an active account and print it, once, alone on the last line."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument(
            "--days", type=int, default=365, help="Days for which the key is valid (365)."
        )

    def handle(self, *, username, days, **options):
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
        token, key = AuthToken.objects.create(user, expiry=timedelta(days=days))
        self.stdout.write(f"A key for {user.username}, valid until {token.expiry:%Y-%m-%d}:")
        self.stdout.write(key)
