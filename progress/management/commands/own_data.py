"""A person's copy of everything that is kept about them, for requests that come by post."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from progress.models import User
from progress.own_data import archive


class Command(BaseCommand):
    help = (
        "Write everything that is kept about a person into a ZIP file, also of one who can't sign "
        "in. Its README says what is in it."
    )

    def add_arguments(self, parser):
        parser.add_argument("username", help="or the number of the account")
        parser.add_argument("file", type=Path, help="which isn't there yet")

    def handle(self, *, username: str, file: Path, **options):
        person = self._person(username)
        try:
            with file.open("xb") as opened:
                file.chmod(0o600)
                archive.write(opened, person, timezone.now())
        except FileExistsError:
            raise CommandError(f"{file} is there already.") from None
        self.stdout.write(f"{file}: {file.stat().st_size} bytes about {person.get_full_name()}.")

    def _person(self, username: str) -> User:
        found = User.objects.called([username])[username]
        if not found and username.isdecimal():
            found = list(User.objects.filter(pk=username))
        if len(found) != 1:
            raise CommandError(f"{username!r} names {len(found)} accounts; one is needed.")
        return found[0]
