from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.facts.risk import prior
from analytics.facts.risk.signs.forest import FORMAT
from analytics.facts.risk.training import NotEnoughData, Sample, every_ten_days, train
from research.risk import evaluation, oulad

DAYS = {False: "30,60,90,120,180", True: "14,28,42,56"}
DATASETS = {"oulad": oulad.load}
HEAD = "  day  learners  failed     AUC      AP   Brier     ECE  worst presentation"
EVERYTHING = "all who are registered, from all that was known by then"
WITHOUT_ACTIVITY = "the same, from registration and assessments alone"
RECORDED = "who has one enrolment, and whose activity is known by then"
GROUP_HEAD = (
    "attribute          group                          n  failed  called   false  missed    AUC"
)


class Command(BaseCommand):
    help = (
        "Predict the risk of learners whose outcome is known, using nothing from after the "
        "cut-off, and measure it: AUC, average precision, Brier score, calibration error, the "
        "worst presentation, and error rates by group. Without --train, measures the shipped "
        "model."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dataset", nargs=2, required=True, metavar=("NAME", "DIR"))
        parser.add_argument("--train", default="", help="presentations to learn from: 2013B,2013J")
        parser.add_argument("--test", default="", help="presentations to measure on: 2014B")
        parser.add_argument("--cutoffs", default="", help="days, separated by commas")
        parser.add_argument(
            "--clicks",
            action="store_true",
            help="only learners with recorded activity",
        )
        parser.add_argument(
            "--unseen-modules",
            action="store_true",
            help="also measure on modules that have no presentation in --train",
        )
        parser.add_argument("--threshold", type=float, default=50.0, help="risk for fairness, %%")
        parser.add_argument("--write", type=Path, help="write the trained model to this file")

    def handle(self, *, dataset, train, test, cutoffs, clicks, threshold, write, **options):
        if not test and not (train and write):
            raise CommandError("--test: which presentations to measure on, or --train and --write")
        presentations = _load(*dataset)
        days = _days(cutoffs or DAYS[clicks])
        tested = _presentations(presentations, test, "--test") if test else []
        trained = _presentations(presentations, train, "--train") if train else []
        if {each.cohort.name for each in trained} & {each.cohort.name for each in tested}:
            raise CommandError("--test: what was learned from can't be measured on")
        model = _model(trained, train) if trained else prior.prior()
        if write:
            prior.write(model, write)
        if tested:
            if trained and not options["unseen_modules"]:
                tested = self._of_known_modules(trained, tested)
            self._show(model, tested, days, clicks, threshold / 100)

    def _show(self, model, tested, days, clicks, threshold):
        known = sorted({p.cohort.name for p in tested} & set(model.trained_on["presentations"]))
        if known:
            self.stdout.write(f"Not unseen, the model learned from: {', '.join(known)}")
        self.stdout.write(f"model {model.version}, on {_names(tested)}")
        predictions = [evaluation.predict(model, tested, day, recorded_only=clicks) for day in days]
        self.stdout.write(RECORDED if clicks else EVERYTHING)
        self._show_measures(predictions)
        if not clicks:
            self.stdout.write(f"\n{WITHOUT_ACTIVITY}")
            self._show_measures(
                [evaluation.predict(model, tested, day, with_activity=False) for day in days]
            )
        for each in predictions:
            self._show_fairness(each, threshold)
        if not any(each.groups for each in predictions):
            self.stdout.write("\nno error rates by group: the data have no personal attributes")

    def _of_known_modules(self, trained, tested):
        known = {each.cohort.course for each in trained}
        kept = [each for each in tested if each.cohort.course in known]
        left_out = sorted({each.cohort.name for each in tested} - {p.cohort.name for p in kept})
        if left_out:
            self.stdout.write(f"left out, their modules aren't in --train: {', '.join(left_out)}")
        if not kept:
            raise CommandError("--test: none of its modules is in --train; --unseen-modules")
        return kept

    def _show_measures(self, predictions):
        self.stdout.write(HEAD)
        for each in predictions:
            row = evaluation.measure(each)
            if row is None:
                self.stdout.write(f"{each.day:5.0f}         0  nobody to measure by")
                continue
            self.stdout.write(
                f"{row.day:5.0f}  {row.learners:8,}  {row.failed:6.3f}  {row.auc:6.4f}  "
                f"{row.average_precision:6.4f}  {row.brier:6.4f}  {row.calibration_error:6.4f}  "
                f"{row.worst} {row.worst_auc:.4f}"
            )

    def _show_fairness(self, predictions, threshold):
        rows = evaluation.fairness(predictions, threshold) if len(predictions) else []
        if rows:
            self.stdout.write(
                f"\nday {predictions.day:.0f}, calling everybody from {threshold:.0%}"
            )
            self.stdout.write(GROUP_HEAD)
        for row in rows:
            self.stdout.write(
                f"{row.attribute:<18} {row.group:<27.27} {row.learners:>5,}  "
                f"{row.failed:6.3f}  {row.called:6.3f}  {row.false_alarms:6.3f}  "
                f"{row.missed:6.3f}  {row.auc:.3f}"
            )


def _load(name, folder):
    if name not in DATASETS:
        raise CommandError(f"--dataset: {name!r} isn't known, only {', '.join(DATASETS)}")
    try:
        return DATASETS[name](Path(folder))
    except oulad.BadFolder as error:
        raise CommandError(f"--dataset: {error}") from None


def _days(text):
    try:
        days = [float(day) for day in text.split(",")]
    except ValueError:
        raise CommandError(f"--cutoffs: {text!r} must be days, separated by commas") from None
    if not all(0 < day < 10_000 for day in days):
        raise CommandError("--cutoffs: days count from 1")
    return days


def _presentations(presentations, codes, option):
    wanted = {code.strip() for code in codes.split(",")}
    there = {each.code for each in presentations}
    if wanted - there:
        absent = ", ".join(sorted(wanted - there))
        raise CommandError(
            f"{option}: no presentation {absent}; there are {', '.join(sorted(there)) or 'none'}"
        )
    return [each for each in presentations if each.code in wanted]


def _model(trained, codes):
    samples = [Sample(each.cohort, each.outcome, every_ten_days(each.cohort)) for each in trained]
    source = {
        "source": "Open University Learning Analytics Dataset, Kuzilek et al. 2017, CC BY 4.0",
        "presentations": [each.cohort.name for each in trained],
        "learners": int(sum(len(each.cohort) for each in trained)),
    }
    try:
        return train(
            samples, version=f"oulad-{codes.replace(',', '-')}-{FORMAT}", trained_on=source
        )
    except NotEnoughData as error:
        raise CommandError(f"--train: {error}") from None


def _names(presentations):
    return ", ".join(each.cohort.name for each in presentations)
