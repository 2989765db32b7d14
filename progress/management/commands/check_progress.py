from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from progress.ingest.checking import check
from progress.ingest.drift import resolve


class Command(BaseCommand):
    help = (
        "Compare stored aggregates with a fresh fold of the rows under them. Exits with 1 when "
        "they disagree, unless --repair mends them: first all differences are shown, then they "
        "are mended."
    )

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="write what the fold says")

    def handle(self, *, repair, **options):
        found = []
        for disagreement in check(timezone.now()):
            found.append(disagreement)
            self._show(disagreement)
        if not found:
            self.stdout.write("Everything agrees.")
        elif not repair:
            raise CommandError(f"{len(found)} disagreements. --repair mends them.")
        else:
            self._repair({disagreement.enrollment_id for disagreement in found}, len(found))

    def _repair(self, enrollment_ids, shown):
        mended = list(check(timezone.now(), repair=True, enrollments=enrollment_ids))
        resolve(enrollment_ids, timezone.now())
        self.stdout.write(f"{len(mended)} of {shown} disagreements mended.")

    def _show(self, found):
        self.stdout.write(
            f"enrolment {found.enrollment_id}: {found.what} is {found.stored}, "
            f"should be {found.fresh}"
        )
