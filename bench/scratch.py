"""Where a bench works: rows of its own, that are gone afterwards."""

import os


class ScratchDatabase:
    """A database made for this run, on the server that the environment names or an embedded one."""

    def __enter__(self):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
        os.environ.setdefault("SECRET_KEY", "bench")
        from lms_progress import embedded
        from lms_progress.embedded.state import State

        self.held = embedded.connect(State.from_environment())
        import django

        django.setup()
        from django.conf import settings
        from django.test.utils import setup_databases

        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        self.made = setup_databases(verbosity=0, interactive=False, keepdb=False)

    def __exit__(self, *_):
        from django.test.utils import teardown_databases

        teardown_databases(self.made, verbosity=0)
        for membership in self.held:
            membership.leave()
