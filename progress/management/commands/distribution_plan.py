from django.core.management.base import BaseCommand

from progress.operations import distribution


class Command(BaseCommand):
    help = "Print the SQL that distributes this database by learner with Citus. Changes nothing."

    def handle(self, **options):
        for line in distribution.plan():
            self.stdout.write(line)
