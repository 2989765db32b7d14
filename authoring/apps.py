from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Where rows live once learners are distributed over machines (progress/operations/distribution.py).
LOCAL = ["Draft", "DraftVersion", "SelfEnrollment", "StoredFile", "Upload"]


class AuthoringConfig(AppConfig):
    """Uploaded files, and the pages on which instructors build their courses."""

    name = "authoring"
    verbose_name = _("Authoring")

    def ready(self):
        # `tasks` registers the job, `erasing` what is erased with a course.
        from authoring import content_files, erasing, kept_files, own_data, tasks  # noqa: F401
        from progress import slots
        from progress.operations.distribution import Placement, place

        place("authoring", Placement.LOCAL, LOCAL)
        slots.uploaded.fill(content_files.uploaded)
        slots.uploaded_markup.fill(content_files.uploaded_markup)
        slots.media_files.fill(content_files.media_files)
        slots.uploaded_captions.fill(content_files.uploaded_captions)
        slots.uploaded_pages.fill(content_files.uploaded_pages)
        slots.kept_files.fill(kept_files.kept_files)
