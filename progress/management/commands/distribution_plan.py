from django.core.management.base import BaseCommand, CommandError

from progress.operations.distribution_plan import AlreadyDistributed, plan
from progress.operations.distribution_rehearsal import RehearsalFailed
from progress.operations.distribution_rehearsal import rehearse as run_rehearsal


class Command(BaseCommand):
    help = (
        "Print the SQL for psql that distributes this database by learner with Citus. Changes "
        "nothing. With --rehearse it is run on a new database of this server, which is dropped."
    )

    def add_arguments(self, parser):
        parser.add_argument("--rehearse", action="store_true")

    def handle(self, *, rehearse: bool, **options):
        try:
            if rehearse:
                run_rehearsal(self.stdout.write)
                return
            for line in plan():
                self.stdout.write(line)
        except (AlreadyDistributed, RehearsalFailed) as error:
            raise CommandError(f"{error}") from error
