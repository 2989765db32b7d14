import json
import os
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand

from lms_progress.demo.seeding import Login, seed


class Command(BaseCommand):
    help = "Make the demo courses and people, and print their logins. Running it again is harmless."

    def add_arguments(self, parser):
        parser.add_argument(
            "--migrate", action="store_true", help="Bring the database up to date first."
        )

    def handle(self, *, migrate, **options):
        if migrate:
            call_command("migrate", interactive=False, verbosity=0)
        passwords = _passwords()
        logins = seed(passwords)
        _remember(logins)
        self.stdout.write("Demo logins (sign in at /login/):")
        for login in logins:
            self.stdout.write(
                f"  {login.person.username:<8} {login.password:<14} {login.person.role}"
            )


def _file() -> Path | None:
    """Where passwords are kept between runs, readable by this account only."""
    directory = os.environ.get("STATE_DIR")
    return Path(directory) / "demo-logins.json" if directory else None


def _passwords() -> dict[str, str]:
    path = _file()
    return json.loads(path.read_text()) if path and path.exists() else {}


def _remember(logins: list[Login]) -> None:
    path = _file()
    if path is None:
        return
    path.touch(mode=0o600)
    path.write_text(json.dumps({login.person.username: login.password for login in logins}))
