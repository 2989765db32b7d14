import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ValidationError

from progress.catalogue import replace_course


class Command(BaseCommand):
    help = "Create or replace a course from its JSON document (the same as POST /api/courses/)."

    def add_arguments(self, parser):
        parser.add_argument("file", help="A path, or - for standard input.")

    def handle(self, *, file, **options):
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
            document = json.loads(text)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} can't be read as JSON: {error}") from None
        try:
            course = replace_course(document)
        except ValidationError as wrong:
            lines = [
                f"{error.attr or 'document'}: {error.detail}"
                for error in flatten_errors(wrong.detail)
            ]
            raise CommandError("Nothing was imported.\n  " + "\n  ".join(lines)) from None
        done = "created" if course.was_created else "updated" if course.was_changed else "unchanged"
        self.stdout.write(f"Course {course.pk} ({course.code}): {done}.")
