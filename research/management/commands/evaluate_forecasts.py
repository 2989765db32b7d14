"""Measure forecasts of completion on the past: coverage, width, and the score beside plain rules.

Without `--simulated`, the organisation's own courses; nothing is written.
"""

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.facts.forecast import tables
from analytics.facts.forecast.coursework import Coursework
from progress.models import Course, marks
from research.forecasts import evaluation, worlds
from research.forecasts.evaluation import Made, Measure, measure, replay

HEADING = (
    f"{'course':16} {'':14} {'stored':>7} {'people':>7} {'named':>6} {'inside':>7} "
    f"{'95 % interval':>15} {'days':>6} {'score':>7} {'linear':>7} {'median':>7} "
    f"{'less than linear':>22} {'less than median':>22} {'late off':>9}"
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--course", action="append", default=[], help="Code; several times.")
        parser.add_argument(
            "--simulated", action="store_true", help="Four simulated organisations instead."
        )
        parser.add_argument("--cohorts", type=int, default=8, help="Of a simulated organisation.")
        parser.add_argument("--learners", type=int, default=150, help="In each cohort.")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--weeks", action="store_true", help="A line for each week as well.")

    def handle(self, **options):
        self.stdout.write(HEADING)
        for name, work in self._works(options):
            self._show(name, replay(work), options["weeks"])

    def _works(self, options) -> list[tuple[str, Coursework]]:
        if options["simulated"]:
            sizes = {name: options[name] for name in ("cohorts", "learners", "seed")}
            if min(sizes["cohorts"], sizes["learners"]) < 1:
                raise CommandError("There must be at least one cohort and one learner.")
            return [
                (name, worlds.coursework(world, **sizes)) for name, world in worlds.WORLDS.items()
            ]
        courses = marks.counted(Course.objects.active()).order_by("title", "pk")
        if options["course"]:
            courses = courses.filter(code__in=options["course"])
            missing = set(options["course"]) - set(courses.values_list("code", flat=True))
            if missing:
                raise CommandError(f"There is no course {', '.join(sorted(missing))}.")
        titles = dict(courses.values_list("pk", "title"))
        works = tables.read(list(titles), timezone.now())
        return [(titles[work.course_id], work) for work in works]

    def _show(self, name: str, made: Made, by_week: bool) -> None:
        parts, weeks = np.array(made.part), np.array(made.week)
        shown, calibrated = np.array(made.is_shown), np.array(made.is_calibrated)
        if not len(parts):
            self.stdout.write(f"{name[:16]:16} nothing has ended yet")
            return
        groups = {"all": np.ones(len(parts), dtype=bool), "calibrated": calibrated, "shown": shown}
        groups |= {f"quarter {part}": (parts == part) & calibrated for part in (1, 2, 3, 4)}
        groups |= {"after due": (parts == 5) & calibrated}
        if by_week:
            groups |= {f"week {week}": (weeks == week) & calibrated for week in np.unique(weeks)}
        groups |= {"late shown": np.array(made.is_late_shown)}
        for label, chosen in groups.items():
            if chosen.any():
                self.stdout.write(_line(name, label, measure(made, np.flatnonzero(chosen))))
        self.stdout.write("")


def _line(name: str, label: str, found: Measure) -> str:
    scores = " ".join(f"{found.scores[method]:7.1f}" for method in evaluation.METHODS)
    gains = " ".join(
        f"{mean:+7.1f} {f'({low:+.1f} to {high:+.1f})':>14}"
        for mean, low, high in found.gains.values()
    )
    interval = f"{found.low:.3f} to {found.high:.3f}"
    days = "no end" if np.isinf(found.width) else f"{found.width:.1f}"
    return (
        f"{name[:16]:16} {label:14} {found.forecasts:7,} {found.enrollments:7,} "
        f"{found.named:6.2f} {found.coverage:7.3f} {interval:>15} {days:>6} {scores} {gains} "
        f"{found.late_error:9.3f}"
    )
