from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from progress.ingest import regrading
from progress.models import Content


class Command(BaseCommand):
    help = (
        "Rescore the submitted attempts of a quiz with today's answer key. Without --reason it "
        "only shows what would change. Completions stay; a certificate whose score changes is "
        "put under review."
    )

    def add_arguments(self, parser):
        parser.add_argument("course", help="the course's code")
        parser.add_argument("content", help="the quiz's code")
        parser.add_argument("--reason", default="", help="why; stored with each changed score")

    def handle(self, *, course, content, reason, **options):
        quiz = (
            Content.objects.select_related("module__course")
            .filter(module__course__code=course, code=content)
            .first()
        )
        if quiz is None:
            raise CommandError(f"Course {course!r} has no content {content!r}.")
        try:
            self._do(quiz, reason.strip())
        except regrading.NotAQuiz as error:
            raise CommandError(str(error)) from error

    def _do(self, quiz, reason):
        if reason:
            changed = regrading.regrade(quiz, reason=reason, by=None, now=timezone.now())
            self.stdout.write(f"{changed} scores changed.")
            return
        changes = regrading.preview(quiz)
        for change in changes:
            attempt = change.attempt
            self.stdout.write(
                f"{attempt.user.username}, attempt {attempt.number}: "
                f"{attempt.score_bp / 100:g} % → {change.score.bp / 100:g} %"
            )
        self.stdout.write(f"{len(changes)} scores would change. Pass --reason to change them.")
