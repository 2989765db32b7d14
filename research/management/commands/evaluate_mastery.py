from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from research.mastery import answers as files
from research.mastery import folds
from research.mastery.comparison import compare, halve, one_for_all, simulated
from research.mastery.oulad import computer_marked
from research.parquet import BadFolder

WORLDS = ("known", "growing", "still")


class Command(BaseCommand):
    help = (
        "Measure how well each model of mastery predicts the answers of learners that it wasn't "
        "fitted on: simulated ones and, with --oulad, those of the Open University; or those in a "
        "file, with --answers."
    )

    def add_arguments(self, parser):
        parser.add_argument("--oulad", type=Path, metavar="DIR", help="folder of parquet tables")
        parser.add_argument("--learners", type=int, default=300, help="of each simulated world")

        parser.add_argument(
            "--answers",
            type=Path,
            metavar="FILE",
            help="measure on these answers instead: CSV or parquet with the columns learner, item, "
            "skill, correct, order",
        )
        parser.add_argument("--folds", type=int, default=folds.FOLDS, help="of --answers")

    def handle(self, *, oulad, learners, answers, **options):
        if answers:
            self._show_folds(answers, options["folds"])
            return
        if learners < 2:
            raise CommandError("--learners: at least two, one of them to fit on.")
        named = {f"simulated: {world}": simulated(world, learners=learners) for world in WORLDS}
        if oulad:
            named["real: computer-marked assignments"] = _oulad(oulad)
        halves = {name: halve(answers) for name, answers in named.items()}
        for name, some in halves.items():
            self.stdout.write(f"{name}: {some.answers:,} answers predicted")
            self._show(compare(some))
        for name, rows in one_for_all(list(halves.values())).items():
            mean = sum(row.log_loss for row in rows) / len(rows)
            self.stdout.write(f"{name}, one set of parameters for all: {mean:.4f} on average")
            self._show(rows)

    def _show_folds(self, path, number):
        if number < 3:
            raise CommandError("--folds: at least three")
        try:
            found = files.read(path)
        except files.BadAnswers as error:
            raise CommandError(f"--answers: {error}") from None
        if len(found) < number:
            raise CommandError(f"--folds: at most as many as learners, {len(found)}")
        count = sum(map(len, found))
        self.stdout.write(f"{count:,} answers of {len(found):,} learners, {number} folds")
        self.stdout.write("model             AUC  log-loss     ECE")
        for row in folds.evaluate(found, folds=number):
            self.stdout.write(
                f"{row.name:<14} {row.auc:.4f}    {row.log_loss:.4f}  {row.calibration_error:.4f}"
            )

    def _show(self, rows):
        for row in rows:
            parameters = ", ".join(f"{value:.3f}" for value in row.parameters)
            self.stdout.write(f"  {row.name:<9} {row.log_loss:.4f}  {parameters}".rstrip())


def _oulad(folder: Path):
    try:
        return computer_marked(folder)
    except BadFolder as error:
        raise CommandError(f"--oulad: {error}") from None
