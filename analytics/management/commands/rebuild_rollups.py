from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.facts.rollups.folding import fold_new
from analytics.facts.rollups.rebuilding import rebuild
from progress.jobs import Run
from progress.models import Course


class Command(BaseCommand):
    help = (
        "Recompute the rollups from the evidence that is kept, one course at a time. Months whose "
        "evidence was dropped keep their rollups."
    )

    def add_arguments(self, parser):
        parser.add_argument("--course", metavar="CODE", help="this one only")

    def handle(self, *, course, **options):
        courses = Course.objects.order_by("code")
        if course:
            courses = courses.filter(code=course)
            if not courses:
                raise CommandError(f"There is no course with the code {course!r}.")
        now = timezone.now()
        fold_new(Run("rebuild_rollups", now))
        for found in courses:
            enrollments = rebuild(found.pk, now=now)
            self.stdout.write(f"{found.code}: {enrollments} enrolments")
