import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from progress.importing import KINDS, Unreadable, run
from progress.importing.running import sentence


class Command(BaseCommand):
    help = (
        "Import people, enrolments, courses or outside completions from a CSV file. Nothing is "
        "written unless the whole file is valid; with --partial, its valid rows are written. "
        "Importing the same file again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", help="A path, or - for standard input.")
        parser.add_argument("--dry-run", action="store_true", help="Check only; write nothing.")
        parser.add_argument(
            "--partial", action="store_true", help="Write the valid rows, and return the others."
        )
        parser.add_argument(
            "--rejected", help="With --partial: the file to write the rows with errors to."
        )
        parser.add_argument(
            "--invite", action="store_true", help="Email new people a link to set a password."
        )

    def handle(self, *, kind, file, dry_run, partial, rejected, invite, **options):
        try:
            content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            outcome = run(
                KINDS[kind],
                content,
                by=None,
                now=timezone.now(),
                is_dry=dry_run,
                is_partial=partial,
                invites=invite,
            )
        except (OSError, Unreadable) as error:
            raise CommandError(f"{file}: {error}") from None
        for problem in outcome.problems:
            self.stderr.write(f"Row {problem.row}: {sentence(problem)}")
        if rejected and outcome.problems:
            Path(rejected).write_text(outcome.wrong_rows_csv(), "utf-8-sig")
        counts = f"{outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged"
        if outcome.problems and not outcome.is_written and not dry_run:
            raise CommandError(f"Nothing was written: {counts}, {len(outcome.problems)} problems.")
        did = "Written" if outcome.is_written else "Checked only"
        self.stdout.write(f"{did}: {counts}, {len(outcome.problems)} problems.")
