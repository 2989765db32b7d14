from django.core.management.base import BaseCommand
from django.db import connection

from lms_progress.schema import baseline, scratch


class Command(BaseCommand):
    help = (
        "Writes lms_progress/schema/baseline.sql anew: what all migrations build in an empty "
        "database. It makes a database for this on the same server, and drops it afterwards."
    )

    def handle(self, *args, **options):
        with scratch.database(connection) as address:
            scratch.migrate(address, "--no-baseline")
            dump = scratch.dump(address)
        baseline.FILE.write_text(baseline.text(dump, connection.pg_version))
        count = len(baseline.migrations())
        self.stdout.write(f"Wrote {baseline.FILE.name}, which stands for {count} migrations.")
