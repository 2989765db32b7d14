"""Compare adaptive paths with another order on simulated learners, and print a table."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from research.paths import simulation

PARAMETERS = Path(simulation.__file__).with_name("simulation.json")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--learners", type=int, help="How many, instead of the number in simulation.json."
        )
        parser.add_argument(
            "--seed", type=int, help="Other learners than those of simulation.json."
        )

        parser.add_argument(
            "--against",
            choices=[simulation.FIXED, simulation.PRETESTS],
            default=simulation.FIXED,
            help="The fixed order, or the fixed order with every pre-test taken by everybody.",
        )
        parser.add_argument(
            "--common-luck",
            action="store_true",
            help="A person is as lucky in the same try at the same quiz in both arms.",
        )
        parser.add_argument(
            "--estimated-difficulties",
            action="store_true",
            help="How hard questions are is estimated from earlier learners, instead of known.",
        )
        parser.add_argument(
            "--scenarios", type=Path, default=PARAMETERS, help="Assumptions in another file."
        )

    def handle(self, *, learners, seed, against, common_luck, **options):
        parameters = _read(options["scenarios"])
        count = learners or parameters["learners"]
        seed = parameters["seed"] if seed is None else seed
        self.stdout.write(f"{count} learners, each in both orders; seed {seed}\n")
        heading = f"{'scenario':11} {'measure':10} {'adaptive':>9} {against:>9} {'difference':>11}"
        self.stdout.write(f"{heading}  95 % interval")
        for name, course, scenario in simulation.scenarios(parameters):
            for row in simulation.compare(
                course,
                scenario,
                learners=count,
                seed=seed,
                against=against,
                common_luck=common_luck,
                estimated=options["estimated_difficulties"],
            ):
                self.stdout.write(
                    f"{name:11} {row.measure:10} {row.adaptive:9.3f} {row.other:9.3f}"
                    f" {row.mean:+11.3f}  {row.low:+.3f} to {row.high:+.3f}"
                )


def _read(path: Path) -> dict:
    try:
        parameters = json.loads(path.read_text("utf-8"))
        list(simulation.scenarios(parameters))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CommandError(f"--scenarios: {path}: {error}") from None
    return parameters
