"""Compare adaptive paths with the fixed order on simulated learners, and print a table."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

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

    def handle(self, *, learners, seed, **options):
        parameters = json.loads(PARAMETERS.read_text("utf-8"))
        count = learners or parameters["learners"]
        seed = parameters["seed"] if seed is None else seed
        self.stdout.write(f"{count} learners, each in both orders; seed {seed}\n")
        heading = f"{'scenario':11} {'measure':10} {'adaptive':>9} {'fixed':>9} {'difference':>11}"
        self.stdout.write(f"{heading}  95 % interval")
        for name, course, scenario in simulation.scenarios(parameters):
            for row in simulation.compare(course, scenario, learners=count, seed=seed):
                self.stdout.write(
                    f"{name:11} {row.measure:10} {row.adaptive:9.3f} {row.fixed:9.3f}"
                    f" {row.mean:+11.3f}  {row.low:+.3f} to {row.high:+.3f}"
                )
