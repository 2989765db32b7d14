from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from research.recommending import visits


class Command(BaseCommand):
    help = (
        "Measure rankings of contents by what learners visit next: NDCG of the first ten, from "
        "what was known on every seventh day. The product's recommendations aren't among them: "
        "they are made of answers, reviews and what an author set, which visits don't have."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--visits",
            type=Path,
            required=True,
            metavar="FILE",
            help="CSV or parquet with the columns learner, course, content, day",
        )
        parser.add_argument("--draws", type=int, default=visits.DRAWS, help="of the bootstrap")

    def handle(self, *, draws, **options):
        if draws < 1:
            raise CommandError("--draws: at least 1")
        try:
            courses = visits.read(options["visits"])
        except visits.BadVisits as error:
            raise CommandError(f"--visits: {error}") from None
        found = visits.evaluate(courses, draws)
        if not found.cases:
            raise CommandError("--visits: nobody came to something new a week after the start")
        self.stdout.write(
            f"{found.cases:,} times, {found.learners:,} learners on {found.days:,} days of "
            f"{len(courses):,} courses"
        )
        self.stdout.write(
            f"{'ranking':<28} NDCG@10  {'above popularity':<26}  above {visits.LATELY}"
        )
        for row in found.results:
            self.stdout.write(
                f"{row.name:<28}  {row.ndcg:.4f}  "
                f"{row.above:+.4f} ({row.low:+.4f} to {row.high:+.4f})  "
                f"{row.over:+.4f} ({row.over_low:+.4f} to {row.over_high:+.4f})"
            )
