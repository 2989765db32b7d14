"""Compare adaptive paths with the fixed order on simulated learners, and print a table."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from analytics.paths import simulating

PARAMETERS = Path(simulating.__file__).with_name("simulation.json")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--learners", type=int, help="Instead of as many as simulation.json says."
        )

    def handle(self, *, learners, **options):
        told = json.loads(PARAMETERS.read_text("utf-8"))
        count = learners or told["learners"]
        self.stdout.write(f"{count} learners, each in both orders; seed {told['seed']}\n")
        head = f"{'scenario':10} {'measure':10} {'adaptive':>9} {'fixed':>9} {'difference':>11}"
        self.stdout.write(f"{head}  95 % interval")
        for name, course, scenario in simulating.scenarios(told):
            rows = simulating.compare(course, scenario, learners=count, seed=told["seed"])
            for row in rows:
                self.stdout.write(
                    f"{name:10} {row.measure:10} {row.adaptive:9.3f} {row.fixed:9.3f}"
                    f" {row.mean:+11.3f}  {row.low:+.3f} to {row.high:+.3f}"
                )
