"""Courses, modules and contents: edited row by row, retired, never deleted.

Every change goes through `progress.catalogue.editing`, which locks the course, refuses what would
be invalid in a course document, and raises `structure_version` when what counts has changed.
"""

from collections import defaultdict
from datetime import datetime

from django.contrib import admin, messages
from django.utils import timezone
from unfold.admin import StackedInline

from progress import catalogue
from progress.catalogue import CourseRefused
from progress.models import Content, Course, Module, Question
from progress.security import rights
from progress.state import short_media

from .columns import column, percent, time
from .editor_link import editor_link
from .erasing import ErasesTests
from .forms import CatalogueForm, ContentForm, NewQuestionForm, NewQuestionFormSet
from .list_filters import ChoiceFilter
from .regrading import regrade
from .scope import ScopedAdmin


class RetiredFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("active", "Active"), ("retired", "Retired")]

    def queryset(self, request, queryset):
        if self.value() in {"active", "retired"}:
            return queryset.filter(retired_at__isnull=self.value() == "active")
        return queryset


class CatalogueAdmin(ScopedAdmin):
    """`course_lookup` leads to the course; `fixed_fields` are only set when a row is created."""

    form = CatalogueForm
    list_filter = [RetiredFilter]
    actions = ["retire", "restore"]
    fixed_fields: tuple[str, ...] = ()

    def has_change_permission(self, request, obj=None):
        # Retired rows are in no course document, so their changes would go unchecked.
        if obj is not None and obj.retired_at is not None:
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return ["retired_at", *(() if obj is None else self.fixed_fields)]

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except CourseRefused as refusal:
            # Nothing is written: show the same form again, with the problems.
            request.catalogue_problems = refusal.found
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.problems = getattr(request, "catalogue_problems", ())
        return form

    def save_model(self, request, obj, form, change):
        """Does nothing: save_related writes the row, with the course locked for all changes."""

    def save_related(self, request, form, formsets, change):
        with catalogue.editing(self.course_id(form.instance)):
            self.write(form, change)
            super().save_related(request, form, formsets, change)

    def write(self, form, change: bool) -> None:
        """Write a new row whole; of a stored one only the changed columns: others write it, too."""
        row = form.instance
        if not change:
            row.save()
            return
        own = {field.name for field in row._meta.concrete_fields}
        if changed := [name for name in form.changed_data if name in own]:
            row.save(update_fields=changed)

    def course_id(self, row) -> int:
        """The id of the course of a row, which may not be stored yet."""
        for relation in self.course_lookup.split("__")[:-1]:
            row = getattr(row, relation)
        return row.course_id

    @admin.action(description="Retire (progress is kept)", permissions=["change"])
    def retire(self, request, queryset):
        self._set_retired(request, queryset.filter(retired_at=None), timezone.now())

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request, queryset):
        self._set_retired(request, queryset.exclude(retired_at=None), None)

    def _set_retired(self, request, queryset, moment: datetime | None) -> None:
        """All rows of a course at once: together they may be valid where each alone is refused."""
        by_course = defaultdict(list)
        for row in queryset.select_related(*self.list_select_related):
            by_course[self.course_id(row)].append(row)
        word = "Restored" if moment is None else "Retired"
        for course_id, rows in by_course.items():
            try:
                with catalogue.editing(course_id):
                    self.model.objects.filter(pk__in=[row.pk for row in rows]).update(
                        retired_at=moment
                    )
            except CourseRefused as refusal:
                for problem in refusal.problems:
                    messages.error(request, problem)
                continue
            for row in rows:
                self.log_change(request, row, f"{word}.")
            messages.success(request, f"{word}: {', '.join(map(str, rows))}.")


@admin.register(Course)
class CourseAdmin(ErasesTests, CatalogueAdmin):
    course_lookup = "pk"
    actions = [*CatalogueAdmin.actions, "erase_tests"]
    erased = "courses"
    downloads = (
        "code",
        "title",
        "description",
        "plausibility",
        "structure_version",
        "created_at",
        "retired_at",
    )
    list_display = ["title", "code", "plausibility", "structure_version", "is_test", "retired_at"]
    list_filter = [RetiredFilter, "is_test"]
    list_select_related = []
    search_fields = ["title", "=code"]
    autocomplete_fields = ["instructors"]
    fixed_fields = ("code", "is_test", "structure_version", "created_at")

    def change_view(self, request, object_id, *args, **kwargs):
        course = self.get_object(request, object_id) if request.method == "GET" else None
        if course is not None:
            for problem in catalogue.problems_of(course):
                messages.warning(request, f"This can't be done because of: {problem.sentence}")
        return super().change_view(request, object_id, *args, **kwargs)

    def get_fields(self, request, obj=None):
        new = ["code", "title", "description", "plausibility", "path", "is_test", "instructors"]
        return new if obj is None else [*new, "structure_version", "created_at", "retired_at"]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        may_choose = rights.may_choose_instructors(request.user, obj)
        return fields if may_choose else [*fields, "instructors"]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["queryset"] = rights.possible_instructors(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def course_id(self, row):
        return row.pk

    def save_model(self, request, obj, form, change):
        if not change:
            catalogue.add_course(obj)

    def write(self, form, change):
        if change:
            super().write(form, change)


@admin.register(Module)
class ModuleAdmin(CatalogueAdmin):
    course_lookup = "course"
    downloads = (
        "course__code",
        "code",
        "title",
        "position",
        "retired_at",
    )
    list_display = ["title", "code", "course", "position", "retired_at"]
    list_select_related = ["course"]
    search_fields = ["title", "=code"]
    autocomplete_fields = ["course"]
    fields = ["course", "code", "title", "position", "retired_at"]
    fixed_fields = ("course", "code")

    def course_id(self, row):
        return row.course_id


class NewQuestionInline(StackedInline):
    """Adds questions; stored ones have pages of their own."""

    model = Question
    form = NewQuestionForm
    formset = NewQuestionFormSet
    fk_name = "content"
    fields = ["code", "text", "choices"]
    extra = 0
    can_delete = False
    verbose_name = "new question"
    verbose_name_plural = "new questions of a quiz"

    def get_queryset(self, request):
        return super().get_queryset(request).none()


@admin.register(Content)
class ContentAdmin(CatalogueAdmin):
    course_lookup = "module__course"
    form = ContentForm
    downloads = (
        "module__course__code",
        "module__code",
        "code",
        "title",
        "content_type",
        "url",
        "duration_ms",
        "page_count",
        "required",
        "weight",
        "hidden",
        "release_at",
        "pass_bp",
        "retired_at",
    )
    list_display = [
        "title",
        "code",
        "module",
        "course",
        "content_type",
        "position",
        "required",
        "weight",
        column("duration_ms", "duration", time),
        column("complete_at_bp", "complete at", percent),
        "hidden",
        "retired_at",
    ]
    list_select_related = ["module__course"]
    list_filter = ["content_type", "hidden", RetiredFilter]
    search_fields = ["title", "=code"]
    autocomplete_fields = ["module"]
    inlines = [NewQuestionInline]
    actions = ["retire", "restore", regrade]
    fixed_fields = ("module", "code", "content_type")
    fieldsets = [
        (None, {"fields": ["module", "code", "title", "content_type", "url", "position"]}),
        (
            "What counts",
            {
                "fields": [
                    "required",
                    "weight",
                    "hidden",
                    "release_at",
                    "prerequisites",
                    "complete_at_bp",
                    "is_reported",
                    "completes_on_download",
                    "completes_on_confirmation",
                    "completes_on_score",
                    "view_seconds",
                    "skills",
                ]
            },
        ),
        (
            "Its length",
            {"fields": ["duration_ms", "page_count", "reading_seconds", "media_version"]},
        ),
        ("Quiz", {"fields": ["pass_bp", "max_attempts"]}),
        ("Paths", {"fields": ["waives", "alternative_group", "is_remedial"]}),
        (None, {"fields": ["retired_at"]}),
    ]

    of_editor = (
        "More of the quiz",
        {
            "fields": [
                "time_limit_seconds",
                "grace_seconds",
                "shuffles_questions",
                "shuffles_choices",
                "pools",
                "course_editor",
            ]
        },
    )

    def get_readonly_fields(self, request, obj=None):
        found = super().get_readonly_fields(request, obj)
        is_quiz = obj is not None and obj.content_type == Content.Type.QUIZ
        return [*found, *self.of_editor[1]["fields"]] if is_quiz else found

    @admin.display(description="the rest")
    def course_editor(self, content):
        return editor_link(content)

    @admin.display(description="course", ordering="module__course")
    def course(self, content):
        return content.module.course

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            is_quiz = obj.content_type == Content.Type.QUIZ
            return [*self.fieldsets, self.of_editor] if is_quiz else self.fieldsets
        # These fields list the contents of the course, which isn't known before the module is.
        later = {"prerequisites", "waives"}
        return [
            (title, {"fields": [name for name in part["fields"] if name not in later]})
            for title, part in self.fieldsets
        ]

    def get_inlines(self, request, obj):
        is_quiz = obj is None or obj.content_type == Content.Type.QUIZ
        return self.inlines if is_quiz else []

    def get_form(self, request, obj=None, **kwargs):
        request.edited_content = obj
        return super().get_form(request, obj, **kwargs)

    def change_view(self, request, object_id, *args, **kwargs):
        if request.method == "GET":
            _warn(request, self.get_object(request, object_id))
        return super().change_view(request, object_id, *args, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Prerequisites and waived contents are other contents of the same course."""
        content = request.edited_content
        if content is not None:
            others = Content.objects.active().exclude(pk=content.pk)
            kwargs["queryset"] = others.filter(
                module__course=content.module.course_id, module__retired_at=None
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def write(self, form, change):
        content = form.instance
        if change and Content.EDITION.intersection(form.changed_data):
            content.edition_since = timezone.now()
        super().write(form, change)
        if not content.reading_seconds:
            text = {name: getattr(content, name) for name in ("content_type", "page_count", "url")}
            content.reading_seconds = catalogue.reading_seconds(text)
            content.save(update_fields=["reading_seconds"])


def _warn(request, content: Content | None) -> None:
    """Warn of problems that were stored before they were refused, and of a short recording."""
    if content is None or content.retired_at is not None:
        return
    for problem in catalogue.problems_of(content.module.course):
        if problem.content_id == content.pk:
            messages.warning(request, f"No learner can complete this. {problem.detail}")
    if warning := short_media.warning(content):
        messages.warning(request, warning)
