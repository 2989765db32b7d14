from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from progress.ingest.checking import check


class Command(BaseCommand):
    help = (
        "Compare stored aggregates with a fresh fold of the rows under them. Exits with 1 when "
        "they disagree, unless --repair mends them."
    )

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="write what the fold says")

    def handle(self, *, repair, **options):
        count = 0
        for found in check(timezone.now(), repair=repair):
            count += 1
            self.stdout.write(
                f"enrolment {found.enrollment_id}: {found.what} is {found.stored}, "
                f"should be {found.fresh}"
            )
        if count and not repair:
            raise CommandError(f"{count} disagreements. --repair mends them.")
        self.stdout.write(f"{count} disagreements mended." if count else "Everything agrees.")
