from django.core.management.commands import migrate
from django.db import connections

from lms_progress.schema import baseline


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} An empty database gets its tables at once, and then the "
        "migrations that are newer."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--no-baseline",
            action="store_true",
            help="Run every migration, also on an empty database.",
        )

    def handle(self, *args, **options):
        was_empty = _is_plain(options) and baseline.load(connections[options["database"]])
        if was_empty and options["verbosity"] >= 1:
            self.stdout.write("The database was empty: its tables were loaded at once.")
        super().handle(*args, **options)


def _is_plain(options) -> bool:
    """Whether all migrations are to be applied, and for real."""
    others = ("no_baseline", "app_label", "fake", "fake_initial", "plan", "check_unapplied")
    return not any(options.get(name) for name in others)
