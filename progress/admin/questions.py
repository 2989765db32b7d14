"""The questions of quizzes and their choices, as rows; the rest of them is the course editor's."""

from django.contrib import admin
from unfold.admin import TabularInline

from progress.models import Choice, Content, Question

from .catalogue import CatalogueAdmin
from .editor_link import ShownFromEditor


class ChoiceInline(TabularInline):
    model = Choice
    fields = ["code", "text", "is_correct", "position"]
    extra = 1
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(retired_at=None)


@admin.register(Question)
class QuestionAdmin(ShownFromEditor, CatalogueAdmin):
    course_lookup = "content__module__course"
    downloads = (
        "content__module__course__code",
        "content__code",
        "code",
        "text",
        "position",
        "retired_at",
    )
    list_display = ["code", "text", "content", "position", "retired_at"]
    list_select_related = ["content__module"]
    search_fields = ["=code", "text", "content__title"]
    autocomplete_fields = ["content"]
    fields = ["content", "code", "text", "position", "retired_at"]
    inlines = [ChoiceInline]
    fixed_fields = ("content", "code")
    edited_there = (
        "question_type",
        "tolerance",
        "pool",
        "image",
        "image_alt",
        "explanation",
        "taught_in",
        "taught_at",
    )

    def quiz_of(self, row):
        return row.content

    def selectable(self, db_field, request):
        rows = super().selectable(db_field, request)
        return rows.filter(content_type=Content.Type.QUIZ)


@admin.register(Choice)
class ChoiceAdmin(ShownFromEditor, CatalogueAdmin):
    downloads = (
        "question__content__module__course__code",
        "question__content__code",
        "question__code",
        "code",
        "text",
        "is_correct",
        "position",
        "retired_at",
    )
    course_lookup = "question__content__module__course"
    list_display = ["text", "is_correct", "question", "position", "retired_at"]
    list_select_related = ["question__content__module"]
    search_fields = ["text"]
    autocomplete_fields = ["question"]
    fields = ["question", "code", "text", "is_correct", "position", "retired_at"]
    fixed_fields = ("question",)
    edited_there = ("match_code", "image", "image_alt", "explanation")

    def quiz_of(self, row):
        return row.question.content
