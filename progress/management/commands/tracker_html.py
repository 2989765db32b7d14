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
        import_map = tracker_modules.import_map(base_url)
        policy = tracker_modules.integrity(import_map.encode(), "sha256")
        self.stdout.write("<!-- In the head, before any module. -->")
        self.stdout.write(f'<script type="importmap">{import_map}</script>')
        self.stdout.write("<!-- Only for the element <learning-progress>. -->")
        self.stdout.write(tracker_modules.module_line(base_url, "learning_progress.js"))
        self.stdout.write("<!-- A content security policy of the page needs:")
        self.stdout.write(f"script-src {base_url} '{policy}'; connect-src {base_url} -->")
