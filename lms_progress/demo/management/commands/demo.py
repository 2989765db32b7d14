import time
from datetime import UTC, date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.alerts import opening
from analytics.facts.forecast import forecasting
from analytics.facts.risk import active_model, predictions, scoring, validating
from analytics.facts.risk.training import NotEnoughData
from analytics.facts.rollups.folding import fold_new
from analytics.models import Alert, RiskScore
from analytics.paths import quiz_records
from analytics.recommending import peers
from lms_progress.demo.organisation.build import MANAGER, AlreadyThere, Made, Plan, make
from lms_progress.demo.organisation.courses import SUBJECTS
from lms_progress.demo.organisation.step_display import step
from progress.jobs import Run
from progress.models import Course

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
            made = make(plan, processes=processes, report=self._bar(learners, began))
        except AlreadyThere:
            self.stdout.write(f"There is such an organisation ({MANAGER}): nothing was added.")
            return
        took = time.monotonic() - began
        self.stdout.write(
            f"\n{made.learners} learners, {made.enrollments} enrolments, {made.events} events, "
            f"{made.completed} courses completed, in {took:.0f} s."
        )
        self._run_jobs()
        took = time.monotonic() - began
        self.stdout.write(f"Ready after {took:.0f} s. Certificates come with the next sweep.")
        self._print_logins(made)

    def _run_jobs(self) -> None:
        """Do what the jobs and train_risk do, so that no page is empty until they run."""
        folded = Run("demo", timezone.now())
        with self._step("1/5 Adding up what was learned, by day and by second", folded):
            fold_new(folded)
        with self._step("2/5 Learning who completes, from finished enrolments"):
            trained = self._learn_risk()
        self.stdout.write(f"    {trained}.")
        scored = Run("demo", timezone.now())
        with self._step("3/5 Scoring open enrolments", scored):
            scoring.score_all(scored.now, run=scored)
            forecasting.forecast_all(scored.now, run=Run("forecast", scored.now))
        opened = Run("demo", timezone.now())
        with self._step("4/5 Opening alerts", opened):
            opening.watch(opened)
        self.stdout.write(
            f"    {RiskScore.objects.count()} open enrolments looked at, "
            f"{Alert.objects.unclosed().count()} alerts opened."
        )
        peered = Run("demo", timezone.now())
        with self._step("5/5 Looking for what similar learners needed at each quiz", peered):
            quiz_records.count()
            peers.find(peered)

    def _step(self, name: str, run: Run | None = None):
        return step(self._write, name, (lambda: run.rows) if run else None)

    def _write(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()

    def _print_logins(self, made: Made) -> None:
        self.stdout.write("Logins (sign in at /login/):")
        for username, password in made.passwords.items():
            role = "manager" if username == MANAGER else "instructor"
            self.stdout.write(f"  {username:<12} {password:<14} {role}")
        for username in made.also_teach:
            self.stdout.write(f"  {username:<12} {'as before':<14} instructor of all its courses")

    def _learn_risk(self) -> str:
        """Train an own model if enough have finished: the shipped one knows other courses."""
        now = timezone.now()
        try:
            own = active_model.train_own(now).model
        except NotEnoughData:
            own = None
        # The simulated weeks went by at once: keep what would have been predicted in each of them.
        codes = [subject.code for subject in SUBJECTS]
        courses = Course.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True)
        predictions.record_past(list(courses), active_model.active(now), now)
        validating.learn(now)
        measured = own.metrics if own else active_model.backtest_active(now)
        passages, model = measured["passages"], active_model.active(now).predictor.version
        return f"{passages} finished enrolments looked back at by week, for model {model}"

    def _bar(self, learners: int, began: float):
        def report(done: int, events: int) -> None:
            filled = WIDTH * done // learners
            self._write(
                f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{learners} learners, "
                f"{events} events, {time.monotonic() - began:.0f} s"
            )

        return report
