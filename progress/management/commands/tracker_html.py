import re

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from progress.operations import tracker_modules

ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?", re.ASCII)


class Command(BaseCommand):
    help = "Print the HTML by which a page of another site loads the tracker, with hashes."

    def add_arguments(self, parser):
        parser.add_argument(
            "--base-url", default="", help="This site's address (default: PUBLIC_URL)."
        )

    def handle(self, *, base_url, **options):
        base_url = (base_url or settings.PUBLIC_URL).rstrip("/")
        if not ORIGIN.fullmatch(base_url):
            raise CommandError("--base-url must be an origin such as https://progress.example.com.")
        self.stdout.write(tracker_modules.html_lines(base_url))
