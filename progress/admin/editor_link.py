"""What is edited in the course editor only: shown in the raw forms, with the way there."""

from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from progress.models import Content


class ShownFromEditor:
    """For a row of a quiz. `edited_there` are its fields that the form shows, and doesn't change:
    they belong together in ways that only the editor checks at once."""

    edited_there: tuple[str, ...] = ()

    def get_readonly_fields(self, request, obj=None):
        found = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        return found if obj is None else [*found, *self.edited_there, "course_editor"]

    def get_fields(self, request, obj=None):
        found = list(super().get_fields(request, obj))  # type: ignore[misc]
        return found if obj is None else [*found, *self.edited_there, "course_editor"]

    def quiz_of(self, row) -> Content:
        raise NotImplementedError

    @admin.display(description="the rest")
    def course_editor(self, row) -> str:
        return editor_link(self.quiz_of(row))


def editor_link(content: Content) -> str:
    """A link to the content in the course editor, where its other fields are changed."""
    module = content.module
    address = reverse("build-content", args=[module.course_id])
    query = urlencode({"module": module.code, "content": content.code})
    look = "text-primary-600 dark:text-primary-500"
    words = "Edit it in the course editor"
    return format_html('<a class="{}" href="{}?{}">{}</a>', look, address, query, words)
