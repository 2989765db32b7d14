import json
from dataclasses import replace
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.facts.risk import prior
from analytics.facts.risk.signs.forest import FORMAT, BadModel
from analytics.facts.risk.signs.model import Predictor, read_document
from analytics.facts.risk.training import NotEnoughData, Sample, every_ten_days, train
from research.risk import ablation, comparing, evaluation, oulad, plain, shifting, tables

DAYS = {False: "30,60,90,120,180", True: "14,28,42,56"}
DATASETS = {"oulad": oulad.load}
EVERYTHING = "all who are registered, from all that was known by then"
WITHOUT_ACTIVITY = "the same, from registration and assessments alone"
RECORDED = "who has one enrolment, and whose activity is known by then"


class Command(BaseCommand):
    help = (
        "Predict the risk of learners whose outcome is known, using nothing from after the "
        "cut-off, and measure it: AUC, average precision, Brier score, calibration error, the "
        "worst presentation, and error rates by group. Measures the model learned from --train, "
        "the one in the file --model, or the shipped one."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dataset", nargs=2, required=True, metavar=("NAME", "DIR"))
        parser.add_argument("--train", default="", help="presentations to learn from: 2013B,2013J")
        parser.add_argument("--test", default="", help="presentations to measure on: 2014B")
        parser.add_argument(
            "--exclude",
            default="",
            help="modules and presentations that are neither learned from nor measured on: "
            "CCC,2013J,AAA 2014B",
        )
        parser.add_argument("--model", type=Path, help="measure the model in this file")
        parser.add_argument("--shipped", action="store_true", help="compare with the shipped model")
        parser.add_argument(
            "--plain", action="store_true", help="compare with plain models of --train"
        )
        parser.add_argument(
            "--calibrate",
            choices=sorted(shifting.METHODS),
            help="for the failure rate of the same season in --train, or for the one estimated "
            "from the cohort's own risks (shift); no outcome of --test is used",
        )
        parser.add_argument(
            "--draws", type=int, default=comparing.DRAWS, help="of the bootstrap, for differences"
        )
        parser.add_argument(
            "--details",
            action="store_true",
            help="also by presentation and by module, and the reliability table",
        )
        parser.add_argument(
            "--provenance", action="store_true", help="also which rows each feature is made of"
        )
        parser.add_argument(
            "--ablation",
            action="store_true",
            help="also whether the reasons shown agree with taking each of them away",
        )
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
        _check(train, test, write, options)
        presentations = _without(_load(*dataset), options["exclude"])
        days = _days(cutoffs or DAYS[clicks])
        tested = _presentations(presentations, test, "--test") if test else []
        trained = _presentations(presentations, train, "--train") if train else []
        if {each.cohort.name for each in trained} & {each.cohort.name for each in tested}:
            raise CommandError("--test: what was learned from can't be measured on")
        model = _chosen_model(options["model"], trained, train)
        if write:
            prior.write(model, write)
        if tested:
            if trained and not options["unseen_modules"]:
                tested = self._of_known_modules(trained, tested)
            calibrated = _calibration(options["calibrate"], trained, clicks)
            found = self._show(model, tested, days, clicks, threshold / 100, calibrated)
            self._compare(found, trained, tested, clicks, options)
            if options["details"]:
                self._write(line for each in found for line in tables.details(each))
            if options["ablation"]:
                self._write(tables.agreement(ablation.compare(model, tested, d) for d in days))
            if options["provenance"]:
                self._write(tables.provenance(tested[0].cohort, days[-1]))

    def _write(self, lines):
        for line in lines:
            self.stdout.write(line)

    def _show(self, model, tested, days, clicks, threshold, calibrated):
        known = sorted({p.cohort.name for p in tested} & set(_learned_from(model)))
        if known:
            self.stdout.write(f"Not unseen, the model learned from: {', '.join(known)}")
        self.stdout.write(f"model {model.version}, on {_names(tested)}")
        found = [
            calibrated(evaluation.predict(model, tested, day, recorded_only=clicks)) for day in days
        ]
        self.stdout.write(RECORDED if clicks else EVERYTHING)
        self._write(tables.measures(found))
        if not clicks:
            self.stdout.write(f"\n{WITHOUT_ACTIVITY}")
            without = (evaluation.predict(model, tested, d, with_activity=False) for d in days)
            self._write(tables.measures(map(calibrated, without)))
        self._write(line for each in found for line in tables.fairness(each, threshold))
        if not any(each.groups for each in found):
            self.stdout.write("\nno error rates by group: the data have no personal attributes")
        return found

    def _compare(self, found, trained, tested, clicks, options):
        """Differences from other models, for the same learners."""
        for own in found:
            others = {}
            if options["shipped"]:
                others["shipped"] = evaluation.predict(
                    prior.prior(), tested, own.day, recorded_only=clicks
                )
            if options["plain"]:
                try:
                    others |= plain.predict(trained, tested, own.day, recorded_only=clicks)
                except NotEnoughData as error:
                    self.stdout.write(f"\nno plain models: {error}")
            self._write(tables.differences(own, others, options["draws"]))

    def _of_known_modules(self, trained, tested):
        known = {each.cohort.course for each in trained}
        kept = [each for each in tested if each.cohort.course in known]
        left_out = sorted({each.cohort.name for each in tested} - {p.cohort.name for p in kept})
        if left_out:
            self.stdout.write(f"left out, their modules aren't in --train: {', '.join(left_out)}")
        if not kept:
            raise CommandError("--test: none of its modules is in --train; --unseen-modules")
        return kept


def _check(train, test, write, options):
    if not test and not (train and write):
        raise CommandError("--test: which presentations to measure on, or --train and --write")
    if options["model"] and train:
        raise CommandError("--model: a model from a file isn't trained; leave out --train")
    if options["plain"] and not train:
        raise CommandError("--plain: plain models learn from --train")
    if options["calibrate"] and not train:
        raise CommandError("--calibrate: failure rates come from --train")
    if options["draws"] < 1:
        raise CommandError("--draws: at least 1")


def _calibration(method, trained, clicks):
    """What turns predictions into calibrated ones."""
    if method is None:
        return lambda found: found
    return lambda found: replace(
        found, risk=shifting.METHODS[method](found, trained, recorded_only=clicks)
    )


def _chosen_model(path, trained, codes) -> Predictor:
    if path is None:
        return _model(trained, codes) if trained else prior.prior()
    try:
        return read_document(json.loads(path.read_text()))
    except (OSError, ValueError, BadModel) as error:
        raise CommandError(f"--model: {path}: {error}") from None


def _learned_from(model: Predictor) -> list[str]:
    return model.trained_on.get("presentations", [])


def _without(presentations, text):
    """Without the modules (`CCC`), presentations (`2013J`) and cohorts (`AAA 2014B`) named."""
    named = {" ".join(name.split()) for name in text.split(",")} - {""}
    there = {name for each in presentations for name in _identities(each)}
    if named - there:
        raise CommandError(
            f"--exclude: no module or presentation {', '.join(sorted(named - there))}"
        )
    return [each for each in presentations if not named & _identities(each)]


def _identities(presentation) -> set[str]:
    cohort = presentation.cohort
    return {cohort.name, cohort.course, presentation.code}


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
