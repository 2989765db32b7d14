import time
from datetime import UTC, date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.alerts import raising
from analytics.demo.organisation import MANAGER, AlreadyThere, Plan, make
from analytics.foresight import choosing, scoring
from analytics.foresight.training import TooLittle
from analytics.models import Alert, RiskScore
from analytics.paths import counting
from analytics.recommending import peers
from analytics.rollups.folding import fold_new
from progress.jobs import Run

WIDTH = 40


class Command(BaseCommand):
    help = (
        "Make an organisation with simulated learners, under the real rules. The same numbers, "
        "seed and last day make the same rows in the same database. A second run adds nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--learners", type=int, default=5000)
        parser.add_argument("--weeks", type=int, default=12)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="default: today (UTC)"
        )
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *, learners, weeks, seed, until, processes, **options):
        for name, number in (("learners", learners), ("weeks", weeks), ("processes", processes)):
            if number < 1:
                raise CommandError(f"--{name} must be at least 1.")
        today = datetime.now(UTC).date()
        if until is not None and until > today:
            raise CommandError("--until lies in the future.")
        plan = Plan(learners, weeks, seed, until or today)
        began = time.monotonic()
        try:
            made = make(plan, processes=processes, tell=self._bar(learners, began))
        except AlreadyThere:
            self.stdout.write(f"There is such an organisation ({MANAGER}): nothing was added.")
            return
        took = time.monotonic() - began
        self.stdout.write(
            f"\n{made.learners} learners, {made.enrollments} enrolments, {made.events} events, "
            f"{made.completed} courses completed, in {took:.0f} s."
        )
        run = Run("demo", timezone.now())
        fold_new(run)
        took = time.monotonic() - began - took
        self.stdout.write(f"{run.rows} enrolments folded into rollups, in {took:.0f} s.")
        self._look_at_everybody()
        self.stdout.write("Logins (sign in at /login/); certificates come with the next sweep:")
        for username, password in made.passwords.items():
            role = "manager" if username == MANAGER else "instructor"
            self.stdout.write(f"  {username:<12} {password:<14} {role}")

    def _look_at_everybody(self) -> None:
        """What the jobs and train_risk do: so nothing is empty until they come."""
        began = time.monotonic()
        self.stdout.write(f"{self._learn_risk()}, in {time.monotonic() - began:.0f} s.")
        began = time.monotonic()
        scored, opened = Run("demo", timezone.now()), Run("demo", timezone.now())
        scoring.score_all(scored.now, run=scored)
        raising.watch(opened)
        self.stdout.write(
            f"{RiskScore.objects.exclude(score=None).count()} open enrolments scored, "
            f"{Alert.objects.unclosed().count()} alerts opened, in "
            f"{time.monotonic() - began:.0f} s."
        )
        began, found = time.monotonic(), Run("demo", timezone.now())
        counting.count()
        peers.find(found)
        self.stdout.write(
            f"{found.rows} quizzes looked at for what like learners needed, in "
            f"{time.monotonic() - began:.0f} s."
        )

    def _learn_risk(self) -> str:
        """An own model where enough have finished, as the shipped one knows no such people."""
        now = timezone.now()
        try:
            own = choosing.train_own(now).model
        except TooLittle:
            own = None
        measured = own.metrics if own else choosing.backtest_active(now)
        passages, model = measured["passages"], choosing.active(now).predictor.version
        return f"{passages} finished enrolments looked back at by week, for model {model}"

    def _bar(self, learners: int, began: float):
        def tell(done: int, events: int) -> None:
            filled = WIDTH * done // learners
            self.stdout.write(
                f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{learners} learners, "
                f"{events} events, {time.monotonic() - began:.0f} s",
                ending="",
            )
            self.stdout.flush()

        return tell
